//! The Online Certificate Status Protocol, RFC 6960 (nonces: RFC 9654): both sides of it.

mod answer;
mod certificate_id;
mod request;
mod response;
mod structures;

use core::fmt;

use thiserror::Error;
use time::OffsetDateTime;

use crate::{Revocation, SignerError};

pub use answer::OcspResponder;
pub use certificate_id::{CertificateId, OcspHash};
pub use request::OcspRequest;
pub use response::OcspResponse;
pub use structures::OcspRefusal;

/// Longest request that is read, in bytes.
pub const LONGEST_OCSP_REQUEST: usize = 8 * 1024;
/// Longest response that is read, in bytes: it has certificates in it.
pub const LONGEST_OCSP_RESPONSE: usize = 64 * 1024;
/// Most certificates that one request or response is about.
pub const MOST_OCSP_CERTIFICATES: usize = 32;
/// Longest nonce, in bytes: RFC 9654 §2.1.
pub const LONGEST_NONCE: usize = 128;

/// What an authority says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateStatus {
    /// It is not revoked.
    Good,
    /// Revoked, or suspended.
    Revoked(Revocation),
    /// The authority knows no such certificate.
    Unknown,
}

/// The status of one certificate, as an answer has it: SingleResponse, RFC 6960 §4.2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspAnswer {
    /// Which certificate.
    pub id: CertificateId,
    /// What is said of it.
    pub status: CertificateStatus,
    /// Since when that is known to be so.
    pub this_update: OffsetDateTime,
    /// When newer is known at the latest; none when always.
    pub next_update: Option<OffsetDateTime>,
}

/// Why bytes are not a request or a response that tells anything.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OcspFault {
    /// More bytes than are read.
    #[error("{length} bytes are more than an OCSP message has")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Something else than such a message.
    #[error("not an OCSP message (RFC 6960) in DER")]
    NotOcsp,
    /// It is about no certificate, about too many, or twice about the same.
    #[error("the message is about no certificate, or too many")]
    Certificates,
    /// A part of it is not as it should be.
    #[error("the {part} of the OCSP message is malformed")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
    /// It says something that must be understood, and is not.
    #[error("the OCSP message has a critical extension that is not understood: {oid}")]
    NotUnderstood {
        /// Which.
        oid: String,
    },
    /// The responder gives no answer.
    #[error("the OCSP responder refuses to answer: {0}")]
    Refused(OcspRefusal),
    /// Whoever answered may not speak for the authority.
    #[error("the OCSP response is from somebody who may not speak for the authority")]
    Responder,
    /// Not signed by the responder, or changed since.
    #[error("the signature of the OCSP response is wrong")]
    WrongSignature,
}

/// Why no response was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OcspError {
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// It is not the key of the responder's certificate.
    #[error("the key is not the one of the responder's certificate")]
    OtherKey,
    /// It cannot be put into DER.
    #[error("the OCSP message cannot be encoded: {0}")]
    Encoding(der::Error),
}

impl From<der::Error> for OcspError {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error)
    }
}

impl fmt::Display for OcspRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SignatureRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        })
    }
}
