//! How OCSP names a certificate: CertID, RFC 6960 §4.1.1.

use core::fmt;

use const_oid::db::{rfc5912::ID_SHA_1, rfc5912::ID_SHA_256};
use der::{
    Decode, Encode,
    asn1::{Null, OctetStringRef},
};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierRef;

use super::{OcspFault, structures::CertId};
use crate::{Certificate, SerialNumber};

/// The hash that names the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcspHash {
    /// What every responder understands. It need not be strong here.
    Sha1,
    /// RFC 9654 prefers it.
    Sha256,
}

/// A certificate, named by its authority's name, its authority's key, and its serial number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CertificateId {
    hash: Option<OcspHash>,
    issuer_name_hash: Vec<u8>,
    issuer_key_hash: Vec<u8>,
    serial: SerialNumber,
    /// As it was read: an answer repeats the bytes of the question.
    der: Vec<u8>,
}

impl CertificateId {
    /// The certificate of an authority with that serial number.
    ///
    /// # Errors
    /// [`OcspFault::NotOcsp`] when it cannot be put into DER, which does not happen.
    pub fn new(
        issuer: &Certificate,
        serial: SerialNumber,
        hash: OcspHash,
    ) -> Result<Self, OcspFault> {
        let (issuer_name_hash, issuer_key_hash) = hash.of(issuer);
        let der = CertId {
            hash_algorithm: AlgorithmIdentifierRef {
                oid: match hash {
                    OcspHash::Sha1 => ID_SHA_1,
                    OcspHash::Sha256 => ID_SHA_256,
                },
                parameters: Some(Null.into()),
            },
            issuer_name_hash: OctetStringRef::new(&issuer_name_hash)?,
            issuer_key_hash: OctetStringRef::new(&issuer_key_hash)?,
            serial_number: serial,
        }
        .to_der()?;
        Ok(Self {
            hash: Some(hash),
            issuer_name_hash,
            issuer_key_hash,
            serial,
            der,
        })
    }

    pub(super) fn read(der: Vec<u8>) -> Result<Self, OcspFault> {
        let id = CertId::from_der(&der)?;
        Ok(Self {
            hash: match id.hash_algorithm.oid {
                ID_SHA_1 => Some(OcspHash::Sha1),
                ID_SHA_256 => Some(OcspHash::Sha256),
                _ => None,
            },
            issuer_name_hash: id.issuer_name_hash.as_bytes().to_vec(),
            issuer_key_hash: id.issuer_key_hash.as_bytes().to_vec(),
            serial: id.serial_number,
            der,
        })
    }

    /// Its serial number.
    #[must_use]
    pub const fn serial(&self) -> SerialNumber {
        self.serial
    }

    /// Whether it is a certificate of that authority. One that is named by an unknown hash is
    /// nobody's.
    #[must_use]
    pub fn is_of(&self, issuer: &Certificate) -> bool {
        self.hash.is_some_and(|hash| {
            let (name, key) = hash.of(issuer);
            self.issuer_name_hash == name && self.issuer_key_hash == key
        })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateId")
            .field("hash", &self.hash)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

impl OcspHash {
    /// Hashes of an authority's name and of the bits of its key.
    fn of(self, issuer: &Certificate) -> (Vec<u8>, Vec<u8>) {
        let (name, key) = (issuer.subject_der(), &issuer.public_key().bits());
        match self {
            Self::Sha1 => (Sha1::digest(name).to_vec(), Sha1::digest(key).to_vec()),
            Self::Sha256 => (Sha256::digest(name).to_vec(), Sha256::digest(key).to_vec()),
        }
    }
}
