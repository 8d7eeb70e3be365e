//! The thread that writes the journal's files.

use tokio::sync::mpsc;

use super::{Job, Journal, WAITING};

/// What the writing thread needs.
#[derive(Clone, Debug, Default)]
pub struct Settings {}

/// The open journal, in the hands of the writing thread.
pub struct Open {
    next: u64,
}

/// The thread; it ends when nobody has the [`Journal`] any more.
pub struct Writer {
    thread: std::thread::JoinHandle<()>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(_settings: &Settings) -> std::io::Result<(Journal, Self)> {
        let (sender, mut jobs) = mpsc::channel(WAITING);
        let mut open = Open { next: 0 };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                while let Some(job) = jobs.blocking_recv() {
                    match job {
                        Job::Record { payload, written } => {
                            open.next += u64::from(!payload.is_empty());
                            let _ = written.send(open.next);
                        }
                        Job::Ask(work) => work(&mut open),
                    }
                }
            })?;
        Ok((Journal { sender }, Self { thread }))
    }

    /// Waits for its end.
    pub fn join(self) {
        let _ = self.thread.join();
    }
}
