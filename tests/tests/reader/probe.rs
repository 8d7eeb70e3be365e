//! The test's end of a program beside it (`program`).

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use lichna_reader::{ServiceState, SlotState};
use lichna_tests::pcscd::{Pcscd, without_pcscd};
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
        let mut command = without_pcscd(own_program());
        Self::run(command.args(ROLE).envs(pcscd.env()))
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

/// Begins a line that answers.
pub const ANSWER: &str = "lichna-answer> ";
/// Begins a line that comes by itself: a snapshot, or an exchange that was observed.
pub const SNAPSHOT: &str = "lichna-snapshot> ";
const ROLE: [&str; 4] = ["--exact", "program::process", "--ignored", "--nocapture"];
const NOBODY: u32 = 65534;
/// Milliseconds, as [`super::LONG`].
pub const LONG: &str = "20000";

fn own_program() -> std::path::PathBuf {
    std::env::current_exe().expect("we run")
}

fn command() -> Command {
    let mut command = Command::new(own_program());
    command.args(ROLE);
    command
}
