//! Certification requests, PKCS#10 (RFC 2986), signed by a key that is elsewhere.
//!
//! Two steps, for the signature is made on a card: [`RequestInfo`] has the bytes to be signed,
//! and becomes a request when the signature is there.

use const_oid::{
    ObjectIdentifier,
    db::rfc4519::{CN, COUNTRY_NAME, GIVEN_NAME, SERIAL_NUMBER, SN},
};
use der::{
    Decode, Encode,
    asn1::{Any, BitString, PrintableStringRef, SetOfVec, Utf8StringRef},
};
use spki::SubjectPublicKeyInfoOwned;
use thiserror::Error;
use uuid::Uuid;
use x509_cert::{
    attr::{AttributeTypeAndValue, Attributes},
    name::{Name, RdnSequence, RelativeDistinguishedName},
    request::{CertReq, CertReqInfo, Version},
};

use crate::{KeyAlgorithm, KeyFault, PublicKey, SignatureAlgorithm, identifier};

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
        signature: SignatureAlgorithm,
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
