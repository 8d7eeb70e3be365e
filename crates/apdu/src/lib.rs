//! ISO/IEC 7816-4: commands, responses, status words and BER-TLV, and the [`Channel`] they travel on.
//!
//! Nothing here does I/O. A [`Command`] knows its bytes, a [`Channel`] (a reader's transaction,
//! a secure channel, a practice card) carries them, and [`exchange`] does what lies between:
//! command chaining, GET RESPONSE and the repeat with the right Le.
#![forbid(unsafe_code)]

mod channel;
mod command;
mod exchange;
mod pinpad;
mod received;
mod response;
mod status;
pub mod tlv;

pub use channel::{Channel, ChannelError, Interface};
pub use command::{Command, CommandError, Instruction, LONGEST_EXTENDED, LONGEST_SHORT};
pub use exchange::{ExchangeError, Framing, exchange};
pub use pinpad::{PinEncoding, PinFormat, PinModification, PinVerification, Pinpad, PinpadError};
pub use received::{NotACommand, ReceivedCommand};
pub use response::Response;
pub use status::Status;
