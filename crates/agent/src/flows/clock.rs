//! How long the steps of a request took.

use std::time::Duration;

use lichna_ipc::{Step, Timing};
use tokio::time::Instant;

/// How long each step took, in the order in which they ended.
#[derive(Default)]
pub struct Clock(Vec<Timing>);

impl Clock {
    /// A step took so long.
    pub fn took(&mut self, step: Step, time: Duration) {
        self.0.push(Timing {
            step,
            milliseconds: u32::try_from(time.as_millis()).unwrap_or(u32::MAX),
        });
    }

    /// Does a step and takes its time.
    pub async fn of<T>(&mut self, step: Step, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let done = work.await;
        self.took(step, began.elapsed());
        done
    }

    /// All of them.
    pub fn timings(self) -> Vec<Timing> {
        self.0
    }
}
