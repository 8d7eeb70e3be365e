//! How a card is reached: in a reader, or because it is software in this very process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_apdu::{Channel, ChannelError, Interface, Pinpad};
use lichna_ipc::Failure;
use lichna_reader::{ApduObserver, Connection, Leave, Transaction};
use zeroize::Zeroizing;

use super::{
    failure,
    meter::{Meter, Seen},
};

/// How long the end of a task may take: the reset of the card.
const LETTING_GO: Duration = Duration::from_secs(2);

/// A card that is software in this process: a practice card that was put in.
///
/// It stands where another card's reader stands. Nobody else can speak to it.
pub trait OwnCard: Channel + Send {
    /// Its answer to reset, 2 to 33 bytes.
    fn atr(&self) -> Vec<u8>;

    /// What a reader does with the supply: the card forgets all that is volatile.
    fn reset(&mut self);
}

/// The way to the card of one reader.
pub enum Link {
    /// Through the smart card service; connected when it is first needed.
    Service(Option<Connection>),
    /// Our own.
    Own(Box<dyn OwnCard>),
}

impl Link {
    /// Begins a transaction: from now on nobody else speaks to the card.
    ///
    /// # Errors
    /// Why the card could not be reached.
    pub fn begin<'a>(
        &'a mut self,
        reader: &'a str,
        meter: &'a Arc<Meter>,
        deadline: Instant,
    ) -> Result<Exclusive<'a>, Failure> {
        let told = |error| failure::from_reader(reader, error);
        match self {
            Self::Own(card) => Ok(Exclusive::Own(OwnTransaction {
                card: &mut **card,
                reader,
                meter,
                deadline,
                finished: false,
            })),
            Self::Service(connection) => {
                let open = match connection.take() {
                    Some(open) => open,
                    None => {
                        let mut new = Connection::open(reader, deadline).map_err(told)?;
                        let observer: Arc<dyn ApduObserver> = meter.clone();
                        new.observe(observer);
                        new
                    }
                };
                let transaction = connection.insert(open).transaction(deadline);
                Ok(Exclusive::Service(transaction.map_err(told)?))
            }
        }
    }

    /// Lets go of the card, after a reset where `leave` says so.
    pub fn let_go(&mut self, leave: Leave) {
        match self {
            Self::Own(card) if leave == Leave::Reset => card.reset(),
            Self::Own(_) => {}
            Self::Service(connection) => {
                if let (Some(mut open), Leave::Reset) = (connection.take(), leave) {
                    let reset = open
                        .transaction(Instant::now() + LETTING_GO)
                        .and_then(|transaction| transaction.finish(Leave::Reset));
                    if let Err(error) = reset {
                        // It is out of its reader, or the service is gone: reset enough.
                        tracing::debug!(%error, "a card was not reset");
                    }
                }
            }
        }
    }
}

/// The card, ours alone. Dropped, it leaves the card reset.
pub enum Exclusive<'a> {
    /// In a reader.
    Service(Transaction<'a>),
    /// Our own.
    Own(OwnTransaction<'a>),
}

impl Exclusive<'_> {
    /// Whether somebody else reset the card since our last transaction.
    pub const fn card_was_reset(&self) -> bool {
        match self {
            Self::Service(transaction) => transaction.card_was_reset(),
            Self::Own(_) => false,
        }
    }

    /// Keeps the transaction alive while nothing is sent.
    pub fn keep_awake(&self) {
        if let Self::Service(transaction) = self {
            transaction.keep_awake();
        }
    }

    /// Ends the transaction.
    pub fn finish(self, leave: Leave) {
        match self {
            Self::Service(transaction) => {
                if let Err(error) = transaction.finish(leave) {
                    // A card that cannot be reset any more is out of its reader, which is reset
                    // enough.
                    tracing::debug!(%error, "a transaction did not end well");
                }
            }
            Self::Own(mut transaction) => {
                transaction.finished = leave == Leave::Keep;
            }
        }
    }
}

impl Channel for Exclusive<'_> {
    fn interface(&self) -> Interface {
        match self {
            Self::Service(transaction) => transaction.interface(),
            Self::Own(transaction) => transaction.card.interface(),
        }
    }

    fn longest_command(&self) -> usize {
        match self {
            Self::Service(transaction) => transaction.longest_command(),
            Self::Own(transaction) => transaction.card.longest_command(),
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        match self {
            Self::Service(transaction) => transaction.transmit(command),
            Self::Own(transaction) => transaction.transmit(command),
        }
    }

    fn pinpad(&mut self) -> Option<&mut dyn Pinpad> {
        match self {
            Self::Service(transaction) => transaction.pinpad(),
            Self::Own(_) => None,
        }
    }
}

/// A task with a card of our own. Dropped before it is finished, it leaves the card reset.
pub struct OwnTransaction<'a> {
    card: &'a mut dyn OwnCard,
    reader: &'a str,
    meter: &'a Meter,
    deadline: Instant,
    finished: bool,
}

impl OwnTransaction<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        if self.deadline <= Instant::now() {
            return Err(ChannelError::DeadlineExceeded);
        }
        let began = Instant::now();
        let answer = self.card.transmit(command);
        if let &[_, instruction, p1, p2, ..] = command {
            let bytes = answer.as_ref().ok();
            self.meter.saw(&Seen {
                reader: self.reader,
                header: [instruction, p1, p2],
                sent: command.len(),
                received: bytes.map_or(0, |bytes| bytes.len()),
                status: bytes
                    .and_then(|bytes| bytes.last_chunk::<2>())
                    .map(|word| u16::from_be_bytes(*word)),
                took: began.elapsed(),
            });
        }
        answer
    }
}

impl Drop for OwnTransaction<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.card.reset();
        }
    }
}
