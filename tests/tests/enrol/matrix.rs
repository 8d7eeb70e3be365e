//! The crash matrix: the agent, the authority, or both are killed, or the card is taken out, at
//! every command to the card and whenever something is put on the disk, in the middle of an
//! enrolment and of a renewal. Afterwards the card and the register agree, nothing was issued
//! twice, and nothing half is in force. Req 14.2
//!
//! The points are counted in a run without trouble. By default some of them are tried, evenly, from
//! another beginning for each kind of strike; `LICHNA_CRASH_POINTS=all` tries all of them.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use lichna_ipc::{
    Applicant, AuthorityChoice, ConsentRoute, EnrolRequest, Failure, NamedPem, RenewRequest, Reply,
    Request, TaskInfo, TaskOutcome, TaskResumeRequest, TaskState,
};
use lichna_softcard::Face;
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{ADMINISTRATOR_KEY, PIN, PracticeCard};
use lichna_tests::vpicc::Card;
use lichna_tests::workspace::Home;
use lichna_tests::{built, until};
use rustix::process::{Pid, Signal, kill_process};

use crate::client::{Agent, Person, agent, call, cards_are_read, connect, listening};
use crate::trap::{Trap, Trigger};

/// Who is struck, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strike {
    /// The agent, at a command to the card.
    AgentAtCommand,
    /// The agent, before the disk has what it writes.
    AgentBeforeDisk,
    /// The agent, after the disk has it.
    AgentAfterDisk,
    /// The authority, before the disk has what it writes.
    AuthorityBeforeDisk,
    /// Both, at a command to the card.
    BothAtCommand,
    /// The card is taken out at a command to it.
    CardTakenOut,
}

/// So many points are tried less closely.
const MANY: u64 = 60;
/// At no point.
const NEVER: (u64, &str) = (0, "before");

const STRIKES: [Strike; 6] = [
    Strike::AgentAtCommand,
    Strike::AgentBeforeDisk,
    Strike::AgentAfterDisk,
    Strike::AuthorityBeforeDisk,
    Strike::BothAtCommand,
    Strike::CardTakenOut,
];

/// What is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Enrol,
    Renew,
}

/// How many points there are, by a run without trouble.
#[derive(Clone, Copy, Debug)]
struct Points {
    commands: u64,
    agents_writes: u64,
    authoritys_writes: u64,
}

/// One authority and one reader for all points.
struct Bench {
    authority: Authority,
    running: Option<Child>,
    administrator: String,
    pcscd: Pcscd,
    folder: tempfile::TempDir,
    made: u32,
    _ca: Ca,
}

/// A card that nobody has used yet, before the reader, and an agent.
struct Try {
    agent: Agent,
    home: Home,
    card: Card,
    trigger: Arc<Trigger>,
    number: String,
    request: EnrolRequest,
    code: &'static str,
    _file: PracticeCard,
}

impl Bench {
    fn new() -> Self {
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
        bench.start_authority(0);
        bench
    }

    fn armed(&self) -> PathBuf {
        self.folder.path().join("armed")
    }

    fn counted(&self, who: &str) -> PathBuf {
        self.folder.path().join(who)
    }

    fn count(&self, who: &str) -> u64 {
        fs::metadata(self.counted(who)).map_or(0, |file| file.len())
    }

    /// Starts the authority, to be killed when it writes for the `at`th time after it was armed.
    fn start_authority(&mut self, at: u64) {
        let _ = fs::remove_file(self.armed());
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
            .env("LD_PRELOAD", built::crash_points())
            .env("LICHNA_CRASH_ARMED", self.armed())
            .env("LICHNA_CRASH_COUNT", self.counted("authority"))
            .env("LICHNA_CRASH_AT", at.to_string())
            .env("LICHNA_CRASH_WHEN", "before")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
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
    fn authority_again(&mut self, answered: bool) -> bool {
        let mut child = self.running.take().unwrap();
        if !answered {
            until("the authority to be gone", || {
                child.try_wait().unwrap().is_some()
            });
        }
        let killed = child.try_wait().unwrap().is_some();
        if !killed {
            child.kill().unwrap();
        }
        child.wait().unwrap();
        self.start_authority(0);
        killed
    }

    fn pid(&self) -> Pid {
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

    /// The agent of that home, whose writes are counted, to be killed at one of them.
    fn watched(&self, home: &Home, (at, when): (u64, &str)) -> Command {
        let _ = fs::remove_file(self.counted("agent"));
        let none: [&str; 0] = [];
        let mut command = home.agent(none);
        command
            .env("LD_PRELOAD", built::crash_points())
            .env("LICHNA_CRASH_COUNT", self.counted("agent"))
            .env("LICHNA_CRASH_AT", at.to_string())
            .env("LICHNA_CRASH_WHEN", when);
        command
    }

    /// A new card in the reader, an invitation for it, and an agent that writes under watch.
    fn begin(&mut self, (at, when): (u64, &str)) -> Try {
        self.made += 1;
        let number = format!("M{:08}", self.made);
        let file = PracticeCard::with(|making| making.number.clone_from(&number));
        self.authority.carrier(&number, &ADMINISTRATOR_KEY);
        let said = self.authority.admin_with(
            &[
                "officer",
                "invite",
                "--administrator",
                &self.administrator,
                "--person",
                "-",
            ],
            &Citizen::number(self.made).application(&number).to_string(),
        );
        let text = |name: &str| said[0][name].as_str().unwrap().to_owned();
        let home = Home::new(&self.pcscd);
        let trigger = Arc::<Trigger>::default();
        let inserted = Trap::new(file.open().insert(Face::Contact), &trigger);
        let card = self.pcscd.reader(0).insert(inserted);
        let agent = listening(&home, self.watched(&home, (at, when)));
        cards_are_read(&home, 1);
        Try {
            agent,
            home,
            card,
            trigger,
            number,
            request: EnrolRequest {
                authority: Some(self.choice()),
                applicant: Applicant::Invitation {
                    application: text("application"),
                },
                reader: None,
                card: None,
                key_algorithm: None,
                consent: ConsentRoute::Caller,
            },
            code: Box::leak(text("code").into_boxed_str()),
            _file: file,
        }
    }

    /// The same with certificates on the card already, and another agent.
    fn begun_renewal(&mut self, killed: (u64, &str)) -> Try {
        let mut one = self.begin(NEVER);
        let enrolled = one.enrol(&mut Person::who_types(&[one.code, PIN]));
        enrolled.expect("the agent answers").unwrap();
        one.watched_agent(self, killed);
        one
    }

    /// Strikes a task at a point, and has it end well. `false`: it ended before that point.
    fn strike(&mut self, task: Task, strike: Strike, point: u64) -> bool {
        let killed = match strike {
            Strike::AgentBeforeDisk => (point, "before"),
            Strike::AgentAfterDisk => (point, "after"),
            _ => NEVER,
        };
        let mut one = match task {
            Task::Enrol => self.begin(killed),
            // Struck in an agent of its own, which writes for the first time then.
            Task::Renew => self.begun_renewal(killed),
        };
        if strike == Strike::AuthorityBeforeDisk {
            let mut child = self.running.take().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            self.start_authority(point);
        }
        let agents = Pid::from_child(&one.agent.0);
        let authoritys = self.pid();
        match strike {
            Strike::AgentAtCommand => one
                .trigger
                .set(point, move || kill_process(agents, Signal::KILL).unwrap()),
            Strike::BothAtCommand => one.trigger.set(point, move || {
                kill_process(authoritys, Signal::KILL).unwrap();
                kill_process(agents, Signal::KILL).unwrap();
            }),
            Strike::CardTakenOut => one.trigger.pull_at(point),
            Strike::AgentBeforeDisk | Strike::AgentAfterDisk | Strike::AuthorityBeforeDisk => {}
        }
        fs::write(self.armed(), "").unwrap();
        let answer = match task {
            Task::Enrol => one.enrol(&mut Person::who_types(&[one.code, PIN])),
            Task::Renew => one.renew(&mut Person::who_types(&[PIN])),
        };
        one.trigger.clear();
        let struck = match strike {
            Strike::AuthorityBeforeDisk => self.authority_again(matches!(answer, Some(Ok(_)))),
            Strike::BothAtCommand => {
                self.authority_again(answer.is_some());
                answer.is_none()
            }
            // At the very end nothing depends on the card any more.
            Strike::CardTakenOut => !one.card.is_inserted(),
            _ => answer.is_none(),
        };
        let _ = fs::remove_file(self.armed());
        if !struck {
            assert!(
                matches!(answer, Some(Ok(_))),
                "{strike:?} {point}: {answer:?}"
            );
            return false;
        }
        if strike == Strike::CardTakenOut {
            until("the card to be out", || !one.card.is_inserted());
            cards_are_read(&one.home, 0);
            one.card.insert();
            cards_are_read(&one.home, 1);
        }
        if answer.is_none() {
            one.another_agent();
        }
        let context = format!("{task:?} {strike:?} {point}");
        let ended = match &answer {
            Some(Ok(_)) => None,
            _ => Some(one.go_on(self, task, &context)),
        };
        one.assert_agrees(self, task, &context, ended.as_ref());
        true
    }

    /// How many points there are.
    fn points(&mut self, task: Task) -> Points {
        let one = match task {
            Task::Enrol => self.begin(NEVER),
            Task::Renew => self.begun_renewal(NEVER),
        };
        let _ = fs::remove_file(self.counted("authority"));
        let before = self.count("agent");
        one.trigger.set(0, || ());
        fs::write(self.armed(), "").unwrap();
        match task {
            Task::Enrol => one.enrol(&mut Person::who_types(&[one.code, PIN])),
            Task::Renew => one.renew(&mut Person::who_types(&[PIN])),
        }
        .unwrap()
        .unwrap();
        let _ = fs::remove_file(self.armed());
        let points = Points {
            commands: one.trigger.seen(),
            agents_writes: self.count("agent") - before,
            authoritys_writes: self.count("authority"),
        };
        one.assert_agrees(self, task, "without trouble", None);
        points
    }
}

impl Try {
    fn enrol(&self, person: &mut Person) -> Option<Result<Reply, Failure>> {
        let request = Request::Enrol(self.request.clone());
        connect(&self.home).call(request, person).ok()
    }

    fn renew(&self, person: &mut Person) -> Option<Result<Reply, Failure>> {
        let request = Request::Renew(RenewRequest {
            authority: self.request.authority.clone(),
            ..RenewRequest::default()
        });
        connect(&self.home).call(request, person).ok()
    }

    /// An agent whose writes are counted, to be killed at one of them.
    fn watched_agent(&mut self, bench: &Bench, (at, when): (u64, &str)) {
        let _ = self.agent.0.kill();
        let _ = self.agent.0.wait();
        self.agent = listening(&self.home, bench.watched(&self.home, (at, when)));
        cards_are_read(&self.home, 1);
    }

    /// An agent that nothing happens to.
    fn another_agent(&mut self) {
        let _ = self.agent.0.kill();
        let _ = self.agent.0.wait();
        self.agent = agent(&self.home);
        cards_are_read(&self.home, 1);
    }

    fn tasks(&self) -> Vec<TaskInfo> {
        match call(&self.home, Request::Tasks, &mut Person::nobody()) {
            Ok(Reply::Tasks(tasks)) => tasks,
            other => panic!("{other:?}"),
        }
    }

    /// What a person does afterwards: he goes on with what was begun, or begins again.
    fn go_on(&self, bench: &Bench, task: Task, context: &str) -> TaskOutcome {
        let tasks = self.tasks();
        assert!(tasks.len() <= 1, "{context}: {tasks:?}");
        let Some(left) = tasks.first() else {
            let replaced = self.rows(bench).iter().any(|row| row[1] == "REVOKED");
            if task == Task::Renew && replaced {
                return self.done();
            }
            let again = match task {
                Task::Enrol => self.enrol(&mut Person::who_types(&[self.code, PIN])),
                Task::Renew => self.renew(&mut Person::who_types(&[PIN])),
            };
            return match again.expect("the agent answers") {
                Ok(Reply::Enrolled(outcome) | Reply::Renewed(outcome)) => *outcome,
                // It was done, and only the answer was lost.
                Err(Failure::CardHasCertificates { .. }) => self.done(),
                other => panic!("{context}: {other:?}"),
            };
        };
        let types: &[_] = match (task, left.state) {
            (Task::Renew, _) | (_, TaskState::Activated | TaskState::Confirmed) => &[PIN],
            _ => &[self.code, PIN],
        };
        let request = Request::TaskResume(TaskResumeRequest {
            id: left.id.clone(),
            ..TaskResumeRequest::default()
        });
        match call(&self.home, request, &mut Person::who_types(types)) {
            Ok(Reply::TaskResumed(outcome)) => *outcome,
            other => panic!("{context}, {:?}: {other:?}", left.state),
        }
    }

    /// The certificates of the card in the register.
    fn rows(&self, bench: &Bench) -> Vec<Vec<String>> {
        bench.authority.query(&format!(
            "SELECT serial, state FROM certificates WHERE carrier = '{}' ORDER BY serial",
            self.number
        ))
    }

    /// A task whose end nobody was told of.
    fn done(&self) -> TaskOutcome {
        TaskOutcome {
            task: TaskInfo {
                id: String::new(),
                kind: lichna_ipc::TaskKind::Enrol,
                state: TaskState::Confirmed,
                card: Some(self.number.clone()),
                authority: String::new(),
                application: None,
                rnu: None,
                started_at: String::new(),
                deadline: None,
                running: false,
            },
            reader: String::new(),
            practice: true,
            subject: None,
            certificates: Vec::new(),
            timings: Vec::new(),
            apdus: 0,
        }
    }

    /// The card and the register agree.
    fn assert_agrees(
        &self,
        bench: &Bench,
        task: Task,
        context: &str,
        outcome: Option<&TaskOutcome>,
    ) {
        if let Some(outcome) = outcome {
            assert_eq!(outcome.task.state, TaskState::Confirmed, "{context}");
        }
        assert!(self.tasks().is_empty(), "{context}");
        let reply = call(
            &self.home,
            Request::Certificates { reader: None },
            &mut Person::nobody(),
        );
        let Ok(Reply::Certificates(on_card)) = reply else {
            panic!("{context}: {reply:?}");
        };
        // Those that the card uses: of a renewed one, the old pair is on the card as well.
        let rows = self.rows(bench);
        let active: Vec<_> = rows.iter().filter(|row| row[1] == "ACTIVE").collect();
        assert_eq!(active.len(), 2, "{context}: {rows:?}");
        for row in &active {
            let there = on_card.iter().any(|one| {
                let serial = one.serial.replace(':', "").to_uppercase();
                format!("{serial:0>40}") == row[0].to_uppercase()
            });
            assert!(there, "{context}: {row:?} is not on the card: {on_card:?}");
        }
        let issued = match task {
            Task::Enrol => 2,
            Task::Renew => 4,
        };
        assert_eq!(rows.len(), issued, "{context}: issued twice: {rows:?}");
    }
}

/// Tries the points of one kind of strike; how many there are and how many were tried.
fn try_points(bench: &mut Bench, task: Task, strike: Strike, points: Points) -> (u64, u64) {
    let all = match strike {
        Strike::AgentAtCommand | Strike::BothAtCommand | Strike::CardTakenOut => points.commands,
        Strike::AgentBeforeDisk | Strike::AgentAfterDisk => points.agents_writes,
        // What the authority does by itself may come at any time.
        Strike::AuthorityBeforeDisk => points.authoritys_writes.saturating_sub(2),
    };
    let step = match std::env::var("LICHNA_CRASH_POINTS").as_deref() {
        Ok("all") => 1,
        _ if all > MANY => 25,
        _ => 6,
    };
    let offset = STRIKES.iter().position(|one| *one == strike).unwrap();
    let first = 1 + u64::try_from(offset).unwrap() % step;
    let mut tried = 0;
    let mut visited = 0;
    let mut point = first;
    while point <= all {
        tried += 1;
        if bench.strike(task, strike, point) {
            visited += 1;
        }
        point += step;
    }
    assert_eq!(
        visited, tried,
        "{task:?} {strike:?}: points were not reached"
    );
    (all, visited)
}

#[allow(clippy::print_stdout, reason = "says how many points were tried")]
fn matrix(task: Task) {
    let mut bench = Bench::new();
    let points = bench.points(task);
    assert!(points.commands > 20 && points.agents_writes > 10 && points.authoritys_writes > 4);
    let (mut all, mut tried) = (0, 0);
    for strike in STRIKES {
        let (there, visited) = try_points(&mut bench, task, strike, points);
        println!("{task:?} {strike:?}: {visited} of {there} points");
        all += there;
        tried += visited;
    }
    println!("{task:?}: {tried} of {all} points tried, the card and the register agree after each");
}

// Req 14.2
#[test]
fn an_enrolment_survives_a_crash_at_any_point() {
    matrix(Task::Enrol);
}

// Req 14.2, 13.6
#[test]
fn a_renewal_survives_a_crash_at_any_point() {
    matrix(Task::Renew);
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
