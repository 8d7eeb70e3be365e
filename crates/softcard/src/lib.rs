//! The practice card: an eID card in software, for trying things without risk.
//!
//! It behaves as far as is known of the Bulgarian card; `docs/practice-card.md` is its command set.
//! Its whole state is one file, sealed under a [`Lock`]. Bytes go in, bytes come out: it is an
//! [`apdu::Channel`](lichna_apdu::Channel) once it is [put in](SoftCard::insert), and [`vpcd`]
//! takes it to a real PC/SC service.
//!
//! It is never shown as genuine: its roots are its own.
#![forbid(unsafe_code)]

mod card;
mod cia;
mod envelope;
mod error;
mod inserted;
mod lock;
mod making;
mod state;
mod store;
#[cfg(test)]
mod tests;
pub mod vpcd;

pub use card::{SoftCard, delete};
pub use envelope::Header;
pub use error::SoftCardError;
pub use inserted::{Face, Inserted, answer_challenge};
pub use lock::{Lock, LockKind};
pub use making::{FirstPin, Making, Policy};
