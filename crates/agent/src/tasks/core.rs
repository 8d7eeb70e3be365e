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
//! A state is on the disk before the next action begins, so an action may have been done already
//! when it is to be done: each of them is one that can be done twice.

use lichna_ipc::{TaskKind, TaskState};
use thiserror::Error;

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
pub const fn action(kind: TaskKind, state: TaskState) -> Action {
    match (kind, state) {
        (_, TaskState::Prepared) => Action::Introduce,
        (_, TaskState::IdentifierReceived) => Action::Generate,
        (_, TaskState::KeysGenerated) => Action::Sign,
        (_, TaskState::RequestsSigned) => Action::Announce,
        (_, TaskState::Submitted) => Action::Submit,
        (_, TaskState::Issued) => Action::Write,
        (_, TaskState::Written) => Action::ReadBack,
        (TaskKind::Enrol, TaskState::ReadBack) | (TaskKind::Renew, TaskState::Confirmed) => {
            Action::Activate
        }
        (TaskKind::Renew, TaskState::ReadBack) | (TaskKind::Enrol, TaskState::Activated) => {
            Action::Confirm
        }
        (TaskKind::Renew, TaskState::Activated) | (TaskKind::Enrol, TaskState::Confirmed) => {
            Action::Complete
        }
        (_, TaskState::RolledBack) => Action::TakeBack,
    }
}

/// Whether the certificates may be in force already, as far as is known here: whoever gives the
/// task up then must ask the authority first.
#[must_use]
pub const fn may_be_in_force(kind: TaskKind, state: TaskState) -> bool {
    matches!(
        (kind, action(kind, state)),
        (_, Action::Confirm | Action::Complete) | (TaskKind::Renew, Action::Activate)
    )
}

/// Where a task is after an event.
///
/// # Errors
/// [`Misplaced`]; it is where it was.
pub const fn after(kind: TaskKind, state: TaskState, event: Event) -> Result<Next, Misplaced> {
    use TaskState as S;
    let done = action(kind, state);
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
        (Action::Complete, Event::Completed) => return Ok(Next::Ended(S::Confirmed)),
        // Nobody has seen them yet.
        (Action::Sign | Action::Announce, Event::KeysLost) => S::IdentifierReceived,
        (Action::Submit | Action::Write | Action::ReadBack, Event::KeysLost) => S::RolledBack,
        (Action::Activate | Action::Confirm, Event::KeysLost)
            if !matches!((kind, done), (TaskKind::Renew, Action::Activate)) =>
        {
            S::RolledBack
        }
        (
            Action::Introduce
            | Action::Generate
            | Action::Sign
            | Action::Announce
            | Action::Submit
            | Action::Write
            | Action::ReadBack
            | Action::Confirm,
            Event::Denied,
        ) => S::RolledBack,
        (Action::Activate, Event::Denied) if matches!(kind, TaskKind::Enrol) => S::RolledBack,
        (_, Event::Dropped) if !may_be_in_force(kind, state) && !matches!(state, S::RolledBack) => {
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
