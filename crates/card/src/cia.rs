//! What a card says of its keys, certificates and PINs: the files of its cryptographic information
//! application, ISO/IEC 7816-15 (PKCS #15).
//!
//! A profile knows all places of a kind of card; these files say which of them this card uses.

mod objects;

use crate::{
    CardError, KeyAlgorithm, KeyRef, Profile,
    card::{Card, Selected},
    dialect::iso7816::files,
    profile::{Key, PinRole},
};
use objects::Directory;

/// Longest of these files that is read, in bytes. Real ones have some hundred.
const LONGEST_FILE: usize = 16 * 1024;
/// Most files that EF.OD may name.
const MOST_FILES: usize = 12;

/// The keys, certificates and PINs that a card uses, as it says itself.
///
/// It is the card's word, bounded in length and read without trust: it can name only what the
/// profile knows, see [`Profile::refined`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cia {
    pub(crate) label: Option<String>,
    pub(crate) serial_number: Option<Vec<u8>>,
    pub(crate) pins: Vec<CiaPin>,
    pub(crate) keys: Vec<CiaKey>,
    pub(crate) certificates: Vec<CiaCertificate>,
}

impl Cia {
    /// What the card is called, without control characters.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The card's number, as EF.CIAInfo has it.
    #[must_use]
    pub fn serial_number(&self) -> Option<&[u8]> {
        self.serial_number.as_deref()
    }

    /// Its PINs.
    #[must_use]
    pub fn pins(&self) -> &[CiaPin] {
        &self.pins
    }

    /// Its private keys.
    #[must_use]
    pub fn keys(&self) -> &[CiaKey] {
        &self.keys
    }

    /// Its certificates.
    #[must_use]
    pub fn certificates(&self) -> &[CiaCertificate] {
        &self.certificates
    }

    /// Whether the card has authorities above its certificates.
    #[must_use]
    pub fn has_chain(&self) -> bool {
        self.certificates.iter().any(|one| one.authority)
    }

    fn key(&self, key: KeyRef) -> Option<&CiaKey> {
        self.keys.iter().find(|one| one.reference == key)
    }
}

/// A PIN that a card has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiaPin {
    /// How the card's other objects name it.
    pub id: Vec<u8>,
    /// What it is called.
    pub label: String,
    /// Its number: P2 of VERIFY.
    pub reference: u8,
}

/// A private key that a card has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiaKey {
    /// How its certificate names it.
    pub id: Vec<u8>,
    /// What it is called.
    pub label: String,
    /// Its number on the card.
    pub reference: KeyRef,
    /// Id of the PIN that opens it.
    pub pin: Option<Vec<u8>>,
    /// What kind of key it is.
    pub kind: CiaKeyKind,
}

/// What kind of key a card says it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CiaKeyKind {
    /// RSA.
    Rsa {
        /// Bits of the modulus.
        bits: u32,
    },
    /// Elliptic curve.
    Ec {
        /// Bits of the field, where the card says so; else the certificate does.
        bits: Option<u32>,
    },
}

impl CiaKeyKind {
    fn may_be(self, algorithm: KeyAlgorithm) -> bool {
        let (rsa, bits) = match self {
            Self::Rsa { bits } => (true, Some(bits)),
            Self::Ec { bits } => (false, bits),
        };
        algorithm.is_rsa() == rsa && bits.is_none_or(|bits| bits == algorithm.bits())
    }
}

/// A certificate that a card has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiaCertificate {
    /// Id of its key.
    pub id: Vec<u8>,
    /// What it is called.
    pub label: String,
    /// It is of an authority above the holder's certificates.
    pub authority: bool,
    /// Path of its file from the MF, 2 to 8 bytes.
    pub path: Vec<u8>,
}

impl Card<'_, Selected> {
    /// Reads what the card says of its keys, certificates and PINs; `None` when the profile names
    /// no such files or the card has none.
    ///
    /// Two commands a file: EF.OD, EF.CIAInfo, and each that EF.OD names for PINs, private keys
    /// and certificates, so ten on most cards. It is done once an insertion.
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] names the file that cannot be read.
    pub fn read_cia(&mut self) -> Result<Option<Cia>, CardError> {
        let mut session = self.session();
        let Some(places) = session.profile.cia() else {
            return Ok(None);
        };
        let Some(directory) =
            files::read_objects(&mut session, places.object_directory(), LONGEST_FILE)?
        else {
            return Ok(None);
        };
        let directory = Directory::parse(&directory, places.object_directory())?;
        let mut cia = Cia::default();
        if let Some(path) = places.information()
            && let Some(file) = files::read_objects(&mut session, path, LONGEST_FILE)?
        {
            cia.add_information(&file)?;
        }
        for (kind, path) in directory.files.iter().take(MOST_FILES) {
            if let Some(file) = files::read_objects(&mut session, path, LONGEST_FILE)? {
                cia.add(*kind, &file, &directory.application)?;
            }
        }
        Ok(Some(cia))
    }
}

impl Profile {
    /// The profile of this very card: which keys it uses, where their certificates are and what
    /// opens them, as the card says. What the profile does not know stays unused.
    #[must_use]
    pub fn refined(&self, cia: &Cia) -> Self {
        let mut refined = self.clone();
        for key in &mut refined.keys {
            key.current = false;
            let Some(said) = cia.key(key.reference) else {
                continue;
            };
            let Some(certificate) = cia
                .certificates
                .iter()
                .find(|one| one.id == said.id && !one.authority)
            else {
                continue;
            };
            let Some(place) = refined
                .certificates
                .iter_mut()
                .find(|place| place.key == key.reference)
            else {
                continue;
            };
            if !narrow(key, said.kind) {
                continue;
            }
            place.object.clone_from(&certificate.path);
            key.current = true;
            let pin = said.pin.as_ref();
            let pin = pin.and_then(|id| cia.pins.iter().find(|pin| pin.id == *id));
            let rules = pin.and_then(|pin| {
                self.pins.iter().find(|rules| {
                    rules.role() == PinRole::User && rules.verify_reference() == pin.reference
                })
            });
            if let Some(rules) = rules {
                key.pin = Some(rules.reference());
            }
        }
        refined
    }
}

/// Keeps of the algorithms that a key may be those that the card says; false when none is left.
fn narrow(key: &mut Key, kind: CiaKeyKind) -> bool {
    let known: Vec<KeyAlgorithm> = key
        .algorithms
        .iter()
        .copied()
        .filter(|algorithm| kind.may_be(*algorithm))
        .collect();
    let any = !known.is_empty();
    if any {
        key.algorithms = known;
    }
    any
}
