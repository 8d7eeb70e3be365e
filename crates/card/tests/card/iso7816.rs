//! Profiles of the dialect `iso7816`, and cards that speak it wrongly. Req C.7.

use std::fs;

use lichna_apdu::{Instruction, LONGEST_EXTENDED, LONGEST_SHORT, Status};
use lichna_card::{
    Administrator, Atr, Card, CardError, KeyAlgorithm, KeyRef, LastTry, PinState, PinStatus,
    Profile, ProfileError, Profiles, Renewal, Salt, SignatureScheme,
};
use proptest::prelude::*;

use crate::{
    channels::Scripted,
    flows::{pin, puk},
    pins::OK,
    practice::profile,
};

const KEY: KeyRef = KeyRef::new(0x01);

pub fn file(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../card-profiles/");
    fs::read_to_string(format!("{folder}{name}")).unwrap()
}

#[test]
fn no_card_is_ever_recognised_as_one_whose_data_is_not_known() {
    let profiles = Profiles::builtin();
    let incomplete: Vec<_> = profiles
        .iter()
        .filter(|profile| !profile.is_complete())
        .collect();
    assert_eq!(incomplete.len(), 1);
    assert_eq!(incomplete[0].file(), "bg-eid.toml");
    // Not even when it claims everything: all applications, and any ATR.
    let text = file("bg-eid.toml").replace(
        "aids = []",
        "aids = [\"A0 00 00 03 08\", \"D2 76 00 01 24\", \"F0 4C 49 43 48\"]
         atrs = [{ name = \"any\", pattern = \"3B 00\", mask = \"00 00\" }]",
    );
    let claims = Profile::check("bg-eid.toml", &text).unwrap();
    assert_eq!(claims.recognition().aids().len(), 3);
    let mut profiles = Profiles::builtin();
    let text = text.replace("A0 00 00 03 08", "F1 00 00 03 08");
    let text = text.replace("D2 76 00 01 24", "F2 76 00 01 24");
    let text = text.replace("F0 4C 49 43 48", "F3 4C 49 43 48");
    profiles.add_unsigned("bg-eid.toml", &text).unwrap();
    for interface in [
        lichna_apdu::Interface::Contact,
        lichna_apdu::Interface::Contactless,
    ] {
        let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
        assert!(profiles.by_atr_alone(&atr, interface).is_none());
        let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
        channel.interface = interface;
        assert!(profiles.recognise(&mut channel, &atr).unwrap().is_none());
        assert_eq!(channel.commands.len(), 2, "PIV and OpenPGP only");
    }
}

#[test]
fn the_practice_card_is_recognised_by_its_atr_and_its_application_only() {
    let profiles = Profiles::builtin();
    let atr = |hex: &str| Atr::parse(&hex::decode(hex).unwrap()).unwrap();
    let mut channel = Scripted::new([OK]);
    let found = profiles.recognise(&mut channel, &atr("3B88014C4943484E412D50F5"));
    assert!(found.unwrap().unwrap().is_practice());
    assert_eq!(channel.commands.len(), 1);
    // Its application on another card is not looked for.
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
    let found = profiles.recognise(&mut channel, &atr("3B00"));
    assert!(found.unwrap().is_none());
    // And its ATR on another card makes none of it.
    let mut channel = Scripted::new([&[0x6A, 0x82], OK]);
    let found = profiles.recognise(&mut channel, &atr("3B88014C4943484E412D50F5"));
    assert_eq!(found.unwrap().unwrap().name(), "PIV");
    assert_eq!(profile().renewal(), Some(&Renewal::Spare));
}

#[test]
fn an_unsigned_profile_cannot_call_its_cards_practice_cards() {
    let text = file("bg-eid-practice.toml")
        .replace("F0 4C 49 43 48 4E 41 01", "F0 4C 49 43 48 4E 42 01")
        .replace("4C 49 43 48 4E 41 2D", "4C 49 43 48 4E 42 2D");
    let refused = Profiles::builtin().add_unsigned("mine.toml", &text);
    assert!(
        matches!(&refused, Err(ProfileError::RelaxesProtection { field, .. }) if field == "practice"),
        "{refused:?}"
    );
    // Neither one that says it is none.
    let text = text.replace("practice = true", "practice = false");
    assert!(
        Profiles::builtin()
            .add_unsigned("mine.toml", &text)
            .is_err()
    );
    let text = text.replace("practice = false", "");
    Profiles::builtin()
        .add_unsigned("mine.toml", &text)
        .unwrap();
}

fn known(state: PinState) -> PinStatus {
    PinStatus {
        pin: profile().user_pin().unwrap().reference(),
        state,
        tries_total: None,
    }
}

fn ready() -> PinStatus {
    known(PinState::Ready {
        tries_left: Some(3),
    })
}

/// A signature that the card answers so.
fn sign(algorithm: KeyAlgorithm, scheme: SignatureScheme, answers: &[&[u8]]) -> Signed {
    let mut channel = Scripted::new([OK]);
    channel.longest = LONGEST_EXTENDED;
    channel
        .answers
        .extend(answers.iter().map(|one| one.to_vec()));
    let mut card = Card::already_selected(&mut channel, profile());
    let (known, salt) = (ready(), Salt::new([1; 64]));
    let done = card
        .verify(known.pin, &pin("123456"), LastTry::Refuse, Some(&known))
        .unwrap()
        .sign(KEY, algorithm, scheme, b"message", &salt);
    (done, channel.commands)
}

type Signed = (Result<Vec<u8>, CardError>, Vec<Vec<u8>>);

#[test]
fn a_signature_is_one_command_that_names_algorithm_and_key() {
    let answer = [&[1; 64][..], OK].concat();
    let (done, commands) = sign(
        KeyAlgorithm::EcP256,
        SignatureScheme::EcdsaSecp256r1Sha256,
        &[&answer],
    );
    assert_eq!(done.unwrap()[0], 0x30, "DER, as TLS wants it");
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[1][..5], [0x00, 0x88, 0x01, 0x01, 0x20]);
    // What the card pads is given as it is; what it does not, padded: as long as the modulus.
    for (scheme, reference, length) in [
        (SignatureScheme::RsaPkcs1Sha256, 0x02, 19 + 32),
        (SignatureScheme::RsaPkcs1Sha384, 0x02, 19 + 48),
        (SignatureScheme::RsaPssRsaeSha256, 0x03, 32),
        (SignatureScheme::RsaPssRsaeSha512, 0x04, 384),
    ] {
        let answer = [&[1; 384][..], OK].concat();
        let (done, commands) = sign(KeyAlgorithm::Rsa3072, scheme, &[&answer]);
        assert_eq!(done.unwrap().len(), 384);
        assert_eq!(commands[1][..4], [0x00, 0x88, reference, 0x01]);
        // Extended: the answer is longer than a short one.
        let data = u16::from_be_bytes([commands[1][5], commands[1][6]]);
        assert_eq!(usize::from(data), length, "{scheme}");
    }
}

#[test]
fn what_is_no_signature_of_such_a_key_is_refused_by_name() {
    use KeyAlgorithm::{EcP256, EcP384, Rsa2048};
    use SignatureScheme as S;
    let of = |length: usize| [&vec![1; length][..], OK].concat();
    for (algorithm, scheme, length) in [
        (EcP256, S::EcdsaSecp256r1Sha256, 63),
        (EcP256, S::EcdsaSecp256r1Sha256, 96),
        (EcP384, S::EcdsaSecp384r1Sha384, 64),
        (Rsa2048, S::RsaPkcs1Sha256, 255),
        (Rsa2048, S::RsaPkcs1Sha256, 0),
    ] {
        let (done, _) = sign(algorithm, scheme, &[&of(length)]);
        let malformed =
            matches!(&done, Err(CardError::Malformed { what, .. }) if *what == "signature");
        assert!(malformed, "{length}: {done:?}");
    }
    let ecdsa = S::EcdsaSecp256r1Sha256;
    let zeros = [&[0; 64][..], OK].concat();
    assert!(sign(EcP256, ecdsa, &[&zeros]).0.is_err());
    let (done, _) = sign(EcP256, ecdsa, &[&[0x6A, 0x88]]);
    assert_eq!(done, Err(CardError::KeyMissing { key: KEY }));
    let (done, _) = sign(EcP256, ecdsa, &[&[0x69, 0x82]]);
    assert_eq!(
        done,
        Err(CardError::CardRefused {
            command: Instruction::InternalAuthenticate,
            status: Status::SecurityStatusNotSatisfied,
        })
    );
    // RSA-4096 is none of its keys; nothing is sent.
    let (done, commands) = sign(KeyAlgorithm::Rsa4096, S::RsaPkcs1Sha256, &[OK]);
    assert!(matches!(done, Err(CardError::AlgorithmNotOffered { .. })));
    assert_eq!(commands.len(), 1);
}

#[test]
fn a_key_of_another_command_is_told_its_algorithm_first() {
    let text = file("bg-eid-practice.toml").replacen(
        "command = \"internal-authenticate\"",
        "command = \"compute-digital-signature\"",
        1,
    );
    let profile = std::sync::Arc::new(Profile::check("p.toml", &text).unwrap());
    let answer = [&[1; 64][..], OK].concat();
    let mut channel = Scripted::new([OK, OK, &answer]);
    let mut card = Card::already_selected(&mut channel, profile);
    let known = ready();
    card.verify(known.pin, &pin("123456"), LastTry::Refuse, Some(&known))
        .unwrap()
        .sign(
            KEY,
            KeyAlgorithm::EcP256,
            SignatureScheme::EcdsaSecp256r1Sha256,
            b"message",
            &Salt::new([0; 64]),
        )
        .unwrap();
    let set = hex::decode("002241B606800101840101").unwrap();
    assert_eq!(channel.commands[1], set);
    assert_eq!(channel.commands[2][..5], [0x00, 0x2A, 0x9E, 0x9A, 0x20]);
}

#[test]
fn the_last_try_of_a_transport_pin_is_the_holders() {
    let user = ready().pin;
    let mut channel = Scripted::new([OK, OK]);
    let mut card = Card::already_selected(&mut channel, profile());
    let (old, new) = (pin("12345"), pin("123456"));
    let last = known(PinState::Ready {
        tries_left: Some(1),
    });
    let refused = card.activate_pin(user, &old, &new, LastTry::Refuse, Some(&last));
    assert!(matches!(refused, Err(CardError::LastTryRefused { .. })));
    for (state, error) in [
        (PinState::Blocked, CardError::PinBlocked),
        (PinState::Suspended, CardError::PinSuspended),
    ] {
        let status = known(state);
        let done = card.activate_pin(user, &old, &new, LastTry::HolderSaidSo, Some(&status));
        assert_eq!(done, Err(error));
    }
    card.activate_pin(user, &old, &new, LastTry::HolderSaidSo, Some(&last))
        .unwrap();
    assert_eq!(channel.commands.len(), 1);
    // Other cards have none.
    let mut channel = Scripted::new([]);
    let done = crate::pins::piv(&mut channel).activate_pin(user, &old, &new, LastTry::Refuse, None);
    assert!(matches!(done, Err(CardError::NotInProfile { .. })));
}

#[test]
fn a_card_that_takes_no_extended_commands_is_read_to_the_end_all_the_same() {
    let mut certificate = vec![0x30, 0x82, 0x01, 0xFC];
    certificate.resize(512, 0x5A);
    let (first, second) = certificate.split_at(256);
    let mut channel = Scripted::new([
        OK,
        &[0x67, 0x00],
        &[first, OK].concat(),
        &[second, OK].concat(),
    ]);
    channel.longest = LONGEST_EXTENDED;
    let mut card = Card::already_selected(&mut channel, profile());
    assert_eq!(card.read_certificate(KEY).unwrap(), Some(certificate));
    assert_eq!(channel.commands.last().unwrap()[..4], [0, 0xB0, 1, 0]);
}

#[test]
fn a_challenge_of_another_length_is_none() {
    for length in [0, 8, 15, 17] {
        let answer = [&vec![7; length][..], OK].concat();
        let mut channel = Scripted::new([&answer]);
        let challenge = Card::already_selected(&mut channel, profile()).challenge();
        assert!(matches!(challenge, Err(CardError::Malformed { .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_hostile_card_makes_nothing_panic_and_spends_no_try(
        answers in prop::collection::vec(
            (
                prop::collection::vec(any::<u8>(), 0..300),
                prop_oneof![Just([0x90, 0x00]), Just([0x62, 0x82]), any::<[u8; 2]>()],
            )
                .prop_map(|(data, word)| [&data[..], &word].concat()),
            0..12,
        ),
        extended: bool,
        what in 0..8_u8,
    ) {
        let mut channel = Scripted::new([]);
        channel.longest = if extended { LONGEST_EXTENDED } else { LONGEST_SHORT };
        channel.answers = answers.into();
        let mut card = Card::already_selected(&mut channel, profile());
        let mut asked = 0;
        match what {
            0 => drop(card.read_certificate(KEY)),
            1 => drop(card.read_cia()),
            2 => drop(card.read_card_number()),
            3 => drop(card.pin_status(ready().pin)),
            4 => drop(lichna_card::read_card_access(&mut channel)),
            5 => {
                asked = 1;
                let _ = card.unblock(ready().pin, &puk("12345678"), &pin("123456"), LastTry::Refuse, None);
            }
            _ => {
                let Ok(challenge) = card.challenge() else {
                    return Ok(());
                };
                let administrator = Administrator::Answer {
                    challenge: &challenge,
                    answer: &[1; 16],
                };
                if let Ok(mut card) = card.authenticate_administrator(&administrator) {
                    let _ = card.generate_key(KEY, KeyAlgorithm::EcP256);
                    let _ = card.read_public_key(KEY, KeyAlgorithm::Rsa2048);
                    let _ = card.write_certificate(KEY, &[0x30, 0x00]);
                    let _ = card.activate(KEY);
                }
            }
        }
        prop_assert!(channel.tries_spent() <= asked);
    }
}
