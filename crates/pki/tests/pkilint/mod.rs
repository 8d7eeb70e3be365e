//! pkilint, which finds faults in certificates, CRLs and OCSP responses.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Runs its programs one after the other in one process, for it takes long to start.
const DRIVER: &str = "
import contextlib, importlib, io, sys
for check in sys.argv[1:]:
    program, *files = check.split('|')
    says = io.StringIO()
    with contextlib.redirect_stdout(says), contextlib.redirect_stderr(says):
        main = importlib.import_module('pkilint.bin.' + program).main
        found = main(['lint', '--severity', 'WARNING', *files])
    print(found, repr(says.getvalue()))
";

/// Something to be checked: one of its programs (`lint_pkix_cert`), and the files that it takes.
pub type Check<'a> = (&'a str, Vec<&'a Path>);

/// For each of these whether nothing of the severity of a warning or more is found, and what it
/// says.
pub fn lint(checks: &[Check<'_>]) -> Vec<(bool, String)> {
    let checks_as_words = checks.iter().map(|(program, files)| {
        let files: Vec<_> = files.iter().map(|file| file.to_str().unwrap()).collect();
        format!("{program}|{}", files.join("|"))
    });
    let output = Command::new(find("python"))
        .args(["-c", DRIVER])
        .args(checks_as_words)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let results: Vec<_> = lines
        .lines()
        .map(|line| (line.starts_with("0 "), line.to_owned()))
        .collect();
    assert_eq!(results.len(), checks.len(), "{errors}");
    results
}

/// A program in the folder where `cargo xtask set-up` installs it; pyca/cryptography is there, too.
pub fn find(program: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
        PathBuf::from,
    );
    let program = cache.join("lichna/pkilint-0.13.3/bin").join(program);
    assert!(
        program.exists(),
        "{} is missing: run cargo xtask set-up",
        program.display()
    );
    program
}
