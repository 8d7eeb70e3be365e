//! Every applet and key, every server, either version of TLS.

use lichna_card::KeyAlgorithm;
use lichna_ipc::{Failure, LoginOutcome};
use lichna_softcard::Face;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{CAN, IDENTIFICATION_A, PracticeCard};
use lichna_tests::server::{Program, Server, ServerSpec, Versions};
use lichna_tests::workspace::Home;

use crate::client::{PIN, Person, agent, login};
use crate::stage::Stage;

const HOLDER: &str = "Иван Петров Иванов";

/// Every server with either version of TLS.
fn each_server(ca: &Ca, mut with: impl FnMut(&Server, Versions, String)) {
    for program in [Program::Nginx, Program::OpenSsl, Program::Apache] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let server = ServerSpec::new(program, ca).versions(versions).start();
            with(&server, versions, format!("{program:?} {versions:?}"));
        }
    }
}

fn assert_logged_in(
    outcome: Result<LoginOutcome, Failure>,
    (server, versions, what): (&Server, Versions, &str),
) {
    let outcome = outcome.unwrap_or_else(|failure| panic!("{what}: {failure:?}\n{}", server.log()));
    assert_eq!(outcome.status, 200, "{what}: {}", outcome.body);
    let version = match versions {
        Versions::Tls12 => "TLSv1.2",
        _ => "TLSv1.3",
    };
    assert_eq!(outcome.tls_version, version, "{what}");
}

/// Logs in to all servers with one card.
fn logs_in_everywhere(kind: Kind, key: KeyKind) {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Login Reader")]);
    let ca = Ca::new("Login Test CA");
    let (applet, _) = Making::new(kind).personalised(key, &ca, HOLDER);
    let _card = pcscd.reader(0).insert(applet);
    let home = Home::new(&pcscd);
    let _agent = agent(&home);
    each_server(&ca, |server, versions, what| {
        let mut person = Person::who_types(&[PIN]);
        let outcome = login(&home, &server.url(), &ca, &mut person);
        if (kind, key, versions) == (Kind::OpenPgp, KeyKind::Rsa2048, Versions::Tls13) {
            // Such a card signs PKCS#1 v1.5 alone, which TLS 1.3 does not know.
            let Err(Failure::NothingInCommon { host, .. }) = outcome else {
                panic!("{what}: {outcome:?}");
            };
            assert_eq!(host, "localhost");
            assert!(person.consents.is_empty(), "{what}: asked in vain");
            return;
        }
        assert_logged_in(outcome, (server, versions, &what));
        assert_eq!(person.consents.len(), 1, "{what}");
    });
}

/// The same over PACE: the CAN is asked for once, then the PIN each time. Req 15.2.
fn logs_in_everywhere_over_the_radio(algorithm: KeyAlgorithm) {
    let ca = Ca::new("Login Test CA");
    let file = PracticeCard::new();
    file.personalise_key(IDENTIFICATION_A, algorithm, &ca, HOLDER);
    let card = file.open().insert(Face::Contactless);
    let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Radio Reader"));
    let mut secrets = &[CAN, PIN][..];
    each_server(&stage.ca, |server, versions, what| {
        let mut person = Person::who_types(secrets);
        let outcome = stage.login(server, &mut person);
        assert_logged_in(outcome, (server, versions, &what));
        assert_eq!(person.consents.len(), secrets.len(), "{what}");
        secrets = &[PIN];
    });
}

#[test]
fn a_piv_card_with_a_p256_key_logs_in_everywhere() {
    logs_in_everywhere(Kind::Piv, KeyKind::P256);
}

#[test]
fn a_piv_card_with_a_p384_key_logs_in_everywhere() {
    logs_in_everywhere(Kind::Piv, KeyKind::P384);
}

#[test]
fn a_piv_card_with_an_rsa_key_logs_in_everywhere() {
    logs_in_everywhere(Kind::Piv, KeyKind::Rsa2048);
}

#[test]
fn an_openpgp_card_with_a_p256_key_logs_in_everywhere() {
    logs_in_everywhere(Kind::OpenPgp, KeyKind::P256);
}

#[test]
fn an_openpgp_card_with_a_p384_key_logs_in_everywhere() {
    logs_in_everywhere(Kind::OpenPgp, KeyKind::P384);
}

#[test]
fn an_openpgp_card_with_an_rsa_key_logs_in_except_where_pkcs1_is_unknown() {
    logs_in_everywhere(Kind::OpenPgp, KeyKind::Rsa2048);
}

#[test]
fn a_practice_card_with_a_p256_key_logs_in_everywhere_over_the_radio() {
    logs_in_everywhere_over_the_radio(KeyAlgorithm::EcP256);
}

#[test]
fn a_practice_card_with_a_p384_key_logs_in_everywhere_over_the_radio() {
    logs_in_everywhere_over_the_radio(KeyAlgorithm::EcP384);
}

#[test]
fn a_practice_card_with_an_rsa_2048_key_logs_in_everywhere_over_the_radio() {
    logs_in_everywhere_over_the_radio(KeyAlgorithm::Rsa2048);
}

#[test]
fn a_practice_card_with_an_rsa_3072_key_logs_in_everywhere_over_the_radio() {
    logs_in_everywhere_over_the_radio(KeyAlgorithm::Rsa3072);
}
