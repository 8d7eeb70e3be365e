//! Classic behaviour, where the configuration switches it on: the PIN comes through C_Login. And
//! what C_Login does where it does not.

use cryptoki_sys::{
    CKF_LOGIN_REQUIRED, CKM_ECDSA, CKO_PRIVATE_KEY, CKR_FUNCTION_NOT_SUPPORTED, CKR_OK,
    CKR_PIN_INCORRECT, CKR_USER_NOT_LOGGED_IN, CKS_RO_PUBLIC_SESSION, CKS_RO_USER_FUNCTIONS,
    CKU_CONTEXT_SPECIFIC, CKU_SO, CKU_USER,
};
use lichna_tests::approver::{Approver, pending};
use lichna_tests::module::{Argument, Function, Mechanism, Module, Rv, Template};

use crate::client::{PIN, WRONG};
use crate::program::{self, IDENTIFICATION, Program, SIGNING, hear, initialized, say, until_token};
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
    let (session, key) = logged_in(&module, IDENTIFICATION);
    say("logged in");
    hear("sign");
    module.signature(session, key, &ecdsa(), &[4; 32]).unwrap();
    say("signed");
    hear("end");
    module.finalize().unwrap();
}

/// A session of whoever logs in, and the key that is there from then on.
fn logged_in(module: &Module, slot: u64) -> (u64, u64) {
    until_token(module, slot);
    let session = module.open_session(slot).unwrap();
    module.login(session, CKU_USER, Some(PIN)).unwrap();
    let state = module.session_info(session).unwrap().state;
    assert_eq!(state, CKS_RO_USER_FUNCTIONS);
    module.close_session(session).unwrap();
    // The last session took the login with it.
    let session = module.open_session(slot).unwrap();
    let state = module.session_info(session).unwrap().state;
    assert_eq!(state, CKS_RO_PUBLIC_SESSION);
    module.login(session, CKU_USER, Some(PIN)).unwrap();
    let keys = module
        .find(session, &Template::of_class(CKO_PRIVATE_KEY))
        .unwrap();
    (session, keys[0])
}

/// Nobody is logged in: there is no private key to be seen, and none that would sign.
fn nobody_is(module: &Module, session: u64, when: &str) {
    let keys = module.find(session, &Template::of_class(CKO_PRIVATE_KEY));
    for key in keys.unwrap().into_iter().chain(0..50) {
        let signed = module.signature(session, key, &ecdsa(), &[4; 32]);
        let refusals = [
            CKR_USER_NOT_LOGGED_IN,
            cryptoki_sys::CKR_KEY_HANDLE_INVALID,
            cryptoki_sys::CKR_KEY_FUNCTION_NOT_PERMITTED,
            cryptoki_sys::CKR_KEY_TYPE_INCONSISTENT,
        ];
        let refused = signed.as_ref().is_err_and(|rv| refusals.contains(&rv.0));
        assert!(refused, "{when}, with key {key}: {signed:?}");
    }
    let state = module.session_info(session).unwrap().state;
    assert_eq!(state, CKS_RO_PUBLIC_SESSION, "{when}");
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_with_nothing() {
    let module = initialized();
    let session = module.open_session(IDENTIFICATION).unwrap();
    let flags = module.token_info(IDENTIFICATION).unwrap().flags;
    assert_ne!(flags & CKF_LOGIN_REQUIRED, 0);
    nobody_is(&module, session, "before any login");
    let long = "1".repeat(10_000);
    let no_digits = "\u{0}".repeat(6);
    for pin in ["", "1", "123", &no_digits, &long]
        .map(Some)
        .into_iter()
        .chain([None])
    {
        for user in [CKU_USER, CKU_CONTEXT_SPECIFIC, CKU_SO] {
            assert_ne!(module.login(session, user, pin), Ok(()), "{pin:?}");
        }
        nobody_is(&module, session, &format!("after {pin:?}"));
    }
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
    nobody_is(&module, session, "after pointers to nothing");
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
    assert_eq!(pins_sent(&stage), 2);
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
    until_token(&module, IDENTIFICATION);
    let session = module.open_session(IDENTIFICATION).unwrap();
    nobody_is(&module, session, "while another program is logged in");
    assert_eq!(module.logout(session), Err(Rv(CKR_USER_NOT_LOGGED_IN)));
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn a_classic_login_counts_until_the_logout() {
    let stage = Stage::piv();
    classic(&stage);
    program::run(&stage.home, logs_in_and_out);
    // The wrong PIN went to the card once, whoever else wanted to sign.
    let log = stage.card.log();
    let wrong = log.iter().filter(|one| {
        let typed = one
            .command
            .windows(6)
            .any(|bytes| bytes == WRONG.as_bytes());
        typed && one.command[1] == 0x20
    });
    assert_eq!(wrong.count(), 1);
}

#[test]
#[ignore = "a program of the test above"]
fn logs_in_and_out() {
    let module = initialized();
    let session = module.open_session(IDENTIFICATION).unwrap();
    let wrong = Err(Rv(CKR_PIN_INCORRECT));
    assert_eq!(module.login(session, CKU_USER, Some(WRONG)), wrong);
    nobody_is(&module, session, "after a wrong PIN");
    // After a wrong PIN from a program none is taken from programs until the card was in anew;
    // what was the matter is said, and costs nothing.
    assert_ne!(module.login(session, CKU_USER, Some(WRONG)), Ok(()));
    assert_ne!(module.login(session, CKU_USER, Some(PIN)), Ok(()));
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn a_logout_ends_what_the_login_began() {
    let stage = Stage::piv();
    classic(&stage);
    program::run(&stage.home, logs_out);
}

#[test]
#[ignore = "a program of the test above"]
fn logs_out() {
    let module = initialized();
    let (session, key) = logged_in(&module, IDENTIFICATION);
    let already = Err(Rv(cryptoki_sys::CKR_USER_ALREADY_LOGGED_IN));
    assert_eq!(module.login(session, CKU_USER, Some(PIN)), already);
    module.signature(session, key, &ecdsa(), &[4; 32]).unwrap();
    // Every session of the program is logged in, and every one is logged out.
    let other = module.open_session(IDENTIFICATION).unwrap();
    module.signature(other, key, &ecdsa(), &[5; 32]).unwrap();
    module.sign_init(session, &ecdsa(), key).unwrap();
    module.logout(other).unwrap();
    let begun = module.sign(session, &[6; 32], Some(&mut [0; 64])).0;
    assert!(begun.is_err(), "it signs after the logout");
    nobody_is(&module, session, "after the logout");
    nobody_is(&module, other, "after the logout");
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
    let (session, key) = logged_in(&module, SIGNING);
    let always = module.attribute(session, key, cryptoki_sys::CKA_ALWAYS_AUTHENTICATE);
    assert_eq!(always, Ok(vec![1]));
    let not = Err(Rv(CKR_USER_NOT_LOGGED_IN));
    for _ in 0..2 {
        let signed = module.signature(session, key, &ecdsa(), &[6; 32]);
        assert_eq!(signed.map(drop), not, "without a login of its own");
        module.sign_init(session, &ecdsa(), key).unwrap();
        module
            .login(session, CKU_CONTEXT_SPECIFIC, Some(PIN))
            .unwrap();
        let signed = module.sign(session, &[6; 32], Some(&mut [0; 64]));
        assert_eq!(signed, (Ok(()), 64));
    }
    // The login for the one key is none for the other.
    let other = module.open_session(IDENTIFICATION).unwrap();
    nobody_is(&module, other, "while logged in for the other key");
    module.finalize().unwrap();
}
