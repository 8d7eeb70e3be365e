//! What happened on a connection, kept where it can be asked for after the connection failed.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::SignatureScheme;
use rustls_pki_types::CertificateDer;

use crate::{CertificateRequest, KeyError, ServerCertificate, Version};

/// What happened on the connections of one configuration. Copies share it.
///
/// An HTTP client turns every failure into an error of its own, several layers deep, and a
/// server that refuses says so in ten different ways. This remembers what was really seen.
#[derive(Clone, Default)]
pub struct Observation(Arc<Mutex<Seen>>);

#[derive(Default)]
pub struct Seen {
    pub version: Option<Version>,
    pub certificate: Option<ServerCertificate>,
    /// The server proved that it has the key of its certificate.
    pub authenticated: bool,
    pub request: Option<CertificateRequest>,
    pub card_schemes: Vec<SignatureScheme>,
    pub nothing_in_common: bool,
    pub scheme: Option<SignatureScheme>,
    pub signatures: u32,
    pub key_error: Option<KeyError>,
}

impl Observation {
    pub(crate) fn for_schemes(schemes: &[SignatureScheme]) -> Self {
        let new = Self::default();
        new.seen().card_schemes = schemes.to_vec();
        new
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        // Every change is one assignment, so what a panicking thread left is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn saw_server(&self, certificate: &CertificateDer<'_>) {
        let certificate = ServerCertificate::of(certificate);
        self.seen().certificate = Some(certificate);
    }

    pub(crate) fn saw_authentication(&self, version: Version) {
        let mut seen = self.seen();
        seen.authenticated = true;
        seen.version = Some(version);
    }

    pub(crate) fn saw_request(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) {
        let request = CertificateRequest::of(authorities, schemes);
        self.seen().request = Some(request);
    }

    /// The version that the server chose, once it has proved who it is.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.seen().version
    }

    /// The server's certificate, once it came; verified or not.
    #[must_use]
    pub fn server_certificate(&self) -> Option<ServerCertificate> {
        self.seen().certificate.clone()
    }

    /// Whether the server asked for a client's certificate in the handshake.
    #[must_use]
    pub fn certificate_requested(&self) -> bool {
        self.seen().request.is_some()
    }

    /// The scheme that the card signed with.
    #[must_use]
    pub fn scheme(&self) -> Option<SignatureScheme> {
        self.seen().scheme
    }

    /// Signatures that the card made.
    #[must_use]
    pub fn signatures(&self) -> u32 {
        self.seen().signatures
    }

    /// Why the card made none.
    #[must_use]
    pub fn key_error(&self) -> Option<KeyError> {
        self.seen().key_error.clone()
    }
}

impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.seen();
        f.debug_struct("Observation")
            .field("version", &seen.version)
            .field("requested", &seen.request.is_some())
            .field("scheme", &seen.scheme)
            .field("signatures", &seen.signatures)
            .field("key_error", &seen.key_error)
            .finish_non_exhaustive()
    }
}
