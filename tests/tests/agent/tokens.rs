//! What other programs see of a card through PKCS#11 and get from it, on the agent's side. Req C.3

mod classic;
mod grants;
mod program;
mod window;

use std::fs;

use lichna_card::KeyAlgorithm;
use lichna_ipc::{Failure, HashName, KeyRole, Mechanism, PublicKey, Reply, Request, Token};
use lichna_softcard::Face;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::{Answers, Approver, Question};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{self, CAN, IDENTIFICATION_A, PracticeCard, SIGNING_A};
use lichna_tests::until;
use program::Program;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::client::{PIN, Person, call};
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

// Req 14.1.8
#[test]
fn the_authorities_on_the_card_are_shown_above_the_certificate() {
    let file = PracticeCard::new();
    let ca = Ca::new("On The Card");
    file.personalise(&ca, HOLDER);
    file.write_chain(&[&ca.root().der]);
    let root_der = ca.root().der.clone();
    let card = file.open().insert(Face::Contact);
    let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Practice Reader"));
    let (_program, token) = with_token(&stage);
    let [root] = &token.chain[..] else {
        panic!("{:?}", token.chain);
    };
    assert_eq!(root.der, root_der);
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

#[test]
fn a_practice_card_signs_with_rsa_3072() {
    let (stage, _file) = both_keys(KeyAlgorithm::Rsa3072);
    let program = &mut watching(&stage);
    let tokens = program.settled(0, 2);
    let _person = Approver::new(&stage.home, Answers::pin(practice::PIN));
    for token in &tokens {
        assert!(token.mechanisms.len() > 1, "{:?}", token.mechanisms);
        for mechanism in &token.mechanisms {
            signs_well(program, token, *mechanism);
        }
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
fn a_card_that_was_opened_for_somebody_else_is_a_token_too() {
    let radio = Radio::new();
    let program = watching(&radio.stage);
    program.settled(0, 0);
    let request = Request::Certificates { reader: None };
    call(&radio.stage.home, request, &mut Person::who_types(&[CAN])).unwrap();
    program.settled(0, 1);
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
