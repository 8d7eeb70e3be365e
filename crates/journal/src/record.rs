//! A record, and the frame that it stands in.
//!
//! ```text
//! 0   4   "LJR1"
//! 4   4   length of the payload, L ≤ 65536
//! 8   8   sequence, from 1
//! 16  8   time, Unix milliseconds
//! 24  32  hash of the record before, or the genesis
//! 56  4   check: the first bytes of SHA-256 over the 56 bytes before
//! 60  L   payload
//!     32  hash of the record: SHA-256 over "lichna-journal-record-1", 0, bytes 4 to 56, and the payload
//! ```
//!
//! Numbers are big-endian. The check is there so that a length can be believed: a frame with a right
//! check that the file ends in is an unfinished one, and nothing else.

use std::io::{self, BufRead, Read};

use sha2::{Digest, Sha256};

use crate::{Hash, Instance, JournalError};

/// Bytes of a payload at most.
pub const LONGEST_PAYLOAD: usize = 64 * 1024;

const MAGIC: &[u8; 4] = b"LJR1";
/// Bytes before the payload.
const HEADER: usize = 60;
/// Bytes of the header that the check is over.
const CHECKED: usize = 56;
/// Bytes after the payload.
const TRAILER: usize = 32;
const RECORD: &[u8] = b"lichna-journal-record-1\0";
const GENESIS: &[u8] = b"lichna-journal-genesis-1\0";

/// What the first record of an instance's journal names as the hash before it.
pub fn genesis(instance: &Instance) -> Hash {
    Sha256::new_with_prefix(GENESIS)
        .chain_update(instance.as_str())
        .finalize()
        .into()
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1.
    pub sequence: u64,
    /// When it was written, in Unix milliseconds; never less than that of the record before.
    pub time: u64,
    /// The hash of the record before it.
    pub previous: Hash,
    /// What it records.
    pub payload: Vec<u8>,
}

impl Record {
    /// What the hash and the check are over, from the length to the hash of the record before.
    fn fields(&self) -> Option<[u8; CHECKED - 4]> {
        let length = u32::try_from(self.payload.len()).ok()?;
        let mut fields = [0; CHECKED - 4];
        let parts: [&[u8]; 4] = [
            &length.to_be_bytes(),
            &self.sequence.to_be_bytes(),
            &self.time.to_be_bytes(),
            &self.previous,
        ];
        let bytes = parts.iter().flat_map(|part| part.iter());
        for (field, byte) in fields.iter_mut().zip(bytes) {
            *field = *byte;
        }
        Some(fields)
    }

    /// The hash of the record, which the next one names and which is its leaf in the tree.
    ///
    /// # Errors
    /// [`JournalError::TooLong`].
    pub fn hash(&self) -> Result<Hash, JournalError> {
        Ok(hash(&self.checked_fields()?, &self.payload))
    }

    fn checked_fields(&self) -> Result<[u8; CHECKED - 4], JournalError> {
        let length = self.payload.len();
        self.fields()
            .filter(|_| length <= LONGEST_PAYLOAD)
            .ok_or(JournalError::TooLong { length })
    }

    /// Adds its frame to the bytes, and gives its hash.
    ///
    /// # Errors
    /// [`JournalError::TooLong`]; nothing is added.
    pub fn write(&self, frames: &mut Vec<u8>) -> Result<Hash, JournalError> {
        let fields = self.checked_fields()?;
        let hash = hash(&fields, &self.payload);
        frames.extend_from_slice(MAGIC);
        frames.extend_from_slice(&fields);
        frames.extend_from_slice(&check(&fields));
        frames.extend_from_slice(&self.payload);
        frames.extend_from_slice(&hash);
        Ok(hash)
    }
}

/// What begins a frame of a record, and whether the bytes are a header: for finding the next one
/// after bytes that are none.
fn header(bytes: &[u8; HEADER]) -> Option<(usize, Record)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (fields, found) = rest.split_first_chunk::<{ CHECKED - 4 }>()?;
    if check(fields) != *found {
        return None;
    }
    let (length, rest) = fields.split_first_chunk()?;
    let (sequence, rest) = rest.split_first_chunk()?;
    let (time, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let record = Record {
        sequence: u64::from_be_bytes(*sequence),
        time: u64::from_be_bytes(*time),
        previous: rest.try_into().ok()?,
        payload: Vec::new(),
    };
    (length <= LONGEST_PAYLOAD).then_some((length, record))
}

fn check(fields: &[u8; CHECKED - 4]) -> [u8; 4] {
    let digest: Hash = Sha256::new_with_prefix(MAGIC)
        .chain_update(fields)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn hash(fields: &[u8; CHECKED - 4], payload: &[u8]) -> Hash {
    Sha256::new_with_prefix(RECORD)
        .chain_update(fields)
        .chain_update(payload)
        .finalize()
        .into()
}

/// A record where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where its frame begins.
    pub offset: u64,
    /// Where it ends.
    pub end: u64,
    /// What is in it.
    pub record: Record,
    /// The hash that stands behind it.
    pub hash: Hash,
}

impl Frame {
    /// Whether the hash that stands behind the record is that of what it holds.
    pub fn is_whole(&self) -> bool {
        self.record.hash().is_ok_and(|hash| hash == self.hash)
    }
}

/// What comes next in a file of frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A record, whose hash may be a wrong one.
    Frame(Frame),
    /// The file ends in the middle of a frame.
    Unfinished {
        /// Where the frame begins.
        offset: u64,
    },
    /// Bytes that are no frame.
    Nothing {
        /// Where they begin.
        offset: u64,
    },
    /// The file ends behind a frame.
    End,
}

/// Reads frames one after the other.
pub struct Frames<R> {
    file: R,
    offset: u64,
    /// Bytes that were read and belong to what comes next.
    ahead: Vec<u8>,
}

impl<R: BufRead> Frames<R> {
    /// From a file that is read up to that offset.
    pub const fn new(file: R, offset: u64) -> Self {
        Self {
            file,
            offset,
            ahead: Vec::new(),
        }
    }

    /// The next frame. After [`Next::Nothing`] it is the same again until [`Self::skip`].
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_frame(&mut self) -> io::Result<Next> {
        let offset = self.offset;
        self.fill(HEADER)?;
        if self.ahead.is_empty() {
            return Ok(Next::End);
        }
        let Some((bytes, _)) = self.ahead.split_first_chunk() else {
            let begins = MAGIC
                .iter()
                .zip(&self.ahead)
                .all(|(one, other)| one == other);
            return Ok(if begins {
                Next::Unfinished { offset }
            } else {
                Next::Nothing { offset }
            });
        };
        let Some((length, mut record)) = header(bytes) else {
            return Ok(Next::Nothing { offset });
        };
        self.fill(HEADER + length + TRAILER)?;
        let rest = self.ahead.get(HEADER..).unwrap_or_default();
        let (Some(payload), Some(hash)) = (
            rest.get(..length),
            rest.get(length..).and_then(|rest| rest.first_chunk()),
        ) else {
            return Ok(Next::Unfinished { offset });
        };
        record.payload = payload.to_vec();
        let hash = *hash;
        let taken = HEADER + length + TRAILER;
        self.take(taken);
        Ok(Next::Frame(Frame {
            offset,
            end: self.offset,
            record,
            hash,
        }))
    }

    /// After bytes that are no frame: goes on to where the next one may begin, and says how many bytes
    /// were passed over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn skip(&mut self) -> io::Result<u64> {
        let from = self.offset;
        while !self.ahead.is_empty() {
            self.take(1);
            self.fill(HEADER)?;
            match self.ahead.first_chunk() {
                Some(bytes) if header(bytes).is_some() => break,
                // Most bytes do not even begin one.
                Some(_) => {
                    let next = self.ahead.iter().position(|byte| *byte == MAGIC[0]);
                    self.take(next.unwrap_or(self.ahead.len()).saturating_sub(1));
                }
                None => {}
            }
        }
        Ok(self.offset.saturating_sub(from))
    }

    fn fill(&mut self, length: usize) -> io::Result<()> {
        if let Some(more) = length.checked_sub(self.ahead.len()) {
            let more = u64::try_from(more).unwrap_or(u64::MAX);
            self.file.by_ref().take(more).read_to_end(&mut self.ahead)?;
        }
        Ok(())
    }

    fn take(&mut self, length: usize) {
        let length = length.min(self.ahead.len());
        self.ahead.drain(..length);
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length);
    }
}
