//! Where other programs look for PKCS#11 modules, and how Lichna's gets there and away again.
//! Req C.3.
//!
//! Nothing else is changed in these places, and what is put in can be taken out exactly: NSS's own
//! tool writes what is NSS's, a file of our own serves p11-kit, and of Firefox's policies one entry
//! is ours.

#![forbid(unsafe_code)]

mod chromium;
mod files;
mod firefox;
mod nss;
mod p11_kit;
mod policy;
mod surroundings;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use thiserror::Error;

pub use surroundings::Surroundings;

/// The name that the module has where it is registered.
const NAME: &str = "Lichna";

/// Why the module was not put in, or not taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "fields are named as the messages use them")]
pub enum BrowserError {
    #[error("the module {file} is not there")]
    ModuleMissing { file: String },
    #[error("modutil is not installed")]
    NssToolsMissing,
    #[error("modutil could not change {folder}: {reason}")]
    NssToolFailed { folder: String, reason: String },
    #[error("Firefox runs with the profile {profile}")]
    BrowserRunning { profile: String },
    #[error("{file} is not as it should be")]
    RegistryUnreadable { file: String },
    #[error("{file} cannot be written: {reason}")]
    RegistryUnwritable { file: String, reason: String },
}

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This user.
    User,
    /// All users of the computer.
    System,
}

/// What looks for modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Program {
    /// A profile of Firefox.
    Firefox,
    /// Chromium and its relatives, which share one place.
    Chromium,
    /// p11-kit: GnuTLS, OpenSSL, and what is built on them.
    P11Kit,
    /// The policies of Firefox, for all users.
    FirefoxPolicy,
}

/// How a program is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packaging {
    /// Like any other.
    Native,
    /// In a sandbox of snap.
    Snap,
    /// In a sandbox of Flatpak.
    Flatpak,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// This module is there.
    Registered,
    /// It is not.
    NotRegistered,
    /// Another file is there under its name.
    Elsewhere,
    /// It needs no entry: the program takes what p11-kit has.
    ThroughP11Kit,
    /// The sandbox of the program lets no module in.
    Impossible,
    /// What is there cannot be read.
    Unreadable,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Nothing: it is as it should be, or cannot be otherwise.
    Nothing,
    /// The module was put in.
    Added,
    /// The module was taken out.
    Removed,
}

/// One place where a program looks.
#[derive(Debug, Serialize)]
pub struct Place {
    /// The program.
    pub program: Program,
    /// How it is installed.
    pub packaging: Packaging,
    /// The folder or file.
    pub path: PathBuf,
    /// How it is.
    pub state: State,
    /// What is registered there as Lichna's module, or what stands for it.
    pub library: Option<PathBuf>,
    /// The program runs, and holds what would be changed.
    pub running: bool,
    #[serde(skip)]
    registry: Registry,
}

/// Who writes there.
#[derive(Debug)]
enum Registry {
    /// NSS's tool.
    Nss,
    /// A file of our own.
    P11Kit,
    /// An entry in a file of others.
    Policy,
    /// Nobody.
    None,
}

/// What is known of the module in one place.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    state: State,
    library: Option<PathBuf>,
}

impl Found {
    const NOTHING: Self = Self {
        state: State::NotRegistered,
        library: None,
    };

    /// Under our name this file is registered.
    fn library(found: &Path, module: &Path) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let state = if real(found) == real(module) {
            State::Registered
        } else {
            State::Elsewhere
        };
        Self {
            state,
            library: Some(found.to_path_buf()),
        }
    }

    const UNREADABLE: Self = Self {
        state: State::Unreadable,
        library: None,
    };
}

/// The places there are, in the order in which they are shown.
pub fn places(around: &Surroundings, scope: Scope) -> Vec<Place> {
    match scope {
        Scope::User => {
            let mut places = firefox::places(around);
            places.extend(chromium::places(around));
            places.push(p11_kit::of_user(around));
            places
        }
        Scope::System => vec![policy::place(around), p11_kit::of_system(around)],
    }
}

impl Place {
    fn new(program: Program, path: PathBuf, found: Found, registry: Registry) -> Self {
        Self {
            program,
            packaging: Packaging::Native,
            path,
            state: found.state,
            library: found.library,
            running: false,
            registry,
        }
    }

    fn in_sandbox(program: Program, packaging: Packaging, path: PathBuf) -> Self {
        let found = Found {
            state: State::Impossible,
            library: None,
        };
        Self {
            packaging,
            ..Self::new(program, path, found, Registry::None)
        }
    }

    /// Puts the module in.
    ///
    /// # Errors
    /// Why it was not put in; nothing is changed then.
    pub fn set_up(&mut self, module: &Path) -> Result<Change, BrowserError> {
        match self.state {
            State::NotRegistered | State::Elsewhere => {}
            State::Unreadable => return Err(self.unreadable()),
            _ => return Ok(Change::Nothing),
        }
        self.may_be_changed()?;
        match self.registry {
            Registry::Nss => {
                if self.state == State::Elsewhere {
                    nss::remove(&self.path)?;
                }
                nss::add(&self.path, module)?;
            }
            Registry::P11Kit => p11_kit::write(&self.path, module)?,
            Registry::Policy => policy::add(&self.path, module)?,
            Registry::None => return Ok(Change::Nothing),
        }
        self.state = State::Registered;
        self.library = Some(module.to_path_buf());
        Ok(Change::Added)
    }

    /// Takes the module out.
    ///
    /// # Errors
    /// Why it is still there.
    pub fn remove(&mut self) -> Result<Change, BrowserError> {
        match self.state {
            State::Registered | State::Elsewhere => {}
            State::Unreadable => return Err(self.unreadable()),
            _ => return Ok(Change::Nothing),
        }
        let removed = match self.registry {
            // Somebody may have added the same file under another name: that is his.
            Registry::Nss if !nss::has_ours(&self.path) => false,
            Registry::Nss => {
                self.may_be_changed()?;
                nss::remove(&self.path)?;
                true
            }
            Registry::P11Kit => {
                p11_kit::delete(&self.path)?;
                true
            }
            Registry::Policy => {
                policy::remove(&self.path)?;
                true
            }
            Registry::None => false,
        };
        if !removed {
            return Ok(Change::Nothing);
        }
        self.state = State::NotRegistered;
        self.library = None;
        Ok(Change::Removed)
    }

    fn may_be_changed(&self) -> Result<(), BrowserError> {
        if self.running {
            let profile = self.path.display().to_string();
            return Err(BrowserError::BrowserRunning { profile });
        }
        Ok(())
    }

    fn unreadable(&self) -> BrowserError {
        let file = self.path.display().to_string();
        BrowserError::RegistryUnreadable { file }
    }
}
