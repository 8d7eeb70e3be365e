//! `cargo xtask test`: what CI runs. What is quick comes first.

use std::process::Command;

use anyhow::bail;

use crate::command::{self, cargo_with, run as run_command};
use crate::set_up::{self, Purpose};
use crate::steps::Steps;
use crate::{arrows, front_end, requirements, sources, typescript};

/// How much is tested.
#[derive(clap::Args)]
pub struct Arguments {
    /// Leave out the tests against real parts (card services, servers, other people's applets)
    #[arg(long)]
    quick: bool,
    /// Look for known faults in dependencies too; this fetches a database from the network
    #[arg(long)]
    advisories: bool,
    /// For cargo-nextest, such as the name of a test
    #[arg(last = true)]
    nextest: Vec<String>,
}

/// Checks everything.
///
/// # Errors
/// The first step that fails.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask test");
    // Without the test bench, nothing of the test bench is built either.
    let which: &[&str] = if arguments.quick {
        &[]
    } else {
        &["--workspace"]
    };
    let with = |before: &[&str], after: &[&str]| {
        run_command(&mut cargo_with([before, which, after].concat()))
    };
    let clean_before = tree_is_clean()?;

    steps.step("set-up", || set_up::run(&Purpose::ALL))?;
    steps.step("format", || {
        run_command(&mut cargo_with(["fmt", "--all", "--check"]))
    })?;
    let metadata = steps.step("Cargo.lock", arrows::metadata)?;
    steps.step("arrows between crates", || arrows::check(&metadata))?;
    steps.step("rules about sources", || sources::check(&metadata))?;
    steps.step("requirement ids", requirements::check)?;
    steps.step("dependencies", || dependencies(arguments.advisories))?;
    steps.step("the app's front end", front_end::build)?;
    steps.step("clippy", || {
        with(&["clippy", "--all-targets"], &["--", "-D", "warnings"])
    })?;
    steps.step("documentation", || documentation(which))?;
    steps.step("build", || {
        with(&["build", "--lib", "--bins", "--examples"], &[])
    })?;
    steps.step("types of the app", typescript::check)?;
    if !arguments.quick {
        steps.step("the app's screens", front_end::screens)?;
    }
    steps.step("tests in documentation", || with(&["test", "--doc"], &[]))?;
    steps.step("tests", || {
        let more: Vec<&str> = arguments.nextest.iter().map(String::as_str).collect();
        with(&["nextest", "run"], &more)
    })?;
    steps.step("the tree is clean", || {
        if clean_before && !tree_is_clean()? {
            run_command(
                Command::new("git")
                    .args(["status", "--short"])
                    .current_dir(command::root()),
            )?;
            bail!("the tests left changes behind");
        }
        Ok(())
    })?;
    Ok(())
}

/// Licences and sources of everything; duplicates in what ships.
fn dependencies(advisories: bool) -> anyhow::Result<()> {
    let tests = format!("lichna-{}", arrows::TESTS);
    // Its web view brings much twice, which is not ours to choose.
    let app = format!("lichna-{}", arrows::APP);
    run_command(&mut cargo_with([
        "deny",
        "--offline",
        "--workspace",
        "check",
        "licenses",
        "sources",
    ]))?;
    run_command(&mut cargo_with([
        "deny",
        "--offline",
        "--workspace",
        "--exclude",
        &tests,
        "--exclude",
        &app,
        "check",
        "bans",
    ]))?;
    if advisories {
        run_command(&mut cargo_with([
            "deny",
            "--workspace",
            "check",
            "advisories",
        ]))?;
    }
    Ok(())
}

fn documentation(which: &[&str]) -> anyhow::Result<()> {
    let mut command = cargo_with([&["doc", "--no-deps"], which].concat());
    run_command(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Nothing in the tree that is not committed; a tree outside git is never clean.
fn tree_is_clean() -> anyhow::Result<bool> {
    let mut command = Command::new("git");
    command
        .args(["status", "--porcelain"])
        .current_dir(command::root());
    Ok(command
        .output()
        .is_ok_and(|o| o.status.success() && o.stdout.is_empty()))
}
