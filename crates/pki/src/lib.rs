//! X.509 certificates and PKCS#10 requests of the eID scheme.
//!
//! Bytes in, bytes out: nothing here reads a file, a clock or a card.
#![forbid(unsafe_code)]

mod certificate;
mod certification_request;
mod chain;
mod cms;
mod crl;
mod extensions;
mod holder;
mod identifier;
mod issuer;
mod key;
mod name;
mod ocsp;
mod oids;
mod personal_number;
mod profile;
mod quality;
mod request;
mod revocation;
mod serial;
mod signature;
mod signed;
mod signer;
mod subject;
mod timestamp;
mod validity;

pub use certificate::{Certificate, KeyPurpose, LONGEST_CERTIFICATE, PRACTICE_AUTHORITY, PkiError};
pub use certification_request::{CertificationRequest, LONGEST_REQUEST, RequestFault};
pub use cms::{
    LONGEST_MESSAGE, MessageError, MessageFault, MessageToSign, SignedMessage, SignerName,
    VerifiedMessage, bundle, read_bundle,
};
pub use crl::{
    Crl, CrlEntry, CrlError, CrlFault, CrlFields, CrlKind, CrlScope, LONGEST_CRL, RevocationList,
};
pub use holder::{HolderFault, HolderSubject, LONGEST_NAME, NameFault, NamePart, Names, Script};
pub use identifier::HolderIdentifier;
pub use issuer::{IssueError, Issuer, Locations, Validity};
pub use key::{KeyAlgorithm, KeyParts, PublicKey};
pub use ocsp::{
    CertificateId, CertificateStatus, LONGEST_NONCE, LONGEST_OCSP_REQUEST, LONGEST_OCSP_RESPONSE,
    MOST_OCSP_CERTIFICATES, OcspAnswer, OcspError, OcspFault, OcspHash, OcspRefusal, OcspRequest,
    OcspResponder, OcspResponse,
};
pub use personal_number::{BirthDate, PersonalNumber, PersonalNumberFault};
pub use profile::{ASSURANCE_LEVEL_HIGH, Profile};
pub use quality::KeyFault;
pub use request::{RequestError, RequestInfo};
pub use revocation::{Revocation, RevocationReason};
pub use serial::{CrlNumber, NotANumber, SerialNumber};
pub use signature::{HashName, NotSigned, SignedInput};
pub use signer::{SignatureAlgorithm, Signer, SignerError};
pub use subject::{Subject, SubjectFault};
pub use timestamp::{
    ACCURACY, LONGEST_TIMESTAMP, LONGEST_TIMESTAMP_REQUEST, MessageImprint, Timestamp,
    TimestampAuthority, TimestampError, TimestampFault, TimestampPolicy, TimestampRefusal,
    TimestampRequest,
};
pub use validity::{
    CLOCK_TOLERANCE, ChainFault, ClockTrouble, Evidence, LONGEST_WITHOUT_NEXT_UPDATE, Purpose,
    Verdict,
};
