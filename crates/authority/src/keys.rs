//! The authority's own keys and their certificates, all in one folder: keys in encrypted files or
//! behind PKCS#11, certificates beside them.
//!
//! | name | signs | its certificate is by |
//! |---|---|---|
//! | `root` | the certificates of `issuing`, `tsa`, `server` | itself |
//! | `issuing` | certificates of holders, revocation lists, `ocsp` | `root` |
//! | `ocsp` | OCSP answers | `issuing`, as RFC 6960 §4.2.2.2 wants it |
//! | `tsa` | timestamps | `root`, for the seal of `issuing` is for identities alone (Art. 11 (4)) |
//! | `journal` | checkpoints of the journal | none: its public key stands for it |
//! | `server` | TLS handshakes | `root` |
//! | `registers` | nothing: it is the secret that the vault's keys are cut from | |

mod file;
mod make;
mod pkcs11;
mod store;

use std::path::PathBuf;
use std::sync::Arc;

use lichna_pki::{Certificate, IssueError, Issuer, PkiError, Signer, SignerError};
use thiserror::Error;

pub use make::{Made, make};
pub use store::{KeyStore, Server};

/// A key with its certificate.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: Certificate,
    /// What signs with the key.
    pub signer: Arc<dyn Signer>,
}

/// All that a running authority signs with. The root's key is not among them: it is needed by
/// `init` alone, and may be taken away.
#[derive(Clone)]
pub struct Keys {
    /// The root certificate.
    pub root: Certificate,
    /// Issues certificates, with the places of their status in them; signs revocation lists.
    pub issuer: Issuer,
    /// Signs OCSP answers.
    pub ocsp: Identity,
    /// Signs timestamps.
    pub tsa: Identity,
    /// Signs checkpoints of the journal.
    pub journal: Arc<dyn Signer>,
}

/// Why a key cannot be made or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing was made there yet.
    #[error("there is no authority in {folder}; `lichna-authority init` makes one")]
    NotMade {
        /// Where it would be.
        folder: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{file}: {error}")]
    File {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// There is something already where `init` would put it.
    #[error("{file} is there already")]
    Exists {
        /// Which file.
        file: PathBuf,
    },
    /// The file of a secret can be read by others than its owner.
    #[error("{file} can be read by others than its owner")]
    Open {
        /// Which file.
        file: PathBuf,
    },
    /// The passphrase is not the one that the file is encrypted with, or the file is damaged.
    #[error("{file} does not open with the passphrase")]
    Passphrase {
        /// Which file.
        file: PathBuf,
    },
    /// A file holds something else than it should.
    #[error("{file} holds no {what}")]
    Content {
        /// Which file.
        file: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The key does not belong to the certificate beside it.
    #[error("the key {name} does not belong to its certificate")]
    OtherKey {
        /// Which key.
        name: &'static str,
    },
    /// This is no URI of a key that is understood.
    #[error("{uri}: not pkcs11:token=…;object=…?module-path=…&pin-source=…")]
    Uri {
        /// What was given.
        uri: String,
    },
    /// The key store does what it should not.
    #[error("the key store failed: {0}")]
    KeyStore(#[from] cryptoki::error::Error),
    /// There is no such token in the key store.
    #[error("the key store has no token {token}")]
    NoToken {
        /// Its label.
        token: String,
    },
    /// The key in the key store cannot be used.
    #[error("the key {object} in the key store cannot be used: {reason}")]
    Unusable {
        /// Its label.
        object: String,
        /// Why not.
        reason: &'static str,
    },
    /// The system has no random numbers.
    #[error("the system has no random numbers")]
    Random,
    /// A certificate cannot be issued.
    #[error("a certificate cannot be issued: {0}")]
    Issue(#[from] IssueError),
    /// A certificate cannot be read.
    #[error("a certificate cannot be read: {0}")]
    Certificate(#[from] PkiError),
    /// A key does not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}
