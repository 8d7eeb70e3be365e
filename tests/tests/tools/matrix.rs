//! Every program, every kind of card and key, either version of TLS: one question, one page.

use lichna_card::KeyAlgorithm;
use lichna_tests::approver::{Answers, Approver, Question};
use lichna_tests::ca::KeyKind;
use lichna_tests::programs::{P11KitServer, Program, Sshd, ssh, ssh_public_keys};
use lichna_tests::server::Versions;
use lichna_tests::until;
use lichna_tests::workspace::Output;

use crate::client::PIN;
use crate::desk::{Desk, assert_is_page, one_more, signatures};

#[test]
fn programs_log_in_with_a_piv_card_and_a_p256_key() {
    logs_in_everywhere(&Desk::piv(KeyKind::P256));
}

#[test]
fn programs_log_in_with_a_piv_card_and_a_p384_key() {
    logs_in_everywhere(&Desk::piv(KeyKind::P384));
}

#[test]
fn programs_log_in_with_a_piv_card_and_an_rsa_2048_key() {
    logs_in_everywhere(&Desk::piv(KeyKind::Rsa2048));
}

#[test]
fn programs_log_in_with_a_practice_card_and_a_p256_key() {
    logs_in_everywhere(&Desk::practice(KeyAlgorithm::EcP256));
}

#[test]
fn programs_log_in_with_a_practice_card_and_a_p384_key() {
    logs_in_everywhere(&Desk::practice(KeyAlgorithm::EcP384));
}

#[test]
fn programs_log_in_with_a_practice_card_and_an_rsa_2048_key() {
    logs_in_everywhere(&Desk::practice(KeyAlgorithm::Rsa2048));
}

#[test]
fn programs_log_in_with_a_practice_card_and_an_rsa_3072_key() {
    logs_in_everywhere(&Desk::practice(KeyAlgorithm::Rsa3072));
}

fn logs_in_everywhere(desk: &Desk) {
    let person = desk.holder();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = desk.server(versions);
        for program in Program::ALL {
            let what = format!("{program:?} {versions:?}");
            let times = signatures(program);
            let said = asked_once(desk, &person, (executable(program), times), || {
                desk.visit(program, &server).finish()
            });
            assert_is_page(&said, versions, &what);
        }
    }
    logs_in_by_ssh(desk, &person);
    assert_eq!(desk.tries_left(), 3);
}

fn logs_in_by_ssh(desk: &Desk, person: &Approver) {
    let before = person.answered().len();
    let keys = ssh_public_keys(&desk.provider, desk.folder()).finish();
    let keys = keys.success();
    assert_eq!(keys.lines().count(), 1, "{keys}");
    assert_eq!(person.answered().len(), before, "public keys are public");
    let sshd = Sshd::start(keys);
    let said = asked_once(desk, person, ("/usr/bin/ssh", 1), || {
        ssh(&desk.provider, &sshd, desk.folder()).finish()
    });
    let in_it = Sshd::is_greeting(&said.stdout);
    assert!(in_it, "{said:?}\n{}", sshd.log());
}

/// Each process is asked for by itself, although the server starts them all from one.
#[test]
fn programs_log_in_by_way_of_another_process_of_p11_kit() {
    let desk = Desk::piv(KeyKind::P256);
    let person = desk.holder();
    let remoting = P11KitServer::start(&desk.provider, desk.folder());
    let module = remoting.client();
    let server = desk.server(Versions::Tls13);
    for program in [Program::GnuTls, Program::Curl, Program::Java] {
        let what = format!("{program:?}");
        // Who has the module is p11-kit; which program it serves, it does not say.
        let said = asked_once(&desk, &person, ("/p11-kit", 1), || {
            desk.visit_with(program, &server, &module).finish()
        });
        assert_is_page(&said, Versions::Tls13, &what);
    }
}

/// Does something that is to ask the person for one PIN, in the name of that program, for so many
/// signatures.
fn asked_once(
    desk: &Desk,
    person: &Approver,
    (program, signatures): (&str, usize),
    work: impl FnOnce() -> Output,
) -> Output {
    let (asked, given) = (person.answered().len(), desk.pins_given());
    let result = work();
    assert!(
        person.answered().len() > asked || result.status.success(),
        "{program}: {result:?}"
    );
    let answered = one_more(person, asked, program);
    assert!(answered.asked.contains(&Question::Pin), "{program}");
    let executable = answered.request.requester.executable.unwrap_or_default();
    assert!(executable.contains(program), "{program}: {executable}");
    // It is named where the holder decides.
    assert!(answered.screen.contains(&executable), "{}", answered.screen);
    assert_eq!(desk.pins_given(), given + signatures, "{program}");
    result
}

fn executable(program: Program) -> &'static str {
    match program {
        Program::Curl => "/usr/bin/curl",
        Program::OpenSsl => "/usr/bin/openssl",
        Program::GnuTls => "/usr/bin/gnutls-cli",
        Program::Wget => "/usr/bin/wget",
        Program::Java => "/bin/java",
    }
}

/// What a program signs after the first, it signs by the holder's leave, or he is asked again.
#[test]
fn a_program_that_signs_twice_asks_twice_where_nothing_was_granted() {
    let desk = Desk::piv(KeyKind::P256);
    let person = Approver::new(desk.home(), Answers::pin(PIN));
    let server = desk.server(Versions::Tls13);
    let said = desk.visit(Program::Wget, &server).finish();
    assert_is_page(&said, Versions::Tls13, "wget");
    until("the person to be done", || person.pins_asked() == 2);
    assert_eq!(desk.pins_given(), 2);
}
