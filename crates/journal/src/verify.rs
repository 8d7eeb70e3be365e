//! Checking a journal, an archive or an export against checkpoints.
//!
//! The chain of hashes finds whatever was done to records by somebody who did not work out all hashes
//! behind them anew; a checkpoint finds the rest, up to its size. What comes after the last checkpoint
//! that is known has the chain alone.

mod archived;
mod exported;
mod folder;
mod verifier;

use core::fmt;
use std::path::Path;

use serde::Serialize;

use crate::{Checkpoint, CheckpointKey, Damage, Instance, JournalError};

pub use archived::verify_archive;
pub(crate) use verifier::Verifier;

/// Faults that are listed; the rest are counted.
const MOST_FAULTS: usize = 1000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose journal it is, where that could be read.
    pub instance: Option<Instance>,
    /// The number of the first record; 0 where there is none.
    pub first: u64,
    /// The number of the last record.
    pub last: u64,
    /// Records that were read.
    pub records: u64,
    /// Checkpoints that records were compared with.
    pub checkpoints: u64,
    /// Up to this record a checkpoint agrees. Whatever comes after it has the chain alone.
    pub vouched: u64,
    /// The last record, or the last checkpoint, is unfinished: it is being written, or a crash left it, and it was never
    /// acknowledged.
    pub unfinished: bool,
    /// What is wrong, the first 1000.
    pub faults: Vec<Fault>,
    /// Faults beyond these.
    pub more_faults: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub const fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// The byte at which the record begins, or the line of a text.
    pub at: u64,
    /// The record that should be there, or that a checkpoint is about.
    pub sequence: u64,
    /// What is wrong.
    #[serde(flatten)]
    pub what: Wrong,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            at,
            sequence,
            what,
        } = self;
        write!(f, "{file}, at {at}, record {sequence}: {what}")
    }
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "wrong", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Wrong {
    /// With a record, or with the head of a segment.
    #[error("{0}")]
    Record(Damage),
    /// A file is not there.
    #[error("the file is missing")]
    FileMissing,
    /// A file that should not be there.
    #[error("the file does not belong here")]
    FileUnknown,
    /// It belongs to the journal of another instance.
    #[error("it belongs to the journal of {found}")]
    AnotherInstance {
        /// Whose it is.
        found: Instance,
    },
    /// A checkpoint is none, or its signature is wrong.
    #[error("the checkpoint: {reason}")]
    Checkpoint {
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint with fewer records than the one before it.
    #[error("the checkpoint has fewer records than the one before it")]
    CheckpointBackwards,
    /// The records are others than those that the checkpoint was signed over.
    #[error(
        "the records up to {size} are not those of the checkpoint; up to {agreed} a checkpoint agrees"
    )]
    NotAsCheckpoint {
        /// Records under the checkpoint.
        size: u64,
        /// Records up to which an earlier checkpoint agrees.
        agreed: u64,
    },
    /// There were more records once.
    #[error("the end was cut off: a checkpoint says {size} records, {last} is the last one")]
    CutOff {
        /// Records under the checkpoint.
        size: u64,
        /// The last record that is there.
        last: u64,
    },
    /// A file of an archive is not as its signed list says.
    #[error("the file is not the one that the archive's list was signed over")]
    NotAsListed,
    /// The list of an archive is not signed by one of the keys.
    #[error("the archive's list is not signed with one of the keys")]
    ListNotSigned,
}

/// Checks what is at that path: the folder of a journal or of an export, or the file of an archive.
/// `later` are checkpoints that were kept elsewhere, of this instance, or of others that name it.
///
/// # Errors
/// [`JournalError`], when it cannot be read or is none of these. What is wrong with a journal that can
/// be read is in the [`Report`].
pub fn verify(
    path: &Path,
    keys: &[CheckpointKey],
    later: &[Checkpoint],
) -> Result<Report, JournalError> {
    if path.join(crate::export::RECORDS).is_file() {
        exported::verify(path, keys, later)
    } else if path.is_dir() {
        folder::verify(path, keys, later)
    } else {
        archived::verify(path, keys, later)
    }
}
