//! Chip Authentication version 1, ICAO 9303-11 §6.2 and TR-03110-1 §3.4: the chip shows that it has
//! the private key whose public half its maker signed. A copy of a card's files has not.
//!
//! Static Diffie-Hellman over ECDH, from which secure messaging gets new keys. Nothing is proved by
//! the exchange itself: the chip's next answer that passes the check of the new keys is the proof.

use der::asn1::{Any, BitString, ObjectIdentifier};
use der::{Decode, Encode};
use elliptic_curve::rand_core::TryCryptoRng;
use lichna_apdu::{Channel, Command, Framing, Instruction, Response, Status, exchange, tlv};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::error::{MalformedObject, Step};
use crate::{
    Cipher, Curve, PaceError, PrivateKey, PublicKey, SecureMessaging, SecurityInfo, SecurityInfos,
    SecurityInfosError, Unsupported, chip,
};

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
/// Names of curves, RFC 5480 §2.1.1.1 and RFC 5639 §3.
const CURVES: [(Curve, ObjectIdentifier); 4] = [
    (Curve::P256, ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7")),
    (Curve::P384, ObjectIdentifier::new_unwrap("1.3.132.0.34")),
    (
        Curve::BrainpoolP256r1,
        ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7"),
    ),
    (
        Curve::BrainpoolP384r1,
        ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11"),
    ),
];

/// MSE:SET AT for Chip Authentication, ICAO 9303-11 §6.2.4.2.
const SET_AT: (u8, u8) = (0x41, 0xA4);
/// Protocol's identifier.
const PROTOCOL: u16 = 0x80;
/// Reference of the private key, where the chip has several.
const KEY: u16 = 0x84;
/// Dynamic authentication data.
const DYNAMIC: u16 = 0x7C;
/// The terminal's ephemeral public key.
const EPHEMERAL: u16 = 0x80;

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
        let (_, curve) = CURVES[self.curve_index()];
        let key = SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: EC_PUBLIC_KEY,
                parameters: Some(Any::encode_from(&curve)?),
            },
            subject_public_key: BitString::from_bytes(self.key.bytes())?,
        };
        Ok([
            SecurityInfo::new(
                self.protocol(),
                Any::encode_from(&VERSION)?,
                number(self.key_id)?,
            )?,
            SecurityInfo::new(PUBLIC_KEY, Any::from_der(&key.to_der()?)?, number(self.key_id)?)?,
        ])
    }
}
