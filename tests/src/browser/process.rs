//! A browser's processes.

use std::io::{ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::until;

/// A browser with all its processes, which end with this.
#[derive(Debug)]
pub struct Processes {
    child: Child,
}

impl Processes {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child }
    }

    /// The first of them.
    pub const fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Panics when the browser is gone.
    pub fn assert_alive(&mut self) {
        let ended = self.child.try_wait().expect("own child");
        assert_eq!(ended, None, "the browser ended");
    }

    /// Waits until it has gone by itself.
    pub fn wait(mut self) {
        until("the browser to end", || {
            self.child.try_wait().expect("own child").is_some()
        });
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // What it leaves behind is in its group, too.
        kill_process_group(Pid::from_child(&self.child), Signal::KILL).ok();
        self.child.wait().ok();
    }
}

/// Reads messages in a thread, one after the other, until there are no more.
pub fn messages<R: Read + Send + 'static>(
    mut from: R,
    mut next: impl FnMut(&mut R) -> std::io::Result<Vec<u8>> + Send + 'static,
) -> Receiver<serde_json::Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        loop {
            let message = match next(&mut from) {
                Ok(message) => message,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let Ok(message) = serde_json::from_slice(&message) else {
                return;
            };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}
