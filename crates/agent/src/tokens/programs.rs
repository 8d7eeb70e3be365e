//! The programs that the holder wants to be asked less for: in a file of ours, by path, device and
//! inode, so that another file in a program's place is another program.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use lichna_ipc::{Failure, Peer, ProgramInfo, peer::Executable};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{flows::certificates::moment, state_file::StateFile};

/// Most programs; the one that was remembered first makes room.
const MOST_PROGRAMS: usize = 64;
/// Most bytes of the file.
const LONGEST_FILE: u64 = 256 * 1024;

/// The programs that are remembered.
pub struct RememberedPrograms(StateFile<List>);

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
        Self(StateFile::new(file, LONGEST_FILE))
    }

    /// Whether this program is remembered, and still may be.
    pub fn knows(&self, peer: &Peer) -> bool {
        let executable = peer.executable.as_ref();
        executable.is_some_and(|executable| self.has(executable)) && peer.may_be_remembered()
    }

    fn has(&self, executable: &Executable) -> bool {
        let programs = self.programs().unwrap_or_else(|failure| {
            tracing::warn!(%failure, "no program is remembered");
            Vec::new()
        });
        programs.iter().any(|one| one.executable() == *executable)
    }

    /// Remembers this program.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`]; nothing is remembered then, nor when it may not be.
    pub fn remember(&self, peer: &Arc<Peer>) -> Result<(), Failure> {
        match &peer.executable {
            Some(executable) if peer.may_be_remembered() => self.add(executable.clone()),
            _ => Ok(()),
        }
    }

    fn add(&self, executable: Executable) -> Result<(), Failure> {
        self.0.change(|List { programs }| {
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
        self.0.change(|List { programs }| {
            let before = programs.len();
            programs.retain(|one| !is_meant(one));
            u32::try_from(before - programs.len()).unwrap_or(u32::MAX)
        })
    }

    fn programs(&self) -> Result<Vec<Program>, Failure> {
        Ok(self.0.read()?.programs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executable(path: &str, inode: u64) -> Executable {
        Executable {
            path: path.into(),
            device: 1,
            inode,
        }
    }

    #[test]
    fn another_file_in_the_place_of_a_program_is_another_program() {
        let folder = tempfile::tempdir().unwrap();
        let programs = RememberedPrograms::new(folder.path().join("state/programs.json"));
        assert!(programs.list().unwrap().is_empty());
        programs.add(executable("/usr/bin/browser", 7)).unwrap();
        assert!(programs.has(&executable("/usr/bin/browser", 7)));
        assert!(!programs.has(&executable("/usr/bin/browser", 8)));
        assert!(!programs.has(&executable("/usr/bin/other", 7)));
        // It is remembered anew: the old file is not it any more.
        programs.add(executable("/usr/bin/browser", 8)).unwrap();
        assert!(!programs.has(&executable("/usr/bin/browser", 7)));
        let list = programs.list().unwrap();
        assert_eq!(list.len(), 1);
        assert!(!list[0].current, "there is no such file");
    }

    #[test]
    fn forgets_one_or_all() {
        let folder = tempfile::tempdir().unwrap();
        let programs = RememberedPrograms::new(folder.path().join("programs.json"));
        for path in ["/a", "/b", "/c"] {
            programs.add(executable(path, 1)).unwrap();
        }
        assert_eq!(programs.forget(Some("/b")), Ok(1));
        assert_eq!(programs.forget(Some("/b")), Ok(0));
        assert!(!programs.has(&executable("/b", 1)));
        assert!(programs.has(&executable("/c", 1)));
        assert_eq!(programs.forget(None), Ok(2));
        assert!(programs.list().unwrap().is_empty());
    }

    #[test]
    fn a_damaged_list_remembers_nobody_and_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("programs.json");
        std::fs::write(&file, "{").unwrap();
        let programs = RememberedPrograms::new(file);
        assert!(!programs.has(&executable("/a", 1)));
        assert!(programs.list().is_err());
        programs.add(executable("/a", 1)).unwrap();
        assert!(programs.has(&executable("/a", 1)));
    }

    #[test]
    fn keeps_no_more_than_so_many() {
        let folder = tempfile::tempdir().unwrap();
        let programs = RememberedPrograms::new(folder.path().join("programs.json"));
        for number in 0..=MOST_PROGRAMS {
            programs.add(executable(&format!("/{number}"), 1)).unwrap();
        }
        assert_eq!(programs.list().unwrap().len(), MOST_PROGRAMS);
        assert!(!programs.has(&executable("/0", 1)));
    }
}
