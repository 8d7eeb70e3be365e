//! The card's side of PACE and of secure messaging.
//!
//! ```text
//! Pace::begin → Pace<Begun> → give_nonce → Pace<NonceGiven> → map → Pace<Mapped>
//!     → agree → Pace<Agreed> → authenticate → Messaging
//! ```
//! [`Session`] holds whichever of them a card is in between two commands.

mod authentication;
mod messaging;
mod pace;
mod selection;

pub use authentication::ChipAuthentication;
pub use messaging::{Messaging, OpenError};
pub use pace::{Agreed, Answer, Begun, Mapped, NonceGiven, Pace, Refusal, Session, Stage};
pub use selection::{Selection, SelectionError};
