//! Logins with a contactless card that wants a secure channel. Req 15.1, 15.2, 15.3

use lichna_ipc::{Failure, PaceState, Purpose, SecretKind, Step};
use lichna_softcard::{Face, Inserted};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{CAN, PIN, PracticeCard};
use lichna_tests::vpicc::{Power, VirtualCard};

use crate::client::Person;
use crate::radio::{self, Radio};
use crate::stage::{HOLDER, Stage};

const WRONG_CAN: &str = "242424";
const WRONG_PIN: &str = "654321";
const HELPER: &str = "contactless::helper_speaks_in_the_clear";

#[test]
#[ignore = "a process of the tests below"]
fn helper_speaks_in_the_clear() {
    radio::speak_in_the_clear();
}

const RESETS: &str = "contactless::helper_resets_the_card";

#[test]
#[ignore = "a process of the tests below"]
fn helper_resets_the_card() {
    radio::reset();
}

// Req 15.2
#[test]
fn nothing_but_card_access_and_pace_goes_to_the_card_before_the_channel() {
    let radio = Radio::new();
    let card = radio.card();
    assert_eq!(card.pace, PaceState::NeedsCan);
    assert!(card.practice);
    assert_eq!((card.number, card.pin), (None, None));
    let server = radio.stage.server();
    let mut person = Person::who_types(&[CAN, PIN]);
    let outcome = radio.stage.login(&server, &mut person).unwrap();
    assert_eq!(outcome.status, 200);
    assert!(person.steps.contains(&Step::OpenChannel));
    let kinds: Vec<_> = person
        .consents
        .iter()
        .map(|consent| consent.secrets[0].kind)
        .collect();
    assert_eq!(kinds, [SecretKind::Can, SecretKind::Pin]);
    // Whoever gives the number knows for which server.
    let Purpose::Login { server } = &person.consents[0].purpose else {
        panic!("{:?}", person.consents);
    };
    assert_eq!(server.host, "localhost");
    assert_eq!(person.consents[1].tries_left, Some(3));
    radio.assert_silent_before_the_channel(&[CAN, PIN]);
    assert_eq!(radio.card().pace, PaceState::CanKnown);
}

#[test]
fn a_login_costs_one_channel_and_two_commands_after_the_pin() {
    let radio = Radio::new();
    let server = radio.stage.server();
    let first = radio
        .stage
        .login(&server, &mut Person::who_types(&[CAN, PIN]))
        .unwrap();
    assert_eq!(first.apdus_after_pin, 2);
    assert_eq!(radio.channels(), 1);
    // PACE 5, SELECT, the tries left; then VERIFY and the signature.
    let second = radio
        .stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
    assert_eq!((second.apdus, second.apdus_after_pin), (9, 2));
    assert_eq!(radio.channels(), 2);
}

// Req 15.3
#[test]
fn a_wrong_can_is_asked_again_and_spends_no_try() {
    let radio = Radio::new();
    let server = radio.stage.server();
    let mut person = Person::who_types(&[WRONG_CAN, CAN, PIN]);
    radio.stage.login(&server, &mut person).unwrap();
    let was_wrong: Vec<_> = person
        .consents
        .iter()
        .map(|one| one.can_was_wrong)
        .collect();
    assert_eq!(was_wrong, [false, true, false]);
    assert_eq!(person.consents[2].tries_left, Some(3));
}

#[test]
fn a_can_that_stays_wrong_ends_the_login() {
    let radio = Radio::new();
    let server = radio.stage.server();
    let mut person = Person::who_types(&[WRONG_CAN, WRONG_CAN, WRONG_CAN, CAN]);
    let failure = radio.stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::WrongCan);
    assert_eq!(person.consents.len(), 3);
    // Whoever has one number only is told that it was wrong.
    let mut person = Person::who_types(&[WRONG_CAN]);
    let failure = radio.stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::WrongCan);
}

#[test]
fn the_can_is_asked_again_when_the_card_was_taken_out() {
    let radio = Radio::new();
    let server = radio.stage.server();
    radio
        .stage
        .login(&server, &mut Person::who_types(&[CAN, PIN]))
        .unwrap();
    radio.stage.reinsert();
    assert_eq!(radio.card().pace, PaceState::NeedsCan);
    radio
        .stage
        .login(&server, &mut Person::who_types(&[CAN, PIN]))
        .unwrap();
}

/// The wrong PIN that would suspend it is announced; then the number on the card is wanted before
/// the last try, which is over the radio always so; and the last try is the holder's.
// Req 15.2
#[test]
fn a_wrong_pin_that_would_suspend_is_announced_and_the_last_try_is_the_holders() {
    let radio = Radio::new();
    let server = radio.stage.server();
    for (tries_left, suspends) in [(3, false), (2, true)] {
        let mut person = Person::who_types(&[CAN, WRONG_PIN]);
        let failure = radio.stage.login(&server, &mut person).unwrap_err();
        let tries = tries_left - 1;
        assert_eq!(failure, Failure::WrongPin { tries_left: tries });
        assert_eq!(person.consents[1].tries_left, Some(tries_left));
        assert_eq!(person.consents[1].wrong_suspends, suspends);
        radio.stage.reinsert();
    }
    let mut person = Person::who_types(&[CAN, PIN]);
    let failure = radio.stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::LastTryRefused);
    let mut person = Person::who_types(&[PIN]);
    person.spends_last_try = true;
    radio.stage.login(&server, &mut person).unwrap();
    radio.assert_silent_before_the_channel(&[CAN, PIN, WRONG_PIN]);
}

/// With contacts a suspended PIN has its card asked for the number, too.
#[test]
fn with_contacts_the_can_is_asked_when_the_pin_is_suspended() {
    let radio = Radio::on(Face::Contact, |_| ());
    let server = radio.stage.server();
    assert_eq!(radio.card().pace, PaceState::NotNeeded);
    for _ in 0..2 {
        let mut person = Person::who_types(&[WRONG_PIN]);
        radio.stage.login(&server, &mut person).unwrap_err();
        radio.stage.reinsert();
    }
    let mut person = Person::who_types(&[CAN, PIN]);
    person.spends_last_try = true;
    radio.stage.login(&server, &mut person).unwrap();
    assert_eq!(person.consents[0].secrets[0].kind, SecretKind::Can);
    assert_eq!(person.consents[1].tries_left, Some(1));
}

#[test]
fn with_contacts_a_login_costs_three_commands() {
    let radio = Radio::on(Face::Contact, |_| ());
    let server = radio.stage.server();
    let outcome = radio
        .stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
    assert_eq!(outcome.apdus_after_pin, 3);
}

/// A plain command, or a reset, ends the channel on the card. The agent opens one more, asks the
/// tries left where a PIN had gone out, and goes on: no try was spent.
#[test]
fn another_program_in_between_costs_a_channel_and_no_try() {
    let radio = Radio::new();
    let server = radio.stage.server();
    radio
        .stage
        .login(&server, &mut Person::who_types(&[CAN, PIN]))
        .unwrap();
    for helper in [HELPER, RESETS] {
        let before = radio.channels();
        let mut person = Person::who_types(&[PIN]);
        person.meanwhile = Some(Box::new(radio.other_program(helper)));
        radio.stage.login(&server, &mut person).unwrap();
        assert_eq!(radio.channels(), before + 2, "{helper}");
    }
    let mut person = Person::who_types(&[WRONG_PIN]);
    person.meanwhile = Some(Box::new(radio.other_program(HELPER)));
    let failure = radio.stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::WrongPin { tries_left: 2 });
}

#[test]
fn a_card_pulled_out_while_the_pin_is_typed_ends_the_login() {
    let mut radio = Radio::new();
    let server = radio.stage.server();
    let card = crate::pulled::take(&mut radio.stage);
    let pulled = std::sync::Arc::clone(&card);
    let mut asked = 0;
    let mut person = Person::who_types(&[CAN, PIN]);
    person.meanwhile = Some(Box::new(move || {
        asked += 1;
        if asked == 2 {
            pulled.lock().unwrap().remove();
        }
    }));
    let failure = radio.stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::CardRemoved);
    drop(card);
}

/// A reader that gives the card its PIN, and keeps the answer to itself once.
struct Between {
    card: Inserted,
    kept: bool,
}

impl VirtualCard for Between {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power(&mut self, _power: Power) {
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = self.card.answer(command).to_vec();
        // VERIFY with data, in a channel.
        let verifies = matches!(command, [0x0C, 0x20, _, _, _, 0x87, ..]);
        if verifies && !self.kept {
            self.kept = true;
            return vec![0x69, 0x88];
        }
        answer
    }
}

/// It looks as if another program had ended the channel before the PIN came; but the try is gone.
// Req 15.2
#[test]
fn who_stands_between_gets_no_second_try_out_of_one_pin() {
    let ca = Ca::new("Login Test CA");
    let file = PracticeCard::new();
    file.personalise(&ca, HOLDER);
    let card = Between {
        card: file.open().insert(Face::Contactless),
        kept: false,
    };
    let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Radio Reader"));
    let server = stage.server();
    let mut person = Person::who_types(&[CAN, WRONG_PIN]);
    let failure = stage.login(&server, &mut person).unwrap_err();
    // One try was spent, not two.
    assert_eq!(failure, Failure::WrongPin { tries_left: 2 });
    stage.reinsert();
    let mut person = Person::who_types(&[CAN, PIN]);
    stage.login(&server, &mut person).unwrap();
    assert_eq!(person.consents[1].tries_left, Some(2));
}
