//! The PINs of a profile, and what protects them on their way to the card.

use core::fmt;

use lichna_apdu::{Interface, PinFormat};

use crate::{CardError, PinRef};

/// What a PIN is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinRole {
    /// The holder proves himself with it.
    User,
    /// It unblocks another PIN (a PUK, a resetting code).
    Unblocking,
    /// The administrator proves himself with it.
    Administrator,
}

/// Which characters a PIN is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Alphabet {
    /// 0 to 9.
    Digits,
    /// Printable ASCII, the space included.
    Printable,
}

impl Alphabet {
    /// Whether it has this character.
    #[must_use]
    pub const fn takes(self, character: u8) -> bool {
        match self {
            Self::Digits => character.is_ascii_digit(),
            Self::Printable => matches!(character, 0x20..=0x7E),
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digits => "the digits",
            Self::Printable => "the printable ASCII characters",
        })
    }
}

/// What happens before the last try of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastTryRule {
    /// It is spent only when the holder said so.
    Guarded,
    /// It is spent without asking. Only a signed profile may say this.
    Free,
}

/// A PIN of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRules {
    pub(crate) position: PinRef,
    pub(crate) id: String,
    pub(crate) role: PinRole,
    pub(crate) reference: u8,
    pub(crate) verify_reference: u8,
    pub(crate) format: PinFormat,
    pub(crate) alphabet: Alphabet,
    pub(crate) tries: Option<u8>,
    pub(crate) unblocked_by: Option<PinRef>,
    pub(crate) suspended_at: Option<u8>,
    pub(crate) last_try: LastTryRule,
    pub(crate) transport_length: Option<u8>,
}

impl PinRules {
    /// How operations on a card name it.
    #[must_use]
    pub const fn reference(&self) -> PinRef {
        self.position
    }

    /// Its id in the profile: "pin", "puk".
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is for.
    #[must_use]
    pub const fn role(&self) -> PinRole {
        self.role
    }

    /// P2 of CHANGE REFERENCE DATA and RESET RETRY COUNTER.
    #[must_use]
    pub const fn change_reference(&self) -> u8 {
        self.reference
    }

    /// P2 of VERIFY.
    #[must_use]
    pub const fn verify_reference(&self) -> u8 {
        self.verify_reference
    }

    /// Its length and padding.
    #[must_use]
    pub const fn format(&self) -> PinFormat {
        self.format
    }

    /// Its characters.
    #[must_use]
    pub const fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Tries that a fresh one has, where they are the same on all such cards.
    #[must_use]
    pub const fn tries(&self) -> Option<u8> {
        self.tries
    }

    /// What unblocks it.
    #[must_use]
    pub const fn unblocked_by(&self) -> Option<PinRef> {
        self.unblocked_by
    }

    /// Tries left at which the card suspends it until the CAN is given.
    #[must_use]
    pub const fn suspended_at(&self) -> Option<u8> {
        self.suspended_at
    }

    /// Characters of the transport PIN that stands in its place until the holder sets one, where
    /// such cards have one.
    #[must_use]
    pub const fn transport_length(&self) -> Option<u8> {
        self.transport_length
    }

    /// The rules of the transport PIN.
    pub(crate) fn transport(&self) -> Option<Self> {
        let length = self.transport_length?;
        let mut rules = self.clone();
        rules.format.shortest = length;
        rules.format.longest = length;
        Some(rules)
    }

    /// Whether the last try needs the holder's word.
    #[must_use]
    pub fn last_try_is_guarded(&self) -> bool {
        self.last_try == LastTryRule::Guarded
    }

    /// The error for this PIN when it was wrong.
    pub(crate) const fn wrong(&self, retries_left: Option<u8>) -> CardError {
        match self.role {
            PinRole::User => CardError::WrongPin { retries_left },
            PinRole::Unblocking => CardError::PukWrong { retries_left },
            PinRole::Administrator => CardError::AdministratorRefused { retries_left },
        }
    }

    /// The error for this PIN when it has no tries left.
    pub(crate) const fn blocked(&self) -> CardError {
        match self.role {
            PinRole::User => CardError::PinBlocked,
            PinRole::Unblocking => CardError::PukBlocked,
            PinRole::Administrator => CardError::AdministratorRefused {
                retries_left: Some(0),
            },
        }
    }
}

/// What happens on an interface without PACE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clear {
    /// PINs are sent as they are.
    Allowed,
    /// No PIN is sent.
    Refused,
    /// PACE comes first.
    NeedsPace,
}

/// What PACE is opened with, BSI TR-03110-3 §B.11.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PacePassword {
    /// The card access number, printed on the card.
    Can,
    /// The holder's PIN.
    Pin,
    /// The PUK.
    Puk,
}

/// On which interface a secure channel stands before a PIN. Req 15.2, 15.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    pub(crate) contact: Clear,
    pub(crate) contactless: Clear,
    pub(crate) passwords: Vec<PacePassword>,
    pub(crate) order: PaceOrder,
}

/// Which password comes first where a holder's PIN is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaceOrder {
    /// The channel is opened with the CAN, and the PIN is given inside it: a terminal that does
    /// not know the CAN spends no try.
    CanFirst,
    /// The channel is opened with the PIN.
    Pin,
}

impl Pace {
    /// With contacts.
    #[must_use]
    pub const fn contact(&self) -> Clear {
        self.contact
    }

    /// Over the radio.
    #[must_use]
    pub const fn contactless(&self) -> Clear {
        self.contactless
    }

    /// What such cards take for it.
    #[must_use]
    pub fn passwords(&self) -> &[PacePassword] {
        &self.passwords
    }

    /// Which of them comes first where the PIN is wanted.
    #[must_use]
    pub const fn order(&self) -> PaceOrder {
        self.order
    }

    /// What happens to a PIN on that interface without a secure channel.
    #[must_use]
    pub const fn on(&self, interface: Interface) -> Clear {
        match interface {
            Interface::Contact => self.contact,
            Interface::Contactless => self.contactless,
        }
    }
}
