//! What is done with a card, once for the recording and again for each replay.

mod inputs;
mod personalise;
mod pins;

use std::sync::Arc;

use lichna_apdu::{Channel, LONGEST_EXTENDED, LONGEST_SHORT};
use lichna_card::{
    Atr, Card, CardError, KeyAlgorithm, KeyRef, LastTry, PinState, Profile, Profiles, Salt,
    Selected, SignatureScheme,
};
use lichna_secret::{Pin, Puk};
use ring::signature::{self, UnparsedPublicKey};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo, X509Certificate};

use self::{
    inputs::{programs, programs_signing},
    personalise::{
        P256, P384, Rsa, SIGNING, answered, other_management_key, personalise, prepare,
        prepare_signing, wrong_answer, wrong_management_key, wrong_pw3,
    },
    pins::{block, block_with_puk, blocked, change, reset_security, unblock, wrong_pin},
};
use crate::channels::Observed;

/// A Nitrokey 3, which has both applications.
const ATR: &str = "3B8F01805D4E6974726F6B657900000000006A";
const PIN: &str = "123456";
const WRONG: &str = "654321";
const NEW: &str = "246802";
const PUK: &str = "12345678";
const ADMINISTRATOR: &str = "12345678";
const MESSAGE: &[u8] = b"64 spaces, TLS 1.3, client CertificateVerify and a transcript hash";

/// Which of the cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Piv,
    OpenPgp,
}

impl Which {
    pub fn name(self) -> &'static str {
        match self {
            Self::Piv => "piv",
            Self::OpenPgp => "openpgp",
        }
    }

    fn key(self) -> KeyRef {
        KeyRef::new(match self {
            Self::Piv => 0x9A,
            Self::OpenPgp => 0x03,
        })
    }

    pub fn profile(self) -> Arc<Profile> {
        let profiles = Profiles::builtin();
        let found = profiles
            .iter()
            .find(|profile| profile.dialect().name() == self.name());
        Arc::clone(found.expect("a builtin profile"))
    }
}

/// A thing to do with a card.
pub struct Flow {
    pub name: &'static str,
    pub longest: usize,
    pub prepare: fn(Which, &mut dyn Channel),
    pub run: fn(Which, &mut dyn Channel),
}

/// What is recorded of each card.
pub fn all(which: Which) -> Vec<Flow> {
    let flow = |name, prepare, run| Flow {
        name,
        longest: LONGEST_SHORT,
        prepare,
        run,
    };
    let extended = |name, prepare, run| Flow {
        longest: LONGEST_EXTENDED,
        ..flow(name, prepare, run)
    };
    use KeyAlgorithm::{EcP256, EcP384, Rsa2048};
    use SignatureScheme as S;
    let mut flows = vec![
        flow("recognise", nothing, |which, channel| {
            assert_eq!(recognise(channel).map(|found| found.dialect().name()), {
                Some(which.name())
            });
        }),
        flow("pin-status", nothing, |which, channel| {
            assert_eq!(state(&mut select(which, channel)), ready(3));
        }),
        flow("login-p256", prepare::<P256>, |which, channel| {
            login(which, channel, EcP256, S::EcdsaSecp256r1Sha256);
        }),
        extended("login-p256-extended", prepare::<P256>, |which, channel| {
            login(which, channel, EcP256, S::EcdsaSecp256r1Sha256);
        }),
        flow("login-p384", prepare::<P384>, |which, channel| {
            login(which, channel, EcP384, S::EcdsaSecp384r1Sha384);
        }),
        flow("login-rsa2048-pkcs1", prepare::<Rsa>, |which, channel| {
            login(which, channel, Rsa2048, S::RsaPkcs1Sha256);
        }),
        extended(
            "login-rsa2048-pkcs1-extended",
            prepare::<Rsa>,
            |which, channel| {
                login(which, channel, Rsa2048, S::RsaPkcs1Sha512);
            },
        ),
        flow("wrong-pin", nothing, wrong_pin),
        flow("blocked", block, blocked),
        flow("unblock", block_with_puk, unblock),
        flow("change-pin", nothing, change),
        flow("personalise-p256", nothing, |which, channel| {
            personalise(which, channel, EcP256);
        }),
        flow("personalise-rsa2048", nothing, |which, channel| {
            personalise(which, channel, Rsa2048);
        }),
        extended("personalise-p384-extended", nothing, |which, channel| {
            personalise(which, channel, EcP384);
        }),
        flow("reset-security", nothing, reset_security),
        flow("programs-p256", prepare::<P256>, programs::<P256>),
        flow("programs-p384", prepare::<P384>, programs::<P384>),
        flow("programs-rsa2048", prepare::<Rsa>, programs::<Rsa>),
    ];
    if which == Which::Piv {
        flows.push(flow(
            "login-rsa2048-pss",
            prepare::<Rsa>,
            |which, channel| {
                login(which, channel, Rsa2048, S::RsaPssRsaeSha256);
            },
        ));
        flows.push(extended(
            "login-rsa2048-pss-extended",
            prepare::<Rsa>,
            |which, channel| login(which, channel, Rsa2048, S::RsaPssRsaeSha384),
        ));
        flows.push(flow(
            "programs-signing-p256",
            prepare_signing::<P256>,
            programs_signing::<P256>,
        ));
        flows.push(extended(
            "programs-signing-rsa2048-extended",
            prepare_signing::<Rsa>,
            programs_signing::<Rsa>,
        ));
        flows.push(flow("wrong-management-key", nothing, wrong_management_key));
        flows.push(flow("answered", nothing, answered));
        flows.push(flow("answered-aes-256", other_management_key, answered));
        flows.push(flow("wrong-answer", nothing, wrong_answer));
    } else {
        flows.push(flow("wrong-pw3", nothing, wrong_pw3));
    }
    flows
}

pub fn pin(characters: &str) -> Pin {
    Pin::take(&mut characters.as_bytes().to_vec()).expect("a PIN")
}

pub fn puk(characters: &str) -> Puk {
    Puk::take(&mut characters.as_bytes().to_vec()).expect("a PUK")
}

fn ready(tries: u8) -> PinState {
    PinState::Ready {
        tries_left: Some(tries),
    }
}

fn recognise(channel: &mut dyn Channel) -> Option<Arc<Profile>> {
    let atr = Atr::parse(&hex::decode(ATR).unwrap()).unwrap();
    Profiles::builtin().recognise(channel, &atr).unwrap()
}

fn select(which: Which, channel: &mut dyn Channel) -> Card<'_, Selected> {
    Card::select(channel, which.profile()).unwrap()
}

fn state(card: &mut Card<'_, Selected>) -> PinState {
    let user = card.profile().user_pin().unwrap().reference();
    card.pin_status(user).unwrap().state
}

/// VERIFY as it is done after the tries were asked for.
fn verify(card: &mut Card<'_, Selected>, with: &str) -> Result<(), CardError> {
    let user = card.profile().user_pin().unwrap().reference();
    let known = card.pin_status(user)?;
    card.verify(user, &pin(with), LastTry::HolderSaidSo, Some(&known))
        .map(|_| ())
}

fn nothing(_: Which, _: &mut dyn Channel) {}

fn login(
    which: Which,
    channel: &mut dyn Channel,
    algorithm: KeyAlgorithm,
    scheme: SignatureScheme,
) {
    let short = channel.longest_command() == LONGEST_SHORT;
    let channel = &mut Observed::new(channel);
    // At insertion: which card, its certificate, its tries.
    let profile = recognise(channel).unwrap();
    let mut card = Card::already_selected(channel, Arc::clone(&profile));
    let certificate = card.read_certificate(which.key()).unwrap().unwrap();
    let user = profile.user_pin().unwrap().reference();
    let known = card.pin_status(user).unwrap();
    assert_eq!(known.state, ready(3));
    let read = channel.instructions();
    // A Nitrokey's ATR says that PIV is worth trying first.
    let selects = if which == Which::Piv { 1 } else { 2 };
    let pieces = if short {
        certificate.len().div_ceil(256) + 1
    } else {
        1
    };
    assert!(read.len() <= selects + pieces + 1, "{read:02X?}");

    // After the PIN is typed.
    let mut card = Card::select(channel, profile).unwrap();
    let mut card = card
        .verify(user, &pin(PIN), LastTry::Refuse, Some(&known))
        .unwrap();
    let signature = card
        .sign(which.key(), algorithm, scheme, MESSAGE, &Salt::new([7; 64]))
        .unwrap();
    let warm = channel.instructions();
    let sign = match which {
        Which::Piv => 0x87,
        Which::OpenPgp => 0x88,
    };
    let mut expected = vec![0xA4, 0x20, sign];
    if which == Which::Piv && algorithm == KeyAlgorithm::Rsa2048 && short {
        // 266 bytes there, 264 bytes back.
        expected.extend([sign, 0xC0]);
    }
    assert_eq!(
        warm, expected,
        "a warm login is SELECT, VERIFY and the signature"
    );

    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    check(certificate.public_key(), scheme, &signature);
}

fn check(key: &SubjectPublicKeyInfo<'_>, scheme: SignatureScheme, bytes: &[u8]) {
    let algorithm: &dyn signature::VerificationAlgorithm = match scheme {
        SignatureScheme::EcdsaSecp256r1Sha256 => &signature::ECDSA_P256_SHA256_ASN1,
        SignatureScheme::EcdsaSecp384r1Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
        SignatureScheme::RsaPssRsaeSha256 => &signature::RSA_PSS_2048_8192_SHA256,
        SignatureScheme::RsaPssRsaeSha384 => &signature::RSA_PSS_2048_8192_SHA384,
        SignatureScheme::RsaPkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        SignatureScheme::RsaPkcs1Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        other => panic!("{other} is not recorded"),
    };
    UnparsedPublicKey::new(algorithm, &key.subject_public_key.data)
        .verify(MESSAGE, bytes)
        .unwrap_or_else(|_| panic!("the card's {scheme} signature is not one of its key"));
}
