//! What can be wrong with a journal.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::{CheckpointError, Instance, SignerError};

/// Why a journal cannot be opened, written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The operating system says no.
    #[error("{}: {error}", file.display())]
    File {
        /// Which file or folder.
        file: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// Another process writes it.
    #[error("{}: another process writes this journal", folder.display())]
    InUse {
        /// The journal.
        folder: PathBuf,
    },
    /// It is the journal of another instance.
    #[error("the journal is that of {found}, not of {asked}")]
    AnotherInstance {
        /// Whose it is.
        found: Instance,
        /// Whose it should be.
        asked: Instance,
    },
    /// Something that was written is not as it was written.
    #[error("{file}, byte {offset}, record {sequence}: {damage}")]
    Damaged {
        /// The file's name in the journal.
        file: String,
        /// Where the record at fault begins.
        offset: u64,
        /// The record that is expected there.
        sequence: u64,
        /// What is wrong.
        damage: Damage,
    },
    /// Segments are numbered without a gap.
    #[error("{file} is missing")]
    SegmentMissing {
        /// The file's name in the journal.
        file: String,
    },
    /// A checkpoint in the journal's own file is wrong.
    #[error("checkpoints.log, line {line}: {error}")]
    Checkpoint {
        /// From 1.
        line: u64,
        /// What is wrong.
        error: CheckpointError,
    },
    /// The journal has fewer records than its checkpoint says, or others.
    #[error(
        "a checkpoint says {size} records with another root: records were changed or are missing"
    )]
    NotAsCheckpoint {
        /// Records under the checkpoint.
        size: u64,
    },
    /// A payload of more bytes than one may have.
    #[error("a record of {length} bytes is too long")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// An earlier write failed, so what is on the disk is not known; open the journal again.
    #[error("an earlier write to the journal failed")]
    Stopped,
    /// The journal has no so many records.
    #[error("the journal has {size} records, not {asked}")]
    NoSuchSize {
        /// Records that it has.
        size: u64,
        /// Records that were asked for.
        asked: u64,
    },
    /// A name that no instance can have.
    #[error("an instance's name has 1 to 64 of a-z, 0-9, '.', '_', '-'")]
    InstanceName,
    /// The signer of checkpoints failed.
    #[error("the checkpoint could not be signed: {0}")]
    Signer(SignerError),
    /// There is nothing to put into an archive or an export.
    #[error("no record is in that range")]
    NothingThere,
    /// An archive that is none of ours.
    #[error("not an archive of a journal: {0}")]
    NotAnArchive(String),
}

impl JournalError {
    pub(crate) fn file(file: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::File {
            file: file.to_owned(),
            error,
        }
    }
}

/// What is wrong with a record, or with the head of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "damage", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Damage {
    /// The bytes are no record.
    #[error("no record begins here")]
    NoRecord,
    /// The file ends in the middle of it.
    #[error("the record is unfinished")]
    Unfinished,
    /// Its own hash is not that of what it holds.
    #[error("the record was changed: its hash is not that of what it holds")]
    Changed,
    /// It names another hash than that of the record before it.
    #[error("the record before it was replaced: its hash is another one")]
    ChainBroken,
    /// Records are missing before it.
    #[error("records are missing: this is record {found}")]
    Missing {
        /// Its number.
        found: u64,
    },
    /// It was seen before, or belongs elsewhere.
    #[error("out of order: this is record {found}")]
    OutOfOrder {
        /// Its number.
        found: u64,
    },
    /// It is older than the record before it.
    #[error("its time is before that of the record before it")]
    TimeBackwards,
    /// The segment has no head of ours.
    #[error("the head of the segment is no such head, or was changed")]
    NoHead,
    /// The head of the segment does not continue the segment before it.
    #[error("the head of the segment does not continue the segment before it")]
    HeadDiffers,
}
