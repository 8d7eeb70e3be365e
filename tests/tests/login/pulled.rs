//! Cards that come late and go early.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lichna_ipc::{Failure, Step};
use lichna_tests::vpicc::{Card, Latency};

use crate::client::{PIN, Person, cards_are_read};
use crate::stage::Stage;

/// Longer than [`SOON`], shorter than the bench waits for a card.
const VERY_SLOW: Duration = Duration::from_secs(12);
/// A login ends so soon after its card was pulled out.
const SOON: Duration = Duration::from_secs(8);

#[test]
fn a_login_waits_for_a_card_to_be_put_in() {
    let stage = Stage::piv();
    let server = stage.server();
    stage.card.remove();
    cards_are_read(&stage.home, 0);
    let steps = Arc::new(Mutex::new(Vec::new()));
    let outcome = thread::scope(|scope| {
        let told = Arc::clone(&steps);
        let login = scope.spawn(|| {
            let mut person = Person::who_types(&[PIN]);
            person.told = Some(told);
            stage.login(&server, &mut person)
        });
        lichna_tests::until("the holder to be told to put the card in", || {
            steps.lock().unwrap().contains(&Step::WaitForCard)
        });
        stage.card.insert();
        login.join().unwrap()
    });
    assert_eq!(outcome.unwrap().status, 200);
}

#[test]
fn a_card_pulled_out_while_the_holder_reads_ends_the_login_with_that_reason() {
    let mut stage = Stage::piv();
    let server = stage.server();
    let card = take(&mut stage);
    let pulled = Arc::clone(&card);
    let mut person = Person {
        meanwhile: Some(Box::new(move || pulled.lock().unwrap().remove())),
        reads_for_ever: true,
        ..Person::default()
    };
    let outcome = stage.login(&server, &mut person);
    assert_eq!(outcome.unwrap_err(), Failure::CardRemoved);
    drop(card);
}

#[test]
fn a_card_pulled_out_while_it_signs_ends_the_login_with_that_reason() {
    let stage = Stage::piv();
    let server = stage.server();
    stage
        .card
        .set_latency(Latency::default().signing(VERY_SLOW));
    let (outcome, took) = thread::scope(|scope| {
        let login = scope.spawn(|| {
            let outcome = stage.login(&server, &mut Person::who_types(&[PIN]));
            (outcome, Instant::now())
        });
        // The PIN was taken, and a command came that is not answered yet: the signature.
        lichna_tests::until("the card to be asked for a signature", || {
            let log = stage.card.log();
            let waits = stage.card.commands() > u64::try_from(log.len()).unwrap();
            let last = log.last().map(|last| last.command.as_slice());
            waits && matches!(last, Some([_, 0x20, _, _, 8, ..]))
        });
        stage.card.remove();
        let pulled = Instant::now();
        let (outcome, ended) = login.join().unwrap();
        (outcome, ended.duration_since(pulled))
    });
    assert_eq!(outcome.unwrap_err(), Failure::CardRemoved);
    assert!(took < SOON, "{took:?}");
    // And the next card is served as if nothing had been.
    stage.card.set_latency(Latency::default());
    stage.card.insert();
    cards_are_read(&stage.home, 1);
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
}

/// The card, to be pulled out from within.
pub fn take(stage: &mut Stage) -> Arc<Mutex<Card>> {
    let nothing = Card::new(stage.card.port(), lichna_tests::applet::Applet::piv());
    Arc::new(Mutex::new(std::mem::replace(&mut stage.card, nothing)))
}
