//! How many commands a login costs the card, by the account of the service that carries them.

use lichna_tests::apdu_log::LoggedApdu;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;

use crate::client::{PIN, Person, cards_are_read};
use crate::stage::{HOLDER, Stage};

const SELECT: u8 = 0xA4;
const VERIFY: u8 = 0x20;
const GENERAL_AUTHENTICATE: u8 = 0x87;
const INTERNAL_AUTHENTICATE: u8 = 0x88;

fn instructions(log: &[LoggedApdu]) -> Vec<u8> {
    log.iter().map(|exchange| exchange.command[1]).collect()
}

fn a_warm_login_costs(kind: Kind, sign: u8) {
    let stage = Stage::with(Making::new(kind), KeyKind::P256);
    let server = stage.server();
    // The first login finds the tries left fresh from the insertion; the second has to ask.
    for _ in 0..2 {
        let mut person = Person::who_types(&[PIN]);
        let (log, outcome) = stage.pcscd.logged(|| stage.login(&server, &mut person));
        let outcome = outcome.unwrap();
        let log = instructions(&log);
        assert!(log.len() <= 5, "{log:02X?}");
        assert_eq!(usize::try_from(outcome.apdus).unwrap(), log.len());
        assert_eq!(outcome.apdus_after_pin, 3);
        assert_eq!(log[log.len() - 3..], [SELECT, VERIFY, sign]);
    }
}

// Promise 5 of the design.
#[test]
fn a_warm_piv_login_costs_three_commands_after_the_pin_and_two_before() {
    a_warm_login_costs(Kind::Piv, GENERAL_AUTHENTICATE);
}

#[test]
fn a_warm_openpgp_login_costs_three_commands_after_the_pin_and_two_before() {
    a_warm_login_costs(Kind::OpenPgp, INTERNAL_AUTHENTICATE);
}

#[test]
fn a_login_from_insertion_costs_at_most_nine_commands() {
    let stage = Stage::piv();
    let server = stage.server();
    stage.card.remove();
    cards_are_read(&stage.home, 0);
    let (log, outcome) = stage.pcscd.logged(|| {
        stage.card.insert();
        let mut person = Person::who_types(&[PIN]);
        stage.login(&server, &mut person)
    });
    outcome.unwrap();
    assert!(log.len() <= 9, "{:02X?}", instructions(&log));
}

#[test]
fn an_rsa_key_adds_only_the_chaining_of_what_is_signed() {
    let ca = Ca::new("Login Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::Rsa2048, &ca, HOLDER);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::vpcd("Login Reader"));
    let server = stage.server();
    let mut person = Person::who_types(&[PIN]);
    let outcome = stage.login(&server, &mut person).unwrap();
    // 256 bytes and their template are two links, and two pieces of answer.
    assert!(
        outcome.apdus_after_pin <= 3 + 2,
        "{}",
        outcome.apdus_after_pin
    );
}
