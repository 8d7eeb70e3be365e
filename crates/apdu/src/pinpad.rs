//! A PIN typed on the reader's own keypad, PC/SC part 10: it never reaches the computer.

use thiserror::Error;

use crate::{ChannelError, Response};

/// How a PIN is turned into the bytes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinEncoding {
    /// One ASCII character a digit, as most cards want it.
    Ascii,
}

/// The shape of a PIN in a command's data field. A profile says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinFormat {
    /// Encoding of the characters.
    pub encoding: PinEncoding,
    /// Fewest characters.
    pub shortest: u8,
    /// Most characters.
    pub longest: u8,
    /// Fills the block to `longest` with this byte; `None`: the data is as long as the PIN.
    pub padding: Option<u8>,
}

/// VERIFY with the PIN left open (FEATURE_VERIFY_PIN_DIRECT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinVerification {
    /// P2: which PIN.
    pub reference: u8,
    /// Its shape.
    pub format: PinFormat,
}

/// CHANGE REFERENCE DATA or RESET RETRY COUNTER with both secrets left open
/// (FEATURE_MODIFY_PIN_DIRECT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinModification {
    /// INS of the command.
    pub instruction: crate::Instruction,
    /// P1.
    pub p1: u8,
    /// P2: which PIN.
    pub reference: u8,
    /// Shape of the secret typed first: the old PIN, or the PUK.
    pub old: PinFormat,
    /// Shape of the new PIN, typed twice.
    pub new: PinFormat,
}

/// A reader's keypad.
pub trait Pinpad {
    /// Asks for the PIN on the keypad and sends VERIFY.
    ///
    /// # Errors
    /// [`PinpadError`] when the card was not asked; what the card answered is the [`Response`].
    fn verify(&mut self, verification: &PinVerification) -> Result<Response, PinpadError>;

    /// Asks for the old secret and twice for the new PIN, and sends the command.
    ///
    /// # Errors
    /// As [`Pinpad::verify`].
    fn modify(&mut self, modification: &PinModification) -> Result<Response, PinpadError>;
}

/// Why no PIN came from the keypad.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PinpadError {
    /// The holder pressed cancel.
    #[error("cancelled at the reader's keypad")]
    Cancelled,
    /// Nobody typed in time.
    #[error("nobody typed at the reader's keypad in time")]
    Timeout,
    /// The new PIN was typed differently the second time.
    #[error("the new PIN was not typed twice alike")]
    PinsDiffer,
    /// Too few or too many digits.
    #[error("too few or too many digits were typed")]
    PinLength,
    /// This keypad cannot do what was asked (no such feature, or the PIN does not fit its limits).
    #[error("the reader's keypad cannot do this")]
    NotSupported,
    /// The reader failed.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}
