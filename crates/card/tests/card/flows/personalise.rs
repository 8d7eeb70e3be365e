//! The administrator's side.

use cipher::{BlockCipherEncrypt, KeyInit};
use lichna_apdu::Channel;
use lichna_card::{
    AdminAlgorithm, AdminKey, Administrator, Card, CardError, KeyAlgorithm, KeyRef, LastTry,
    Personalising, Salt, Selected, SignatureScheme,
};
use lichna_secret::Pin;
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};
use zeroize::Zeroizing;

use super::{ADMINISTRATOR, MESSAGE, PIN, Which, check, pin, select};

pub fn administrate<'a>(
    card: &'a mut Card<'_, Selected>,
    administrator: &Pin,
    key: Option<&AdminKey>,
) -> Card<'a, Personalising> {
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

pub fn management_key() -> AdminKey {
    let bytes = Zeroizing::new([1, 2, 3, 4, 5, 6, 7, 8].repeat(3));
    AdminKey::new(AdminAlgorithm::TripleDes, bytes).unwrap()
}

pub fn personalise(which: Which, channel: &mut dyn Channel, algorithm: KeyAlgorithm) {
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
pub const CERTIFICATE: &[u8] = &{
    let mut bytes = [0x5A; 700];
    bytes[0] = 0x30;
    bytes[1] = 0x82;
    bytes[2] = 0x02;
    bytes[3] = 0xB8;
    bytes
};

pub fn wrong_management_key(which: Which, channel: &mut dyn Channel) {
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

/// The identity of the card that was recorded, in its CHUID.
const NUMBER: &str = "00000000000040008000000000000001";
/// A management key of AES with 32 bytes.
const OTHER_KEY: [u8; 32] = [0xA5; 32];

/// Whoever has the key of the card is elsewhere: it answers the card's challenge.
pub fn answered(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    assert_eq!(card.read_card_number().unwrap().as_deref(), Some(NUMBER));
    let challenge = card.challenge().unwrap();
    let answer = match challenge.algorithm() {
        Some(AdminAlgorithm::TripleDes) => {
            let mut block: [u8; 8] = challenge.bytes().try_into().unwrap();
            let key: [u8; 24] = core::array::from_fn(|at| [1, 2, 3, 4, 5, 6, 7, 8][at % 8]);
            des::TdesEde3::new(&key.into()).encrypt_block((&mut block).into());
            block.to_vec()
        }
        Some(AdminAlgorithm::Aes256) => {
            let mut block: [u8; 16] = challenge.bytes().try_into().unwrap();
            aes::Aes256::new(&OTHER_KEY.into()).encrypt_block((&mut block).into());
            block.to_vec()
        }
        other => panic!("{other:?}"),
    };
    let administrator = Administrator::Answer {
        challenge: &challenge,
        answer: &answer,
    };
    let mut personalising = card.authenticate_administrator(&administrator).unwrap();
    personalising
        .generate_key(which.key(), KeyAlgorithm::EcP256)
        .unwrap();
    // It is good for once.
    let again = card.authenticate_administrator(&administrator).map(|_| ());
    assert!(matches!(again, Err(CardError::CardRefused { .. })));
}

/// The management key is another one: SET MANAGEMENT KEY, an extension of Yubico's.
pub fn other_management_key(which: Which, channel: &mut dyn Channel) {
    let (key, administrator) = (management_key(), pin(ADMINISTRATOR));
    let mut card = select(which, channel);
    administrate(&mut card, &administrator, Some(&key));
    let command = [
        &[0x00, 0xFF, 0xFF, 0xFF, 0x23, 0x0C, 0x9B, 0x20][..],
        &OTHER_KEY,
    ]
    .concat();
    assert_eq!(*channel.transmit(&command).unwrap(), [0x90, 0x00]);
}

pub fn wrong_answer(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let challenge = card.challenge().unwrap();
    for answer in [&[][..], &[9; 7], &[9; 16], &[9; 8]] {
        let refused = card
            .authenticate_administrator(&Administrator::Answer {
                challenge: &challenge,
                answer,
            })
            .map(|_| ());
        assert_eq!(
            refused,
            Err(CardError::AdministratorRefused { retries_left: None })
        );
    }
}

pub fn wrong_pw3(which: Which, channel: &mut dyn Channel) {
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

pub struct P256;
pub struct P384;
pub struct Rsa;
pub trait Kind {
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

/// Makes a key for logins and a certificate for it.
pub fn prepare<K: Kind>(which: Which, channel: &mut dyn Channel) {
    prepare_key::<K>(which, channel, which.key());
}

/// Makes a key for documents and a certificate for it.
pub fn prepare_signing<K: Kind>(which: Which, channel: &mut dyn Channel) {
    prepare_key::<K>(which, channel, SIGNING);
}

/// The key for documents of a PIV card.
pub const SIGNING: KeyRef = KeyRef::new(0x9C);

fn prepare_key<K: Kind>(which: Which, channel: &mut dyn Channel, reference: KeyRef) {
    let (key, administrator) = (management_key(), pin(ADMINISTRATOR));
    let key = (which == Which::Piv).then_some(&key);
    let mut card = select(which, channel);
    let mut personalising = administrate(&mut card, &administrator, key);
    let public = personalising.generate_key(reference, K::ALGORITHM).unwrap();
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
        .write_certificate(reference, certificate.der())
        .unwrap();
}
