//! What is known of the holder's PIN without asking the card again.

use std::time::{Duration, Instant};

use lichna_card::{PinRef, PinRules, PinState, PinStatus, Profile};
use lichna_ipc::Failure;

/// A state that is younger than this counts as what the card says now.
const FRESH: Duration = Duration::from_secs(5);

/// The state of a PIN.
#[derive(Clone, Copy)]
pub struct KnownPin {
    /// It, for people.
    pub status: PinStatus,
    /// When the card said so; `None` where it follows from what became of a PIN that it was given.
    said: Option<Instant>,
    /// The most tries that were left since the card was put in.
    most: Option<u8>,
}

impl KnownPin {
    /// As the card says now.
    pub fn said(status: PinStatus, before: Option<Self>) -> Self {
        let left = match status.state {
            PinState::Ready { tries_left } => tries_left,
            _ => None,
        };
        Self {
            status,
            said: Some(Instant::now()),
            most: before.and_then(|before| before.most).max(left),
        }
    }

    /// As it follows from what came of a PIN that the card was given. After a right one all tries
    /// are back, which are at least as many as there ever were.
    pub fn given(
        pin: PinRef,
        failure: Option<&Failure>,
        profile: &Profile,
        before: Option<Self>,
    ) -> Option<Self> {
        let before = match before {
            Some(other) if other.status.pin != pin => {
                return Some(Self {
                    said: None,
                    ..other
                });
            }
            before => before,
        };
        let most = before.and_then(|before| before.most);
        let rules = profile.pin(pin);
        let tries_total = rules.and_then(PinRules::tries);
        let suspended_at = rules.and_then(PinRules::suspended_at);
        let state = match failure {
            None => PinState::Ready {
                tries_left: tries_total.or(most),
            },
            Some(Failure::WrongPin { tries_left: 0 } | Failure::PinBlocked) => PinState::Blocked,
            Some(Failure::WrongPin { tries_left }) if Some(*tries_left) == suspended_at => {
                PinState::Suspended
            }
            Some(Failure::WrongPin { tries_left }) => PinState::Ready {
                tries_left: Some(*tries_left),
            },
            Some(Failure::PinSuspended) => PinState::Suspended,
            Some(_) => return None,
        };
        Some(Self {
            status: PinStatus {
                pin,
                state,
                tries_total,
            },
            said: None,
            most,
        })
    }

    /// What the card said a moment ago, and nothing was verified since.
    pub fn fresh(self) -> Option<PinStatus> {
        (self.said?.elapsed() < FRESH).then_some(self.status)
    }
}
