//! What a server is and what it asks for, as learned from a handshake.

use core::fmt;

use rustls::SignatureScheme;
use rustls_pki_types::{CertificateDer, ServerName};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::name;

/// Versions of TLS that are spoken. Req 20.1: 1.2 or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// RFC 5246. The client's certificate travels in clear.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// What the first handshake told.
#[derive(Clone, Debug)]
pub struct ServerDemand {
    /// The name that the server's certificate was verified for.
    pub name: ServerName<'static>,
    /// TCP port.
    pub port: u16,
    /// The version that the server chose.
    pub version: Version,
    /// The server's certificate, verified.
    pub certificate: ServerCertificate,
    /// What it wants of a client's certificate; `None` when it asked for none in the handshake.
    pub request: Option<CertificateRequest>,
}

/// What may be shown of a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificate {
    /// Subject, as RFC 4514 writes it, fit to be shown.
    pub subject: String,
    /// Issuer, likewise.
    pub issuer: String,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
}

impl ServerCertificate {
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
        let mut fingerprint = [0; 32];
        // A digest of another length does not exist here; zip never panics on one.
        for (to, from) in fingerprint.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        let (subject, issuer) = match X509Certificate::from_der(certificate) {
            Ok((_, parsed)) => (
                name::display(parsed.subject().as_raw()),
                name::display(parsed.issuer().as_raw()),
            ),
            Err(_) => (String::new(), String::new()),
        };
        Self {
            subject,
            issuer,
            fingerprint,
        }
    }
}

/// CertificateRequest, RFC 5246 §7.4.4 and RFC 8446 §4.3.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Issuers that the server names; none means that it does not say.
    pub authorities: Vec<Authority>,
    /// Schemes that it takes a signature in.
    pub schemes: Vec<SignatureScheme>,
}

/// An issuer that a server names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its distinguished name, DER.
    pub der: Vec<u8>,
    /// The same as RFC 4514 writes it, fit to be shown.
    pub display: String,
}

impl CertificateRequest {
    pub(crate) fn of(authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Self {
        // INVARIANT: rustls reads no handshake message over 64 KiB, so these lists are bounded.
        Self {
            authorities: authorities
                .iter()
                .map(|der| Authority {
                    der: der.to_vec(),
                    display: name::display(der),
                })
                .collect(),
            schemes: schemes.to_vec(),
        }
    }
}
