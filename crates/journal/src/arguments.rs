//! What can be asked of `lichna-journal`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime, Time};

/// Checks, shows, archives and exports journals of events.
///
/// Exit codes: 0 all is as it should be, 1 something is wrong with the journal, 2 it could not be done.
#[derive(Debug, Parser)]
#[command(name = "lichna-journal", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a journal, an archive or an export, down to each record
    Verify(Verify),
    /// Show records
    Show(Show),
    /// Put what is before a date into one signed file; the journal stays as it is
    Archive(Archive),
    /// Write records as text that can be read and checked without this program
    Export(Export),
    /// Print the manual page
    Man(Man),
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The folder of a journal or of an export, or the file of an archive
    pub path: PathBuf,
    /// A public key that checkpoints are signed with (PEM); once for each key that there ever was
    #[arg(long = "key", value_name = "PEM", required = true)]
    pub keys: Vec<PathBuf>,
    /// Checkpoints that were kept elsewhere, one a line: of this journal, or of others that name it
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub checkpoints: Vec<PathBuf>,
    /// The report as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    /// The folder of a journal
    pub folder: PathBuf,
    #[command(flatten)]
    pub range: Range,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Archive {
    /// The folder of a journal
    pub folder: PathBuf,
    /// The records that are older than this go into it, by whole segments: those end with a month
    #[arg(long, value_name = "DATE")]
    pub before: Moment,
    /// Leave out what is older than this, which is in an earlier archive
    #[arg(long, value_name = "DATE")]
    pub after: Option<Moment>,
    /// The private key that signs it (PKCS#8 in PEM, on P-256 or P-384)
    #[arg(long, value_name = "PEM")]
    pub key: PathBuf,
    /// A file with the passphrase of the key, where it is encrypted
    #[arg(long, value_name = "FILE")]
    pub passphrase: Option<PathBuf>,
    /// The file to make
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The folder of a journal
    pub folder: PathBuf,
    #[command(flatten)]
    pub range: Range,
    /// The folder to make
    #[arg(long, value_name = "FOLDER")]
    pub output: PathBuf,
}

#[derive(Debug, Args)]
pub struct Man {
    /// Write one page for each command into this folder instead
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Range {
    /// From this record on, by its number or by a date
    #[arg(long, value_name = "NUMBER|DATE")]
    pub from: Option<Place>,
    /// Up to this record, or to the last one before that date
    #[arg(long, value_name = "NUMBER|DATE")]
    pub to: Option<Place>,
}

/// A record, by its number or by time.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Number(u64),
    Moment(Moment),
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => text.parse().map(Self::Moment),
        }
    }
}

/// A time in Unix milliseconds: a day (its beginning in UTC), or RFC 3339.
#[derive(Clone, Copy, Debug)]
pub struct Moment(pub u64);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day =
            Date::parse(text, &Iso8601::DATE).map(|day| day.with_time(Time::MIDNIGHT).assume_utc());
        let at = day.or_else(|_| OffsetDateTime::parse(text, &Rfc3339));
        let at = at.map_err(|_| "not a date such as 2026-12-31 or 2026-12-31T23:59:59Z")?;
        let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000);
        milliseconds.map(Self).map_err(|_| "before 1970")
    }
}
