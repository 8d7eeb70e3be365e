//! The check of a server's certificate, and what is told when it fails.

use core::fmt;
use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use thiserror::Error;
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

use crate::{Observation, ServerCertificate, ServerTrust, TrustError, Version, name::presentable};

/// Most names of a server's certificate that are told.
const MOST_NAMES: usize = 16;

/// What is wrong with a server's certificate.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ServerFault {
    /// It comes from nobody who is trusted.
    #[error("the server's certificate comes from {}, who is not trusted", certificate.issuer)]
    NotTrusted {
        /// The certificate.
        certificate: ServerCertificate,
    },
    /// It has expired.
    #[error("the server's certificate has expired")]
    Expired {
        /// The certificate.
        certificate: ServerCertificate,
        /// Its last second, in Unix time.
        not_after: Option<u64>,
    },
    /// Its time has not come, or the clock of this computer is wrong.
    #[error("the server's certificate is not valid yet")]
    NotYetValid {
        /// The certificate.
        certificate: ServerCertificate,
        /// Its first second, in Unix time.
        not_before: Option<u64>,
    },
    /// It is for other names.
    #[error("the server's certificate is for {}, not for {asked}", presented.join(", "))]
    WrongName {
        /// The certificate.
        certificate: ServerCertificate,
        /// The name asked for.
        asked: String,
        /// The names it has, at most 16.
        presented: Vec<String>,
    },
    /// A connection went to another server than the holder agreed to.
    #[error("the connection went to {reached}, the holder agreed to {agreed}")]
    NotTheServerAgreed {
        /// The name that was agreed to.
        agreed: String,
        /// The name the connection went to.
        reached: String,
    },
    /// Any other fault, as the verifier names it.
    #[error("the server's certificate cannot be used: {reason:?}")]
    Invalid {
        /// The certificate.
        certificate: ServerCertificate,
        /// The fault.
        reason: CertificateError,
    },
    /// The system has no certificates to start from, and none were given.
    #[error("the system has no certificate authorities to trust")]
    NoSystemRoots,
}

/// Verifies a server's certificate with whoever is trusted, and remembers what it saw.
pub struct ObservingVerifier {
    trust: ServerTrust,
    provider: Arc<CryptoProvider>,
    observation: Observation,
    /// The only name that may be connected to.
    agreed: Option<ServerName<'static>>,
}

impl ObservingVerifier {
    pub const fn new(
        trust: ServerTrust,
        provider: Arc<CryptoProvider>,
        observation: Observation,
        agreed: Option<ServerName<'static>>,
    ) -> Self {
        Self {
            trust,
            provider,
            observation,
            agreed,
        }
    }

    fn check(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut fault = None;
        for verifier in self.trust.verifiers(&self.provider) {
            match verifier.verify_server_cert(end_entity, intermediates, server_name, &[], now) {
                Ok(verified) => return Ok(verified),
                // An issuer that one does not know the other may; of two reasons the one that
                // says more is kept.
                Err(unknown @ Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                    fault = fault.or(Some(unknown));
                }
                Err(other @ Error::InvalidCertificate(CertificateError::BadSignature)) => {
                    fault = Some(other);
                }
                Err(other) => return Err(other),
            }
        }
        Err(fault.unwrap_or_else(|| other_error(TrustError::NoSystemRoots)))
    }
}

impl ServerCertVerifier for ObservingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.observation.saw_server(end_entity);
        if let Some(agreed) = &self.agreed
            && agreed != server_name
        {
            return Err(other_error(ServerFault::NotTheServerAgreed {
                agreed: agreed.to_str().into_owned(),
                reached: server_name.to_str().into_owned(),
            }));
        }
        self.check(end_entity, intermediates, server_name, now)
            .map_err(|error| describe(error, end_entity, server_name))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls12_signature(message, cert, dss, algorithms)?;
        self.observation.saw_authentication(Version::Tls12);
        Ok(valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls13_signature(message, cert, dss, algorithms)?;
        self.observation.saw_authentication(Version::Tls13);
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for ObservingVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservingVerifier")
            .field("trust", &self.trust)
            .field("agreed", &self.agreed)
            .finish_non_exhaustive()
    }
}

/// The fault that an error of rustls carries, if it is one of the server's certificate.
pub fn fault_in(error: &Error) -> Option<ServerFault> {
    match error {
        Error::Other(OtherError(inner)) => inner.downcast_ref::<ServerFault>().cloned(),
        _ => None,
    }
}

fn other_error(error: impl core::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(OtherError(Arc::new(error)))
}

/// Turns the verifier's error into one that says what is wrong with which certificate.
fn describe(error: Error, der: &CertificateDer<'_>, asked: &ServerName<'_>) -> Error {
    let certificate = ServerCertificate::of(der);
    let reason = match error {
        Error::InvalidCertificate(reason) => reason,
        Error::Other(OtherError(inner)) if inner.is::<TrustError>() => {
            return other_error(ServerFault::NoSystemRoots);
        }
        other => return other,
    };
    other_error(match reason {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            ServerFault::NotTrusted { certificate }
        }
        CertificateError::Expired => ServerFault::Expired {
            certificate,
            not_after: None,
        },
        CertificateError::ExpiredContext { not_after, .. } => ServerFault::Expired {
            certificate,
            not_after: Some(not_after.as_secs()),
        },
        CertificateError::NotValidYet => ServerFault::NotYetValid {
            certificate,
            not_before: None,
        },
        CertificateError::NotValidYetContext { not_before, .. } => ServerFault::NotYetValid {
            certificate,
            not_before: Some(not_before.as_secs()),
        },
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ServerFault::WrongName {
                certificate,
                asked: asked.to_str().into_owned(),
                presented: names(der),
            }
        }
        reason => ServerFault::Invalid {
            certificate,
            reason,
        },
    })
}

/// The names that a certificate is for, fit to be shown.
fn names(der: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Vec::new();
    };
    let Ok(Some(alternative)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    alternative
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(presentable(name)),
            GeneralName::IPAddress(bytes) => match *bytes {
                [a, b, c, d] => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
                _ => <[u8; 16]>::try_from(*bytes)
                    .ok()
                    .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
            },
            _ => None,
        })
        .take(MOST_NAMES)
        .collect()
}
