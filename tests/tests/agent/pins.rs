//! A new PIN for the old one, a new PIN for the PUK. Req C.2.

use lichna_ipc::{Failure, PinState, Reply, Request};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::pinpad::Press;

use crate::client::{PIN, PUK, Person, WRONG, call};
use crate::stage::{HOLDER, Stage};

const NEW: &str = "868686";

fn change(stage: &Stage, person: &mut Person) -> Result<Reply, Failure> {
    let request = Request::PinChange {
        reader: None,
        pin: None,
    };
    call(&stage.home, request, person)
}

fn unblock(stage: &Stage, person: &mut Person) -> Result<Reply, Failure> {
    let request = Request::PinUnblock {
        reader: None,
        pin: None,
    };
    call(&stage.home, request, person)
}

fn pin_state(stage: &Stage) -> (PinState, Option<u8>) {
    let request = Request::PinStatus { reader: None };
    match call(&stage.home, request, &mut Person::nobody()) {
        Ok(Reply::PinStatus(pins)) => (pins[0].state, pins[0].tries_left),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pin_is_changed_and_the_new_one_logs_in() {
    let stage = Stage::piv();
    let server = stage.server();
    change(&stage, &mut Person::who_types(&[PIN, NEW])).unwrap();
    stage
        .login(&server, &mut Person::who_types(&[NEW]))
        .unwrap();
}

#[test]
fn a_wrong_old_pin_changes_nothing_and_locks_the_card() {
    let stage = Stage::piv();
    let failure = change(&stage, &mut Person::who_types(&[WRONG, NEW])).unwrap_err();
    assert_eq!(failure, Failure::WrongPin { tries_left: 2 });
    let mut person = Person::who_types(&[PIN, NEW]);
    let failure = change(&stage, &mut person).unwrap_err();
    assert_eq!(failure, Failure::PinLockedUntilReinserted);
    assert!(person.consents.is_empty());
    stage.reinsert();
    change(&stage, &mut Person::who_types(&[PIN, NEW])).unwrap();
}

#[test]
fn a_blocked_pin_is_unblocked_with_the_puk() {
    let stage = Stage::piv();
    let server = stage.server();
    for tries in 0..3 {
        let mut person = Person::who_types(&[WRONG]);
        person.spends_last_try = tries == 2;
        stage.login(&server, &mut person).unwrap_err();
        stage.reinsert();
    }
    assert_eq!(pin_state(&stage), (PinState::Blocked, Some(0)));
    unblock(&stage, &mut Person::who_types(&[PUK, NEW])).unwrap();
    assert_eq!(pin_state(&stage), (PinState::Ready, Some(3)));
    stage
        .login(&server, &mut Person::who_types(&[NEW]))
        .unwrap();
}

#[test]
fn a_wrong_puk_is_told() {
    let stage = Stage::piv();
    let failure = unblock(&stage, &mut Person::who_types(&["87654321", NEW])).unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::WrongPuk { .. } | Failure::WrongPukTriesUnknown
        ),
        "{failure:?}"
    );
}

#[test]
fn a_pin_that_the_card_does_not_take_costs_no_try() {
    let stage = Stage::piv();
    let server = stage.server();
    for bad in ["12345", "123456789"] {
        let failure = stage
            .login(&server, &mut Person::who_types(&[bad]))
            .unwrap_err();
        let limits = Failure::PinLength {
            shortest: 6,
            longest: 8,
        };
        assert_eq!(failure, limits);
    }
    assert_eq!(pin_state(&stage), (PinState::Ready, Some(3)));
}

#[test]
fn a_card_whose_puk_was_never_set_asks_for_none() {
    let stage = Stage::with(Making::new(Kind::OpenPgp), KeyKind::P256);
    let failure = unblock(&stage, &mut Person::who_types(&[PUK, NEW])).unwrap_err();
    // OpenPGP 3.4 §4.3.4: a resetting code that was never set has no tries left, either.
    assert_eq!(failure, Failure::PukBlocked);
}

#[test]
fn a_pin_is_changed_at_the_keypad() {
    let ca = Ca::new("Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::pinpad("Keypad"));
    let keypad = stage.pcscd.reader(0).keypad();
    let digits = |digits: &str| Press::Digits(digits.into());
    keypad.queue(&[digits(PIN), digits(NEW), digits(NEW)]);
    let mut person = Person {
        at_pinpad: true,
        ..Person::default()
    };
    change(&stage, &mut person).unwrap();
    let server = stage.server();
    keypad.queue(&[digits(NEW)]);
    stage.login(&server, &mut person).unwrap();
    keypad.queue(&[digits(NEW), digits(PIN), digits(WRONG)]);
    assert_eq!(change(&stage, &mut person), Err(Failure::PinsDiffer));
}
