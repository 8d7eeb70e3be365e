//! Where practice cards are put in.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lichna_apdu::{Channel, ChannelError, Interface};
use lichna_ipc::{Failure, PracticePlace};
use lichna_softcard::{Inserted, vpcd::Served};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::cards::OwnCard;

/// A practice card in a reader of the agent's own.
pub struct InSlot {
    card: Inserted,
    /// Goes with the card.
    _gone: oneshot::Sender<()>,
}

impl InSlot {
    /// The card, and what ends when it is gone.
    pub fn new(card: Inserted) -> (Self, oneshot::Receiver<()>) {
        let (sender, gone) = oneshot::channel();
        (
            Self {
                card,
                _gone: sender,
            },
            gone,
        )
    }
}

impl Channel for InSlot {
    fn interface(&self) -> Interface {
        self.card.interface()
    }

    fn longest_command(&self) -> usize {
        self.card.longest_command()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.card.transmit(command)
    }
}

impl OwnCard for InSlot {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

/// What holds a card that is put in.
pub enum Slot {
    /// A reader of the agent's own.
    Own {
        /// Ends when the card is gone from it.
        gone: oneshot::Receiver<()>,
    },
    /// A virtual reader of the smart card service.
    Vpcd(Served),
}

impl Slot {
    /// Nobody has the card any more.
    fn is_over(&self) -> bool {
        match self {
            Self::Own { .. } => false,
            Self::Vpcd(served) => served.is_over(),
        }
    }
}

/// A card that is put in.
struct Taken {
    place: PracticePlace,
    slot: Slot,
    administrator_key: Zeroizing<[u8; 32]>,
}

/// All cards that are put in, by their numbers.
#[derive(Default)]
pub struct Slots(Mutex<BTreeMap<String, Taken>>);

impl Slots {
    /// Where this card is, if it is put in.
    pub fn place(&self, number: &str) -> Option<PracticePlace> {
        let slots = self.lock();
        slots.get(number).map(|taken| taken.place.clone())
    }

    /// The key that this card is personalised under, if it is put in.
    pub fn administrator_key(&self, number: &str) -> Option<Zeroizing<[u8; 32]>> {
        let slots = self.lock();
        slots
            .get(number)
            .map(|taken| taken.administrator_key.clone())
    }

    /// Number of the card in this reader of the agent's own.
    pub fn number_in(&self, reader: &str) -> Option<String> {
        let slots = self.lock();
        let mut all = slots.iter();
        let found = all.find(|(_, taken)| taken.place.reader.as_deref() == Some(reader));
        found.map(|(number, _)| number.clone())
    }

    /// The only card that is put in.
    pub fn only(&self) -> Result<String, Failure> {
        let slots = self.lock();
        let mut numbers = slots.keys();
        match (numbers.next(), numbers.next()) {
            (None, _) => Err(Failure::PracticeCardNone),
            (Some(number), None) => Ok(number.clone()),
            (Some(_), Some(_)) => {
                let all: Vec<&str> = slots.keys().map(String::as_str).collect();
                Err(Failure::SeveralPracticeCards {
                    numbers: all.join(", "),
                })
            }
        }
    }

    /// A card was put in.
    pub fn put_in(
        &self,
        number: &str,
        (place, slot): (PracticePlace, Slot),
        administrator_key: Zeroizing<[u8; 32]>,
    ) {
        let taken = Taken {
            place,
            slot,
            administrator_key,
        };
        self.lock().insert(number.to_owned(), taken);
    }

    /// A card is taken out; whoever asked does the rest.
    pub fn take_out(&self, number: &str) -> Option<(PracticePlace, Slot)> {
        let taken = self.lock().remove(number);
        taken.map(|taken| (taken.place, taken.slot))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Taken>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A virtual reader whose service ended has no card any more.
        slots.retain(|_, taken| !taken.slot.is_over());
        slots
    }
}
