//! Writes the messages of the protocol as TypeScript into a folder, which has to be empty: types are
//! added to files that are there. `cargo xtask typescript` runs it.
#![forbid(unsafe_code)]

use anyhow::Context;
use lichna_ipc::{AgentMessage, ClientMessage};
use ts_rs::{Config, TS};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).context("which folder?")?;
    // Numbers of the protocol are counts, which JSON carries exactly.
    let config = Config::new().with_out_dir(folder).with_large_int("number");
    AgentMessage::export_all(&config)?;
    ClientMessage::export_all(&config)?;
    Ok(())
}
