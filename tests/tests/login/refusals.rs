//! Logins that cannot be, and what is said of them. Nobody is asked for a PIN that leads nowhere.

use lichna_ipc::Failure;
use lichna_tests::applet::{Applet, Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::server::{Asks, Program, ServerSpec, Versions};

use crate::client::{self, PIN, Person, WRONG};
use crate::stage::{HOLDER, Stage};

/// The failure of a login that asks nobody anything.
fn fails_unasked(stage: &Stage, url: &str, ca: &Ca) -> Failure {
    let mut person = Person::who_types(&[PIN]);
    let failure = client::login(&stage.home, url, ca, &mut person).unwrap_err();
    assert!(person.consents.is_empty(), "asked in vain: {failure:?}");
    failure
}

#[test]
fn explains_a_server_that_asks_for_the_certificate_only_after_the_handshake() {
    let stage = Stage::piv();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = ServerSpec::new(Program::Apache, &stage.ca)
            .asks(Asks::Late)
            .versions(versions)
            .start();
        let failure = fails_unasked(&stage, &format!("{}late/", server.url()), &stage.ca);
        let host = "localhost".to_owned();
        assert_eq!(failure, Failure::ServerAsksLate { host }, "{versions:?}");
    }
}

#[test]
fn explains_a_server_that_asks_for_no_certificate() {
    let stage = Stage::piv();
    let server = ServerSpec::new(Program::Nginx, &stage.ca)
        .asks(Asks::Never)
        .start();
    let host = "localhost".to_owned();
    assert_eq!(
        fails_unasked(&stage, &server.url(), &stage.ca),
        Failure::ServerAsksNothing { host }
    );
}

#[test]
fn refuses_a_server_whose_certificate_is_not_trusted() {
    let stage = Stage::piv();
    let server = stage.server();
    let stranger = Ca::new("Another CA");
    let failure = fails_unasked(&stage, &server.url(), &stranger);
    assert!(
        matches!(failure, Failure::ServerNotTrusted { .. }),
        "{failure:?}"
    );
}

#[test]
fn explains_a_card_that_offers_nothing_the_server_takes() {
    let stage = Stage::piv();
    let server = ServerSpec::new(Program::OpenSsl, &stage.ca)
        .client_schemes("rsa_pss_rsae_sha256:ecdsa_secp384r1_sha384")
        .start();
    let failure = fails_unasked(&stage, &server.url(), &stage.ca);
    let Failure::NothingInCommon { card, server, .. } = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(card, "ecdsa_secp256r1_sha256");
    assert!(server.contains("rsa_pss_rsae_sha256"), "{server}");
}

#[test]
fn explains_a_server_that_refuses_the_certificate() {
    let stage = Stage::piv();
    let stranger = Ca::new("Another CA");
    for program in [Program::Nginx, Program::OpenSsl, Program::Apache] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let server = ServerSpec::new(program, &stage.ca)
                .accepts(&stranger)
                .versions(versions)
                .start();
            let mut person = Person::who_types(&[PIN]);
            let failure = stage.login(&server, &mut person).unwrap_err();
            assert!(
                matches!(failure, Failure::ServerRefusedCertificate { .. }),
                "{program:?} {versions:?}: {failure:?}"
            );
            // The holder was told that the server names other issuers.
            let lichna_ipc::Purpose::Login { server } = &person.consents[0].purpose else {
                panic!("{:?}", person.consents);
            };
            assert!(server.issuer_not_named, "{program:?}");
        }
    }
}

#[test]
fn explains_a_server_that_is_not_there() {
    let stage = Stage::piv();
    let port = lichna_tests::ports::Ports::take(1);
    let url = format!("https://localhost:{}/", port.first());
    let failure = fails_unasked(&stage, &url, &stage.ca);
    assert!(
        matches!(failure, Failure::ServerUnreachable { .. }),
        "{failure:?}"
    );
    let failure = fails_unasked(&stage, "https://no-such-name.invalid/", &stage.ca);
    assert!(
        matches!(failure, Failure::ServerNameUnknown { .. }),
        "{failure:?}"
    );
}

#[test]
fn refuses_a_certificate_whose_key_is_not_on_the_card() {
    let ca = Ca::new("Login Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let (_, others) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, "Somebody Else");
    let applet = applet.with_certificate(Kind::Piv, &others.der);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::vpcd("Login Reader"));
    let server = stage.server();
    let failure = stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap_err();
    assert_eq!(
        failure,
        Failure::CertificateKeyMismatch { key: "9A".into() }
    );
}

#[test]
fn refuses_a_card_without_a_certificate() {
    let stage = Stage::with_card(
        Applet::piv(),
        Ca::new("Login Test CA"),
        &ReaderSpec::vpcd("Login Reader"),
    );
    let server = stage.server();
    assert_eq!(
        fails_unasked(&stage, &server.url(), &stage.ca),
        Failure::CertificateMissing { key: "9A".into() }
    );
}

// Req C.2
#[test]
fn takes_no_second_pin_until_the_card_was_reinserted() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut person = Person::who_types(&[WRONG]);
    let failure = stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::WrongPin { tries_left: 2 });
    assert_eq!(person.consents[0].tries_left, Some(3));
    // Even the right one: a program that guesses gets one guess.
    assert_eq!(
        fails_unasked(&stage, &server.url(), &stage.ca),
        Failure::PinLockedUntilReinserted
    );
    stage.reinsert();
    let mut person = Person::who_types(&[PIN]);
    stage.login(&server, &mut person).unwrap();
    assert_eq!(person.consents[0].tries_left, Some(2));
}

// Req C.2
#[test]
fn stops_before_the_last_pin_try() {
    let stage = Stage::piv();
    let server = stage.server();
    for tries_left in [2, 1] {
        let failure = stage
            .login(&server, &mut Person::who_types(&[WRONG]))
            .unwrap_err();
        assert_eq!(failure, Failure::WrongPin { tries_left });
        stage.reinsert();
    }
    let mut person = Person::who_types(&[PIN]);
    let failure = stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::LastTryRefused);
    assert_eq!(person.consents[0].tries_left, Some(1));
    // The try is still there for a holder who says that he wants to spend it.
    let mut person = Person::who_types(&[PIN]);
    person.spends_last_try = true;
    stage.login(&server, &mut person).unwrap();
}

#[test]
fn says_before_asking_that_the_pin_is_blocked() {
    let stage = Stage::piv();
    let server = stage.server();
    for _ in 0..2 {
        stage
            .login(&server, &mut Person::who_types(&[WRONG]))
            .unwrap_err();
        stage.reinsert();
    }
    let mut person = Person::who_types(&[WRONG]);
    person.spends_last_try = true;
    assert_eq!(
        stage.login(&server, &mut person).unwrap_err(),
        Failure::PinBlocked
    );
    stage.reinsert();
    assert_eq!(
        fails_unasked(&stage, &server.url(), &stage.ca),
        Failure::PinBlocked
    );
}

#[test]
fn refuses_what_is_no_https_address() {
    let stage = Stage::piv();
    for url in ["http://localhost/", "localhost", "https://me@localhost/"] {
        let failure = fails_unasked(&stage, url, &stage.ca);
        assert_eq!(failure, Failure::UrlInvalid { url: url.into() });
    }
}
