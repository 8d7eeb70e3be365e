//! PC/SC readers: what is there ([`Watcher`]), one card at a time ([`Connection`],
//! [`Transaction`]), the reader's keypad (PC/SC part 10), and who else holds the card
//! ([`holders`]).
//!
//! This is the only crate that speaks to the PC/SC service. A [`Transaction`] is an
//! [`apdu::Channel`](lichna_apdu::Channel); nothing here knows what is on a card.
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//! use lichna_reader::{Connection, Leave, SlotState, Watcher};
//!
//! for snapshot in Watcher::new() {
//!     for reader in snapshot.readers {
//!         if let SlotState::Card { .. } = reader.slot {
//!             let deadline = Instant::now() + Duration::from_secs(5);
//!             let mut card = Connection::open(&reader.name, deadline)?;
//!             let transaction = card.transaction(deadline)?;
//!             // … hand it to the card …
//!             transaction.finish(Leave::Reset)?;
//!         }
//!     }
//! }
//! # Ok::<(), lichna_reader::ReaderError>(())
//! ```
#![forbid(unsafe_code)]

mod connection;
mod error;
mod features;
mod holders;
mod interface;
mod observer;
mod pinpad;
mod service;
mod snapshot;
mod transaction;
mod watcher;
mod worker;

pub use connection::Connection;
pub use error::ReaderError;
pub use holders::{Holder, Holders, holders};
pub use interface::interface;
pub use observer::{ApduExchange, ApduObserver};
pub use service::ServiceState;
pub use snapshot::{ReaderSnapshot, SlotState, Snapshot};
pub use transaction::{Leave, Transaction};
pub use watcher::{Canceller, Watcher};
