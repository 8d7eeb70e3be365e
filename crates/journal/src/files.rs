//! Names of a journal's files, and how they come to be there.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::JournalError;

pub const CHECKPOINTS: &str = "checkpoints.log";
pub const LOCK: &str = "lock";
pub const TREE: &str = "tree.log";
/// What a file is called before it is whole.
const UNFINISHED: &str = "unfinished";

/// The name of a segment.
pub fn segment(number: u32) -> String {
    format!("records-{number:06}.log")
}

/// The number of the segment with that name.
pub fn segment_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("records-")?.strip_suffix(".log")?;
    let number = number.parse().ok()?;
    (segment(number) == name).then_some(number)
}

/// The numbers of the segments that are there, in order.
pub fn segments(folder: &Path) -> Result<Vec<u32>, JournalError> {
    let refused = || JournalError::file(folder);
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused())? {
        let name = entry.map_err(refused())?.file_name();
        numbers.extend(name.to_str().and_then(segment_number));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Makes a file that is there as a whole or not at all, also when the power fails.
pub fn make(folder: &Path, name: &str, contents: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(UNFINISHED);
    let mut file = File::create(&unfinished)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    sync_folder(folder)
}

/// Removes what was left of a file that was being made.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(UNFINISHED)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes sure that the names in a folder are on the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Ok(folder) => folder.sync_all(),
        // Some systems open no folder; names are their own business there.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}
