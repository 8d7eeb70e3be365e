//! What is on the readers at one moment.

use std::{
    ffi::CString,
    sync::mpsc::sync_channel,
    thread,
    time::{Duration, Instant},
};

use pcsc::{Context, ReaderState, State};

use crate::{ServiceState, service};

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
    /// A card that a program is connected to, ours included.
    ///
    /// pcsc-lite does not tell that a program connects or lets go, so in a snapshot of a
    /// [`Watcher`](crate::Watcher) this is as of the last change; [`Snapshot::take`] knows.
    /// Either way it is no reason not to try: see [`Connection::open`](crate::Connection::open).
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

    /// What SCARD_READERSTATE says.
    fn new(flags: State, atr: &[u8]) -> Self {
        if flags.intersects(State::UNAVAILABLE | State::UNKNOWN | State::IGNORE) {
            Self::Unavailable
        } else if flags.contains(State::MUTE) {
            Self::Mute
        } else if flags.contains(State::PRESENT) {
            match atr {
                [] => Self::Mute,
                _ if flags.intersects(State::EXCLUSIVE | State::INUSE) => Self::InUse {
                    atr: atr.to_vec(),
                    exclusive: flags.contains(State::EXCLUSIVE),
                },
                _ => Self::Card { atr: atr.to_vec() },
            }
        } else if flags.contains(State::EMPTY) {
            Self::Empty
        } else {
            Self::Unavailable
        }
    }
}

impl Snapshot {
    /// Asks the service now, without waiting for a change, but for its answer until `deadline`.
    #[must_use]
    pub fn take(deadline: Instant) -> Self {
        let (tell, told) = sync_channel(1);
        // A service that hangs holds this thread, and no other.
        let asking = thread::Builder::new()
            .name("snapshot".to_owned())
            .spawn(move || tell.send(Self::ask()));
        let left = deadline.saturating_duration_since(Instant::now());
        asking
            .ok()
            .and_then(|_| told.recv_timeout(left).ok())
            .unwrap_or_else(|| Self::without_readers(ServiceState::NotResponding))
    }

    fn ask() -> Self {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match service::establish() {
                Err(service) => return Self::without_readers(service),
                Ok(context) => match Self::of(&context) {
                    Ok(snapshot) => return snapshot,
                    // The service, or a reader, went at this very moment.
                    Err(error) => last = Some(error),
                },
            }
        }
        Self::without_readers(
            last.map_or(ServiceState::NotRunning, |error| ServiceState::Failed {
                code: crate::error::code(error),
            }),
        )
    }

    pub(crate) fn without_readers(service: ServiceState) -> Self {
        Self {
            service,
            readers: Vec::new(),
        }
    }

    fn of(context: &Context) -> Result<Self, pcsc::Error> {
        let mut states: Vec<_> = names(context)?.into_iter().map(unaware).collect();
        refresh(context, &mut states)?;
        Ok(Self::from_states(&states))
    }

    /// The snapshot that these states, as reported, amount to.
    pub(crate) fn from_states(states: &[ReaderState]) -> Self {
        Self {
            service: ServiceState::Running,
            readers: states
                .iter()
                .map(|state| ReaderSnapshot {
                    name: state.name().to_string_lossy().into_owned(),
                    slot: SlotState::new(state.event_state(), state.atr()),
                    event_count: state.event_count(),
                })
                .collect(),
        }
    }
}

/// How often the service is asked before it is said to fail.
const ATTEMPTS: u8 = 3;

/// The names of the readers; none is not an error.
pub(crate) fn names(context: &Context) -> Result<Vec<CString>, pcsc::Error> {
    // A reader that comes between the question for the length and the one for the names makes
    // the buffer too small: ask again.
    for _ in 0..3 {
        match context.list_readers_owned() {
            Err(pcsc::Error::InsufficientBuffer) => {}
            result => return result,
        }
    }
    context.list_readers_owned()
}

/// A state that every report of this reader differs from.
pub(crate) fn unaware(name: CString) -> ReaderState {
    ReaderState::new(name, State::UNAWARE)
}

/// Has the service write the present state into `states`, without waiting.
pub(crate) fn refresh(context: &Context, states: &mut [ReaderState]) -> Result<(), pcsc::Error> {
    if states.is_empty() {
        return Ok(());
    }
    match context.get_status_change(Duration::ZERO, states) {
        Err(pcsc::Error::Timeout) => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATR: &[u8] = &[0x3B, 0x80];

    #[test]
    fn a_mute_card_is_not_a_card() {
        assert_eq!(
            SlotState::new(State::PRESENT | State::MUTE | State::CHANGED, &[]),
            SlotState::Mute
        );
        assert_eq!(SlotState::new(State::PRESENT, &[]), SlotState::Mute);
    }

    #[test]
    fn a_card_held_alone_is_told_from_a_shared_one() {
        for (flags, exclusive) in [(State::EXCLUSIVE, true), (State::INUSE, false)] {
            assert_eq!(
                SlotState::new(State::PRESENT | flags, ATR),
                SlotState::InUse {
                    atr: ATR.to_vec(),
                    exclusive
                }
            );
        }
    }

    #[test]
    fn a_reader_that_is_going_has_no_card() {
        assert_eq!(
            SlotState::new(State::UNKNOWN | State::UNAVAILABLE, ATR),
            SlotState::Unavailable
        );
        assert_eq!(SlotState::new(State::empty(), ATR), SlotState::Unavailable);
    }
}
