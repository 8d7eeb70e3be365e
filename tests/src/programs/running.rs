//! A program at work, whose end is waited for with a deadline.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::workspace::Output;

/// How long a program may take that waits for a person: the 45 s that the module gives him, and
/// time for its own work.
const DEADLINE: Duration = Duration::from_secs(75);

/// A program at work; it ends with this.
#[derive(Debug)]
pub struct Running {
    child: Child,
    what: String,
    /// Open as long as it runs: some clients hang up when they have nothing more to send.
    _stdin: ChildStdin,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// Starts it, with that on its standard input, which stays open.
    ///
    /// # Panics
    /// When it is not there.
    pub fn start(command: &mut Command, input: &str) -> Self {
        let what = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let mut stdin = child.stdin.take().expect("it is piped");
        // It fits into the pipe; one that ended already reads nothing.
        stdin.write_all(input.as_bytes()).ok();
        let stdout = child.stdout.take().map(collect);
        let stderr = child.stderr.take().map(collect);
        Self {
            child,
            what,
            _stdin: stdin,
            stdout,
            stderr,
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("own child").is_some()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end within the time that a person and a program may take.
    pub fn finish(mut self) -> Output {
        let end = Instant::now() + DEADLINE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("own child") {
                break Some(status);
            }
            if Instant::now() > end {
                self.child.kill().ok();
                break None;
            }
            thread::sleep(Duration::from_millis(5));
        };
        let text = |reader: Option<JoinHandle<Vec<u8>>>| {
            let bytes = reader.and_then(|reader| reader.join().ok());
            String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
        };
        let (stdout, stderr) = (text(self.stdout.take()), text(self.stderr.take()));
        let Some(status) = status else {
            panic!(
                "{} did not end within {DEADLINE:?}: {stdout}{stderr}",
                self.what
            );
        };
        Output {
            status,
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read so far counts.
        stream.read_to_end(&mut bytes).ok();
        bytes
    })
}
