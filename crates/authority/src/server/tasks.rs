//! Work in the background, which ends when the server stops.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

/// The work under way.
#[derive(Debug)]
pub struct Tasks {
    set: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// Tells a task when the server stops.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Default for Tasks {
    fn default() -> Self {
        Self {
            set: JoinSet::new(),
            stop: watch::Sender::new(false),
        }
    }
}

impl Tasks {
    /// Starts a task. It ends soon after its [`Stop`] says so.
    pub fn spawn<F>(&mut self, task: impl FnOnce(Stop) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let future = task(self.stop());
        self.set.spawn(future);
    }

    /// What tells of the stop.
    pub fn stop(&self) -> Stop {
        Stop(self.stop.subscribe())
    }

    /// Stops all tasks and waits for them, but no longer than so long.
    pub async fn finish(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let all = async { while self.set.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!("work in the background was cut off");
        }
    }
}

impl Stop {
    /// Waits for the stop.
    pub async fn wait(&mut self) {
        // When nobody can say so any more, the server has stopped as well.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }

    /// Waits so long; says whether to go on.
    pub async fn sleep(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.wait()).await.is_err()
    }

    /// Whether the server stops.
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }
}
