//! Where this user's files and the computer's are.

use std::env;
use std::path::{Path, PathBuf};

use lichna_ipc::{ClientProblem, installed};

use crate::BrowserError;

/// The folders that everything else is found in.
#[derive(Debug)]
pub struct Surroundings {
    /// The user's.
    pub home: PathBuf,
    /// The user's configuration.
    pub config: PathBuf,
    /// The user's data.
    pub data: PathBuf,
    /// What stands for `/`.
    pub root: PathBuf,
    /// The module.
    pub module: PathBuf,
}

impl Surroundings {
    /// As the environment has them; with `root` for what is the computer's.
    ///
    /// # Errors
    /// [`ClientProblem::HomeUnusable`]: nobody says where the user's home folder is.
    pub fn new(root: Option<PathBuf>) -> Result<Self, ClientProblem> {
        let unusable = || ClientProblem::HomeUnusable {
            reason: "no home folder".to_owned(),
        };
        let home = env::home_dir().filter(|home| home.is_absolute());
        let home = home.ok_or_else(unusable)?;
        Ok(Self {
            config: folder("XDG_CONFIG_HOME", &home, ".config"),
            data: folder("XDG_DATA_HOME", &home, ".local/share"),
            home,
            root: root.unwrap_or_else(|| PathBuf::from("/")),
            module: module(),
        })
    }

    /// Something under the root.
    pub fn system(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The module, when it is there to be loaded.
    ///
    /// # Errors
    /// [`BrowserError::ModuleMissing`].
    pub fn module(&self) -> Result<&Path, BrowserError> {
        if self.module.is_file() {
            return Ok(&self.module);
        }
        let file = self.module.display().to_string();
        Err(BrowserError::ModuleMissing { file })
    }
}

/// XDG Base Directory Specification: a path that is not absolute is as none.
fn folder(variable: &str, home: &Path, otherwise: &str) -> PathBuf {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| home.join(otherwise))
}

/// The one that packages install; without it the one beside this program.
fn module() -> PathBuf {
    let installed = PathBuf::from(installed::MODULE);
    if installed.is_file() {
        return installed;
    }
    let name = installed.file_name().map(PathBuf::from).unwrap_or_default();
    env::current_exe()
        .and_then(|own| own.canonicalize())
        .map(|own| own.with_file_name(name))
        .ok()
        .filter(|beside| beside.is_file())
        .unwrap_or(installed)
}
