//! Where Lichna keeps its things.
//!
//! | what | with `LICHNA_HOME` | without, on Linux |
//! |---|---|---|
//! | configuration | `$LICHNA_HOME/config.toml` | `~/.config/lichna/config.toml` |
//! | the user's card profiles | `$LICHNA_HOME/profiles/` | `~/.config/lichna/profiles/` |
//! | cache | `$LICHNA_HOME/cache/` | `~/.cache/lichna/` |
//! | log | `$LICHNA_HOME/state/agent.log` | `~/.local/state/lichna/agent.log` |
//! | practice cards | `$LICHNA_HOME/state/practice-cards/` | `~/.local/state/lichna/practice-cards/` |
//! | sandbox authority | `$LICHNA_HOME/state/sandbox/` | `~/.local/state/lichna/sandbox/` |
//! | lock | `$LICHNA_HOME/run/agent.lock` | `~/.local/state/lichna/run/agent.lock` |
//! | socket | `$LICHNA_HOME/run/agent.sock` | `$XDG_RUNTIME_DIR/lichna/agent.sock` |
//!
//! A socket's path may have no more than 107 bytes. Where it would be longer, the socket goes to
//! the user's runtime folder, under a hash of the path that it should have had.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use sha2::{Digest, Sha256};
use thiserror::Error;

mod private_folder;

pub use private_folder::{new_file_for_owner, private_folder};

/// The variable that moves everything.
pub const VARIABLE: &str = "LICHNA_HOME";

/// Longest path of a Unix socket on Linux: `sun_path` less the NUL. It has 4 bytes less on macOS.
#[cfg(unix)]
const LONGEST_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Why there is no place to keep things.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The system names no home folder for this user.
    #[error("this user has no home folder; set {VARIABLE}")]
    NoHomeFolder,
    /// [`VARIABLE`] is set to a path that cannot be made absolute.
    #[error("{VARIABLE} is not a usable path: {}", path.display())]
    Unusable {
        /// As it is set.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder is not a folder of this user alone.
    #[error("{} {reason}", folder.display())]
    NotOurs {
        /// Which.
        folder: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A folder cannot be made.
    #[error("{} cannot be made", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Where Lichna keeps its things. Making one touches nothing; [`Home::prepare`] makes the folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    moved_to: Option<PathBuf>,
    configuration: PathBuf,
    cache: PathBuf,
    state: PathBuf,
    lock: PathBuf,
    socket: PathBuf,
}

impl Home {
    /// As `LICHNA_HOME` says, else as the system does it.
    ///
    /// # Errors
    /// [`HomeError::NoHomeFolder`] and [`HomeError::Unusable`].
    pub fn from_environment() -> Result<Self, HomeError> {
        match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
            Some(path) => Self::at(Path::new(&path)),
            None => Self::of_user(),
        }
    }

    /// Everything under one folder.
    ///
    /// # Errors
    /// [`HomeError::Unusable`].
    pub fn at(folder: &Path) -> Result<Self, HomeError> {
        let folder = std::path::absolute(folder).map_err(|source| HomeError::Unusable {
            path: folder.to_owned(),
            source,
        })?;
        let run = folder.join("run");
        Ok(Self {
            configuration: folder.clone(),
            cache: folder.join("cache"),
            state: folder.join("state"),
            lock: run.join(LOCK),
            socket: short(run.join(SOCKET)),
            moved_to: Some(folder),
        })
    }

    fn of_user() -> Result<Self, HomeError> {
        let folders = ProjectDirs::from("bg", "", "lichna").ok_or(HomeError::NoHomeFolder)?;
        let state = folders
            .state_dir()
            .unwrap_or_else(|| folders.data_local_dir())
            .to_owned();
        let run = state.join("run");
        let socket = folders.runtime_dir().unwrap_or(&run).join(SOCKET);
        Ok(Self {
            moved_to: None,
            configuration: folders.config_dir().to_owned(),
            cache: folders.cache_dir().to_owned(),
            lock: run.join(LOCK),
            socket: short(socket),
            state,
        })
    }

    /// The configuration, TOML. It need not exist.
    #[must_use]
    pub fn configuration_file(&self) -> PathBuf {
        self.configuration.join("config.toml")
    }

    /// The folder of the user's own card profiles. It need not exist.
    #[must_use]
    pub fn profiles(&self) -> PathBuf {
        self.configuration.join("profiles")
    }

    /// The folder of what may be thrown away.
    #[must_use]
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The folder of what is kept from run to run.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The agent's log.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.state.join("agent.log")
    }

    /// The folder of the practice cards, a file for each. It need not exist.
    #[must_use]
    pub fn practice_cards(&self) -> PathBuf {
        self.state.join("practice-cards")
    }

    /// The folder of the authority for practice. It need not exist.
    #[must_use]
    pub fn sandbox(&self) -> PathBuf {
        self.state.join("sandbox")
    }

    /// Which cards' CANs are in the key store; no CAN itself. It need not exist.
    #[must_use]
    pub fn remembered_cans(&self) -> PathBuf {
        self.state.join("remembered-cans.json")
    }

    /// The programs that the holder wants to be asked less for. It need not exist.
    #[must_use]
    pub fn remembered_programs(&self) -> PathBuf {
        self.state.join("remembered-programs.json")
    }

    /// When the holder was last told that a certificate ends. It need not exist.
    #[must_use]
    pub fn notices(&self) -> PathBuf {
        self.state.join("notices.json")
    }

    /// What keys were used for, sealed. It need not exist.
    #[must_use]
    pub fn uses(&self) -> PathBuf {
        self.state.join("uses.json")
    }

    /// The folder of enrolments and renewals that are under way, a file for each. It need not exist.
    #[must_use]
    pub fn tasks(&self) -> PathBuf {
        self.state.join("tasks")
    }

    /// The last checkpoints of authorities' journals that were seen. It need not exist.
    #[must_use]
    pub fn journal_checkpoints(&self) -> PathBuf {
        self.state.join("journal-checkpoints.json")
    }

    /// What the agent said on its way up, when a client started it.
    #[must_use]
    pub fn start_log_file(&self) -> PathBuf {
        self.state.join("agent-start.log")
    }

    /// The file that the one agent holds a lock on.
    #[must_use]
    pub fn lock_file(&self) -> &Path {
        &self.lock
    }

    /// The agent's socket; on Windows the name of its pipe.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The variable that gives another process the same home.
    #[must_use]
    pub fn environment(&self) -> Option<(&'static str, OsString)> {
        let folder = self.moved_to.as_ref()?;
        Some((VARIABLE, folder.clone().into_os_string()))
    }

    /// Makes the folders that the agent writes to, for this user alone.
    ///
    /// # Errors
    /// [`HomeError::NotOurs`] and [`HomeError::Folder`].
    pub fn prepare(&self) -> Result<(), HomeError> {
        private_folder(&self.state)?;
        for file in [&self.lock, &self.socket] {
            // A named pipe has no folder.
            if let Some(folder) = file.parent().filter(|_| !file.starts_with(r"\\.\pipe")) {
                private_folder(folder)?;
            }
        }
        Ok(())
    }
}

const LOCK: &str = "agent.lock";
const SOCKET: &str = "agent.sock";

/// `path`, or one in the runtime folder when it is too long for a socket.
#[cfg(unix)]
fn short(path: PathBuf) -> PathBuf {
    if path.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return path;
    }
    let hash = hash(&path);
    let user = rustix::process::geteuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime
        .into_iter()
        .chain([PathBuf::from(format!("/run/user/{user}"))])
        .find(|folder| folder.is_absolute() && folder.as_os_str().len() < 60 && folder.is_dir())
        .map_or_else(
            // One level only: what lies in a folder of ours in `/tmp`, no other user can move.
            || PathBuf::from(format!("/tmp/lichna-{user}-{hash}")),
            |folder| folder.join("lichna").join(&hash),
        )
        .join(SOCKET)
}

/// The pipe's name: pipes live in one namespace for all users.
#[cfg(windows)]
fn short(path: PathBuf) -> PathBuf {
    PathBuf::from(format!(r"\\.\pipe\lichna-{}", hash(&path)))
}

fn hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_under_the_given_folder() {
        let home = Home::at(Path::new("/srv/one")).unwrap();
        for path in [
            home.configuration_file(),
            home.profiles(),
            home.cache().to_owned(),
            home.log_file(),
            home.lock_file().to_owned(),
            home.socket().to_owned(),
        ] {
            assert!(path.starts_with("/srv/one"), "{}", path.display());
        }
    }

    #[test]
    fn a_long_home_has_a_short_socket_of_its_own() {
        let long = |end: &str| Home::at(Path::new(&format!("/srv/{}/{end}", "x".repeat(150))));
        let (one, two) = (long("1").unwrap(), long("2").unwrap());
        assert!(one.socket().as_os_str().len() <= LONGEST_SOCKET_PATH);
        assert_ne!(one.socket(), two.socket());
        assert_eq!(one.socket(), long("1").unwrap().socket());
        assert!(one.lock_file().starts_with("/srv"));
    }
}
