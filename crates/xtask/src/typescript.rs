//! `cargo xtask typescript`: the messages of the agent's protocol as types for the app's web view.
//! What is in the tree has to be what the types in `lichna-ipc` make.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::command::{cargo_with, root, run};

/// Where they stand in the tree.
const FILE: &str = "ui/src/lib/generated/protocol.ts";

/// Writes them.
///
/// # Errors
/// They cannot be made or written.
pub fn write() -> anyhow::Result<()> {
    let file = root().join(FILE);
    fs::create_dir_all(file.parent().unwrap_or(Path::new("")))?;
    fs::copy(made()?, &file).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(())
}

/// Whether those in the tree are as they would be written now.
///
/// # Errors
/// They are not, or cannot be made.
pub fn check() -> anyhow::Result<()> {
    let there = fs::read(root().join(FILE)).with_context(|| format!("there is no {FILE}"))?;
    if there != fs::read(made()?)? {
        bail!("{FILE} is not what the protocol is now; `cargo xtask typescript` writes it anew");
    }
    Ok(())
}

/// Makes them beside what was built.
fn made() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = root().join(target.unwrap_or_else(|| "target".into()));
    let folder = folder.join("typescript");
    // What is there would be added to.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let example = ["--package", "lichna-ipc", "--example", "typescript"];
    let mut command = cargo_with(["run", "--quiet", "--locked", "--features", "typescript"]);
    command.args(example).arg("--").arg(&folder);
    run(&mut command)?;
    Ok(folder.join("protocol.ts"))
}
