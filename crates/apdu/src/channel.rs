//! What carries a command to a card and its answer back.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::Pinpad;

/// The way a card is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// ISO/IEC 7816-3 contacts.
    Contact,
    /// ISO/IEC 14443 radio: anyone near may listen or speak.
    Contactless,
}

/// A way to one card, held by one task at a time.
///
/// Implemented by a reader's transaction, by secure messaging over another channel, and by the
/// practice card. The owner of a channel may speak to the card undisturbed until it is dropped.
pub trait Channel {
    /// How the card is reached.
    fn interface(&self) -> Interface;

    /// Longest command, in bytes, that passes: [`LONGEST_SHORT`](crate::LONGEST_SHORT) when only
    /// short commands do, up to [`LONGEST_EXTENDED`](crate::LONGEST_EXTENDED).
    fn longest_command(&self) -> usize;

    /// Sends one encoded command and returns the answer: data, then the two bytes SW1 SW2.
    ///
    /// The answer is whatever the card sent; it may be shorter than a status word.
    ///
    /// # Errors
    /// [`ChannelError`] when no answer came. The state of the card is then unknown.
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError>;

    /// Whether secure messaging protects what passes: then a PIN may, whatever the interface.
    fn is_protected(&self) -> bool {
        false
    }

    /// The keypad of the reader, where it has one and the PIN may be typed there.
    fn pinpad(&mut self) -> Option<&mut dyn Pinpad> {
        None
    }
}

/// Why a command got no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The card was taken out, or left the field.
    #[error("the card was removed")]
    CardRemoved,
    /// Another program, or a loss of power, reset the card: what was verified no longer is.
    #[error("the card was reset")]
    CardReset,
    /// The reader itself is gone.
    #[error("the reader was unplugged")]
    ReaderGone,
    /// The card does not answer: upside down, broken, or silent.
    #[error("the card does not answer")]
    CardMute,
    /// The task had a deadline, and it has passed.
    #[error("the card took longer than the deadline")]
    DeadlineExceeded,
    /// The smart card service stopped.
    #[error("the smart card service stopped")]
    ServiceStopped,
    /// The command is longer than the channel carries.
    #[error("a command of {length} bytes does not fit a channel of {longest}")]
    CommandTooLong {
        /// Bytes of the command.
        length: usize,
        /// Bytes the channel carries.
        longest: usize,
    },
    /// Protected messages failed their check; the secure channel is closed.
    #[error("the answer failed the check of secure messaging")]
    SecureMessaging,
    /// The service refused for a reason of its own.
    #[error("the smart card service reported {code:#010x}")]
    Service {
        /// PC/SC return code.
        code: u32,
    },
}
