//! The key of a TLS client, wherever it is kept.

use std::{error::Error as StdError, sync::Arc};

use rustls::SignatureScheme;
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use thiserror::Error;

/// A key that signs TLS handshakes and never leaves the place it is kept in.
pub trait CardKey: Send + Sync {
    /// The certificate of the key, then those of its issuers, if they are known.
    fn certificate_chain(&self) -> &[CertificateDer<'static>];

    /// SubjectPublicKeyInfo of the key (RFC 5280 §4.1.2.7).
    fn public_key(&self) -> SubjectPublicKeyInfoDer<'_>;

    /// What the key can sign with, dearest first. Nothing else is offered to a server.
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs `message` (not a hash of it) and returns the signature as TLS carries it: ECDSA as
    /// DER, RSA as long as its modulus.
    ///
    /// Called in the middle of a handshake, on the thread that drives it; it may take as long
    /// as the server waits.
    ///
    /// # Errors
    /// [`KeyError`]. The handshake ends, and [`explain`](crate::explain) gives the error back.
    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// Why there is no signature.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The card was taken out, or left the field.
    #[error("the card was removed")]
    CardRemoved,
    /// The reader itself is gone.
    #[error("the reader was unplugged")]
    ReaderGone,
    /// Another program holds the card, or the service that leads to it has stopped.
    #[error("the card cannot be reached")]
    CardUnreachable,
    /// The card took longer than the task allows.
    #[error("the card took longer than the deadline")]
    DeadlineExceeded,
    /// The holder cancelled.
    #[error("the PIN was not given")]
    PinCancelled,
    /// Nobody typed the PIN in time.
    #[error("nobody typed the PIN in time")]
    PinTimeout,
    /// The PIN was wrong.
    #[error("the PIN is wrong")]
    WrongPin {
        /// Tries that are left, if the card says so.
        retries_left: Option<u8>,
    },
    /// No tries are left.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// The PIN is suspended: the CAN is needed before the last try.
    #[error("the PIN is suspended")]
    PinSuspended,
    /// One try is left, and the holder did not say to spend it.
    #[error("one try is left, and it was not spent")]
    LastTryRefused,
    /// The consent was for fewer signatures than are asked for.
    #[error("what the holder agreed to is used up")]
    ConsentSpent,
    /// The signature does not fit the certificate: its key is not on this card.
    #[error("the key of the certificate is not on the card")]
    NotTheKeyOfTheCertificate,
    /// The key does not sign with this scheme.
    #[error("the key does not sign with {scheme:?}")]
    SchemeNotOffered {
        /// The scheme.
        scheme: SignatureScheme,
    },
    /// The card refused, for the reason in the source.
    #[error("the card did not sign")]
    Card(#[source] Arc<dyn StdError + Send + Sync>),
}
