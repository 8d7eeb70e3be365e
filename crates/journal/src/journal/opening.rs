//! Opening a journal: what is there is checked, and what a crash left unfinished is cut off.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Appended, Cut, Journal, Opened, Options, SegmentFile, month};
use crate::checkpoint::{Checkpoint, CheckpointError, LONGEST_CHECKPOINT};
use crate::merkle::{self, Frontier};
use crate::record::{Frame, Next, genesis};
use crate::segment::{self, SegmentHeader};
use crate::tree::Tree;
use crate::{Damage, Hash, Instance, JournalError, files};

/// A disk writes such blocks as a whole.
const BLOCK: u64 = 512;

pub fn open(
    folder: &Path,
    instance: &Instance,
    options: Options,
) -> Result<(Journal, Opened), JournalError> {
    fs::create_dir_all(folder).map_err(JournalError::file(folder))?;
    let lock = lock(folder)?;
    files::remove_unfinished(folder).map_err(JournalError::file(folder))?;
    let mut opened = Opened::default();
    let (checkpoints, last_checkpoint) = last_checkpoint(folder, &mut opened)?;

    let numbers = files::segments(folder)?;
    for (number, expected) in numbers.iter().zip(1..) {
        if *number != expected {
            let file = files::segment(expected);
            return Err(JournalError::SegmentMissing { file });
        }
    }
    let read = match (numbers.last(), &last_checkpoint) {
        (Some(last), _) => read_last(folder, *last, instance, &mut opened)?,
        (None, None) => begin(folder, instance)?,
        // Somebody removed all of them.
        (None, Some(_)) => {
            let file = files::segment(1);
            return Err(JournalError::SegmentMissing { file });
        }
    };
    let mut journal = Journal {
        folder: folder.to_owned(),
        instance: instance.clone(),
        options,
        _lock: lock,
        segment: read.segment,
        head: read.head,
        time: read.time,
        frontier: read.frontier,
        tree: read.tree,
        checkpoints,
        last_checkpoint: None,
        stopped: false,
    };
    if let Some(checkpoint) = last_checkpoint {
        let size = checkpoint.size();
        let same = *checkpoint.instance() == *instance
            && size <= journal.size()
            && journal.root(size)? == *checkpoint.root();
        if !same {
            return Err(JournalError::NotAsCheckpoint { size });
        }
        journal.last_checkpoint = Some(checkpoint);
    }
    Ok((journal, opened))
}

fn lock(folder: &Path) -> Result<File, JournalError> {
    let path = folder.join(files::LOCK);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(JournalError::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(JournalError::file(&path)(error)),
    }
}

/// What the records say.
struct Found {
    segment: SegmentFile,
    head: Hash,
    time: u64,
    frontier: Frontier,
    tree: Tree,
}

fn begin(folder: &Path, instance: &Instance) -> Result<Found, JournalError> {
    let (head, frontier) = (genesis(instance), Frontier::default());
    let tree = Tree::begin(folder)?;
    let header = SegmentHeader::new(instance.clone(), 1, (head, 0), &frontier);
    Ok(Found {
        segment: SegmentFile::begin(folder, &header)?,
        head,
        time: 0,
        frontier,
        tree,
    })
}

/// Reads the last segment from its head to its end.
fn read_last(
    folder: &Path,
    number: u32,
    instance: &Instance,
    opened: &mut Opened,
) -> Result<Found, JournalError> {
    let name = files::segment(number);
    let path = folder.join(&name);
    let mut segment = segment::open(folder, number)?;
    let header = segment.header;
    if header.instance != *instance {
        return Err(JournalError::AnotherInstance {
            found: header.instance,
            asked: instance.clone(),
        });
    }
    let mut frontier = header.frontier().unwrap_or_default();
    let mut tree = match Tree::open(folder, &frontier)? {
        Some(tree) => tree,
        None => remake_tree(folder, &header, opened)?,
    };
    let (mut head, mut time, mut month_of_last) = (header.previous, header.time, None);
    let mut end = segment.length;
    loop {
        let expected = frontier.size().saturating_add(1);
        let damaged = |offset, damage| JournalError::Damaged {
            file: name.clone(),
            offset,
            sequence: expected,
            damage,
        };
        let next = segment
            .frames
            .next_frame()
            .map_err(JournalError::file(&path))?;
        let (wrong, wrong_end) = match next {
            Next::End => break,
            Next::Unfinished { offset } => {
                opened.record_cut = Some(cut(&path, &name, offset)?);
                break;
            }
            Next::Nothing { offset } => (damaged(offset, Damage::NoRecord), offset + 60),
            Next::Frame(frame) => match fault(&frame, expected, &head, time) {
                None => {
                    head = frame.hash;
                    time = frame.record.time;
                    month_of_last = Some(month(time));
                    end = frame.end;
                    frontier.push(merkle::leaf(&head), |node| tree.push(node));
                    if tree.is_full() {
                        tree.write()?;
                    }
                    continue;
                }
                Some(damage) => (damaged(frame.offset, damage), frame.end),
            },
        };
        // A crash of the system may leave a length without the blocks.
        if was_not_written(&path, end, wrong_end).map_err(JournalError::file(&path))? {
            opened.record_cut = Some(cut(&path, &name, end)?);
            break;
        }
        return Err(wrong);
    }
    let file = Appended::open(path.clone(), end)?;
    // What a writer who was killed left complete counts from now on, so the disk must have it.
    file.file.sync_all().map_err(JournalError::file(&path))?;
    Ok(Found {
        segment: SegmentFile {
            number,
            file,
            head: segment.length,
            month: month_of_last,
        },
        head,
        time,
        frontier,
        tree,
    })
}

fn fault(frame: &Frame, expected: u64, head: &Hash, time: u64) -> Option<Damage> {
    let found = frame.record.sequence;
    if !frame.is_whole() {
        Some(Damage::Changed)
    } else if found > expected {
        Some(Damage::Missing { found })
    } else if found < expected {
        Some(Damage::OutOfOrder { found })
    } else if frame.record.previous != *head {
        Some(Damage::ChainBroken)
    } else if frame.record.time < time {
        Some(Damage::TimeBackwards)
    } else {
        None
    }
}

/// Whether the file is nothing but zeros from a block on that begins before the end of the frame at
/// fault: blocks that were never written. Neither the text of a record nor its hash ends so.
fn was_not_written(path: &Path, begin: u64, frame_end: u64) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begin))?;
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)?;
    let written = rest
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let zeros_from = begin.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
    let block = zeros_from.div_ceil(BLOCK).saturating_mul(BLOCK);
    let end = begin.saturating_add(u64::try_from(rest.len()).unwrap_or(u64::MAX));
    Ok(block < end && block < frame_end)
}

/// Cuts a file off, for good.
fn cut(path: &Path, name: &str, offset: u64) -> Result<Cut, JournalError> {
    let refused = || JournalError::file(path);
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(refused())?;
    let length = file.metadata().map_err(refused())?.len();
    file.set_len(offset).map_err(refused())?;
    file.sync_all().map_err(refused())?;
    Ok(Cut {
        file: name.to_owned(),
        offset,
        bytes: length.saturating_sub(offset),
    })
}

/// Makes the hashes of the tree again, up to the beginning of that segment.
fn remake_tree(
    folder: &Path,
    until: &SegmentHeader,
    opened: &mut Opened,
) -> Result<Tree, JournalError> {
    opened.tree_remade = until.first > 1;
    let mut tree = Tree::begin(folder)?;
    let mut frontier = Frontier::default();
    for record in segment::records(folder, 1)? {
        let (record, hash) = record?;
        if record.sequence >= until.first {
            break;
        }
        frontier.push(merkle::leaf(&hash), |node| tree.push(node));
        if tree.is_full() {
            tree.write()?;
        }
    }
    if until.frontier() != Some(frontier) {
        return Err(JournalError::Damaged {
            file: files::segment(until.number),
            offset: 0,
            sequence: until.first,
            damage: Damage::HeadDiffers,
        });
    }
    tree.sync()?;
    Ok(tree)
}

/// Opens the file of checkpoints and reads the last one.
fn last_checkpoint(
    folder: &Path,
    opened: &mut Opened,
) -> Result<(Appended, Option<Checkpoint>), JournalError> {
    let path = folder.join(files::CHECKPOINTS);
    let refused = || JournalError::file(&path);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            files::make(folder, files::CHECKPOINTS, &[]).map_err(refused())?;
            return Ok((Appended::open(path, 0)?, None));
        }
        Err(error) => return Err(refused()(error)),
    };
    let length = file.metadata().map_err(refused())?.len();
    // The last line and an unfinished one behind it.
    let longest = u64::try_from(2 * (LONGEST_CHECKPOINT + 1)).unwrap_or(u64::MAX);
    let mut tail = Vec::new();
    let begin = length.saturating_sub(longest);
    file.seek(SeekFrom::Start(begin)).map_err(refused())?;
    file.read_to_end(&mut tail).map_err(refused())?;
    let whole = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let end = begin.saturating_add(u64::try_from(whole).unwrap_or(u64::MAX));
    if whole < tail.len() {
        opened.checkpoint_cut = Some(cut(&path, files::CHECKPOINTS, end)?);
    }
    let appended = Appended::open(path, end)?;
    let lines = tail.get(..whole.saturating_sub(1)).unwrap_or_default();
    if lines.is_empty() {
        return Ok((appended, None));
    }
    let last = lines
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let parsed = str::from_utf8(last)
        .map_err(|_| CheckpointError::NotACheckpoint)
        .and_then(Checkpoint::parse);
    match parsed {
        Ok(checkpoint) => Ok((appended, Some(checkpoint))),
        Err(error) => {
            let line = count_lines(&appended.path).map_err(JournalError::file(&appended.path))?;
            Err(JournalError::Checkpoint { line, error })
        }
    }
}

fn count_lines(path: &Path) -> io::Result<u64> {
    let file = io::BufReader::new(File::open(path)?);
    let mut lines = 0;
    for byte in file.bytes() {
        lines += u64::from(byte? == b'\n');
    }
    Ok(lines)
}
