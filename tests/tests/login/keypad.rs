//! The PIN typed at the reader's own keypad: the computer never sees it. Req 27.3.3.

use lichna_ipc::{Failure, PinEntry, Step};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::pinpad::Press;

use crate::client::{PIN, Person, WRONG};
use crate::stage::{HOLDER, Stage};

fn stage() -> Stage {
    let ca = Ca::new("Login Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    Stage::with_card(applet, ca, &ReaderSpec::pinpad("Login Keypad"))
}

fn agrees() -> Person {
    Person {
        at_pinpad: true,
        ..Person::default()
    }
}

#[test]
fn a_pin_typed_at_the_keypad_logs_in() {
    let stage = stage();
    let server = stage.server();
    stage
        .pcscd
        .reader(0)
        .keypad()
        .queue(&[Press::Digits(PIN.into())]);
    let mut person = agrees();
    let outcome = stage.login(&server, &mut person).unwrap();
    assert_eq!(outcome.status, 200);
    assert_eq!(person.consents[0].entry, PinEntry::Pinpad);
    assert!(person.consents[0].secrets.is_empty());
    assert!(person.steps.contains(&Step::TypeAtReader));
    assert_eq!(outcome.apdus_after_pin, 3);
}

#[test]
fn cancel_at_the_keypad_ends_the_login() {
    let stage = stage();
    let server = stage.server();
    stage.pcscd.reader(0).keypad().queue(&[Press::Cancel]);
    let outcome = stage.login(&server, &mut agrees());
    assert_eq!(outcome.unwrap_err(), Failure::Cancelled);
}

#[test]
fn nobody_at_the_keypad_ends_the_login() {
    let stage = stage();
    let server = stage.server();
    stage.pcscd.reader(0).keypad().queue(&[Press::TimeOut]);
    let outcome = stage.login(&server, &mut agrees());
    assert_eq!(outcome.unwrap_err(), Failure::PromptTimeout);
}

#[test]
fn a_wrong_pin_at_the_keypad_is_told_and_another_may_be_typed_there() {
    let stage = stage();
    let server = stage.server();
    let keypad = stage.pcscd.reader(0).keypad();
    keypad.queue(&[Press::Digits(WRONG.into())]);
    let outcome = stage.login(&server, &mut agrees());
    assert_eq!(outcome.unwrap_err(), Failure::WrongPin { tries_left: 2 });
    keypad.queue(&[Press::Digits(PIN.into())]);
    stage.login(&server, &mut agrees()).unwrap();
}
