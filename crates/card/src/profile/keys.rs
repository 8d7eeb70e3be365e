//! The keys of a profile, their certificates, and how they come to be.

use crate::{AdminAlgorithm, KeyAlgorithm, KeyRef, PinRef, SignatureScheme};

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
    pub(crate) command: Option<SigningCommand>,
    pub(crate) spare: Option<KeyRef>,
    // INVARIANT: false only for a key that the card's own files do not list.
    pub(crate) current: bool,
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

    /// The command it signs with, where the family has several.
    #[must_use]
    pub const fn command(&self) -> Option<SigningCommand> {
        self.command
    }

    /// The key of the same role that takes its place when it is renewed.
    #[must_use]
    pub const fn spare(&self) -> Option<KeyRef> {
        self.spare
    }

    /// Whether this card uses it: a key that its own files do not list waits for a renewal, or
    /// was renewed. Every key of a card that was not asked counts as used.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.current
    }
}

/// How a key of the dialect `iso7816` is told to sign, ISO/IEC 7816-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningCommand {
    /// INTERNAL AUTHENTICATE with the algorithm in P1 and the key in P2: one command.
    InternalAuthenticate,
    /// PSO: COMPUTE DIGITAL SIGNATURE after MANAGE SECURITY ENVIRONMENT: two commands.
    ComputeDigitalSignature,
}

/// An algorithm of a card of the dialect `iso7816`, by the number that the card gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardAlgorithm {
    pub(crate) reference: u8,
    pub(crate) schemes: Vec<SignatureScheme>,
    pub(crate) input: AlgorithmInput,
}

impl CardAlgorithm {
    /// Its number.
    #[must_use]
    pub const fn reference(&self) -> u8 {
        self.reference
    }

    /// The TLS schemes that are signed with it.
    #[must_use]
    pub fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    /// What the card is given.
    #[must_use]
    pub const fn input(&self) -> AlgorithmInput {
        self.input
    }
}

/// What a card is given to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlgorithmInput {
    /// The hash: the card does the rest.
    Hash,
    /// The hash with its name, DigestInfo of RFC 8017 §9.2: the card pads it.
    DigestInfo,
    /// The padded hash, as long as the modulus: the card applies the key and nothing else.
    Padded,
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
    // INVARIANT: 1 to 3 bytes; of the dialect `iso7816`, a path of 2 to 8.
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

    /// Tag of the data object it is in, 1 to 3 bytes; of the dialect `iso7816`, the path of its
    /// file from the MF, 2 to 8 bytes.
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
    /// With the answer to a challenge of the card, which somebody else gives who has its key.
    Challenge {
        /// The number of that key on the card.
        reference: u8,
        /// Bytes of the challenge.
        length: u8,
        /// The number of each kind of key that the card generates.
        key_types: Vec<(KeyAlgorithm, u8)>,
    },
}

/// Where a renewed key and certificate go. Req 13.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Renewal {
    /// In the place of the old ones.
    Overwrite,
    /// The key stays, the certificate is replaced.
    SameKey,
    /// In a place kept free for it, so that what works stays until the new one does: see
    /// [`Key::spare`].
    Spare,
}
