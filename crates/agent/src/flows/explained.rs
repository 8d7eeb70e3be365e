//! What TLS found out, as the failure that a person is told.

use std::error::Error as StdError;

use lichna_ipc::Failure;
use lichna_tls::{
    AlertDescription, ConfigError, Explanation, KeyError, Mismatch, Observation, ProbeError,
    ServerFault, SignatureScheme, explain,
};
use time::{OffsetDateTime, UtcOffset};

use super::{http::HttpError, login_key::LoginKey};

/// Why the first handshake told nothing.
pub fn from_probe(host: &str, error: ProbeError) -> Failure {
    let reason = error.to_string();
    let host = host.to_owned();
    match error {
        ProbeError::HostName { host } => Failure::UrlInvalid { url: host },
        ProbeError::NameUnknown { host } => Failure::ServerNameUnknown { host },
        ProbeError::Refused { .. } | ProbeError::Connection(_) => {
            Failure::ServerUnreachable { host, reason }
        }
        ProbeError::Timeout { .. } => Failure::ServerTimeout { host },
        ProbeError::Server(fault) => from_fault(&host, &fault),
        _ => Failure::ServerTlsFailed { host, reason },
    }
}

/// Why a key cannot answer what the server asks for.
pub fn from_mismatch(host: &str, mismatch: Mismatch) -> Failure {
    let host = host.to_owned();
    match mismatch {
        Mismatch::NothingAsked => Failure::ServerAsksNothing { host },
        Mismatch::NothingInCommon { card, server } => Failure::NothingInCommon {
            host,
            card: schemes(&card),
            server: schemes(&server),
        },
        Mismatch::Expired { not_after } => Failure::CertificateExpired {
            date: unix_date(not_after),
        },
        Mismatch::NotYetValid { not_before } => Failure::CertificateNotYetValid {
            date: unix_date(not_before),
        },
        other => Failure::ServerTlsFailed {
            host,
            reason: other.to_string(),
        },
    }
}

/// Why the certificate and the key cannot be used together.
pub fn from_config(key: &str, error: &ConfigError) -> Failure {
    match error {
        ConfigError::KeyMismatch(_) => Failure::CertificateKeyMismatch { key: key.into() },
        other => Failure::CertificateUnreadable {
            key: key.into(),
            reason: other.to_string(),
        },
    }
}

/// Why a login did not succeed; `None`: it did, and what the server answered is its own business.
pub fn from_explanation(host: &str, explanation: Explanation) -> Option<Failure> {
    let reason = explanation.to_string();
    let host = host.to_owned();
    Some(match explanation {
        Explanation::CardRemoved => Failure::CardRemoved,
        Explanation::KeyFailed(KeyError::NotTheKeyOfTheCertificate) => {
            Failure::CertificateKeyMismatch { key: String::new() }
        }
        Explanation::NothingInCommon { card, server } => Failure::NothingInCommon {
            host,
            card: schemes(&card),
            server: schemes(&server),
        },
        Explanation::NeedsTls13 => Failure::NothingInCommon {
            host,
            card: "TLS 1.2".into(),
            server: "TLS 1.3".into(),
        },
        Explanation::AsksOnlyAfterHandshake { .. } => Failure::ServerAsksLate { host },
        Explanation::NeverAsked => Failure::ServerAsksNothing { host },
        Explanation::CertificateRefused { alert, status } => Failure::ServerRefusedCertificate {
            host,
            reason: refusal(alert, status),
        },
        Explanation::ClosedAfterCertificate => Failure::ServerRefusedCertificate { host, reason },
        Explanation::NotAllowed { .. } => return None,
        Explanation::Server(fault) => from_fault(&host, &fault),
        _ => Failure::ServerTlsFailed { host, reason },
    })
}

/// Why there is no answer. What the card said comes first: the rest follows from it.
pub fn from_http(
    host: &str,
    key: Option<&LoginKey>,
    observation: Option<&Observation>,
    error: HttpError,
) -> Failure {
    if let Some(failure) = key.and_then(LoginKey::failure) {
        return failure;
    }
    if let (Some(key), Some(observation)) = (key, observation)
        && let Some(KeyError::NotTheKeyOfTheCertificate) = observation.key_error()
    {
        return Failure::CertificateKeyMismatch { key: key.name() };
    }
    let host = host.to_owned();
    match error {
        HttpError::Elsewhere(failure) => failure,
        HttpError::Timeout => Failure::ServerTimeout { host },
        HttpError::Unreachable(error) => Failure::ServerUnreachable {
            host,
            reason: error.to_string(),
        },
        HttpError::Failed(error) => {
            let explained = observation
                .and_then(|observation| explain(observation, None, Some(&*error)))
                .and_then(|one| from_explanation(&host, one));
            explained.unwrap_or_else(|| Failure::ServerTlsFailed {
                host,
                reason: chain(&*error),
            })
        }
    }
}

/// An error and the errors under it.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |error| StdError::source(*error));
    let texts: Vec<_> = errors.take(8).map(ToString::to_string).collect();
    texts.join(": ")
}

fn refusal(alert: Option<AlertDescription>, status: Option<u16>) -> String {
    match (alert, status) {
        (Some(alert), _) => format!("{alert:?}"),
        (None, Some(status)) => format!("HTTP {status}"),
        (None, None) => String::new(),
    }
}

fn from_fault(host: &str, fault: &ServerFault) -> Failure {
    Failure::ServerNotTrusted {
        host: host.to_owned(),
        reason: fault.to_string(),
    }
}

/// Schemes by their names, RFC 8446 §4.2.3.
pub fn schemes(schemes: &[SignatureScheme]) -> String {
    let names = schemes.iter().map(|scheme| {
        let known = lichna_card::SignatureScheme::from_tls_code(u16::from(*scheme));
        known.map_or_else(|| format!("{scheme:?}"), |scheme| scheme.name().to_owned())
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A day, as 2026-11-21.
pub fn date(moment: OffsetDateTime) -> String {
    moment.to_offset(UtcOffset::UTC).date().to_string()
}

fn unix_date(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| seconds.to_string(), date)
}
