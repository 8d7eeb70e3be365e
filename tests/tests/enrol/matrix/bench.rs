//! One authority and one reader for all points.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use lichna_ipc::{Applicant, AuthorityChoice, ConsentRoute, EnrolRequest, NamedPem};
use lichna_softcard::Face;
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{ADMINISTRATOR_KEY, PracticeCard};
use lichna_tests::workspace::Home;
use lichna_tests::{built, until};
use rustix::process::Pid;

use super::{Task, When, attempt::Try};
use crate::client::{cards_are_read, listening};
use crate::trap::{Trap, Trigger};

/// How a program dies that writes.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// At which of the times that it has the disk take something.
    pub at: u64,
    /// Whether the disk has it then.
    pub when: When,
    /// Who dies a moment earlier.
    pub with: Option<Pid>,
}

/// One authority and one reader for all points.
pub struct Bench {
    pub authority: Authority,
    running: Option<Child>,
    administrator: String,
    pcscd: Pcscd,
    folder: tempfile::TempDir,
    made: u32,
    _ca: Ca,
}

impl Bench {
    pub fn new() -> Self {
        // What happens by itself does not happen while points are counted.
        let authority = Authority::start(&Spec::new(Database::Sqlite));
        let ca = Ca::new("Administrators");
        let (administrator, _) = authority.new_administrator(&ca, "Банка АД");
        let mut bench = Self {
            authority,
            running: None,
            administrator,
            pcscd: Pcscd::start(&[ReaderSpec::vpcd("Matrix")]),
            folder: tempfile::tempdir().unwrap(),
            made: 0,
            _ca: ca,
        };
        assert!(bench.authority.stop(0));
        bench.start_authority(None);
        bench
    }

    fn armed(&self) -> PathBuf {
        self.folder.path().join("armed")
    }

    /// From now on the authority's writes are counted.
    pub fn arm(&self) {
        fs::write(self.armed(), "").unwrap();
    }

    /// From now on they are not.
    pub fn disarm(&self) {
        let _ = fs::remove_file(self.armed());
    }

    /// The file whose size is how often the disk took something of a program's.
    pub fn counted(&self, who: &str) -> PathBuf {
        self.folder.path().join(who)
    }

    pub fn count(&self, who: &str) -> u64 {
        fs::metadata(self.counted(who)).map_or(0, |file| file.len())
    }

    /// Starts the authority, to die so after it is armed.
    fn start_authority(&mut self, death: Option<Death>) {
        self.disarm();
        let _ = fs::remove_file(self.counted("authority"));
        let mut command = Command::new(built::authority());
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("authority.log"))
            .unwrap();
        command
            .arg("--data")
            .arg(self.authority.data())
            .arg("--config")
            .arg(self.authority.config(0))
            .arg("run")
            .env_remove("CREDENTIALS_DIRECTORY")
            .env("LICHNA_CRASH_ARMED", self.armed())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.watch(&mut command, "authority", death);
        self.running = Some(command.spawn().unwrap());
        let ready = format!("{}/ready", self.authority.internal_url(0));
        until("the authority to be ready", || {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--fail", "--output", "/dev/null", &ready]);
            curl.status().unwrap().success()
        });
    }

    /// Whether the authority was killed, which it was when it did not answer; it runs afterwards, with
    /// nothing that waits for it.
    pub fn authority_again(&mut self, answered: bool) -> bool {
        let mut child = self.running.take().unwrap();
        if !answered {
            until("the authority to be gone", || {
                child.try_wait().unwrap().is_some()
            });
        }
        let killed = child.try_wait().unwrap().is_some();
        self.running = Some(child);
        self.restart_authority(None);
        killed
    }

    /// Has another process be the authority, to die so.
    pub fn restart_authority(&mut self, death: Option<Death>) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
        self.start_authority(death);
    }

    /// Of the authority.
    pub fn pid(&self) -> Pid {
        Pid::from_child(self.running.as_ref().unwrap())
    }

    fn choice(&self) -> AuthorityChoice {
        AuthorityChoice {
            url: self.authority.url(0),
            root: Some(NamedPem {
                file: "root.pem".into(),
                pem: fs::read_to_string(self.authority.root()).unwrap(),
            }),
        }
    }

    /// Has the writes of a program counted, and the program die so.
    fn watch(&self, command: &mut Command, who: &str, death: Option<Death>) {
        let _ = fs::remove_file(self.counted(who));
        command
            .env("LD_PRELOAD", built::crash_points())
            .env("LICHNA_CRASH_COUNT", self.counted(who));
        let Some(Death { at, when, with }) = death else {
            return;
        };
        let when = match when {
            When::Before => "before",
            When::After => "after",
        };
        command
            .env("LICHNA_CRASH_AT", at.to_string())
            .env("LICHNA_CRASH_WHEN", when);
        if let Some(with) = with {
            command.env("LICHNA_CRASH_WITH", with.as_raw_pid().to_string());
        }
    }

    /// The agent of that home, to die so.
    pub fn watched(&self, home: &Home, death: Option<Death>) -> Command {
        let none: [&str; 0] = [];
        let mut command = home.agent(none);
        self.watch(&mut command, "agent", death);
        command
    }

    /// A new card in the reader, an invitation for it, and an agent that writes under watch.
    pub fn begin(&mut self, agents: Option<Death>) -> Try {
        self.made += 1;
        let number = format!("M{:08}", self.made);
        let file = PracticeCard::with(|making| making.number.clone_from(&number));
        self.authority.carrier(&number, &ADMINISTRATOR_KEY);
        let person = Citizen::number(self.made).application(&number);
        let (application, code) = self.authority.invite(&self.administrator, &person);
        let home = Home::new(&self.pcscd);
        let trigger = Arc::<Trigger>::default();
        let inserted = Trap::new(file.open().insert(Face::Contact), &trigger);
        let card = self.pcscd.reader(0).insert(inserted);
        let agent = listening(&home, self.watched(&home, agents));
        cards_are_read(&home, 1);
        Try {
            agent,
            home,
            card,
            trigger,
            number,
            request: EnrolRequest {
                authority: Some(self.choice()),
                applicant: Applicant::Invitation { application },
                reader: None,
                card: None,
                key_algorithm: None,
                consent: ConsentRoute::Caller,
            },
            code: Box::leak(code.into_boxed_str()),
            _file: file,
        }
    }

    /// The same with certificates on the card already, and another agent.
    pub fn begin_renewal(&mut self, agents: Option<Death>) -> Try {
        let mut one = self.begin(None);
        let enrolled = one.run(Task::Enrol);
        enrolled.expect("the agent answers").unwrap();
        one.watched_agent(self, agents);
        one
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
