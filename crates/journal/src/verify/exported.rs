//! Checking an export.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::{Report, Verifier, Wrong};
use crate::checkpoint::LONGEST_CHECKPOINT;
use crate::export::{CHECKPOINTS, LONGEST_LINE, Line, RECORDS, Start};
use crate::{Checkpoint, CheckpointKey, Damage, JournalError};

pub fn verify(
    folder: &Path,
    keys: &[CheckpointKey],
    later: &[Checkpoint],
) -> Result<Report, JournalError> {
    let mut verifier = Verifier::new(keys, later);
    lines(folder, CHECKPOINTS, LONGEST_CHECKPOINT, |number, line| {
        verifier.checkpoint(CHECKPOINTS, number, line);
    })?;
    lines(folder, RECORDS, LONGEST_LINE, |number, line| {
        let no_record = Wrong::Record(Damage::NoRecord);
        if number > 1 {
            let line = serde_json::from_slice(line).ok();
            match line.and_then(Line::into_record) {
                Some((record, hash)) => verifier.record(RECORDS, number, &record, &hash),
                None => verifier.fault(RECORDS, number, no_record),
            }
        } else if let Some(start) = Start::parse(line) {
            verifier.segment(RECORDS, &start.before, true);
        } else {
            verifier.fault(RECORDS, number, Wrong::Record(Damage::NoHead));
        }
    })?;
    Ok(verifier.finish(false))
}

/// Each line without its end, and its number. One that is too long is given as far as it may go, and is
/// the last.
fn lines(
    folder: &Path,
    name: &str,
    longest: usize,
    mut each: impl FnMut(u64, &[u8]),
) -> Result<(), JournalError> {
    let path = folder.join(name);
    let mut read = || -> io::Result<()> {
        let mut file = BufReader::new(File::open(&path)?);
        let most = u64::try_from(longest.saturating_add(1)).unwrap_or(u64::MAX);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            file.by_ref().take(most).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            match line.strip_suffix(b"\n") {
                Some(text) => each(number, text),
                None => {
                    each(number, &line);
                    break;
                }
            }
        }
        Ok(())
    };
    read().map_err(JournalError::file(&path))
}
