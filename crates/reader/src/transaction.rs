//! A transaction: the card, undisturbed by other programs.

use core::marker::PhantomData;
use std::time::Instant;

use lichna_apdu::{
    Channel, ChannelError, Interface, LONGEST_SHORT, PinModification, PinVerification, Pinpad,
    PinpadError, Response,
};
use zeroize::Zeroizing;

use crate::{Connection, ReaderError};

/// How to leave the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Reset: nothing verified stays verified.
    Reset,
    /// As it is: only when nothing secret was done.
    Keep,
}

/// The card, undisturbed by other programs.
///
/// Dropped, it leaves the card reset if the card was spoken to.
#[derive(Debug)]
pub struct Transaction<'connection> {
    connection: PhantomData<&'connection mut Connection>,
}

impl Transaction<'_> {
    /// Whether the card was reset by somebody else since our last transaction.
    #[must_use]
    pub fn card_was_reset(&self) -> bool {
        false
    }

    /// Moves the deadline of what is still to come.
    pub fn set_deadline(&mut self, _deadline: Instant) {}

    /// Keeps the transaction alive while nothing is sent (Windows resets the card after 5 s), until it ends.
    pub fn keep_awake(&mut self) {}

    /// Ends the transaction.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn finish(self, _leave: Leave) -> Result<(), ReaderError> {
        Ok(())
    }
}

impl Channel for Transaction<'_> {
    fn interface(&self) -> Interface {
        Interface::Contact
    }

    fn longest_command(&self) -> usize {
        LONGEST_SHORT
    }

    fn transmit(&mut self, _command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        Err(ChannelError::CardRemoved)
    }

    fn pinpad(&mut self) -> Option<&mut dyn Pinpad> {
        Some(self)
    }
}

impl Pinpad for Transaction<'_> {
    fn verify(&mut self, _verification: &PinVerification) -> Result<Response, PinpadError> {
        Err(PinpadError::NotSupported)
    }

    fn modify(&mut self, _modification: &PinModification) -> Result<Response, PinpadError> {
        Err(PinpadError::NotSupported)
    }
}
