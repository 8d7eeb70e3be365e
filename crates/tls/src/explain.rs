//! Why a login did not succeed, from what was seen and what the HTTP client says.

use core::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, Error, PeerIncompatible, SignatureScheme};
use thiserror::Error;

use crate::{KeyError, Observation, ServerFault, Version, verifier::fault_in};

/// Why a login did not succeed.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum Explanation {
    /// The card was taken out in the middle.
    #[error("the card was removed")]
    CardRemoved,
    /// The card made no signature.
    #[error("the card did not sign")]
    KeyFailed(#[source] KeyError),
    /// The card offers nothing that this server takes.
    #[error("the card offers {card:?}, the server takes {server:?}")]
    NothingInCommon {
        /// What the card signs with.
        card: Vec<SignatureScheme>,
        /// What the server takes; empty when it did not get so far as to say.
        server: Vec<SignatureScheme>,
    },
    /// The card's key cannot be used with TLS 1.3, and the server takes nothing else.
    #[error("the server takes TLS 1.3 only, and the card's key cannot do that")]
    NeedsTls13,
    /// The server asked for no certificate in the handshake, and then missed it: it asks only
    /// after the handshake (renegotiation, or post-handshake authentication), which is not done.
    #[error("the server asks for the certificate only after the handshake")]
    AsksOnlyAfterHandshake {
        /// The version that was spoken.
        version: Option<Version>,
    },
    /// The server never asked for a certificate, and answered.
    #[error("the server never asked for a certificate")]
    NeverAsked,
    /// The server saw the certificate and refused it.
    #[error("the server refused the certificate")]
    CertificateRefused {
        /// The reason it gave in TLS.
        alert: Option<AlertDescription>,
        /// The HTTP status it gave.
        status: Option<u16>,
    },
    /// The server closed the connection after it got the certificate, without a word.
    #[error("the server closed the connection after it got the certificate")]
    ClosedAfterCertificate,
    /// The server took the certificate, but its holder may not do this.
    #[error("the server knows who you are, and answers {status}")]
    NotAllowed {
        /// The HTTP status.
        status: u16,
    },
    /// The server's certificate is not what it should be.
    #[error(transparent)]
    Server(Box<ServerFault>),
}

/// Explains a login that did not succeed; `None` when TLS had no part in it.
///
/// `status` is that of the HTTP answer, if one came; `error` is the HTTP client's, if it failed.
#[must_use]
pub fn explain(
    observation: &Observation,
    status: Option<u16>,
    error: Option<&(dyn StdError + 'static)>,
) -> Option<Explanation> {
    let seen = observation.seen();
    // What the card said comes first: all that follows is its consequence.
    match &seen.key_error {
        Some(KeyError::CardRemoved | KeyError::ReaderGone) => {
            return Some(Explanation::CardRemoved);
        }
        Some(other) => return Some(Explanation::KeyFailed(other.clone())),
        None => {}
    }
    let tls = error.and_then(tls_error);
    if let Some(fault) = tls.as_ref().and_then(fault_in) {
        return Some(Explanation::Server(Box::new(fault)));
    }
    let server = || {
        seen.request
            .as_ref()
            .map(|request| request.schemes.clone())
            .unwrap_or_default()
    };
    if seen.nothing_in_common && (error.is_some() || status.is_some_and(|status| status >= 400)) {
        return Some(Explanation::NothingInCommon {
            card: seen.card_schemes.clone(),
            server: server(),
        });
    }
    match tls {
        Some(Error::PeerIncompatible(
            PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon,
        )) => {
            return Some(Explanation::NothingInCommon {
                card: seen.card_schemes.clone(),
                server: Vec::new(),
            });
        }
        Some(
            Error::AlertReceived(AlertDescription::ProtocolVersion)
            | Error::PeerIncompatible(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig),
        ) if !seen
            .card_schemes
            .iter()
            .any(|scheme| crate::matching::fits_tls13(*scheme)) =>
        {
            return Some(Explanation::NeedsTls13);
        }
        Some(Error::AlertReceived(alert)) if seen.signatures > 0 => {
            return Some(Explanation::CertificateRefused {
                alert: Some(alert),
                status: None,
            });
        }
        Some(Error::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::NoRenegotiation,
        )) if seen.authenticated && seen.request.is_none() => {
            return Some(Explanation::AsksOnlyAfterHandshake {
                version: seen.version,
            });
        }
        _ => {}
    }
    match (status, error) {
        (Some(status), _) => by_status(&seen, status),
        (None, Some(error)) if seen.signatures > 0 && was_closed(error) => {
            Some(Explanation::ClosedAfterCertificate)
        }
        _ => None,
    }
}

fn by_status(seen: &crate::observation::Seen, status: u16) -> Option<Explanation> {
    let asked = seen.request.is_some();
    match status {
        // 495 and 496 are nginx's own; it shows them as 400.
        400 | 495 | 496 if seen.signatures > 0 => Some(Explanation::CertificateRefused {
            alert: None,
            status: Some(status),
        }),
        401 | 403 if seen.signatures > 0 => Some(Explanation::NotAllowed { status }),
        403 if !asked => Some(Explanation::AsksOnlyAfterHandshake {
            version: seen.version,
        }),
        _ if !asked => Some(Explanation::NeverAsked),
        _ => None,
    }
}

/// The errors under an error, itself first. An [`io::Error`] hides the one it carries.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    core::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(carried) => {
                let carried: &(dyn StdError + 'static) = carried;
                Some(carried)
            }
            None => error.source(),
        }
    })
    // No real chain is so long; a source that is its own source would have no end.
    .take(32)
}

fn tls_error(error: &(dyn StdError + 'static)) -> Option<Error> {
    chain(error).find_map(|error| error.downcast_ref::<Error>().cloned())
}

fn was_closed(error: &(dyn StdError + 'static)) -> bool {
    chain(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error as HTTP clients make them: one in the other.
    #[derive(Debug, Error)]
    #[error("the request failed")]
    struct Wrapped(#[source] io::Error);

    fn after_a_signature() -> Observation {
        let observation = Observation::default();
        observation.saw_request(&[], &[SignatureScheme::ECDSA_NISTP256_SHA256]);
        observation.seen().signatures = 1;
        observation
    }

    #[test]
    fn finds_the_alert_however_deep_it_is() {
        let alert = Error::AlertReceived(AlertDescription::BadCertificate);
        let inner = io::Error::new(io::ErrorKind::InvalidData, alert);
        let error = Wrapped(io::Error::other(Wrapped(inner)));
        let told = explain(&after_a_signature(), None, Some(&error));
        assert!(matches!(
            told,
            Some(Explanation::CertificateRefused {
                alert: Some(AlertDescription::BadCertificate),
                status: None
            })
        ));
    }

    #[test]
    fn tells_a_connection_closed_after_the_certificate_from_one_closed_before() {
        let reset = Wrapped(io::ErrorKind::ConnectionReset.into());
        let told = explain(&after_a_signature(), None, Some(&reset));
        assert!(matches!(told, Some(Explanation::ClosedAfterCertificate)));
        assert!(explain(&Observation::default(), None, Some(&reset)).is_none());
        let slow = Wrapped(io::ErrorKind::TimedOut.into());
        assert!(explain(&after_a_signature(), None, Some(&slow)).is_none());
    }

    #[test]
    fn tells_a_holder_who_may_not_from_a_certificate_that_is_refused() {
        let told = |status| explain(&after_a_signature(), Some(status), None);
        assert!(matches!(
            told(403),
            Some(Explanation::NotAllowed { status: 403 })
        ));
        assert!(matches!(
            told(495),
            Some(Explanation::CertificateRefused {
                alert: None,
                status: Some(495)
            })
        ));
        assert!(told(200).is_none() && told(404).is_none() && told(500).is_none());
    }

    #[test]
    fn what_the_card_said_comes_first() {
        let observation = after_a_signature();
        observation.seen().key_error = Some(KeyError::PinBlocked);
        let reset = Wrapped(io::ErrorKind::ConnectionReset.into());
        for (status, error) in [(None, None), (Some(400), None), (None, Some(&reset))] {
            let error = error.map(|error| -> &(dyn StdError + 'static) { error });
            assert!(matches!(
                explain(&observation, status, error),
                Some(Explanation::KeyFailed(KeyError::PinBlocked))
            ));
        }
    }
}
