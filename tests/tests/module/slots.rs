//! Cards and readers that come and go.

use std::thread;

use cryptoki_sys::{
    CKA_ID, CKF_DONT_BLOCK, CKF_TOKEN_PRESENT, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_DEVICE_REMOVED,
    CKR_NO_EVENT, CKR_SESSION_HANDLE_INVALID,
};
use lichna_tests::module::{Module, Rv};
use lichna_tests::until;

use crate::client::{agent, cards_are_read};
use crate::program::{
    IDENTIFICATION, Program, SIGNING, hear, initialized, module, say, session_and_key, until_token,
};
use crate::scene::TwoKeys;
use crate::stage::Stage;

const NO_EVENT: Rv = Rv(CKR_NO_EVENT);

fn until_none(module: &Module) {
    until("the token to be gone", || {
        module.slots(true).unwrap().is_empty()
    });
}

// Req C.3
#[test]
fn tokens_come_and_go_with_the_card() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, watches_the_card);
    for _ in 0..3 {
        program.says_that("there");
        stage.card.remove();
        program.says_that("gone");
        stage.card.insert();
    }
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn watches_the_card() {
    let module = initialized();
    let all = module.slots(false).unwrap();
    for _ in 0..3 {
        until_token(&module, IDENTIFICATION);
        let flags = module.slot_info(IDENTIFICATION).unwrap().flags;
        assert_ne!(flags & CKF_TOKEN_PRESENT, 0);
        let (session, key) = session_and_key(&module, IDENTIFICATION);
        module.attribute(session, key, CKA_ID).unwrap();
        module
            .find_init(session, &lichna_tests::module::Template::all())
            .unwrap();
        say("there");
        until_none(&module);
        // Nothing of what was open is of use, and nothing of it hangs or crashes.
        let gone = [CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID];
        let is_gone = |said: Result<(), Rv>| {
            assert!(said.is_err_and(|rv| gone.contains(&rv.0)), "{said:?}");
        };
        let ecdsa = lichna_tests::module::Mechanism::plain(cryptoki_sys::CKM_ECDSA);
        is_gone(module.sign_init(session, &ecdsa, key));
        is_gone(module.attribute(session, key, CKA_ID).map(drop));
        is_gone(module.session_info(session).map(drop));
        is_gone(module.find_next(session, 5).map(drop));
        is_gone(
            module
                .find(session, &lichna_tests::module::Template::all())
                .map(drop),
        );
        assert_eq!(
            module.slot_info(IDENTIFICATION).unwrap().flags & CKF_TOKEN_PRESENT,
            0
        );
        let absent = Err(Rv(cryptoki_sys::CKR_TOKEN_NOT_PRESENT));
        assert_eq!(module.open_session(IDENTIFICATION).map(drop), absent);
        assert_eq!(module.mechanisms(IDENTIFICATION).map(drop), absent);
        module.close_session(session).ok();
        say("gone");
        until_token(&module, IDENTIFICATION);
        // An old session does not come back to life with the card.
        is_gone(module.session_info(session).map(drop));
        assert_eq!(module.slots(false).unwrap(), all);
    }
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn events_tell_of_each_slot_that_changed() {
    let scene = TwoKeys::new();
    let stage = &scene.stage;
    let mut program = Program::start(&stage.home, asks_for_events);
    program.says_that("quiet");
    stage.card.remove();
    program.tell("removed");
    program.says_that("two events");
    stage.card.insert();
    program.tell("inserted");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn asks_for_events() {
    let module = initialized();
    until_token(&module, SIGNING);
    let event = || module.wait_for_slot_event(CKF_DONT_BLOCK);
    // What was there at the beginning may be told of, or not.
    until("no event", || event() == Err(NO_EVENT));
    say("quiet");
    let both = || {
        let mut slots = Vec::new();
        until("two events", || {
            match event() {
                Ok(slot) => slots.push(slot),
                Err(rv) => assert_eq!(rv, NO_EVENT),
            }
            slots.len() == 2
        });
        slots.sort_unstable();
        assert_eq!(slots, [IDENTIFICATION, SIGNING]);
    };
    hear("removed");
    both();
    assert!(module.slots(true).unwrap().is_empty());
    say("two events");
    hear("inserted");
    both();
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn who_waits_for_an_event_gets_it_and_others_go_on() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, waits_for_events);
    for _ in 0..2 {
        program.says_that("waits");
        stage.card.remove();
        program.says_that("event");
        program.says_that("waits");
        stage.card.insert();
        program.says_that("event");
    }
    // The agent goes, and another comes: whoever waits is told of what that changes.
    program.says_that("waits");
    stage.home.kill_agent();
    let _agent = agent(&stage.home);
    cards_are_read(&stage.home, 1);
    program.says_that("event");
    program.says_that("waits for ever");
    program.tell("finalize");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn waits_for_events() {
    let module: &'static Module = Box::leak(Box::new(module()));
    module.initialize().unwrap();
    while module.wait_for_slot_event(CKF_DONT_BLOCK) != Err(NO_EVENT) {}
    let wait = |ends: Result<u64, Rv>| {
        let waiting = thread::spawn(move || assert_eq!(module.wait_for_slot_event(0), ends));
        // Others are served meanwhile.
        for _ in 0..100 {
            module.slots(true).unwrap();
        }
        waiting
    };
    for _ in 0..5 {
        let waiting = wait(Ok(IDENTIFICATION));
        say("waits");
        waiting.join().unwrap();
        say("event");
    }
    // The agent that came back has told of the card; until then there may be more.
    until_token(module, IDENTIFICATION);
    while module.wait_for_slot_event(CKF_DONT_BLOCK) != Err(NO_EVENT) {}
    let waiting = wait(Err(Rv(CKR_CRYPTOKI_NOT_INITIALIZED)));
    say("waits for ever");
    hear("finalize");
    module.finalize().unwrap();
    waiting.join().unwrap();
}
