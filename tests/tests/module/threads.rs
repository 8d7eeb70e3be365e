//! Many threads at once, with whatever can happen meanwhile.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use cryptoki_sys::{
    CKA_ID, CKA_LABEL, CKA_VALUE, CKF_DONT_BLOCK, CKM_ECDSA, CKO_CERTIFICATE, CKO_PRIVATE_KEY,
    CKR_CRYPTOKI_NOT_INITIALIZED,
};
use lichna_tests::module::{Mechanism, Module, Query, Rv, Template};

use crate::client::{agent, cards_are_read};
use crate::program::{
    IDENTIFICATION, Program, hear, initialized, is_watched, module, say, until_token,
};
use crate::scene::person;
use crate::stage::Stage;

const THREADS: u64 = 32;
const CALLS: u64 = 10_000;

// Req C.3
#[test]
fn thirty_two_threads_call_ten_thousand_times_each_while_cards_and_agents_go() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, calls_from_many_threads);
    program.says_that("begun");
    stage.reinsert();
    stage.home.kill_agent();
    let _agent = agent(&stage.home);
    cards_are_read(&stage.home, 1);
    stage.reinsert();
    program.tell("all is back");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn calls_from_many_threads() {
    let module: &Module = &initialized();
    // Under a checker of memory, as many as fit into a test.
    let calls = if is_watched() { CALLS / 20 } else { CALLS };
    let (good, absent) = (AtomicU64::new(0), AtomicU64::new(0));
    let all_is_back = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (good, absent, all_is_back) = (&good, &absent, &all_is_back);
            scope.spawn(move || {
                let mut random = thread + 1;
                let mut made = 0;
                while made < calls || !all_is_back.load(Ordering::Relaxed) {
                    // xorshift: each thread has its own mixture, the same in every run.
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let (calls, well) = mixture(module, random);
                    made += calls;
                    good.fetch_add(u64::from(well), Ordering::Relaxed);
                    if module.slots(true).unwrap().is_empty() {
                        absent.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        say("begun");
        hear("all is back");
        all_is_back.store(true, Ordering::Relaxed);
    });
    assert!(good.into_inner() > 0, "nothing ever worked");
    assert!(absent.into_inner() > 0, "the card was there all the time");
    until_token(module, IDENTIFICATION);
    let (_, well) = search_and_read(module);
    assert!(well, "it does not work any more");
    module.finalize().unwrap();
}

/// Some calls; how many, and whether all of them went well. None may say what is not true.
fn mixture(module: &Module, random: u64) -> (u64, bool) {
    match random % 8 {
        0 => (2, module.slots(true).is_ok()),
        1 => (1, module.token_info(IDENTIFICATION).is_ok()),
        2 => (1, module.wait_for_slot_event(CKF_DONT_BLOCK).is_ok()),
        3 => (1, module.close_session(random).is_ok()),
        4 => prepare_a_signature(module),
        5 => (3, module.mechanisms(IDENTIFICATION).is_ok()),
        _ => search_and_read(module),
    }
}

fn search_and_read(module: &Module) -> (u64, bool) {
    let Ok(session) = module.open_session(IDENTIFICATION) else {
        return (1, false);
    };
    let read = || -> Result<(), Rv> {
        let ids = [CKO_CERTIFICATE, CKO_PRIVATE_KEY].map(|class| {
            let found = module.find(session, &Template::of_class(class))?;
            // Of a card that went in between, nothing is found; nothing half.
            let Some(&object) = found.first() else {
                return Err(Rv(0));
            };
            let mut queries = [
                Query::of(CKA_ID, 64),
                Query::of(CKA_LABEL, 512),
                Query::of(CKA_VALUE, if class == CKO_CERTIFICATE { 8192 } else { 0 }),
            ];
            module
                .attributes(session, object, &mut queries)
                .or_else(|rv| {
                    let sensitive = rv == Rv(cryptoki_sys::CKR_ATTRIBUTE_SENSITIVE);
                    if sensitive { Ok(()) } else { Err(rv) }
                })?;
            Ok(queries[0].value())
        });
        let [one, other] = ids;
        assert_eq!(one?, other?, "certificate and key do not belong together");
        Ok(())
    };
    let well = read();
    module.close_session(session).ok();
    if let Err(rv) = well {
        let name = rv.name();
        assert!(name.is_some(), "{rv:?}");
        assert_ne!(name, Some("CKR_GENERAL_ERROR"));
    }
    (14, well.is_ok())
}

fn prepare_a_signature(module: &Module) -> (u64, bool) {
    let Ok(session) = module.open_session(IDENTIFICATION) else {
        return (1, false);
    };
    let prepare = || -> Result<(), Rv> {
        let keys = module.find(session, &Template::of_class(CKO_PRIVATE_KEY))?;
        let &[key] = keys.as_slice() else {
            return Err(Rv(0));
        };
        module.sign_init(session, &Mechanism::plain(CKM_ECDSA), key)?;
        let (said, length) = module.sign(session, &[1; 32], None);
        said.map(|()| assert_eq!(length, 64))
    };
    let well = prepare().is_ok();
    module.close_session(session).ok();
    (8, well)
}

/// Threads begin and wind up, over and over, while others call.
// Req C.3
#[test]
fn winding_up_amid_calls_ends_them_all() {
    let stage = Stage::piv();
    crate::program::run(&stage.home, winds_up_amid_calls);
}

#[test]
#[ignore = "a program of the test above"]
fn winds_up_amid_calls() {
    let module: &Module = &module();
    let rounds = if is_watched() { 10 } else { 50 };
    for _ in 0..rounds {
        module.initialize().unwrap();
        thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    let gone = Rv(CKR_CRYPTOKI_NOT_INITIALIZED);
                    while module.slots(true).map(drop) != Err(gone) {
                        search_and_read(module);
                        if thread == 0 {
                            module.wait_for_slot_event(0).ok();
                        }
                    }
                });
            }
            search_and_read(module);
            module.finalize().unwrap();
        });
    }
}

/// Signatures in several threads, with a card that is pulled in the middle of them.
// Req C.2, C.3
#[test]
fn a_card_pulled_amid_signatures_of_many_threads_spends_no_try() {
    let stage = Stage::piv();
    let person = person(&stage.home);
    let mut program = Program::start(&stage.home, signs_in_many_threads);
    program.says_that("signed");
    stage.card.remove();
    program.says_that("ended");
    stage.card.insert();
    cards_are_read(&stage.home, 1);
    let verifies = stage.card.log();
    let wrong = verifies.iter().filter(|one| {
        let refused = matches!(&one.answer, lichna_tests::vpicc::Answer::Bytes(bytes) if bytes.starts_with(&[0x63]));
        one.command.len() > 5 && one.command[1] == 0x20 && refused
    });
    assert_eq!(wrong.count(), 0, "a wrong PIN went to the card");
    assert!(person.pins_asked() >= 1);
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn signs_in_many_threads() {
    let module: &Module = &initialized();
    thread::scope(|scope| {
        for thread in 1..=4_u8 {
            scope.spawn(move || {
                let sign = |data: u8| -> Result<(), Rv> {
                    let session = module.open_session(IDENTIFICATION)?;
                    let keys = module.find(session, &Template::of_class(CKO_PRIVATE_KEY))?;
                    let key = *keys.first().ok_or(Rv(0))?;
                    let ecdsa = Mechanism::plain(CKM_ECDSA);
                    module
                        .signature(session, key, &ecdsa, &[data; 32])
                        .map(drop)
                };
                for round in 0.. {
                    match sign(thread * 8 + round % 8) {
                        Ok(()) if round == 0 && thread == 1 => say("signed"),
                        Ok(()) => {}
                        Err(_) => break,
                    }
                }
            });
        }
    });
    say("ended");
    module.finalize().unwrap();
}
