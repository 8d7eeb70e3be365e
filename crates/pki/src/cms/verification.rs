//! A message that somebody else signed.

use cms::{
    content_info::ContentInfo,
    signed_data::{SignedAttributes, SignedData, SignerIdentifier, SignerInfo},
};
use const_oid::{
    ObjectIdentifier,
    db::{
        rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME},
        rfc5912::RSA_ENCRYPTION,
    },
};
use der::{Any, Decode, Encode, asn1::OctetString};
use time::OffsetDateTime;
use x509_cert::time::Time;

use super::{ContentHash, LONGEST_MESSAGE, MessageFault, SIGNING_CERTIFICATE, SigningCertificate};
use crate::{Certificate, SerialNumber, SignatureAlgorithm, signed};

/// A message that was read. Nothing of it is believed yet, and its content is not to be had:
/// [`SignedMessage::signer`] says by whose certificate it is to be verified.
pub struct SignedMessage {
    content: Vec<u8>,
    signer: SignerInfo,
    name: SignerName,
}

/// How a message names the certificate of its signer. Anybody can write this.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerName {
    /// By authority and serial number.
    Serial {
        /// Name of the authority in DER.
        issuer: Vec<u8>,
        /// Serial number.
        serial: SerialNumber,
    },
    /// By subjectKeyIdentifier.
    KeyIdentifier(Vec<u8>),
}

/// A message that is signed by the key of the certificate it was verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedMessage {
    /// What was signed.
    pub content: Vec<u8>,
    /// When, as the signer says.
    pub signing_time: Option<OffsetDateTime>,
}

impl SignedMessage {
    /// Reads a ContentInfo in DER with SignedData that has data in it and one signature.
    ///
    /// # Errors
    /// [`MessageFault`] says in what it is something else.
    pub fn read(der: &[u8]) -> Result<Self, MessageFault> {
        let data = signed_data(der)?;
        let count = data.signer_infos.0.len();
        let content = data.encap_content_info;
        if content.econtent_type != ID_DATA {
            return Err(MessageFault::NoContent);
        }
        let content = content
            .econtent
            .and_then(|content| content.decode_as::<OctetString>().ok())
            .ok_or(MessageFault::NoContent)?;
        let signers = data.signer_infos.0.into_vec();
        let [signer] = <[SignerInfo; 1]>::try_from(signers)
            .map_err(|_| MessageFault::SignatureCount { count })?;
        Ok(Self {
            content: content.into_bytes().into_vec(),
            name: SignerName::read(&signer.sid).ok_or(MessageFault::NotSignedData)?,
            signer,
        })
    }

    /// Whose message it claims to be.
    #[must_use]
    pub const fn signer(&self) -> &SignerName {
        &self.name
    }

    /// Checks that the key of this certificate signed it. What the certificate may sign, and
    /// whether it is valid, is for others to check.
    ///
    /// # Errors
    /// [`MessageFault`] says what is wrong.
    pub fn verify(&self, certificate: &Certificate) -> Result<VerifiedMessage, MessageFault> {
        if !self.name.is(certificate) {
            return Err(MessageFault::OtherCertificate);
        }
        let signer = &self.signer;
        let hash =
            ContentHash::read(&signer.digest_alg).ok_or_else(|| MessageFault::Algorithm {
                oid: signer.digest_alg.oid.to_string(),
            })?;
        let algorithm = algorithm(signer, hash)
            .filter(|algorithm| algorithm.fits(certificate.key_algorithm()))
            .ok_or_else(|| MessageFault::Algorithm {
                oid: signer.signature_algorithm.oid.to_string(),
            })?;
        // Without signed attributes the signature would be over the content itself: see `cms`.
        let attributes = Attributes(signer.signed_attrs.as_ref().ok_or(
            MessageFault::Attribute {
                attribute: "content type",
            },
        )?);
        let to_be_signed = attributes
            .0
            .to_der()
            .map_err(|_| MessageFault::NotSignedData)?;
        certificate
            .public_key()
            .verify_message(algorithm, &to_be_signed, signer.signature.as_bytes())
            .map_err(|_| MessageFault::NotSigned)?;
        if attributes.required::<ObjectIdentifier>(ID_CONTENT_TYPE, "content type")? != ID_DATA {
            return Err(MessageFault::Attribute {
                attribute: "content type",
            });
        }
        let digest: OctetString = attributes.required(ID_MESSAGE_DIGEST, "message digest")?;
        if digest.as_bytes() != hash.digest(&self.content) {
            return Err(MessageFault::OtherContent);
        }
        if let Some(value) = attributes.value(SIGNING_CERTIFICATE, "signing certificate")? {
            let named = SigningCertificate::read(value).ok_or(MessageFault::Attribute {
                attribute: "signing certificate",
            })?;
            if !named.is(certificate) {
                return Err(MessageFault::OtherCertificate);
            }
        }
        Ok(VerifiedMessage {
            content: self.content.clone(),
            signing_time: attributes.signing_time()?,
        })
    }
}

/// SignedData of a ContentInfo.
pub fn signed_data(der: &[u8]) -> Result<SignedData, MessageFault> {
    if der.len() > LONGEST_MESSAGE {
        return Err(MessageFault::TooLong { length: der.len() });
    }
    let info = ContentInfo::from_der(der).map_err(|_| MessageFault::NotSignedData)?;
    if info.content_type != ID_SIGNED_DATA {
        return Err(MessageFault::NotSignedData);
    }
    info.content
        .decode_as::<SignedData>()
        .map_err(|_| MessageFault::NotSignedData)
}

/// RFC 5754 §3.2: of an RSA signature either the algorithm is named, or just RSA, and then the
/// hash is that of the content.
fn algorithm(signer: &SignerInfo, hash: ContentHash) -> Option<SignatureAlgorithm> {
    if signer.signature_algorithm.oid == RSA_ENCRYPTION && hash == ContentHash::Sha256 {
        return Some(SignatureAlgorithm::RsaPkcs1Sha256);
    }
    SignatureAlgorithm::read(&signer.signature_algorithm)
}

struct Attributes<'a>(&'a SignedAttributes);

impl<'a> Attributes<'a> {
    /// The one value of an attribute; a second one, or a second attribute of its kind, is a fault.
    fn value(
        &self,
        oid: ObjectIdentifier,
        attribute: &'static str,
    ) -> Result<Option<&'a Any>, MessageFault> {
        let mut all = self.0.iter().filter(|one| one.oid == oid);
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some(one), None) => match one.values.as_slice() {
                [value] => Ok(Some(value)),
                _ => Err(MessageFault::Attribute { attribute }),
            },
            (Some(_), Some(_)) => Err(MessageFault::Attribute { attribute }),
        }
    }

    fn required<T: for<'d> der::Choice<'d> + for<'d> der::DecodeValue<'d>>(
        &self,
        oid: ObjectIdentifier,
        attribute: &'static str,
    ) -> Result<T, MessageFault> {
        self.value(oid, attribute)?
            .and_then(|value| value.decode_as().ok())
            .ok_or(MessageFault::Attribute { attribute })
    }

    fn signing_time(&self) -> Result<Option<OffsetDateTime>, MessageFault> {
        let attribute = "signing time";
        let Some(value) = self.value(ID_SIGNING_TIME, attribute)? else {
            return Ok(None);
        };
        value
            .to_der()
            .and_then(|der| Time::from_der(&der))
            .and_then(|time| signed::moment(time.to_unix_duration()))
            .map(Some)
            .map_err(|_| MessageFault::Attribute { attribute })
    }
}

impl SignerName {
    fn read(identifier: &SignerIdentifier) -> Option<Self> {
        match identifier {
            SignerIdentifier::IssuerAndSerialNumber(name) => Some(Self::Serial {
                issuer: name.issuer.to_der().ok()?,
                serial: SerialNumber::from_bytes(name.serial_number.as_bytes()).ok()?,
            }),
            SignerIdentifier::SubjectKeyIdentifier(key) => {
                Some(Self::KeyIdentifier(key.0.as_bytes().to_vec()))
            }
        }
    }

    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Serial { issuer, serial } => {
                issuer == certificate.issuer_der() && certificate.serial_number() == Some(*serial)
            }
            Self::KeyIdentifier(key) => *key == certificate.subject_key_identifier(),
        }
    }
}
