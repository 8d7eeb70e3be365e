//! What a grant is good for, what ends it, and what the holder's no is worth. Req C.3

use std::fs;

use lichna_card::KeyAlgorithm;
use lichna_ipc::{Failure, KeyRole, UseKind};
use lichna_tests::approver::{Answers, Approver, Question, pending};
use lichna_tests::key_store::KeyStore;
use lichna_tests::memory::{in_memory, locked_pages};
use lichna_tests::{practice, until};

use super::program::{Program, of};
use super::{MESSAGE, both_keys, hash, pins_given, prompts, signature, watching, with_token};
use crate::client::{PIN, WRONG};
use crate::secrets::{self, RARE};
use crate::stage::Stage;
use crate::uses::remembered;

#[test]
fn a_grant_is_good_for_eight_signatures_and_no_more() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    for number in 0..8_u8 {
        program.signed(1, &token, &hash(&[number]));
    }
    program.signed(1, &token, &hash(b"ninth"));
    // The test's own program can be overwritten: nobody is asked to remember it.
    let asked = vec![vec![Question::Pin, Question::Grant]; 2];
    assert_eq!(prompts(&person, 2), asked);
}

#[test]
fn without_a_grant_every_signature_is_asked_for() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    for number in 0..2_u8 {
        program.signed(1, &token, &hash(&[number]));
    }
    prompts(&person, 2);
}

#[test]
fn a_grant_is_nothing_to_another_connection() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    for on in [1, 2] {
        program.signed(on, &token, &hash(MESSAGE));
    }
    let mut other = Program::start(&stage.home);
    prompts(&person, 2);
    person.once(Answers::refuses());
    let asked = other.sign(1, &token, &hash(MESSAGE));
    assert_eq!(other.outcome(asked), Err(Failure::Refused));
}

#[test]
fn requests_that_wait_for_one_prompt_use_what_is_granted_there() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let asked: Vec<_> = (0..6_u8)
        .map(|number| program.sign(1, &token, &hash(&[number])))
        .collect();
    until("the prompt", || pending(&stage.home).len() == 1);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    for asked in asked {
        signature(program.outcome(asked));
    }
    let another = program.sign(2, &token, &hash(MESSAGE));
    signature(program.outcome(another));
    prompts(&person, 2);
}

// Req C.3, C.4
#[test]
fn each_signature_of_a_program_is_in_the_holders_record() {
    let session = KeyStore::start();
    let stage = Stage::piv_in(|home| {
        for (name, value) in session.env() {
            home.set(name, value);
        }
    });
    let (mut program, token) = with_token(&stage);
    let _person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    for number in 0..2_u8 {
        program.signed(1, &token, &hash(&[number]));
    }
    let this = std::env::current_exe().unwrap().display().to_string();
    for one in remembered(&stage.home, 2) {
        assert_eq!((one.what, one.server), (UseKind::Program, None));
        assert_eq!((one.program.as_ref(), one.failure), (Some(&this), None));
    }
}

#[test]
fn a_grant_ends_with_the_card() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    program.signed(1, &token, &hash(MESSAGE));
    stage.card.remove();
    program.settled(0, 0);
    let asked = program.sign(1, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(asked), Err(Failure::CardRemoved));
    stage.card.insert();
    let again = program.settled(0, 1).remove(0);
    // The token of the insertion before stays gone.
    let asked = program.sign(1, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(asked), Err(Failure::CardRemoved));
    program.signed(1, &again, &hash(MESSAGE));
    prompts(&person, 2);
}

#[test]
fn a_grant_ends_with_the_connection() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let _person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    program.signed(1, &token, &hash(MESSAGE));
    program.hang_up(1);
    program.signed(2, &token, &hash(MESSAGE));
    assert_eq!(pins_given(&stage), 2);
}

#[test]
fn a_grant_ends_when_a_pin_was_wrong_for_anybody() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    program.signed(1, &token, &hash(MESSAGE));
    prompts(&person, 1);
    person.once(Answers::pin(WRONG));
    let asked = program.sign(2, &token, &hash(MESSAGE));
    let wrong = Failure::WrongPin { tries_left: 2 };
    assert_eq!(program.outcome(asked), Err(wrong));
    let asked = program.sign(1, &token, &hash(b"another"));
    let locked = Failure::PinLockedUntilReinserted;
    assert_eq!(program.outcome(asked), Err(locked));
    assert_eq!(pins_given(&stage), 2);
}

/// The agent's own word for it, so that no time has to be waited for.
fn a_grant_has_ended(stage: &Stage) -> bool {
    let log = fs::read_to_string(stage.home.path().join("state/agent.log"));
    log.unwrap().contains("a grant ended")
}

// Promise: a grant is gone on screen lock and sleep.
#[test]
fn a_grant_ends_when_the_holder_goes_away() {
    for (signal, arguments) in [
        (
            "org.freedesktop.login1.Manager.PrepareForSleep",
            &["boolean:true"][..],
        ),
        ("org.freedesktop.login1.Session.Lock", &[]),
        ("org.gnome.ScreenSaver.ActiveChanged", &["boolean:true"]),
    ] {
        let bus = KeyStore::bus_alone();
        let stage = Stage::piv_in(|home| {
            for (name, address) in bus.env() {
                home.set(name, address.clone());
                home.set("DBUS_SYSTEM_BUS_ADDRESS", address);
            }
        });
        let (mut program, token) = with_token(&stage);
        let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
        program.signed(1, &token, &hash(MESSAGE));
        let say = |signal: &str, arguments: &[&str]| {
            let mut command = stage.home.command("dbus-send");
            let path = "/org/freedesktop/login1";
            command.args(["--system", "--type=signal", path, signal]);
            assert!(command.args(arguments).status().unwrap().success());
        };
        if let ["boolean:true"] = arguments {
            // The computer woke up, the screen was unlocked: that ends nothing.
            say(signal, &["boolean:false"]);
            program.signed(1, &token, &hash(b"second"));
            assert!(!a_grant_has_ended(&stage));
        }
        until("the agent to hear it", || {
            say(signal, arguments);
            a_grant_has_ended(&stage)
        });
        program.signed(1, &token, &hash(b"third"));
        prompts(&person, 2);
    }
}

#[test]
fn a_grant_ends_when_the_pin_is_changed() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    program.signed(1, &token, &hash(MESSAGE));
    prompts(&person, 1);
    secrets::change_pin(&stage);
    person.once(Answers::pin(RARE));
    program.signed(1, &token, &hash(MESSAGE));
    prompts(&person, 2);
}

// Promise: the signing key asks for its PIN at every signature.
#[test]
fn the_signing_key_is_asked_for_every_time() {
    let (stage, _file) = both_keys(KeyAlgorithm::EcP256);
    let mut program = watching(&stage);
    let tokens = program.settled(0, 2);
    let person = Approver::new(&stage.home, Answers::pin(practice::PIN).grants());
    let of_login = program.sign(1, of(&tokens, KeyRole::Authentication), &hash(MESSAGE));
    signature(program.outcome(of_login));
    for number in 0..2_u8 {
        program.signed(1, of(&tokens, KeyRole::Signing), &hash(&[number]));
    }
    let asked = prompts(&person, 3);
    let (offered, plain) = (vec![Question::Pin, Question::Grant], vec![Question::Pin]);
    assert_eq!(asked, [offered, plain.clone(), plain]);
}

#[test]
fn cancel_is_said_once_for_one_handshake() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::refuses());
    // Several that wait, and the same once more when they have their answer.
    let asked: Vec<_> = (0..4_u8)
        .map(|number| program.sign(1, &token, &hash(&[number])))
        .collect();
    for asked in asked {
        assert_eq!(program.outcome(asked), Err(Failure::Refused));
    }
    let again = program.sign(1, &token, &hash(&[0]));
    assert_eq!(program.outcome(again), Err(Failure::Refused));
    // Another connection is another matter.
    let other = program.sign(2, &token, &hash(&[0]));
    assert_eq!(program.outcome(other), Err(Failure::Refused));
    prompts(&person, 2);
    assert_eq!(pins_given(&stage), 0);
}

#[test]
fn one_program_does_not_fill_the_holders_list() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let first = program.sign(1, &token, &hash(MESSAGE));
    for on in 2..=8 {
        program.sign(on, &token, &hash(MESSAGE));
    }
    until("the prompts", || pending(&stage.home).len() == 8);
    let ninth = program.sign(9, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(ninth), Err(Failure::Busy));
    program.cancel(first);
    until("a place", || pending(&stage.home).len() == 7);
    program.sign(9, &token, &hash(MESSAGE));
    until("the prompts", || pending(&stage.home).len() == 8);
}

// Promise: no try is spent that the holder did not type.
#[test]
fn no_try_is_spent_when_nobody_answers() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let asked = program.sign(1, &token, &hash(MESSAGE));
    until("the prompt", || pending(&stage.home).len() == 1);
    let waits = pending(&stage.home).remove(0);
    assert_eq!(waits.signature, Some(KeyRole::Authentication));
    assert!(waits.seconds_left <= 45, "{waits:?}");
    program.cancel(asked);
    assert_eq!(program.outcome(asked), Err(Failure::Cancelled));
    until("the prompt to go", || pending(&stage.home).is_empty());
    program.sign(2, &token, &hash(MESSAGE));
    until("the prompt", || pending(&stage.home).len() == 1);
    program.hang_up(2);
    until("the prompt to go", || pending(&stage.home).is_empty());
    let asked = program.sign(3, &token, &hash(MESSAGE));
    until("the prompt", || pending(&stage.home).len() == 1);
    stage.card.remove();
    assert_eq!(program.outcome(asked), Err(Failure::CardRemoved));
    assert_eq!(pins_given(&stage), 0);
}

/// While a grant is good the PIN is in one page, locked and left out of dumps; with its end it is
/// nowhere, and it never was in a log.
#[test]
fn the_pin_of_a_grant_waits_in_a_locked_page_and_is_nowhere_after_it() {
    let stage = Stage::traced();
    secrets::change_pin(&stage);
    let (mut program, token) = with_token(&stage);
    let _person = Approver::new(&stage.home, Answers::pin(RARE).grants());
    let pid = stage.home.agents()[0].as_raw_pid();
    for number in 0..2_u8 {
        program.signed(1, &token, &hash(&[number]));
        until("the PIN to be in one place", || {
            in_memory(pid) == 1 && locked_pages(pid) > 0
        });
    }
    stage.card.remove();
    until("the grant to end", || a_grant_has_ended(&stage));
    until("the PIN to be nowhere", || {
        in_memory(pid) == 0 && locked_pages(pid) == 0
    });
    assert!(
        secrets::no_file_has_the_pin(&stage) > 0,
        "no trace log was written"
    );
}
