//! OpenSC's spy between a program and a module: which calls a program makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::{Provider, libraries};

/// A spy before a module, with its log in a folder of its own.
#[derive(Debug)]
pub struct Spy {
    folder: tempfile::TempDir,
    module: Provider,
}

impl Spy {
    /// A spy before that module.
    ///
    /// # Panics
    /// When gcc is not there.
    pub fn before(module: &Provider) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("list.c");
        fs::write(&source, LIST_OF_2_40).expect("own folder");
        let list = folder.path().join("list.so");
        let built = Command::new("gcc")
            .args(["-shared", "-fPIC", "-Wall", "-Werror"])
            .arg(format!("-DMODULE=\"{}\"", module.path.display()))
            .arg("-o")
            .args([&list, &source])
            .status();
        assert!(built.expect("gcc is installed").success());
        let environment = [
            ("PKCS11SPY", list.into()),
            ("PKCS11SPY_OUTPUT", folder.path().join(LOG).into()),
        ];
        let module = module
            .clone()
            .behind(libraries().join(LIBRARY), &environment);
        Self { folder, module }
    }

    /// What a program loads in the module's place.
    pub const fn module(&self) -> &Provider {
        &self.module
    }

    /// Where the spy writes.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join(LOG)
    }

    /// Forgets what was called so far.
    pub fn clear(&self) {
        fs::write(self.log(), "").expect("own folder");
    }

    /// What was called since.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        calls_of(&self.log())
    }
}

/// How often each function was called, by the log of OpenSC's spy.
pub fn calls_of(log: &Path) -> BTreeMap<String, usize> {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut calls = BTreeMap::new();
    for line in text.lines() {
        // `12: C_GetSlotList`
        if let Some((number, name)) = line.split_once(": C_")
            && number.parse::<u64>().is_ok()
        {
            let name = name.split_whitespace().next().unwrap_or_default();
            *calls.entry(format!("C_{name}")).or_default() += 1;
        }
    }
    calls
}

const LIBRARY: &str = "pkcs11-spy.so";
const LIST_OF_2_40: &str = include_str!("list_of_2_40.c");
const LOG: &str = "spy.log";
