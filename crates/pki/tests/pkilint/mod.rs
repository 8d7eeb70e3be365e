//! pkilint, which finds faults in certificates, CRLs and OCSP responses.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Whether one of its programs (`lint_pkix_cert`) finds nothing of the severity of a warning or
/// more in these files, and what it says.
pub fn lint(program: &str, files: &[&Path]) -> (bool, String) {
    let output = Command::new(find(program))
        .args(["lint", "--severity", "WARNING"])
        .args(files)
        .output()
        .unwrap();
    let says = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&says).into_owned(),
    )
}

/// Where `cargo xtask set-up` installs it.
fn find(program: &str) -> PathBuf {
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
