//! `lichna-authority`: the authority's server and the commands for its operator.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use lichna_authority::admin;
use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, as `tracing` filters are written; `info` without it.
const LOG: &str = "LICHNA_LOG";

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env(LOG).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match admin::run(admin::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A person's terminal, or whoever started it.
            let _ = writeln!(std::io::stderr(), "lichna-authority: {error:#}");
            ExitCode::FAILURE
        }
    }
}
