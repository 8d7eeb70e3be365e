//! The journal of this instance: every operation in a register, also a refused one, is on the disk
//! in it before its answer leaves (Req 4.4, 5.5, 30, 37.3). It never holds a personal number, a
//! name, or a code.

mod checkpoints;
mod operation;
mod routes;
mod writer;

use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::{Notify, mpsc, oneshot};

pub use checkpoints::{checkpoint, start};
pub use operation::{Actor, Operation, SYSTEM};
pub use routes::router;
pub use writer::{Open, OpenError, Settings, Writer};

/// The way to the thread that writes. Records that arrive while it writes are written together,
/// with one wait for the disk.
#[derive(Clone, Debug)]
pub struct Journal {
    sender: mpsc::Sender<Job>,
    /// Told when a checkpoint is due.
    due: Arc<Notify>,
}

/// Why a record is not in the journal.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The journal cannot be written: nothing more is done in the registers.
    #[error("the journal cannot be written")]
    Stopped,
    /// The record is longer than one may be.
    #[error("a record of {length} bytes is too long")]
    TooLong {
        /// How long it is.
        length: usize,
    },
    /// The record cannot be put into JSON.
    #[error("the record cannot be encoded: {0}")]
    Encoding(#[from] serde_json::Error),
}

/// What the writing thread is asked for.
enum Job {
    Record {
        payload: Vec<u8>,
        written: oneshot::Sender<u64>,
    },
    Ask(Box<dyn FnOnce(&mut Open) + Send>),
}

/// How many records may wait to be written.
const WAITING: usize = 1024;

impl Journal {
    /// Writes a record; when this is done, it is on the disk. Returns its number.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn record(&self, event: &impl Serialize) -> Result<u64, RecordError> {
        let payload = serde_json::to_vec(event)?;
        if payload.len() > lichna_journal::LONGEST_PAYLOAD {
            let length = payload.len();
            return Err(RecordError::TooLong { length });
        }
        let (written, done) = oneshot::channel();
        let job = Job::Record { payload, written };
        self.sender
            .send(job)
            .await
            .map_err(|_| RecordError::Stopped)?;
        done.await.map_err(|_| RecordError::Stopped)
    }

    /// Has the writing thread do something with the open journal, between two batches.
    ///
    /// # Errors
    /// [`RecordError::Stopped`].
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Open) -> T + Send + 'static,
    ) -> Result<T, RecordError> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Ask(Box::new(move |open| {
            // Whoever asked may have gone away.
            let _ = answer.send(work(open));
        }));
        self.sender
            .send(job)
            .await
            .map_err(|_| RecordError::Stopped)?;
        answered.await.map_err(|_| RecordError::Stopped)
    }
}
