//! The programs that the holder wants to be asked less for: in a file of ours, by path, device and
//! inode, so that another file in a program's place is another program.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lichna_ipc::{Failure, Peer, ProgramInfo, home::private_folder, peer::Executable};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::flows::certificates::moment;

/// Most programs; the one that was remembered first makes room.
const MOST_PROGRAMS: usize = 64;
/// Most bytes of the file.
const LONGEST_FILE: u64 = 256 * 1024;

/// The programs that are remembered.
pub struct RememberedPrograms {
    file: PathBuf,
    /// One change of the file at a time.
    file_is_mine: Mutex<()>,
}

/// A program in the file, the last one first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// RFC 3339.
    since: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    programs: Vec<Program>,
}

impl Program {
    fn is(&self, executable: &Executable) -> bool {
        self.path == executable.path
            && self.device == executable.device
            && self.inode == executable.inode
    }

    fn executable(&self) -> Executable {
        Executable {
            path: self.path.clone(),
            device: self.device,
            inode: self.inode,
        }
    }
}

impl RememberedPrograms {
    /// Those in this file.
    pub const fn new(file: PathBuf) -> Self {
        Self {
            file,
            file_is_mine: Mutex::new(()),
        }
    }

    /// Whether this program is remembered, and still may be.
    pub fn knows(&self, peer: &Peer) -> bool {
        let Some(executable) = peer.executable.as_ref() else {
            return false;
        };
        let programs = self.programs().unwrap_or_else(|failure| {
            tracing::warn!(%failure, "no program is remembered");
            Vec::new()
        });
        programs.iter().any(|one| one.is(executable)) && peer.may_be_remembered()
    }

    /// Remembers this program.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`]; nothing is remembered then, nor when it may not be.
    pub fn remember(&self, peer: &Arc<Peer>) -> Result<(), Failure> {
        let Some(executable) = peer.executable.clone().filter(|_| peer.may_be_remembered()) else {
            return Ok(());
        };
        self.change(|programs| {
            programs.retain(|one| one.path != executable.path);
            let program = Program {
                path: executable.path,
                device: executable.device,
                inode: executable.inode,
                since: moment(OffsetDateTime::now_utc()),
            };
            programs.insert(0, program);
            programs.truncate(MOST_PROGRAMS);
        })
    }

    /// All of them.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`].
    pub fn list(&self) -> Result<Vec<ProgramInfo>, Failure> {
        let programs = self.programs()?.into_iter();
        Ok(programs
            .map(|one| ProgramInfo {
                executable: one.path.display().to_string(),
                current: one.executable().is_still_there(),
                since: one.since,
            })
            .collect())
    }

    /// Forgets the one with this path, or all; says how many.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`].
    pub fn forget(&self, executable: Option<&str>) -> Result<u32, Failure> {
        let is_meant = |one: &Program| executable.is_none_or(|path| one.path == Path::new(path));
        if self.programs().is_ok_and(|all| !all.iter().any(is_meant)) {
            return Ok(0);
        }
        self.change(|programs| {
            let before = programs.len();
            programs.retain(|one| !is_meant(one));
            u32::try_from(before - programs.len()).unwrap_or(u32::MAX)
        })
    }

    fn programs(&self) -> Result<Vec<Program>, Failure> {
        let mut text = Vec::new();
        let read = match fs::File::open(&self.file) {
            Ok(file) => file.take(LONGEST_FILE).read_to_end(&mut text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => Err(error),
        };
        read.map_err(|error| self.unreadable(&error.to_string()))?;
        let list: List =
            serde_json::from_slice(&text).map_err(|error| self.unreadable(&error.to_string()))?;
        Ok(list.programs)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Program>) -> T) -> Result<T, Failure> {
        let _mine = self.lock();
        // A list that cannot be read is begun anew: the holder is asked once more, and that is all.
        let mut programs = self.programs().unwrap_or_default();
        let changed = change(&mut programs);
        self.write(&List { programs })
            .map_err(|error| self.unreadable(&error.to_string()))?;
        Ok(changed)
    }

    fn write(&self, list: &List) -> std::io::Result<()> {
        let folder = self.file.parent().ok_or(ErrorKind::NotFound)?;
        private_folder(folder).map_err(std::io::Error::other)?;
        // Readable by this user alone.
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut new, list)?;
        new.write_all(b"\n")?;
        new.as_file().sync_all()?;
        new.persist(&self.file).map_err(|error| error.error)?;
        Ok(())
    }

    fn unreadable(&self, reason: &str) -> Failure {
        Failure::FileUnreadable {
            file: self.file.display().to_string(),
            reason: reason.to_owned(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.file_is_mine
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
