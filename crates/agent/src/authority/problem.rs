//! What the authority says is wrong (RFC 9457), as the failure that a person is told.

use lichna_ipc::Failure;
use serde::Deserialize;

/// Longest code and longest explanation that are passed on, in characters.
const LONGEST_CODE: usize = 64;
const LONGEST_DETAIL: usize = 300;

/// A problem document. What else is in it is of no use here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    code: String,
    title: String,
    detail: String,
}

/// What was asked for, where that makes a difference for what a refusal means.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The application.
    pub application: Option<&'a str>,
    /// The number of the card.
    pub card: Option<&'a str>,
    /// It is for an officer alone.
    pub officer: bool,
}

/// The failure that a status and a problem document stand for.
pub fn failure(host: &str, status: u16, body: &[u8], about: About<'_>) -> Failure {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let application = || about.application.unwrap_or_default().to_owned();
    match (problem.code.as_str(), status) {
        ("certificate-expired", _) => Failure::CertificateExpired {
            date: String::new(),
        },
        ("certificate-suspended", _) => Failure::CertificateSuspended,
        ("certificate-revoked", _) => Failure::CertificateRevoked,
        ("certificate-pending", _) => Failure::CertificatePending,
        ("certificate-unknown", _) => Failure::CertificateUnknown,
        ("officer-only", _) => Failure::NotAnOfficer,
        ("not-permitted", _) if about.officer => Failure::NotAnOfficer,
        ("other-administrator", _) => Failure::OtherAdministrator,
        ("not-found", _) if about.application.is_some() => Failure::ApplicationUnknown {
            application: application(),
        },
        ("application-differs", _) => Failure::ApplicationDiffers {
            application: application(),
        },
        ("application-over", _) => Failure::ApplicationLapsed {
            application: application(),
        },
        ("application-code-wrong", _) => Failure::WrongApplicationCode,
        ("carrier-unknown", _) => Failure::CarrierUnknown {
            card: about.card.unwrap_or_default().to_owned(),
        },
        ("wrong-telephone-password", _) => Failure::WrongTelephonePassword,
        ("busy" | "too-many-requests", _) | ("", 429 | 503) => Failure::AuthorityBusy {
            host: host.to_owned(),
            seconds: 0,
        },
        (code, _) => Failure::AuthorityRefused {
            host: host.to_owned(),
            problem: if code.is_empty() {
                format!("http-{status}")
            } else {
                shown(code, LONGEST_CODE)
            },
            detail: shown(
                if problem.detail.is_empty() {
                    &problem.title
                } else {
                    &problem.detail
                },
                LONGEST_DETAIL,
            ),
        },
    }
}

/// Text of the authority's, that may be shown.
fn shown(text: &str, longest: usize) -> String {
    let plain = text.chars().filter(|char| !char.is_control());
    plain.take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
        let about = About {
            application: Some("a"),
            card: Some("c"),
            officer: false,
        };
        failure("host", status, body.as_bytes(), about)
    }

    #[test]
    fn a_problem_that_is_known_has_a_failure_of_its_own() {
        let body = r#"{"type":"urn:lichna:problem:certificate-suspended","status":403,"code":"certificate-suspended"}"#;
        assert_eq!(of(403, body), Failure::CertificateSuspended);
        assert_eq!(
            of(409, r#"{"code":"application-differs"}"#),
            Failure::ApplicationDiffers {
                application: "a".into()
            }
        );
    }

    #[test]
    fn a_problem_that_is_not_known_is_told_in_its_own_words_and_obeys_nobody() {
        let body = r#"{"code":"key-seen-before","detail":"the key\u001b[2J was seen before"}"#;
        assert_eq!(
            of(409, body),
            Failure::AuthorityRefused {
                host: "host".into(),
                problem: "key-seen-before".into(),
                detail: "the key[2J was seen before".into(),
            }
        );
        let long = format!(r#"{{"code":"x","detail":"{}"}}"#, "я".repeat(5000));
        let Failure::AuthorityRefused { detail, .. } = of(400, &long) else {
            panic!("{long}");
        };
        assert_eq!(detail.chars().count(), LONGEST_DETAIL);
    }

    #[test]
    fn what_is_no_problem_document_is_known_by_its_status() {
        let Failure::AuthorityRefused { problem, .. } = of(502, "<html>Bad gateway</html>") else {
            panic!("another failure");
        };
        assert_eq!(problem, "http-502");
        assert!(matches!(of(503, ""), Failure::AuthorityBusy { .. }));
    }
}
