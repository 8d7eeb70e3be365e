//! Word that something of what is shown to those who watch may be another now.

use tokio::sync::watch;

/// Passes that word on. What has changed, whoever gets it finds out; copies pass on the same.
#[derive(Clone, Default)]
pub struct Changes(watch::Sender<()>);

impl Changes {
    /// Something may have changed.
    pub fn tell(&self) {
        self.0.send_replace(());
    }

    /// For whoever wants to know.
    pub fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
