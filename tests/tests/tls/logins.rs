//! Who logs in.

use lichna_tests::{
    ca::{Ca, KeyKind},
    server::{Asks, Program, ServerSpec, Versions},
};
use lichna_tls::{SignatureScheme, Version, client_config};

use crate::{
    log_in, log_in_as_demanded,
    soft_key::{NAME, SoftKey},
    trust,
};

const PSS: SignatureScheme = SignatureScheme::RSA_PSS_SHA256;
const PKCS1: SignatureScheme = SignatureScheme::RSA_PKCS1_SHA256;

/// Every kind of key that can be used with the version, at every server.
fn every_key_logs_in(program: Program, versions: Versions, version: Version) {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(program, &ca).versions(versions).start();
    let mut keys = vec![
        (KeyKind::P256, SignatureScheme::ECDSA_NISTP256_SHA256),
        (KeyKind::P384, SignatureScheme::ECDSA_NISTP384_SHA384),
        (KeyKind::Rsa2048, PSS),
    ];
    if version == Version::Tls12 {
        keys.push((KeyKind::Rsa2048, PKCS1));
    }
    for (kind, scheme) in keys {
        let key = SoftKey::new(&ca, kind, &[scheme]).share();
        let outcome = log_in(&server, &ca, &key, "");
        assert_eq!(outcome.status, Some(200), "{scheme:?}: {}", outcome.told());
        // nginx and s_server write what is not ASCII as its bytes in hexadecimal.
        let escaped = outcome.body.replace("\\x", "\\");
        let sees =
            outcome.body.contains(NAME) || escaped.contains("\\D0\\98\\D0\\B2\\D0\\B0\\D0\\BD");
        assert!(sees, "{scheme:?}: {}", outcome.body);
        assert_eq!(outcome.observation.scheme(), Some(scheme));
        assert_eq!(outcome.observation.version(), Some(version));
        assert_eq!((outcome.observation.signatures(), key.asked()), (1, 1));
        assert!(outcome.explanation.is_none(), "{}", outcome.told());
    }
}

/// Such certificates are on cards that were personalised by hand.
#[test]
fn a_certificate_of_version_1_logs_in() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::OpenSsl, &ca).start();
    let identity = ca.client_of_version_1(NAME);
    let key = SoftKey::of(&identity, &[SignatureScheme::ECDSA_NISTP256_SHA256]).share();
    let outcome = log_in(&server, &ca, &key, "");
    assert_eq!(outcome.status, Some(200), "{}", outcome.told());
    assert_eq!(key.asked(), 1);
}

#[test]
fn every_key_logs_in_to_nginx_with_tls_12() {
    every_key_logs_in(Program::Nginx, Versions::Tls12, Version::Tls12);
}

#[test]
fn every_key_logs_in_to_nginx_with_tls_13() {
    every_key_logs_in(Program::Nginx, Versions::Tls13, Version::Tls13);
}

#[test]
fn every_key_logs_in_to_openssl_with_tls_12() {
    every_key_logs_in(Program::OpenSsl, Versions::Tls12, Version::Tls12);
}

#[test]
fn every_key_logs_in_to_openssl_with_tls_13() {
    every_key_logs_in(Program::OpenSsl, Versions::Tls13, Version::Tls13);
}

#[test]
fn every_key_logs_in_to_apache_with_tls_12() {
    every_key_logs_in(Program::Apache, Versions::Tls12, Version::Tls12);
}

#[test]
fn every_key_logs_in_to_apache_with_tls_13() {
    every_key_logs_in(Program::Apache, Versions::Tls13, Version::Tls13);
}

#[test]
fn prefers_tls_13_which_hides_the_certificate() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let outcome = log_in(&server, &ca, &SoftKey::p256(&ca).share(), "");
    assert_eq!(outcome.observation.version(), Some(Version::Tls13));
}

#[test]
fn a_card_with_pkcs1_only_gets_tls_12_where_the_server_has_it() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let key = SoftKey::new(&ca, KeyKind::Rsa2048, &[PKCS1]).share();
    let outcome = log_in(&server, &ca, &key, "");
    assert_eq!(outcome.status, Some(200), "{}", outcome.told());
    assert_eq!(outcome.observation.version(), Some(Version::Tls12));
    assert_eq!(outcome.observation.scheme(), Some(PKCS1));
}

#[test]
fn takes_the_dearest_scheme_that_the_server_takes_too() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::OpenSsl, &ca)
        .versions(Versions::Tls12)
        .client_schemes("RSA+SHA256")
        .start();
    let key = SoftKey::new(&ca, KeyKind::Rsa2048, &[PSS, PKCS1]).share();
    let outcome = log_in(&server, &ca, &key, "");
    assert_eq!(outcome.status, Some(200), "{}", outcome.told());
    assert_eq!(outcome.observation.scheme(), Some(PKCS1));
}

#[test]
fn each_connection_takes_a_signature_of_its_own() {
    let ca = Ca::new("Test CA");
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = ServerSpec::new(Program::Nginx, &ca)
            .versions(versions)
            .start();
        let key = SoftKey::p256(&ca).share();
        let demand =
            lichna_tls::probe("localhost", server.port(), &trust(&ca), crate::PATIENCE).unwrap();
        let (config, observation) = client_config(&trust(&ca), key.clone(), &demand).unwrap();
        for signatures in 1..=2 {
            let client = reqwest::Client::builder()
                .tls_backend_preconfigured(config.clone())
                .no_proxy()
                .build()
                .unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(client.get(server.url()).send()).unwrap();
            assert_eq!(observation.signatures(), signatures, "nothing was resumed");
        }
    }
}

#[test]
fn asks_no_card_where_no_certificate_is_asked_for() {
    let ca = Ca::new("Test CA");
    let server = ServerSpec::new(Program::Nginx, &ca)
        .asks(Asks::Never)
        .start();
    let key = SoftKey::p256(&ca).share();
    let demand =
        lichna_tls::probe("localhost", server.port(), &trust(&ca), crate::PATIENCE).unwrap();
    assert!(demand.request.is_none());
    let outcome = log_in_as_demanded(&server.url(), &ca, &key, "", &demand);
    assert_eq!(outcome.status, Some(200), "{}", outcome.told());
    assert_eq!(key.asked(), 0);
    assert!(
        matches!(
            outcome.explanation,
            Some(lichna_tls::Explanation::NeverAsked)
        ),
        "{}",
        outcome.told()
    );
}
