//! A connection to the card in one reader.

use std::{sync::Arc, time::Instant};

use lichna_apdu::Interface;

use crate::{ApduObserver, ReaderError, Transaction};

/// A shared connection (SCARD_SHARE_SHARED, T=0 or T=1) to the card in one reader.
#[derive(Debug)]
pub struct Connection {
    reader: String,
    atr: Vec<u8>,
}

impl Connection {
    /// Connects to the card in `reader`.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn open(reader: &str, _deadline: Instant) -> Result<Self, ReaderError> {
        Err(ReaderError::NoReader {
            reader: reader.to_owned(),
        })
    }

    /// The reader's name.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The card's answer to reset.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// How the card is reached.
    #[must_use]
    pub fn interface(&self) -> Interface {
        crate::interface::interface(&self.reader, &self.atr)
    }

    /// Tells `observer` of each exchange from now on.
    pub fn observe(&mut self, _observer: Arc<dyn ApduObserver>) {}

    /// Waits until no other program is in a transaction, and begins one.
    ///
    /// # Errors
    /// [`ReaderError::InUse`] when another program did not let go before `deadline`.
    pub fn transaction(&mut self, _deadline: Instant) -> Result<Transaction<'_>, ReaderError> {
        Err(ReaderError::NoCard)
    }
}
