//! What can be written for the commands that speak with the authority.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Which authority. Without it, the one that the configuration names.
#[derive(Debug, Args)]
pub struct OfAuthority {
    #[arg(long = "authority", id = "authority")]
    pub url: Option<String>,
    #[arg(long = "root", id = "authority_root", requires = "authority")]
    pub root: Option<PathBuf>,
}

/// What a script gives on the standard input.
#[derive(Clone, Copy, Debug, Args)]
pub struct OfInput {
    #[arg(long)]
    pub pin_stdin: bool,
    #[arg(long)]
    pub can_stdin: bool,
}

/// Certificates for a card, by an officer or by invitation.
#[derive(Debug, Args)]
pub struct Enrol {
    #[command(flatten)]
    pub person: OfPerson,
    #[arg(long)]
    pub telephone_password: bool,
    #[arg(
        long,
        conflicts_with_all = ["of_person", "officer_reader", "telephone_password"]
    )]
    pub invitation: Option<String>,
    #[arg(
        long,
        requires = "authority",
        conflicts_with_all = ["invitation", "of_person", "officer_reader", "telephone_password"]
    )]
    pub practice: bool,
    #[arg(long)]
    pub officer_reader: Option<String>,
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long = "card", id = "card_number")]
    pub card: Option<String>,
    #[arg(long, value_enum)]
    pub algorithm: Option<Algorithm>,
    #[arg(long = "yes", id = "agreed")]
    pub yes: bool,
    #[command(flatten)]
    pub authority: OfAuthority,
    #[arg(long, conflicts_with = "invitation")]
    pub officer_can_stdin: bool,
    #[arg(long, requires = "invitation")]
    pub code_stdin: bool,
    #[command(flatten)]
    pub input: OfInput,
}

/// Whose certificates. What is not given is asked for at the terminal.
#[derive(Debug, Args)]
#[group(id = "of_person", multiple = true)]
pub struct OfPerson {
    #[arg(long, conflicts_with_all = ["egn", "lnch", "names", "latin_names", "email"])]
    pub person: Option<PathBuf>,
    #[arg(long, conflicts_with = "lnch")]
    pub egn: Option<String>,
    #[arg(long)]
    pub lnch: Option<String>,
    #[arg(long)]
    pub names: Option<String>,
    #[arg(long)]
    pub latin_names: Option<String>,
    #[arg(long)]
    pub email: Option<String>,
    #[arg(long)]
    pub appeared: bool,
}

/// What kind of keys the card is to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Algorithm {
    EcP256,
    EcP384,
    #[value(name = "rsa-2048")]
    Rsa2048,
    #[value(name = "rsa-3072")]
    Rsa3072,
    #[value(name = "rsa-4096")]
    Rsa4096,
}

#[derive(Debug, Args)]
pub struct Renew {
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long, value_enum)]
    pub algorithm: Option<Algorithm>,
    #[arg(long = "yes", id = "agreed")]
    pub yes: bool,
    #[command(flatten)]
    pub authority: OfAuthority,
    #[command(flatten)]
    pub input: OfInput,
}

#[derive(Debug, Args)]
pub struct Suspend {
    #[arg(long)]
    pub serial: Option<String>,
    #[arg(long)]
    pub lost: bool,
    #[arg(long)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub someone: OfSomeone,
    #[arg(long = "yes", id = "agreed")]
    pub yes: bool,
    #[command(flatten)]
    pub of: OfHolder,
}

#[derive(Debug, Args)]
pub struct Resume {
    #[arg(long)]
    pub serial: Option<String>,
    #[arg(long)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub someone: OfSomeone,
    #[arg(long, requires = "of_someone")]
    pub appeared: bool,
    #[command(flatten)]
    pub of: OfHolder,
}

/// For whom an officer acts, with his own card.
#[derive(Debug, Args)]
#[group(id = "of_someone", multiple = false)]
pub struct OfSomeone {
    #[arg(long = "for-egn", id = "for_egn")]
    pub egn: Option<String>,
    #[arg(long = "for-lnch", id = "for_lnch")]
    pub lnch: Option<String>,
    #[arg(long = "for-identifier", id = "for_identifier")]
    pub identifier: Option<String>,
}

#[derive(Debug, Args)]
pub struct Revoke {
    #[arg(long)]
    pub serial: Option<String>,
    #[arg(long)]
    pub reason: Option<String>,
    #[arg(long = "yes", id = "agreed")]
    pub yes: bool,
    #[command(flatten)]
    pub of: OfHolder,
}

#[derive(Debug, Args)]
pub struct Name {
    #[arg(id = "certificate_name")]
    pub name: String,
    #[arg(long)]
    pub serial: Option<String>,
    #[command(flatten)]
    pub of: OfHolder,
}

#[derive(Debug, Args)]
pub struct History {
    #[command(flatten)]
    pub of: OfHolder,
}

/// With which card, at which authority.
#[derive(Debug, Args)]
pub struct OfHolder {
    #[arg(long)]
    pub reader: Option<String>,
    #[command(flatten)]
    pub authority: OfAuthority,
    #[command(flatten)]
    pub input: OfInput,
}

#[derive(Debug, Args)]
pub struct Status {
    #[arg(id = "certificate_file", conflicts_with_all = ["reader", "key", "can_stdin"])]
    pub file: Option<PathBuf>,
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long)]
    pub key: Option<String>,
    #[command(flatten)]
    pub authority: OfAuthority,
    #[arg(long)]
    pub can_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum Tasks {
    List,
    Resume(TaskResume),
    Drop {
        #[arg(id = "task")]
        id: String,
        #[arg(long = "yes", id = "agreed")]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub struct TaskResume {
    #[arg(id = "task")]
    pub id: String,
    #[arg(long)]
    pub officer_reader: Option<String>,
    #[arg(long)]
    pub reader: Option<String>,
    #[arg(long = "yes", id = "agreed")]
    pub yes: bool,
    #[arg(long)]
    pub officer_can_stdin: bool,
    #[arg(long)]
    pub code_stdin: bool,
    #[command(flatten)]
    pub input: OfInput,
}
