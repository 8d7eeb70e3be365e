//! Rules about the text of the sources that no lint of the compiler's can state.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use cargo_metadata::Metadata;

use crate::arrows;
use crate::command;

/// Crates that get bytes and give bytes: no I/O, clock, thread, system.
const PURE: &[&str] = &["apdu", "card", "pace", "pki"];
/// What a pure crate does not say outside its tests.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
    "now_utc",
];

/// Where code may depend on the operating system. The rest is the same on all.
const SYSTEMS: &[&str] = &[
    "crates/agent/src/main.rs",
    "crates/agent/src/keystore/system.rs", // which key store there is
    "crates/agent/src/tokens/presence/system.rs", // who says that the screen is locked
    "crates/agent/src/window/system.rs",   // who knows of windows
    "crates/authority/src/system.rs", // files for their owner alone, how a server is told to stop
    "crates/ipc/",
    "crates/pkcs11/",
    "crates/prompt/src/main.rs", // a program without a console
    "crates/reader/",
    "crates/secret/tests/",
    "crates/softcard/src/vpcd.rs",           // TCP_QUICKACK
    "crates/xtask/src/arrows.rs",            // what is built for browsers
    "crates/xtask/src/sources.rs",           // the words of this rule
    "src-tauri/src/main.rs",                 // whether there is a console
    "src-tauri/src/notifications/system.rs", // who shows notifications
    "tests/",
];
/// Where `unsafe` may stand. Every other crate root forbids it.
const UNSAFE: &[&str] = &[
    "crates/ipc/src/peer/",             // who is at the other end
    "crates/ipc/src/client/start.rs",   // a child in a session of its own
    "crates/ipc/src/transport/unix.rs", // a socket that systemd hands over
    "crates/ipc/src/transport/windows", // named pipes
    "crates/pkcs11/src/",               // the C interface
    "crates/secret/src/page.rs",        // locked memory
    "tests/examples/pinpad_ifd.rs",     // a reader's driver, for the service
    "tests/src/module",                 // the program that calls a PKCS#11 module
];
/// The package whose programs forbid it all the same, but for these roots.
const TESTS: &str = "tests";
const UNSAFE_ROOTS: &[&str] = &["tests/examples/pinpad_ifd.rs", "tests/src/lib.rs"];

/// Lines a file has at most.
const LONGEST: usize = 600;

/// Checks every Rust file of the workspace.
///
/// # Errors
/// All lines that break a rule.
pub fn check(metadata: &Metadata) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for package in metadata.workspace_packages() {
        let name = arrows::folder(package)?;
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest in no folder")?
            .as_std_path();
        let places = shown(folder) + "/";
        let may = UNSAFE.iter().any(|place| place.starts_with(&places));
        for target in &package.targets {
            let root = target.src_path.as_std_path();
            let free = if name == TESTS {
                target.is_test() || UNSAFE_ROOTS.contains(&shown(root).as_str())
            } else {
                may || target.is_test()
            };
            if !free && !read(root)?.contains("#![forbid(unsafe_code)]") {
                faults.push(format!("{}: does not forbid unsafe code", shown(root)));
            }
        }
        for file in rust_files(folder)? {
            let (path, text) = (shown(&file), read(&file)?);
            let pure = PURE.contains(&name) && path.contains("/src/");
            faults.extend(faults_in(&path, &text, pure));
            if may && !UNSAFE.iter().any(|place| path.starts_with(place)) {
                faults.extend(unsafe_lines(&path, &text));
            }
            files.push(file);
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    eprintln!("{} files, no rule broken", files.len());
    Ok(())
}

fn faults_in(path: &str, text: &str, pure: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let within = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    let mut in_tests = false;
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.trim_start();
        in_tests |= code.starts_with("#[cfg(test)]");
        if code.starts_with("//") {
            continue;
        }
        let mut fault = |what: &str| faults.push(format!("{path}:{number}: {what}"));
        if !within(SYSTEMS) && depends_on_system(code) {
            fault("depends on the operating system");
        }
        if pure && !in_tests && IMPURE.iter().any(|word| code.contains(word)) {
            fault("I/O, clock, thread or system in a pure crate");
        }
    }
    let length = text.lines().count();
    if length > LONGEST {
        faults.push(format!("{path}: {length} lines, more than {LONGEST}"));
    }
    faults
}

/// In a crate that may have unsafe code, but not in this file.
fn unsafe_lines(path: &str, text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let lines = (1..).zip(text.lines().map(str::trim_start));
    lines
        .filter(|(_, code)| !code.starts_with("//"))
        .filter(|(_, code)| code.split(|c| !is_word(c)).any(|word| word == "unsafe"))
        .map(|(number, _)| format!("{path}:{number}: unsafe code outside its places"))
        .collect()
}

fn depends_on_system(code: &str) -> bool {
    const WORDS: &[&str] = &["target_os", "target_family", "unix", "windows"];
    // `cfg(…)`, `cfg!(…)`, `cfg_attr(…)`
    code.contains("cfg") && WORDS.iter().any(|word| code.contains(word))
}

/// All of a package's, in no folder that cargo makes.
fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(folder) = ahead.pop() {
        let entries = fs::read_dir(&folder).with_context(|| shown(&folder))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("target") {
                ahead.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// A text file.
///
/// # Errors
/// It cannot be read; the error names it.
pub fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| shown(path))
}

/// The path as seen from the root of the repository.
fn shown(path: &Path) -> String {
    let root = command::root();
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_code_for_one_system_outside_its_places() {
        let text = "// cfg(unix) is explained\n#[cfg(target_os = \"linux\")]\nfn only() {}\n";
        let faults = faults_in("crates/tls/src/lib.rs", text, false);
        assert_eq!(
            faults,
            ["crates/tls/src/lib.rs:2: depends on the operating system"]
        );
        assert!(faults_in("crates/ipc/src/home.rs", text, false).is_empty());
    }

    #[test]
    fn refuses_a_clock_in_a_pure_crate_but_not_in_its_tests() {
        let text =
            "fn f() { std::time::Instant::now(); }\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(
            faults_in("crates/card/src/lib.rs", text, true),
            ["crates/card/src/lib.rs:1: I/O, clock, thread or system in a pure crate"]
        );
    }

    #[test]
    fn refuses_unsafe_code_outside_its_places() {
        let text = "// unsafe\n#![deny(unsafe_code)]\n    let _ = unsafe { f() };\n";
        assert_eq!(
            unsafe_lines("crates/ipc/src/frame.rs", text),
            ["crates/ipc/src/frame.rs:3: unsafe code outside its places"]
        );
    }

    #[test]
    fn refuses_a_file_that_is_too_long() {
        let text = "//\n".repeat(LONGEST + 1);
        assert_eq!(faults_in("crates/pki/src/lib.rs", &text, true).len(), 1);
    }
}
