//! What a program hashed itself, and what a card is given of it. Req C.3.

use std::sync::Arc;

use lichna_apdu::LONGEST_EXTENDED;
use lichna_card::{
    Card, CardError, HashAlgorithm, InputKind, KeyAlgorithm, KeyRef, LastTry, PinStatus, Profile,
    Salt, SigningInput,
};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{Pkcs1v15Sign, Pss, pkcs8::DecodePublicKey};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use crate::{
    channels::Scripted,
    flows::{Which, pin},
    iso7816::file,
    pins::{OK, left},
    practice,
};

/// DigestInfo of SHA-256.
pub fn digest_info(message: &[u8]) -> Vec<u8> {
    let mut info = hex::decode("3031300D060960864801650304020105000420").unwrap();
    info.extend(Sha256::digest(message));
    info
}

/// Whether a signature is one over that input.
pub fn check(key: &[u8], input: &SigningInput<'_>, bytes: &[u8]) {
    let (_, parsed) = SubjectPublicKeyInfo::from_der(key).unwrap();
    let point = &parsed.subject_public_key.data;
    let rsa = || rsa::RsaPublicKey::from_public_key_der(key).unwrap();
    match *input {
        SigningInput::Ecdsa { digest } if bytes.len() == 64 => {
            let signature = p256::ecdsa::Signature::from_slice(bytes).unwrap();
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            key.verify_prehash(digest, &signature).unwrap();
        }
        SigningInput::Ecdsa { digest } => {
            let signature = p384::ecdsa::Signature::from_slice(bytes).unwrap();
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            // That library takes no hash of less than half the curve.
            let mut number = vec![0; 24_usize.saturating_sub(digest.len())];
            number.extend(digest);
            key.verify_prehash(&number, &signature).unwrap();
        }
        SigningInput::RsaPkcs1 { encoded } => rsa()
            .verify(Pkcs1v15Sign::new_unprefixed(), encoded, bytes)
            .unwrap(),
        SigningInput::RsaPss { digest, .. } => {
            rsa().verify(Pss::<Sha256>::new(), digest, bytes).unwrap();
        }
        _ => panic!("{input:?} is not tested"),
    }
}

/// Signs with a scripted card; what it was sent after the PIN.
fn sign(
    profile: &Arc<Profile>,
    (key, algorithm): (u8, KeyAlgorithm),
    input: &SigningInput<'_>,
    answers: &[&[u8]],
) -> (Result<Vec<u8>, CardError>, Vec<Vec<u8>>) {
    let mut channel = Scripted::new([OK]);
    channel.longest = LONGEST_EXTENDED;
    channel
        .answers
        .extend(answers.iter().map(|one| one.to_vec()));
    let mut card = Card::already_selected(&mut channel, Arc::clone(profile));
    let user = profile.user_pin().unwrap().reference();
    let known = PinStatus {
        pin: user,
        ..left(3)
    };
    let done = card
        .verify(user, &pin("123456"), LastTry::Refuse, Some(&known))
        .unwrap()
        .sign_input(KeyRef::new(key), algorithm, input, &Salt::new([1; 64]));
    (done, channel.commands.split_off(1))
}

const P256: KeyAlgorithm = KeyAlgorithm::EcP256;
const RSA: KeyAlgorithm = KeyAlgorithm::Rsa2048;

fn names(profile: &Profile, key: u8, algorithm: KeyAlgorithm) -> Vec<String> {
    let inputs = profile.inputs(KeyRef::new(key), algorithm);
    inputs.iter().map(InputKind::to_string).collect()
}

#[test]
fn a_key_offers_what_its_card_can_sign() {
    let all = [
        "RSASSA-PSS and SHA-256",
        "RSASSA-PSS and SHA-384",
        "RSASSA-PSS and SHA-512",
        "RSASSA-PKCS1-v1_5",
    ];
    let piv = Which::Piv.profile();
    for key in [0x9A, 0x9C] {
        assert_eq!(names(&piv, key, P256), ["ECDSA"]);
        assert_eq!(names(&piv, key, RSA), all);
    }
    let practice = practice::profile();
    for (key, algorithm) in [(0x01, RSA), (0x11, RSA), (0x12, RSA)] {
        let mut offered = names(&practice, key, algorithm);
        offered.sort_by_key(|name| all.iter().position(|one| one == name));
        assert_eq!(offered, all, "{key:02X}");
    }
    assert_eq!(names(&practice, 0x11, P256), ["ECDSA"]);
    let openpgp = Which::OpenPgp.profile();
    assert_eq!(names(&openpgp, 0x03, RSA), ["RSASSA-PKCS1-v1_5"]);
    assert_eq!(names(&openpgp, 0x03, P256), ["ECDSA"]);
}

#[test]
fn keys_that_decipher_or_speak_for_the_card_sign_nothing_for_a_program() {
    let (piv, openpgp) = (Which::Piv.profile(), Which::OpenPgp.profile());
    for (profile, key) in [
        (&piv, 0x9D),
        (&piv, 0x9E),
        (&openpgp, 0x02),
        (&openpgp, 0x01),
    ] {
        assert_eq!(names(profile, key, P256), [""; 0], "{key:02X}");
    }
    assert_eq!(names(&piv, 0x83, P256), [""; 0], "there is no such key");
    let input = SigningInput::Ecdsa { digest: &[1; 32] };
    let refused = CardError::InputNotOffered {
        input: InputKind::Ecdsa,
    };
    for (profile, key) in [(&piv, 0x9D), (&openpgp, 0x02), (&openpgp, 0x01)] {
        let (done, sent) = sign(profile, (key, P256), &input, &[OK]);
        assert_eq!((done, sent.len()), (Err(refused.clone()), 0), "{key:02X}");
    }
    let (done, _) = sign(&piv, (0x9E, P256), &input, &[OK]);
    assert!(matches!(done, Err(CardError::AnotherPin { .. })));
}

#[test]
fn what_does_not_fit_the_key_is_refused_before_the_card_is_asked() {
    let piv = Which::Piv.profile();
    let sha384 = HashAlgorithm::Sha384;
    for (algorithm, input) in [
        (P256, SigningInput::Ecdsa { digest: &[1; 19] }),
        (P256, SigningInput::Ecdsa { digest: &[1; 65] }),
        (P256, SigningInput::Ecdsa { digest: &[] }),
        (RSA, SigningInput::RsaPkcs1 { encoded: &[] }),
        (RSA, SigningInput::RsaPkcs1 { encoded: &[1; 246] }),
        (
            RSA,
            SigningInput::RsaPss {
                hash: sha384,
                digest: &[1; 32],
            },
        ),
    ] {
        let (done, sent) = sign(&piv, (0x9A, algorithm), &input, &[OK]);
        let refused = matches!(done, Err(CardError::InputLength { .. }));
        assert!(refused && sent.is_empty(), "{input:?}: {done:?}");
    }
    let encoded = SigningInput::RsaPkcs1 { encoded: &[1; 32] };
    let digest = SigningInput::Ecdsa { digest: &[1; 32] };
    for (algorithm, input) in [(P256, encoded), (RSA, digest)] {
        let (done, sent) = sign(&piv, (0x9A, algorithm), &input, &[OK]);
        let refused = matches!(done, Err(CardError::InputNotOffered { .. }));
        assert!(refused && sent.is_empty(), "{input:?}: {done:?}");
    }
}

#[test]
fn a_hash_is_brought_to_the_length_of_the_curve() {
    let practice = practice::profile();
    let signature = [&[1; 64][..], OK].concat();
    let digest: Vec<u8> = (1..=64).collect();
    for (length, expected) in [
        (20, [&[0; 12][..], &digest[..20]].concat()),
        (32, digest[..32].to_vec()),
        (48, digest[..32].to_vec()),
        (64, digest[..32].to_vec()),
    ] {
        let input = SigningInput::Ecdsa {
            digest: &digest[..length],
        };
        let (done, sent) = sign(&practice, (0x01, P256), &input, &[&signature]);
        assert_eq!(done.unwrap(), [1; 64], "R and S as they are");
        let [command] = sent.as_slice() else {
            panic!("one command: {sent:02X?}");
        };
        assert_eq!(command[5..37], expected, "{length}");
    }
}

/// A card that pads by itself gets what the program put together, and a card that does not gets
/// the whole block.
#[test]
fn what_a_program_encoded_is_padded_once() {
    let signature = [&[1; 256][..], OK].concat();
    let encoded = [7; 36];
    let input = SigningInput::RsaPkcs1 { encoded: &encoded };
    let (done, sent) = sign(&practice::profile(), (0x01, RSA), &input, &[&signature]);
    assert_eq!(done.unwrap().len(), 256);
    assert_eq!(sent[0][..5], [0x00, 0x88, 0x02, 0x01, 36]);
    assert_eq!(sent[0][5..41], encoded);

    let block = [&[0, 1][..], &[0xFF; 217], &[0], &encoded].concat();
    let text = file("bg-eid-practice.toml").replace("\"digest-info\"", "\"padded\"");
    let padding = Arc::new(Profile::check("p.toml", &text).unwrap());
    let (done, sent) = sign(&padding, (0x01, RSA), &input, &[&signature]);
    assert_eq!(done.unwrap().len(), 256);
    // Extended: three bytes of length.
    assert_eq!(sent[0][7..263], block);

    let answer = [
        &[0x7C, 0x82, 0x01, 0x04, 0x82, 0x82, 0x01, 0x00][..],
        &signature,
    ]
    .concat();
    let (done, sent) = sign(&Which::Piv.profile(), (0x9C, RSA), &input, &[&answer]);
    assert_eq!(done.unwrap().len(), 256);
    assert_eq!(sent[0][..4], [0x00, 0x87, 0x07, 0x9C]);
    assert!(sent[0].windows(256).any(|window| window == block));
}

/// Where a card has one number a hash, the name in DigestInfo says which.
#[test]
fn an_algorithm_is_chosen_by_the_hash_that_the_program_named() {
    let text = file("bg-eid-practice.toml").replace(
        "schemes = [\"rsa_pkcs1_sha256\", \"rsa_pkcs1_sha384\", \"rsa_pkcs1_sha512\"]\ninput = \"digest-info\"",
        "schemes = [\"rsa_pkcs1_sha384\", \"rsa_pkcs1_sha512\"]\ninput = \"digest-info\"\n\
         [[algorithms]]\nreference = 0x05\nschemes = [\"rsa_pkcs1_sha256\"]\ninput = \"digest-info\"",
    );
    let profile = Arc::new(Profile::check("p.toml", &text).unwrap());
    let signature = [&[1; 256][..], OK].concat();
    let info = digest_info(b"message");
    for (encoded, reference) in [(&info[..], 0x05), (&[7; 36], 0x02)] {
        let input = SigningInput::RsaPkcs1 { encoded };
        let (done, sent) = sign(&profile, (0x01, RSA), &input, &[&signature]);
        assert!(done.is_ok());
        assert_eq!(sent[0][2], reference);
    }
}
