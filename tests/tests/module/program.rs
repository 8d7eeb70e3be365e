//! A program with the module: this same test binary, run once more. What it does is a test that is
//! ignored otherwise; it speaks with the one who started it in lines.

use std::any::type_name;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CK_SLOT_ID, CKO_PRIVATE_KEY};
use lichna_tests::module::{Module, Template};
use lichna_tests::workspace::Home;
use lichna_tests::{DEADLINE, built};

/// Where it finds the module.
const MODULE: &str = "MODULE_TESTS_MODULE";
/// A checker of memory, and its arguments, under which it runs.
const UNDER: &str = "MODULE_TESTS_UNDER";
/// Begins a line that is meant for the other side.
const MARK: &str = "» ";

/// A program, until it is dropped.
pub struct Program {
    child: Child,
    stdin: ChildStdin,
    said: Receiver<String>,
    all: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    name: &'static str,
}

impl Program {
    /// Starts the program that does this: an ignored test of this binary.
    pub fn start<F: Fn()>(home: &Home, part: F) -> Self {
        Self::prepared(home, part, |_| ())
    }

    /// The same, with something changed at the command that starts it.
    pub fn prepared<F: Fn()>(home: &Home, _part: F, prepare: impl FnOnce(&mut Command)) -> Self {
        let name = type_name::<F>().split_once("::").expect("a path").1;
        let this = std::env::current_exe().unwrap();
        let under = std::env::var(UNDER).unwrap_or_default();
        let mut words = under.split_whitespace();
        let mut command = match words.next() {
            Some(checker) => {
                let mut command = home.command(checker);
                command.args(words).arg(this);
                command
            }
            None => home.command(this),
        };
        command
            .args(["--ignored", "--exact", "--nocapture", name])
            .env(MODULE, module_path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let all = Arc::new(Mutex::new(String::new()));
        let (tell, said) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (of_stdout, of_stderr) = (Arc::clone(&all), Arc::clone(&all));
        let readers = vec![
            thread::spawn(move || {
                for line in stdout.lines().map_while(Result::ok) {
                    // The harness may have left its own line unfinished.
                    if let Some((_, word)) = line.split_once(MARK) {
                        tell.send(word.to_owned()).ok();
                    }
                    *of_stdout.lock().unwrap() += &(line + "\n");
                }
            }),
            thread::spawn(move || {
                for line in stderr.lines().map_while(Result::ok) {
                    *of_stderr.lock().unwrap() += &(line + "\n");
                }
            }),
        ];
        Self {
            stdin: child.stdin.take().unwrap(),
            child,
            said,
            all,
            readers,
            name,
        }
    }

    /// What it says next.
    pub fn says(&mut self) -> String {
        match self.said.recv_timeout(patience()) {
            Ok(word) => word,
            Err(RecvTimeoutError::Timeout) => panic!("{} says nothing: {}", self.name, self.all()),
            Err(RecvTimeoutError::Disconnected) => panic!("{} ended: {}", self.name, self.all()),
        }
    }

    /// It says that, and nothing else before.
    pub fn says_that(&mut self, word: &str) {
        assert_eq!(self.says(), word, "{}: {}", self.name, self.all());
    }

    /// It has said nothing since.
    pub fn is_silent(&mut self) -> bool {
        self.said.try_recv().is_err()
    }

    /// Tells it something.
    pub fn tell(&mut self, word: &str) {
        // One that ended says so itself.
        writeln!(self.stdin, "{word}").ok();
    }

    /// It comes to its end, and all went well.
    pub fn ends(mut self) {
        let end = Instant::now() + patience();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < end,
                "{} does not end: {}",
                self.name,
                self.all()
            );
            thread::sleep(Duration::from_millis(5));
        };
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let all = self.all();
        assert!(status.success(), "{}, {status}: {all}", self.name);
        assert!(all.contains("1 passed"), "{} ran nothing: {all}", self.name);
        if is_watched() {
            println!("{all}");
        }
    }

    fn all(&self) -> String {
        self.all.lock().unwrap().clone()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs it to its end.
pub fn run<F: Fn()>(home: &Home, part: F) {
    Program::start(home, part).ends();
}

/// It runs under a checker of memory, which takes its time.
pub fn is_watched() -> bool {
    std::env::var_os(UNDER).is_some()
}

/// How long a program may take for a step.
pub fn patience() -> Duration {
    DEADLINE * if is_watched() { 60 } else { 6 }
}

fn module_path() -> PathBuf {
    std::env::var_os(MODULE).map_or_else(built::module, PathBuf::from)
}

/// In the program: tells the one who started it.
pub fn say(word: &str) {
    println!("{MARK}{word}");
}

/// In the program: waits until that is told.
pub fn hear(word: &str) {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), word);
}

/// In the program: the module, not initialised yet.
pub fn module() -> Module {
    Module::load(std::env::var_os(MODULE).expect("the one who starts this says where it is"))
}

/// In the program: the module, initialised.
pub fn initialized() -> Module {
    let module = module();
    module.initialize().unwrap();
    module
}

/// In the program: the slots of a reader, with or without a card. The signing one follows.
pub const IDENTIFICATION: CK_SLOT_ID = 0;
/// The other one.
pub const SIGNING: CK_SLOT_ID = 1;

/// In the program: waits until that slot has a token.
pub fn until_token(module: &Module, slot: CK_SLOT_ID) {
    lichna_tests::until("the token", || module.slots(true).unwrap().contains(&slot));
}

/// In the program: a session with that token, and its private key.
pub fn session_and_key(module: &Module, slot: CK_SLOT_ID) -> (CK_SESSION_HANDLE, CK_OBJECT_HANDLE) {
    let session = module.open_session(slot).unwrap();
    let keys = module.find(session, &Template::of_class(CKO_PRIVATE_KEY));
    let [key] = keys.unwrap()[..] else {
        panic!("not one private key");
    };
    (session, key)
}
