//! What follows what when certificates are issued to a card (Art. 14) or renewed on it (13.6).
//! Nothing here does anything.
//!
//! ```text
//! Prepared → IdentifierReceived → KeysGenerated → RequestsSigned → Submitted → Issued → Written
//!   → ReadBack → Activated → Confirmed            a first pair of certificates
//!   → ReadBack → Confirmed → Activated            a renewal: the card uses the old pair until the
//!                                                 new one is in force
//!   → RolledBack                                  from wherever nothing is in force yet
//! ```
//!
//! Where the card has one place for each key, the two keys are renewed one after the other, each the
//! way of a renewal: the one that identifies while the one that signs vouches for it, and then the
//! other way round. So the card always has a key that the authority trusts, and a part whose old key
//! is overwritten is not taken back: what comes to nothing begins again.
//!
//! A state is on the disk before the next action begins, so an action may have been done already
//! when it is to be done: each of them is one that can be done twice.

use lichna_ipc::{KeyRole, TaskState};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One of the two keys, and its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The one that identifies.
    Identification,
    /// The one that signs.
    Signing,
}

impl Part {
    /// As a client is told of it.
    #[must_use]
    pub const fn role(self) -> KeyRole {
        match self {
            Self::Identification => KeyRole::Authentication,
            Self::Signing => KeyRole::Signing,
        }
    }
}

/// Which way a task goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Course {
    /// A first pair of certificates.
    First,
    /// A new pair beside the old one.
    Beside,
    /// A new key in the place of the old one, while the other vouches.
    InPlace(Part),
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Learn from the authority whose certificates they will be.
    Introduce,
    /// Have the card make the keys.
    Generate,
    /// Have them sign the requests.
    Sign,
    /// Nothing but a note on the disk: from now on the authority may have the requests.
    Announce,
    /// Send them, or ask once more for what was issued for them.
    Submit,
    /// Write the certificates to the card.
    Write,
    /// Read them back and compare.
    ReadBack,
    /// Have the card use them.
    Activate,
    /// Tell the authority, with the new key, that they are on the card.
    Confirm,
    /// Tell it that the card uses them: the old ones have had their time.
    Complete,
    /// Tell it that nothing comes of it.
    TakeBack,
}

/// What came of it, or what else happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The authority said whose they will be.
    Introduced,
    /// The card has keys.
    Generated,
    /// The requests are signed.
    Signed,
    /// It is noted that they may be sent.
    Announced,
    /// The certificates are here.
    Issued,
    /// They are on the card.
    Written,
    /// They are on the card as they were issued.
    Same,
    /// Something else is on the card.
    Differs,
    /// The card uses them.
    Activated,
    /// The authority counts them as good.
    Confirmed,
    /// It knows that the card uses them.
    Completed,
    /// The keys are not on the card any more.
    KeysLost,
    /// The authority will not go on with it, ever.
    Denied,
    /// The holder, or the officer, does not want it any more.
    Dropped,
    /// The authority was told, or will find out by its deadline.
    TakenBack,
}

impl Event {
    /// All.
    pub const ALL: [Self; 15] = [
        Self::Introduced,
        Self::Generated,
        Self::Signed,
        Self::Announced,
        Self::Issued,
        Self::Written,
        Self::Same,
        Self::Differs,
        Self::Activated,
        Self::Confirmed,
        Self::Completed,
        Self::KeysLost,
        Self::Denied,
        Self::Dropped,
        Self::TakenBack,
    ];
}

/// Where a task is after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// In this state, which is to be kept on the disk.
    State(TaskState),
    /// At the beginning of another part.
    Part(Part),
    /// At its end: nothing is kept of it.
    Ended(TaskState),
}

/// That does not happen to a task in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{event:?} does not happen to a task that is {state:?}")]
pub struct Misplaced {
    /// The state.
    pub state: TaskState,
    /// The event.
    pub event: Event,
}

/// All states, in the order of a first issuing.
pub const STATES: [TaskState; 11] = [
    TaskState::Prepared,
    TaskState::IdentifierReceived,
    TaskState::KeysGenerated,
    TaskState::RequestsSigned,
    TaskState::Submitted,
    TaskState::Issued,
    TaskState::Written,
    TaskState::ReadBack,
    TaskState::Activated,
    TaskState::Confirmed,
    TaskState::RolledBack,
];

/// What is to be done in a state.
#[must_use]
pub const fn action(course: Course, state: TaskState) -> Action {
    match (course, state) {
        (_, TaskState::Prepared) => Action::Introduce,
        (_, TaskState::IdentifierReceived) => Action::Generate,
        (_, TaskState::KeysGenerated) => Action::Sign,
        (_, TaskState::RequestsSigned) => Action::Announce,
        (_, TaskState::Submitted) => Action::Submit,
        (_, TaskState::Issued) => Action::Write,
        (_, TaskState::Written) => Action::ReadBack,
        (Course::First, TaskState::ReadBack) => Action::Activate,
        (Course::First, TaskState::Activated) | (_, TaskState::ReadBack) => Action::Confirm,
        (Course::First, TaskState::Confirmed) | (_, TaskState::Activated) => Action::Complete,
        (_, TaskState::Confirmed) => Action::Activate,
        (_, TaskState::RolledBack) => Action::TakeBack,
    }
}

/// Whether the certificates may be in force already, as far as is known here: whoever gives the
/// task up then must ask the authority first.
#[must_use]
pub const fn may_be_in_force(course: Course, state: TaskState) -> bool {
    match action(course, state) {
        Action::Confirm | Action::Complete => true,
        Action::Activate => !matches!(course, Course::First),
        _ => false,
    }
}

/// Whether a key of the card is gone, and the one in its place is not in force: whoever gave the
/// task up then would leave half a card.
#[must_use]
pub const fn is_overwritten(course: Course, state: TaskState) -> bool {
    matches!(course, Course::InPlace(_))
        && matches!(
            action(course, state),
            Action::Sign
                | Action::Announce
                | Action::Submit
                | Action::Write
                | Action::ReadBack
                | Action::Confirm
        )
}

/// Where a task is after an event.
///
/// # Errors
/// [`Misplaced`]; it is where it was.
pub const fn after(course: Course, state: TaskState, event: Event) -> Result<Next, Misplaced> {
    use TaskState as S;
    let done = action(course, state);
    let undone = match course {
        Course::First | Course::Beside => S::RolledBack,
        Course::InPlace(_) => S::Prepared,
    };
    let next = match (done, event) {
        (Action::Introduce, Event::Introduced) => S::IdentifierReceived,
        (Action::Generate, Event::Generated) => S::KeysGenerated,
        (Action::Sign, Event::Signed) => S::RequestsSigned,
        (Action::Announce, Event::Announced) => S::Submitted,
        (Action::Submit, Event::Issued) => S::Issued,
        (Action::Write, Event::Written) => S::Written,
        (Action::ReadBack, Event::Same) => S::ReadBack,
        (Action::ReadBack, Event::Differs) => S::Issued,
        (Action::Activate, Event::Activated) => S::Activated,
        (Action::Confirm, Event::Confirmed) => S::Confirmed,
        (Action::Complete, Event::Completed) => {
            return Ok(match course {
                Course::InPlace(Part::Identification) => Next::Part(Part::Signing),
                _ => Next::Ended(S::Confirmed),
            });
        }
        // The signing key cannot vouch: an earlier renewal ended while it was being replaced.
        (Action::Introduce, Event::KeysLost)
            if matches!(course, Course::InPlace(Part::Identification)) =>
        {
            return Ok(Next::Part(Part::Signing));
        }
        // Nobody has seen them yet.
        (Action::Sign | Action::Announce, Event::KeysLost) => S::IdentifierReceived,
        (Action::Submit | Action::Write | Action::ReadBack | Action::Confirm, Event::KeysLost) => {
            undone
        }
        // The first part is over, and stays; the second one waits for better times.
        (Action::Introduce, Event::Denied) if !matches!(course, Course::InPlace(Part::Signing)) => {
            S::RolledBack
        }
        (
            Action::Generate
            | Action::Sign
            | Action::Announce
            | Action::Submit
            | Action::Write
            | Action::ReadBack
            | Action::Confirm,
            Event::Denied,
        ) => undone,
        (Action::Activate, Event::KeysLost | Event::Denied) if matches!(course, Course::First) => {
            S::RolledBack
        }
        (_, Event::Dropped)
            if !is_overwritten(course, state)
                && !may_be_in_force(course, state)
                && !matches!(state, S::RolledBack) =>
        {
            S::RolledBack
        }
        (Action::TakeBack, Event::TakenBack) => return Ok(Next::Ended(S::RolledBack)),
        _ => return Err(Misplaced { state, event }),
    };
    Ok(Next::State(next))
}

#[cfg(test)]
#[path = "core/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "core/tests_in_place.rs"]
mod tests_in_place;
