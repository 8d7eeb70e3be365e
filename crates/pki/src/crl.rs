//! Certificate revocation lists, full and delta: RFC 5280 §5.
//!
//! One entry takes 53 bytes of a list and 32 of memory, and a list of a million is an ordinary one.

mod build;
mod merge;
mod read;

use thiserror::Error;
use time::OffsetDateTime;

use crate::{CrlNumber, RevocationReason, SerialNumber, SignerError};

pub use build::{CrlFields, CrlKind};
pub use merge::RevocationList;
pub use read::{Crl, CrlScope};

/// Longest CRL that is read, in bytes: some five million entries.
pub const LONGEST_CRL: usize = 256 * 1024 * 1024;

/// One line of a CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlEntry {
    /// Which certificate.
    pub serial: SerialNumber,
    /// Since when, to the second.
    pub since: OffsetDateTime,
    /// Why; [`RevocationReason::RemoveFromCrl`] stands in delta CRLs alone.
    pub reason: RevocationReason,
}

/// Why bytes are not a CRL that tells anything of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CrlFault {
    /// More than [`LONGEST_CRL`] bytes.
    #[error("a CRL of {length} bytes is longer than the {LONGEST_CRL} that are read")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Something else than a CRL.
    #[error("not a CRL (RFC 5280) in DER")]
    NotACrl,
    /// A part of it is not as it should be.
    #[error("the {part} of the CRL is malformed")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
    /// Another authority's, by name or by key identifier.
    #[error("the CRL is from another authority")]
    OtherIssuer,
    /// The authority's certificate does not allow it to sign CRLs.
    #[error("the authority may not sign CRLs")]
    MayNotSign,
    /// Not signed by that authority, or changed since.
    #[error("the signature of the CRL is wrong")]
    WrongSignature,
    /// It says something that must be understood, and is not: a list for some reasons alone, or
    /// for other authorities.
    #[error("the CRL has a critical extension that is not understood: {oid}")]
    NotUnderstood {
        /// Which.
        oid: String,
    },
    /// One certificate has two entries.
    #[error("the certificate {serial} stands twice on the CRL")]
    ListedTwice {
        /// Which.
        serial: SerialNumber,
    },
    /// A delta CRL where a full one is needed, or the other way round.
    #[error("a full CRL was given for a delta CRL, or the other way round")]
    WrongKind,
    /// The delta CRL says what changed since a full CRL that is newer than the one at hand.
    #[error("the delta CRL is for the full CRL {base} and later, the one at hand is {number}")]
    BaseTooOld {
        /// The oldest full CRL that it can be joined to.
        base: CrlNumber,
        /// The one at hand.
        number: CrlNumber,
    },
    /// The delta CRL is not newer than the full one.
    #[error("the delta CRL is not newer than the full one")]
    NothingNew,
    /// The delta CRL and the full one have different scopes.
    #[error("the delta CRL is for other certificates than the full one")]
    OtherScope,
}

/// Why no CRL was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CrlError {
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// It is not the key of the authority's certificate.
    #[error("the key is not the one of the authority's certificate")]
    OtherKey,
    /// An entry for `removeFromCRL` in a full CRL.
    #[error("the certificate {serial} is to be removed from a full CRL")]
    NothingToRemoveFrom {
        /// Which certificate.
        serial: SerialNumber,
    },
    /// It cannot be put into DER: a moment before 1970, an address that is not ASCII.
    #[error("the CRL cannot be encoded: {0}")]
    Encoding(der::Error),
}

impl From<der::Error> for CrlError {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error)
    }
}
