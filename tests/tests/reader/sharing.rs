//! The card shared with other programs.

use std::time::Instant;

use lichna_tests::applet::Applet;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::until;
use lichna_tests::vpicc::Card;

use crate::probe::Probe;
use crate::{ASK_PIV, LONG, SELECT_PIV, SHORT, VERIFY_PIV};

const READER: &str = "Test 00 00";
const LONG_MS: &str = "20000";
const SHORT_MS: &str = "600";

/// A service with a PIV card in its reader.
fn piv() -> (Pcscd, Card) {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test")]);
    let card = pcscd.reader(0).insert(Applet::piv());
    Probe::new(&pcscd).wait_for_card(true);
    (pcscd, card)
}

/// Asserts that the answer says that this process holds the card.
fn assert_held_by(answer: &str, other: &Probe) {
    assert!(answer.starts_with("error InUse"), "{answer}");
    let program = std::env::current_exe().unwrap();
    let holder = format!(
        "Holder {{ pid: {}, executable: Some({program:?}), name: {:?} }}",
        other.pid(),
        program.file_name().unwrap(),
    );
    assert!(answer.contains(&holder), "{answer} does not name {holder}");
}

#[test]
fn waits_for_another_programs_transaction_no_longer_than_the_deadline_and_names_it() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    ours.must(&["open", READER, LONG_MS]);
    other.begin(READER);
    let start = Instant::now();
    assert_held_by(&ours.ask(&["begin", SHORT_MS]), &other);
    assert!(start.elapsed() >= SHORT && start.elapsed() < LONG);
    // The same connection is good for the next try, and what was waited for in vain is let go.
    assert_held_by(&ours.ask(&["begin", SHORT_MS]), &other);
    other.must(&["finish", "keep"]);
    assert_eq!(ours.must(&["begin", LONG_MS]), "reset false");
    assert!(ours.apdu(SELECT_PIV).ends_with("9000"));
    ours.must(&["finish", "keep"]);
    other.must(&["begin", LONG_MS]);
}

#[test]
fn a_transaction_waited_for_in_vain_is_let_go_when_it_comes() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut first = Probe::new(&pcscd);
    let mut second = Probe::new(&pcscd);
    ours.must(&["open", READER, LONG_MS]);
    second.must(&["open", READER, LONG_MS]);
    first.begin(READER);
    ours.ask(&["begin", SHORT_MS]);
    first.must(&["finish", "keep"]);
    // Ours gets it now, and nobody there wants it.
    second.must(&["begin", LONG_MS]);
}

#[test]
fn gets_the_card_when_the_other_program_lets_go_in_time() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    ours.must(&["open", READER, LONG_MS]);
    other.begin(READER);
    ours.tell(&["begin", LONG_MS]);
    other.must(&["finish", "reset"]);
    assert_eq!(ours.answer(), "reset true");
}

#[test]
fn connects_no_longer_than_the_deadline_while_another_program_is_in_a_transaction() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    other.begin(READER);
    assert_held_by(&ours.ask(&["open", READER, SHORT_MS]), &other);
    other.must(&["finish", "keep"]);
    ours.must(&["open", READER, LONG_MS]);
}

#[test]
fn one_who_asks_in_vain_again_and_again_does_not_pile_up_threads() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    other.begin(READER);
    for _ in 0..12 {
        assert_held_by(&ours.ask(&["open", READER, "50"]), &other);
    }
    let waiting = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", ours.pid())).unwrap();
        tasks
            .filter(|task| {
                let name = task.as_ref().unwrap().path().join("comm");
                std::fs::read_to_string(name).is_ok_and(|name| name == "card\n")
            })
            .count()
    };
    assert_eq!(waiting(), 8);
    other.must(&["finish", "keep"]);
    until("the threads to end", || waiting() == 0);
    ours.must(&["open", READER, LONG_MS]);
}

#[test]
fn names_the_program_that_holds_the_card_alone() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    other.must(&["open-alone", READER]);
    assert_held_by(&ours.ask(&["open", READER, LONG_MS]), &other);
    other.must(&["close"]);
    ours.must(&["open", READER, LONG_MS]);
}

#[test]
fn names_all_other_clients_of_the_service_and_never_itself() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    ours.must(&["open", READER, LONG_MS]);
    // The connection with which the test found that the service is there may not be gone yet.
    until("nobody", || {
        ours.must(&["holders", READER]) == "complete true: "
    });
    let mut other = Probe::new(&pcscd);
    other.must(&["open", READER, LONG_MS]);
    let program = std::env::current_exe().unwrap();
    assert_eq!(
        ours.must(&["holders", READER]),
        format!(
            "complete true: {} {} {}",
            other.pid(),
            program.file_name().unwrap().display(),
            program.display()
        )
    );
}

#[test]
fn says_that_it_does_not_know_all_holders_when_another_user_is_among_them() {
    if !rustix::process::geteuid().is_root() {
        return; // There is no other user to be.
    }
    let (pcscd, _card) = piv();
    let mut nobody = Probe::of_another_user(&pcscd);
    let mut other = Probe::new(&pcscd);
    other.must(&["open", READER, LONG_MS]);
    assert_eq!(nobody.must(&["holders", READER]), "complete false: ");
}

#[test]
fn a_pin_verified_in_one_transaction_is_not_verified_in_the_next() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let verified = |ours: &mut Probe| {
        ours.must(&["begin", LONG_MS]);
        ours.apdu(SELECT_PIV);
        assert_eq!(ours.apdu(VERIFY_PIV), "9000");
        assert_eq!(ours.apdu(ASK_PIV), "9000");
    };
    let is_verified = |ours: &mut Probe| {
        // Our own reset is not somebody else's.
        assert_eq!(ours.must(&["begin", LONG_MS]), "reset false");
        ours.apdu(SELECT_PIV);
        let answer = ours.apdu(ASK_PIV);
        ours.must(&["finish", "keep"]);
        answer == "9000"
    };
    ours.must(&["open", READER, LONG_MS]);
    verified(&mut ours);
    ours.must(&["finish", "keep"]);
    assert!(is_verified(&mut ours), "the card forgets without a reset");
    verified(&mut ours);
    ours.must(&["finish", "reset"]);
    assert!(!is_verified(&mut ours));
    verified(&mut ours);
    ours.must(&["drop"]);
    assert!(!is_verified(&mut ours));
}

#[test]
fn a_program_that_is_killed_leaves_no_verified_pin() {
    let (pcscd, _card) = piv();
    let mut killed = Probe::new(&pcscd);
    killed.begin(READER);
    killed.apdu(SELECT_PIV);
    assert_eq!(killed.apdu(VERIFY_PIV), "9000");
    killed.kill();
    let mut ours = Probe::new(&pcscd);
    ours.begin(READER);
    ours.apdu(SELECT_PIV);
    assert_eq!(ours.apdu(ASK_PIV), "63c3");
}

#[test]
fn a_card_that_was_not_spoken_to_is_left_alone() {
    let (pcscd, _card) = piv();
    let mut ours = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    other.must(&["open", READER, LONG_MS]);
    ours.begin(READER);
    ours.must(&["drop"]);
    assert_eq!(other.must(&["begin", LONG_MS]), "reset false");
    other.must(&["finish", "keep"]);
    ours.must(&["begin", LONG_MS]);
    ours.apdu(SELECT_PIV);
    ours.must(&["drop"]);
    assert_eq!(other.must(&["begin", LONG_MS]), "reset true");
}
