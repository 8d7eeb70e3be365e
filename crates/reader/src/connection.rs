//! A connection to the card in one reader.

use std::{ffi::CString, fmt, sync::Arc, time::Instant};

use lichna_apdu::Interface;
use tracing::debug;

use crate::{
    ApduObserver, Holders, ReaderError, Transaction,
    features::{self, Features},
    holders,
    interface::interface,
    worker::{Failure, OpenError, Opened, Phase, Worker},
};

/// A shared connection (SCARD_SHARE_SHARED, T=0 or T=1) to the card in one reader.
///
/// It has a context and a thread of its own that does the waiting, so nothing here takes longer
/// than its deadline: not a program that never ends its transaction, not a card that never
/// answers. That thread may stay stuck in the driver; then every further call on this connection
/// ends at its deadline. Drop it and open another: the stuck thread ends by itself when the
/// driver comes back (at the latest when the card is taken out), and resets the card.
///
/// It is a connection to this card, not to this slot: with the next card, open it again.
pub struct Connection {
    worker: Worker,
    reader: String,
    atr: Vec<u8>,
    interface: Interface,
    features: Option<Features>,
    observer: Option<Arc<dyn ApduObserver>>,
}

impl Connection {
    /// Connects to the card in `reader`. Waits while another program is in a transaction.
    ///
    /// # Errors
    /// [`ReaderError::InUse`] when another program holds the card alone, or did not end its
    /// transaction before `deadline`; [`ReaderError::NoCard`], [`ReaderError::CardMute`],
    /// [`ReaderError::NoReader`], [`ReaderError::Service`] as they say.
    pub fn open(reader: &str, deadline: Instant) -> Result<Self, ReaderError> {
        let no_reader = || ReaderError::NoReader {
            reader: reader.to_owned(),
        };
        // A name with a zero byte is no reader's.
        let name = CString::new(reader).map_err(|_| no_reader())?;
        let opened = Worker::open(name, deadline).map_err(|failure| match failure {
            Failure::Deadline => late(Phase::Waiting, reader),
            Failure::Gone => ReaderError::NoThread,
            Failure::Pcsc(error) => ReaderError::from_pcsc(error, reader),
        })?;
        let (worker, Opened { atr }) = opened.map_err(|error| match error {
            OpenError::Service(state) => ReaderError::Service(state),
            OpenError::Pcsc(error) => ReaderError::from_pcsc(error, reader),
        })?;
        debug!(reader, "connected");
        Ok(Self {
            worker,
            interface: interface(reader, &atr),
            reader: reader.to_owned(),
            atr,
            features: None,
            observer: None,
        })
    }

    /// The reader's name.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The card's answer to reset, ISO/IEC 7816-3 §8.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// How the card is reached.
    #[must_use]
    pub const fn interface(&self) -> Interface {
        self.interface
    }

    /// Tells `observer` of each exchange from the next transaction on.
    pub fn observe(&mut self, observer: Arc<dyn ApduObserver>) {
        self.observer = Some(observer);
    }

    /// Waits until no other program is in a transaction, and begins one, in which every exchange
    /// must end before `deadline`.
    ///
    /// # Errors
    /// [`ReaderError::InUse`] when another program did not end its transaction before
    /// `deadline`; [`ReaderError::DeadlineExceeded`] when it is the driver that did not answer;
    /// [`ReaderError::NoCard`] when the card was taken out, even if it was put in again.
    pub fn transaction(&mut self, deadline: Instant) -> Result<Transaction<'_>, ReaderError> {
        let begun = match self.worker.begin(deadline) {
            Ok(begun) => begun,
            Err(failure) => {
                let phase = self.worker.phase();
                // If it gets the transaction after all, it is to let it go.
                self.worker.end_later();
                return Err(match failure {
                    Failure::Deadline => late(phase, &self.reader),
                    Failure::Gone => ReaderError::NoCard,
                    Failure::Pcsc(error) => ReaderError::from_pcsc(error, &self.reader),
                });
            }
        };
        if self.features.is_none() {
            match features::ask(&self.worker, deadline) {
                Ok(features) => self.features = Some(features),
                Err(failure) => {
                    self.worker.end_later();
                    return Err(match failure {
                        Failure::Deadline => ReaderError::DeadlineExceeded,
                        Failure::Gone => ReaderError::NoCard,
                        Failure::Pcsc(error) => ReaderError::from_pcsc(error, &self.reader),
                    });
                }
            }
        }
        Ok(Transaction::new(
            &self.worker,
            &self.reader,
            self.interface,
            self.features.unwrap_or_default(),
            self.observer.as_deref(),
            begun,
            deadline,
        ))
    }
}

/// Whose fault it is that the deadline passed: another program's, if there may be one.
fn late(phase: Phase, reader: &str) -> ReaderError {
    let holders = match phase {
        Phase::Waiting => holders(reader),
        Phase::Driver | Phase::Idle => Holders {
            named: Vec::new(),
            complete: true,
        },
    };
    if holders.is_nobody() {
        ReaderError::DeadlineExceeded
    } else {
        ReaderError::InUse { holders }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("reader", &self.reader)
            .field("interface", &self.interface)
            .field("features", &self.features)
            .finish_non_exhaustive()
    }
}
