//! One agent a user.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::home::Home;

/// Why this process may not be the agent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SingleError {
    /// Another process is.
    #[error("an agent runs already")]
    AlreadyRunning,
    /// The lock file cannot be used.
    #[error("{} cannot be locked", file.display())]
    Lock {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The proof that this process is the only agent of this [`Home`]. The lock goes with the process,
/// however it ends.
#[derive(Debug)]
pub struct Single {
    _locked: File,
}

impl Single {
    /// Becomes the only agent. [`Home::prepare`] comes first.
    ///
    /// # Errors
    /// [`SingleError`].
    pub fn acquire(home: &Home) -> Result<Self, SingleError> {
        let failed = |source| SingleError::Lock {
            file: home.lock_file().to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(home.lock_file())
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _locked: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(SingleError::AlreadyRunning),
            Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
