//! Waits for readers and cards to come and go.

use crate::Snapshot;

/// Yields a [`Snapshot`] at first, and again whenever something changed.
///
/// [`Iterator::next`] blocks: give it a plain thread of its own. It ends (`None`) only after
/// [`Canceller::cancel`].
#[derive(Debug)]
pub struct Watcher {}

/// Ends the wait of a [`Watcher`] from another thread.
#[derive(Clone, Debug)]
pub struct Canceller {}

impl Watcher {
    /// A watcher that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }

    /// What ends the wait.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller {}
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Iterator for Watcher {
    type Item = Snapshot;

    fn next(&mut self) -> Option<Snapshot> {
        None
    }
}

impl Canceller {
    /// Makes [`Watcher::next`] return `None`, now and for ever. Returns when the wait is over.
    pub fn cancel(&self) {}
}
