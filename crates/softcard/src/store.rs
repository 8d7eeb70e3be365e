//! Where the sealed state lives: one file, written whole, and never half.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::SoftCardError;

/// Keeps the bytes that it was last given, or those before: nothing in between.
pub trait Store: Send {
    /// Replaces what is kept, and returns when it outlasts a loss of power.
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// A file that one process at a time may have open.
pub struct FileStore {
    path: PathBuf,
    /// Locked as long as it is open. Beside the card's file, which is another one at each write.
    _lock: File,
}

impl FileStore {
    /// Takes the card at `path` for this process.
    pub fn take(path: &Path) -> Result<Self, SoftCardError> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(path, "lock"))
            .map_err(SoftCardError::file("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(SoftCardError::InUse),
            Err(TryLockError::Error(error)) => Err(SoftCardError::file("lock")(error)),
        }
    }

    /// The whole file.
    pub fn read(&self) -> Result<Vec<u8>, SoftCardError> {
        read(&self.path)
    }

    /// Whether there is a file.
    pub fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Deletes the card, then the lock.
    pub fn delete(self) -> Result<(), SoftCardError> {
        fs::remove_file(&self.path).map_err(SoftCardError::file("delete"))?;
        // Left over by a process that was killed while it wrote.
        fs::remove_file(beside(&self.path, "new")).ok();
        fs::remove_file(beside(&self.path, "lock")).ok();
        Ok(())
    }
}

impl Store for FileStore {
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        let new = beside(&self.path, "new");
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&new, &self.path)?;
        // A folder cannot be opened as a file on every system; where it can, the new name is
        // written down too.
        match self.path.parent().map(File::open) {
            Some(Ok(folder)) => folder.sync_all(),
            _ => Ok(()),
        }
    }
}

/// Reads a card's file, which is no longer than [`LONGEST`].
pub fn read(path: &Path) -> Result<Vec<u8>, SoftCardError> {
    let file = File::open(path).map_err(SoftCardError::file("open"))?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(SoftCardError::file("read"))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(SoftCardError::NotACard {
            what: "it is too long",
        });
    }
    Ok(bytes)
}

/// The file of that name ending beside the card's.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(ending);
    name.into()
}

/// Four certificate files of 64 KiB, keys, and room.
const LONGEST: u64 = 1024 * 1024;
