//! What a desktop shows beside windows: notifications and a tray, on the bus of a [`Desktop`].

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use crate::display::Desktop;
use crate::{built, until};

/// Both, until this is dropped.
#[derive(Debug)]
pub struct Session<'a> {
    desktop: &'a Desktop,
    program: Child,
    said: Arc<Mutex<Vec<Value>>>,
}

impl<'a> Session<'a> {
    /// With nothing in them.
    pub fn start(desktop: &'a Desktop) -> Self {
        let mut command = desktop.command("/usr/bin/python3");
        command.arg(program()).arg("run").stdout(Stdio::piped());
        let mut program = command
            .spawn()
            .expect("python3 is installed, and gi for it");
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, heard) = (program.stdout.take(), Arc::clone(&said));
        thread::spawn(move || {
            let lines = BufReader::new(lines.expect("it is piped")).lines();
            for line in lines.map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("JSON");
                heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        });
        let session = Self {
            desktop,
            program,
            said,
        };
        until("the session", || session.notified("ready").is_some());
        session
    }

    /// The text of the notification of that title, if it was shown.
    ///
    /// # Panics
    /// When it was shown more than once.
    pub fn notified(&self, title: &str) -> Option<String> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = said.iter().filter(|one| one["title"] == title);
        let text = found
            .next()
            .map(|one| one["text"].as_str().unwrap_or_default().to_owned());
        assert!(found.next().is_none(), "{title}: twice in {said:?}");
        text
    }

    /// Presses the notification of that title.
    pub fn press(&self, title: &str) {
        self.ask(&["press", title]);
    }

    /// What the menu of the icon in the tray offers, if there is one.
    pub fn tray(&self) -> Option<Vec<String>> {
        let said = self.run(&["tray"]);
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let lines = text.lines().map(str::to_owned).collect();
        said.status.success().then_some(lines)
    }

    /// Chooses that of it.
    pub fn choose(&self, label: &str) {
        self.ask(&["choose", label]);
    }

    fn ask(&self, words: &[&str]) {
        let said = self.run(words);
        assert!(said.status.success(), "{words:?}: {said:?}");
    }

    fn run(&self, words: &[&str]) -> std::process::Output {
        let mut command = self.desktop.command("/usr/bin/python3");
        let command = command.arg(program()).args(words);
        command.output().expect("python3 is installed")
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

fn program() -> std::path::PathBuf {
    built::root().join("tests/desktop/session.py")
}
