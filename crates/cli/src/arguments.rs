//! What can be written on the command line. The texts of the help are messages: see [`crate::help`].

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub mod authority;

#[derive(Debug, Parser)]
#[command(
    name = "lichna",
    version,
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Readers,
    Cards,
    Watch {
        #[arg(long)]
        count: Option<u32>,
    },
    Certs(OfReader),
    #[command(subcommand)]
    Cert(Cert),
    #[command(subcommand)]
    Pin(Pin),
    Login(Login),
    Enrol(Box<authority::Enrol>),
    Renew(authority::Renew),
    Suspend(authority::Suspend),
    Resume(authority::Resume),
    Revoke(authority::Revoke),
    Name(authority::Name),
    History(authority::History),
    Status(authority::Status),
    #[command(args_conflicts_with_subcommands = true)]
    Tasks {
        #[command(subcommand)]
        what: Option<authority::Tasks>,
    },
    Approve {
        #[arg(conflicts_with = "wait")]
        id: Option<u32>,
        #[arg(long)]
        wait: bool,
    },
    #[command(subcommand)]
    Programs(Programs),
    Uses {
        #[arg(long)]
        forget: bool,
    },
    Services,
    #[command(subcommand)]
    Browsers(Browsers),
    #[command(subcommand)]
    Profiles(Profiles),
    Doctor {
        #[arg(long)]
        fix: bool,
        #[arg(long = "yes", id = "agreed", requires = "fix")]
        yes: bool,
        #[arg(long, conflicts_with = "fix")]
        report: bool,
    },
    Check(OfReader),
    #[command(subcommand)]
    Can(Can),
    #[command(subcommand)]
    PracticeCard(PracticeCard),
    Trace {
        #[arg(long)]
        count: Option<u32>,
    },
    Completions {
        shell: Shell,
    },
    Man {
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct OfReader {
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long)]
    pub can_stdin: bool,
}

#[derive(Debug, Args)]
pub struct OfKey {
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long)]
    pub key: Option<String>,
    #[arg(long)]
    pub can_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum Cert {
    Show(OfKey),
    Export {
        #[command(flatten)]
        of: OfKey,
        #[arg(long, value_enum, default_value_t = Format::Pem)]
        format: Format,
        #[arg(short, long)]
        output: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Pem,
    Der,
}

#[derive(Debug, Subcommand)]
pub enum Pin {
    Status(OfReader),
    Change(OfPin),
    Unblock(OfPin),
}

#[derive(Debug, Args)]
pub struct OfPin {
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long)]
    pub pin: Option<String>,
    #[arg(long)]
    pub pin_stdin: bool,
    #[arg(long)]
    pub can_stdin: bool,
}

#[derive(Debug, Args)]
pub struct Login {
    pub url: String,
    #[arg(long)]
    pub ca: Vec<PathBuf>,
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long)]
    pub key: Option<String>,
    #[arg(long, value_enum)]
    pub prompt: Option<Prompt>,
    #[arg(long, conflicts_with = "prompt")]
    pub pin_stdin: bool,
    #[arg(long, requires = "pin_stdin")]
    pub can_stdin: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Prompt {
    Terminal,
    Agent,
}

#[derive(Debug, Subcommand)]
pub enum Profiles {
    List,
    Check { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum Programs {
    List,
    Forget { program: Option<PathBuf> },
}

#[derive(Debug, Subcommand)]
pub enum Browsers {
    Setup(OfBrowsers),
    Status(OfBrowsers),
    Remove(OfBrowsers),
}

#[derive(Debug, Args)]
pub struct OfBrowsers {
    #[arg(long)]
    pub system: bool,
    /// What stands for `/`: for whoever makes an image of a system.
    #[arg(long, hide = true)]
    pub root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Can {
    Forget { number: Option<String> },
}

#[derive(Debug, Subcommand)]
pub enum PracticeCard {
    New(NewPracticeCard),
    List,
    Delete {
        number: String,
        #[arg(long)]
        yes: bool,
    },
    Insert {
        number: Option<String>,
        #[arg(long, value_enum, default_value_t = Face::Contactless)]
        face: Face,
        #[arg(long)]
        vpcd: Option<u16>,
        #[arg(long)]
        passphrase_stdin: bool,
    },
    Remove {
        number: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct NewPracticeCard {
    #[arg(long)]
    pub label: Option<String>,
    #[arg(long)]
    pub transport_pin: bool,
    #[arg(long)]
    pub pin_first: bool,
    #[arg(long)]
    pub administrator_key: Option<PathBuf>,
    #[arg(long)]
    pub passphrase: bool,
    #[arg(long)]
    pub passphrase_stdin: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Face {
    Contactless,
    Contact,
}
