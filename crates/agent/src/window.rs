//! The title of the window of a program that asks for something, so that the holder sees which of
//! his pages or documents it is about. It is the program's own words, and shown as such.

mod system;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lichna_ipc::Peer;
use lichna_tls::presentable;

/// A person waits meanwhile.
const LIMIT: Duration = Duration::from_millis(200);
/// Most characters that are shown.
const LONGEST: usize = 80;

/// The windows of the programs of this user.
#[derive(Default)]
pub struct Windows {
    /// A display that does not answer keeps one thread, and not one for each question.
    asked: Arc<AtomicBool>,
}

impl Windows {
    /// The title of the topmost window of this process, or else of the one that started it, and so
    /// on; nothing where the system does not tell at once.
    pub async fn title(&self, peer: &Peer) -> Option<String> {
        if self.asked.swap(true, Ordering::AcqRel) {
            return None;
        }
        let ancestry = &peer.ancestry;
        let line: Vec<u32> = std::iter::once(&ancestry.process)
            .chain(&ancestry.ancestors)
            .map(|process| process.pid)
            .collect();
        let asked = Arc::clone(&self.asked);
        let answer = tokio::task::spawn_blocking(move || {
            let title = system::title(&line);
            asked.store(false, Ordering::Release);
            title
        });
        let title = tokio::time::timeout(LIMIT, answer).await.ok()?.ok()??;
        let shown: String = presentable(title.trim()).chars().take(LONGEST).collect();
        (!shown.is_empty()).then_some(shown)
    }
}
