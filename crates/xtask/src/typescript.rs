//! `cargo xtask typescript`: the messages of the agent's protocol as types for the app's web view.
//! What is in the tree has to be what the types in `lichna-ipc` make.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::command::{cargo_with, output, root};

/// Where they stand in the tree.
const FILE: &str = "ui/src/lib/generated/protocol.ts";

/// Writes them.
///
/// # Errors
/// They cannot be made or written.
pub fn write() -> anyhow::Result<()> {
    let file = root().join(FILE);
    fs::create_dir_all(file.parent().unwrap_or(Path::new("")))?;
    fs::write(&file, made()?).with_context(|| format!("cannot write {FILE}"))
}

/// Whether those in the tree are as they would be written now.
///
/// # Errors
/// They are not, or cannot be made.
pub fn check() -> anyhow::Result<()> {
    let there = fs::read_to_string(root().join(FILE));
    if there.with_context(|| format!("there is no {FILE}"))? != made()? {
        bail!("{FILE} is not what the protocol is now; `cargo xtask typescript` writes it anew");
    }
    Ok(())
}

fn made() -> anyhow::Result<String> {
    let example = ["--package", "lichna-ipc", "--example", "typescript"];
    let mut command = cargo_with(["run", "--quiet", "--locked", "--features", "typescript"]);
    output(command.args(example))
}
