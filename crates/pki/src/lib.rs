//! X.509 certificates and PKCS#10 requests of the eID scheme.
//!
//! Bytes in, bytes out: nothing here reads a file, a clock or a card.
#![forbid(unsafe_code)]

mod certificate;
mod chain;
mod crl;
mod extensions;
mod identifier;
mod key;
mod name;
mod quality;
mod request;
mod revocation;
mod serial;
mod signature;
mod signed;
mod signer;

pub use certificate::{Certificate, KeyPurpose, LONGEST_CERTIFICATE, PkiError};
pub use crl::{
    Crl, CrlEntry, CrlError, CrlFault, CrlFields, CrlKind, CrlScope, LONGEST_CRL, RevocationList,
};
pub use identifier::HolderIdentifier;
pub use key::{KeyAlgorithm, KeyParts, PublicKey};
pub use quality::KeyFault;
pub use request::{RequestError, RequestInfo, Subject};
pub use revocation::{Revocation, RevocationReason};
pub use serial::{CrlNumber, NotANumber, SerialNumber};
pub use signature::{HashName, NotSigned, SignedInput};
pub use signer::{SignatureAlgorithm, Signer, SignerError};
