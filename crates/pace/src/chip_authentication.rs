//! Chip Authentication version 1, ICAO 9303-11 §6.2 and TR-03110-1 §3.4: the chip shows that it has
//! the private key whose public half its maker signed. A copy of a card's files has not.
//!
//! Static Diffie-Hellman over ECDH, from which secure messaging gets new keys. Nothing is proved by
//! the exchange itself: the chip's next answer that passes the check of the new keys is the proof.

use der::asn1::{Any, BitString, ObjectIdentifier};
use elliptic_curve::rand_core::TryCryptoRng;
use lichna_apdu::{Channel, Command, Framing, Instruction, Response, Status, exchange, tlv};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::{
    Cipher, Curve, PaceError, PrivateKey, PublicKey, SecureMessaging, SecurityInfo, SecurityInfos,
    SecurityInfosError, Step, Unsupported,
};
use crate::{domain, dynamic_data};

/// id-CA, TR-03110-3 §A.1.1.2.
const ID_CA: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.3");
const ECDH_AES_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.3.2.2");
const ECDH_AES_192: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.3.2.3");
const ECDH_AES_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.3.2.4");
/// id-PK-ECDH: the public key itself.
const PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.1.2");
/// Arcs below id-CA: the group, then the cipher.
const DH: u8 = 1;
const ECDH: u8 = 2;
const TRIPLE_DES: u8 = 1;
/// The version that takes new keys from the key agreement alone.
const VERSION: u32 = 1;

/// id-ecPublicKey, RFC 5480 §2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// standardizedDomainParameters, TR-03110-3 §A.2.1.1: a number instead of the curve's name.
const STANDARDIZED: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.1.2");
/// MSE:SET AT for Chip Authentication, ICAO 9303-11 §6.2.4.2.
const SET_AT: (u8, u8) = (0x41, 0xA4);
/// Protocol's identifier.
pub(crate) const PROTOCOL: u16 = 0x80;
/// Reference of the private key, where the chip has several.
pub(crate) const KEY: u16 = 0x84;
/// The terminal's ephemeral public key.
pub(crate) const EPHEMERAL: u16 = 0x80;

/// A Chip Authentication that a card offers, with the key that it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipAuthenticationInfo {
    cipher: Cipher,
    key: PublicKey,
    /// The number of the key, where it has one.
    key_id: Option<u32>,
}

impl ChipAuthenticationInfo {
    /// With this cipher and a key that needs no number.
    #[must_use]
    pub const fn new(cipher: Cipher, key: PublicKey) -> Self {
        Self {
            cipher,
            key,
            key_id: None,
        }
    }

    /// The strongest one among the infos of DG14; `None` when they offer none.
    ///
    /// # Errors
    /// [`PaceError::Unsupported`] when there are some, but none that is spoken here;
    /// [`PaceError::SecurityInfos`] when one is malformed.
    pub fn read(infos: &SecurityInfos) -> Result<Option<Self>, PaceError> {
        let mut best: Option<Self> = None;
        let mut why = None;
        for info in infos.iter() {
            let Some([group, cipher]) = info.arcs_below(&ID_CA) else {
                continue;
            };
            match offered(infos, info, *group, *cipher)? {
                Ok(one) => {
                    let better = best.as_ref().is_none_or(|best| one.cipher > best.cipher);
                    best = if better { Some(one) } else { best };
                }
                Err(what) => why = why.or(Some(what)),
            }
        }
        match (best, why) {
            (None, Some(what)) => Err(PaceError::Unsupported { what }),
            (best, _) => Ok(best),
        }
    }

    /// The infos that say so, for a card's DG14: `ChipAuthenticationInfo` and
    /// `ChipAuthenticationPublicKeyInfo`.
    ///
    /// # Errors
    /// Never for keys as they are.
    pub fn security_infos(&self) -> der::Result<[SecurityInfo; 2]> {
        let number = |id: Option<u32>| id.map(|id| Any::encode_from(&id)).transpose();
        let key = SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: EC_PUBLIC_KEY,
                parameters: Some(Any::encode_from(&domain::name(self.key.curve()))?),
            },
            subject_public_key: BitString::from_bytes(self.key.bytes())?,
        };
        Ok([
            SecurityInfo::new(
                self.protocol(),
                Any::encode_from(&VERSION)?,
                number(self.key_id)?,
            )?,
            SecurityInfo::new(PUBLIC_KEY, Any::encode_from(&key)?, number(self.key_id)?)?,
        ])
    }

    /// The cipher of the channel that comes of it.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// The chip's public key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// id-CA-ECDH-AES-CBC-CMAC-128, -192 or -256.
    #[must_use]
    pub const fn protocol(&self) -> ObjectIdentifier {
        protocol(self.cipher)
    }

    /// Runs the protocol, and replaces the keys of `messaging` with those that come of it; where
    /// no channel stood, one does then. A chip that refuses leaves `messaging` as it is.
    ///
    /// The chip has proved nothing yet: its next answer does, when it passes the check.
    ///
    /// # Errors
    /// [`PaceError`]; [`PaceError::Refused`] when the chip does.
    pub fn run<R: TryCryptoRng + ?Sized>(
        &self,
        channel: &mut dyn Channel,
        messaging: &mut Option<SecureMessaging>,
        rng: &mut R,
    ) -> Result<(), PaceError> {
        let framing = messaging
            .as_ref()
            .map_or(Framing::Extended, SecureMessaging::framing);
        let private = PrivateKey::generate(self.key.curve(), rng)?;
        let mut data = tlv::encode(PROTOCOL, self.protocol().as_bytes());
        if let Some(id) = self.key_id {
            data.extend(tlv::encode(KEY, &big_endian(id)));
        }
        let (p1, p2) = SET_AT;
        let select = Command::new(Instruction::ManageSecurityEnvironment, p1, p2).data(&data);
        taken(&transmit(channel, messaging, &select)?)?;
        let point = dynamic_data::wrap(EPHEMERAL, private.public_key().bytes());
        let agree = Command::new(Instruction::GeneralAuthenticate, 0, 0)
            .data(&point)
            .expect(0);
        let answer = transmit(channel, messaging, &agree)?;
        taken(&answer)?;
        let malformed = |object| PaceError::Malformed {
            step: Step::ChipAuthentication,
            object,
        };
        dynamic_data::is_empty(answer.data()).map_err(malformed)?;
        // INVARIANT: the private key was made on the curve of the other.
        let shared = private.agree(&self.key).ok_or(PaceError::IdentityMapped)?;
        *messaging = Some(SecureMessaging::derive(self.cipher, &shared).with_framing(framing));
        Ok(())
    }
}

/// Through the channel where one stands.
fn transmit(
    channel: &mut dyn Channel,
    messaging: &mut Option<SecureMessaging>,
    command: &Command,
) -> Result<Response, PaceError> {
    let answer = match messaging {
        Some(messaging) => exchange(&mut messaging.over(channel), command, Framing::Short),
        None => exchange(channel, command, Framing::Short),
    };
    Ok(answer?)
}

fn taken(answer: &Response) -> Result<(), PaceError> {
    match answer.status() {
        Status::Success => Ok(()),
        status => Err(PaceError::Refused {
            step: Step::ChipAuthentication,
            status,
        }),
    }
}

/// A `ChipAuthenticationInfo` with its key, or what it needs that is not spoken here.
fn offered(
    infos: &SecurityInfos,
    info: &SecurityInfo,
    group: u8,
    cipher: u8,
) -> Result<Result<ChipAuthenticationInfo, Unsupported>, PaceError> {
    let number = |info: &SecurityInfo| {
        let number = info.optional().map(Any::decode_as::<u32>).transpose();
        number.map_err(|_| malformed(info))
    };
    let version: u32 = info.required().decode_as().map_err(|_| malformed(info))?;
    let key_id = number(info)?;
    let cipher = match (group, cipher) {
        (DH, _) => return Ok(Err(Unsupported::DiffieHellman)),
        (ECDH, TRIPLE_DES) => return Ok(Err(Unsupported::TripleDes)),
        (ECDH, 2) => Cipher::Aes128,
        (ECDH, 3) => Cipher::Aes192,
        (ECDH, 4) => Cipher::Aes256,
        _ => return Ok(Err(Unsupported::Protocol(named(info)))),
    };
    if version != VERSION {
        return Ok(Err(Unsupported::Version(version)));
    }
    for candidate in infos.iter().filter(|info| info.is(&PUBLIC_KEY)) {
        let id = number(candidate)?;
        // A key without a number is the only one.
        if key_id.is_some() && id.is_some() && id != key_id {
            continue;
        }
        return Ok(public_key(candidate)?.map(|key| ChipAuthenticationInfo {
            cipher,
            key,
            key_id: key_id.or(id),
        }));
    }
    Err(malformed(info).into())
}

/// The key in a `ChipAuthenticationPublicKeyInfo`.
fn public_key(info: &SecurityInfo) -> Result<Result<PublicKey, Unsupported>, PaceError> {
    let key: SubjectPublicKeyInfoOwned =
        info.required().decode_as().map_err(|_| malformed(info))?;
    let parameters = key.algorithm.parameters.as_ref();
    let parameters = parameters.ok_or_else(|| malformed(info))?;
    let curve = match key.algorithm.oid {
        STANDARDIZED => {
            let id: u32 = parameters.decode_as().map_err(|_| malformed(info))?;
            u8::try_from(id)
                .ok()
                .and_then(Curve::from_parameter_id)
                .ok_or(Unsupported::DomainParameters(id))
        }
        EC_PUBLIC_KEY => domain::curve(parameters),
        other => Err(Unsupported::Protocol(other.to_string())),
    };
    let curve = match curve {
        Ok(curve) => curve,
        Err(what) => return Ok(Err(what)),
    };
    let point = key.subject_public_key.as_bytes();
    let point = point.ok_or_else(|| malformed(info))?;
    let key = PublicKey::parse(curve, point).map_err(|error| PaceError::BadPoint {
        step: Step::ChipAuthentication,
        error,
    })?;
    Ok(Ok(key))
}

fn named(info: &SecurityInfo) -> String {
    info.protocol()
        .map_or_else(|| "too long to name".to_owned(), |oid| oid.to_string())
}

fn malformed(info: &SecurityInfo) -> SecurityInfosError {
    SecurityInfosError::Info {
        protocol: named(info),
    }
}

pub(crate) const fn protocol(cipher: Cipher) -> ObjectIdentifier {
    match cipher {
        Cipher::Aes128 => ECDH_AES_128,
        Cipher::Aes192 => ECDH_AES_192,
        Cipher::Aes256 => ECDH_AES_256,
    }
}

/// Without leading zeros, as ICAO 9303-11 §6.2.4.2 has key references; one byte at least.
fn big_endian(number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take(3).take_while(|byte| **byte == 0).count();
    bytes.into_iter().skip(zeros).collect()
}
