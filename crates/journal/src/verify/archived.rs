//! Checking an archive, in one pass and without unpacking it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::folder::{read_checkpoints, read_segment};
use super::{Report, Verifier, Wrong};
use crate::archive::{LONGEST_LIST, Listed, MANIFEST, Manifest, SIGNATURE};
use crate::sum::Summed;
use crate::{Checkpoint, CheckpointKey, JournalError, files};

pub fn verify(
    path: &Path,
    keys: &[CheckpointKey],
    later: &[Checkpoint],
) -> Result<Report, JournalError> {
    let file = File::open(path).map_err(JournalError::file(path))?;
    verify_archive(BufReader::new(file), keys, later)
}

/// Checks an archive as it is read, from wherever it comes.
///
/// # Errors
/// [`JournalError::NotAnArchive`]. What is wrong with one that can be read is in the [`Report`].
pub fn verify_archive(
    file: impl Read,
    keys: &[CheckpointKey],
    later: &[Checkpoint],
) -> Result<Report, JournalError> {
    let unreadable = |error: io::Error| JournalError::NotAnArchive(error.to_string());
    let mut archive = tar::Archive::new(file);
    let mut entries = archive.entries().map_err(unreadable)?;
    let mut next = || -> Result<_, JournalError> {
        let Some(entry) = entries.next() else {
            return Ok(None);
        };
        let entry = entry.map_err(unreadable)?;
        let name = entry
            .path()
            .map_err(unreadable)?
            .to_string_lossy()
            .into_owned();
        Ok(Some((name, entry)))
    };
    let mut head = |expected: &str| -> Result<Vec<u8>, JournalError> {
        let none = || JournalError::NotAnArchive(format!("there is no {expected}"));
        let (_, entry) = next()?
            .filter(|(name, _)| name == expected)
            .ok_or_else(none)?;
        let mut bytes = Vec::new();
        entry
            .take(LONGEST_LIST)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        Ok(bytes)
    };
    let text = head(MANIFEST)?;
    let signature = head(SIGNATURE)?;
    let manifest = Manifest::parse(&text)
        .ok_or_else(|| JournalError::NotAnArchive(format!("{MANIFEST} is no such list")))?;

    let mut verifier = Verifier::new(keys, later);
    if !keys
        .iter()
        .any(|key| *key.id() == manifest.key && key.verifies(&text, &signature))
    {
        verifier.fault(MANIFEST, 0, Wrong::ListNotSigned);
    }
    for (listed, place) in manifest.files.iter().zip(1..) {
        let Some((name, entry)) = next()? else {
            verifier.fault(&listed.name, 0, Wrong::FileMissing);
            break;
        };
        if name != listed.name {
            verifier.fault(&name, 0, Wrong::FileUnknown);
            break;
        }
        let is_last = place == manifest.files.len();
        entry_of(&mut verifier, listed, is_last, entry).map_err(unreadable)?;
    }
    while let Some((name, _)) = next()? {
        verifier.fault(&name, 0, Wrong::FileUnknown);
    }
    let (last, root, _) = verifier.state();
    if last != manifest.last || root.is_some_and(|root| root != manifest.root) {
        let (size, agreed) = (manifest.last, 0);
        verifier.fault(MANIFEST, 0, Wrong::NotAsCheckpoint { size, agreed });
    }
    Ok(verifier.finish(false))
}

/// A file that the list names.
fn entry_of(
    verifier: &mut Verifier<'_>,
    listed: &Listed,
    is_last: bool,
    entry: impl Read,
) -> io::Result<()> {
    let mut entry = Summed::new(entry);
    let mut buffered = BufReader::new(&mut entry);
    if listed.name == files::CHECKPOINTS {
        read_checkpoints(verifier, &mut buffered)?;
    } else if let Some(number) = files::segment_number(&listed.name) {
        let is_first = verifier.is_empty();
        read_segment(
            verifier,
            &listed.name,
            number,
            &mut buffered,
            is_last,
            is_first,
        )?;
    }
    io::copy(&mut buffered, &mut io::sink())?;
    if entry.sum() != (listed.size, listed.sha256) {
        verifier.fault(&listed.name, 0, Wrong::NotAsListed);
    }
    Ok(())
}
