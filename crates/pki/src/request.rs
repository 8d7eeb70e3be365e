//! Certification requests, PKCS#10 (RFC 2986), signed by a key that is elsewhere.
//!
//! Two steps, for the signature is made on a card: [`RequestInfo`] has the bytes to be signed,
//! and becomes a request when the signature is there.

use const_oid::{
    ObjectIdentifier,
    db::{
        rfc4519::{CN, COUNTRY_NAME, GIVEN_NAME, SERIAL_NUMBER, SN},
        rfc5912::{
            ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_RSASSA_PSS, SHA_256_WITH_RSA_ENCRYPTION,
        },
    },
};
use der::{
    Decode, Encode,
    asn1::{Any, BitString, Null, PrintableStringRef, SetOfVec, Utf8StringRef},
};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use thiserror::Error;
use uuid::Uuid;
use x509_cert::{
    attr::{AttributeTypeAndValue, Attributes},
    name::{Name, RdnSequence, RelativeDistinguishedName},
    request::{CertReq, CertReqInfo, Version},
};

use crate::{KeyAlgorithm, KeyFault, PublicKey, identifier};

/// RSASSA-PSS-params for SHA-256, MGF1 with SHA-256 and a salt of 32 bytes, RFC 4055 §3.1.
const PSS_SHA256: [u8; 54] = [
    0x30, 0x34, // RSASSA-PSS-params
    0xA0, 0x0F, 0x30, 0x0D, // hashAlgorithm: id-sha256, NULL
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, //
    0xA1, 0x1C, 0x30, 0x1A, // maskGenAlgorithm: id-mgf1 …
    0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, //
    0x30, 0x0D, // … with id-sha256, NULL
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, //
    0xA2, 0x03, 0x02, 0x01, 0x20, // saltLength: 32
];

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestSignature {
    /// ECDSA with SHA-256; the signature is DER.
    EcdsaSha256,
    /// ECDSA with SHA-384; the signature is DER.
    EcdsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PSS with SHA-256, a salt of 32 bytes.
    RsaPssSha256,
}

/// Why there is no request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The key is not fit to be certified.
    #[error("the key is not fit to be certified")]
    Key(#[from] KeyFault),
    /// A value of the subject is empty, too long, or has characters that do not belong there.
    #[error("the {attribute} of the subject cannot be used")]
    Subject {
        /// Which attribute.
        attribute: &'static str,
    },
    /// The signature is of another kind than the key.
    #[error("a {key} key does not sign with {signature:?}")]
    SignatureMismatch {
        /// The kind of key.
        key: KeyAlgorithm,
        /// The kind of signature.
        signature: RequestSignature,
    },
    /// The request cannot be put into DER.
    #[error("the request cannot be encoded: {0}")]
    Encoding(der::Error),
}

/// The subject of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    country: Option<String>,
    serial_number: Option<String>,
    given_name: Option<String>,
    surname: Option<String>,
    common_name: String,
}

impl Subject {
    /// A subject with this commonName: the names of the holder in Cyrillic.
    #[must_use]
    pub fn new(common_name: &str) -> Self {
        Self {
            common_name: common_name.to_owned(),
            ..Self::default()
        }
    }

    /// The same with a country, two letters of ISO 3166.
    #[must_use]
    pub fn country(mut self, country: &str) -> Self {
        self.country = Some(country.to_owned());
        self
    }

    /// The same with the holder's electronic identifier as serialNumber.
    #[must_use]
    pub fn electronic_identifier(mut self, identifier: Uuid) -> Self {
        self.serial_number = Some(identifier::attribute(identifier));
        self
    }

    /// The same with a givenName: the first name in Latin letters.
    #[must_use]
    pub fn given_name(mut self, given_name: &str) -> Self {
        self.given_name = Some(given_name.to_owned());
        self
    }

    /// The same with a surname, in Latin letters.
    #[must_use]
    pub fn surname(mut self, surname: &str) -> Self {
        self.surname = Some(surname.to_owned());
        self
    }

    fn encode(&self) -> Result<Name, RequestError> {
        let mut all = Vec::new();
        if let Some(country) = &self.country {
            all.push(printable("country", COUNTRY_NAME, country, 2)?);
        }
        if let Some(serial_number) = &self.serial_number {
            all.push(printable(
                "serial number",
                SERIAL_NUMBER,
                serial_number,
                64,
            )?);
        }
        if let Some(given_name) = &self.given_name {
            all.push(utf8("given name", GIVEN_NAME, given_name)?);
        }
        if let Some(surname) = &self.surname {
            all.push(utf8("surname", SN, surname)?);
        }
        all.push(utf8("common name", CN, &self.common_name)?);
        let bytes = RdnSequence::from(all)
            .to_der()
            .map_err(RequestError::Encoding)?;
        Name::from_der(&bytes).map_err(RequestError::Encoding)
    }
}

/// RFC 5280 appendix A: ub-name and ub-common-name.
const LONGEST_NAME: usize = 64;

fn utf8(
    attribute: &'static str,
    oid: ObjectIdentifier,
    value: &str,
) -> Result<RelativeDistinguishedName, RequestError> {
    let length = value.chars().count();
    if length == 0 || length > LONGEST_NAME || value.chars().any(char::is_control) {
        return Err(RequestError::Subject { attribute });
    }
    let value = Utf8StringRef::new(value).map_err(|_| RequestError::Subject { attribute })?;
    rdn(oid, Any::encode_from(&value))
}

fn printable(
    attribute: &'static str,
    oid: ObjectIdentifier,
    value: &str,
    longest: usize,
) -> Result<RelativeDistinguishedName, RequestError> {
    if value.is_empty() || value.len() > longest {
        return Err(RequestError::Subject { attribute });
    }
    let value = PrintableStringRef::new(value).map_err(|_| RequestError::Subject { attribute })?;
    rdn(oid, Any::encode_from(&value))
}

fn rdn(
    oid: ObjectIdentifier,
    value: der::Result<Any>,
) -> Result<RelativeDistinguishedName, RequestError> {
    let mut set = SetOfVec::new();
    set.insert(AttributeTypeAndValue {
        oid,
        value: value.map_err(RequestError::Encoding)?,
    })
    .map_err(RequestError::Encoding)?;
    Ok(set.into())
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
            subject: subject.encode()?,
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
    pub fn signed(self, kind: RequestSignature, signature: &[u8]) -> Result<Vec<u8>, RequestError> {
        let fits = match kind {
            RequestSignature::EcdsaSha256 | RequestSignature::EcdsaSha384 => {
                matches!(self.key, KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384)
            }
            RequestSignature::RsaPkcs1Sha256 | RequestSignature::RsaPssSha256 => {
                matches!(self.key, KeyAlgorithm::Rsa { .. })
            }
        };
        if !fits {
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

impl RequestSignature {
    fn identifier(self) -> der::Result<AlgorithmIdentifierOwned> {
        let (oid, parameters) = match self {
            Self::EcdsaSha256 => (ECDSA_WITH_SHA_256, None),
            Self::EcdsaSha384 => (ECDSA_WITH_SHA_384, None),
            Self::RsaPkcs1Sha256 => (SHA_256_WITH_RSA_ENCRYPTION, Some(Any::encode_from(&Null)?)),
            Self::RsaPssSha256 => (ID_RSASSA_PSS, Some(Any::from_der(&PSS_SHA256)?)),
        };
        Ok(AlgorithmIdentifierOwned { oid, parameters })
    }
}
