//! A segment: a file of records, with a head that says what went before it.
//!
//! The head is `LJS1`, the length of the text (4 bytes, big-endian), the text in JSON, and SHA-256 over
//! all of it. Frames of records follow.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files;
use crate::merkle::Frontier;
use crate::record::{Frames, Next, Record};
use crate::{Damage, Hash, Instance, JournalError};

const MAGIC: &[u8; 4] = b"LJS1";
const FORMAT: u32 = 1;
/// Bytes of the text at most: 64 hashes in hex, and the rest.
const LONGEST: u32 = 8 * 1024;

/// What stands at the head of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentHeader {
    format: u32,
    /// Whose journal it is.
    pub instance: Instance,
    /// Which segment, from 1.
    pub number: u32,
    /// The number of its first record.
    pub first: u64,
    /// The hash of the record before that, or the genesis.
    #[serde(with = "hex::serde")]
    pub previous: Hash,
    /// When that was written, in Unix milliseconds; 0 where there is none.
    pub time: u64,
    /// The roots of the complete subtrees over all records before it, the widest first.
    peaks: Vec<Peak>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Peak(#[serde(with = "hex::serde")] Hash);

impl SegmentHeader {
    /// For the segment that goes on from there.
    pub(crate) fn new(
        instance: Instance,
        number: u32,
        (previous, time): (Hash, u64),
        tree: &Frontier,
    ) -> Self {
        Self {
            format: FORMAT,
            instance,
            number,
            first: tree.size().saturating_add(1),
            previous,
            time,
            peaks: tree.peaks().iter().copied().map(Peak).collect(),
        }
    }

    /// The tree over all records before it.
    pub fn frontier(&self) -> Option<Frontier> {
        let peaks = self.peaks.iter().map(|peak| peak.0).collect();
        Frontier::new(self.first.checked_sub(1)?, peaks)
    }

    /// As it stands in the file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Numbers, texts and lists of them: nothing that JSON cannot write.
        let text = serde_json::to_vec(self).unwrap_or_default();
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&text);
        let sum: Hash = Sha256::digest(&bytes).into();
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// Reads it, and says how long it is. None where there is no such head, or another one than was
    /// written.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(file: &mut impl Read) -> io::Result<Option<(Self, u64)>> {
        let mut bytes = Vec::new();
        file.by_ref().take(8).read_to_end(&mut bytes)?;
        let length = bytes
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.first_chunk());
        let length = match length.map(|length| u32::from_be_bytes(*length)) {
            Some(length) if length <= LONGEST => u64::from(length),
            _ => return Ok(None),
        };
        file.by_ref().take(length + 32).read_to_end(&mut bytes)?;
        let whole = 8 + length + 32;
        let Some((said, sum)) = bytes.split_last_chunk::<32>() else {
            return Ok(None);
        };
        let actual: Hash = Sha256::digest(said).into();
        if u64::try_from(bytes.len()) != Ok(whole) || actual != *sum {
            return Ok(None);
        }
        let header: Option<Self> = said
            .get(8..)
            .and_then(|text| serde_json::from_slice(text).ok());
        let header = header.filter(|header| header.format == FORMAT && header.frontier().is_some());
        Ok(header.map(|header| (header, whole)))
    }
}

/// A segment that is being read.
pub struct Segment<R> {
    pub header: SegmentHeader,
    /// Bytes of the head.
    pub length: u64,
    pub frames: Frames<R>,
}

impl<R: BufRead> Segment<R> {
    /// None where there is no head of a segment.
    pub fn read(mut file: R) -> io::Result<Option<Self>> {
        let read = SegmentHeader::read(&mut file)?;
        Ok(read.map(|(header, length)| Self {
            header,
            length,
            frames: Frames::new(file, length),
        }))
    }
}

/// Opens the segment with that number.
pub fn open(folder: &Path, number: u32) -> Result<Segment<BufReader<File>>, JournalError> {
    let name = files::segment(number);
    let path = folder.join(&name);
    let file = File::open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => JournalError::SegmentMissing { file: name.clone() },
        _ => JournalError::File {
            file: path.clone(),
            error,
        },
    })?;
    let read = Segment::read(BufReader::with_capacity(BUFFER, file));
    let segment = read.map_err(JournalError::file(&path))?;
    let segment = segment.filter(|segment| segment.header.number == number);
    segment.ok_or(JournalError::Damaged {
        file: name,
        offset: 0,
        sequence: 0,
        damage: Damage::NoHead,
    })
}

const BUFFER: usize = 256 * 1024;

/// The records of a journal from a number on, one after the other, as they stand there: what is damaged
/// is an error. A journal that is being written ends where it was when that was reached.
///
/// # Errors
/// [`JournalError`].
pub fn records(folder: &Path, from: u64) -> Result<Records, JournalError> {
    let numbers = files::segments(folder)?;
    let mut start = numbers.first().copied().unwrap_or(1);
    for number in numbers.iter().rev() {
        start = *number;
        if open(folder, *number)?.header.first <= from {
            break;
        }
    }
    Ok(Records {
        folder: folder.to_owned(),
        number: start,
        last: numbers.last().copied().unwrap_or(0),
        from,
        segment: None,
    })
}

/// An iterator over [`records`].
pub struct Records {
    folder: PathBuf,
    number: u32,
    last: u32,
    from: u64,
    segment: Option<Segment<BufReader<File>>>,
}

impl Records {
    fn next_record(&mut self) -> Result<Option<(Record, Hash)>, JournalError> {
        loop {
            let segment = match &mut self.segment {
                Some(segment) => segment,
                None if self.number > self.last => return Ok(None),
                none => none.insert(open(&self.folder, self.number)?),
            };
            let name = files::segment(self.number);
            let path = self.folder.join(&name);
            let damaged = |offset, damage| JournalError::Damaged {
                file: name.clone(),
                offset,
                sequence: self.from,
                damage,
            };
            match segment
                .frames
                .next_frame()
                .map_err(JournalError::file(&path))?
            {
                Next::Frame(frame) if !frame.is_whole() => {
                    return Err(damaged(frame.offset, Damage::Changed));
                }
                Next::Frame(frame) if frame.record.sequence >= self.from => {
                    self.from = frame.record.sequence.saturating_add(1);
                    return Ok(Some((frame.record, frame.hash)));
                }
                Next::Frame(_) => {}
                Next::Nothing { offset } => return Err(damaged(offset, Damage::NoRecord)),
                // It is being written.
                Next::Unfinished { .. } if self.number == self.last => return Ok(None),
                Next::Unfinished { offset } => return Err(damaged(offset, Damage::Unfinished)),
                Next::End => {
                    self.segment = None;
                    self.number = self.number.saturating_add(1);
                }
            }
        }
    }
}

impl Iterator for Records {
    type Item = Result<(Record, Hash), JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_record();
        if next.is_err() {
            // Nothing comes after it.
            self.segment = None;
            self.number = self.last.saturating_add(1);
        }
        next.transpose()
    }
}
