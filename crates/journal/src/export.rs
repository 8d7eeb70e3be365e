//! An export, 26.2 and 39: records that can be read in twenty years, without this program.
//!
//! A folder with `records.jsonl` (a line that says what comes before, then a line for each record),
//! `checkpoints.jsonl` (the checkpoints over them) and `README.txt` (how to check them).

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::merkle::{self, Frontier};
use crate::record::{LONGEST_PAYLOAD, Record};
use crate::segment::{self, SegmentHeader};
use crate::{Checkpoint, Hash, JournalError, files};

pub(crate) const RECORDS: &str = "records.jsonl";
pub(crate) const CHECKPOINTS: &str = "checkpoints.jsonl";
const README: &str = "README.txt";
const HOW_TO_VERIFY: &str = include_str!("export/README.txt");

const FORMAT: &str = "lichna-journal-export-1";
/// Bytes of a line at most: a payload of which each byte is escaped, and the rest.
pub(crate) const LONGEST_LINE: usize = 6 * LONGEST_PAYLOAD + 1024;

/// The first line: what comes before the first record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    format: String,
    pub before: SegmentHeader,
}

/// The line of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number.
    pub sequence: u64,
    /// When it was written, in Unix milliseconds.
    pub time: u64,
    /// The hash of the record before it.
    #[serde(with = "hex::serde")]
    pub previous: Hash,
    /// What it records, where that is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// What it records, in base64, where that is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_base64: Option<String>,
    /// Its hash.
    #[serde(with = "hex::serde")]
    pub hash: Hash,
}

impl Line {
    /// For a record with its hash.
    pub fn new(record: Record, hash: Hash) -> Self {
        let (payload, payload_base64) = match String::from_utf8(record.payload) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(BASE64.encode(error.into_bytes()))),
        };
        Self {
            sequence: record.sequence,
            time: record.time,
            previous: record.previous,
            payload,
            payload_base64,
            hash,
        }
    }

    /// The record, with the hash that stands beside it. None where there is no payload, or two.
    pub(crate) fn into_record(self) -> Option<(Record, Hash)> {
        let payload = match (self.payload, self.payload_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(text)) => BASE64.decode(text).ok()?,
            _ => return None,
        };
        let record = Record {
            sequence: self.sequence,
            time: self.time,
            previous: self.previous,
            payload,
        };
        Some((record, self.hash))
    }
}

impl Start {
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let start: Self = serde_json::from_slice(line).ok()?;
        (start.format == FORMAT && start.before.frontier().is_some()).then_some(start)
    }
}

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The number of the first record.
    pub first: u64,
    /// The number of the last record.
    pub last: u64,
    /// Checkpoints over them.
    pub checkpoints: u64,
}

/// Exports the records from one number to another into a folder that is made for it. It goes on to the
/// next checkpoint behind them, where there is one, so that a signature is over all of them.
///
/// # Errors
/// [`JournalError::NothingThere`]; [`JournalError::Damaged`]; [`JournalError::File`], also when the
/// folder is there already.
pub fn export(folder: &Path, from: u64, to: u64, out: &Path) -> Result<Exported, JournalError> {
    let from = from.max(1);
    let checkpoints = checkpoints(folder, from)?;
    let covering = checkpoints
        .iter()
        .map(Checkpoint::size)
        .find(|size| *size >= to);
    let to = covering.unwrap_or(to);
    let start = start(folder, from)?;
    let mut records = segment::records(folder, from)?.peekable();
    if records.peek().is_none() || from > to {
        return Err(JournalError::NothingThere);
    }
    fs::create_dir(out).map_err(JournalError::file(out))?;
    let path = out.join(RECORDS);
    let file = File::create_new(&path).map_err(JournalError::file(&path))?;
    let mut file = BufWriter::new(file);
    write_line(&mut file, &start).map_err(JournalError::file(&path))?;
    let (mut last, mut head) = (from, start.before.previous);
    for record in records {
        let (record, hash) = record?;
        if record.sequence > to {
            break;
        }
        // What is damaged is not exported as if it were whole.
        if record.previous != head {
            return Err(JournalError::Damaged {
                file: RECORDS.to_owned(),
                offset: 0,
                sequence: record.sequence,
                damage: crate::Damage::ChainBroken,
            });
        }
        (last, head) = (record.sequence, hash);
        write_line(&mut file, &Line::new(record, hash)).map_err(JournalError::file(&path))?;
    }
    let written = file.into_inner().map_err(|error| error.into_error());
    let written = written.and_then(|file| file.sync_all());
    written.map_err(JournalError::file(&path))?;

    let mut count = 0;
    let mut lines = String::new();
    for checkpoint in checkpoints
        .iter()
        .filter(|checkpoint| checkpoint.size() <= last)
    {
        lines += &checkpoint.to_line();
        lines.push('\n');
        count += 1;
    }
    for (name, text) in [(CHECKPOINTS, lines.as_str()), (README, HOW_TO_VERIFY)] {
        files::make(out, name, text.as_bytes()).map_err(JournalError::file(&out.join(name)))?;
    }
    Ok(Exported {
        first: from,
        last,
        checkpoints: count,
    })
}

/// The checkpoints over at least that many records.
fn checkpoints(folder: &Path, from: u64) -> Result<Vec<Checkpoint>, JournalError> {
    let path = folder.join(files::CHECKPOINTS);
    let file = File::open(&path).map_err(JournalError::file(&path))?;
    let mut checkpoints = Vec::new();
    for (line, number) in BufReader::new(file).lines().zip(1..) {
        let line = line.map_err(JournalError::file(&path))?;
        let checkpoint = Checkpoint::parse(&line);
        let checkpoint = checkpoint.map_err(|error| JournalError::Checkpoint {
            line: number,
            error,
        })?;
        if checkpoint.size() >= from {
            checkpoints.push(checkpoint);
        }
    }
    Ok(checkpoints)
}

/// What comes before that record.
fn start(folder: &Path, from: u64) -> Result<Start, JournalError> {
    let mut found = None;
    for number in files::segments(folder)? {
        let header = segment::open(folder, number)?.header;
        if header.first > from {
            break;
        }
        found = Some(header);
    }
    let header = found.ok_or(JournalError::NothingThere)?;
    let mut tree: Frontier = header.frontier().unwrap_or_default();
    let (mut head, mut time) = (header.previous, header.time);
    for record in segment::records(folder, header.first)? {
        let (record, hash) = record?;
        if record.sequence >= from {
            break;
        }
        (head, time) = (hash, record.time);
        tree.push(merkle::leaf(&hash), |_| ());
    }
    Ok(Start {
        format: FORMAT.to_owned(),
        before: SegmentHeader::new(header.instance, header.number, (head, time), &tree),
    })
}

fn write_line(file: &mut impl Write, line: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}
