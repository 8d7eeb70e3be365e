//! EF.SOD, the signed security object, ICAO 9303-10 §4.6.2: the hashes of a card's files, signed by
//! the authority of a country (passive authentication, ICAO 9303-11 §5.1).
//!
//! The file is tag `77` around a CMS SignedData (RFC 5652) whose content lists a hash for each data
//! group. Its signer's certificate comes with it and is issued by one of the [`Anchor`]s that the
//! caller trusts; nothing stands between the two (ICAO 9303-12 §3).

mod anchor;
mod content;
mod practice;
mod signature;

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use der::asn1::{ObjectIdentifier as Oid, OctetString};
use der::{Decode, Encode};
use lichna_apdu::tlv;
use thiserror::Error;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::attr::Attributes;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

pub use anchor::{Anchor, AnchorError, AnchorKind};
pub use practice::{PracticeIssue, PracticeIssueError};

use content::LdsSecurityObject;
use signature::{Hash, SignatureFault};

/// Longest EF.SOD that is read, in bytes. Those of passports have 2 to 4 KB.
pub const LONGEST_SECURITY_OBJECT: usize = 16 * 1024;

/// Most certificates that may come with it; one signs.
const MOST_CERTIFICATES: usize = 4;
/// Tag of EF.SOD's content, ICAO 9303-10 §4.6.2.
const SECURITY_OBJECT: u16 = 0x77;
/// id-icao-mrtd-security-ldsSecurityObject, ICAO 9303-10 §4.6.2.2.
const LDS_SECURITY_OBJECT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.136.1.1.1");

/// Why a security object proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SecurityObjectError {
    /// More than [`LONGEST_SECURITY_OBJECT`] bytes.
    #[error(
        "a security object of {length} bytes is longer than the {LONGEST_SECURITY_OBJECT} that are read"
    )]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// A part of it cannot be read.
    #[error("the {part} of the security object is malformed")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
    /// It uses what is not known here: an algorithm, a curve, a form.
    #[error("the security object uses {what}, which is not supported")]
    Unsupported {
        /// What it uses.
        what: String,
    },
    /// It has no hash for that data group.
    #[error("the security object does not vouch for data group {number}")]
    DataGroupMissing {
        /// Which data group.
        number: u8,
    },
    /// The data group on the card is not the one that was signed.
    #[error("data group {number} is not the one that was signed")]
    DataGroupChanged {
        /// Which data group.
        number: u8,
    },
    /// The list of hashes is not the one that was signed.
    #[error("the hashes in the security object are not those that were signed")]
    ContentChanged,
    /// The signature over it was not made with the signer's key.
    #[error("the signature of the security object is wrong")]
    WrongSignature,
    /// The signer's certificate does not come with it.
    #[error("the security object lacks its signer's certificate")]
    NoSigner,
    /// No anchor has issued the signer's certificate.
    #[error("nobody who is trusted has issued the signer's certificate (issuer: {issuer})")]
    UnknownIssuer {
        /// Its issuer, as RFC 4514 writes names.
        issuer: String,
    },
    /// The signer's certificate names an anchor as its issuer, and was not signed by it.
    #[error("the signer's certificate was not signed by its issuer ({issuer})")]
    SignerNotIssued {
        /// The issuer it names.
        issuer: String,
    },
    /// The signer's certificate is not one for signing security objects.
    #[error("the signer's certificate may not sign security objects: its {part} forbids it")]
    NotASigner {
        /// Which part of the certificate.
        part: &'static str,
    },
    /// The signer's certificate, or its issuer's, is not valid at that time.
    #[error("the certificate of the {whose} is not valid at that time")]
    NotValid {
        /// "signer" or "issuer".
        whose: &'static str,
    },
}

/// EF.SOD, read but not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityObject {
    /// The signed bytes: an LDS security object in DER.
    content: Vec<u8>,
    hashes: LdsSecurityObject,
    signer: SignerInfo,
    certificate: Certificate,
}

impl SecurityObject {
    /// Reads the file. What follows the object up to the end of the file has to be 00.
    ///
    /// # Errors
    /// [`SecurityObjectError`] says which part cannot be read, or used.
    pub fn parse(file: &[u8]) -> Result<Self, SecurityObjectError> {
        if file.len() > LONGEST_SECURITY_OBJECT {
            return Err(SecurityObjectError::TooLong { length: file.len() });
        }
        let (tag, value, rest) = tlv::split_first(file).map_err(|_| malformed("tag"))?;
        if tag != SECURITY_OBJECT || rest.iter().any(|byte| *byte != 0) {
            return Err(malformed("tag"));
        }
        let outer = ContentInfo::from_der(value).map_err(|_| malformed("content info"))?;
        if outer.content_type != ID_SIGNED_DATA {
            return Err(malformed("content info"));
        }
        let signed: SignedData = outer
            .content
            .decode_as()
            .map_err(|_| malformed("signed data"))?;
        let content = content_of(&signed)?;
        let hashes = LdsSecurityObject::parse(&content)?;
        let [signer] = signed.signer_infos.0.as_slice() else {
            return Err(malformed("list of signers"));
        };
        let certificate = certificate_of(&signed, signer)?;
        Ok(Self {
            content,
            hashes,
            signer: signer.clone(),
            certificate,
        })
    }

    /// Whether the bytes of a data group are those that were signed: the file's data object without
    /// what the file may have after it.
    ///
    /// Says nothing while [`verify`](Self::verify) was not asked: anyone can list hashes.
    ///
    /// # Errors
    /// [`SecurityObjectError::DataGroupMissing`], [`SecurityObjectError::DataGroupChanged`].
    pub fn check_data_group(&self, number: u8, bytes: &[u8]) -> Result<(), SecurityObjectError> {
        let signed = self
            .hashes
            .hash_of(number)
            .ok_or(SecurityObjectError::DataGroupMissing { number })?;
        if self.hashes.algorithm().digest(bytes) == signed {
            Ok(())
        } else {
            Err(SecurityObjectError::DataGroupChanged { number })
        }
    }

    /// Verifies the signature, and that an anchor issued the signer's certificate, both valid `at`
    /// that time; tells which kind of anchor it was.
    ///
    /// # Errors
    /// [`SecurityObjectError`] says what is wrong.
    pub fn verify(
        &self,
        anchors: &[Anchor],
        at: OffsetDateTime,
    ) -> Result<AnchorKind, SecurityObjectError> {
        self.verify_signature()?;
        anchor::issuer_of(&self.certificate, anchors, at)
    }

    /// Content type, message digest, and the signature over these two (RFC 5652 §5.4).
    fn verify_signature(&self) -> Result<(), SecurityObjectError> {
        let attributes = self
            .signer
            .signed_attrs
            .as_ref()
            .ok_or(malformed("signed attributes"))?;
        let hash = Hash::read(&self.signer.digest_alg).map_err(unsupported)?;
        let content_type: Oid = attribute(attributes, ID_CONTENT_TYPE)?;
        let digest: OctetString = attribute(attributes, ID_MESSAGE_DIGEST)?;
        if content_type != LDS_SECURITY_OBJECT || digest.as_bytes() != hash.digest(&self.content) {
            return Err(SecurityObjectError::ContentChanged);
        }
        let signed = attributes
            .to_der()
            .map_err(|_| malformed("signed attributes"))?;
        signature::verify(
            self.certificate.tbs_certificate().subject_public_key_info(),
            &self.signer.signature_algorithm,
            Some(hash),
            &signed,
            self.signer.signature.as_bytes(),
        )
        .map_err(|fault| match fault {
            SignatureFault::Wrong => SecurityObjectError::WrongSignature,
            SignatureFault::Unsupported { what } => SecurityObjectError::Unsupported { what },
        })
    }
}

fn content_of(signed: &SignedData) -> Result<Vec<u8>, SecurityObjectError> {
    let inner = &signed.encap_content_info;
    if inner.econtent_type != LDS_SECURITY_OBJECT {
        return Err(malformed("content type"));
    }
    let content = inner.econtent.as_ref().ok_or(malformed("content"))?;
    let content: OctetString = content.decode_as().map_err(|_| malformed("content"))?;
    Ok(content.into_bytes().into())
}

/// The certificate that the signer names.
fn certificate_of(
    signed: &SignedData,
    signer: &SignerInfo,
) -> Result<Certificate, SecurityObjectError> {
    let all = signed.certificates.as_ref();
    let all = all.map(|set| set.0.as_slice()).unwrap_or_default();
    if all.len() > MOST_CERTIFICATES {
        return Err(malformed("list of certificates"));
    }
    let mut certificates = all.iter().filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate),
        CertificateChoices::Other(_) => None,
    });
    certificates
        .find(|certificate| is_named(certificate, &signer.sid))
        .cloned()
        .ok_or(SecurityObjectError::NoSigner)
}

fn is_named(certificate: &Certificate, name: &SignerIdentifier) -> bool {
    let tbs = certificate.tbs_certificate();
    match name {
        SignerIdentifier::IssuerAndSerialNumber(name) => {
            *tbs.issuer() == name.issuer && *tbs.serial_number() == name.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(name) => matches!(
            tbs.get_extension::<SubjectKeyIdentifier>(),
            Ok(Some((_, identifier))) if identifier == *name
        ),
    }
}

/// The one value of the one attribute of that type.
fn attribute<'a, T: der::DecodeValue<'a> + der::FixedTag + 'a>(
    attributes: &'a Attributes,
    oid: ObjectIdentifier,
) -> Result<T, SecurityObjectError> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    let (Some(attribute), None) = (found.next(), found.next()) else {
        return Err(malformed("signed attributes"));
    };
    let [value] = attribute.values.as_slice() else {
        return Err(malformed("signed attributes"));
    };
    value
        .decode_as()
        .map_err(|_| malformed("signed attributes"))
}

const fn malformed(part: &'static str) -> SecurityObjectError {
    SecurityObjectError::Malformed { part }
}

fn unsupported(what: String) -> SecurityObjectError {
    SecurityObjectError::Unsupported { what }
}
