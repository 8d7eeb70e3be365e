//! What is kept of a card for the sake of other programs: how far their tokens are read, what the
//! card said of each PIN, and whether a PIN that was right may not be any more.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lichna_card::{PinRef, PinStatus};
use tokio::sync::watch;

/// What is kept of one card.
#[derive(Default)]
pub struct ForPrograms {
    reading: Mutex<Reading>,
    said: Mutex<BTreeMap<PinRef, PinStatus>>,
    doubts: watch::Sender<u64>,
    unlocking: tokio::sync::Mutex<()>,
}

/// How far the certificates of a card's tokens are read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reading {
    /// Nobody wanted to know.
    #[default]
    NotBegun,
    /// They are being read.
    Begun,
    /// The last attempt has ended.
    Ended(Attempt),
}

/// How an attempt to read them ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Those that can be read were.
    Done,
    /// The card could not be asked; whoever begins to watch has it tried again.
    Failed,
    /// It tells nothing before its CAN was given.
    Sealed,
}

impl ForPrograms {
    /// Whether whoever asks is to read them now; nobody else does then. `readable`: the card tells
    /// what is on it. `again`: also when they could not be read before.
    pub fn begin(&self, readable: bool, again: bool) -> bool {
        let mut reading = self.reading();
        let worth_it = match *reading {
            Reading::NotBegun => true,
            Reading::Ended(Attempt::Failed) => again,
            Reading::Ended(Attempt::Sealed) => readable,
            Reading::Begun | Reading::Ended(Attempt::Done) => false,
        };
        if worth_it {
            *reading = Reading::Begun;
        }
        worth_it
    }

    /// The attempt has ended.
    pub fn ended(&self, attempt: Attempt) {
        *self.reading() = Reading::Ended(attempt);
    }

    /// Nothing more is about to be known of its tokens.
    pub fn is_settled(&self) -> bool {
        matches!(*self.reading(), Reading::Ended(_))
    }

    /// Waits until nobody else has the holder asked for the card's CAN.
    pub async fn unlocking(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.unlocking.lock().await
    }

    /// What the card said of this PIN when it was last asked.
    pub fn said_of(&self, pin: PinRef) -> Option<PinStatus> {
        self.said().get(&pin).copied()
    }

    /// What the card says of a PIN.
    pub fn says(&self, status: PinStatus) {
        self.said().insert(status.pin, status);
    }

    /// A PIN was wrong, or is another now: none that is kept is good any more. What the card said
    /// of them is no longer so.
    pub fn doubt(&self) {
        self.said().clear();
        self.doubts.send_modify(|doubts| *doubts += 1);
    }

    /// For whoever keeps a PIN: changes when there is doubt about it.
    pub fn doubts(&self) -> watch::Receiver<u64> {
        self.doubts.subscribe()
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self) -> MutexGuard<'_, BTreeMap<PinRef, PinStatus>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
