//! The command line of `lichna-authority`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser, Subcommand};
use clap_mangen::Man;

use super::{
    check, init,
    registers::{
        administrators::{self, AdministratorCommand},
        carriers::{self, CarrierCommand},
        clients::{self, ClientCommand},
        officers::{self, OfficerCommand},
        places::{self, PlaceCommand},
    },
};
use crate::{
    config::{Config, Data},
    sandbox, server,
};

/// The authority of an eID scheme: registers, issuing, status, what holders ask for.
///
/// In an empty folder, `lichna-authority init` and `lichna-authority run` are enough.
#[derive(Debug, Parser)]
#[command(name = "lichna-authority", version)]
pub struct Cli {
    /// The data folder: settings, keys, journal, and the database if it is SQLite.
    #[arg(
        long,
        global = true,
        default_value = ".",
        env = "LICHNA_AUTHORITY_DATA"
    )]
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
    /// Look whether settings, keys, store and journal are as they should be.
    Check,
    /// Administrators of electronic identity (Art. 37).
    #[command(subcommand)]
    Administrator(AdministratorCommand),
    /// Who works for administrators.
    #[command(subcommand)]
    Officer(OfficerCommand),
    /// Centres and named officials, who may read the registers (Art. 4).
    #[command(subcommand)]
    Client(ClientCommand),
    /// Places where administrators receive people.
    #[command(subcommand)]
    Place(PlaceCommand),
    /// Cards that certificates may be written to.
    #[command(subcommand)]
    Carrier(CarrierCommand),
    /// Make and serve an authority for practice, on this computer alone, until the standard input
    /// ends. Prints where it is in a line of JSON.
    Sandbox {
        /// Its folder; it is made where there is none.
        #[arg(long)]
        home: PathBuf,
    },
    /// Print the manual page.
    Man {
        /// Write one page for each command into this folder instead.
        folder: Option<PathBuf>,
    },
}

/// Carries out a command.
///
/// # Errors
/// What went wrong, for a person at a terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let data = Data::new(&cli.data);
    let file = cli.config.unwrap_or_else(|| data.config());
    let config = || Config::read(&file);
    match cli.command {
        Command::Init => init::run(&data, &config()?),
        Command::Run => {
            let config = config()?;
            let runtime = tokio::runtime::Runtime::new()?;
            Ok(runtime.block_on(server::run(&data, config))?)
        }
        Command::Check => check::run(&data, config()?),
        Command::Administrator(command) => administrators::run(&data, config()?, command),
        Command::Officer(command) => officers::run(&data, config()?, command),
        Command::Client(command) => clients::run(&data, config()?, command),
        Command::Place(command) => places::run(&data, config()?, command),
        Command::Carrier(command) => carriers::run(&data, config()?, command),
        Command::Sandbox { home } => sandbox::run(&home),
        Command::Man { folder } => Ok(man(folder.as_deref())?),
    }
}

/// Made from the command line itself, so always true.
fn man(folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Cli::command(), folder)
        }
        None => Man::new(Cli::command()).render(&mut io::stdout().lock()),
    }
}
