//! The authority for practice, as a program that has it started.
//!
//! ```no_run
//! use lichna_tests::sandbox::Sandbox;
//!
//! let folder = tempfile::tempdir().unwrap();
//! let sandbox = Sandbox::start(folder.path());
//! println!("{} {}", sandbox.authority, sandbox.service);
//! assert!(sandbox.end());
//! ```

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::built;

/// A sandbox that runs, until this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    child: Child,
    /// URL of the authority.
    pub authority: String,
    /// File with its root certificate.
    pub root: PathBuf,
    /// URL of its service.
    pub service: String,
}

impl Sandbox {
    /// Starts the one of this folder, and waits until it is ready.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(folder: &Path) -> Self {
        let mut child = Command::new(built::authority())
            .args(["sandbox", "--home"])
            .arg(folder)
            .env("LICHNA_LOG", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("own program");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let text = |name: &str| said[name].as_str().expect("text").to_owned();
        Self {
            authority: text("authority"),
            root: text("root").into(),
            service: text("service"),
            child,
        }
    }

    /// Closes its standard input, and waits for its end. Returns whether it ended in order.
    pub fn end(mut self) -> bool {
        drop(self.child.stdin.take());
        self.child.wait().expect("own child").success()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
