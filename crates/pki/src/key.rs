//! Public keys, RFC 5280 §4.1.2.7.

use core::fmt;
use std::borrow::Cow;

use const_oid::AssociatedOid;
use der::Encode;
use p256::elliptic_curve::sec1::ToSec1Point;
use sha1::{Digest, Sha1};
use x509_parser::{
    oid_registry::{
        OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION,
    },
    prelude::FromDer,
    public_key::PublicKey as ParsedKey,
    x509::SubjectPublicKeyInfo,
};

use crate::{KeyFault, PkiError, quality};

/// Longest public key that is read, in bytes; RSA-16384 has 2 KB.
const LONGEST_KEY: usize = 4096;

/// Kinds of keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDSA on secp256r1.
    EcP256,
    /// ECDSA on secp384r1.
    EcP384,
    /// RSA, RFC 8017.
    Rsa {
        /// Length of the modulus.
        bits: usize,
    },
    /// Any other.
    Unsupported {
        /// Object identifier of the algorithm, or of the curve.
        oid: String,
    },
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcP256 => f.write_str("EC P-256"),
            Self::EcP384 => f.write_str("EC P-384"),
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::Unsupported { oid } => write!(f, "unsupported ({oid})"),
        }
    }
}

/// A public key in its parts, as PKCS#11 names them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyParts {
    /// Elliptic curve.
    Ec {
        /// EcParameters, RFC 5480 §2.1.1: DER of the identifier of the curve.
        parameters: Vec<u8>,
        /// The point, uncompressed (SEC 1 §2.3.3): 04 ‖ X ‖ Y.
        point: Vec<u8>,
    },
    /// RSA.
    Rsa {
        /// Big endian, without leading zeros.
        modulus: Vec<u8>,
        /// Big endian, without leading zeros.
        exponent: Vec<u8>,
    },
}

/// A public key: its SubjectPublicKeyInfo and what kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    spki: Vec<u8>,
    algorithm: KeyAlgorithm,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`PkiError::Malformed`] when it is none, or has bytes after it.
    pub fn parse(spki: &[u8]) -> Result<Self, PkiError> {
        let malformed = PkiError::Malformed { part: "public key" };
        if spki.len() > LONGEST_KEY {
            return Err(malformed);
        }
        match SubjectPublicKeyInfo::from_der(spki) {
            Ok(([], parsed)) => Ok(Self::read(&parsed)),
            _ => Err(malformed),
        }
    }

    pub(crate) fn read(parsed: &SubjectPublicKeyInfo<'_>) -> Self {
        Self {
            spki: parsed.raw.to_vec(),
            algorithm: algorithm(parsed),
        }
    }

    /// SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// What kind of key it is.
    #[must_use]
    pub const fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// Its parts; `None` when it is of a kind that is not known here, or its point is not on the
    /// curve.
    #[must_use]
    pub fn parts(&self) -> Option<KeyParts> {
        let (_, spki) = SubjectPublicKeyInfo::from_der(&self.spki).ok()?;
        let bytes = spki.subject_public_key.data.as_ref();
        match self.algorithm {
            KeyAlgorithm::EcP256 => {
                let key = p256::PublicKey::from_sec1_bytes(bytes).ok()?;
                Some(KeyParts::Ec {
                    parameters: p256::NistP256::OID.to_der().ok()?,
                    point: key.to_sec1_point(false).as_bytes().to_vec(),
                })
            }
            KeyAlgorithm::EcP384 => {
                let key = p384::PublicKey::from_sec1_bytes(bytes).ok()?;
                Some(KeyParts::Ec {
                    parameters: p384::NistP384::OID.to_der().ok()?,
                    point: key.to_sec1_point(false).as_bytes().to_vec(),
                })
            }
            KeyAlgorithm::Rsa { .. } => match spki.parsed() {
                Ok(ParsedKey::RSA(rsa)) => Some(KeyParts::Rsa {
                    modulus: significant(rsa.modulus),
                    exponent: significant(rsa.exponent),
                }),
                _ => None,
            },
            KeyAlgorithm::Unsupported { .. } => None,
        }
    }

    /// SHA-1 of the bits of the key, RFC 5280 §4.2.1.2 (1): what programs find a key and its
    /// certificate by.
    #[must_use]
    pub fn identifier(&self) -> [u8; 20] {
        Sha1::digest(self.bits()).into()
    }

    /// The bits of the key, without what stands around them.
    pub(crate) fn bits(&self) -> Cow<'_, [u8]> {
        match SubjectPublicKeyInfo::from_der(&self.spki) {
            Ok((_, spki)) => spki.subject_public_key.data,
            // INVARIANT: it was read from these bytes.
            Err(_) => Cow::Borrowed(&self.spki),
        }
    }

    /// Looks for what makes a key unfit to be certified: a point off its curve, an RSA modulus
    /// that is too short or was made by a chip with the ROCA fault.
    ///
    /// # Errors
    /// [`KeyFault`] names the first that is found.
    pub fn check_quality(&self) -> Result<(), KeyFault> {
        quality::check(self)
    }
}

/// Without leading zeros.
pub fn significant(number: &[u8]) -> Vec<u8> {
    number
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect()
}

fn algorithm(key: &SubjectPublicKeyInfo<'_>) -> KeyAlgorithm {
    let unsupported = |oid: &dyn fmt::Display| KeyAlgorithm::Unsupported {
        oid: oid.to_string(),
    };
    let kind = &key.algorithm.algorithm;
    if *kind == OID_PKCS1_RSAENCRYPTION {
        return match key.parsed() {
            Ok(ParsedKey::RSA(rsa)) => KeyAlgorithm::Rsa {
                bits: quality::bits(rsa.modulus),
            },
            _ => unsupported(kind),
        };
    }
    if *kind != OID_KEY_TYPE_EC_PUBLIC_KEY {
        return unsupported(kind);
    }
    let curve = key
        .algorithm
        .parameters
        .as_ref()
        .and_then(|parameters| parameters.as_oid().ok());
    match curve {
        Some(curve) if curve == OID_EC_P256 => KeyAlgorithm::EcP256,
        Some(curve) if curve == OID_NIST_EC_P384 => KeyAlgorithm::EcP384,
        Some(curve) => unsupported(&curve),
        None => unsupported(kind),
    }
}
