//! The files of tasks, one each, and which of them are at work.

use std::{
    collections::HashMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lichna_ipc::{Failure, TaskInfo};

use super::record::Record;
use crate::{changes::Changes, state_file};

/// Most bytes of a task's file.
const LONGEST: u64 = 1 << 20;
/// Most tasks that are kept.
const MOST: usize = 256;

/// All tasks.
pub struct Shelf {
    folder: PathBuf,
    /// Those at work: the number of the card by the id of the task.
    running: Arc<Mutex<HashMap<String, String>>>,
    changes: Changes,
}

/// A task that is at work, as long as this lives.
pub struct Running {
    id: String,
    running: Arc<Mutex<HashMap<String, String>>>,
    changes: Changes,
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.id);
        self.changes.tell();
    }
}

impl Shelf {
    /// In that folder, which need not exist.
    pub fn new(folder: PathBuf, changes: Changes) -> Self {
        Self {
            folder,
            running: Arc::default(),
            changes,
        }
    }

    /// All tasks, as clients are told of them, the oldest first.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`].
    pub fn list(&self) -> Result<Vec<TaskInfo>, Failure> {
        let records = self.records()?;
        let running = lock(&self.running);
        let infos = records
            .iter()
            .map(|record| record.info(running.contains_key(&record.id)));
        Ok(infos.collect())
    }

    /// One task.
    ///
    /// # Errors
    /// [`Failure::TaskUnknown`], [`Failure::FileUnreadable`].
    pub fn read(&self, id: &str) -> Result<Record, Failure> {
        let unknown = || Failure::TaskUnknown {
            task: id.chars().take(64).collect(),
        };
        if !Record::is_id(id) {
            return Err(unknown());
        }
        self.file(&self.path(id))?.ok_or_else(unknown)
    }

    /// Puts a task to work, if its card has no other.
    ///
    /// # Errors
    /// [`Failure::TaskRunning`], [`Failure::CardHasTask`], [`Failure::FileUnreadable`].
    pub fn begin(&self, id: &str, card: &str) -> Result<Running, Failure> {
        let records = self.records()?;
        let mut running = lock(&self.running);
        let of_card = running.iter().find(|(_, other)| *other == card);
        if let Some((task, _)) = of_card {
            return Err(Failure::TaskRunning { task: task.clone() });
        }
        let other = records
            .into_iter()
            .find(|record| record.card == card && record.id != id);
        if let Some(other) = other {
            return Err(Failure::CardHasTask {
                card: other.card,
                task: other.id,
            });
        }
        running.insert(id.to_owned(), card.to_owned());
        self.changes.tell();
        Ok(Running {
            id: id.to_owned(),
            running: Arc::clone(&self.running),
            changes: self.changes.clone(),
        })
    }

    /// Keeps a task as it is now. When this returns, it is on the disk.
    ///
    /// # Errors
    /// [`Failure::TaskUnwritable`]; what was kept before is kept.
    pub fn write(&self, record: &Record) -> Result<(), Failure> {
        let written = state_file::write(&self.path(&record.id), record);
        self.changes.tell();
        written.map_err(|error| unwritable(&record.id, &error))
    }

    /// Keeps nothing of a task any more. Req 14.2
    ///
    /// # Errors
    /// [`Failure::TaskUnwritable`].
    pub fn remove(&self, id: &str) -> Result<(), Failure> {
        let removed = match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => state_file::sync_folder(&self.folder),
        };
        self.changes.tell();
        removed.map_err(|error| unwritable(id, &error))
    }

    fn records(&self) -> Result<Vec<Record>, Failure> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unreadable(&error.to_string())),
        };
        let mut records = Vec::new();
        for entry in entries.flatten().take(MOST) {
            let name = entry.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".json"));
            if id.is_some_and(Record::is_id)
                && let Some(record) = self.file(&entry.path())?
            {
                records.push(record);
            }
        }
        records.sort_by(|one, other| one.started_at.cmp(&other.started_at));
        Ok(records)
    }

    fn file(&self, path: &Path) -> Result<Option<Record>, Failure> {
        state_file::read(path, LONGEST).map_err(|error| Failure::FileUnreadable {
            file: path.display().to_string(),
            reason: error.to_string(),
        })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn unreadable(&self, reason: &str) -> Failure {
        Failure::FileUnreadable {
            file: self.folder.display().to_string(),
            reason: reason.to_owned(),
        }
    }
}

fn unwritable(task: &str, error: &std::io::Error) -> Failure {
    Failure::TaskUnwritable {
        task: task.to_owned(),
        reason: error.to_string(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use lichna_ipc::{AuthorityChoice, TaskKind};

    use super::*;

    const ONE: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
    const OTHER: &str = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

    fn record(id: &str, card: &str) -> Record {
        let authority = AuthorityChoice {
            url: "https://a.example".into(),
            root: None,
        };
        let began = "2026-11-22T07:00:00Z".into();
        Record::new(id.into(), TaskKind::Enrol, authority, began, card.into())
    }

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().join("tasks"), Changes::default());
        (folder, shelf)
    }

    #[test]
    fn what_was_written_is_read_until_it_is_removed() {
        let (_folder, shelf) = shelf();
        assert_eq!(shelf.list().unwrap(), []);
        shelf.write(&record(ONE, "LP1")).unwrap();
        assert_eq!(shelf.read(ONE).unwrap(), record(ONE, "LP1"));
        assert_eq!(shelf.list().unwrap().len(), 1);
        shelf.remove(ONE).unwrap();
        shelf.remove(ONE).unwrap();
        let unknown = Failure::TaskUnknown { task: ONE.into() };
        assert_eq!(shelf.read(ONE), Err(unknown));
    }

    #[test]
    fn a_card_has_one_task_at_a_time() {
        let (_folder, shelf) = shelf();
        let running = shelf.begin(ONE, "LP1").unwrap();
        let refused = shelf.begin(OTHER, "LP1").map(|_| ());
        assert_eq!(refused, Err(Failure::TaskRunning { task: ONE.into() }));
        let _of_another_card = shelf.begin(OTHER, "LP2").unwrap();
        shelf.write(&record(ONE, "LP1")).unwrap();
        drop(running);
        // It is still on the disk, and to be resumed.
        let refused = shelf.begin(OTHER, "LP1").map(|_| ());
        let has = Failure::CardHasTask {
            card: "LP1".into(),
            task: ONE.into(),
        };
        assert_eq!(refused, Err(has));
        let _again = shelf.begin(ONE, "LP1").unwrap();
    }

    #[test]
    fn an_id_is_no_path() {
        let (_folder, shelf) = shelf();
        for id in ["../../etc/passwd", "", "x", &ONE.to_uppercase()] {
            assert!(matches!(shelf.read(id), Err(Failure::TaskUnknown { .. })));
        }
    }

    #[test]
    fn a_damaged_file_is_named_and_not_taken_for_none() {
        let (_folder, shelf) = shelf();
        shelf.write(&record(ONE, "LP1")).unwrap();
        fs::write(shelf.path(ONE), "{\"id\":").unwrap();
        let Err(Failure::FileUnreadable { file, .. }) = shelf.begin(OTHER, "LP1").map(|_| ())
        else {
            panic!("another failure");
        };
        assert!(file.contains(ONE), "{file}");
    }
}
