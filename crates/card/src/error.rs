//! What can go wrong with a card, and whose fault it is.

use lichna_apdu::{ExchangeError, Instruction, PinpadError, Status, tlv::TlvError};
use lichna_pace::{PaceError, Unsupported};
use thiserror::Error;

use crate::{Alphabet, InputKind, KeyAlgorithm, KeyRef, SignatureScheme};

/// Why something could not be done with a card.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardError {
    /// The command got no answer, or none that can be read.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// No PIN came from the reader's keypad.
    #[error(transparent)]
    Pinpad(#[from] PinpadError),
    /// The reader has no keypad.
    #[error("the reader has no keypad")]
    NoPinpad,

    /// The PIN was wrong.
    #[error("wrong PIN, {}", tries(*retries_left))]
    WrongPin {
        /// Tries left; `None`: the card does not say.
        retries_left: Option<u8>,
    },
    /// The card compares only PINs that were hashed first (OpenPGP KDF-DO), which Lichna does
    /// not do. What it took for a wrong PIN cost a try.
    #[error("the card wants derived PINs (KDF), which are not supported")]
    PinDerivation,
    /// The PIN was given wrongly too often.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// The last try of the PIN is kept until the CAN was given.
    #[error("the PIN is suspended until the card access number is given")]
    PinSuspended,
    /// The PIN was never set.
    #[error("the PIN is not activated")]
    PinNotActivated,
    /// It would be the last try, or might be, and the holder did not say that it may be spent.
    #[error("stopped before a try that would block the PIN: {}", tries(*tries_left))]
    LastTryRefused {
        /// Tries left; `None`: the card does not say.
        tries_left: Option<u8>,
    },
    /// The PUK was wrong.
    #[error("wrong PUK, {}", tries(*retries_left))]
    PukWrong {
        /// Tries left; `None`: the card does not say.
        retries_left: Option<u8>,
    },
    /// The PUK was given wrongly too often.
    #[error("the PUK is blocked")]
    PukBlocked,
    /// The card does not take PINs like this one; nothing was sent.
    #[error("this card does not take such a {pin}: {problem}")]
    PinFormat {
        /// Which PIN, by its id in the profile.
        pin: String,
        /// What is wrong with it.
        problem: PinProblem,
    },
    /// A PIN may not travel in the clear over the radio. Req 15.2.
    #[error("over the radio this card takes no PIN without a secure channel")]
    ClearPinOverRadio,
    /// On this interface nothing is sent to the card before a secure channel stands. Req 15.2.
    #[error("this card wants a secure channel first")]
    ChannelNeeded,
    /// The card access number was wrong. The card is slower for a while, and never blocks it.
    #[error("wrong card access number")]
    CanWrong,
    /// The card's secure channel is of a kind that is not spoken here.
    #[error("the card's secure channel needs {what}, which is not supported")]
    ChannelUnsupported {
        /// What it wants.
        what: Unsupported,
    },
    /// The secure channel did not open.
    #[error("the secure channel did not open: {0}")]
    ChannelRefused(PaceError),

    /// The administrator's key or PIN was wrong.
    #[error("the card did not accept the administrator, {}", tries(*retries_left))]
    AdministratorRefused {
        /// Tries left, where there is a counter.
        retries_left: Option<u8>,
    },
    /// What claims to be the card could not prove that it knows the administrator's key.
    #[error("the card did not prove that it knows the administrator's key")]
    CardNotGenuine,

    /// The card has no such application.
    #[error("the card does not have the application: {status}")]
    ApplicationMissing {
        /// What the card said to SELECT.
        status: Status,
    },
    /// The application is there, but was terminated for good.
    #[error("the application on the card was terminated")]
    ApplicationTerminated,
    /// There is no key at this reference.
    #[error("the card has no key {key}")]
    KeyMissing {
        /// Which key.
        key: KeyRef,
    },
    /// The card refused for a reason of its own.
    #[error("the card refused {command:?}: {status}")]
    CardRefused {
        /// Which command.
        command: Instruction,
        /// What it said.
        status: Status,
    },
    /// The card's answer makes no sense.
    #[error("the card's {what} is malformed")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// Where it is wrong, when it is not even a data object.
        source: Option<TlvError>,
    },

    /// The profile does not name it.
    #[error("the card's profile has no such {what}")]
    NotInProfile {
        /// What was asked for.
        what: &'static str,
    },
    /// Another PIN opens this key.
    #[error("key {key} is opened by another PIN")]
    AnotherPin {
        /// Which key.
        key: KeyRef,
    },
    /// The key does not sign like that.
    #[error("the key does not offer {scheme}")]
    SchemeNotOffered {
        /// What was asked for.
        scheme: SignatureScheme,
    },
    /// The key does not sign what was given like that.
    #[error("the key does not sign with {input}")]
    InputNotOffered {
        /// What was asked for.
        input: InputKind,
    },
    /// What is to be signed is too long or too short for that. Nothing was sent.
    #[error("{length} bytes cannot be signed with {input}")]
    InputLength {
        /// What was asked for.
        input: InputKind,
        /// Bytes given.
        length: usize,
    },
    /// The key cannot be of that kind.
    #[error("the key cannot be {algorithm}")]
    AlgorithmNotOffered {
        /// What was asked for.
        algorithm: KeyAlgorithm,
    },
}

/// Why a PIN cannot be the PIN of a card.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PinProblem {
    /// Too few characters.
    #[error("{length} characters are fewer than {shortest}")]
    TooShort {
        /// Characters given.
        length: usize,
        /// Fewest that the card takes.
        shortest: usize,
    },
    /// Too many characters.
    #[error("{length} characters are more than {longest}")]
    TooLong {
        /// Characters given.
        length: usize,
        /// Most that the card takes.
        longest: usize,
    },
    /// A character that the card does not take.
    #[error("character {position} is not one of {alphabet}")]
    Character {
        /// Which one, from 1.
        position: usize,
        /// What the card takes.
        alphabet: Alphabet,
    },
}

impl CardError {
    pub(crate) const fn malformed(what: &'static str) -> Self {
        Self::Malformed { what, source: None }
    }

    /// For `map_err` on the reading of data objects.
    pub(crate) const fn tlv(what: &'static str) -> impl Fn(TlvError) -> Self {
        move |source| Self::Malformed {
            what,
            source: Some(source),
        }
    }
}

fn tries(left: Option<u8>) -> String {
    match left {
        None => String::from("the card does not say how many tries are left"),
        Some(1) => String::from("1 try is left"),
        Some(left) => format!("{left} tries are left"),
    }
}
