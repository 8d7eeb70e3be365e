//! A browser's database of certificates and modules, made by NSS's own tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::Provider;
use crate::workspace::{Output, finish};

/// A database in a folder.
#[derive(Clone, Debug)]
pub struct Database {
    folder: PathBuf,
    home: PathBuf,
    module: Provider,
}

impl Database {
    /// A database that trusts the authority and knows the module.
    ///
    /// # Panics
    /// When NSS's tools are not there, or refuse.
    pub fn new(folder: &Path, home: &Path, module: &Provider, root: &Path) -> Self {
        let database = Self {
            folder: folder.to_path_buf(),
            home: home.to_path_buf(),
            module: module.clone(),
        };
        database.run("certutil", &["-N", "--empty-password"], &[]);
        let trust = ["-A", "-n", "authority", "-t", "C,,", "-i"];
        database.run("certutil", &trust, &[root]);
        let add = ["-force", "-add", "card", "-libfile"];
        database.run("modutil", &add, &[&module.path]);
        database
    }

    /// What `modutil -list` says of the module: its slots and the tokens in them. (It calls each
    /// empty slot an error, whatever the module.)
    pub fn listed(&self) -> String {
        self.output("modutil", &["-list", "card"], &[]).stdout
    }

    fn run(&self, tool: &str, arguments: &[&str], files: &[&Path]) {
        self.output(tool, arguments, files).success();
    }

    fn output(&self, tool: &str, arguments: &[&str], files: &[&Path]) -> Output {
        let mut command: Command = self.module.command(tool, &self.home);
        let option = if tool == "certutil" { "-d" } else { "-dbdir" };
        command
            .args([option, &format!("sql:{}", self.folder.display())])
            .args(arguments)
            .args(files);
        finish(command, b"")
    }
}
