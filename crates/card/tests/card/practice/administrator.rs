//! The authority's side, which has the key of each card.

use aes::Aes256;
use cmac::{Cmac, KeyInit, Mac};
use lichna_card::{
    Administrator, Card, CardError, KeyAlgorithm, KeyRef, LastTry, Personalising, Salt, Selected,
    SignatureScheme,
};
use rcgen::{CertificateParams, Issuer, KeyPair};

use super::{ADMINISTRATOR, MESSAGE, NUMBER, PIN, Reader, check, pin, profile};

/// Where a key is made, and where one is made in its place.
pub const SLOT_A: KeyRef = KeyRef::new(0x01);
pub const SLOT_B: KeyRef = KeyRef::new(0x02);
/// The same for documents.
pub const SIGNING: KeyRef = KeyRef::new(0x11);

pub struct P256;
pub struct P384;
pub struct Rsa;

/// A kind of key and how it signs.
pub trait Kind {
    const ALGORITHM: KeyAlgorithm;
    const SCHEME: SignatureScheme;
}

impl Kind for P256 {
    const ALGORITHM: KeyAlgorithm = KeyAlgorithm::EcP256;
    const SCHEME: SignatureScheme = SignatureScheme::EcdsaSecp256r1Sha256;
}

impl Kind for P384 {
    const ALGORITHM: KeyAlgorithm = KeyAlgorithm::EcP384;
    const SCHEME: SignatureScheme = SignatureScheme::EcdsaSecp384r1Sha384;
}

impl Kind for Rsa {
    const ALGORITHM: KeyAlgorithm = KeyAlgorithm::Rsa2048;
    const SCHEME: SignatureScheme = SignatureScheme::RsaPkcs1Sha256;
}

/// Does something with the card selected: inside a channel where one is needed.
fn at_the_authority(reader: &mut Reader<'_>, then: impl FnOnce(&mut Card<'_, Selected>)) {
    if profile().needs_pace(reader.channel.interface()) {
        let mut messaging = reader.open_with_can();
        let mut channel = messaging.over(reader.channel);
        then(&mut Card::select(&mut channel, profile()).unwrap());
    } else {
        then(&mut reader.select());
    }
}

/// What the authority says to a challenge.
fn answer(challenge: &[u8]) -> Vec<u8> {
    let mut mac = Cmac::<Aes256>::new(&ADMINISTRATOR.into());
    for part in [b"LICHNA-PERSO-1", NUMBER.as_bytes(), challenge] {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn administrate<'a>(card: &'a mut Card<'_, Selected>) -> Card<'a, Personalising> {
    // In between the authority is asked over the network.
    let challenge = card.challenge().unwrap();
    let administrator = Administrator::Answer {
        answer: &answer(challenge.bytes()),
        challenge: &challenge,
    };
    card.authenticate_administrator(&administrator).unwrap()
}

/// A certificate that is the same each time: Ed25519 has no random numbers in it.
fn certificate(public_key: &[u8]) -> Vec<u8> {
    const ISSUER: &str = "-----BEGIN PRIVATE KEY-----
MFECAQEwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB
gSEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=
-----END PRIVATE KEY-----";
    let issuer = Issuer::new(
        CertificateParams::default(),
        KeyPair::from_pem(ISSUER).unwrap(),
    );
    let key = rcgen::SubjectPublicKeyInfo::from_der(public_key).unwrap();
    let certificate = CertificateParams::default().signed_by(&key, &issuer);
    certificate.unwrap().der().to_vec()
}

fn issue<K: Kind>(card: &mut Card<'_, Selected>, slot: KeyRef) -> Vec<u8> {
    let mut card = administrate(card);
    let public_key = card.generate_key(slot, K::ALGORITHM).unwrap();
    let certificate = certificate(&public_key);
    card.write_certificate(slot, &certificate).unwrap();
    card.activate(slot).unwrap();
    public_key
}

/// A card with a key and a certificate in slot A.
pub fn personalised<K: Kind>(reader: &mut Reader<'_>) {
    at_the_authority(reader, |card| {
        issue::<K>(card, SLOT_A);
    });
}

/// A card with a key and a certificate for documents.
pub fn personalised_signing<K: Kind>(reader: &mut Reader<'_>) {
    at_the_authority(reader, |card| {
        issue::<K>(card, SIGNING);
    });
}

pub fn personalise<K: Kind>(reader: &mut Reader<'_>) {
    at_the_authority(reader, |card| {
        // Fresh, it uses no key.
        let cia = card.read_cia().unwrap().unwrap();
        assert!(cia.keys().is_empty());
        assert_eq!(card.profile().refined(&cia).login_keys().count(), 0);
        assert_eq!(card.read_certificate(SLOT_A).unwrap(), None);
        let number = card.read_card_number().unwrap().unwrap();
        assert_eq!(number, NUMBER);

        let public_key = issue::<K>(card, SLOT_A);
        let read = card.read_certificate(SLOT_A).unwrap().unwrap();
        assert_eq!(read, certificate(&public_key));
        // The new key proves itself: it signs, and its public key says so.
        let user = card.profile().user_pin().unwrap().reference();
        let mut card = card.verify(user, &pin(PIN), LastTry::Refuse, None).unwrap();
        let salt = Salt::new([7; 64]);
        let signature = card.sign(SLOT_A, K::ALGORITHM, K::SCHEME, MESSAGE, &salt);
        check(&public_key, K::SCHEME, &signature.unwrap());
    });
}

/// The key was generated, and the line broke: its public key can be had again, to go on.
pub fn interrupted(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let generated = administrate(&mut card)
        .generate_key(SLOT_B, KeyAlgorithm::EcP256)
        .unwrap();
    let mut card = administrate(&mut card);
    let again = card.read_public_key(SLOT_B, KeyAlgorithm::EcP256).unwrap();
    assert_eq!(again, generated);
    assert_eq!(
        card.read_public_key(SLOT_A, KeyAlgorithm::EcP256),
        Err(CardError::KeyMissing { key: SLOT_A })
    );
    // Without a certificate it cannot be used.
    assert!(matches!(
        card.activate(SLOT_B),
        Err(CardError::CardRefused { .. })
    ));
}

pub fn wrong_answer(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let challenge = card.challenge().unwrap();
    let mut wrong = answer(challenge.bytes());
    wrong[0] ^= 1;
    for answer in [wrong.as_slice(), &[]] {
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
    // A challenge is good for one answer.
    let late = card
        .authenticate_administrator(&Administrator::Answer {
            answer: &answer(challenge.bytes()),
            challenge: &challenge,
        })
        .map(|_| ());
    assert!(matches!(late, Err(CardError::CardRefused { .. })));
}

/// The spare takes over; until then what worked works. Req 13.6.
pub fn renew(reader: &mut Reader<'_>) {
    let mut card = reader.select();
    let current = |card: &mut Card<'_, Selected>| {
        let cia = card.read_cia().unwrap().unwrap();
        let refined = card.profile().refined(&cia);
        let mut keys = refined.login_keys();
        let key = keys.next().unwrap().clone();
        assert!(keys.next().is_none());
        key
    };
    let before = current(&mut card);
    assert_eq!(before.reference(), SLOT_A);
    assert_eq!(before.algorithms(), [KeyAlgorithm::EcP256]);
    let spare = before.spare().unwrap();
    assert_eq!(spare, SLOT_B);
    // What works stays.
    let refused = administrate(&mut card).generate_key(SLOT_A, KeyAlgorithm::EcP256);
    assert!(matches!(refused, Err(CardError::CardRefused { .. })));
    let public_key = {
        let mut card = administrate(&mut card);
        let public_key = card.generate_key(spare, KeyAlgorithm::EcP384).unwrap();
        let certificate = certificate(&public_key);
        card.write_certificate(spare, &certificate).unwrap();
        public_key
    };
    assert_eq!(current(&mut card).reference(), SLOT_A);
    administrate(&mut card).activate(spare).unwrap();
    let after = current(&mut card);
    assert_eq!(after.reference(), SLOT_B);
    assert_eq!(after.algorithms(), [KeyAlgorithm::EcP384]);
    let read = card.read_certificate(SLOT_B).unwrap().unwrap();
    assert_eq!(read, certificate(&public_key));
}

/// More than 32 KiB, so that offsets need data objects.
pub fn large_certificate(reader: &mut Reader<'_>) {
    at_the_authority(reader, |card| {
        let mut certificate = vec![0x30, 0x83, 0x00, 0xA0, 0x28];
        certificate.extend((0..41_000_u32).map(|number| number.to_be_bytes()[2]));
        administrate(card)
            .write_certificate(SLOT_B, &certificate)
            .unwrap();
        let read = card.read_certificate(SLOT_B).unwrap().unwrap();
        assert!(read == certificate);
    });
}
