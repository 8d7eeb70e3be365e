//! A message signed by a key that is elsewhere, in two steps.

use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{
        CertificateSet, EncapsulatedContentInfo, SignedAttributes, SignedData, SignerIdentifier,
        SignerInfo, SignerInfos,
    },
};
use const_oid::{
    ObjectIdentifier,
    db::rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME},
};
use der::{
    Any, Decode, Encode, Tagged,
    asn1::{OctetString, SetOfVec},
};
use time::OffsetDateTime;
use x509_cert::{attr::Attribute, name::Name, serial_number::SerialNumber};

use super::{ContentHash, LONGEST_MESSAGE, MessageError, SIGNING_CERTIFICATE, SigningCertificate};
use crate::{Certificate, SignatureAlgorithm, signed};

/// A message that waits for its signature: [`MessageToSign::to_be_signed`] goes to the card, what
/// comes back into [`MessageToSign::signed`].
pub struct MessageToSign {
    content: Vec<u8>,
    certificate: Certificate,
    algorithm: SignatureAlgorithm,
    attributes: SignedAttributes,
    to_be_signed: Vec<u8>,
}

impl MessageToSign {
    /// Prepares a message with this content, to be signed by the key of this certificate at this
    /// time. Content, time and certificate are under the signature.
    ///
    /// # Errors
    /// [`MessageError::TooLong`], [`MessageError::SignatureMismatch`].
    pub fn new(
        content: &[u8],
        certificate: &Certificate,
        algorithm: SignatureAlgorithm,
        time: OffsetDateTime,
    ) -> Result<Self, MessageError> {
        if content.len() > LONGEST_MESSAGE {
            return Err(MessageError::TooLong {
                length: content.len(),
            });
        }
        if !algorithm.fits(certificate.key_algorithm()) {
            return Err(MessageError::SignatureMismatch {
                key: certificate.key_algorithm().clone(),
                signature: algorithm,
            });
        }
        let attributes = attributes(content, certificate, ContentHash::of(algorithm), time)
            .map_err(MessageError::Encoding)?;
        Ok(Self {
            content: content.to_vec(),
            certificate: certificate.clone(),
            algorithm,
            to_be_signed: attributes.to_der().map_err(MessageError::Encoding)?,
            attributes,
        })
    }

    /// The bytes that the key signs (not a hash of them): the attributes as a SET OF, RFC 5652
    /// §5.4.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    /// The whole message in DER (ContentInfo), with the signature that the key made. ECDSA
    /// signatures are DER.
    ///
    /// # Errors
    /// [`MessageError::NotSigned`] when it is no such signature.
    pub fn signed(self, signature: &[u8]) -> Result<Vec<u8>, MessageError> {
        self.certificate
            .public_key()
            .verify_message(self.algorithm, &self.to_be_signed, signature)
            .map_err(|_| MessageError::NotSigned)?;
        self.encode(signature).map_err(MessageError::Encoding)
    }

    fn encode(self, signature: &[u8]) -> der::Result<Vec<u8>> {
        let hash = ContentHash::of(self.algorithm).identifier();
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: Name::from_der(self.certificate.issuer_der())?,
                serial_number: SerialNumber::from_der(self.certificate.serial_der())?,
            }),
            digest_alg: hash.clone(),
            signed_attrs: Some(self.attributes),
            signature_algorithm: self.algorithm.identifier()?,
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let certificate = x509_cert::Certificate::from_der(self.certificate.der())?;
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![hash])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: ID_DATA,
                econtent: Some(Any::encode_from(&OctetString::new(self.content)?)?),
            },
            certificates: Some(CertificateSet::try_from(vec![
                CertificateChoices::Certificate(certificate),
            ])?),
            crls: None,
            signer_infos: SignerInfos::try_from(vec![signer])?,
        };
        content_info(&data)
    }
}

/// ContentInfo around SignedData, RFC 5652 §3.
pub fn content_info(data: &SignedData) -> der::Result<Vec<u8>> {
    ContentInfo {
        content_type: ID_SIGNED_DATA,
        content: Any::encode_from(data)?,
    }
    .to_der()
}

fn attributes(
    content: &[u8],
    certificate: &Certificate,
    hash: ContentHash,
    time: OffsetDateTime,
) -> der::Result<SignedAttributes> {
    let digest = hash.digest(content);
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, &ID_DATA)?,
        attribute(ID_MESSAGE_DIGEST, &OctetString::new(digest)?)?,
        attribute(ID_SIGNING_TIME, &signed::time(time)?)?,
        attribute(SIGNING_CERTIFICATE, &SigningCertificate::of(certificate)?)?,
    ])
}

fn attribute(
    oid: ObjectIdentifier,
    value: &(impl der::EncodeValue + Tagged),
) -> der::Result<Attribute> {
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![Any::encode_from(value)?])?,
    })
}
