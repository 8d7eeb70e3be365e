//! The `lichna` command: every request to the agent as a command, and `--json` for each.
#![forbid(unsafe_code)]

mod arguments;
#[cfg(test)]
mod catalogue;
mod command;
mod consent;
mod exit;
mod face;
mod help;
mod output;
mod person;
mod problem;
mod progress;
mod words;

use std::process::ExitCode;

use clap::FromArgMatches;
use lichna_i18n::Messages;
use lichna_ipc::harden_process;

use crate::arguments::Arguments;
use crate::output::Output;
use crate::problem::{Here, Problem};

fn main() -> ExitCode {
    // Before anything else: a PIN will pass through here.
    let hardened = harden_process();
    let messages = Messages::from_system();
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    let parsed = help::command(&messages)
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let out = Output {
        messages,
        json: wants_json,
    };
    let done = match parsed {
        Ok(arguments) => hardened
            .map_err(Problem::from)
            .and_then(|()| command::run(arguments.command, &out)),
        Err(error) if out.json && error.use_stderr() => Err(usage(&error)),
        Err(error) => {
            // Help and version are results; the rest says itself what is wrong.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    match done {
        Ok(code) => code,
        Err(problem) => out.problem(&problem).into(),
    }
}

fn usage(error: &clap::Error) -> Problem {
    let text = error.render().to_string();
    let reason = text.lines().next().unwrap_or_default();
    let reason = reason.trim_start_matches("error: ").to_owned();
    Here::Usage { reason }.into()
}
