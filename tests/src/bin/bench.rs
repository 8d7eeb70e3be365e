//! Measures Lichna beside others; `cargo xtask bench` builds and runs it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what it prints is its work")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lichna_tests::bench::{BENCHES, probe_here, table};
use serde::Serialize;

/// Measures Lichna beside others
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Which bench (default: all)
    #[arg(value_parser = BENCHES.iter().map(|(name, _)| *name).collect::<Vec<_>>())]
    name: Option<String>,
    /// Print the rows as JSON
    #[arg(long)]
    json: bool,
    /// Measure this PKCS#11 module in this process: a part of a bench
    #[arg(long, hide = true)]
    probe: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(module) = &arguments.probe {
        return print(&probe_here(module), ExitCode::SUCCESS);
    }
    let mut all = Vec::new();
    for (name, bench) in BENCHES {
        if arguments.name.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let rows = bench();
        if !arguments.json {
            println!("{name}\n{}\n", table(&rows));
        }
        all.extend(rows);
    }
    let code = if all.iter().all(|row| row.met) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    if arguments.json {
        return print(&all, code);
    }
    code
}

/// Prints a value as JSON, and ends with that code if it could.
fn print(value: &impl Serialize, code: ExitCode) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(json) => {
            println!("{json}");
            code
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
