//! What is refused, and leaves nothing behind.

use lichna_ipc::Failure;
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::practice::PIN;

use crate::client::Person;
use crate::desk::{Desk, HOLDERS, OFFICERS};

#[test]
fn a_wrong_code_a_strange_card_and_a_holder_for_an_officer_are_refused() {
    let desk = Desk::new();
    let (application, code) = desk.invite(&Citizen::georgi(), OFFICERS);
    let request = desk.by_invitation(&application, desk.officers_reader());
    let mut person = Person::who_types(&["dGhpcyBpcyBub3QgdGhlIGNvZGUgb2YgYW55Ym9keQ", PIN]);
    let refused = desk.enrol(request, &mut person).unwrap_err();
    assert_eq!(refused, Failure::WrongApplicationCode);
    assert!(desk.tasks().is_empty());

    // The invitation is for another card.
    let request = desk.by_invitation(&application, desk.holders_reader());
    let refused = desk.enrol(request, &mut Person::who_types(&[code, PIN]));
    let other = Failure::OtherCard {
        expected: OFFICERS.into(),
        found: HOLDERS.into(),
    };
    assert_eq!(refused.unwrap_err(), other);
    assert!(desk.tasks().is_empty());

    let request = desk.by_invitation(&application, desk.officers_reader());
    desk.enrol(request, &mut Person::who_types(&[code, PIN]))
        .unwrap();
    desk.make_holder();
    // The holder's card is no officer's, and the officer's has its certificates.
    let mut request = desk.by_officer(&Citizen::number(1));
    request.reader = Some(desk.officers_reader());
    let refused = desk.enrol(request, &mut Person::who_types(&[PIN, PIN]));
    let has = Failure::CardHasCertificates {
        card: OFFICERS.into(),
    };
    assert_eq!(refused.unwrap_err(), has);
    assert!(desk.tasks().is_empty());
}

#[test]
fn a_wrong_pin_costs_one_try_and_makes_no_key() {
    let desk = Desk::new();
    let (application, code) = desk.invite(&Citizen::georgi(), OFFICERS);
    let request = desk.by_invitation(&application, desk.officers_reader());
    let mut person = Person::who_types(&[code, "999999"]);
    let refused = desk.enrol(request, &mut person).unwrap_err();
    assert_eq!(refused, Failure::WrongPin { tries_left: 2 });
    let commands = desk.cards[0].card.log();
    let generate = commands.iter().any(|one| one.command[1] == 0x47);
    assert!(!generate, "a key was made");
    // It is known, and goes on when the card was put in again.
    assert_eq!(desk.tasks().len(), 1);
    desk.cards[0].card.remove();
    crate::client::cards_are_read(&desk.home, 1);
    desk.cards[0].card.insert();
    crate::client::cards_are_read(&desk.home, 2);
    let outcome = desk.resume(&mut Person::who_types(&[code, PIN])).unwrap();
    desk.assert_agrees(OFFICERS, &outcome);
}
