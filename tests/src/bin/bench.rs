//! Measures Lichna beside others; `cargo xtask bench` builds and runs it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what it prints is its work")]

use std::process::ExitCode;

use clap::Parser;
use lichna_tests::bench::{BENCHES, table};

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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
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
    if arguments.json {
        match serde_json::to_string_pretty(&all) {
            Ok(json) => println!("{json}"),
            Err(error) => {
                println!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    if all.iter().all(|row| row.met) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
