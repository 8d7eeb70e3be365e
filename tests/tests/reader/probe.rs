//! A program beside the test: it does what lines on its standard input say, and answers each with
//! one line.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lichna_apdu::{
    Channel, Instruction, PinEncoding, PinFormat, PinModification, PinVerification, PinpadError,
    Response,
};
use lichna_reader::{
    ApduExchange, ApduObserver, Canceller, Connection, Leave, ServiceState, SlotState, Snapshot,
    Transaction, Watcher, holders,
};
use lichna_tests::pcscd::Pcscd;
use lichna_tests::{DEADLINE, until};

/// A running probe. It ends when this is dropped.
pub struct Probe {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
    snapshots: Receiver<String>,
}

impl Probe {
    /// A probe of this service.
    pub fn new(pcscd: &Pcscd) -> Self {
        Self::run(command().envs(pcscd.env()))
    }

    /// A probe of this service, run by another user: nobody where we are root, else ourselves.
    pub fn of_another_user(pcscd: &Pcscd) -> Self {
        let mut command = command();
        command.envs(pcscd.env());
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        Self::run(&mut command)
    }

    /// A probe on a computer without the service: its program is hidden from the probe alone.
    pub fn without_service(pcscd: &Pcscd) -> Self {
        let hide = "mount --bind /dev/null \"$(command -v pcscd)\" && exec \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                hide,
                "sh",
            ])
            .arg(own_program())
            .args(ROLE)
            .envs(pcscd.env())
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Self::run(&mut command)
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let input = child.stdin.take();
        let output = child.stdout.take().expect("a pipe");
        let (answer, answers) = channel();
        let (snapshot, snapshots) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The test harness of the probe writes lines of its own.
                if let Some((_, text)) = line.split_once(ANSWER) {
                    let _ = answer.send(text.to_owned());
                } else if let Some((_, text)) = line.split_once(SNAPSHOT) {
                    let _ = snapshot.send(text.to_owned());
                }
            }
        });
        Self {
            child,
            input,
            answers,
            snapshots,
        }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Says what to do, and does not wait for the answer.
    pub fn tell(&mut self, words: &[&str]) {
        let line = format!("{}\n", words.join("\t"));
        let input = self.input.as_mut().expect("the probe is not ended");
        input.write_all(line.as_bytes()).expect("the probe lives");
    }

    /// The next answer.
    pub fn answer(&self) -> String {
        self.answers
            .recv_timeout(DEADLINE)
            .expect("the probe answers")
    }

    /// Says what to do, and returns the answer.
    pub fn ask(&mut self, words: &[&str]) -> String {
        self.tell(words);
        self.answer()
    }

    /// Says what to do, which must succeed.
    pub fn must(&mut self, words: &[&str]) -> String {
        let answer = self.ask(words);
        assert!(!answer.starts_with("error"), "{words:?}: {answer}");
        answer
    }

    /// Connects to the card and begins a transaction.
    pub fn begin(&mut self, reader: &str) {
        self.must(&["open", reader, LONG]);
        self.must(&["begin", LONG]);
    }

    /// Sends a command and returns the answer, both in hexadecimal.
    pub fn apdu(&mut self, command: &str) -> String {
        self.ask(&["apdu", command])
    }

    /// Waits until the service has seen a card in one of its readers, or none in any.
    pub fn wait_for_card(&mut self, present: bool) {
        let card = format!("{:?}", hex::decode(crate::ATR).unwrap());
        until("the card to come or go", || {
            self.must(&["take"]).contains(&card) == present
        });
    }

    /// Waits for a snapshot that reads so; earlier ones are passed over.
    pub fn sees(&self, expected: &str) {
        let end = Instant::now() + DEADLINE;
        let mut passed = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.snapshots.recv_timeout(left) {
                Ok(snapshot) if snapshot == expected => return,
                Ok(snapshot) => passed.push(snapshot),
                Err(_) => panic!("no snapshot {expected:?}, but {passed:?}"),
            }
        }
    }

    /// All snapshots that came and were not looked at.
    pub fn unseen(&self) -> Vec<String> {
        self.snapshots.try_iter().collect()
    }

    /// Ends the process as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("own child");
        self.child.wait().expect("own child");
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        drop(self.input.take());
        // It may be stuck in a driver.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a snapshot is written: the service, then each reader and what is in it.
pub fn text(service: ServiceState, readers: &[(&str, SlotState)]) -> String {
    let readers: Vec<_> = readers
        .iter()
        .map(|(name, slot)| format!("{name}: {slot:?}"))
        .collect();
    format!("{service:?}; {}", readers.join("; "))
}

const ANSWER: &str = "lichna-answer> ";
const SNAPSHOT: &str = "lichna-snapshot> ";
const ROLE: [&str; 4] = ["--exact", "probe::process", "--ignored", "--nocapture"];
const NOBODY: u32 = 65534;
/// Milliseconds, as [`super::LONG`].
const LONG: &str = "20000";

fn own_program() -> std::path::PathBuf {
    std::env::current_exe().expect("we run")
}

fn command() -> Command {
    let mut command = Command::new(own_program());
    command.args(ROLE);
    command
}

#[test]
#[ignore = "not a test: a program that the tests start beside themselves"]
fn process() {
    let mut probe = Commands {
        lines: std::io::stdin().lines(),
        connection: None,
        canceller: None,
        exclusive: None,
    };
    while let Some(words) = probe.next() {
        probe.obey(&words);
    }
}

fn say(answer: impl std::fmt::Display) {
    println!("{ANSWER}{answer}");
}

struct Commands {
    lines: std::io::Lines<std::io::StdinLock<'static>>,
    connection: Option<Connection>,
    canceller: Option<Canceller>,
    exclusive: Option<pcsc::Card>,
}

impl Commands {
    fn next(&mut self) -> Option<Vec<String>> {
        let line = self.lines.next()?.ok()?;
        Some(line.split('\t').map(str::to_owned).collect())
    }

    fn obey(&mut self, words: &[String]) {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match *words {
            ["watch"] => self.watch(),
            ["cancel"] => {
                self.canceller.take().expect("it watches").cancel();
                say("cancelled");
            }
            ["take"] => say(show(&Snapshot::take(deadline(LONG)))),
            ["take", ms] => say(show(&Snapshot::take(deadline(ms)))),
            ["holders", reader] => say(shown(holders(reader))),
            ["open", reader, ms] => match Connection::open(reader, deadline(ms)) {
                Ok(connection) => {
                    say(format!("{:?}", connection.interface()));
                    self.connection = Some(connection);
                }
                Err(error) => say(format!("error {error:?}")),
            },
            ["open-alone", reader] => {
                let context = pcsc::Context::establish(pcsc::Scope::System).unwrap();
                let reader = std::ffi::CString::new(reader).unwrap();
                let card = context
                    .connect(&reader, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY)
                    .unwrap();
                self.exclusive = Some(card);
                say("alone");
            }
            ["close"] => {
                self.connection = None;
                self.exclusive = None;
                say("closed");
            }
            ["observe"] => {
                let connection = self.connection.as_mut().expect("it is open");
                connection.observe(Arc::new(Told::default()));
                say("observed");
            }
            ["begin", ms] => {
                let mut connection = self.connection.take().expect("it is open");
                match connection.transaction(deadline(ms)) {
                    Ok(transaction) => {
                        say(format!("reset {}", transaction.card_was_reset()));
                        self.hold(transaction);
                    }
                    Err(error) => say(format!("error {error:?}")),
                }
                self.connection = Some(connection);
            }
            _ => panic!("{words:?}"),
        }
    }

    fn watch(&mut self) {
        let watcher = Watcher::new();
        self.canceller = Some(watcher.canceller());
        let (tid, own) = channel();
        thread::spawn(move || {
            tid.send(rustix::thread::gettid()).unwrap();
            for snapshot in watcher {
                println!("{SNAPSHOT}{}", show(&snapshot));
            }
            println!("{SNAPSHOT}over");
        });
        say(own.recv().unwrap());
    }

    /// Obeys within a transaction, until its end.
    fn hold(&mut self, mut transaction: Transaction<'_>) {
        while let Some(words) = self.next() {
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            match *words {
                ["apdu", command] => match transaction.transmit(&hex::decode(command).unwrap()) {
                    Ok(answer) => say(hex::encode(&*answer)),
                    Err(error) => say(format!("error {error:?}")),
                },
                ["deadline", ms] => {
                    transaction.set_deadline(deadline(ms));
                    say("set");
                }
                ["longest"] => say(transaction.longest_command()),
                ["awake"] => {
                    transaction.keep_awake();
                    say("awake");
                }
                ["pinpad"] => say(transaction.pinpad().is_some()),
                ["verify"] => say(typed(transaction.pinpad().expect("a keypad").verify(
                    &PinVerification {
                        reference: 0x80,
                        format: PIV_PIN,
                    },
                ))),
                ["change"] => say(typed(transaction.pinpad().expect("a keypad").modify(
                    &PinModification {
                        instruction: Instruction::ChangeReferenceData,
                        p1: 0,
                        reference: 0x80,
                        old: PIV_PIN,
                        new: PIV_PIN,
                    },
                ))),
                ["unblock"] => say(typed(transaction.pinpad().expect("a keypad").modify(
                    &PinModification {
                        instruction: Instruction::ResetRetryCounter,
                        p1: 0,
                        reference: 0x80,
                        old: PinFormat {
                            shortest: 8,
                            ..PIV_PIN
                        },
                        new: PIV_PIN,
                    },
                ))),
                ["drop"] => {
                    drop(transaction);
                    say("dropped");
                    return;
                }
                ["finish", how] => {
                    let leave = if how == "keep" {
                        Leave::Keep
                    } else {
                        Leave::Reset
                    };
                    match transaction.finish(leave) {
                        Ok(()) => say("finished"),
                        Err(error) => say(format!("error {error:?}")),
                    }
                    return;
                }
                _ => panic!("{words:?}"),
            }
        }
    }
}

/// A PIN as SP 800-73-4 has it.
const PIV_PIN: PinFormat = PinFormat {
    encoding: PinEncoding::Ascii,
    shortest: 6,
    longest: 8,
    padding: Some(0xFF),
};

fn deadline(ms: &str) -> Instant {
    Instant::now() + Duration::from_millis(ms.parse().unwrap())
}

fn show(snapshot: &Snapshot) -> String {
    let readers: Vec<_> = snapshot
        .readers
        .iter()
        .map(|reader| (reader.name.as_str(), reader.slot.clone()))
        .collect();
    text(snapshot.service, &readers)
}

fn shown(holders: lichna_reader::Holders) -> String {
    let named: Vec<_> = holders
        .named
        .iter()
        .map(|holder| {
            let executable = holder.executable.as_deref().unwrap_or("-".as_ref());
            format!("{} {} {}", holder.pid, holder.name, executable.display())
        })
        .collect();
    format!("complete {}: {}", holders.complete, named.join(", "))
}

fn typed(result: Result<Response, PinpadError>) -> String {
    match result {
        Ok(response) => format!("{:04x}", response.word()),
        Err(error) => format!("error {error:?}"),
    }
}

/// Says all it is told, but the duration, with each answer of the probe.
#[derive(Default)]
struct Told(Mutex<u32>);

impl ApduObserver for Told {
    fn exchanged(&self, exchange: &ApduExchange<'_>) {
        *self.0.lock().unwrap() += 1;
        assert!(exchange.duration < DEADLINE);
        let ApduExchange {
            reader,
            instruction,
            p1,
            p2,
            command_length,
            response_length,
            status,
            error,
            pinpad,
            ..
        } = exchange;
        let number = self.0.lock().unwrap();
        println!(
            "{SNAPSHOT}{number} {reader} {instruction:02x} {p1:02x}{p2:02x} {command_length} \
             {response_length} {status:04x?} {error:?} {pinpad}"
        );
    }
}
