//! PINs: which one, in what state, and what is put in a command for it. Req C.2, 15.1–15.3.

use lichna_apdu::Status;

use crate::{
    CardError, PinProblem,
    profile::{PinRole, PinRules},
};

/// One of the PINs of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PinRef(pub(crate) u8);

/// Whether a PIN can be used. One model for all cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinState {
    /// It can be given.
    Ready {
        /// How often it may be given wrongly before it is blocked. `None`: as often as ever, for
        /// it was given rightly and the card has not forgotten that; it does not say how often
        /// that is.
        tries_left: Option<u8>,
    },
    /// One try is left, and the card takes it only after the CAN was given (PACE); so nobody can
    /// use up the tries over the radio. Req 15.2.
    Suspended,
    /// Given wrongly too often; it must be unblocked.
    Blocked,
    /// It was never set, or is still the one for transport.
    NotActivated,
    /// Blocked, and what would unblock it is blocked too.
    UnblockingBlocked,
    /// The card does not say. Nothing was spent to ask.
    Unknown,
}

/// What a card said of one of its PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PinStatus {
    /// Which PIN.
    pub pin: PinRef,
    /// Its state.
    pub state: PinState,
    /// Tries that a fresh PIN has, where the profile says so.
    pub tries_total: Option<u8>,
}

/// Whether the last try before the PIN is blocked may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastTry {
    /// No: stop before it.
    Refuse,
    /// Yes: the holder was told that it is the last one, and said so.
    HolderSaidSo,
}

/// Stops before a try is spent that the holder did not agree to, or that cannot succeed.
pub(crate) fn guard(rules: &PinRules, state: PinState, policy: LastTry) -> Result<(), CardError> {
    let agreed = policy == LastTry::HolderSaidSo || !rules.last_try_is_guarded();
    match state {
        PinState::Ready {
            tries_left: Some(0),
        }
        | PinState::Blocked => Err(rules.blocked()),
        PinState::UnblockingBlocked => Err(rules.blocked()),
        PinState::Suspended => Err(CardError::PinSuspended),
        PinState::NotActivated => Err(CardError::PinNotActivated),
        PinState::Ready {
            tries_left: Some(1),
        } if !agreed => Err(CardError::LastTryRefused {
            tries_left: Some(1),
        }),
        // No PIV card tells the tries of its PUK before it was wrong; to refuse it for that would
        // be to refuse it always. The holder unblocks, so the last try is not his login's.
        PinState::Unknown if rules.role() == PinRole::Unblocking => Ok(()),
        PinState::Unknown if !agreed => Err(CardError::LastTryRefused { tries_left: None }),
        _ => Ok(()),
    }
}

/// Checks a PIN against its rules and writes it as the command wants it.
pub(crate) fn push_block(
    rules: &PinRules,
    characters: &[u8],
    block: &mut Vec<u8>,
) -> Result<(), CardError> {
    let format = rules.format();
    let length = characters.len();
    let problem = |problem| CardError::PinFormat {
        pin: rules.id().to_owned(),
        problem,
    };
    let (shortest, longest) = (usize::from(format.shortest), usize::from(format.longest));
    if length < shortest {
        return Err(problem(PinProblem::TooShort { length, shortest }));
    }
    if length > longest {
        return Err(problem(PinProblem::TooLong { length, longest }));
    }
    if let Some(at) = characters
        .iter()
        .position(|character| !rules.alphabet().takes(*character))
    {
        return Err(problem(PinProblem::Character {
            position: at + 1,
            alphabet: rules.alphabet(),
        }));
    }
    block.extend_from_slice(characters);
    if let Some(padding) = format.padding {
        block.extend(core::iter::repeat_n(padding, longest - length));
    }
    Ok(())
}

/// As [`state_from`], on a channel that may be a secure one: there the last try that a card keeps
/// for whoever knows the CAN is to be had.
pub(crate) fn state_on(protected: bool, rules: &PinRules, status: Status) -> Option<PinState> {
    match status {
        Status::VerificationFailed(Some(tries @ 1..)) if protected => Some(PinState::Ready {
            tries_left: Some(tries),
        }),
        _ => state_from(rules, status),
    }
}

/// What a command that compared a PIN says of it.
pub(crate) fn state_from(rules: &PinRules, status: Status) -> Option<PinState> {
    match status {
        // A PIN that is verified now has all its tries: a right one restored them, and a wrong
        // one since would have ended that. Another program may have left it so.
        Status::Success => Some(PinState::Ready {
            tries_left: rules.tries(),
        }),
        Status::VerificationFailed(Some(0)) | Status::AuthenticationMethodBlocked => {
            Some(PinState::Blocked)
        }
        Status::VerificationFailed(Some(tries)) if rules.suspended_at() == Some(tries) => {
            Some(PinState::Suspended)
        }
        Status::VerificationFailed(Some(tries)) => Some(PinState::Ready {
            tries_left: Some(tries),
        }),
        Status::ConditionsOfUseNotSatisfied if rules.suspended_at().is_some() => {
            Some(PinState::Suspended)
        }
        Status::ReferenceDataNotUsable => Some(PinState::NotActivated),
        _ => None,
    }
}
