//! A certificate, RFC 5280, and what is asked of it.

use core::fmt;

use const_oid::ObjectIdentifier;
use der::{Encode, Tag, asn1::AnyRef};
use pem_rfc7468::LineEnding;
use sha2::{Digest, Sha256};
use thiserror::Error;
use time::OffsetDateTime;
use x509_parser::{
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
};

use crate::{HolderIdentifier, KeyAlgorithm, PublicKey, name};

/// Longest certificate that is read, in bytes; those of identity cards have 1 to 3 KB.
pub const LONGEST_CERTIFICATE: usize = 32 * 1024;
/// How the commonName of an authority begins that issues certificates for practice.
pub const PRACTICE_AUTHORITY: &str = "Lichna practice authority";

/// Why bytes are not a certificate that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PkiError {
    /// More than [`LONGEST_CERTIFICATE`] bytes.
    #[error(
        "a certificate of {length} bytes is longer than the {LONGEST_CERTIFICATE} that are read"
    )]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Something else than a certificate.
    #[error("not a certificate (RFC 5280) in DER")]
    NotACertificate,
    /// A certificate, and more.
    #[error("{length} bytes follow the certificate")]
    TrailingBytes {
        /// How many.
        length: usize,
    },
    /// A part of it is not as it should be.
    #[error("the {part} of the certificate is malformed")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
}

/// What a certificate says its key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPurpose {
    /// TLS client authentication.
    Authentication,
    /// Signatures that bind the holder: nonRepudiation, and no authentication.
    Signing,
    /// It issues certificates.
    Issuing,
    /// None of these.
    Unspecified,
}

/// A certificate, read once; what is asked of it was found then.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
    common_name: Option<String>,
    practice: bool,
    holder: Option<HolderIdentifier>,
    serial: String,
    serial_der: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    public_key: PublicKey,
    usage: Usage,
}

/// Key usage and extended key usage; `None` where the certificate has no such extension, which
/// allows everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Usage {
    digital_signature: Option<bool>,
    non_repudiation: Option<bool>,
    client_authentication: Option<bool>,
    authority: bool,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`PkiError`] says which part cannot be read.
    pub fn parse(der: &[u8]) -> Result<Self, PkiError> {
        if der.len() > LONGEST_CERTIFICATE {
            return Err(PkiError::TooLong { length: der.len() });
        }
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|_| PkiError::NotACertificate)?;
        if !rest.is_empty() {
            return Err(PkiError::TrailingBytes { length: rest.len() });
        }
        Ok(Self {
            der: der.to_vec(),
            subject: name::display(parsed.subject().as_raw()),
            issuer: name::display(parsed.issuer().as_raw()),
            subject_der: parsed.subject().as_raw().to_vec(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
            common_name: name::common_name(parsed.subject()),
            practice: name::common_name(parsed.issuer())
                .is_some_and(|name| name.starts_with(PRACTICE_AUTHORITY)),
            holder: name::serial_number(parsed.subject())
                .as_deref()
                .and_then(HolderIdentifier::read),
            serial: serial(parsed.raw_serial()),
            serial_der: integer(parsed.raw_serial())?,
            not_before: moment(parsed.validity().not_before),
            not_after: moment(parsed.validity().not_after),
            public_key: PublicKey::read(parsed.public_key()),
            usage: Usage::read(&parsed)?,
        })
    }

    /// The certificate in DER, as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM, RFC 7468, lines ended with LF.
    #[must_use]
    pub fn to_pem(&self) -> String {
        // INVARIANT: at most `LONGEST_CERTIFICATE` bytes, so the length of the text fits `usize`.
        pem_rfc7468::encode_string("CERTIFICATE", LineEnding::LF, &self.der).unwrap_or_default()
    }

    /// Subject as RFC 4514 writes it. Letters of any script are kept; characters that could make
    /// it read as something else are escaped.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Issuer, likewise.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Subject as a Name in DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// Issuer as a Name in DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_der
    }

    /// The holder's name: the first commonName, fit to be shown.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// It was issued by an authority that says by its name that it is there for practice
    /// ([`PRACTICE_AUTHORITY`]): it proves nothing about anybody.
    #[must_use]
    pub const fn is_practice(&self) -> bool {
        self.practice
    }

    /// Whom the serialNumber attribute of the subject stands for.
    #[must_use]
    pub const fn holder_identifier(&self) -> Option<&HolderIdentifier> {
        self.holder.as_ref()
    }

    /// Serial number in hexadecimal, upper case, without leading zeros.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Serial number as an INTEGER in DER, with the bytes that the certificate has.
    #[must_use]
    pub fn serial_der(&self) -> &[u8] {
        &self.serial_der
    }

    /// First moment of its validity.
    #[must_use]
    pub const fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// Last moment of its validity.
    #[must_use]
    pub const fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether it is valid at that moment, as far as its dates go.
    #[must_use]
    pub fn covers(&self, moment: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&moment)
    }

    /// Its key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// What kind of key it has.
    #[must_use]
    pub const fn key_algorithm(&self) -> &KeyAlgorithm {
        self.public_key.algorithm()
    }

    /// SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.public_key.spki_der()
    }

    /// SHA-1 of the bits of its key, RFC 5280 §4.2.1.2 (1).
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        self.public_key.identifier()
    }

    /// Whether its key may authenticate a TLS client: digitalSignature and clientAuth, where it
    /// says anything of that (RFC 5280 §4.2.1.3, §4.2.1.12), and no authority.
    ///
    /// Some certificates of the field carry nonRepudiation alone; OpenSSL refuses those for TLS.
    #[must_use]
    pub fn may_authenticate_tls_client(&self) -> bool {
        self.usage.digital_signature.unwrap_or(true)
            && self.usage.client_authentication.unwrap_or(true)
            && !self.usage.authority
    }

    /// What its key is for.
    #[must_use]
    pub fn purpose(&self) -> KeyPurpose {
        if self.usage.authority {
            KeyPurpose::Issuing
        } else if self.may_authenticate_tls_client() {
            KeyPurpose::Authentication
        } else if self.usage.non_repudiation == Some(true) {
            KeyPurpose::Signing
        } else {
            KeyPurpose::Unspecified
        }
    }

    /// Value of an extension in DER; `None` when there is none, or it is there twice.
    pub(crate) fn extension(&self, id: &ObjectIdentifier) -> Option<Vec<u8>> {
        let (_, parsed) = X509Certificate::from_der(&self.der).ok()?;
        let mut all = parsed
            .extensions()
            .iter()
            .filter(|extension| extension.oid.as_bytes() == id.as_bytes());
        match (all.next(), all.next()) {
            (Some(extension), None) => Some(extension.value.to_vec()),
            _ => None,
        }
    }

    /// SHA-256 of the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }
}

/// Shows who and by whom; the whole is in [`Certificate::der`].
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("issuer", &self.issuer)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

impl Usage {
    fn read(certificate: &X509Certificate<'_>) -> Result<Self, PkiError> {
        let malformed = |part| move |_| PkiError::Malformed { part };
        let key = certificate.key_usage().map_err(malformed("keyUsage"))?;
        let extended = certificate
            .extended_key_usage()
            .map_err(malformed("extKeyUsage"))?;
        let constraints = certificate
            .basic_constraints()
            .map_err(malformed("basicConstraints"))?;
        Ok(Self {
            digital_signature: key.as_ref().map(|usage| usage.value.digital_signature()),
            non_repudiation: key.as_ref().map(|usage| usage.value.non_repudiation()),
            client_authentication: extended
                .as_ref()
                .map(|usage| usage.value.any || usage.value.client_auth),
            authority: constraints.is_some_and(|constraints| constraints.value.ca),
        })
    }
}

fn moment(time: ASN1Time) -> OffsetDateTime {
    time.to_datetime()
}

/// As it stands, also where it is not the shortest form: programs look for those very bytes.
fn integer(bytes: &[u8]) -> Result<Vec<u8>, PkiError> {
    AnyRef::new(Tag::Integer, bytes)
        .and_then(|number| number.to_der())
        .map_err(|_| PkiError::Malformed {
            part: "serialNumber",
        })
}

fn serial(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        significant => significant.to_owned(),
    }
}
