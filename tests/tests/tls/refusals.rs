//! Who does not log in, and what is said of it.

use lichna_tests::{
    ca::{Ca, Identity, KeyKind},
    server::{Asks, Program, ServerSpec, Versions},
};
use lichna_tls::{
    AlertDescription, ConfigError, Explanation, KeyError, Mismatch, ProbeError, ServerFault,
    SignatureScheme, Version, client_config, match_key, probe, probe_for_key,
};
use time::{Duration, OffsetDateTime};

use crate::{PATIENCE, log_in, log_in_as_demanded, soft_key::SoftKey, trust};

const BOTH: [(Versions, Version); 2] = [
    (Versions::Tls12, Version::Tls12),
    (Versions::Tls13, Version::Tls13),
];

#[test]
fn explains_that_a_pkcs1_card_cannot_do_tls_13() {
    let ca = Ca::new("Test CA");
    for program in [Program::Nginx, Program::OpenSsl, Program::Apache] {
        let server = ServerSpec::new(program, &ca)
            .versions(Versions::Tls13)
            .start();
        let key = SoftKey::new(&ca, KeyKind::Rsa2048, &[SignatureScheme::RSA_PKCS1_SHA256]).share();
        let (host, port) = ("localhost", server.port());
        let told = probe_for_key(host, port, &trust(&ca), PATIENCE, key.as_ref()).unwrap_err();
        assert!(
            matches!(told, ProbeError::NeedsTls13),
            "{program:?}: {told}"
        );

        // The same when it is found out only by the real connection.
        let demand = probe(host, port, &trust(&ca), PATIENCE).unwrap();
        let mismatch = match_key(&demand, key.as_ref()).unwrap_err();
        assert_eq!(mismatch, Mismatch::NeedsTls12);
        let outcome = log_in_as_demanded(&server.url(), &ca, &key, "", &demand);
        assert!(
            matches!(outcome.explanation, Some(Explanation::NeedsTls13)),
            "{program:?}: {}",
            outcome.told()
        );
        assert_eq!(key.asked(), 0, "no PIN for nothing");
    }
}

#[test]
fn explains_a_server_that_asks_only_after_the_handshake() {
    let ca = Ca::new("Test CA");
    for (versions, version) in BOTH {
        let server = ServerSpec::new(Program::Apache, &ca)
            .versions(versions)
            .asks(Asks::Late)
            .start();
        let key = SoftKey::p256(&ca).share();
        let demand = probe("localhost", server.port(), &trust(&ca), PATIENCE).unwrap();
        assert!(demand.request.is_none());
        assert_eq!(
            match_key(&demand, key.as_ref()),
            Err(Mismatch::NothingAsked)
        );
        let outcome = log_in(&server, &ca, &key, "late/");
        assert!(
            matches!(
                outcome.explanation,
                Some(Explanation::AsksOnlyAfterHandshake { version: Some(spoken) })
                    if spoken == version
            ),
            "{version}: {}",
            outcome.told()
        );
        assert_eq!(key.asked(), 0, "no PIN for nothing");
    }
}

#[test]
fn explains_a_certificate_that_the_server_refuses() {
    let ca = Ca::new("Test CA");
    let other = Ca::new("Other CA");
    for program in [Program::OpenSsl, Program::Apache] {
        for (versions, version) in BOTH {
            let server = ServerSpec::new(program, &ca).versions(versions).start();
            let outcome = log_in(&server, &ca, &SoftKey::p256(&other).share(), "");
            let refused = match outcome.explanation {
                Some(Explanation::CertificateRefused {
                    alert: Some(AlertDescription::UnknownCA),
                    status: None,
                }) => true,
                // In TLS 1.3 the request is on its way by then, and a server that closes without
                // reading it takes its alert back.
                Some(Explanation::ClosedAfterCertificate) => version == Version::Tls13,
                _ => false,
            };
            assert!(refused, "{program:?} {version}: {}", outcome.told());
            assert_eq!(outcome.observation.signatures(), 1);
        }
    }
}

#[test]
fn explains_a_certificate_that_nginx_refuses_in_http() {
    let ca = Ca::new("Test CA");
    let other = Ca::new("Other CA");
    for (versions, version) in BOTH {
        let server = ServerSpec::new(Program::Nginx, &ca)
            .versions(versions)
            .start();
        let outcome = log_in(&server, &ca, &SoftKey::p256(&other).share(), "");
        assert!(
            matches!(
                outcome.explanation,
                Some(Explanation::CertificateRefused {
                    alert: None,
                    status: Some(400)
                })
            ),
            "{version}: {}",
            outcome.told()
        );
    }
}

#[test]
fn says_when_card_and_server_have_no_scheme_in_common() {
    let ca = Ca::new("Test CA");
    for (versions, version) in BOTH {
        let server = ServerSpec::new(Program::OpenSsl, &ca)
            .versions(versions)
            .client_schemes("ecdsa_secp384r1_sha384:rsa_pss_rsae_sha256")
            .start();
        let key = SoftKey::p256(&ca).share();
        let demand = probe_for_key(
            "localhost",
            server.port(),
            &trust(&ca),
            PATIENCE,
            key.as_ref(),
        )
        .unwrap();
        let mismatch = match_key(&demand, key.as_ref()).unwrap_err();
        let expected = Mismatch::NothingInCommon {
            card: vec![SignatureScheme::ECDSA_NISTP256_SHA256],
            server: vec![
                SignatureScheme::ECDSA_NISTP384_SHA384,
                SignatureScheme::RSA_PSS_SHA256,
            ],
        };
        assert_eq!(mismatch, expected, "{version}");

        // The same when it is found out only by the real connection.
        let outcome = log_in_as_demanded(&server.url(), &ca, &key, "", &demand);
        assert!(
            matches!(
                &outcome.explanation,
                Some(Explanation::NothingInCommon { server, .. }) if server.len() == 2
            ),
            "{version}: {}",
            outcome.told()
        );
        assert_eq!(key.asked(), 0, "no PIN for nothing");
    }
}

#[test]
fn gives_back_why_the_card_did_not_sign() {
    let ca = Ca::new("Test CA");
    for (versions, version) in BOTH {
        let server = ServerSpec::new(Program::Nginx, &ca)
            .versions(versions)
            .start();
        let removed = SoftKey::p256(&ca).failing(KeyError::CardRemoved).share();
        let outcome = log_in(&server, &ca, &removed, "");
        assert!(outcome.status.is_none(), "{version}: {}", outcome.told());
        assert!(
            matches!(outcome.explanation, Some(Explanation::CardRemoved)),
            "{version}: {}",
            outcome.told()
        );

        let wrong = KeyError::WrongPin {
            retries_left: Some(2),
        };
        let outcome = log_in(&server, &ca, &SoftKey::p256(&ca).failing(wrong).share(), "");
        assert!(
            matches!(
                outcome.explanation,
                Some(Explanation::KeyFailed(KeyError::WrongPin {
                    retries_left: Some(2)
                }))
            ),
            "{version}: {}",
            outcome.told()
        );
        assert_eq!(outcome.observation.signatures(), 0);

        // A reason of the card's own comes back with its type.
        let own: std::sync::Arc<dyn std::error::Error + Send + Sync> =
            std::sync::Arc::new(std::io::Error::from(std::io::ErrorKind::NotConnected));
        let failing = SoftKey::p256(&ca).failing(KeyError::Card(own)).share();
        let outcome = log_in(&server, &ca, &failing, "");
        match outcome.explanation {
            Some(Explanation::KeyFailed(KeyError::Card(source))) => assert_eq!(
                source.downcast_ref::<std::io::Error>().unwrap().kind(),
                std::io::ErrorKind::NotConnected
            ),
            _ => panic!("{version}: {}", outcome.told()),
        }
    }
}

#[test]
fn refuses_a_signature_of_a_key_that_is_not_the_certificates() {
    let ca = Ca::new("Test CA");
    for (versions, version) in BOTH {
        let server = ServerSpec::new(Program::Nginx, &ca)
            .versions(versions)
            .start();
        let key = SoftKey::p256(&ca)
            .with_private_key_of(&SoftKey::p256(&ca))
            .share();
        let outcome = log_in(&server, &ca, &key, "");
        assert!(
            matches!(
                outcome.explanation,
                Some(Explanation::KeyFailed(KeyError::NotTheKeyOfTheCertificate))
            ),
            "{version}: {}",
            outcome.told()
        );
        assert_eq!(outcome.observation.signatures(), 0, "none left the card");
    }
}

#[test]
fn refuses_a_certificate_of_another_key_than_the_one_that_is_named() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let demand = probe("localhost", server.port(), &trust(&ca), PATIENCE).unwrap();
    let (one, two) = (
        ca.client("One", KeyKind::P256),
        ca.client("Two", KeyKind::P256),
    );
    let mixed = SoftKey::of(
        &Identity {
            certificate: one.certificate,
            key: two.key.clone(),
        },
        &[SignatureScheme::ECDSA_NISTP256_SHA256],
    )
    .naming_key_of(&SoftKey::of(&two, &[]))
    .share();
    let refused = client_config(&trust(&ca), mixed, &demand).unwrap_err();
    assert!(matches!(refused, ConfigError::KeyMismatch(_)), "{refused}");
}

#[test]
fn refuses_to_go_to_another_server_than_was_agreed_to() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let key = SoftKey::p256(&ca).share();
    let demand = probe("localhost", server.port(), &trust(&ca), PATIENCE).unwrap();
    let url = format!("https://127.0.0.1:{}/", server.port());
    let outcome = log_in_as_demanded(&url, &ca, &key, "", &demand);
    match &outcome.explanation {
        Some(Explanation::Server(fault)) => assert_eq!(
            **fault,
            ServerFault::NotTheServerAgreed {
                agreed: "localhost".into(),
                reached: "127.0.0.1".into()
            }
        ),
        _ => panic!("{}", outcome.told()),
    }
    assert_eq!(key.asked(), 0);
}

#[test]
fn refuses_a_card_whose_certificate_is_out_of_date() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let demand = probe("localhost", server.port(), &trust(&ca), PATIENCE).unwrap();
    let now = OffsetDateTime::now_utc();
    let of_days = |from: i64, until: i64| {
        let mut identity = ca.client("Old", KeyKind::P256);
        let spki = lichna_pki::Certificate::parse(&identity.certificate.der).unwrap();
        identity.certificate = ca.client_with(spki.spki_der(), "Old", |params| {
            params.not_before = now + Duration::days(from);
            params.not_after = now + Duration::days(until);
        });
        SoftKey::of(&identity, &[SignatureScheme::ECDSA_NISTP256_SHA256])
    };
    let expired = match_key(&demand, &of_days(-30, -1)).unwrap_err();
    let yesterday = (now - Duration::DAY).unix_timestamp();
    assert_eq!(
        expired,
        Mismatch::Expired {
            not_after: yesterday
        }
    );
    let early = match_key(&demand, &of_days(1, 30)).unwrap_err();
    assert!(matches!(early, Mismatch::NotYetValid { .. }), "{early}");
    assert!(match_key(&demand, &of_days(-1, 1)).is_ok());
}
