//! Signing: what the holder is asked, what reaches the card, and what a program may get wrong.

use std::thread;

use cryptoki_sys::{
    CKA_EC_POINT, CKF_DECRYPT, CKF_DERIVE, CKF_DIGEST, CKF_ENCRYPT, CKF_SIGN, CKF_UNWRAP,
    CKF_VERIFY, CKF_WRAP, CKM_ECDSA, CKM_RSA_PKCS, CKO_PUBLIC_KEY, CKR_BUFFER_TOO_SMALL,
    CKR_CRYPTOKI_NOT_INITIALIZED, CKR_DEVICE_REMOVED, CKR_FUNCTION_CANCELED, CKR_MECHANISM_INVALID,
    CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED, CKR_PIN_INCORRECT,
};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::{Answers, Approver, pending};
use lichna_tests::ca::KeyKind;
use lichna_tests::module::{Argument, FUNCTIONS, Mechanism, Module, Rv, Template, in_a_fork};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::client::{PIN, WRONG};
use crate::program::{
    self, IDENTIFICATION, Program, SIGNING, hear, initialized, say, session_and_key, until_token,
};
use crate::scene::{TwoKeys, none_pending, person, quiet, the_pending, was_asked};
use crate::stage::Stage;

/// ECDSA over a hash.
pub const ECDSA: Mechanism = Mechanism {
    kind: CKM_ECDSA,
    parameter: None,
    claimed: None,
};

/// Signs with that token, and has the signature checked against the public key of the token.
pub fn signs(module: &Module, slot: u64, message: &[u8]) -> Result<(), Rv> {
    let (session, key) = session_and_key(module, slot);
    let hash = ring::digest::digest(&ring::digest::SHA256, message);
    let signature = module.signature(session, key, &ECDSA, hash.as_ref());
    let public = module.find(session, &Template::of_class(CKO_PUBLIC_KEY));
    let point = module.attribute(session, public.unwrap()[0], CKA_EC_POINT);
    module.close_session(session).unwrap();
    let signature = signature?;
    let point = point.unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point[2..]);
    key.verify(message, &signature).unwrap();
    Ok(())
}

// Req C.2, C.3
#[test]
fn nothing_but_the_signature_asks_the_holder_and_reaches_the_card() {
    let stage = Stage::piv();
    let person = person(&stage.home);
    let mut program = Program::start(&stage.home, prepares_and_signs);
    program.says_that("ready");
    let before = quiet(&stage);
    program.tell("prepare");
    program.says_that("prepared");
    assert_eq!(
        stage.card.commands(),
        before,
        "a preparation reached the card"
    );
    assert_eq!(person.pins_asked(), 0);
    assert!(pending(&stage.home).is_empty());
    program.tell("sign");
    program.ends();
    was_asked(&person, 1);
    assert!(stage.card.commands() > before);
}

#[test]
#[ignore = "a program of the test above"]
fn prepares_and_signs() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    say("ready");
    hear("prepare");
    let small = Err(Rv(CKR_BUFFER_TOO_SMALL));
    module.sign_init(session, &ECDSA, key).unwrap();
    for _ in 0..5 {
        assert_eq!(module.sign(session, &[7; 32], None), (Ok(()), 64));
        for room in [0, 1, 63] {
            let mut buffer = vec![0; room];
            assert_eq!(
                module.sign(session, &[7; 32], Some(&mut buffer)),
                (small, 64)
            );
        }
        // Meanwhile it is looked at, and searched for.
        module
            .attribute(session, key, cryptoki_sys::CKA_KEY_TYPE)
            .unwrap();
        module.find(session, &Template::all()).unwrap();
    }
    let active = Err(Rv(CKR_OPERATION_ACTIVE));
    assert_eq!(module.sign_init(session, &ECDSA, key), active);
    say("prepared");
    hear("sign");
    let mut buffer = [0; 64];
    assert_eq!(
        module.sign(session, &[7; 32], Some(&mut buffer)),
        (Ok(()), 64)
    );
    // It is over now.
    let over = Err(Rv(CKR_OPERATION_NOT_INITIALIZED));
    assert_eq!(module.sign(session, &[7; 32], Some(&mut buffer)).0, over);
    assert_eq!(module.sign(session, &[7; 32], None).0, over);
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn a_holder_who_says_no_is_not_asked_again_for_the_same() {
    let stage = Stage::piv();
    let person = person(&stage.home);
    person.once(Answers::refuses());
    let mut program = Program::start(&stage.home, insists);
    program.says_that("refused");
    was_asked(&person, 1);
    program.tell("insist");
    program.says_that("refused again");
    // The same again, from several threads, and something else in the same breath: no prompt.
    was_asked(&person, 1);
    assert!(pending(&stage.home).is_empty());
    program.tell("come back");
    program.ends();
    was_asked(&person, 2);
    // No PIN was typed for what was refused; one was for what was not.
    let verify = |command: &[u8]| command.len() > 5 && command[1] == 0x20;
    let log = stage.card.log();
    assert_eq!(log.iter().filter(|one| verify(&one.command)).count(), 1);
}

#[test]
#[ignore = "a program of the test above"]
fn insists() {
    const CANCELED: Result<(), Rv> = Err(Rv(CKR_FUNCTION_CANCELED));
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    let sign = |data: u8| {
        let session = module.open_session(IDENTIFICATION).unwrap();
        let signed = module.signature(session, key, &ECDSA, &[data; 32]);
        module.close_session(session).unwrap();
        signed.map(drop)
    };
    assert_eq!(sign(1), CANCELED);
    // The operation is over, not stuck.
    let over = Err(Rv(CKR_OPERATION_NOT_INITIALIZED));
    assert_eq!(module.sign(session, &[1; 32], None).0, over);
    say("refused");
    hear("insist");
    thread::scope(|scope| {
        for data in [1, 1, 1, 2] {
            scope.spawn(move || assert_eq!(sign(data), CANCELED));
        }
    });
    say("refused again");
    hear("come back");
    // Something else, a moment later: the holder is asked, and now says yes.
    lichna_tests::until("the holder to be asked again", || sign(3).is_ok());
    module.finalize().unwrap();
}

// Req C.2, C.3
#[test]
fn a_wrong_pin_costs_one_try_and_is_said_to_be_wrong() {
    let stage = Stage::piv();
    let person = Approver::new(&stage.home, Answers::pin(WRONG));
    program::run(&stage.home, signs_with_a_wrong_pin);
    let verifies = stage.card.log();
    let wrong = verifies
        .iter()
        .filter(|one| one.command.len() > 5 && one.command[1] == 0x20)
        .count();
    assert_eq!(wrong, 1);
    was_asked(&person, 1);
}

#[test]
#[ignore = "a program of the test above"]
fn signs_with_a_wrong_pin() {
    let module = initialized();
    assert_eq!(
        signs(&module, IDENTIFICATION, &[1]),
        Err(Rv(CKR_PIN_INCORRECT))
    );
    module.finalize().unwrap();
}

/// A grant is for one key of one program: 8 signatures; the signing key has none.
// Req C.2, C.3
#[test]
fn a_grant_is_for_one_key_of_one_program_and_eight_signatures() {
    let scene = TwoKeys::new();
    let home = &scene.stage.home;
    let person = Approver::new(home, Answers::pin(PIN).grants());
    let mut first = Program::start(home, signs_when_told);
    let sign = |program: &mut Program, slot: &str, asked: usize| {
        program.tell(slot);
        program.says_that("signed");
        was_asked(&person, asked);
    };
    for _ in 0..8 {
        sign(&mut first, "identification", 1);
    }
    sign(&mut first, "identification", 2);
    // Another program of the same user, the very same executable, has nothing of it.
    let mut second = Program::start(home, signs_when_told);
    sign(&mut second, "identification", 3);
    // Nor does it take anything from it; nor does a child that only forked.
    sign(&mut first, "identification", 3);
    first.tell("fork");
    first.says_that("signed");
    sign(&mut first, "identification", 3);
    // The signing key asks each time, and does not say that it would not.
    for asked in 4..=6 {
        sign(&mut first, "signing", asked);
    }
    for program in [&mut first, &mut second] {
        program.tell("end");
    }
    first.ends();
    second.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn signs_when_told() {
    let module = initialized();
    until_token(&module, SIGNING);
    for line in std::io::stdin().lines() {
        let slot = match line.unwrap().as_str() {
            "identification" => IDENTIFICATION,
            "signing" => SIGNING,
            "fork" => {
                // It begins and ends, with what it has of its parent's connections.
                let child = in_a_fork(|| {
                    module.initialize().unwrap();
                    session_and_key(&module, IDENTIFICATION);
                    module.finalize().unwrap();
                    0
                });
                assert_eq!(child, 0);
                say("signed");
                continue;
            }
            _ => break,
        };
        signs(&module, slot, &[9]).unwrap();
        say("signed");
    }
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn winding_up_ends_a_signature_that_waits_for_the_holder() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, finalizes_during_a_signature);
    for _ in 0..3 {
        the_pending(&stage.home);
        program.tell("finalize");
        program.says_that("ended");
        // Nobody is asked any more for what nobody waits for.
        none_pending(&stage.home);
        program.tell("again");
    }
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn finalizes_during_a_signature() {
    let module = &program::module();
    for _ in 0..3 {
        module.initialize().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| signs_bare(module, IDENTIFICATION));
            hear("finalize");
            module.finalize().unwrap();
            let gone = Err(Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
            assert_eq!(waiting.join().unwrap(), gone);
        });
        say("ended");
        hear("again");
    }
}

fn signs_bare(module: &Module, slot: u64) -> Result<(), Rv> {
    let (session, key) = session_and_key(module, slot);
    module.signature(session, key, &ECDSA, &[5; 32]).map(drop)
}

// Req C.3
#[test]
fn a_card_pulled_while_the_holder_is_asked_ends_the_signature() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, signs_until_removed);
    the_pending(&stage.home);
    stage.card.remove();
    program.says_that("removed");
    none_pending(&stage.home);
    stage.card.insert();
    let _person = person(&stage.home);
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn signs_until_removed() {
    let module = initialized();
    assert_eq!(
        signs_bare(&module, IDENTIFICATION),
        Err(Rv(CKR_DEVICE_REMOVED))
    );
    lichna_tests::until("the token to be gone, too", || {
        module.slots(true).unwrap().is_empty()
    });
    say("removed");
    until_token(&module, IDENTIFICATION);
    signs(&module, IDENTIFICATION, &[2]).unwrap();
    module.finalize().unwrap();
}

/// One thread waits for the holder; the others go on looking, searching, opening sessions.
// Req C.3
#[test]
fn a_prompt_holds_up_nobody_but_who_wants_the_signature() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, looks_around_during_a_signature);
    the_pending(&stage.home);
    program.tell("look");
    program.says_that("looked");
    let _person = person(&stage.home);
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn looks_around_during_a_signature() {
    let module = &program::module();
    module.initialize().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| signs(module, IDENTIFICATION, &[3]));
        hear("look");
        let (session, key) = session_and_key(module, IDENTIFICATION);
        module
            .attribute(session, key, cryptoki_sys::CKA_ID)
            .unwrap();
        module.token_info(IDENTIFICATION).unwrap();
        module.sign_init(session, &ECDSA, key).unwrap();
        assert_eq!(module.sign(session, &[7; 32], None), (Ok(()), 64));
        module.close_session(session).unwrap();
        assert!(!waiting.is_finished(), "nobody has answered yet");
        say("looked");
        waiting.join().unwrap().unwrap();
    });
    module.finalize().unwrap();
}

/// Nothing is decrypted, unwrapped, derived, generated: whatever is asked for.
// Req C.3
#[test]
fn no_mechanism_does_anything_but_sign() {
    let stage = Stage::with(Making::new(Kind::Piv), KeyKind::Rsa2048);
    let before = quiet(&stage);
    program::run(&stage.home, tries_every_mechanism);
    assert_eq!(stage.card.commands(), before);
}

#[test]
#[ignore = "a program of the test above"]
fn tries_every_mechanism() {
    let module = initialized();
    let offered = module.mechanisms(IDENTIFICATION).unwrap();
    assert!(offered.contains(&CKM_RSA_PKCS));
    for mechanism in &offered {
        let flags = module
            .mechanism_info(IDENTIFICATION, *mechanism)
            .unwrap()
            .flags;
        // A hash is made in the program itself, of what is no secret.
        assert_ne!(flags & (CKF_SIGN | CKF_DIGEST), 0, "{mechanism:#x}");
        let others = CKF_DECRYPT | CKF_ENCRYPT | CKF_DERIVE | CKF_UNWRAP | CKF_WRAP | CKF_VERIFY;
        assert_eq!(flags & others, 0, "{mechanism:#x}");
    }
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    // The last that the standard has is below.
    for kind in 0..0x4100 {
        if offered.contains(&kind) {
            continue;
        }
        let invalid = Err(Rv(CKR_MECHANISM_INVALID));
        assert_eq!(
            module.sign_init(session, &Mechanism::plain(kind), key),
            invalid,
            "{kind:#x}"
        );
        let info = module.mechanism_info(IDENTIFICATION, kind).map(drop);
        assert_eq!(info, invalid, "{kind:#x}");
    }
    let others = FUNCTIONS.iter().filter(|function| {
        let name = function.name;
        let words = [
            "Encrypt",
            "Decrypt",
            "Derive",
            "Wrap",
            "Unwrap",
            "Generate",
            "Recover",
            "CopyObject",
            "CreateObject",
            "SetAttribute",
            "DestroyObject",
            "InitToken",
            "InitPIN",
        ];
        words.iter().any(|word| name.contains(word))
    });
    for function in others {
        let mut arguments = crate::general::harmless(function);
        arguments[0] = Argument::Number(session);
        let said = module.call(function, &mut arguments).unwrap();
        let refusals = [
            "CKR_FUNCTION_NOT_SUPPORTED",
            "CKR_RANDOM_NO_RNG",
            "CKR_TOKEN_WRITE_PROTECTED",
            "CKR_SESSION_READ_ONLY",
            "CKR_SLOT_ID_INVALID",
            "CKR_ACTION_PROHIBITED",
            "CKR_OBJECT_HANDLE_INVALID",
        ];
        let name = said.name().unwrap_or_default();
        assert!(refusals.contains(&name), "{}: {said:?}", function.name);
    }
    module.finalize().unwrap();
}

/// Two threads of one program want a signature at once: one after the other is asked for.
// Req C.2, C.3
#[test]
fn two_signatures_at_once_are_two_questions_one_after_the_other() {
    let stage = Stage::piv();
    let person = person(&stage.home);
    program::run(&stage.home, signs_in_two_threads);
    was_asked(&person, 2);
}

#[test]
#[ignore = "a program of the test above"]
fn signs_in_two_threads() {
    let module = &initialized();
    thread::scope(|scope| {
        for message in [b"one", b"two"] {
            scope.spawn(move || signs(module, IDENTIFICATION, message).unwrap());
        }
    });
    module.finalize().unwrap();
}
