//! The writer of a journal.

mod opening;

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use time::{Month, OffsetDateTime};

use crate::checkpoint::{Checkpoint, Draft, OtherCheckpoint};
use crate::files;
use crate::merkle::{self, Frontier};
use crate::record::{LONGEST_PAYLOAD, Record};
use crate::segment::SegmentHeader;
use crate::tree::Tree;
use crate::{CheckpointKey, CheckpointSigner, Hash, Instance, JournalError};

/// How a journal is written.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A segment that has so many bytes is not written further. A new month (UTC) begins a new one too,
    /// so that archives end with a month.
    pub segment_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 * 1024 * 1024,
        }
    }
}

/// What was found when a journal was opened, and is worth saying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// An unfinished last record, which was never acknowledged, was cut off.
    pub record_cut: Option<Cut>,
    /// An unfinished last checkpoint was cut off.
    pub checkpoint_cut: Option<Cut>,
    /// The hashes of the tree were behind or missing, and were made again from all records.
    pub tree_remade: bool,
}

/// What was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file's name in the journal.
    pub file: String,
    /// Where it ends now.
    pub offset: u64,
    /// How many bytes there were behind that.
    pub bytes: u64,
}

/// The one writer of a journal. Calls block until the disk has what it was given.
pub struct Journal {
    folder: PathBuf,
    instance: Instance,
    options: Options,
    /// Locked as long as it is open.
    _lock: File,
    segment: SegmentFile,
    /// The hash of the last record, or the genesis.
    head: Hash,
    /// When the last record was written.
    time: u64,
    frontier: Frontier,
    tree: Tree,
    checkpoints: Appended,
    last_checkpoint: Option<Checkpoint>,
    /// A write failed in a way that leaves unknown what is on the disk.
    stopped: bool,
}

/// The segment that is written.
struct SegmentFile {
    number: u32,
    file: Appended,
    /// Bytes of its head.
    head: u64,
    month: Option<(i32, Month)>,
}

/// A file that grows at its end.
struct Appended {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Journal {
    /// Opens the journal in that folder, or begins one. What a crash left unfinished is cut off; what
    /// was acknowledged is all there.
    ///
    /// # Errors
    /// [`JournalError`]: anything else that is wrong with the last segment, the last checkpoint, or
    /// the numbers of segments.
    pub fn open(
        folder: &Path,
        instance: &Instance,
        options: Options,
    ) -> Result<(Self, Opened), JournalError> {
        opening::open(folder, instance, options)
    }

    /// Appends records, each with one of the payloads, and gives their numbers. When this returns they
    /// are on the disk; all of them cost one write and one wait for the disk, so that callers who
    /// come at the same time are best put together.
    ///
    /// `now` is in Unix milliseconds. A clock that goes back does not: the time is that of the record
    /// before, then.
    ///
    /// # Errors
    /// [`JournalError::TooLong`]: none of them is written. [`JournalError::File`]: none of them counts
    /// as written; the journal goes on where the disk says for sure what it holds (it is full, say),
    /// and is [`JournalError::Stopped`] from then on where it does not.
    pub fn append<P: AsRef<[u8]>>(
        &mut self,
        now: u64,
        payloads: &[P],
    ) -> Result<Vec<u64>, JournalError> {
        self.check_running()?;
        let lengths = payloads.iter().map(|payload| payload.as_ref().len());
        if let Some(length) = lengths.max().filter(|length| *length > LONGEST_PAYLOAD) {
            return Err(JournalError::TooLong { length });
        }
        if payloads.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.time.max(now);
        if self.segment.is_done(now, self.options) {
            self.begin_segment()?;
        }
        let mut frames = Vec::new();
        let (mut head, mut sequences, mut hashes) = (self.head, Vec::new(), Vec::new());
        for (payload, sequence) in payloads.iter().zip(self.size().saturating_add(1)..) {
            let record = Record {
                sequence,
                time: now,
                previous: head,
                payload: payload.as_ref().to_vec(),
            };
            head = record.write(&mut frames)?;
            sequences.push(sequence);
            hashes.push(head);
        }
        self.segment.file.append(&frames, &mut self.stopped)?;
        self.segment.month = Some(month(now));
        self.head = head;
        self.time = now;
        for hash in hashes {
            let Self { frontier, tree, .. } = self;
            frontier.push(merkle::leaf(&hash), |node| tree.push(node));
        }
        if self.tree.is_full() {
            // Only proofs need it, and they say so.
            let _ = self.tree.write();
        }
        Ok(sequences)
    }

    /// A checkpoint over all records, to be signed by the holder of that key and given to
    /// [`Self::keep`]. `others` is what is known of the journals of other instances.
    pub fn draft(&self, now: u64, signer: &CheckpointKey, others: Vec<OtherCheckpoint>) -> Draft {
        let state = (self.size(), self.frontier.root(), self.head);
        Draft::new(self.instance.clone(), state, now, signer, others)
    }

    /// Writes a checkpoint into the journal's own file.
    ///
    /// # Errors
    /// [`JournalError::NotAsCheckpoint`] when it is none of this journal; [`JournalError::File`].
    pub fn keep(&mut self, checkpoint: &Checkpoint) -> Result<(), JournalError> {
        self.check_running()?;
        let size = checkpoint.size();
        if *checkpoint.instance() != self.instance || *checkpoint.root() != self.root(size)? {
            return Err(JournalError::NotAsCheckpoint { size });
        }
        let line = checkpoint.to_line() + "\n";
        self.checkpoints
            .append(line.as_bytes(), &mut self.stopped)?;
        self.last_checkpoint = Some(checkpoint.clone());
        // What is under a checkpoint need not be read again for proofs.
        self.tree.write()
    }

    /// Makes, signs and keeps a checkpoint over all records.
    ///
    /// # Errors
    /// [`JournalError::Signer`], also when its key is none; [`JournalError::File`].
    pub fn checkpoint(
        &mut self,
        now: u64,
        others: Vec<OtherCheckpoint>,
        signer: &dyn CheckpointSigner,
    ) -> Result<Checkpoint, JournalError> {
        let key = CheckpointKey::from_spki(signer.public_key_spki())
            .map_err(|error| JournalError::Signer(error.into()))?;
        let draft = self.draft(now, &key, others);
        let checkpoint = draft.sign(signer).map_err(JournalError::Signer)?;
        self.keep(&checkpoint)?;
        Ok(checkpoint)
    }

    /// The root over the first records.
    ///
    /// # Errors
    /// [`JournalError::NoSuchSize`], [`JournalError::File`].
    pub fn root(&mut self, size: u64) -> Result<Hash, JournalError> {
        self.check_size(size)?;
        if size == self.size() {
            return Ok(self.frontier.root());
        }
        merkle::range(&mut self.tree, 0, size)
    }

    /// The proof that the record with that number is among the first `size`.
    /// [`merkle::verify_inclusion`] takes it with the index `sequence - 1` and
    /// [`merkle::leaf`] of the record's hash.
    ///
    /// # Errors
    /// [`JournalError::NoSuchSize`], [`JournalError::File`].
    pub fn inclusion(&mut self, sequence: u64, size: u64) -> Result<Vec<Hash>, JournalError> {
        self.check_size(size)?;
        match sequence.checked_sub(1) {
            Some(index) if index < size => merkle::inclusion(&mut self.tree, index, size),
            _ => Err(JournalError::NoSuchSize {
                size,
                asked: sequence,
            }),
        }
    }

    /// The proof that the first `first` records are the beginning of the first `second`, for
    /// [`Checkpoint::continues`].
    ///
    /// # Errors
    /// [`JournalError::NoSuchSize`], also when `first` is more than `second`; [`JournalError::File`].
    pub fn consistency(&mut self, first: u64, second: u64) -> Result<Vec<Hash>, JournalError> {
        self.check_size(second)?;
        if first > second {
            return Err(JournalError::NoSuchSize {
                size: second,
                asked: first,
            });
        }
        merkle::consistency(&mut self.tree, first, second)
    }

    /// How many records there are: the number of the last one.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The hash of the last record, or the genesis.
    pub const fn head(&self) -> &Hash {
        &self.head
    }

    /// Whose journal it is.
    pub const fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The last checkpoint that was kept.
    pub const fn last_checkpoint(&self) -> Option<&Checkpoint> {
        self.last_checkpoint.as_ref()
    }

    fn begin_segment(&mut self) -> Result<(), JournalError> {
        // INVARIANT: when opened again, the tree is read from the segment's head on, so what is before
        // that is on the disk.
        self.tree.sync()?;
        let number = self.segment.number.saturating_add(1);
        // Whether the next segment is there is not known if this fails.
        self.stopped = true;
        self.segment = SegmentFile::begin(
            &self.folder,
            &SegmentHeader::new(
                self.instance.clone(),
                number,
                (self.head, self.time),
                &self.frontier,
            ),
        )?;
        self.stopped = false;
        Ok(())
    }

    const fn check_running(&self) -> Result<(), JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        Ok(())
    }

    const fn check_size(&self, asked: u64) -> Result<(), JournalError> {
        let size = self.size();
        if asked > size {
            return Err(JournalError::NoSuchSize { size, asked });
        }
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // It is made again from the records otherwise.
        let _ = self.tree.write();
    }
}

impl SegmentFile {
    /// Makes the file.
    fn begin(folder: &Path, header: &SegmentHeader) -> Result<Self, JournalError> {
        let name = files::segment(header.number);
        let path = folder.join(&name);
        let bytes = header.to_bytes();
        files::make(folder, &name, &bytes).map_err(JournalError::file(&path))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(Self {
            number: header.number,
            file: Appended::open(path, length)?,
            head: length,
            month: None,
        })
    }

    /// Whether the next record goes into another one.
    fn is_done(&self, now: u64, options: Options) -> bool {
        let another_month = self.month.is_some_and(|of_last| of_last != month(now));
        let has_records = self.file.length > self.head;
        has_records && (another_month || self.file.length >= options.segment_bytes)
    }
}

impl Appended {
    /// Opens a file that has that length.
    fn open(path: PathBuf, length: u64) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(&path);
        Ok(Self {
            file: file.map_err(JournalError::file(&path))?,
            path,
            length,
        })
    }

    /// Appends bytes and waits until the disk has them. `stopped` becomes true when it is not known
    /// afterwards what the file holds.
    fn append(&mut self, bytes: &[u8], stopped: &mut bool) -> Result<(), JournalError> {
        let at = SeekFrom::Start(self.length);
        let written = self.file.seek(at).and_then(|_| self.file.write_all(bytes));
        if let Err(error) = written {
            // A part of it may be there: a full disk takes what it can.
            let cut = self
                .file
                .set_len(self.length)
                .and_then(|()| self.file.sync_all());
            *stopped = cut.is_err();
            return Err(JournalError::file(&self.path)(error));
        }
        // What failed to reach the disk once is not tried again by the system, and not told again.
        if let Err(error) = self.file.sync_data() {
            *stopped = true;
            return Err(JournalError::file(&self.path)(error));
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(length);
        Ok(())
    }
}

/// The month (UTC) of a time in Unix milliseconds.
pub fn month(time: u64) -> (i32, Month) {
    let seconds = i64::try_from(time / 1000).unwrap_or(i64::MAX);
    // Times beyond the year 9999 are all in one month.
    let at = OffsetDateTime::from_unix_timestamp(seconds);
    at.map_or((i32::MAX, Month::December), |at| (at.year(), at.month()))
}
