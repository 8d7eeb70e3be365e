//! Signed messages, CMS (RFC 5652): what a holder signs with the key on his card, and certificates
//! sent in a bundle.
//!
//! A message is signed over its attributes, never over the content itself (RFC 5652 §5.4): bytes
//! that look like a set of attributes could otherwise be passed off as a message that was never
//! signed, and the other way round. The attributes name the signing certificate (RFC 5035), so no
//! other certificate for the same key can take its place.

mod certificates;
mod signing;
mod verification;

use const_oid::{
    ObjectIdentifier,
    db::{
        rfc5911::ID_AA_SIGNING_CERTIFICATE_V_2,
        rfc5912::{ID_SHA_256, ID_SHA_384},
    },
};
use der::{Any, Decode, Encode, Sequence, asn1::OctetString};
use sha2::{Digest, Sha256, Sha384};
use spki::AlgorithmIdentifierOwned;
use thiserror::Error;

use crate::{Certificate, KeyAlgorithm, SignatureAlgorithm};

pub use certificates::{bundle, read_bundle};
pub use signing::MessageToSign;
pub use verification::{SignedMessage, SignerName, VerifiedMessage};

/// Longest message that is signed or read, in bytes.
pub const LONGEST_MESSAGE: usize = 256 * 1024;

/// Why there is no message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// More than [`LONGEST_MESSAGE`] bytes.
    #[error("a message of {length} bytes is longer than the {LONGEST_MESSAGE} that are signed")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// The signature is of another kind than the key.
    #[error("a {key} key does not sign with {signature}")]
    SignatureMismatch {
        /// The kind of key.
        key: KeyAlgorithm,
        /// The kind of signature.
        signature: SignatureAlgorithm,
    },
    /// What was to be put in is no signature of the certificate's key over the message.
    #[error("not a signature of the certificate's key over this message")]
    NotSigned,
    /// The message cannot be put into DER.
    #[error("the message cannot be encoded: {0}")]
    Encoding(der::Error),
}

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageFault {
    /// More than [`LONGEST_MESSAGE`] bytes.
    #[error("a message of {length} bytes is longer than the {LONGEST_MESSAGE} that are read")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Something else than SignedData in DER.
    #[error("not a signed message (CMS SignedData) in DER")]
    NotSignedData,
    /// The content is not in it, or is something else than data.
    #[error("the message does not have its content in it as data")]
    NoContent,
    /// Not one signature, but none, or several.
    #[error("the message has {count} signatures, not one")]
    SignatureCount {
        /// How many.
        count: usize,
    },
    /// It says that another certificate signed it.
    #[error("the message is not by the holder of this certificate")]
    OtherCertificate,
    /// A signed attribute is missing, malformed, or there twice.
    #[error("the {attribute} among the signed attributes is missing or wrong")]
    Attribute {
        /// Which one.
        attribute: &'static str,
    },
    /// An algorithm that is not known here, or that does not go with the key.
    #[error("messages that are signed with {oid} are not taken from such a key")]
    Algorithm {
        /// Object identifier of the algorithm.
        oid: String,
    },
    /// The content is not the one that was signed.
    #[error("the content is not the one that was signed")]
    OtherContent,
    /// The signature is not one of the certificate's key.
    #[error("the signature is not one of the certificate's key")]
    NotSigned,
    /// A certificate in a bundle cannot be read.
    #[error("a certificate in the message cannot be read")]
    Certificate,
}

/// Hash of the content, RFC 5754 §2.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ContentHash {
    Sha256,
    Sha384,
}

impl ContentHash {
    /// The hash that such signatures are made with.
    const fn of(signature: SignatureAlgorithm) -> Self {
        match signature {
            SignatureAlgorithm::EcdsaSha384 => Self::Sha384,
            SignatureAlgorithm::EcdsaSha256
            | SignatureAlgorithm::RsaPkcs1Sha256
            | SignatureAlgorithm::RsaPssSha256 => Self::Sha256,
        }
    }

    fn read(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        let null_at_most = algorithm.parameters.as_ref().is_none_or(Any::is_null);
        match algorithm.oid {
            ID_SHA_256 if null_at_most => Some(Self::Sha256),
            ID_SHA_384 if null_at_most => Some(Self::Sha384),
            _ => None,
        }
    }

    fn identifier(self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned {
            oid: match self {
                Self::Sha256 => ID_SHA_256,
                Self::Sha384 => ID_SHA_384,
            },
            parameters: None,
        }
    }

    fn digest(self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(content).to_vec(),
            Self::Sha384 => Sha384::digest(content).to_vec(),
        }
    }
}

/// signing-certificate-v2, RFC 5035 §3.
const SIGNING_CERTIFICATE: ObjectIdentifier = ID_AA_SIGNING_CERTIFICATE_V_2;

/// SigningCertificateV2, RFC 5035 §3.
#[derive(Sequence)]
struct SigningCertificate {
    certificates: Vec<CertificateHash>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// ESSCertIDv2, RFC 5035 §4.
#[derive(Sequence)]
struct CertificateHash {
    /// SHA-256 where it is missing.
    #[asn1(optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

impl SigningCertificate {
    fn of(certificate: &Certificate) -> der::Result<Self> {
        Ok(Self {
            certificates: vec![CertificateHash {
                algorithm: None,
                hash: OctetString::new(certificate.fingerprint())?,
                issuer_serial: None,
            }],
            policies: None,
        })
    }

    /// Whether the first one, which is the signer's, is this.
    fn is(&self, certificate: &Certificate) -> bool {
        let Some(first) = self.certificates.first() else {
            return false;
        };
        let hash = match &first.algorithm {
            None => Some(ContentHash::Sha256),
            Some(algorithm) => ContentHash::read(algorithm),
        };
        hash.is_some_and(|hash| hash.digest(certificate.der()) == first.hash.as_bytes())
    }

    fn read(value: &Any) -> Option<Self> {
        value.to_der().and_then(|der| Self::from_der(&der)).ok()
    }
}
