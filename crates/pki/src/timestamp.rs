//! Timestamps, RFC 3161 (and RFC 5816): both sides of the protocol.

mod answer;
mod policy;
mod request;
mod structures;
mod token;

use core::{fmt, time::Duration};

use thiserror::Error;

use crate::{HashName, SignerError};

pub use answer::TimestampAuthority;
pub use policy::TimestampPolicy;
pub use request::TimestampRequest;
pub use token::Timestamp;

/// Longest request that is read, in bytes.
pub const LONGEST_TIMESTAMP_REQUEST: usize = 4 * 1024;
/// Longest token or response that is read, in bytes: it has certificates in it.
pub const LONGEST_TIMESTAMP: usize = 64 * 1024;
/// How exact the time in our tokens is: they have whole seconds.
pub const ACCURACY: Duration = Duration::from_secs(1);

/// What is stamped: the hash of something, MessageImprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageImprint {
    hash: HashName,
    digest: Vec<u8>,
}

/// Why there is no timestamp: PKIFailureInfo, RFC 3161 §2.4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimestampRefusal {
    /// The hash is of a kind that is not taken.
    BadAlgorithm,
    /// The request is not allowed.
    BadRequest,
    /// The request cannot be read.
    BadDataFormat,
    /// The time is not known now.
    TimeNotAvailable,
    /// Another policy is asked for.
    UnacceptedPolicy,
    /// The request has an extension that is not known.
    UnacceptedExtension,
    /// More is asked for than there is.
    AdditionalInformationNotAvailable,
    /// Something is wrong with the authority.
    SystemFailure,
}

/// Why bytes are not a request, a response or a token that tells anything.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimestampFault {
    /// More bytes than are read.
    #[error("{length} bytes are more than a timestamp has")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Something else than such a message.
    #[error("not a timestamp message (RFC 3161) in DER")]
    NotATimestamp,
    /// A part of it is not as it should be.
    #[error("the {part} of the timestamp is malformed")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
    /// Hashed by something else than SHA-256, SHA-384 or SHA-512.
    #[error("a hash that is not known or too weak: {oid}")]
    Hash {
        /// Object identifier of the algorithm.
        oid: String,
    },
    /// An extension that must be understood, and is not.
    #[error("the timestamp message has an extension that is not understood: {oid}")]
    NotUnderstood {
        /// Which.
        oid: String,
    },
    /// The authority gave no timestamp.
    #[error("the timestamping authority refuses")]
    Refused {
        /// Why, where it said so and it is a known reason.
        reason: Option<TimestampRefusal>,
    },
    /// The certificate of who signed is neither in the token nor among those given.
    #[error("the certificate of the timestamping authority is not there")]
    NoCertificate,
    /// Whoever signed has no certificate for timestamps, or had none at that time.
    #[error("the token is signed by somebody whose certificate is not for timestamps of that time")]
    MayNotSign,
    /// Not signed by that certificate's key, or changed since.
    #[error("the signature of the timestamp is wrong")]
    WrongSignature,
    /// It stamps something else than was asked, or answers another request.
    #[error("the timestamp is for something else")]
    OtherRequest,
}

/// Why no timestamp was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// It is not the key of the authority's certificate.
    #[error("the key is not the one of the timestamping authority's certificate")]
    OtherKey,
    /// The certificate has no critical extKeyUsage that names timestamps alone (§2.3).
    #[error("the certificate is not for timestamps")]
    OtherPurpose,
    /// The certificate is not valid at the time that would be stamped.
    #[error("the certificate of the timestamping authority is not valid at this time")]
    NotValid,
    /// It cannot be put into DER.
    #[error("the timestamp cannot be encoded: {0}")]
    Encoding(der::Error),
}

impl MessageImprint {
    /// What has this hash.
    ///
    /// # Errors
    /// [`TimestampFault::Malformed`] when such a hash has another length.
    pub fn new(hash: HashName, digest: &[u8]) -> Result<Self, TimestampFault> {
        if digest.len() != hash.length() {
            return Err(TimestampFault::Malformed {
                part: "messageImprint",
            });
        }
        Ok(Self {
            hash,
            digest: digest.to_vec(),
        })
    }

    /// Which hash.
    #[must_use]
    pub const fn hash(&self) -> HashName {
        self.hash
    }

    /// The hash of what is stamped.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }
}

impl TimestampFault {
    /// What an authority answers to a request with this fault.
    #[must_use]
    pub const fn refusal(&self) -> TimestampRefusal {
        match self {
            Self::Hash { .. } => TimestampRefusal::BadAlgorithm,
            Self::NotUnderstood { .. } => TimestampRefusal::UnacceptedExtension,
            _ => TimestampRefusal::BadDataFormat,
        }
    }
}

impl fmt::Display for TimestampRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadAlgorithm => "badAlg",
            Self::BadRequest => "badRequest",
            Self::BadDataFormat => "badDataFormat",
            Self::TimeNotAvailable => "timeNotAvailable",
            Self::UnacceptedPolicy => "unacceptedPolicy",
            Self::UnacceptedExtension => "unacceptedExtension",
            Self::AdditionalInformationNotAvailable => "addInfoNotAvailable",
            Self::SystemFailure => "systemFailure",
        })
    }
}

impl From<der::Error> for TimestampError {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error)
    }
}

impl From<der::Error> for TimestampFault {
    fn from(_: der::Error) -> Self {
        Self::NotATimestamp
    }
}
