//! A card that another program keeps busy.

use std::sync::{Arc, Mutex};
use std::thread;

use lichna_ipc::Step;
use lichna_tests::until;

use crate::client::{PIN, Person};
use crate::other::{self, OtherProgram};
use crate::stage::Stage;

const HELPER: &str = "held::helper_keeps_a_transaction_open";

#[test]
#[ignore = "a process of the test below"]
fn helper_keeps_a_transaction_open() {
    let (reader, context) = other::reader();
    let mut card = context
        .connect(&reader, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)
        .unwrap();
    let transaction = card.transaction().unwrap();
    // SELECT, so that whoever started it sees that the card is kept.
    let select = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x4B, 0x45, 0x45, 0x50];
    transaction.transmit(&select, &mut [0; 258]).unwrap();
    other::stay();
}

#[test]
fn a_login_says_that_another_program_has_the_card_and_goes_on_when_it_lets_go() {
    let stage = Stage::piv();
    let server = stage.server();
    // The tries left are fresh from the insertion; a login makes them unknown.
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
    let keeper = OtherProgram::running(HELPER, &stage);
    until("the card to be kept", || {
        let log = stage.card.log();
        log.last()
            .is_some_and(|last| last.command.ends_with(b"KEEP"))
    });
    let steps = Arc::new(Mutex::new(Vec::new()));
    let outcome = thread::scope(|scope| {
        let told = Arc::clone(&steps);
        let (stage, server) = (&stage, &server);
        let login = scope.spawn(move || {
            let mut person = Person::who_types(&[PIN]);
            person.told = Some(told);
            stage.login(server, &mut person)
        });
        until("the holder to be told", || {
            steps.lock().unwrap().contains(&Step::WaitForReader)
        });
        drop(keeper);
        login.join().unwrap()
    });
    assert_eq!(outcome.unwrap().status, 200);
}
