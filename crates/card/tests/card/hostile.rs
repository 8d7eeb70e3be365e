//! Cards that answer anything. Nothing panics, nothing grows without bound, and no try is spent
//! that nobody asked for.

use std::collections::VecDeque;

use lichna_apdu::{LONGEST_EXTENDED, LONGEST_SHORT};
use lichna_card::{
    AdminAlgorithm, AdminKey, Administrator, Atr, Card, KeyAlgorithm, LastTry, PinState, PinStatus,
    Profiles, Salt, SignatureScheme,
};
use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::{
    channels::Scripted,
    flows::{Which, pin, puk},
};

/// An answer: any bytes, or such as a card might give, with their lengths and tags broken.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just([0x90, 0x00]),
        Just([0x61, 0x00]),
        Just([0x6C, 0x10]),
        Just([0x63, 0xC3]),
        any::<[u8; 2]>(),
    ];
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    let tag = prop_oneof![
        Just(vec![0x53]),
        Just(vec![0x7C]),
        Just(vec![0x7F, 0x49]),
        Just(vec![0x30]),
        Just(vec![0x6E]),
        Just(vec![0x53, 0x82, 0x01, 0x04, 0x70]),
        Just(vec![]),
    ];
    (tag, bytes, word).prop_map(|(tag, bytes, word)| [&tag[..], &bytes, &word].concat())
}

fn scripted(answers: Vec<Vec<u8>>, extended: bool) -> Scripted {
    let mut channel = Scripted::new([]);
    channel.longest = if extended {
        LONGEST_EXTENDED
    } else {
        LONGEST_SHORT
    };
    channel.answers = VecDeque::from(answers);
    channel
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![Just(Which::Piv), Just(Which::OpenPgp)]
}

fn algorithm() -> impl Strategy<Value = KeyAlgorithm> {
    prop_oneof![
        Just(KeyAlgorithm::EcP256),
        Just(KeyAlgorithm::EcP384),
        Just(KeyAlgorithm::Rsa2048),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn reading_and_asking_never_panic_and_never_spend_a_try(
        which in which(),
        answers in prop::collection::vec(answer(), 0..8),
        extended: bool,
    ) {
        let mut channel = scripted(answers, extended);
        let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
        let _ = Profiles::builtin().recognise(&mut channel, &atr);
        let profile = which.profile();
        let mut card = Card::already_selected(&mut channel, profile.clone());
        for key in profile.keys() {
            if let Ok(Some(certificate)) = card.read_certificate(key.reference()) {
                prop_assert!(certificate.len() <= 32 * 1024);
            }
        }
        for rules in profile.pins() {
            let _ = card.pin_status(rules.reference());
        }
        prop_assert_eq!(channel.tries_spent(), 0);
    }

    #[test]
    fn signing_returns_a_signature_or_an_error_and_spends_one_try(
        which in which(),
        algorithm in algorithm(),
        answers in prop::collection::vec(answer(), 0..4),
        extended: bool,
    ) {
        let mut all = vec![vec![0x90, 0x00]];
        all.extend(answers);
        let mut channel = scripted(all, extended);
        let profile = which.profile();
        let user = profile.user_pin().unwrap().reference();
        let known = PinStatus {
            pin: user,
            state: PinState::Ready { tries_left: Some(3) },
            tries_total: None,
        };
        let mut card = Card::already_selected(&mut channel, profile.clone());
        let mut card = card.verify(user, &pin("123456"), LastTry::Refuse, Some(&known)).unwrap();
        let key = profile.login_keys().next().unwrap();
        let scheme: SignatureScheme = key.schemes_for(algorithm).next().unwrap();
        let signature =
            card.sign(key.reference(), algorithm, scheme, b"message", &Salt::new([1; 64]));
        if let Ok(signature) = signature {
            // A sequence of two numbers, or a number as long as the modulus.
            prop_assert!(signature.first() == Some(&0x30) || signature.len() == 256);
        }
        prop_assert_eq!(channel.tries_spent(), 1);
    }

    #[test]
    fn personalising_and_unblocking_never_panic(
        which in which(),
        algorithm in algorithm(),
        answers in prop::collection::vec(answer(), 0..8),
        extended: bool,
    ) {
        let mut channel = scripted(answers, extended);
        let profile = which.profile();
        let key = profile.login_keys().next().unwrap().reference();
        let user = profile.user_pin().unwrap().reference();
        let mut card = Card::already_selected(&mut channel, profile.clone());
        let _ = card.unblock(user, &puk("12345678"), &pin("123456"), LastTry::Refuse, None);
        let admin = AdminKey::new(AdminAlgorithm::Aes128, Zeroizing::new(vec![1; 16])).unwrap();
        let pw3 = pin("12345678");
        let administrator = match which {
            Which::Piv => Administrator::Key { key: &admin, challenge: [2; 16] },
            Which::OpenPgp => Administrator::Pin { pin: &pw3, policy: LastTry::HolderSaidSo },
        };
        if let Ok(mut card) = card.authenticate_administrator(&administrator) {
            let _ = card.generate_key(key, algorithm);
            let _ = card.write_certificate(key, &[0x30, 0x00]);
        }
        // One for the PUK, one for the administrator's PIN.
        prop_assert!(channel.tries_spent() <= 2);
    }
}

#[test]
fn a_certificate_that_claims_to_be_huge_is_refused() {
    // 53 83 FFFFFF 70 ..., 60 kB of it really there, over GET RESPONSE.
    let mut answers = vec![
        [
            &[0x53, 0x83, 0xFF, 0xFF, 0xFF][..],
            &[0x30; 250],
            &[0x61, 0x00],
        ]
        .concat(),
    ];
    answers.extend(vec![[&[0x30; 256][..], &[0x61, 0x00]].concat(); 300]);
    let mut channel = scripted(answers, false);
    let profile = Which::Piv.profile();
    let key = profile.login_keys().next().unwrap().reference();
    let mut card = Card::already_selected(&mut channel, profile);
    assert!(card.read_certificate(key).is_err());
    // It stopped asking at the bound.
    assert!(channel.commands.len() <= 260, "{}", channel.commands.len());
}
