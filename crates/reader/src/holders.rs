//! Which other programs speak to the PC/SC service.

use core::fmt;
use std::path::PathBuf;

#[cfg(target_os = "linux")]
mod linux;

/// A program that is connected to the PC/SC service, and so may hold the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its executable, where we may see it (a process of another user hides it).
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
    /// The programs that could be named, by process number.
    pub named: Vec<Holder>,
    /// Whether these are all: `false` where the system does not tell, or hides some from us (the
    /// files of another user's processes).
    pub complete: bool,
}

impl Holders {
    /// Whether it is certain that no other program speaks to the service.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.complete && self.named.is_empty()
    }
}

impl fmt::Display for Holders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, holder) in self.named.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{} ({})", holder.name, holder.pid)?;
        }
        match (self.named.is_empty(), self.complete) {
            (true, true) => f.write_str("nobody"),
            (true, false) => f.write_str("unknown"),
            (false, true) => Ok(()),
            (false, false) => f.write_str(", perhaps others"),
        }
    }
}

/// The other programs that may hold the card in `reader`.
#[must_use]
pub fn holders(reader: &str) -> Holders {
    tracing::debug!(reader, "who holds the card");
    #[cfg(target_os = "linux")]
    let holders = linux::clients().unwrap_or_else(|error| {
        tracing::debug!(%error, "the clients of the service cannot be listed");
        Holders::default()
    });
    #[cfg(not(target_os = "linux"))]
    let holders = Holders::default();
    holders
}
