//! The holder's side.

use std::sync::Arc;

use lichna_apdu::{Channel, LONGEST_SHORT};
use lichna_card::{
    Card, CardError, HashAlgorithm, KeyAlgorithm, LastTry, Password, PinState, PinStatus, Profiles,
    Salt, Selected, SignatureScheme, SigningInput,
};
use ring::signature::{self, UnparsedPublicKey};
use sha2::{Digest, Sha256, Sha384};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{
    CAN, MESSAGE, NEW, PIN, PUK, Reader, TRANSPORT, WRONG, Watched,
    administrator::{Kind, SIGNING, SLOT_A},
    can, check, pin, profile, puk, ready, state,
};

/// VERIFY as it is done after the tries were asked for.
fn verify(card: &mut Card<'_, Selected>, with: &str, policy: LastTry) -> Result<(), CardError> {
    let user = card.profile().user_pin().unwrap().reference();
    let known = card.pin_status(user)?;
    card.verify(user, &pin(with), policy, Some(&known))
        .map(|_| ())
}

/// From a card that was just put in, or whose channel was just opened, to a signature. Returns the
/// commands of a warm login.
fn login<K: Kind>(reader: &mut Reader<'_>) -> Vec<u8> {
    let atr = reader.atr();
    let mut channel = Watched::new(reader.channel);
    let found = Profiles::builtin().recognise(&mut channel, &atr).unwrap();
    let found = found.unwrap();
    assert!(found.is_practice());
    let mut card = Card::already_selected(&mut channel, found);
    let cia = card.read_cia().unwrap().unwrap();
    assert_eq!(cia.label(), Some("Lichna practice card"));
    assert_eq!(cia.pins().len(), 2);
    let refined = Arc::new(card.profile().refined(&cia));
    let key = refined.login_keys().next().unwrap();
    assert_eq!(key.reference(), SLOT_A);
    assert_eq!(key.algorithms(), [K::ALGORITHM]);
    let mut card = Card::already_selected(&mut channel, Arc::clone(&refined));
    let certificate = card.read_certificate(SLOT_A).unwrap().unwrap();
    let read = channel.instructions();
    if channel.longest_command() > LONGEST_SHORT {
        // SELECT by name; SELECT and READ BINARY of five files and the certificate.
        assert_eq!(read, [&[0xA4][..], &[0xA4, 0xB0].repeat(6)].concat());
    }
    // After the login was asked for.
    let mut channel = Watched::new(reader.channel);
    let user = refined.user_pin().unwrap().reference();
    let mut card = Card::select(&mut channel, Arc::clone(&refined)).unwrap();
    let known = card.pin_status(user).unwrap();
    assert_eq!(known.state, ready(3));
    let mut card = card
        .verify(user, &pin(PIN), LastTry::Refuse, Some(&known))
        .unwrap();
    let salt = Salt::new([7; 64]);
    let signature = card
        .sign(SLOT_A, K::ALGORITHM, K::SCHEME, MESSAGE, &salt)
        .unwrap();
    let warm = channel.instructions();
    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    check(certificate.public_key().raw, K::SCHEME, &signature);
    warm
}

pub fn login_contact<K: Kind>(reader: &mut Reader<'_>) {
    // SELECT, tries left, VERIFY, INTERNAL AUTHENTICATE.
    assert_eq!(login::<K>(reader), [0xA4, 0x20, 0x20, 0x88]);
}

/// Five commands for PACE; then as on contacts.
pub fn login_radio(reader: &mut Reader<'_>) {
    let mut messaging = reader.open_with_can();
    let mut channel = messaging.over(reader.channel);
    let mut inside = Reader::new(&mut channel);
    assert_eq!(
        login::<super::administrator::P256>(&mut inside),
        [0xA4, 0x20, 0x20, 0x88]
    );
}

/// The card pads PKCS #1 v1.5 and PSS with SHA-256; PSS with SHA-384 is padded here.
pub fn login_rsa(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let certificate = card.read_certificate(SLOT_A).unwrap().unwrap();
    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    let user = card.profile().user_pin().unwrap().reference();
    let mut card = card.verify(user, &pin(PIN), LastTry::Refuse, None).unwrap();
    for scheme in [
        SignatureScheme::RsaPssRsaeSha256,
        SignatureScheme::RsaPssRsaeSha384,
        SignatureScheme::RsaPkcs1Sha256,
    ] {
        let salt = Salt::new([7; 64]);
        let signature = card.sign(SLOT_A, KeyAlgorithm::Rsa2048, scheme, MESSAGE, &salt);
        check(certificate.public_key().raw, scheme, &signature.unwrap());
    }
}

/// The key for documents, with all that a program may give it; each with a PIN of its own.
pub fn programs_signing<K: Kind>(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let certificate = card.read_certificate(SIGNING).unwrap().unwrap();
    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    let key = &certificate.public_key().subject_public_key.data;
    let user = card.profile().user_pin().unwrap().reference();
    let offered = card.profile().inputs(SIGNING, K::ALGORITHM);
    let digests = [
        (HashAlgorithm::Sha256, Sha256::digest(MESSAGE).to_vec()),
        (HashAlgorithm::Sha384, Sha384::digest(MESSAGE).to_vec()),
    ];
    let encoded = [&DIGEST_INFO_SHA256[..], &digests[0].1].concat();
    let pss = digests
        .each_ref()
        .map(|(hash, digest)| SigningInput::RsaPss {
            hash: *hash,
            digest,
        });
    let all: [(SigningInput<'_>, &dyn signature::VerificationAlgorithm); 4] = [
        (
            SigningInput::Ecdsa {
                digest: &digests[1].1,
            },
            &signature::ECDSA_P384_SHA384_FIXED,
        ),
        (
            SigningInput::RsaPkcs1 { encoded: &encoded },
            &signature::RSA_PKCS1_2048_8192_SHA256,
        ),
        (pss[0], &signature::RSA_PSS_2048_8192_SHA256),
        (pss[1], &signature::RSA_PSS_2048_8192_SHA384),
    ];
    for (input, algorithm) in all {
        if !offered.contains(&input.kind()) {
            continue;
        }
        let mut card = card.verify(user, &pin(PIN), LastTry::Refuse, None).unwrap();
        let mut sign = || {
            let salt = Salt::new([7; 64]);
            card.sign_input(SIGNING, K::ALGORITHM, &input, &salt)
        };
        let signature = sign().unwrap();
        let valid = UnparsedPublicKey::new(algorithm, key).verify(MESSAGE, &signature);
        assert!(valid.is_ok(), "{input:?}");
        // One PIN, one document.
        assert!(matches!(sign(), Err(CardError::CardRefused { .. })));
    }
}

/// DigestInfo of SHA-256 without the hash, RFC 8017 §9.2.
const DIGEST_INFO_SHA256: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Over the radio nothing goes to the card before the channel stands.
pub fn can_first(reader: &mut Reader<'_>) {
    let (interface, atr) = (reader.channel.interface(), reader.atr());
    let profiles = Profiles::builtin();
    let known = profiles.by_atr_alone(&atr, interface).unwrap();
    assert!(known.is_practice());
    let mut channel = Watched::new(reader.channel);
    let refused = profiles.recognise(&mut channel, &atr);
    assert_eq!(refused.map(|_| ()), Err(CardError::ChannelNeeded));
    let refused = Card::select(&mut channel, profile()).map(|_| ());
    assert_eq!(refused, Err(CardError::ChannelNeeded));
    let user = profile().user_pin().unwrap().reference();
    let mut card = Card::already_selected(&mut channel, profile());
    assert_eq!(
        card.pin_status(user).map(|_| ()),
        Err(CardError::ChannelNeeded)
    );
    assert!(channel.exchanges.is_empty());
    // The card's own policy: no PACE with the PIN by a stranger, so no try is spent.
    let refused = reader.open(Password::Pin(&pin(WRONG))).map(|_| ());
    assert!(
        matches!(refused, Err(CardError::ChannelRefused(_))),
        "{refused:?}"
    );
    let mut messaging = reader.open_with_can();
    let mut channel = messaging.over(reader.channel);
    let mut card = Card::select(&mut channel, profile()).unwrap();
    assert_eq!(state(&mut card), ready(3));
    drop(card);
    // Inside the channel the PIN opens another.
    let mut inside = Reader::new(&mut channel);
    let access = inside.card_access();
    lichna_card::open_channel(
        inside.channel,
        &access,
        Password::Pin(&pin(PIN)),
        &mut reader.rng,
    )
    .map(|_| ())
    .unwrap();
}

/// The channel that was opened with the PIN has verified it: SELECT and the signature.
pub fn pin_first(reader: &mut Reader<'_>) {
    let refused = reader.open(Password::Pin(&pin(WRONG))).map(|_| ());
    assert_eq!(
        refused,
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    let mut messaging = reader.open(Password::Pin(&pin(PIN))).unwrap();
    let mut channel = messaging.over(reader.channel);
    let mut card = Card::select(&mut channel, profile()).unwrap();
    let user = card.profile().user_pin().unwrap().reference();
    let mut card = card.verified_by_channel(user).unwrap();
    let scheme = SignatureScheme::EcdsaSecp256r1Sha256;
    let salt = Salt::new([7; 64]);
    card.sign(SLOT_A, KeyAlgorithm::EcP256, scheme, MESSAGE, &salt)
        .unwrap();
}

pub fn wrong_can(reader: &mut Reader<'_>) {
    let refused = reader.open(Password::Can(&can(WRONG))).map(|_| ());
    assert_eq!(refused, Err(CardError::CanWrong));
    let right = reader.open(Password::Can(&can(CAN))).map(|_| ());
    assert_eq!(right, Ok(()));
}

pub fn wrong_pin(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let wrong = |left| {
        Err(CardError::WrongPin {
            retries_left: Some(left),
        })
    };
    assert_eq!(verify(&mut card, WRONG, LastTry::Refuse), wrong(2));
    assert_eq!(state(&mut card), ready(2));
    // The right one gives the tries back.
    assert_eq!(verify(&mut card, PIN, LastTry::Refuse), Ok(()));
    let mut card = reader.select();
    assert_eq!(verify(&mut card, WRONG, LastTry::Refuse), wrong(2));
    assert_eq!(verify(&mut card, WRONG, LastTry::Refuse), wrong(1));
    // Now it is suspended: the next is not even sent.
    assert_eq!(state(&mut card), PinState::Suspended);
    assert_eq!(
        verify(&mut card, PIN, LastTry::HolderSaidSo),
        Err(CardError::PinSuspended)
    );
}

/// Two wrong ones.
pub fn suspend(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    for _ in 0..2 {
        verify(&mut card, WRONG, LastTry::HolderSaidSo).unwrap_err();
    }
}

/// What was not known to be suspended: the card says so, and no try is spent.
pub fn suspended(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let user = card.profile().user_pin().unwrap().reference();
    let hopeful = PinStatus {
        pin: user,
        state: ready(3),
        tries_total: None,
    };
    let done = card
        .verify(user, &pin(PIN), LastTry::Refuse, Some(&hopeful))
        .map(|_| ());
    assert_eq!(done, Err(CardError::PinSuspended));
    let done = card.change_pin(user, &pin(PIN), &pin(NEW), LastTry::Refuse, Some(&hopeful));
    assert_eq!(done, Err(CardError::PinSuspended));
    assert_eq!(state(&mut card), PinState::Suspended);
    let done = reader.open(Password::Pin(&pin(PIN))).map(|_| ());
    assert_eq!(done, Err(CardError::PinSuspended));
    let access = reader.card_access();
    let done = lichna_card::open_channel_spending(
        reader.channel,
        &access,
        Password::Pin(&pin(PIN)),
        LastTry::HolderSaidSo,
        &mut reader.rng,
    );
    assert_eq!(done.map(|_| ()), Err(CardError::PinSuspended));
}

/// The CAN, then the last try, with the holder's word.
pub fn suspended_in_channel(reader: &mut Reader<'_>) {
    let mut messaging = reader.open_with_can();
    let mut channel = messaging.over(reader.channel);
    let mut card = Card::select(&mut channel, profile()).unwrap();
    assert_eq!(state(&mut card), ready(1));
    assert_eq!(
        verify(&mut card, PIN, LastTry::Refuse),
        Err(CardError::LastTryRefused {
            tries_left: Some(1)
        })
    );
    assert_eq!(verify(&mut card, PIN, LastTry::HolderSaidSo), Ok(()));
    assert_eq!(verify(&mut card, PIN, LastTry::Refuse), Ok(()));
}

/// Three wrong ones, the last in a channel.
pub fn block(reader: &mut Reader<'_>) {
    suspend(reader);
    let mut messaging = reader.open_with_can();
    let mut channel = messaging.over(reader.channel);
    let mut card = Card::select(&mut channel, profile()).unwrap();
    assert_eq!(
        verify(&mut card, WRONG, LastTry::HolderSaidSo),
        Err(CardError::PinBlocked)
    );
}

pub fn blocked(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    assert_eq!(state(&mut card), PinState::Blocked);
    // Not even sent.
    assert_eq!(
        verify(&mut card, PIN, LastTry::HolderSaidSo),
        Err(CardError::PinBlocked)
    );
    let refused = reader.open(Password::Pin(&pin(PIN))).map(|_| ());
    assert_eq!(refused, Err(CardError::PinBlocked));
}

pub fn unblock(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let user = card.profile().user_pin().unwrap().reference();
    card.unblock(user, &puk(PUK), &pin(NEW), LastTry::Refuse, None)
        .unwrap();
    assert_eq!(state(&mut card), ready(3));
    assert_eq!(verify(&mut card, NEW, LastTry::Refuse), Ok(()));
}

pub fn wrong_puk(reader: &mut Reader<'_>) {
    let user = profile().user_pin().unwrap().reference();
    let by_pace = reader.open(Password::Puk(&puk("87654321"))).map(|_| ());
    assert_eq!(
        by_pace,
        Err(CardError::PukWrong {
            retries_left: Some(9)
        })
    );
    let mut card = reader.select();
    let mut left = 9;
    let blocked = loop {
        let done = card.unblock(
            user,
            &puk("87654321"),
            &pin(NEW),
            LastTry::HolderSaidSo,
            None,
        );
        left -= 1;
        match done {
            Err(CardError::PukWrong { retries_left }) => assert_eq!(retries_left, Some(left)),
            other => break other,
        }
    };
    assert_eq!((blocked, left), (Err(CardError::PukBlocked), 0));
    let again = card.unblock(user, &puk(PUK), &pin(NEW), LastTry::Refuse, None);
    assert_eq!(again, Err(CardError::PukBlocked));
    let again = reader.open(Password::Puk(&puk(PUK))).map(|_| ());
    assert_eq!(again, Err(CardError::PukBlocked));
}

pub fn change(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let user = card.profile().user_pin().unwrap().reference();
    let wrong = card.change_pin(user, &pin(WRONG), &pin(NEW), LastTry::Refuse, None);
    assert_eq!(
        wrong,
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    card.change_pin(user, &pin(PIN), &pin(NEW), LastTry::Refuse, None)
        .unwrap();
    let mut card = reader.select();
    assert_eq!(verify(&mut card, NEW, LastTry::Refuse), Ok(()));
}

pub fn activate(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let user = card.profile().user_pin().unwrap().reference();
    let known = card.pin_status(user).unwrap();
    assert_eq!(known.state, PinState::NotActivated);
    assert_eq!(
        verify(&mut card, PIN, LastTry::HolderSaidSo),
        Err(CardError::PinNotActivated)
    );
    let refused = card.change_pin(user, &pin(WRONG), &pin(PIN), LastTry::Refuse, None);
    assert_eq!(refused, Err(CardError::PinNotActivated));
    let refused = reader.open(Password::Pin(&pin(PIN))).map(|_| ());
    assert_eq!(refused, Err(CardError::PinNotActivated));
    let mut card = reader.select();
    // A PIN is no transport PIN; nothing is sent.
    let refused = card.activate_pin(user, &pin(PIN), &pin(NEW), LastTry::Refuse, Some(&known));
    assert!(matches!(refused, Err(CardError::PinFormat { .. })));
    let wrong = card.activate_pin(
        user,
        &pin("97531"),
        &pin(PIN),
        LastTry::Refuse,
        Some(&known),
    );
    assert_eq!(
        wrong,
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    card.activate_pin(
        user,
        &pin(TRANSPORT),
        &pin(PIN),
        LastTry::Refuse,
        Some(&known),
    )
    .unwrap();
    assert_eq!(state(&mut card), ready(3));
    assert_eq!(verify(&mut card, PIN, LastTry::Refuse), Ok(()));
}
