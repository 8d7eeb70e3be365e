//! What is on the readers at one moment.

use crate::ServiceState;

/// The service and its readers at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether the service can be used. When it cannot, there are no readers.
    pub service: ServiceState,
    /// The readers, in the order of the service.
    pub readers: Vec<ReaderSnapshot>,
}

/// One reader at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderSnapshot {
    /// The name that the service gives it.
    pub name: String,
    /// What is in it.
    pub slot: SlotState,
    /// Counts insertions and removals, where the service counts: two snapshots of the same card
    /// with different counts mean that it was taken out in between.
    pub event_count: u32,
}

/// What is in a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotState {
    /// No card.
    Empty,
    /// A card that answered, and nobody uses.
    Card {
        /// Its answer to reset, ISO/IEC 7816-3 §8.
        atr: Vec<u8>,
    },
    /// A card that does not answer: upside down, or broken.
    Mute,
    /// A card that a program is connected to (ours included).
    InUse {
        /// Its answer to reset.
        atr: Vec<u8>,
        /// That program admits no other.
        exclusive: bool,
    },
    /// The reader is there, and the service cannot tell what is in it.
    Unavailable,
}

impl SlotState {
    /// The answer to reset of the card, if there is one that answered.
    #[must_use]
    pub fn atr(&self) -> Option<&[u8]> {
        match self {
            Self::Card { atr } | Self::InUse { atr, .. } => Some(atr),
            Self::Empty | Self::Mute | Self::Unavailable => None,
        }
    }
}

impl Snapshot {
    /// Asks the service now, without waiting for a change.
    #[must_use]
    pub fn take() -> Self {
        Self {
            service: ServiceState::NotRunning,
            readers: Vec::new(),
        }
    }
}
