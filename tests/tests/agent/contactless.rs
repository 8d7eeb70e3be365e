//! The states of a contactless card's PIN, each lived through. Req 15.1, 15.2, 15.3

use std::time::Duration;

use lichna_ipc::{
    CardState, ConsentRoute, Failure, FindingState, Genuineness, InterfaceKind, PaceState,
    PinState, Purpose, Reply, Request, SecretKind, Step,
};
use lichna_softcard::{Face, FirstPin, Inserted};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{CAN, NUMBER, PIN, PUK, PracticeCard, TRANSPORT_PIN};
use lichna_tests::vpicc::{Power, VirtualCard};
use zeroize::Zeroizing;

use crate::client::{Person, call};
use crate::radio::Radio;
use crate::stage::{HOLDER, Stage};

const NEW: &str = "868686";
const WRONG: &str = "654321";

fn ask(radio: &Radio, request: Request, person: &mut Person) -> Result<Reply, Failure> {
    call(&radio.stage.home, request, person)
}

fn pin_status() -> Request {
    Request::PinStatus { reader: None }
}

fn change() -> Request {
    Request::PinChange {
        reader: None,
        pin: None,
        consent: ConsentRoute::Caller,
    }
}

fn unblock() -> Request {
    Request::PinUnblock {
        reader: None,
        pin: None,
        consent: ConsentRoute::Caller,
    }
}

fn state(radio: &Radio, types: &[&'static str]) -> (PinState, Option<u8>) {
    match ask(radio, pin_status(), &mut Person::who_types(types)) {
        Ok(Reply::PinStatus(pins)) => (pins[0].state, pins[0].tries_left),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_card_tells_in_its_channel_is_shown_from_then_on() {
    let radio = Radio::new();
    let before = radio.card();
    assert_eq!(before.interface, InterfaceKind::Contactless);
    assert!(matches!(before.card, CardState::Known { .. }));
    assert_eq!(before.genuineness, Genuineness::NotChecked);
    let mut person = Person::who_types(&[CAN]);
    ask(&radio, Request::Certificates { reader: None }, &mut person).unwrap();
    assert_eq!(person.consents[0].purpose, Purpose::ReadCard);
    let after = radio.card();
    assert_eq!(after.number.as_deref(), Some(NUMBER));
    let pin = after.pin.unwrap();
    assert_eq!((pin.state, pin.tries_left), (PinState::Ready, Some(3)));
    // Once an insertion.
    ask(
        &radio,
        Request::Certificates { reader: None },
        &mut Person::nobody(),
    )
    .unwrap();
}

#[test]
fn a_pin_is_changed_over_one_channel() {
    let radio = Radio::new();
    let mut person = Person::who_types(&[CAN, PIN, NEW]);
    assert_eq!(ask(&radio, change(), &mut person), Ok(Reply::PinChanged));
    assert_eq!(radio.channels(), 1);
    radio.assert_silent_before_the_channel(&[CAN, PIN, NEW]);
    let server = radio.stage.server();
    radio
        .stage
        .login(&server, &mut Person::who_types(&[NEW]))
        .unwrap();
}

#[test]
fn a_blocked_pin_is_unblocked_with_the_puk_over_a_channel() {
    let radio = Radio::new();
    for tries_left in [2, 1] {
        let mut person = Person::who_types(&[CAN, WRONG, NEW]);
        let failure = ask(&radio, change(), &mut person).unwrap_err();
        assert_eq!(failure, Failure::WrongPin { tries_left });
        radio.stage.reinsert();
    }
    let mut person = Person::who_types(&[CAN, WRONG, NEW]);
    person.spends_last_try = true;
    let failure = ask(&radio, change(), &mut person).unwrap_err();
    assert_eq!(failure, Failure::PinBlocked);
    radio.stage.reinsert();
    assert_eq!(state(&radio, &[CAN]), (PinState::Blocked, Some(0)));
    let failure = ask(&radio, change(), &mut Person::nobody()).unwrap_err();
    assert_eq!(failure, Failure::PinBlocked);
    let mut person = Person::who_types(&[PUK, NEW]);
    assert_eq!(ask(&radio, unblock(), &mut person), Ok(Reply::PinUnblocked));
    assert_eq!(state(&radio, &[]), (PinState::Ready, Some(3)));
    radio.assert_silent_before_the_channel(&[CAN, PIN, PUK, NEW, WRONG]);
}

#[test]
fn a_wrong_puk_is_told_with_the_tries_left() {
    let radio = Radio::new();
    let mut person = Person::who_types(&[CAN, "87654321", NEW]);
    let failure = ask(&radio, unblock(), &mut person).unwrap_err();
    assert_eq!(failure, Failure::WrongPuk { tries_left: 9 });
}

#[test]
fn a_card_that_was_never_used_gets_its_first_pin_for_the_transport_pin() {
    let radio = Radio::on(Face::Contactless, |making| {
        making.pin = FirstPin::Transport(Zeroizing::new(TRANSPORT_PIN.to_owned()));
    });
    let server = radio.stage.server();
    let mut person = Person::who_types(&[CAN]);
    let failure = radio.stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::PinNotActivated);
    let mut person = Person::who_types(&[TRANSPORT_PIN, NEW]);
    assert_eq!(ask(&radio, change(), &mut person), Ok(Reply::PinChanged));
    assert_eq!(person.consents[0].purpose, Purpose::PinActivation);
    let kinds: Vec<_> = person.consents[0]
        .secrets
        .iter()
        .map(|one| one.kind)
        .collect();
    assert_eq!(kinds, [SecretKind::TransportPin, SecretKind::NewPin]);
    radio
        .stage
        .login(&server, &mut Person::who_types(&[NEW]))
        .unwrap();
}

#[test]
fn a_practice_card_proves_what_it_is_and_is_never_genuine() {
    let radio = Radio::new();
    let request = Request::CheckCard { reader: None };
    let mut person = Person::who_types(&[CAN]);
    let Ok(Reply::CardChecked(card)) = ask(&radio, request, &mut person) else {
        panic!("no answer");
    };
    // Its root is not one that the agent knows: it is in no folder of its own.
    assert_eq!(card.genuineness, Genuineness::NotProven);
    assert!(card.practice);
    assert!(card.genuineness_reason.is_some());
    assert_eq!(radio.card().genuineness, Genuineness::NotProven);
    let server = radio.stage.server();
    radio
        .stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
}

/// A card whose signed files were changed on their way.
struct Changed {
    card: Inserted,
    reads_dg14: bool,
}

impl VirtualCard for Changed {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power(&mut self, _power: Power) {
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let mut answer = self.card.answer(command).to_vec();
        match command[1] {
            0xA4 => self.reads_dg14 = command.windows(2).any(|id| id == [0x01, 0x0E]),
            // The last byte of the data, before the status word.
            0xB0 if self.reads_dg14 && answer.len() > 2 => {
                let last = answer.len() - 3;
                answer[last] ^= 1;
            }
            _ => {}
        }
        answer
    }
}

// Req 15.3
#[test]
fn nothing_is_done_with_a_card_that_proved_to_be_a_forgery() {
    let ca = Ca::new("Login Test CA");
    let file = PracticeCard::new();
    file.personalise(&ca, HOLDER);
    let card = Changed {
        card: file.open().insert(Face::Contact),
        reads_dg14: false,
    };
    let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Reader"));
    let request = Request::CheckCard { reader: None };
    let Ok(Reply::CardChecked(card)) = call(&stage.home, request, &mut Person::nobody()) else {
        panic!("no answer");
    };
    assert_eq!(card.genuineness, Genuineness::Forged);
    let reason = card.genuineness_reason.unwrap();
    let forged = Failure::CardForged {
        reader: card.reader,
        reason,
    };
    let server = stage.server();
    let commands = stage.card.commands();
    let mut person = Person::who_types(&[PIN]);
    let failure = stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, forged);
    for request in [pin_status(), change(), unblock()] {
        let failure = call(&stage.home, request, &mut person).unwrap_err();
        assert_eq!(failure, forged);
    }
    assert!(person.consents.is_empty());
    assert_eq!(stage.card.commands(), commands);
}

/// A wrong number makes the card slow; whoever waits is told why.
#[test]
fn whoever_waits_for_a_card_that_a_wrong_can_made_slow_is_told() {
    let radio = Radio::on(Face::Contactless, |making| {
        making.slow_down = Duration::from_millis(1500);
    });
    let mut person = Person::who_types(&["242424", CAN]);
    ask(&radio, pin_status(), &mut person).unwrap();
    assert!(person.consents[1].can_was_wrong);
    assert!(person.steps.contains(&Step::WaitForSlowCard));
}

#[test]
fn the_doctor_does_not_look_behind_the_channel_unasked() {
    let radio = Radio::new();
    let Ok(Reply::Doctor(findings)) = ask(&radio, Request::Doctor, &mut Person::nobody()) else {
        panic!("no answer");
    };
    let pin = findings.iter().find(|one| one.check == "pin").unwrap();
    assert_eq!(pin.state, FindingState::Skipped);
    assert!(matches!(
        pin.failure.as_deref(),
        Some(Failure::CanNeeded { .. })
    ));
    assert_eq!(radio.channels(), 0);
    state(&radio, &[CAN]);
    let Ok(Reply::Doctor(findings)) = ask(&radio, Request::Doctor, &mut Person::nobody()) else {
        panic!("no answer");
    };
    for check in ["certificate", "pin"] {
        let found = findings.iter().find(|one| one.check == check).unwrap();
        assert_eq!(found.state, FindingState::Good, "{findings:?}");
    }
    assert_eq!(radio.card().pace, PaceState::CanKnown);
}
