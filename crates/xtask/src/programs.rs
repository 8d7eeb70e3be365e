//! `cargo xtask demo`, `cargo xtask bench` and `cargo xtask pictures`: they build the programs and
//! run one of the test bench's, which does the work.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::command::{cargo_with, run as run_command};
use crate::set_up::{self, Purpose};
use crate::steps::Steps;
use crate::{arrows, front_end, install};

/// All programs but the desktop app, which has a web view to build.
const EVERYTHING: [&str; 5] = ["build", "--workspace", "--exclude", "lichna-app", "--bins"];

/// What is measured.
#[derive(clap::Args)]
pub struct BenchArguments {
    /// One bench alone
    name: Option<String>,
    /// Print rows of JSON instead of tables
    #[arg(long)]
    json: bool,
}

/// How the scheme is shown.
#[derive(clap::Args)]
pub struct DemoArguments {
    /// Through the smart card service (pcscd) and a virtual reader (vpcd)
    #[arg(long)]
    pcsc: bool,
    /// Keep everything running at the end, until Enter is pressed
    #[arg(long)]
    keep: bool,
}

/// Shows the scheme from end to end, with practice cards.
///
/// # Errors
/// The first step that fails.
pub fn demo(arguments: &DemoArguments) -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask demo");
    let mut purposes = vec![Purpose::Build, Purpose::Demo];
    if arguments.pcsc {
        purposes.push(Purpose::Service);
    }
    steps.step("set-up", || set_up::run(&purposes))?;
    // As for the tests, so that what is built serves both.
    steps.step("build", || run_command(&mut cargo_with(EVERYTHING)))?;
    steps.step("demo", || {
        let mut command = program("debug", "lichna-demo")?;
        command.args(arguments.pcsc.then_some("--pcsc"));
        command.args(arguments.keep.then_some("--keep"));
        run_command(&mut command)
    })
}

/// Measures, with optimised programs.
///
/// # Errors
/// The first step that fails; a goal that is not met is a failure.
pub fn bench(arguments: &BenchArguments) -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask bench");
    steps.step("set-up", || set_up::run(&Purpose::ALL))?;
    steps.step("the app's front end", front_end::make)?;
    steps.step("build", optimised)?;
    steps.step("bench", || {
        let mut command = program("release", "lichna-bench")?;
        command.args(&arguments.name);
        if arguments.json {
            command.arg("--json");
        }
        run_command(&mut command)
    })
}

/// Takes pictures of the windows, into `docs/pictures`.
///
/// # Errors
/// The first step that fails.
pub fn pictures() -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask pictures");
    let purposes = [&Purpose::ALL[..], &[Purpose::Pictures]].concat();
    steps.step("set-up", || set_up::run(&purposes))?;
    steps.step("the app's front end", front_end::make)?;
    steps.step("build", optimised)?;
    steps.step("pictures", || {
        run_command(&mut Command::new(apart()?.join("lichna-pictures")))
    })
}

/// The programs in a folder of their own: a window says where the program that asks stands, and in a
/// picture that is no place of this computer's owner's.
fn apart() -> anyhow::Result<PathBuf> {
    let release = arrows::metadata()?.target_directory.join("release");
    let folder = std::env::temp_dir().join("lichna");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let programs = install::PROGRAMS.iter().map(|[_, program]| *program);
    for program in programs.chain(["lichna-pictures"]) {
        fs::copy(release.join(program), folder.join(program)).context(program)?;
    }
    Ok(folder)
}

/// Builds what is installed, which is what is measured and shown; and those who measure and show.
fn optimised() -> anyhow::Result<()> {
    install::build(&["empty_window"])?;
    let words = ["build", "--release", "--locked", "--bins", "--package"];
    run_command(cargo_with(words).arg("lichna-tests"))
}

/// A program of ours that was built with that profile.
fn program(profile: &str, name: &str) -> anyhow::Result<Command> {
    let target = arrows::metadata()?.target_directory;
    Ok(Command::new(target.join(profile).join(name)))
}
