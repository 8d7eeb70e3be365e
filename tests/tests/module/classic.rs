//! Classic behaviour, where the configuration switches it on: the PIN comes through C_Login. And
//! what C_Login does where it does not.

use cryptoki_sys::{
    CKF_LOGIN_REQUIRED, CKM_ECDSA, CKR_FUNCTION_NOT_SUPPORTED, CKR_OK, CKR_PIN_INCORRECT,
    CKR_USER_NOT_LOGGED_IN, CKU_CONTEXT_SPECIFIC, CKU_SO, CKU_USER,
};
use lichna_tests::approver::{Approver, pending};
use lichna_tests::module::{Argument, Function, Mechanism, Module, Rv};

use crate::client::{PIN, WRONG};
use crate::program::{
    self, IDENTIFICATION, Program, SIGNING, hear, initialized, say, session_and_key, until_token,
};
use crate::scene::{TwoKeys, classic};
use crate::stage::Stage;

fn ecdsa() -> Mechanism {
    Mechanism::plain(CKM_ECDSA)
}

/// VERIFY with a PIN in it; one without only asks for the tries left.
fn pins_sent(stage: &Stage) -> usize {
    let log = stage.card.log();
    let with_pin = |command: &[u8]| command.len() > 5 && command[1] == 0x20;
    log.iter().filter(|one| with_pin(&one.command)).count()
}

// Req C.2, C.3
#[test]
fn no_program_logs_in_unless_the_configuration_says_so() {
    let stage = Stage::piv();
    program::run(&stage.home, logs_in_in_vain);
    assert_eq!(pins_sent(&stage), 0);
    assert!(pending(&stage.home).is_empty());
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_in_vain() {
    let module = initialized();
    let flags = module.token_info(IDENTIFICATION).unwrap().flags;
    assert_eq!(flags & CKF_LOGIN_REQUIRED, 0);
    let session = module.open_session(IDENTIFICATION).unwrap();
    for user in [CKU_USER, CKU_SO, CKU_CONTEXT_SPECIFIC, 77, u64::MAX] {
        for pin in [Some(PIN), Some(WRONG), Some(""), None] {
            assert_ne!(module.login(session, user, pin), Ok(()), "{user} {pin:?}");
        }
    }
    let off = Err(Rv(CKR_FUNCTION_NOT_SUPPORTED));
    assert_eq!(module.login(session, CKU_USER, Some(PIN)), off);
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn an_empty_pin_never_passes() {
    let stage = Stage::piv();
    classic(&stage);
    // Somebody else has logged in: CVE-2023-40660.
    let mut other = Program::start(&stage.home, logs_in_and_stays);
    other.says_that("logged in");
    let sent = pins_sent(&stage);
    program::run(&stage.home, logs_in_with_nothing);
    assert_eq!(pins_sent(&stage), sent, "a PIN was sent that nobody has");
    other.tell("sign");
    other.says_that("signed");
    other.tell("end");
    other.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_and_stays() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    module.login(session, CKU_USER, Some(PIN)).unwrap();
    say("logged in");
    hear("sign");
    module.signature(session, key, &ecdsa(), &[4; 32]).unwrap();
    say("signed");
    hear("end");
    module.finalize().unwrap();
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_with_nothing() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let flags = module.token_info(IDENTIFICATION).unwrap().flags;
    assert_ne!(flags & CKF_LOGIN_REQUIRED, 0);
    let refused = |what: &str| {
        let signed = module.signature(session, key, &ecdsa(), &[4; 32]);
        assert_eq!(signed, Err(Rv(CKR_USER_NOT_LOGGED_IN)), "{what}");
        let state = module.session_info(session).unwrap().state;
        assert_eq!(state, cryptoki_sys::CKS_RO_PUBLIC_SESSION, "{what}");
    };
    refused("before any login");
    for pin in [
        Some(""),
        None,
        Some("1"),
        Some("123"),
        Some("\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"),
    ] {
        assert_ne!(module.login(session, CKU_USER, pin), Ok(()), "{pin:?}");
        refused(&format!("after {pin:?}"));
    }
    let long = "1".repeat(10_000);
    assert_ne!(module.login(session, CKU_USER, Some(&long)), Ok(()));
    // NULL, said to be as long as a PIN; and a PIN as long as no memory.
    for (pin, length) in [(Argument::Null, 6), (Argument::zeros(), u64::MAX)] {
        let mut arguments = [
            Argument::Number(session),
            Argument::Number(CKU_USER),
            pin,
            Argument::Number(length),
        ];
        let said = module.call(Function::named("C_Login"), &mut arguments);
        assert_ne!(said, Some(Rv(CKR_OK)));
    }
    refused("after pointers to nothing");
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn one_programs_login_does_nothing_for_another() {
    let stage = Stage::piv();
    classic(&stage);
    let person = Approver::who_leaves_all(&stage.home);
    let mut first = Program::start(&stage.home, logs_in_and_stays);
    first.says_that("logged in");
    assert_eq!(pins_sent(&stage), 1);
    program::run(&stage.home, signs_without_a_login);
    first.tell("sign");
    first.says_that("signed");
    first.tell("end");
    first.ends();
    assert!(person.answered().is_empty(), "the holder was asked beside");
}

#[test]
#[ignore = "a program of the test above"]
fn signs_without_a_login() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let not = Err(Rv(CKR_USER_NOT_LOGGED_IN));
    assert_eq!(module.signature(session, key, &ecdsa(), &[4; 32]), not);
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn a_classic_login_counts_until_the_logout() {
    let stage = Stage::piv();
    classic(&stage);
    program::run(&stage.home, logs_in_and_out);
    // One wrong, two right; the wrong one was not tried twice.
    assert_eq!(pins_sent(&stage) - signatures(&stage), 3 - 1);
}

/// Signatures that the card made: GENERAL AUTHENTICATE.
fn signatures(stage: &Stage) -> usize {
    let log = stage.card.log();
    log.iter().filter(|one| one.command[1] == 0x87).count()
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_and_out() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let (other, _) = session_and_key(&module, IDENTIFICATION);
    let sign = |session| module.signature(session, key, &ecdsa(), &[4; 32]).map(drop);
    let not = Err(Rv(CKR_USER_NOT_LOGGED_IN));
    let wrong = Err(Rv(CKR_PIN_INCORRECT));
    assert_eq!(module.login(session, CKU_USER, Some(WRONG)), wrong);
    assert_eq!(sign(session), not);
    assert_eq!(module.logout(session), not);
    module.close_session(session).unwrap();
    module.close_session(other).unwrap();
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn the_signing_key_wants_a_login_for_each_signature() {
    let scene = TwoKeys::new();
    classic(&scene.stage);
    program::run(&scene.stage.home, logs_in_for_each_signature);
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_for_each_signature() {
    let module = initialized();
    until_token(&module, SIGNING);
    let (session, key) = session_and_key(&module, SIGNING);
    let always = module.attribute(session, key, cryptoki_sys::CKA_ALWAYS_AUTHENTICATE);
    assert_eq!(always, Ok(vec![1]));
    module.login(session, CKU_USER, Some(PIN)).unwrap();
    let not = Err(Rv(CKR_USER_NOT_LOGGED_IN));
    let mut signature = [0; 64];
    for _ in 0..2 {
        module.sign_init(session, &ecdsa(), key).unwrap();
        let signed = module.sign(session, &[6; 32], Some(&mut signature));
        assert_eq!(signed.0, not, "without a login of its own");
        signs_with_a_login_of_its_own(&module, session, key);
    }
    // The login for the one key is none for the other.
    let (other, identification) = session_and_key(&module, IDENTIFICATION);
    let signed = module.signature(other, identification, &ecdsa(), &[6; 32]);
    assert_eq!(signed.map(drop), not);
    module.finalize().unwrap();
}

fn signs_with_a_login_of_its_own(module: &Module, session: u64, key: u64) {
    let mut signature = [0; 64];
    module.sign_init(session, &ecdsa(), key).unwrap();
    module
        .login(session, CKU_CONTEXT_SPECIFIC, Some(PIN))
        .unwrap();
    let signed = module.sign(session, &[6; 32], Some(&mut signature));
    assert_eq!(signed, (Ok(()), 64));
}
