//! `cargo xtask`: what a person does with this repository, as commands. Each installs first what it
//! needs and the machine lacks; this program itself depends on no crate of ours, for those do not
//! build before the set-up.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stderr,
    reason = "a command for a terminal; standard output is for the results of what it runs"
)]

mod arrows;
mod command;
mod front_end;
mod install;
mod package;
mod programs;
mod requirements;
mod set_up;
mod sources;
mod steps;
mod test;
mod typescript;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Sets up, shows, tests and measures Lichna
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what everything else needs and this machine lacks
    SetUp,
    /// Show certificates issued, used, suspended and renewed with practice cards, all on this computer
    Demo(programs::DemoArguments),
    /// Check everything, as CI does
    Test(test::Arguments),
    /// Write the app's types for the agent's protocol anew
    Typescript,
    /// Measure against the goals, beside others
    Bench(programs::BenchArguments),
    /// Take the pictures of the windows anew, for the README
    Pictures,
    /// Build the optimised programs and install them for all users
    Install(install::Arguments),
    /// Take away what `install` installed
    Uninstall(install::Arguments),
    /// Make packages for Debian and for rpm
    Package(package::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::SetUp => set_up::run(&set_up::Purpose::ALL),
        Task::Demo(arguments) => programs::demo(&arguments),
        Task::Test(arguments) => test::run(&arguments),
        Task::Typescript => typescript::write(),
        Task::Bench(arguments) => programs::bench(&arguments),
        Task::Pictures => programs::pictures(),
        Task::Install(arguments) => install::install(&arguments),
        Task::Uninstall(arguments) => install::uninstall(&arguments),
        Task::Package(arguments) => package::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
