//! How far a request has come, for a person who waits.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::ProgressBar;

/// Nobody needs to be told about less.
const SOON: Duration = Duration::from_secs(1);

/// Time between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(120);

/// Shows the step at hand as a spinner, once there is more than a second to wait.
#[derive(Default)]
pub struct Progress(Option<(Sender<String>, JoinHandle<()>)>);

impl Progress {
    /// A step began.
    pub fn step(&mut self, text: String) {
        let (sender, _) = self.0.get_or_insert_with(|| {
            let (sender, steps) = mpsc::channel::<String>();
            let shows = thread::spawn(move || {
                let Ok(mut step) = steps.recv() else { return };
                loop {
                    match steps.recv_timeout(SOON) {
                        Ok(next) => step = next,
                        Err(RecvTimeoutError::Timeout) => break,
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
                let bar = ProgressBar::new_spinner().with_message(step);
                bar.enable_steady_tick(TICK);
                for step in steps {
                    bar.set_message(step);
                }
                bar.finish_and_clear();
            });
            (sender, shows)
        });
        // It listens until this is dropped.
        let _ = sender.send(text);
    }

    /// Clears the line: something else is to be shown, or it is over.
    pub fn clear(&mut self) {
        if let Some((sender, shows)) = self.0.take() {
            drop(sender);
            // It only draws; if it failed, there is nothing left to clear.
            let _ = shows.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
