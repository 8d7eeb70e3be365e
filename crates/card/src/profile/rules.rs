//! The parts of a profile.

use core::fmt;

use lichna_apdu::PinFormat;

use crate::{
    AdminAlgorithm, Aid, AtrPattern, CardError, KeyAlgorithm, KeyRef, PinRef, SignatureScheme,
};

/// A family of commands. Few, and each a small module of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// NIST SP 800-73-4.
    Piv,
    /// OpenPGP smart card application 3.4.
    OpenPgp,
}

impl Dialect {
    pub(crate) const NAMED: [(&'static str, Self); 2] =
        [("piv", Self::Piv), ("openpgp", Self::OpenPgp)];

    /// Its name, as in profiles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Piv => "piv",
            Self::OpenPgp => "openpgp",
        }
    }
}

/// How a card is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    // INVARIANT: at least one.
    pub(crate) aids: Vec<Aid>,
    pub(crate) atrs: Vec<AtrPattern>,
    pub(crate) only_these_atrs: bool,
}

impl Recognition {
    /// Applications that are it, best first.
    #[must_use]
    pub fn aids(&self) -> &[Aid] {
        &self.aids
    }

    /// ATRs that cards of this kind are known to have.
    #[must_use]
    pub fn atrs(&self) -> &[AtrPattern] {
        &self.atrs
    }

    /// Whether a card with any other ATR is not it, even if it has the application.
    #[must_use]
    pub const fn only_these_atrs(&self) -> bool {
        self.only_these_atrs
    }
}

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
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyRole {
    /// Its holder proves himself with it: the key of a login.
    Authentication,
    /// Documents are signed with it. Never used for a login.
    Signature,
    /// The card, not the holder, proves itself with it.
    CardAuthentication,
    /// It deciphers. Lichna never uses it.
    Decryption,
}

/// A key of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub(crate) reference: KeyRef,
    pub(crate) role: KeyRole,
    pub(crate) algorithms: Vec<KeyAlgorithm>,
    pub(crate) schemes: Vec<SignatureScheme>,
    pub(crate) pin: Option<PinRef>,
    pub(crate) generate: bool,
}

impl Key {
    /// Its number on the card.
    #[must_use]
    pub const fn reference(&self) -> KeyRef {
        self.reference
    }

    /// What it is for.
    #[must_use]
    pub const fn role(&self) -> KeyRole {
        self.role
    }

    /// What it can be. Which of them it is, its certificate says.
    #[must_use]
    pub fn algorithms(&self) -> &[KeyAlgorithm] {
        &self.algorithms
    }

    /// The TLS schemes that it signs, best first.
    #[must_use]
    pub fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    /// The schemes among them that a key of this kind can sign.
    pub fn schemes_for(&self, algorithm: KeyAlgorithm) -> impl Iterator<Item = SignatureScheme> {
        self.schemes
            .iter()
            .copied()
            .filter(move |scheme| scheme.fits(algorithm))
    }

    /// The PIN that opens it; `None`: it needs none.
    #[must_use]
    pub const fn pin(&self) -> Option<PinRef> {
        self.pin
    }

    /// Whether it may be generated on the card.
    #[must_use]
    pub const fn generate(&self) -> bool {
        self.generate
    }
}

/// How a certificate is packed on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// As it is.
    None,
    /// As it is, or with gzip: the object says which (CertInfo, SP 800-73-4 part 1, appendix A).
    Marked,
}

/// Where a certificate is on the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub(crate) key: KeyRef,
    // INVARIANT: 1 to 3 bytes.
    pub(crate) object: Vec<u8>,
    pub(crate) occurrence: u8,
    pub(crate) compression: Compression,
    pub(crate) change_counter: Option<Vec<u8>>,
}

impl Certificate {
    /// The key it is for.
    #[must_use]
    pub const fn key(&self) -> KeyRef {
        self.key
    }

    /// Tag of the data object it is in, 1 to 3 bytes.
    #[must_use]
    pub fn object(&self) -> &[u8] {
        &self.object
    }

    /// Which of several objects with that tag, from 0.
    #[must_use]
    pub const fn occurrence(&self) -> u8 {
        self.occurrence
    }

    /// How it is packed.
    #[must_use]
    pub const fn compression(&self) -> Compression {
        self.compression
    }

    /// Tag of a data object that changes whenever the certificate does. Only with one may a
    /// certificate be kept over insertions.
    #[must_use]
    pub fn change_counter(&self) -> Option<&[u8]> {
        self.change_counter.as_deref()
    }
}

/// How the administrator proves himself. Req C.5.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Personalisation {
    /// With a symmetric key that the card has too (PIV card management key).
    ManagementKey {
        /// Its number on the card.
        reference: u8,
        /// What it can be.
        algorithms: Vec<AdminAlgorithm>,
    },
    /// With a PIN of his own.
    Pin(
        /// Which PIN.
        PinRef,
    ),
}

/// Where a renewed key and certificate go. Req 13.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Renewal {
    /// In the place of the old ones.
    Overwrite,
    /// The key stays, the certificate is replaced.
    SameKey,
    /// In a place kept free for it.
    Spare(
        /// Which key.
        KeyRef,
    ),
}
