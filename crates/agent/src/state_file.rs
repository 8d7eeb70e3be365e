//! A small file of ours that is kept from run to run: JSON, readable by this user alone, written as a
//! whole or not at all.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    marker::PhantomData,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use lichna_ipc::{Failure, home::private_folder};
use serde::{Serialize, de::DeserializeOwned};

/// Such a file. Where there is none, its contents are the default.
pub struct StateFile<T> {
    file: PathBuf,
    longest: u64,
    /// One change at a time.
    mine: Mutex<()>,
    contents: PhantomData<fn() -> T>,
}

impl<T: Default + Serialize + DeserializeOwned> StateFile<T> {
    /// At that path. It counts as damaged when it has more than `longest` bytes.
    pub const fn new(file: PathBuf, longest: u64) -> Self {
        Self {
            file,
            longest,
            mine: Mutex::new(()),
            contents: PhantomData,
        }
    }

    /// What is in it.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`].
    pub fn read(&self) -> Result<T, Failure> {
        let read = read(&self.file, self.longest);
        read.map(Option::unwrap_or_default)
            .map_err(|error| self.unreadable(&error.to_string()))
    }

    /// Changes what is in it. One that cannot be read is begun anew: what is kept like this can be
    /// asked for again.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`]; it is as it was then.
    pub fn change<C>(&self, change: impl FnOnce(&mut T) -> C) -> Result<C, Failure> {
        let _mine = self.mine.lock().unwrap_or_else(PoisonError::into_inner);
        let mut contents = self.read().unwrap_or_default();
        let changed = change(&mut contents);
        self.write(&contents)
            .map_err(|error| self.unreadable(&error.to_string()))?;
        Ok(changed)
    }

    fn write(&self, contents: &T) -> std::io::Result<()> {
        write(&self.file, contents)
    }

    fn unreadable(&self, reason: &str) -> Failure {
        Failure::FileUnreadable {
            file: self.file.display().to_string(),
            reason: reason.to_owned(),
        }
    }
}

/// What is in such a file, of at most `longest` bytes; `None` where there is none.
///
/// # Errors
/// What the system said, or what is wrong in it.
pub fn read<T: DeserializeOwned>(file: &Path, longest: u64) -> std::io::Result<Option<T>> {
    let mut text = Vec::new();
    match fs::File::open(file) {
        Ok(file) => file.take(longest).read_to_end(&mut text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(serde_json::from_slice(&text)?))
}

/// Writes a file as a whole or not at all. When this returns, it is on the disk.
///
/// # Errors
/// What the system said; the file is as it was then.
pub fn write(file: &Path, contents: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(contents)?;
    text.push(b'\n');
    write_bytes(file, &text)
}

/// The same, for what is no JSON.
///
/// # Errors
/// As [`write`].
pub fn write_bytes(file: &Path, contents: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().ok_or(ErrorKind::NotFound)?;
    private_folder(folder).map_err(std::io::Error::other)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(contents)?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Has a new name, or one that is gone, on the disk. Where the system opens no folders (Windows),
/// it does so itself.
///
/// # Errors
/// What the system said.
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    match fs::File::open(folder) {
        Ok(folder) => match folder.sync_all() {
            Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
            done => done,
        },
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}
