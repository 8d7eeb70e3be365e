//! OpenPGP smart card application, version 3.4.

use lichna_apdu::{Command, Instruction, Status, tlv};
use lichna_secret::Puk;
use zeroize::Zeroizing;

use super::{Commands, Signing, done_with_key, iso, plain_signature};
use crate::{
    CardError, KeyAlgorithm, Personalisation, PinState, SigningInput,
    card::Administrator,
    certificate,
    pin::{guard, push_block},
    profile::{Certificate, Key, PinRole, PinRules},
    session::{Session, refused},
    signing::ecdsa_digest,
};

/// OpenPGP smart card application 3.4.
pub struct OpenPgp;

/// PW status bytes, §4.4.1.
const PASSWORD_STATUS: [u8; 2] = [0x00, 0xC4];
/// Application related data, and the discretionary data objects in it.
const APPLICATION_DATA: [u8; 2] = [0x00, 0x6E];
const APPLICATION: u16 = 0x6E;
const DISCRETIONARY: u16 = 0x73;
/// The resetting code.
const RESETTING_CODE: [u8; 2] = [0x00, 0xD3];
/// How PINs are derived, and its value for "not at all".
const KDF: [u8; 2] = [0x00, 0xF9];
const KDF_OBJECT: u16 = 0xF9;
const KDF_NONE: u8 = 0x00;
/// The key that INTERNAL AUTHENTICATE uses.
const AUTHENTICATION_KEY: u8 = 0x03;
/// Algorithm identifiers, RFC 9580 §9.1, as algorithm attributes begin with them.
const RSA: u8 = 0x01;
const ECDH: u8 = 0x12;
const ECDSA: u8 = 0x13;
/// Object identifiers of the curves, without tag and length.
const P256: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P384: [u8; 5] = [0x2B, 0x81, 0x04, 0x00, 0x22];

impl Commands for OpenPgp {
    /// DO C4: VERIFY without data is answered by cards since 3.0 only.
    fn pin_state(&self, session: &mut Session<'_>, pin: &PinRules) -> Result<PinState, CardError> {
        let Some(bytes) = self.read_object(session, &PASSWORD_STATUS)? else {
            return Ok(PinState::Unknown);
        };
        // Validity of PW1, three greatest lengths, then the error counters.
        let [_, _, _, _, user, unblocking, administrator, ..] = *bytes.as_slice() else {
            return Err(CardError::malformed("PW status bytes"));
        };
        let tries = match pin.role() {
            PinRole::User => user,
            PinRole::Unblocking => unblocking,
            PinRole::Administrator => administrator,
        };
        Ok(match (pin.role(), tries) {
            (PinRole::User, 0) if unblocking == 0 && administrator == 0 => {
                PinState::UnblockingBlocked
            }
            // A resetting code that nobody has set has no tries either.
            (_, 0) => PinState::Blocked,
            (_, tries) => PinState::Ready {
                tries_left: Some(tries),
            },
        })
    }

    /// §7.2.2 leaves it to the card whether it says 63Cx or 6982.
    fn means_wrong_pin(&self, status: Status) -> bool {
        status == Status::SecurityStatusNotSatisfied
    }

    /// KDF-DO, §4.3.2: a card may want PINs that were hashed first. Few are set so, so it is not
    /// asked before each login.
    fn why_wrong(&self, session: &mut Session<'_>) -> Result<Option<CardError>, CardError> {
        let Some(kdf) = self.read_object(session, &KDF)? else {
            return Ok(None);
        };
        // As with 6E: some answer the object, some what is in it.
        let inside = match tlv::split_first(&kdf) {
            Ok((KDF_OBJECT, value, _)) => value,
            _ => kdf.as_slice(),
        };
        Ok(match inside {
            [0x81, 0x01, algorithm, ..] if *algorithm != KDF_NONE => Some(CardError::PinDerivation),
            _ => None,
        })
    }

    fn read_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
    ) -> Result<Option<Vec<u8>>, CardError> {
        // The first occurrence is the one that is current after SELECT.
        if place.occurrence() > 0 {
            select_data(session, place)?;
        }
        match self.read_object(session, place.object())? {
            Some(bytes) => certificate::cut(&bytes),
            None => Ok(None),
        }
    }

    /// GET DATA, §7.2.6.
    fn read_object(
        &self,
        session: &mut Session<'_>,
        tag: &[u8],
    ) -> Result<Option<Vec<u8>>, CardError> {
        let (p1, p2) = parameters(tag);
        // All of the small ones fit a short answer, and need no extended command then.
        let expected = if p1 == 0 && tag != APPLICATION_DATA {
            256
        } else {
            0
        };
        let response =
            session.send(&Command::new(Instruction::GetData, p1, p2).expect(expected))?;
        match response.status() {
            Status::Success => Ok(Some(response.into_data().to_vec())),
            Status::FileNotFound | Status::ReferencedDataNotFound => Ok(None),
            _ => Err(refused(Instruction::GetData, &response)),
        }
    }

    /// INTERNAL AUTHENTICATE, §7.2.13: the card pads a DigestInfo with PKCS #1 v1.5 itself, and
    /// takes a hash as it is for ECDSA.
    fn sign(&self, session: &mut Session<'_>, request: &Signing<'_>) -> Result<Vec<u8>, CardError> {
        if request.key.reference().byte() != AUTHENTICATION_KEY {
            return Err(request.not_offered());
        }
        let input = match request.input {
            SigningInput::Ecdsa { digest } => ecdsa_digest(digest, request.algorithm),
            SigningInput::RsaPkcs1 { encoded } => Some(encoded.to_vec()),
            SigningInput::RsaPss { .. } => None,
        }
        .ok_or(request.not_offered())?;
        let command = Command::new(Instruction::InternalAuthenticate, 0x00, 0x00)
            .data(&input)
            .expect(request.expected());
        let response = session.send(&command)?;
        done_with_key(request.key, Instruction::InternalAuthenticate, &response)?;
        plain_signature(request.algorithm, response.data())
    }

    /// VERIFY with PW3. The tries are asked for first: it is never the last one by accident.
    fn authenticate_administrator(
        &self,
        session: &mut Session<'_>,
        administrator: &Administrator<'_>,
    ) -> Result<(), CardError> {
        let (Administrator::Pin { pin, policy }, Some(Personalisation::Pin(reference))) =
            (administrator, session.profile.personalisation())
        else {
            return Err(CardError::NotInProfile {
                what: "administrator's PIN",
            });
        };
        let rules = session.pin(*reference)?.clone();
        guard(&rules, self.pin_state(session, &rules)?, *policy)?;
        iso::verify(session, &rules, pin)
    }

    /// GENERATE ASYMMETRIC KEY PAIR, §7.2.14. What it makes is decided by the algorithm
    /// attributes of the key, which are written only when they differ.
    fn generate_key(
        &self,
        session: &mut Session<'_>,
        key: &Key,
        algorithm: KeyAlgorithm,
    ) -> Result<Vec<u8>, CardError> {
        let slot = Slot::of(key)?;
        let present = self
            .read_object(session, &APPLICATION_DATA)?
            .ok_or(CardError::malformed("application related data"))?;
        if !slot.is_set_to(algorithm, &present)? {
            let command = Command::new(Instruction::PutData, 0x00, slot.attributes)
                .data(&slot.attributes_of(algorithm));
            session.demand(&command)?;
        }
        let command = Command::new(Instruction::GenerateAsymmetricKeyPair, 0x80, 0x00)
            .data(&[slot.template, 0x00])
            .expect(0);
        Ok(session.demand(&command)?.data().to_vec())
    }

    /// PUT DATA, §7.2.8, after SELECT DATA for the occurrence that belongs to the key.
    fn write_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
        der: &[u8],
    ) -> Result<(), CardError> {
        select_data(session, place)?;
        let (p1, p2) = parameters(place.object());
        session
            .demand(&Command::new(Instruction::PutData, p1, p2).data(der))
            .map(|_| ())
    }

    /// The resetting code, DO D3, §4.3.4.
    fn set_puk(
        &self,
        session: &mut Session<'_>,
        unblocking: &PinRules,
        puk: &Puk,
    ) -> Result<(), CardError> {
        session.may_send_pin()?;
        let mut block = Zeroizing::new(Vec::with_capacity(lichna_secret::LONGEST));
        puk.expose(|characters| push_block(unblocking, characters, &mut block))?;
        let (p1, p2) = parameters(&RESETTING_CODE);
        session
            .demand(&Command::new(Instruction::PutData, p1, p2).secret_data(block))
            .map(|_| ())
    }
}

/// SELECT DATA, §7.2.5: which of several objects with one tag is meant from now on.
fn select_data(session: &mut Session<'_>, place: &Certificate) -> Result<(), CardError> {
    let list = tlv::encode(0x60, &tlv::encode(0x5C, place.object()));
    let command = Command::new(Instruction::SelectData, place.occurrence(), 0x04).data(&list);
    session.demand(&command).map(|_| ())
}

/// P1 and P2 that name a data object.
fn parameters(tag: &[u8]) -> (u8, u8) {
    match *tag {
        [high, low, ..] => (high, low),
        [low] => (0x00, low),
        [] => (0x00, 0x00),
    }
}

/// What belongs to one of the three keys.
struct Slot {
    /// Tag of its algorithm attributes.
    attributes: u8,
    /// Tag of its control reference template.
    template: u8,
    /// Algorithm identifier of an elliptic curve key there.
    elliptic: u8,
}

impl Slot {
    fn of(key: &Key) -> Result<Self, CardError> {
        let (attributes, template, elliptic) = match key.reference().byte() {
            0x01 => (0xC1, 0xB6, ECDSA),
            0x02 => (0xC2, 0xB8, ECDH),
            AUTHENTICATION_KEY => (0xC3, 0xA4, ECDSA),
            _ => return Err(CardError::NotInProfile { what: "key" }),
        };
        Ok(Self {
            attributes,
            template,
            elliptic,
        })
    }

    /// Algorithm attributes, §4.4.3.9 and §4.4.3.10.
    fn attributes_of(&self, algorithm: KeyAlgorithm) -> Vec<u8> {
        let mut attributes = match algorithm {
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 => vec![self.elliptic],
            _ => vec![RSA],
        };
        match algorithm {
            KeyAlgorithm::EcP256 => attributes.extend(P256),
            KeyAlgorithm::EcP384 => attributes.extend(P384),
            // Bits of the modulus, bits of the exponent, import format: e and p, q.
            KeyAlgorithm::Rsa2048 => attributes.extend([0x08, 0x00, 0x00, 0x20, 0x00]),
            KeyAlgorithm::Rsa3072 => attributes.extend([0x0C, 0x00, 0x00, 0x20, 0x00]),
            KeyAlgorithm::Rsa4096 => attributes.extend([0x10, 0x00, 0x00, 0x20, 0x00]),
        }
        attributes
    }

    /// Whether the key is set to this algorithm already.
    fn is_set_to(&self, algorithm: KeyAlgorithm, data: &[u8]) -> Result<bool, CardError> {
        let what = "application related data";
        // Cards by ZeitControl answer the object 6E, opcard 1.11 what is in it. A wrapper around
        // the latter makes them alike.
        let (tag, ..) = tlv::split_first(data).map_err(CardError::tlv(what))?;
        let wrapped = match tag {
            APPLICATION => data.to_vec(),
            _ => tlv::encode(APPLICATION, data),
        };
        let data = tlv::parse(&wrapped).map_err(CardError::tlv(what))?;
        let present = tlv::value_at(&data, &[DISCRETIONARY, u16::from(self.attributes)])
            .map_err(CardError::tlv(what))?;
        let wanted = self.attributes_of(algorithm);
        Ok(match algorithm {
            // A format byte may follow the curve.
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 => {
                present == wanted || present.strip_suffix(&[0xFF]) == Some(&wanted)
            }
            // The length of the exponent and the import format are the card's own matter.
            _ => present.get(..3) == wanted.get(..3),
        })
    }
}
