//! The desktop app's front end: built before the app, which carries it, and tested in a browser.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::command::{root, run};
use crate::set_up;

/// Builds it, after its own checks: types, style, logic, and messages that are missing.
///
/// # Errors
/// What it is made of cannot be had, or a check fails.
pub fn build() -> anyhow::Result<()> {
    packages()?;
    for script in ["check", "lint", "test", "build"] {
        run(&mut npm(&["run", "--silent", script])?)?;
    }
    Ok(())
}

/// Builds it alone.
///
/// # Errors
/// What it is made of cannot be had, or it does not build.
pub fn make() -> anyhow::Result<()> {
    packages()?;
    run(&mut npm(&["run", "--silent", "build"])?)
}

/// Every screen in a browser, in every state that the agent can tell of.
///
/// # Errors
/// A screen is not as it should be.
pub fn screens() -> anyhow::Result<()> {
    run(&mut npm(&["run", "--silent", "test:screens"])?)
}

/// Fetches the packages that the lock file names, unless they are there.
fn packages() -> anyhow::Result<()> {
    let folder = folder();
    // npm writes this one last.
    let there = changed(&folder.join("node_modules/.package-lock.json"));
    if there.is_some() && there >= changed(&folder.join("package-lock.json")) {
        return Ok(());
    }
    run(&mut npm(&[
        "ci",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
    ])?)
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|file| file.modified()).ok()
}

fn folder() -> PathBuf {
    root().join("ui")
}

/// npm, with a Node.js that is new enough.
fn npm(words: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new("npm");
    if let Some(node) = set_up::node()? {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(node.clone()).chain(std::env::split_paths(&others));
        command = Command::new(node.join("npm"));
        command.env("PATH", std::env::join_paths(all)?);
    }
    command.args(words).current_dir(folder());
    Ok(command)
}
