//! The `lichna-journal` command: checks, shows, archives and exports journals. It writes none.
#![forbid(unsafe_code)]

mod arguments;
mod command;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

/// What the program ends with.
mod exit {
    /// All is as it should be.
    pub const WHOLE: u8 = 0;
    /// Something is wrong with the journal.
    pub const FAULTS: u8 = 1;
    /// It could not be done: no such file, no right, no such argument.
    pub const NOT_DONE: u8 = 2;
}

#[allow(
    clippy::print_stderr,
    reason = "what a command cannot do is told where errors are told"
)]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match command::run(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("lichna-journal: {error:#}");
            ExitCode::from(exit::NOT_DONE)
        }
    }
}
