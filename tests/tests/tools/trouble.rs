//! What can go wrong while a program waits for the card: it ends with an error, soon, and no try is
//! spent that the holder did not type; the next time all is well.

use lichna_tests::approver::{Answers, Approver};
use lichna_tests::ca::KeyKind;
use lichna_tests::programs::{P11KitServer, Program, Running, Sshd, ssh, ssh_public_keys};
use lichna_tests::server::{Server, Versions};
use lichna_tests::until;
use lichna_tests::workspace::Output;

use crate::client::{WRONG, agent, cards_are_read};
use crate::desk::{Desk, assert_is_page, one_more, signatures};

#[test]
fn curl_ends_well_whatever_happens() {
    client_ends_well(Program::Curl);
}

#[test]
fn openssl_ends_well_whatever_happens() {
    client_ends_well(Program::OpenSsl);
}

#[test]
fn gnutls_ends_well_whatever_happens() {
    client_ends_well(Program::GnuTls);
}

#[test]
fn wget_ends_well_whatever_happens() {
    client_ends_well(Program::Wget);
}

#[test]
fn java_ends_well_whatever_happens() {
    client_ends_well(Program::Java);
}

fn client_ends_well(program: Program) {
    let desk = Desk::piv(KeyKind::P256);
    // With TLS 1.3 a client learns late what the server thinks of its certificate.
    let server = desk.server(Versions::Tls12);
    ends_well(
        &desk,
        signatures(program),
        || desk.visit(program, &server),
        |said| said.stdout.contains("subject=CN="),
    );
}

#[test]
fn ssh_ends_well_whatever_happens() {
    let desk = Desk::piv(KeyKind::P256);
    let keys = ssh_public_keys(&desk.provider, desk.folder()).finish();
    let sshd = Sshd::start(keys.success());
    ends_well(
        &desk,
        1,
        || ssh(&desk.provider, &sshd, desk.folder()),
        |said| Sshd::is_greeting(&said.stdout),
    );
}

#[test]
fn a_program_behind_p11_kit_ends_well_whatever_happens() {
    let desk = Desk::piv(KeyKind::P256);
    let server = desk.server(Versions::Tls12);
    let remoting = P11KitServer::start(&desk.provider, desk.folder());
    let module = remoting.client();
    ends_well(
        &desk,
        1,
        || desk.visit_with(Program::GnuTls, &server, &module),
        |said| said.stdout.contains("subject=CN="),
    );
}

/// All of it, one after the other, each with a new process, which signs so often where all is well.
fn ends_well(
    desk: &Desk,
    signatures: usize,
    start: impl Fn() -> Running,
    is_in: impl Fn(&Output) -> bool,
) {
    let person = desk.holder();
    let works = |when: &str| {
        let (asked, given) = (person.answered().len(), desk.pins_given());
        let said = start().finish();
        assert!(is_in(&said), "{when}: {said:?}");
        one_more(&person, asked, when);
        assert_eq!(desk.pins_given(), given + signatures, "{when}");
        assert_eq!(desk.tries_left(), 3, "{when}");
    };
    let fails = |mut running: Running, when: &str| {
        // Long before the time is over that a person has.
        until("the program to end", || running.has_ended());
        let said = running.finish();
        assert!(!is_in(&said), "{when}: {said:?}");
    };

    // The holder says no. He is not asked again for the same.
    let (asked, given) = (person.answered().len(), desk.pins_given());
    person.once(Answers::refuses());
    fails(start(), "refused");
    one_more(&person, asked, "refused");
    assert_eq!(desk.pins_given(), given, "refused");
    assert_eq!(desk.tries_left(), 3, "refused");
    works("after he refused");

    // The card is pulled while he reads.
    let given = desk.pins_given();
    let waiting = asks_and_waits(&person, &start);
    desk.stage.card.remove();
    fails(waiting, "pulled");
    cards_are_read(desk.home(), 0);
    desk.stage.card.insert();
    cards_are_read(desk.home(), 1);
    assert_eq!(desk.pins_given(), given, "pulled");
    works("with the card put in again");

    // The agent dies while he reads.
    let given = desk.pins_given();
    let waiting = asks_and_waits(&person, &start);
    desk.home().kill_agent();
    fails(waiting, "without an agent");
    let _agent = agent(desk.home());
    cards_are_read(desk.home(), 1);
    assert_eq!(desk.pins_given(), given, "without an agent");
    works("with another agent");

    // The wrong PIN costs the one try that it was typed for, and nobody is asked for another while
    // the card stays in.
    let (asked, given) = (person.answered().len(), desk.pins_given());
    person.once(Answers::pin(WRONG));
    fails(start(), "wrong PIN");
    one_more(&person, asked, "wrong PIN");
    fails(start(), "after the wrong PIN");
    one_more(&person, asked, "after the wrong PIN");
    assert_eq!(desk.pins_given(), given + 1, "wrong PIN");
    assert_eq!(desk.tries_left(), 2, "wrong PIN");
    desk.stage.reinsert();
    works("with the right PIN");
}

/// A program that waits for a person who does not answer.
fn asks_and_waits(person: &Approver, start: impl Fn() -> Running) -> Running {
    let asked = person.answered().len();
    person.once(Answers::leaves_it());
    let mut running = start();
    until("the program to ask", || {
        assert!(!running.has_ended(), "the program ended and asked nothing");
        person.answered().len() > asked
    });
    running
}

/// Another program is asked for by itself, at the same time.
#[test]
fn two_programs_at_once_are_asked_for_one_after_the_other() {
    let desk = Desk::piv(KeyKind::P256);
    let server = desk.server(Versions::Tls13);
    let person = desk.holder();
    let visit = |server: &Server| desk.visit(Program::Curl, server);
    let running: Vec<Running> = (0..2).map(|_| visit(&server)).collect();
    for running in running {
        assert_is_page(&running.finish(), Versions::Tls13, "one of two");
    }
    until("the person to be done", || person.pins_asked() == 2);
    assert_eq!(desk.pins_given(), 2);
}
