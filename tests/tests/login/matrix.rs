//! Every applet and key, every server, either version of TLS.

use lichna_ipc::Failure;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::server::{Program, ServerSpec, Versions};
use lichna_tests::workspace::Home;

use crate::client::{PIN, Person, agent, login};

const HOLDER: &str = "Иван Петров Иванов";

/// Logs in to all servers with one card.
fn logs_in_everywhere(kind: Kind, key: KeyKind) {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Login Reader")]);
    let ca = Ca::new("Login Test CA");
    let (applet, _) = Making::new(kind).personalised(key, &ca, HOLDER);
    let _card = pcscd.reader(0).insert(applet);
    let home = Home::new(&pcscd);
    let _agent = agent(&home);
    for program in [Program::Nginx, Program::OpenSsl, Program::Apache] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let server = ServerSpec::new(program, &ca).versions(versions).start();
            let mut person = Person::who_types(&[PIN]);
            let outcome = login(&home, &server.url(), &ca, &mut person);
            let what = format!("{kind:?} {key:?} {program:?} {versions:?}");
            if (kind, key, versions) == (Kind::OpenPgp, KeyKind::Rsa2048, Versions::Tls13) {
                // Such a card signs PKCS#1 v1.5 alone, which TLS 1.3 does not know.
                let Err(Failure::NothingInCommon { host, .. }) = outcome else {
                    panic!("{what}: {outcome:?}");
                };
                assert_eq!(host, "localhost");
                assert!(person.consents.is_empty(), "{what}: asked in vain");
                continue;
            }
            let outcome =
                outcome.unwrap_or_else(|failure| panic!("{what}: {failure:?}\n{}", server.log()));
            assert_eq!(outcome.status, 200, "{what}: {}", outcome.body);
            let version = match versions {
                Versions::Tls12 => "TLSv1.2",
                _ => "TLSv1.3",
            };
            assert_eq!(outcome.tls_version, version, "{what}");
            assert_eq!(person.consents.len(), 1, "{what}");
        }
    }
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
