//! The first handshake, without a certificate: who is the server, and what does it ask for?

use core::fmt;
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, PeerIncompatible, SignatureScheme,
    SupportedProtocolVersion,
    client::{ResolvesClientCert, Resumption},
    crypto::ring,
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use rustls_pki_types::ServerName;
use thiserror::Error;

use crate::{
    CardKey, Mismatch, Observation, ServerDemand, ServerFault, ServerTrust, Version,
    dial::{Bounded, dial},
    match_key,
    verifier::{ObservingVerifier, fault_in},
};

/// Most bytes that are read of a handshake; real ones have 3 to 20 KB.
const LONGEST_HANDSHAKE: usize = 256 * 1024;

/// What a probe was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Asking for the addresses of the name.
    Resolving,
    /// Opening the TCP connection.
    Connecting,
    /// In the TLS handshake.
    Handshaking,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "its name was looked up",
            Self::Connecting => "the connection was opened",
            Self::Handshaking => "TLS was agreed on",
        })
    }
}

/// Why the first handshake told nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// Not a name or address of a server.
    #[error("{host:?} is not the name of a server")]
    HostName {
        /// What was given.
        host: String,
    },
    /// The name has no address, or there is no way to ask (no network).
    #[error("no address is known for {host}")]
    NameUnknown {
        /// The name.
        host: String,
    },
    /// Nobody listens.
    #[error("{host} refuses connections on port {port}")]
    Refused {
        /// The name.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// The time-out passed.
    #[error("the server did not answer in time while {phase}")]
    Timeout {
        /// What it was doing.
        phase: Phase,
    },
    /// The server's certificate is not what it should be.
    #[error(transparent)]
    Server(Box<ServerFault>),
    /// Whoever listens there does not speak TLS.
    #[error("the server does not speak TLS on port {port}")]
    NotTls {
        /// TCP port.
        port: u16,
    },
    /// It speaks TLS 1.1 or older only.
    #[error("the server speaks no TLS newer than 1.1")]
    ProtocolTooOld,
    /// Asked with TLS 1.2 alone (for a card that cannot do 1.3), it refused.
    #[error("the server takes TLS 1.3 only, and the card's key cannot do that")]
    NeedsTls13,
    /// It asks for a certificate in a way that TLS 1.3 does not know.
    #[error("the server takes no signature that TLS 1.3 allows")]
    NoUsableSchemes,
    /// It and we have no cipher suite, group or the like in common.
    #[error("the server has no way of encrypting in common with this program: {reason:?}")]
    Incompatible {
        /// What is missing.
        reason: PeerIncompatible,
    },
    /// It ended the handshake.
    #[error("the server ended the handshake: {alert:?}")]
    Alert {
        /// The reason it gave.
        alert: AlertDescription,
    },
    /// It closed the connection in the middle of the handshake.
    #[error("the server closed the connection in the middle of the handshake")]
    ClosedEarly,
    /// It sent more than any handshake has.
    #[error("the server sent more than any handshake has")]
    TooMuch,
    /// What it sent is TLS, but not as it should be.
    #[error("the server breaks the rules of TLS: {0}")]
    Misbehaved(#[source] Error),
    /// The connection failed.
    #[error("the connection failed")]
    Connection(#[source] io::Error),
}

/// Makes a handshake without a certificate and tells who the server is and what it asks for.
///
/// Blocks for at most about `timeout`.
///
/// # Errors
/// [`ProbeError`]. A server that goes no further without a certificate is no error: it has
/// asked for one, and proved who it is, before.
pub fn probe(
    host: &str,
    port: u16,
    trust: &ServerTrust,
    timeout: Duration,
) -> Result<ServerDemand, ProbeError> {
    probe_with(host, port, trust, timeout, &[&TLS13, &TLS12])
}

/// As [`probe`], but finds out what the server asks of this key.
///
/// A key that cannot sign for TLS 1.3 (RSA PKCS#1 v1.5 alone) is answered with a second
/// handshake in TLS 1.2, where the server takes that.
///
/// # Errors
/// As [`probe`]; [`ProbeError::NeedsTls13`] when the key cannot do what the server demands.
pub fn probe_for_key(
    host: &str,
    port: u16,
    trust: &ServerTrust,
    timeout: Duration,
    key: &dyn CardKey,
) -> Result<ServerDemand, ProbeError> {
    let deadline = Instant::now() + timeout;
    let only_tls12 = |left| probe_with(host, port, trust, left, &[&TLS12]);
    let demand = match probe(host, port, trust, timeout) {
        Ok(demand) if matches!(match_key(&demand, key), Err(Mismatch::NeedsTls12)) => demand,
        // TLS 1.2 may still do where TLS 1.3 has no scheme.
        Err(ProbeError::NoUsableSchemes) => {
            return only_tls12(deadline.saturating_duration_since(Instant::now()));
        }
        other => return other,
    };
    match only_tls12(deadline.saturating_duration_since(Instant::now())) {
        Err(ProbeError::ProtocolTooOld) => Err(ProbeError::NeedsTls13),
        Err(ProbeError::Alert { .. }) if demand.version == Version::Tls13 => {
            Err(ProbeError::NeedsTls13)
        }
        other => other,
    }
}

fn probe_with(
    host: &str,
    port: u16,
    trust: &ServerTrust,
    timeout: Duration,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ServerDemand, ProbeError> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host)
        .map_err(|_| ProbeError::HostName {
            host: host.to_owned(),
        })?
        .to_owned();
    let deadline = Instant::now() + timeout;

    let provider = Arc::new(ring::default_provider());
    let observation = Observation::default();
    let verifier = ObservingVerifier::new(
        trust.clone(),
        Arc::clone(&provider),
        observation.clone(),
        None,
    );
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(ProbeError::Misbehaved)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(Nobody(observation.clone())));
    config.resumption = Resumption::disabled();
    let mut connection =
        ClientConnection::new(Arc::new(config), name.clone()).map_err(ProbeError::Misbehaved)?;

    let stream = dial(host, port, deadline)?;
    let mut stream = Bounded::new(stream, deadline, LONGEST_HANDSHAKE);
    let outcome = handshake(&mut connection, &mut stream);
    let ended = match outcome {
        Ok(()) => {
            connection.send_close_notify();
            // The server may be gone already; what was asked is known.
            let _ = connection.write_tls(&mut stream);
            None
        }
        Err(error) => Some(understand(error, &stream, port)),
    };

    let mut seen = observation.seen();
    match (ended, seen.authenticated) {
        // It asked, proved who it is, and then wanted no more of us without a certificate.
        (Some(ProbeError::Alert { .. } | ProbeError::ClosedEarly), true)
            if seen.request.is_some() => {}
        (Some(error), _) => return Err(error),
        (None, _) => {}
    }
    let (Some(certificate), Some(version)) = (seen.certificate.take(), seen.version) else {
        return Err(ProbeError::ClosedEarly);
    };
    Ok(ServerDemand {
        name,
        port,
        version,
        certificate,
        request: seen.request.take(),
    })
}

/// Drives the handshake to its end.
fn handshake(connection: &mut ClientConnection, stream: &mut Bounded) -> io::Result<()> {
    while connection.is_handshaking() {
        connection.complete_io(stream)?;
    }
    Ok(())
}

/// Which of the things that go wrong this is.
fn understand(error: io::Error, stream: &Bounded, port: u16) -> ProbeError {
    let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    else {
        return match error.kind() {
            _ if stream.is_exhausted() => ProbeError::TooMuch,
            // What rustls says when a message does not fit its buffer of 64 KiB.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
                if error.raw_os_error().is_none() =>
            {
                ProbeError::TooMuch
            }
            io::ErrorKind::TimedOut => ProbeError::Timeout {
                phase: Phase::Handshaking,
            },
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => ProbeError::ClosedEarly,
            _ => ProbeError::Connection(error),
        };
    };
    if let Some(fault) = fault_in(tls) {
        return ProbeError::Server(Box::new(fault));
    }
    match tls {
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => ProbeError::ProtocolTooOld,
        Error::AlertReceived(alert) => ProbeError::Alert { alert: *alert },
        Error::PeerIncompatible(PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon) => {
            ProbeError::NoUsableSchemes
        }
        Error::PeerIncompatible(reason) => ProbeError::Incompatible {
            reason: reason.clone(),
        },
        Error::InvalidMessage(
            rustls::InvalidMessage::InvalidContentType
            | rustls::InvalidMessage::UnknownProtocolVersion,
        ) => ProbeError::NotTls { port },
        other => ProbeError::Misbehaved(other.clone()),
    }
}

/// Has no certificate, but listens to what is asked for.
#[derive(Debug)]
struct Nobody(Observation);

impl ResolvesClientCert for Nobody {
    fn resolve(
        &self,
        authorities: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.0.saw_request(authorities, schemes);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
