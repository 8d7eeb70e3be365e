//! What is not done, and what is told apart.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use lichna_apdu::{ChannelError, ExchangeError, Instruction, LONGEST_EXTENDED, Status, tlv};
use lichna_card::{
    AdminAlgorithm, AdminKey, Administrator, Atr, CardError, KeyAlgorithm, KeyRef, LastTry,
    Profiles, Salt, SignatureScheme,
};
use zeroize::Zeroizing;

use crate::{
    channels::Scripted,
    flows::{Which, pin},
    pins::{OK, left, piv},
    profiles::example,
};

const AUTHENTICATION: KeyRef = KeyRef::new(0x9A);

#[test]
fn a_piv_card_is_numbered_by_the_guid_of_its_chuid() {
    let fascn = tlv::encode(0x30, &[0xD4; 25]);
    let expiry = tlv::encode(0x35, b"99991231");
    let number = |guid: &[u8]| {
        let chuid = [&fascn[..], guid, &expiry, &[0x3E, 0x00, 0xFE, 0x00]].concat();
        let object = [&tlv::encode(0x53, &chuid), OK].concat();
        piv(&mut Scripted::new([&object])).read_card_number()
    };
    let guid = tlv::encode(0x34, &[0xAB; 16]);
    assert_eq!(number(&guid).unwrap().unwrap(), "AB".repeat(16));
    // None, or only room for one.
    for none in [&[][..], &tlv::encode(0x34, &[0; 16])] {
        assert_eq!(number(none), Ok(None));
    }
    for length in [0, 15, 17] {
        let wrong = number(&tlv::encode(0x34, &vec![0xAB; length]));
        assert!(matches!(wrong, Err(CardError::Malformed { .. })));
    }
    for answer in [&[0x6A, 0x82][..], &[0x53, 0x00, 0x90, 0x00]] {
        let none = piv(&mut Scripted::new([answer])).read_card_number();
        assert_eq!(none, Ok(None));
    }
}

#[test]
fn a_piv_card_is_asked_for_a_challenge_by_each_kind_of_key_until_it_gives_one() {
    const ANOTHER: &[u8] = &[0x6A, 0x86];
    let challenge = [&[0x7C, 0x12, 0x81, 0x10][..], &[7; 16], OK].concat();
    let mut channel = Scripted::new([ANOTHER, ANOTHER, &challenge]);
    let found = piv(&mut channel).challenge().unwrap();
    assert_eq!(found.algorithm(), Some(AdminAlgorithm::Aes192));
    let asked: Vec<u8> = channel.commands.iter().map(|command| command[2]).collect();
    assert_eq!(asked, [0x03, 0x08, 0x0A]);
    // A challenge that is not one block of such a key is none.
    let refused = piv(&mut Scripted::new([&challenge])).challenge();
    assert!(matches!(refused, Err(CardError::Malformed { .. })));
    let refused = piv(&mut Scripted::new([ANOTHER; 4])).challenge();
    assert!(matches!(refused, Err(CardError::CardRefused { .. })));
}

#[test]
fn signs_nothing_with_a_key_or_a_scheme_that_the_profile_does_not_offer() {
    let mut channel = Scripted::new([OK, OK]);
    let mut card = piv(&mut channel);
    let mut card = card
        .verify(left(3).pin, &pin("123456"), LastTry::Refuse, Some(&left(3)))
        .unwrap();
    let mut sign = |key, algorithm, scheme| {
        card.sign(
            KeyRef::new(key),
            algorithm,
            scheme,
            b"x",
            &Salt::new([0; 64]),
        )
    };
    let (p256, ecdsa) = (KeyAlgorithm::EcP256, SignatureScheme::EcdsaSecp256r1Sha256);
    // Document signatures and deciphering are none of a login's business. Promise 3.
    for key in [0x9C, 0x9D] {
        assert_eq!(
            sign(key, p256, ecdsa),
            Err(CardError::SchemeNotOffered { scheme: ecdsa })
        );
    }
    assert!(matches!(
        sign(0x9E, p256, ecdsa),
        Err(CardError::AnotherPin { .. })
    ));
    assert_eq!(
        sign(0x83, p256, ecdsa),
        Err(CardError::NotInProfile { what: "key" })
    );
    let wrong = SignatureScheme::EcdsaSecp384r1Sha384;
    assert_eq!(
        sign(0x9A, p256, wrong),
        Err(CardError::SchemeNotOffered { scheme: wrong })
    );
    drop(card);
    assert_eq!(channel.commands.len(), 1);
}

#[test]
fn an_openpgp_card_is_never_asked_for_pss() {
    let profile = Which::OpenPgp.profile();
    let key = profile.login_keys().next().unwrap();
    let offered: Vec<_> = key
        .schemes_for(KeyAlgorithm::Rsa2048)
        .map(SignatureScheme::name)
        .collect();
    assert_eq!(
        offered,
        ["rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512"]
    );
}

#[test]
fn an_unknown_card_is_asked_for_nothing_but_its_applications() {
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6D, 0x00]]);
    let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
    let found = Profiles::builtin().recognise(&mut channel, &atr).unwrap();
    assert!(found.is_none());
    assert_eq!(channel.commands.len(), 2);
    assert!(
        channel
            .commands
            .iter()
            .all(|command| command[..4] == [0x00, 0xA4, 0x04, 0x00])
    );
}

#[test]
fn an_unsigned_profile_cannot_take_a_known_card_by_another_application() {
    let mut profiles = Profiles::builtin();
    // Its ATR is of no signed profile, and fits; but the card has PIV too.
    profiles.add_unsigned("mine.toml", &example()).unwrap();
    let mut channel = Scripted::new([OK]);
    let atr =
        Atr::parse(&hex::decode("3B878001455841 4D501234".replace(' ', "")).unwrap()).unwrap();
    let found = profiles.recognise(&mut channel, &atr).unwrap().unwrap();
    assert_eq!((found.name(), found.unsigned()), ("PIV", false));

    // A card without PIV and OpenPGP is the user's.
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
    let found = profiles.recognise(&mut channel, &atr).unwrap().unwrap();
    assert_eq!(
        (found.name(), found.unsigned()),
        ("Example staff card", true)
    );

    // And with another ATR it is nobody's: the profile says so.
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
    let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
    assert!(profiles.recognise(&mut channel, &atr).unwrap().is_none());
    assert_eq!(channel.commands.len(), 2);
}

#[test]
fn a_terminated_application_is_said_to_be_terminated() {
    let mut channel = Scripted::new([&[0x62, 0x85]]);
    let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
    let found = Profiles::builtin().recognise(&mut channel, &atr);
    assert_eq!(found.map(|_| ()), Err(CardError::ApplicationTerminated));
}

#[test]
fn a_card_that_does_not_know_the_key_personalises_nothing() {
    // It answers the challenge with what it was given: right for a witness, wrong as a proof.
    let witness = [&[0x7C, 0x0A, 0x80, 0x08][..], &[1; 8], OK].concat();
    let proof = [&[0x7C, 0x0A, 0x82, 0x08][..], &[2; 8], OK].concat();
    let mut channel = Scripted::new([&witness, &proof]);
    let key = AdminKey::new(AdminAlgorithm::TripleDes, Zeroizing::new(vec![7; 24])).unwrap();
    let done = piv(&mut channel)
        .authenticate_administrator(&Administrator::Key {
            key: &key,
            challenge: [5; 16],
        })
        .map(|_| ());
    assert_eq!(done, Err(CardError::CardNotGenuine));
}

#[test]
fn falls_back_to_short_commands_when_the_card_refuses_extended_ones() {
    let object = [
        &[0x53, 0x07, 0x70, 0x02, 0x30, 0x00, 0x71, 0x01, 0x00][..],
        OK,
    ]
    .concat();
    let mut channel = Scripted::new([&[0x67, 0x00], &object, &object]);
    channel.longest = LONGEST_EXTENDED;
    let mut card = piv(&mut channel);
    for _ in 0..2 {
        assert_eq!(
            card.read_certificate(AUTHENTICATION).unwrap(),
            Some(vec![0x30, 0x00])
        );
    }
    let lengths: Vec<usize> = channel.commands.iter().map(Vec::len).collect();
    // Extended, short; and from then on short at once.
    assert_eq!(lengths, [14, 11, 11]);
}

#[test]
fn a_compressed_certificate_is_unpacked_where_the_object_says_so() {
    let der = [&[0x30, 0x81, 0x80][..], &[0x05; 128]].concat();
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&der).unwrap();
    let packed = packed.finish().unwrap();
    let object = |info| {
        let value = [
            &tlv::encode(0x70, &packed)[..],
            &[0x71, 0x01, info, 0xFE, 0x00],
        ]
        .concat();
        [&tlv::encode(0x53, &value)[..], OK].concat()
    };
    let mut channel = Scripted::new([&object(0x01), &object(0x00)]);
    let mut card = piv(&mut channel);
    assert_eq!(card.read_certificate(AUTHENTICATION).unwrap(), Some(der));
    assert!(card.read_certificate(AUTHENTICATION).is_err());
}

#[test]
fn a_pulled_card_is_told_from_a_refusal() {
    let mut channel = Scripted::new([]);
    let done = piv(&mut channel).read_certificate(AUTHENTICATION);
    let removed = CardError::Exchange(ExchangeError::Channel(ChannelError::CardRemoved));
    assert_eq!(done, Err(removed));
    let mut channel = Scripted::new([&[0x69, 0x82]]);
    let done = piv(&mut channel).read_certificate(AUTHENTICATION);
    let refused = CardError::CardRefused {
        command: Instruction::GetDataOdd,
        status: Status::SecurityStatusNotSatisfied,
    };
    assert_eq!(done, Err(refused));
}
