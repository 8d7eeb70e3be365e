//! The thread that writes the journal's files.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lichna_journal::{
    Checkpoint, CheckpointKey, CheckpointSigner, Instance, Journal as Files, JournalError, Options,
    OtherCheckpoint,
};
use lichna_pki::Signer;
use thiserror::Error;
use tokio::sync::{Notify, mpsc};

use super::{Job, Journal, WAITING};
use crate::clock;

/// What the writing thread needs.
#[derive(Clone)]
pub struct Settings {
    /// The folder of the journal.
    pub folder: PathBuf,
    /// Whose journal it is.
    pub instance: String,
    /// Signs checkpoints.
    pub signer: Arc<dyn Signer>,
    /// After so many records a checkpoint is due.
    pub checkpoint_records: u64,
    /// How long to wait when another process has it open.
    pub patience: Duration,
}

/// Why the journal does not open.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The files are not as they should be, or another process writes them.
    #[error(transparent)]
    Files(#[from] JournalError),
    /// The key is none for checkpoints.
    #[error("the journal's key cannot sign checkpoints: {0}")]
    Key(#[from] lichna_journal::KeyError),
    /// The system gives no thread.
    #[error("no thread for the journal: {0}")]
    Thread(std::io::Error),
}

/// The open journal, in the hands of the writing thread.
pub struct Open {
    files: Files,
    key: CheckpointKey,
    signer: Arc<dyn Signer>,
}

/// The thread; it ends when nobody has the [`Journal`] any more.
pub struct Writer {
    thread: JoinHandle<()>,
}

impl Writer {
    /// Opens the journal and starts the thread.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn start(settings: &Settings) -> Result<(Journal, Self), OpenError> {
        let mut open = Open::new(settings)?;
        let (sender, mut jobs) = mpsc::channel(WAITING);
        let due = Arc::new(Notify::new());
        let (tell, records) = (Arc::clone(&due), settings.checkpoint_records);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                while let Some(job) = jobs.blocking_recv() {
                    if !open.serve(job, &mut jobs) {
                        break;
                    }
                    if open.since_checkpoint() >= records {
                        tell.notify_one();
                    }
                }
            })
            .map_err(OpenError::Thread)?;
        Ok((Journal { sender, due }, Self { thread }))
    }

    /// Waits for its end.
    pub fn join(self) {
        let _ = self.thread.join();
    }
}

impl Open {
    fn new(settings: &Settings) -> Result<Self, OpenError> {
        let key = CheckpointKey::from_spki(settings.signer.public_key().spki_der())?;
        let instance = Instance::new(&settings.instance)?;
        let end = Instant::now() + settings.patience;
        let (files, opened) = loop {
            match Files::open(&settings.folder, &instance, Options::default()) {
                Err(JournalError::InUse { .. }) if Instant::now() < end => {
                    std::thread::sleep(AGAIN);
                }
                result => break result?,
            }
        };
        if let Some(cut) = &opened.record_cut {
            tracing::warn!(
                file = cut.file,
                offset = cut.offset,
                bytes = cut.bytes,
                "the journal's last record was never finished, and is cut off"
            );
        }
        Ok(Self {
            files,
            key,
            signer: Arc::clone(&settings.signer),
        })
    }

    /// Carries out a job, and with a record all others that wait. Says whether to go on: when it
    /// is unknown what the disk holds, nothing is acknowledged any more, and so nothing is done in
    /// the registers.
    fn serve(&mut self, job: Job, jobs: &mut mpsc::Receiver<Job>) -> bool {
        let (mut payloads, mut waiting, mut next) = (Vec::new(), Vec::new(), Some(job));
        let mut ask = None;
        while let Some(job) = next.take() {
            match job {
                Job::Record { payload, written } => {
                    payloads.push(payload);
                    waiting.push(written);
                    next = jobs.try_recv().ok();
                }
                Job::Ask(work) => ask = Some(work),
            }
        }
        let now = u64::try_from(clock::now()).unwrap_or_default();
        match self.files.append(now, &payloads) {
            Ok(numbers) => {
                for (written, number) in waiting.into_iter().zip(numbers) {
                    // Whoever waited may have gone away.
                    let _ = written.send(number);
                }
            }
            Err(error) => {
                // Those who wait are told so by their answers that never come.
                tracing::error!(%error, "the journal cannot be written");
                return !matches!(error, JournalError::Stopped);
            }
        }
        if let Some(work) = ask {
            work(self);
        }
        true
    }

    /// How many records there are since the last checkpoint.
    pub fn since_checkpoint(&self) -> u64 {
        let last = self.files.last_checkpoint().map_or(0, Checkpoint::size);
        self.files.size().saturating_sub(last)
    }

    /// A signed checkpoint over all records, not kept yet.
    ///
    /// # Errors
    /// The key does not sign.
    pub fn sign(&self, others: Vec<OtherCheckpoint>) -> Result<Checkpoint, JournalError> {
        let now = u64::try_from(clock::now()).unwrap_or_default();
        let draft = self.files.draft(now, &self.key, others);
        let signer = ByKey {
            spki: self.signer.public_key().spki_der(),
            signer: &*self.signer,
        };
        draft.sign(&signer).map_err(JournalError::Signer)
    }

    /// Writes a checkpoint into the journal's own file.
    ///
    /// # Errors
    /// The journal's.
    pub fn keep(&mut self, checkpoint: &Checkpoint) -> Result<(), JournalError> {
        self.files.keep(checkpoint)
    }

    /// The proof that the first `from` records are the beginning of the first `to`.
    ///
    /// # Errors
    /// There are no such records, or the files cannot be read.
    pub fn consistency(
        &mut self,
        from: u64,
        to: u64,
    ) -> Result<Vec<lichna_journal::Hash>, JournalError> {
        self.files.consistency(from, to)
    }
}

/// How long before the next try, when another process has the journal open.
const AGAIN: Duration = Duration::from_millis(20);

/// A key of ours as the journal wants to see it.
struct ByKey<'a> {
    spki: &'a [u8],
    signer: &'a dyn Signer,
}

impl CheckpointSigner for ByKey<'_> {
    fn public_key_spki(&self) -> &[u8] {
        self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, lichna_journal::SignerError> {
        Ok(self.signer.sign(message)?)
    }
}
