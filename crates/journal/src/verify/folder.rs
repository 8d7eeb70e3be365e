//! Checking the folder of a journal, which may be written at the same time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use super::{Report, Verifier, Wrong};
use crate::checkpoint::LONGEST_CHECKPOINT;
use crate::segment::Segment;
use crate::{Checkpoint, CheckpointKey, Damage, JournalError, files};

pub fn verify(
    folder: &Path,
    keys: &[CheckpointKey],
    later: &[Checkpoint],
) -> Result<Report, JournalError> {
    let mut verifier = Verifier::new(keys, later);
    // What a checkpoint speaks of was written before it, so it is read after it.
    let path = folder.join(files::CHECKPOINTS);
    match File::open(&path) {
        Ok(file) => read_checkpoints(&mut verifier, BufReader::new(file))
            .map_err(JournalError::file(&path))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            verifier.fault(files::CHECKPOINTS, 0, Wrong::FileMissing);
        }
        Err(error) => return Err(JournalError::file(&path)(error)),
    }
    let numbers = files::segments(folder)?;
    let last = numbers.last().copied().unwrap_or(1);
    for number in 1..=last {
        let name = files::segment(number);
        let path = folder.join(&name);
        if !numbers.contains(&number) {
            verifier.fault(&name, 0, Wrong::FileMissing);
            continue;
        }
        let file = File::open(&path).map_err(JournalError::file(&path))?;
        let file = BufReader::new(file);
        read_segment(&mut verifier, &name, number, file, number == last, false)
            .map_err(JournalError::file(&path))?;
    }
    Ok(verifier.finish(true))
}

/// All lines of the file of checkpoints. An unfinished last one is being written.
pub fn read_checkpoints(verifier: &mut Verifier<'_>, mut file: impl BufRead) -> io::Result<()> {
    let longest = u64::try_from(LONGEST_CHECKPOINT + 2).unwrap_or(u64::MAX);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        file.by_ref().take(longest).read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\n") {
            Some(text) => verifier.checkpoint(files::CHECKPOINTS, number, text),
            None if line.len() > LONGEST_CHECKPOINT => {
                verifier.checkpoint(files::CHECKPOINTS, number, &line);
                return Ok(());
            }
            None => {
                verifier.unfinished(!line.is_empty());
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A whole segment.
pub fn read_segment(
    verifier: &mut Verifier<'_>,
    name: &str,
    number: u32,
    file: impl BufRead,
    is_last: bool,
    begins_anywhere: bool,
) -> io::Result<()> {
    match Segment::read(file)? {
        Some(mut segment) if segment.header.number == number => {
            verifier.segment(name, &segment.header, begins_anywhere);
            verifier.frames(name, &mut segment.frames, is_last)
        }
        _ => {
            verifier.fault(name, 0, Wrong::Record(Damage::NoHead));
            Ok(())
        }
    }
}
