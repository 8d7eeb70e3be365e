//! Signatures and key pairs: ISO/IEC 7816-4 §11.5.4, ISO/IEC 7816-8.

use lichna_apdu::ReceivedCommand;
use lichna_apdu::tlv::{self, Tag, Tlv, Value};

use super::Inserted;
use super::files::FileId;
use super::reply::{Done, Reply, Word};
use crate::state::{KeyType, PrivateKey, PublicKey, RoleName, SlotName};

/// What MSE:SET DST chose for the signatures to come.
#[derive(Clone, Copy)]
pub struct Environment {
    /// None: the one of the key, ECDSA or PKCS #1.
    algorithm: Option<Algorithm>,
    key: SlotName,
}

#[derive(Clone, Copy)]
enum Algorithm {
    Ecdsa,
    Pkcs1,
    Pss,
    Raw,
}

impl Algorithm {
    const fn by_reference(reference: u8) -> Option<Self> {
        match reference {
            0x01 => Some(Self::Ecdsa),
            0x02 => Some(Self::Pkcs1),
            0x03 => Some(Self::Pss),
            0x04 => Some(Self::Raw),
            _ => None,
        }
    }

    /// `None` when the data or the key does not fit.
    fn sign(self, key: &PrivateKey, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ecdsa if (20..=64).contains(&data.len()) => key.sign_ecdsa(data),
            Self::Pkcs1 => key.sign_pkcs1(data),
            Self::Pss if data.len() == 32 => key.sign_pss(data),
            Self::Raw => key.sign_raw(data),
            Self::Ecdsa | Self::Pss => None,
        }
    }
}

impl Inserted {
    /// MSE:SET, ISO/IEC 7816-4 §11.5.11: for signatures, PACE, Chip Authentication.
    pub(super) fn manage_security_environment(&mut self, command: &ReceivedCommand<'_>) -> Done {
        match (command.p1, command.p2) {
            (0x41, 0xB6) => self.set_signature_environment(command.data),
            (0xC1, 0xA4) => self.set_pace(command.data),
            (0x41, 0xA4) => self.set_chip_authentication(command.data),
            _ => Err(Word::WRONG_PARAMETERS),
        }
    }

    fn set_signature_environment(&mut self, data: &[u8]) -> Done {
        self.session.environment = None;
        let objects = tlv::parse_all(data).map_err(|_| Word::INCORRECT_DATA)?;
        let algorithm = optional_reference(&objects, 0x80)?
            .map(|reference| {
                Algorithm::by_reference(reference).ok_or(Word::REFERENCED_DATA_NOT_FOUND)
            })
            .transpose()?;
        let key =
            SlotName::by_key(reference(&objects, 0x84)?).ok_or(Word::REFERENCED_DATA_NOT_FOUND)?;
        self.session.environment = Some(Environment { algorithm, key });
        Ok(Reply::success())
    }

    /// PSO: COMPUTE DIGITAL SIGNATURE.
    pub(super) fn compute_signature(&mut self, command: &ReceivedCommand<'_>) -> Done {
        if (command.p1, command.p2) != (0x9E, 0x9A) {
            return Err(Word::WRONG_PARAMETERS);
        }
        let environment = self.session.environment;
        let Environment { algorithm, key } = environment.ok_or(Word::CONDITIONS_NOT_SATISFIED)?;
        self.sign(algorithm, key, command.data)
    }

    /// INTERNAL AUTHENTICATE: algorithm in P1, key in P2.
    pub(super) fn internal_authenticate(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let algorithm =
            Algorithm::by_reference(command.p1).ok_or(Word::REFERENCED_DATA_NOT_FOUND)?;
        let key = SlotName::by_key(command.p2)
            .filter(|key| key.role == RoleName::Identification)
            .ok_or(Word::REFERENCED_DATA_NOT_FOUND)?;
        self.sign(Some(algorithm), key, command.data)
    }

    fn sign(&mut self, algorithm: Option<Algorithm>, name: SlotName, data: &[u8]) -> Done {
        let allowed = match name.role {
            RoleName::Identification => self.session.pin_verified,
            RoleName::Signing => self.session.signature_allowed,
        };
        if !allowed {
            return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
        }
        let key = self.card.state.slot(name).key.as_ref();
        let key = key.ok_or(Word::REFERENCED_DATA_NOT_FOUND)?;
        let algorithm = algorithm.unwrap_or(match key {
            PrivateKey::P256(_) | PrivateKey::P384(_) => Algorithm::Ecdsa,
            PrivateKey::Rsa(_) => Algorithm::Pkcs1,
        });
        let signature = algorithm.sign(key, data).ok_or(Word::INCORRECT_DATA)?;
        if name.role == RoleName::Signing {
            self.session.signature_allowed = false;
        }
        Ok(Reply::data(signature))
    }

    /// GENERATE ASYMMETRIC KEY PAIR, and the public key of one that is there.
    pub(super) fn generate_key_pair(&mut self, command: &ReceivedCommand<'_>) -> Done {
        let template = tlv::parse(command.data).map_err(|_| Word::INCORRECT_DATA)?;
        let objects = match template.value() {
            Value::Constructed(objects) if template.tag().to_bytes() == [0xB6] => objects,
            _ => return Err(Word::INCORRECT_DATA),
        };
        let name =
            SlotName::by_key(reference(objects, 0x84)?).ok_or(Word::REFERENCED_DATA_NOT_FOUND)?;
        match (command.p1, command.p2) {
            (0x80, 0x00) => {
                let key_type =
                    KeyType::by_reference(reference(objects, 0x80)?).ok_or(Word::INCORRECT_DATA)?;
                self.generate(name, key_type)?;
            }
            (0x81, 0x00) => {}
            _ => return Err(Word::WRONG_PARAMETERS),
        }
        let key = self.card.state.slot(name).key.as_ref();
        let key = key.ok_or(Word::REFERENCED_DATA_NOT_FOUND)?;
        let public_key = match key.public_key() {
            PublicKey::Point(point) => tlv::encode(0x86, &point),
            PublicKey::Rsa { modulus, exponent } => {
                [tlv::encode(0x81, &modulus), tlv::encode(0x82, &exponent)].concat()
            }
        };
        Ok(Reply::data(tlv::encode(0x7F49, &public_key)))
    }

    /// A new key, in the place of the old one and its certificate.
    fn generate(&mut self, name: SlotName, key_type: KeyType) -> Result<(), Word> {
        if !self.session.administrator {
            return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
        }
        let state = &self.card.state;
        // What logs in today stays until its successor works.
        if state.is_current(name) && !state.slot(name).certificate.is_empty() {
            return Err(Word::CONDITIONS_NOT_SATISFIED);
        }
        let key = PrivateKey::generate(key_type).ok_or(Word::MEMORY_FAILURE)?;
        self.write(|state| {
            let slot = state.slot_mut(name);
            slot.key = Some(key);
            slot.certificate.clear();
        })
    }

    /// ACTIVATE FILE: the slot of this certificate becomes the current one of its role.
    pub(super) fn activate_file(&mut self, command: &ReceivedCommand<'_>) -> Done {
        if (command.p1, command.p2) != (0, 0) {
            return Err(Word::WRONG_PARAMETERS);
        }
        let file = self.file_or_current(command.data)?;
        if !self.session.administrator {
            return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
        }
        let FileId::Certificate(name) = file else {
            return Err(Word::CONDITIONS_NOT_SATISFIED);
        };
        let slot = self.card.state.slot(name);
        let fits = slot
            .key
            .as_ref()
            .is_some_and(|key| key.fits(&slot.certificate));
        if !fits {
            return Err(Word::CONDITIONS_NOT_SATISFIED);
        }
        self.write(|state| state.role_mut(name.role).current = Some(name.slot))?;
        Ok(Reply::success())
    }
}

/// The value of one byte of the data object with this tag.
fn reference(objects: &[Tlv], tag: u8) -> Result<u8, Word> {
    optional_reference(objects, tag)?.ok_or(Word::INCORRECT_DATA)
}

/// The same, which may be left out.
fn optional_reference(objects: &[Tlv], tag: u8) -> Result<Option<u8>, Word> {
    let tag = Tag::try_from(tag).map_err(|_| Word::INCORRECT_DATA)?;
    let Some(object) = objects.iter().find(|object| *object.tag() == tag) else {
        return Ok(None);
    };
    match object.value() {
        Value::Primitive(value) if value.len() == 1 => Ok(value.first().copied()),
        _ => Err(Word::INCORRECT_DATA),
    }
}
