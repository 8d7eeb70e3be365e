//! Classic PKCS#11, where the configuration switches it on: the program takes the PIN itself. Req C.3

use std::fs;

use lichna_card::KeyAlgorithm;
use lichna_ipc::{Failure, KeyRole, PinEntry, Reply, Request, Token};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::{Answers, Approver, Question};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::pinpad::Press;
use lichna_tests::{practice, until};

use super::program::{Program, of};
use super::{MESSAGE, both_keys, hash, pins_given, prompts, watching, with_token};
use crate::client::{PIN, WRONG};
use crate::stage::{HOLDER, Stage};

/// Programs take the PIN themselves from now on.
fn classic(stage: &Stage) {
    let file = stage.home.path().join("config.toml");
    fs::write(file, "[pkcs11]\nlogin = true\n").unwrap();
}

#[test]
fn refuses_a_pin_from_a_program_unless_the_configuration_says_so() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let login = program.ask(1, Request::TokenLogin { token: token.id });
    assert_eq!(program.outcome(login), Err(Failure::ProgramLoginOff));
    assert_eq!(pins_given(&stage), 0);
}

/// Logs in as classic programs do.
fn log_in(program: &mut Program, on: usize, token: &Token, pin: &str) -> Result<Reply, Failure> {
    let token = token.id.clone();
    let login = program.ask(on, Request::TokenLogin { token });
    until("the question", || {
        program.is_asked(login) || program.ended(login).is_some()
    });
    if program.ended(login).is_none() {
        program.type_pin(login, pin);
    }
    program.outcome(login)
}

#[test]
fn a_classic_program_logs_in_for_itself_alone() {
    let stage = Stage::piv();
    classic(&stage);
    let (mut program, token) = with_token(&stage);
    assert!(token.login);
    let mut other = Program::start(&stage.home);
    let before = program.sign(1, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(before), Err(Failure::NotLoggedIn));
    assert_eq!(
        log_in(&mut program, 1, &token, PIN),
        Ok(Reply::TokenLoggedIn)
    );
    for number in 0..8_u8 {
        program.signed(1, &token, &hash(&[number]));
    }
    // Not for another, nor for another connection, nor for a ninth.
    for asked in [
        program.sign(1, &token, &hash(MESSAGE)),
        program.sign(2, &token, &hash(MESSAGE)),
    ] {
        assert_eq!(program.outcome(asked), Err(Failure::NotLoggedIn));
    }
    let asked = other.sign(1, &token, &hash(MESSAGE));
    assert_eq!(other.outcome(asked), Err(Failure::NotLoggedIn));
    assert_eq!(
        log_in(&mut program, 1, &token, PIN),
        Ok(Reply::TokenLoggedIn)
    );
    let logout = Request::TokenLogout {
        token: token.id.clone(),
    };
    let logout = program.ask(1, logout);
    assert_eq!(program.outcome(logout), Ok(Reply::TokenLoggedOut));
    let asked = program.sign(1, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(asked), Err(Failure::NotLoggedIn));
}

#[test]
fn a_classic_login_opens_the_signing_key_for_one_signature() {
    let (stage, _file) = both_keys(KeyAlgorithm::EcP256);
    classic(&stage);
    let mut program = watching(&stage);
    let tokens = program.settled(0, 2);
    let signing = of(&tokens, KeyRole::Signing);
    let logged_in = log_in(&mut program, 1, signing, practice::PIN);
    assert_eq!(logged_in, Ok(Reply::TokenLoggedIn));
    program.signed(1, signing, &hash(MESSAGE));
    let asked = program.sign(1, signing, &hash(b"second"));
    assert_eq!(program.outcome(asked), Err(Failure::NotLoggedIn));
}

// Promise: an empty PIN never passes.
#[test]
fn an_empty_pin_never_reaches_the_card() {
    let stage = Stage::piv();
    classic(&stage);
    let (mut program, token) = with_token(&stage);
    let failure = log_in(&mut program, 1, &token, "").unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::PinLength { .. } | Failure::RequestInvalid { .. }
        ),
        "{failure:?}"
    );
    assert_eq!(pins_given(&stage), 0);
}

#[test]
fn a_classic_program_that_guesses_has_one_guess() {
    let stage = Stage::piv();
    classic(&stage);
    let (mut program, token) = with_token(&stage);
    let wrong = Failure::WrongPin { tries_left: 2 };
    assert_eq!(log_in(&mut program, 1, &token, WRONG), Err(wrong));
    let locked = Failure::PinLockedUntilReinserted;
    assert_eq!(log_in(&mut program, 1, &token, PIN), Err(locked));
    assert_eq!(pins_given(&stage), 1);
}

// Promise: what is typed at a keypad is kept nowhere, and taken from no program.
#[test]
fn a_token_with_a_keypad_is_never_classic_and_never_granted() {
    let ca = Ca::new("Login Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::pinpad("Login Keypad"));
    classic(&stage);
    let (mut program, token) = with_token(&stage);
    assert_eq!(token.pin.entry, PinEntry::Pinpad);
    assert!(!token.login);
    let login = program.ask(
        1,
        Request::TokenLogin {
            token: token.id.clone(),
        },
    );
    assert_eq!(program.outcome(login), Err(Failure::PinpadOnly));
    let person = Approver::new(
        &stage.home,
        Answers::default().says_yes(Question::Pinpad).grants(),
    );
    let keypad = stage.pcscd.reader(0).keypad();
    for number in 0..2_u8 {
        keypad.queue(&[Press::Digits(PIN.into())]);
        program.signed(1, &token, &hash(&[number]));
    }
    assert_eq!(prompts(&person, 2), vec![vec![Question::Pinpad]; 2]);
}
