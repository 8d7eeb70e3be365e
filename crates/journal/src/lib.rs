//! The journal of events: append-only, hash-chained, under signed checkpoints.
//!
//! A journal is a folder. Each record names the hash of the record before it, and all records are the
//! leaves of a Merkle tree (RFC 9162); a [`Checkpoint`] is the signed root of that tree at some size.
//! Whoever kept any checkpoint finds whatever was deleted, changed, put in, moved or cut off before
//! it, and nobody can make up another past that it agrees with.
//!
//! - [`Journal`] is the one writer of a folder.
//! - [`Checkpoint`], [`CheckpointKey`] and [`merkle`] are for whoever keeps checkpoints elsewhere: no
//!   file is read there.
//! - [`verify`] checks a folder, an archive or an export against checkpoints.
//! - [`archive`] and [`export`] make what is kept for years.
//!
//! Times are Unix milliseconds. Records are numbered from 1, so that the number of the last one is the
//! number of records. What a record holds is the caller's, up to [`LONGEST_PAYLOAD`] bytes; it must hold
//! nothing that would ever have to be deleted, so no personal number.
#![forbid(unsafe_code)]

pub mod archive;
mod checkpoint;
mod error;
pub mod export;
mod files;
mod instance;
mod journal;
mod key;
pub mod merkle;
mod record;
mod segment;
mod sum;
mod tree;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, Draft, LONGEST_CHECKPOINT, OtherCheckpoint};
pub use error::{Damage, JournalError};
pub use instance::Instance;
pub use journal::{Cut, Journal, Opened, Options};
pub use key::{CheckpointKey, CheckpointSigner, KeyError, SignerError, SigningFile};
pub use record::{Frame, Frames, LONGEST_PAYLOAD, Next, Record, genesis};
pub use segment::{Records, SegmentHeader, records};

/// SHA-256 of something.
pub type Hash = [u8; 32];
