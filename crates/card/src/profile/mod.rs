//! What is known of a kind of card: the types that a profile file is read into. Req C.7.

mod error;
mod files;
mod identifier;
mod keys;
mod pins;
mod read;
mod rules;
mod section;

pub use error::{ProfileError, ProfileFault};
pub use files::{CiaFiles, GenuineFiles};
pub use identifier::{Aid, KeyRef};
pub use keys::{
    AlgorithmInput, CardAlgorithm, Certificate, Compression, Key, KeyRole, Personalisation,
    Renewal, SigningCommand,
};
pub use pins::{Alphabet, Clear, LastTryRule, Pace, PaceOrder, PacePassword, PinRole, PinRules};
pub use rules::{Dialect, Recognition};

use lichna_apdu::{Framing, Interface};

use crate::{InputKind, KeyAlgorithm, PinRef, SignatureScheme};

/// A kind of card: how to recognise it, what is on it, and how it is spoken to.
///
/// It exists only valid: what it refers to is there, and numbers are in their ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) dialect: Dialect,
    pub(crate) unsigned: bool,
    pub(crate) complete: bool,
    pub(crate) practice: bool,
    pub(crate) extended_length: bool,
    pub(crate) recognition: Recognition,
    pub(crate) pins: Vec<PinRules>,
    pub(crate) pace: Pace,
    pub(crate) keys: Vec<Key>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) personalisation: Option<Personalisation>,
    pub(crate) renewal: Option<Renewal>,
    pub(crate) algorithms: Vec<CardAlgorithm>,
    pub(crate) card_number: Option<Vec<u8>>,
    pub(crate) chain: Option<Vec<u8>>,
    pub(crate) genuine: Option<GenuineFiles>,
    pub(crate) cia: Option<CiaFiles>,
    pub(crate) lines: Lines,
}

/// Where in the file stands what an unsigned profile may not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Line of each AID.
    pub(crate) aids: Vec<usize>,
    /// Line of each ATR pattern.
    pub(crate) atrs: Vec<usize>,
    /// Field and line of each protection that is relaxed.
    pub(crate) relaxed: Vec<(String, usize)>,
}

impl Profile {
    /// Reads the text of a profile file. It counts as unsigned.
    ///
    /// # Errors
    /// [`ProfileError::ProfileInvalid`] names `file`, the line and the field at fault.
    pub fn check(file: &str, text: &str) -> Result<Self, ProfileError> {
        read::profile(file, text)
    }

    /// The file it was read from.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What the card is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who issues such cards, or who wrote the standard they follow.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The family of commands it is spoken to with.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether it came from the user's folder. Consent then says so.
    #[must_use]
    pub const fn unsigned(&self) -> bool {
        self.unsigned
    }

    /// Whether all of it is known. Until then no card is recognised as one of this kind.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether such cards are for trying things only: never shown as genuine, and trusted nowhere
    /// but in a sandbox.
    #[must_use]
    pub const fn is_practice(&self) -> bool {
        self.practice
    }

    /// Whether a secure channel must stand before anything of the card is used on that interface.
    #[must_use]
    pub fn needs_pace(&self, interface: Interface) -> bool {
        self.pace.on(interface) == Clear::NeedsPace
    }

    /// Whether such cards take extended commands, where the reader carries them too.
    #[must_use]
    pub const fn extended_length(&self) -> bool {
        self.extended_length
    }

    pub(crate) const fn framing(&self) -> Framing {
        if self.extended_length {
            Framing::Extended
        } else {
            Framing::Short
        }
    }

    /// How such a card is recognised.
    #[must_use]
    pub const fn recognition(&self) -> &Recognition {
        &self.recognition
    }

    /// Its PINs, in the order of the file.
    #[must_use]
    pub fn pins(&self) -> &[PinRules] {
        &self.pins
    }

    /// One of its PINs.
    #[must_use]
    pub fn pin(&self, pin: PinRef) -> Option<&PinRules> {
        self.pins.get(usize::from(pin.0))
    }

    /// The PIN with this id in the file.
    #[must_use]
    pub fn pin_named(&self, id: &str) -> Option<PinRef> {
        self.pins
            .iter()
            .find(|rules| rules.id() == id)
            .map(PinRules::reference)
    }

    /// The holder's PIN: the first one with that role.
    #[must_use]
    pub fn user_pin(&self) -> Option<&PinRules> {
        self.pins.iter().find(|pin| pin.role() == PinRole::User)
    }

    /// Where PACE is needed, and what happens without it.
    #[must_use]
    pub const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Its keys, in the order of the file.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// One of its keys.
    #[must_use]
    pub fn key(&self, key: KeyRef) -> Option<&Key> {
        self.keys.iter().find(|one| one.reference() == key)
    }

    /// The key that the card uses for this, if it uses any.
    #[must_use]
    pub fn current(&self, role: KeyRole) -> Option<&Key> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.role() == role && key.is_current())
    }

    /// The keys that a TLS handshake may be signed with, in the order of the file: those that the
    /// card uses. Req C.3.
    pub fn login_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys
            .iter()
            .filter(|key| key.is_current())
            .filter(|key| key.role() == KeyRole::Authentication && !key.schemes().is_empty())
    }

    /// Where the certificates are, in the order of the file.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Where the certificate of a key is.
    #[must_use]
    pub fn certificate(&self, key: KeyRef) -> Option<&Certificate> {
        self.certificates.iter().find(|one| one.key() == key)
    }

    /// How the administrator proves himself to such a card.
    #[must_use]
    pub const fn personalisation(&self) -> Option<&Personalisation> {
        self.personalisation.as_ref()
    }

    /// Where a renewed key and certificate go.
    #[must_use]
    pub const fn renewal(&self) -> Option<&Renewal> {
        self.renewal.as_ref()
    }

    /// The algorithms that such cards have numbers of their own for.
    #[must_use]
    pub fn algorithms(&self) -> &[CardAlgorithm] {
        &self.algorithms
    }

    /// Where the card's number is. iso7816: path, from the MF, of EF.GDO; PIV: tag of the CHUID,
    /// whose GUID is the number.
    #[must_use]
    pub fn card_number(&self) -> Option<&[u8]> {
        self.card_number.as_deref()
    }

    /// Whether the card's number has a place of its own. A PIV card's stands in the CHUID beside
    /// its issuer's signature, some kilobytes long: that is read when a task needs the number.
    #[must_use]
    pub const fn number_is_apart(&self) -> bool {
        !matches!(self.dialect, Dialect::Piv)
    }

    /// Path, from the MF, of the file with the authorities above the card's certificates.
    #[must_use]
    pub fn chain(&self) -> Option<&[u8]> {
        self.chain.as_deref()
    }

    /// Where such a card keeps the proof that it is genuine.
    #[must_use]
    pub const fn genuine(&self) -> Option<&GenuineFiles> {
        self.genuine.as_ref()
    }

    /// Where such a card says which of its keys and certificates it uses.
    #[must_use]
    pub const fn cia(&self) -> Option<&CiaFiles> {
        self.cia.as_ref()
    }

    /// What a key of this kind signs, of input that a program has hashed itself: what PKCS#11
    /// offers of it. A key for logins signs as its TLS schemes do. One for documents has none of
    /// those, and signs as such cards can. No other key signs. Req C.3.
    ///
    /// Signatures of documents by an OpenPGP card are opened by the same PIN in another mode, and
    /// are not offered.
    #[must_use]
    pub fn inputs(&self, key: KeyRef, algorithm: KeyAlgorithm) -> Vec<InputKind> {
        let Some(key) = self.key(key) else {
            return Vec::new();
        };
        if !key.algorithms().contains(&algorithm) {
            return Vec::new();
        }
        let every = SignatureScheme::NAMED.map(|(_, scheme)| scheme);
        let schemes: Vec<SignatureScheme> = match (key.role(), self.dialect) {
            (KeyRole::Authentication, _) => key.schemes().to_vec(),
            (KeyRole::Signature, Dialect::Piv) => every.to_vec(),
            (KeyRole::Signature, Dialect::Iso7816) if key.command().is_some() => {
                let known = self.algorithms.iter();
                known.flat_map(|one| one.schemes.clone()).collect()
            }
            _ => Vec::new(),
        };
        let mut inputs = Vec::new();
        for scheme in schemes.iter().filter(|scheme| scheme.fits(algorithm)) {
            if !inputs.contains(&scheme.input()) {
                inputs.push(scheme.input());
            }
        }
        inputs
    }

    /// The TLS schemes that its key can sign with when the key is of this kind.
    #[must_use]
    pub fn schemes(&self, key: KeyRef, algorithm: KeyAlgorithm) -> Vec<SignatureScheme> {
        self.key(key)
            .map(|key| key.schemes_for(algorithm).collect())
            .unwrap_or_default()
    }
}
