//! What other programs see of a card through PKCS#11 and get from it, on the agent's side. Req C.3

mod program;

use std::fs;

use lichna_card::KeyAlgorithm;
use lichna_ipc::{Failure, HashName, KeyRole, Mechanism, PublicKey, Reply, Request, Token};
use lichna_softcard::Face;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::{Answers, Approver, Question, pending};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::key_store::KeyStore;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{self, CAN, IDENTIFICATION_A, PracticeCard, SIGNING_A};
use lichna_tests::until;
use program::{Program, of};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::client::{PIN, WRONG};
use crate::radio::Radio;
use crate::stage::{HOLDER, Stage};

const MESSAGE: &[u8] = b"what a server wants signed";
/// DigestInfo of SHA-256, RFC 8017 §9.2, without the hash.
const SHA256_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// A program that watches the tokens on its connection 0.
fn watching(stage: &Stage) -> Program {
    let mut program = Program::start(&stage.home);
    program.ask(0, Request::WatchTokens);
    program
}

/// The same, and the one token of the stage's card.
fn with_token(stage: &Stage) -> (Program, Token) {
    let program = watching(stage);
    let token = program.settled(0, 1).remove(0);
    (program, token)
}

fn hash(text: &[u8]) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

fn signature(outcome: Result<Reply, Failure>) -> Vec<u8> {
    match outcome {
        Ok(Reply::Signature { signature }) => signature,
        other => panic!("{other:?}"),
    }
}

/// The commands VERIFY with a PIN that came to the card.
fn pins_given(stage: &Stage) -> usize {
    let log = stage.card.log().into_iter();
    log.filter(|one| one.command[1] == 0x20 && one.command.len() > 5)
        .count()
}

/// What the person was asked, when the last of so many requests was dealt with: no prompt was open
/// but these.
fn prompts(person: &Approver, count: u32) -> Vec<Vec<Question>> {
    until("the person to be done", || {
        person.answered().iter().any(|one| one.request.id == count)
    });
    let answered = person.answered();
    let ids: Vec<_> = answered.iter().map(|one| one.request.id).collect();
    assert_eq!(ids, (1..=count).collect::<Vec<_>>());
    answered.into_iter().map(|one| one.asked).collect()
}

/// A practice card with both keys, over contacts.
fn both_keys(algorithm: KeyAlgorithm) -> (Stage, PracticeCard) {
    let ca = Ca::new("Login Test CA");
    let file = PracticeCard::new();
    file.personalise_key(IDENTIFICATION_A, algorithm, &ca, HOLDER);
    file.personalise_key(SIGNING_A, algorithm, &ca, HOLDER);
    let card = file.open().insert(Face::Contact);
    let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Practice Reader"));
    (stage, file)
}

/// Programs take the PIN themselves from now on.
fn classic(stage: &Stage) {
    let file = stage.home.path().join("config.toml");
    fs::write(file, "[pkcs11]\nlogin = true\n").unwrap();
}

#[test]
fn tokens_come_and_go_with_the_card() {
    let stage = Stage::piv();
    let (program, token) = with_token(&stage);
    assert_eq!(token.role, KeyRole::Authentication);
    assert_eq!(token.certificate.label, HOLDER);
    assert!(!token.login);
    assert_eq!(token.pin.tries_left, Some(3));
    assert_eq!(token.mechanisms, [Mechanism::Ecdsa]);
    stage.card.remove();
    program.settled(0, 0);
    stage.card.insert();
    let again = program.settled(0, 1).remove(0);
    assert_ne!(again.id, token.id);
    assert_eq!(again.certificate, token.certificate);
}

// Promise: a search never touches the card.
#[test]
fn whoever_watches_sends_nothing_to_the_card() {
    let stage = Stage::piv();
    let (_first, _) = with_token(&stage);
    let before = stage.card.log().len();
    let (mut second, token) = with_token(&stage);
    // A request that is answered after the watch: whatever it would send was sent.
    let logout = Request::TokenLogout { token: token.id };
    let logout = second.ask(1, logout);
    assert_eq!(second.outcome(logout), Ok(Reply::TokenLoggedOut));
    assert_eq!(stage.card.log().len(), before);
}

#[test]
fn a_watch_ends_with_the_agent() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home);
    let watch = program.ask(0, Request::WatchTokens);
    let cancelled = program.ask(1, Request::WatchTokens);
    program.settled(1, 1);
    program.cancel(cancelled);
    assert_eq!(program.outcome(cancelled), Ok(Reply::TokensWatched));
    stage.home.stop_agent();
    assert_eq!(program.outcome(watch), Err(Failure::Stopping));
}

#[test]
fn the_configured_authorities_are_shown_above_the_certificate() {
    let stage = Stage::piv();
    let other = Ca::new("Another CA");
    let mut pem = fs::read_to_string(&other.root().path).unwrap();
    pem += &fs::read_to_string(&stage.ca.root().path).unwrap();
    fs::write(stage.home.path().join("authorities.pem"), pem).unwrap();
    let text = "[pkcs11]\nchain = [\"missing.pem\", \"authorities.pem\"]\n";
    fs::write(stage.home.path().join("config.toml"), text).unwrap();
    let (_program, token) = with_token(&stage);
    let [root] = &token.chain[..] else {
        panic!("{:?}", token.chain);
    };
    assert_eq!(root.label, "Login Test CA");
    assert_eq!(root.subject, token.certificate.issuer);
}

fn signs_with_an_applet(key: KeyKind) {
    let stage = Stage::with(Making::new(Kind::Piv), key);
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    for mechanism in token.mechanisms.clone() {
        signs_well(&mut program, &token, mechanism);
    }
    prompts(&person, u32::try_from(token.mechanisms.len()).unwrap());
}

/// One signature, judged by ring.
fn signs_well(program: &mut Program, token: &Token, mechanism: Mechanism) {
    match (&token.key, mechanism) {
        (PublicKey::Ec { point, .. }, Mechanism::Ecdsa) if point.len() == 65 => {
            let asked = program.sign_by(1, token, mechanism, &hash(MESSAGE));
            let signature = signature(program.outcome(asked));
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            key.verify(MESSAGE, &signature).unwrap();
        }
        (PublicKey::Ec { point, .. }, Mechanism::Ecdsa) => {
            let asked = program.sign_by(1, token, mechanism, &Sha384::digest(MESSAGE));
            let signature = signature(program.outcome(asked));
            let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point);
            key.verify(MESSAGE, &signature).unwrap();
        }
        (PublicKey::Rsa { modulus, exponent }, Mechanism::RsaPkcs1) => {
            let input = [SHA256_INFO, &hash(MESSAGE)].concat();
            let asked = program.sign_by(1, token, mechanism, &input);
            let signature = signature(program.outcome(asked));
            let key = RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            };
            key.verify(&RSA_PKCS1_2048_8192_SHA256, MESSAGE, &signature)
                .unwrap();
        }
        (PublicKey::Rsa { modulus, exponent }, Mechanism::RsaPss { hash: name }) => {
            let (input, kind) = match name {
                HashName::Sha256 => (hash(MESSAGE), &RSA_PSS_2048_8192_SHA256),
                HashName::Sha384 => (Sha384::digest(MESSAGE).to_vec(), &RSA_PSS_2048_8192_SHA384),
                HashName::Sha512 => (Sha512::digest(MESSAGE).to_vec(), &RSA_PSS_2048_8192_SHA512),
            };
            let asked = program.sign_by(1, token, mechanism, &input);
            let signature = signature(program.outcome(asked));
            let key = RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            };
            key.verify(kind, MESSAGE, &signature).unwrap();
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn signs_with_p256() {
    signs_with_an_applet(KeyKind::P256);
}

#[test]
fn signs_with_p384() {
    signs_with_an_applet(KeyKind::P384);
}

#[test]
fn signs_with_rsa() {
    signs_with_an_applet(KeyKind::Rsa2048);
}

#[test]
fn a_practice_card_signs_with_both_keys() {
    let (stage, _file) = both_keys(KeyAlgorithm::EcP256);
    let program = &mut watching(&stage);
    let tokens = program.settled(0, 2);
    let _person = Approver::new(&stage.home, Answers::pin(practice::PIN));
    for token in &tokens {
        assert!(token.practice);
        assert_eq!(token.number.as_deref(), Some(practice::NUMBER));
        signs_well(program, token, Mechanism::Ecdsa);
    }
}

// Promise: nothing is sent to a card for what it cannot do.
#[test]
fn refuses_what_the_key_does_not_do_before_anybody_is_asked() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let before = stage.card.log().len();
    let asked = program.sign_by(1, &token, Mechanism::RsaPkcs1, &hash(MESSAGE));
    let failure = program.outcome(asked).unwrap_err();
    assert_eq!(failure.code(), "mechanism-not-offered");
    let asked = program.sign(1, &token, b"short");
    let failure = program.outcome(asked).unwrap_err();
    assert_eq!(failure.code(), "request-invalid");
    let mut other = token.clone();
    other.id.key = "9E".into();
    let asked = program.sign(1, &other, &hash(MESSAGE));
    let failure = program.outcome(asked).unwrap_err();
    assert_eq!(failure.code(), "key-unknown");
    assert_eq!(stage.card.log().len(), before);
}

#[test]
fn a_grant_is_good_for_eight_signatures_and_no_more() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    for number in 0..8_u8 {
        let asked = program.sign(1, &token, &hash(&[number]));
        signature(program.outcome(asked));
    }
    let asked = program.sign(1, &token, &hash(b"ninth"));
    signature(program.outcome(asked));
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
        let asked = program.sign(1, &token, &hash(&[number]));
        signature(program.outcome(asked));
    }
    prompts(&person, 2);
}

#[test]
fn a_grant_is_nothing_to_another_connection() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    for on in [1, 2] {
        let asked = program.sign(on, &token, &hash(MESSAGE));
        signature(program.outcome(asked));
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

#[test]
fn a_grant_ends_with_the_card() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    let asked = program.sign(1, &token, &hash(MESSAGE));
    signature(program.outcome(asked));
    stage.card.remove();
    program.settled(0, 0);
    let asked = program.sign(1, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(asked), Err(Failure::CardRemoved));
    stage.card.insert();
    let again = program.settled(0, 1).remove(0);
    // The token of the insertion before stays gone.
    let asked = program.sign(1, &token, &hash(MESSAGE));
    assert_eq!(program.outcome(asked), Err(Failure::CardRemoved));
    let asked = program.sign(1, &again, &hash(MESSAGE));
    signature(program.outcome(asked));
    prompts(&person, 2);
}

#[test]
fn a_grant_ends_with_the_connection() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let _person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    let asked = program.sign(1, &token, &hash(MESSAGE));
    signature(program.outcome(asked));
    program.hang_up(1);
    let asked = program.sign(2, &token, &hash(MESSAGE));
    signature(program.outcome(asked));
    assert_eq!(pins_given(&stage), 2);
}

#[test]
fn a_grant_ends_when_a_pin_was_wrong_for_anybody() {
    let stage = Stage::piv();
    let (mut program, token) = with_token(&stage);
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    let asked = program.sign(1, &token, &hash(MESSAGE));
    signature(program.outcome(asked));
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
        let asked = program.sign(1, &token, &hash(MESSAGE));
        signature(program.outcome(asked));
        let say = |signal: &str, arguments: &[&str]| {
            let mut command = stage.home.command("dbus-send");
            let path = "/org/freedesktop/login1";
            command.args(["--system", "--type=signal", path, signal]);
            assert!(command.args(arguments).status().unwrap().success());
        };
        if let ["boolean:true"] = arguments {
            // The computer woke up, the screen was unlocked: that ends nothing.
            say(signal, &["boolean:false"]);
            let asked = program.sign(1, &token, &hash(b"second"));
            signature(program.outcome(asked));
            assert!(!a_grant_has_ended(&stage));
        }
        until("the agent to hear it", || {
            say(signal, arguments);
            a_grant_has_ended(&stage)
        });
        let asked = program.sign(1, &token, &hash(b"third"));
        signature(program.outcome(asked));
        prompts(&person, 2);
    }
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
        let asked = program.sign(1, of(&tokens, KeyRole::Signing), &hash(&[number]));
        signature(program.outcome(asked));
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
        let asked = program.sign(1, &token, &hash(&[number]));
        signature(program.outcome(asked));
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
    let asked = program.sign(1, signing, &hash(MESSAGE));
    signature(program.outcome(asked));
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

#[test]
fn a_contactless_card_is_a_token_once_its_can_was_given() {
    let radio = Radio::new();
    let stage = &radio.stage;
    let mut program = watching(stage);
    until("the reader to want a CAN", || {
        let tokens = program.tokens(0);
        tokens.is_some_and(|tokens| tokens.settled && tokens.readers[0].wants_can)
    });
    let person = Approver::new(&stage.home, Answers::pin(practice::PIN).can(CAN));
    let reader = program.tokens(0).unwrap().readers[0].name.clone();
    // Two programs want it, and the holder is asked once.
    let mut other = Program::start(&stage.home);
    let both = (
        program.ask(
            1,
            Request::TokenUnlock {
                reader: reader.clone(),
            },
        ),
        other.ask(1, Request::TokenUnlock { reader }),
    );
    assert_eq!(program.outcome(both.0), Ok(Reply::TokenUnlocked));
    assert_eq!(other.outcome(both.1), Ok(Reply::TokenUnlocked));
    let token = program.settled(0, 1).remove(0);
    signs_well(&mut program, &token, Mechanism::Ecdsa);
    let asked = vec![vec![Question::Can], vec![Question::Pin, Question::Grant]];
    assert_eq!(prompts(&person, 2), asked);
    radio.assert_silent_before_the_channel(&[CAN, practice::PIN]);
}

#[test]
fn nobody_is_remembered_whom_nobody_remembered() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home);
    let asked = program.ask(0, Request::Programs);
    assert_eq!(program.outcome(asked), Ok(Reply::Programs(Vec::new())));
    let asked = program.ask(0, Request::ForgetPrograms { executable: None });
    assert_eq!(program.outcome(asked), Ok(Reply::ProgramsForgotten(0)));
}
