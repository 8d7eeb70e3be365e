//! The command line of `lichna-authority`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::init;
use crate::{
    config::{Config, Data},
    server,
};

/// The authority of an eID scheme: registers, issuing, status, what holders ask for.
#[derive(Debug, Parser)]
#[command(name = "lichna-authority", version, about)]
pub struct Cli {
    /// The data folder: settings, keys, journal, and the database if it is SQLite.
    #[arg(long, global = true, default_value = ".", env = "LICHNA_AUTHORITY_DATA")]
    data: PathBuf,
    /// The settings; without it, `authority.toml` in the data folder.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the keys and certificates of a new authority.
    Init,
    /// Serve.
    Run,
}

/// Carries out a command.
///
/// # Errors
/// What went wrong, for a person at a terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let data = Data::new(&cli.data);
    let file = cli.config.unwrap_or_else(|| data.config());
    let config = Config::read(&file)?;
    match cli.command {
        Command::Init => init::run(&data, &config),
        Command::Run => {
            let runtime = tokio::runtime::Runtime::new()?;
            Ok(runtime.block_on(server::run(&data, config))?)
        }
    }
}
