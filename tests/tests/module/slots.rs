//! Cards and readers that come and go.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cryptoki_sys::{
    CKA_ID, CKF_DONT_BLOCK, CKF_TOKEN_PRESENT, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_DEVICE_REMOVED,
    CKR_NO_EVENT, CKR_SESSION_HANDLE_INVALID,
};
use lichna_card::KeyAlgorithm;
use lichna_ipc::{InterfaceKind, PracticeFace, Request};
use lichna_softcard::{Face, FirstPin, Lock, Making, SoftCard};
use lichna_tests::approver::{Answers, Approver, Question};
use lichna_tests::ca::Ca;
use lichna_tests::module::{Module, Rv};
use lichna_tests::practice::{
    ADMINISTRATOR_KEY, CAN, IDENTIFICATION_A, NUMBER, PIN as PRACTICE_PIN, personalise,
};
use lichna_tests::until;
use lichna_tests::workspace::Home;
use zeroize::Zeroizing;

use crate::client::{Agent, Person, agent, call, cards_are_read};
use crate::program::{
    IDENTIFICATION, Program, SIGNING, hear, initialized, module, say, session_and_key, until_token,
};
use crate::scene::TwoKeys;
use crate::stage::{HOLDER, Stage};

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
    let module = &Arc::new(module());
    module.initialize().unwrap();
    while module.wait_for_slot_event(CKF_DONT_BLOCK) != Err(NO_EVENT) {}
    let wait = |ends: Result<u64, Rv>| {
        let waiting = {
            let module = Arc::clone(module);
            thread::spawn(move || assert_eq!(module.wait_for_slot_event(0), ends))
        };
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

/// Practice cards are readers of their own, which come and go with them; one on the radio tells
/// nothing before the holder gave its CAN, for which he is asked, once.
// Req C.3
#[test]
fn readers_of_practice_cards_come_and_go() {
    let practice = Practice::new();
    let person = Approver::who_leaves_all(&practice.home);
    person.once(Answers::pin(PRACTICE_PIN).can(CAN));
    let mut program = Program::start(&practice.home, watches_readers);
    program.says_that("none");
    practice.insert(InterfaceKind::Contact);
    program.says_that("contact");
    practice.remove();
    program.says_that("none");
    practice.insert(InterfaceKind::Contactless);
    program.says_that("contactless");
    until("the answer to be told of", || !person.answered().is_empty());
    assert_eq!(person.answered().len(), 1);
    assert_eq!(person.answered()[0].asked, [Question::Can]);
    practice.remove();
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn watches_readers() {
    let module = initialized();
    let all = module.slots(false).unwrap();
    for word in ["contact", "contactless"] {
        until_none(&module);
        say("none");
        // Whoever looks at the slots, as browsers do, has the holder asked.
        until("the token", || {
            for slot in module.slots(false).unwrap() {
                module.token_info(slot).ok();
            }
            module.slots(true).unwrap() == [IDENTIFICATION]
        });
        let (session, key) = session_and_key(&module, IDENTIFICATION);
        module.attribute(session, key, CKA_ID).unwrap();
        let label = module.token_info(IDENTIFICATION).unwrap().label;
        assert!(label.starts_with(b"Practice card"), "{label:?}");
        say(word);
    }
    until_none(&module);
    // Slots are never taken back.
    assert!(module.slots(false).unwrap().starts_with(&all));
    module.finalize().unwrap();
}

/// An agent with a practice card of its own, and no smart card service.
struct Practice {
    home: Home,
    _agent: Agent,
}

const PASSPHRASE: &str = "correct horse";

impl Practice {
    fn new() -> Self {
        let home = Home::apart();
        let folder = lichna_ipc::Home::at(home.path()).unwrap().practice_cards();
        std::fs::create_dir_all(&folder).unwrap();
        let secret = |digits: &str| Zeroizing::new(digits.to_owned());
        let mut making = Making::made_up().unwrap();
        making.number = NUMBER.to_owned();
        making.can = secret(CAN);
        making.pin = FirstPin::Pin(secret(PRACTICE_PIN));
        making.administrator_key = Zeroizing::new(ADMINISTRATOR_KEY);
        making.slow_down = Duration::ZERO;
        let lock = Lock::Passphrase(secret(PASSPHRASE));
        let path = folder.join(format!("{NUMBER}.card"));
        let card = SoftCard::make(&path, &making, &lock).unwrap();
        let ca = Ca::new("Login Test CA");
        let mut inserted = card.insert(Face::Contact);
        let key = (IDENTIFICATION_A, KeyAlgorithm::EcP256);
        personalise(&mut inserted, key.0, key.1, &ca, HOLDER);
        drop(inserted);
        let agent = agent(&home);
        Self {
            home,
            _agent: agent,
        }
    }

    fn insert(&self, interface: InterfaceKind) {
        let request = Request::PracticeCardInsert {
            number: Some(NUMBER.to_owned()),
            face: PracticeFace {
                interface,
                vpcd: None,
            },
        };
        call(&self.home, request, &mut Person::who_types(&[PASSPHRASE])).unwrap();
    }

    fn remove(&self) {
        let number = Some(NUMBER.to_owned());
        let request = Request::PracticeCardRemove { number };
        call(&self.home, request, &mut Person::nobody()).unwrap();
    }
}
