//! An application from its first state to its last, Art. 14 of the Regulation. Nothing here does
//! anything: it says what may follow what.

use core::fmt;

use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

/// What is applied for, as the Ministry's system names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub enum Kind {
    /// A carrier's first certificates, or others in their place: Req 13.1.
    #[serde(rename = "ISSUE_EID")]
    Issue,
    /// The same again before it expires, by the holder himself: Req 13.6.
    #[serde(rename = "RENEW_EID")]
    Renew,
}

/// Where an application stands, as the Ministry's system names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum State {
    /// It is here, and waits for the applicant to appear in person: Req 14.6.
    Submitted,
    /// The sender and the data were checked, the identifier is given: Req 14.1.2–14.1.4.
    Approved,
    /// The carrier was opened for its keys to be made: Req 14.1.5.
    Keys,
    /// Both certificates are in the registers, and are good for the confirmation alone: Req 14.1.7.
    GeneratedCertificate,
    /// The certificates are on the carrier, and in force: Req 14.1.9.
    Completed,
    /// It ended before that, and what was known of it is deleted: Req 14.2.
    Denied,
}

/// What happens to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The applicant appeared, the data are in order.
    Approved,
    /// A challenge of the carrier was answered.
    Answered,
    /// The second of the two certificates was entered in the registers.
    Certified,
    /// The holder of the new key said that the certificates are on the carrier.
    Confirmed,
    /// Somebody gave up, or the time is over.
    Failed,
}

/// That does not happen to an application in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an application that is {state} is not {event}")]
pub struct WrongState {
    /// Where it stands.
    pub state: State,
    /// What was to happen.
    pub event: Event,
}

impl Kind {
    /// As it stands in the store and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "ISSUE_EID",
            Self::Renew => "RENEW_EID",
        }
    }

    /// What the store calls so.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::Issue, Self::Renew]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

impl State {
    /// All, in the order of Art. 14.
    pub const ALL: [Self; 6] = [
        Self::Submitted,
        Self::Approved,
        Self::Keys,
        Self::GeneratedCertificate,
        Self::Completed,
        Self::Denied,
    ];

    /// As it stands in the store and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Approved => "APPROVED",
            Self::Keys => "KEYS",
            Self::GeneratedCertificate => "GENERATED_CERTIFICATE",
            Self::Completed => "COMPLETED",
            Self::Denied => "DENIED",
        }
    }

    /// What the store calls so.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether something is still to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Completed | Self::Denied)
    }

    /// The state after an event. What happened once already, and whose answer may have been lost,
    /// may happen again where that changes nothing.
    ///
    /// # Errors
    /// [`WrongState`], and nothing has happened.
    pub const fn after(self, event: Event) -> Result<Self, WrongState> {
        use State::{Approved, Completed, Denied, GeneratedCertificate, Keys, Submitted};
        Ok(match (self, event) {
            (Submitted, Event::Approved) => Approved,
            (Approved | Keys, Event::Answered) => Keys,
            // Certificates are written to the carrier, and made its current ones, after they were
            // issued: that wants an answer, too.
            (GeneratedCertificate | Completed, Event::Answered) => self,
            // Not every carrier asks before it makes keys.
            (Approved | Keys, Event::Certified) => GeneratedCertificate,
            (GeneratedCertificate | Completed, Event::Confirmed) => Completed,
            (Submitted | Approved | Keys | GeneratedCertificate | Denied, Event::Failed) => Denied,
            (state, event) => return Err(WrongState { state, event }),
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approved => "approved",
            Self::Answered => "given answers for its carrier",
            Self::Certified => "given certificates",
            Self::Confirmed => "confirmed",
            Self::Failed => "given up",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [Event; 5] = [
        Event::Approved,
        Event::Answered,
        Event::Certified,
        Event::Confirmed,
        Event::Failed,
    ];

    fn after(events: &[Event]) -> State {
        events.iter().fold(State::Submitted, |state, event| {
            state.after(*event).unwrap_or(state)
        })
    }

    #[test]
    fn goes_from_the_application_to_the_confirmation() {
        assert_eq!(after(&EVENTS[..4]), State::Completed);
        assert_eq!(after(&EVENTS), State::Completed, "what is done stays done");
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        for state in State::ALL {
            assert_eq!(State::read(state.as_str()), Some(state));
            let json = serde_json::to_value(state).expect("JSON");
            assert_eq!(json, state.as_str());
        }
        for kind in [Kind::Issue, Kind::Renew] {
            assert_eq!(Kind::read(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.as_str());
        }
        assert_eq!(State::read("approved"), None);
    }

    proptest! {
        /// Req 14.5, 14.2: whatever comes in whatever order.
        #[test]
        fn nothing_is_in_force_that_was_not_approved_certified_and_confirmed(
            events in prop::collection::vec(prop::sample::select(&EVENTS[..]), 0..12)
        ) {
            let state = after(&events);
            let at = |event| events.iter().position(|e| *e == event);
            if state == State::Completed {
                let (approved, confirmed) = (at(Event::Approved), at(Event::Confirmed));
                prop_assert!(approved.is_some() && confirmed.is_some());
                prop_assert!(events.iter().rposition(|e| *e == Event::Certified) > approved);
                prop_assert!(events.iter().rposition(|e| *e == Event::Confirmed) > at(Event::Certified));
            }
            if state == State::Denied {
                prop_assert!(EVENTS.iter().all(|event| !matches!(state.after(*event), Ok(next) if next != state)));
            }
        }
    }
}
