//! What is done with a card, once for the recording and again for each replay.

use std::sync::Arc;

use lichna_apdu::{Channel, LONGEST_EXTENDED, LONGEST_SHORT};
use lichna_card::{
    AdminAlgorithm, AdminKey, Administrator, Atr, Card, CardError, KeyAlgorithm, KeyRef, LastTry,
    PinState, Profile, Profiles, Salt, Selected, SignatureScheme,
};
use lichna_secret::{Pin, Puk};
use ring::signature::{self, UnparsedPublicKey};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo, X509Certificate};
use zeroize::Zeroizing;

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
        flows.push(flow("wrong-management-key", nothing, wrong_management_key));
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

fn wrong_pin(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    assert_eq!(
        verify(&mut card, WRONG),
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    assert_eq!(state(&mut card), ready(2));
    // The right one gives the tries back.
    assert_eq!(verify(&mut card, PIN), Ok(()));
    let mut card = select(which, channel);
    assert_eq!(
        verify(&mut card, WRONG),
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
}

fn block(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    while verify(&mut card, WRONG) != Err(CardError::PinBlocked) {}
}

fn blocked(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    assert_eq!(state(&mut card), PinState::Blocked);
    // Not even sent.
    assert_eq!(verify(&mut card, PIN), Err(CardError::PinBlocked));
}

fn block_with_puk(which: Which, channel: &mut dyn Channel) {
    if which == Which::OpenPgp {
        let mut card = select(which, channel);
        let user = card.profile().user_pin().unwrap().reference();
        let administrator = pin(ADMINISTRATOR);
        let mut card = administrate(&mut card, &administrator, None);
        card.set_puk(user, &puk(PUK)).unwrap();
    }
    block(which, channel);
}

fn unblock(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let user = card.profile().user_pin().unwrap().clone();
    let unblocking = user.unblocked_by().unwrap();
    let user = user.reference();
    let known = card.pin_status(unblocking).unwrap();
    let wrong = card.unblock(
        user,
        &puk("87654321"),
        &pin(NEW),
        LastTry::Refuse,
        Some(&known),
    );
    assert_eq!(
        wrong,
        Err(CardError::PukWrong {
            retries_left: Some(2)
        })
    );
    card.unblock(user, &puk(PUK), &pin(NEW), LastTry::Refuse, Some(&known))
        .unwrap();
    assert_eq!(state(&mut card), ready(3));
    assert_eq!(verify(&mut card, NEW), Ok(()));
}

fn change(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let user = card.profile().user_pin().unwrap().reference();
    let wrong = card.change_pin(user, &pin(WRONG), &pin(NEW), LastTry::Refuse, None);
    assert!(
        matches!(wrong, Err(CardError::WrongPin { .. })),
        "{wrong:?}"
    );
    card.change_pin(user, &pin(PIN), &pin(NEW), LastTry::Refuse, None)
        .unwrap();
    let mut card = select(which, channel);
    assert_eq!(verify(&mut card, NEW), Ok(()));
}

fn reset_security(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let user = card.profile().user_pin().unwrap().reference();
    assert_eq!(
        verify(&mut card, WRONG),
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    let verified = card.verify(user, &pin(PIN), LastTry::Refuse, None).unwrap();
    verified.reset_security().unwrap();
    let refused = refuses_to_sign(which, channel);
    assert!(refused, "the card signs, so it has not forgotten the PIN");
}

/// Whether the card refuses a signature for want of a PIN. Says so past our own types, which do
/// not let anybody try.
fn refuses_to_sign(which: Which, channel: &mut dyn Channel) -> bool {
    let command: Vec<u8> = match which {
        Which::Piv => [
            &[
                0x00, 0x87, 0x11, 0x9A, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20,
            ][..],
            &[1; 32],
            &[0],
        ]
        .concat(),
        Which::OpenPgp => [&[0x00, 0x88, 0x00, 0x00, 0x20][..], &[1; 32], &[0]].concat(),
    };
    channel.transmit(&command).unwrap()[..] == [0x69, 0x82]
}

fn administrate<'a>(
    card: &'a mut Card<'_, Selected>,
    administrator: &Pin,
    key: Option<&AdminKey>,
) -> Card<'a, lichna_card::Personalising> {
    let administrator = match key {
        Some(key) => Administrator::Key {
            key,
            challenge: *b"sixteen random b",
        },
        None => Administrator::Pin {
            pin: administrator,
            policy: LastTry::Refuse,
        },
    };
    card.authenticate_administrator(&administrator).unwrap()
}

fn management_key() -> AdminKey {
    let bytes = Zeroizing::new([1, 2, 3, 4, 5, 6, 7, 8].repeat(3));
    AdminKey::new(AdminAlgorithm::TripleDes, bytes).unwrap()
}

fn personalise(which: Which, channel: &mut dyn Channel, algorithm: KeyAlgorithm) {
    let (key, administrator) = (management_key(), pin(ADMINISTRATOR));
    let key = (which == Which::Piv).then_some(&key);
    let mut card = select(which, channel);
    assert_eq!(card.read_certificate(which.key()).unwrap(), None);
    let mut personalising = administrate(&mut card, &administrator, key);
    let public = personalising.generate_key(which.key(), algorithm).unwrap();
    let (rest, parsed) = SubjectPublicKeyInfo::from_der(&public).unwrap();
    assert!(rest.is_empty());
    assert!(parsed.parsed().is_ok());
    let certificate = CERTIFICATE.to_vec();
    personalising
        .write_certificate(which.key(), &certificate)
        .unwrap();
    assert_eq!(
        card.read_certificate(which.key()).unwrap(),
        Some(certificate)
    );
    // The new key proves itself: it signs, and its public key says so.
    let user = card.profile().user_pin().unwrap().reference();
    let scheme = match algorithm {
        KeyAlgorithm::EcP256 => SignatureScheme::EcdsaSecp256r1Sha256,
        KeyAlgorithm::EcP384 => SignatureScheme::EcdsaSecp384r1Sha384,
        _ => SignatureScheme::RsaPkcs1Sha256,
    };
    let signature = card
        .verify(user, &pin(PIN), LastTry::Refuse, None)
        .unwrap()
        .sign(which.key(), algorithm, scheme, MESSAGE, &Salt::new([7; 64]))
        .unwrap();
    check(&parsed, scheme, &signature);
}

/// Longer than one short command carries, and DER; nobody judges more of it here.
const CERTIFICATE: &[u8] = &{
    let mut bytes = [0x5A; 700];
    bytes[0] = 0x30;
    bytes[1] = 0x82;
    bytes[2] = 0x02;
    bytes[3] = 0xB8;
    bytes
};

fn wrong_management_key(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let bytes = Zeroizing::new(vec![9; 24]);
    let key = AdminKey::new(AdminAlgorithm::TripleDes, bytes).unwrap();
    let refused = card
        .authenticate_administrator(&Administrator::Key {
            key: &key,
            challenge: *b"sixteen random b",
        })
        .map(|_| ());
    assert_eq!(
        refused,
        Err(CardError::AdministratorRefused { retries_left: None })
    );
}

fn wrong_pw3(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let refused = card
        .authenticate_administrator(&Administrator::Pin {
            pin: &pin("87654321"),
            policy: LastTry::Refuse,
        })
        .map(|_| ());
    assert_eq!(
        refused,
        Err(CardError::AdministratorRefused {
            retries_left: Some(2)
        })
    );
}

struct P256;
struct P384;
struct Rsa;
trait Kind {
    const ALGORITHM: KeyAlgorithm;
}
impl Kind for P256 {
    const ALGORITHM: KeyAlgorithm = KeyAlgorithm::EcP256;
}
impl Kind for P384 {
    const ALGORITHM: KeyAlgorithm = KeyAlgorithm::EcP384;
}
impl Kind for Rsa {
    const ALGORITHM: KeyAlgorithm = KeyAlgorithm::Rsa2048;
}

/// Makes a key and a certificate for it.
fn prepare<K: Kind>(which: Which, channel: &mut dyn Channel) {
    let (key, administrator) = (management_key(), pin(ADMINISTRATOR));
    let key = (which == Which::Piv).then_some(&key);
    let mut card = select(which, channel);
    let mut personalising = administrate(&mut card, &administrator, key);
    let public = personalising
        .generate_key(which.key(), K::ALGORITHM)
        .unwrap();
    let issuer = rcgen::Issuer::new(
        rcgen::CertificateParams::default(),
        rcgen::KeyPair::generate().unwrap(),
    );
    let certificate = rcgen::CertificateParams::default()
        .signed_by(
            &rcgen::SubjectPublicKeyInfo::from_der(&public).unwrap(),
            &issuer,
        )
        .unwrap();
    personalising
        .write_certificate(which.key(), certificate.der())
        .unwrap();
}
