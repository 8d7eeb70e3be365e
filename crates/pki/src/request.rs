//! Certification requests, PKCS#10 (RFC 2986), signed by a key that is elsewhere.
//!
//! Two steps, for the signature is made on a card: [`RequestInfo`] has the bytes to be signed,
//! and becomes a request when the signature is there.

use der::{Decode, Encode, asn1::BitString};
use spki::SubjectPublicKeyInfoOwned;
use thiserror::Error;
use x509_cert::{
    attr::Attributes,
    request::{CertReq, CertReqInfo, Version},
};

use crate::{KeyAlgorithm, KeyFault, PublicKey, SignatureAlgorithm, Subject, SubjectFault};

/// Why there is no request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The key is not fit to be certified.
    #[error("the key is not fit to be certified")]
    Key(#[from] KeyFault),
    /// A value of the subject cannot be used.
    #[error(transparent)]
    Subject(#[from] SubjectFault),
    /// The signature is of another kind than the key.
    #[error("a {key} key does not sign with {signature:?}")]
    SignatureMismatch {
        /// The kind of key.
        key: KeyAlgorithm,
        /// The kind of signature.
        signature: SignatureAlgorithm,
    },
    /// The request cannot be put into DER.
    #[error("the request cannot be encoded: {0}")]
    Encoding(der::Error),
}

/// CertificationRequestInfo, RFC 2986 §4.1: what is signed of a request.
pub struct RequestInfo {
    info: CertReqInfo,
    to_be_signed: Vec<u8>,
    key: KeyAlgorithm,
}

impl RequestInfo {
    /// A request for this key and subject. A key that is not fit to be certified gets none.
    ///
    /// # Errors
    /// [`RequestError`] says what is wrong with the key or the subject.
    pub fn new(subject: &Subject, key: &PublicKey) -> Result<Self, RequestError> {
        key.check_quality()?;
        let info = CertReqInfo {
            version: Version::V1,
            subject: subject.to_name()?,
            public_key: SubjectPublicKeyInfoOwned::from_der(key.spki_der())
                .map_err(RequestError::Encoding)?,
            attributes: Attributes::new(),
        };
        Ok(Self {
            to_be_signed: info.to_der().map_err(RequestError::Encoding)?,
            info,
            key: key.algorithm().clone(),
        })
    }

    /// The bytes that the key signs (not a hash of them).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    /// The whole request in DER, with the signature that the key made.
    ///
    /// # Errors
    /// [`RequestError::SignatureMismatch`] when such a key makes no such signature.
    pub fn signed(
        self,
        kind: SignatureAlgorithm,
        signature: &[u8],
    ) -> Result<Vec<u8>, RequestError> {
        if !kind.fits(&self.key) {
            return Err(RequestError::SignatureMismatch {
                key: self.key,
                signature: kind,
            });
        }
        let request = CertReq {
            info: self.info,
            algorithm: kind.identifier().map_err(RequestError::Encoding)?,
            signature: BitString::from_bytes(signature).map_err(RequestError::Encoding)?,
        };
        request.to_der().map_err(RequestError::Encoding)
    }
}
