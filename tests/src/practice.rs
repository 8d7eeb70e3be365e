//! Practice cards of the bench: each in a folder of its own, with values that tests know.
//!
//! ```no_run
//! use lichna_softcard::Face;
//! use lichna_tests::ca::Ca;
//! use lichna_tests::practice::PracticeCard;
//!
//! let card = PracticeCard::new();
//! card.personalise(&Ca::new("Bench CA"), "Мария Иванова");
//! let inserted = card.open().insert(Face::Contactless); // a lichna_apdu::Channel
//! ```

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lichna_card::{
    Administrator, Card, KeyAlgorithm, KeyRef, Personalising, Profile, Profiles, Selected,
};
use lichna_softcard::{Face, FirstPin, Inserted, Lock, Making, SoftCard, answer_challenge};
use zeroize::Zeroizing;

use crate::ca::{Ca, Certificate};
use crate::vpicc::{Power, VirtualCard};

/// The PIN of a [`PracticeCard`].
pub const PIN: &str = "123456";
/// Its transport PIN, where it is made with one.
pub const TRANSPORT_PIN: &str = "54321";
/// Its PUK.
pub const PUK: &str = "12345678";
/// Its CAN.
pub const CAN: &str = "424242";
/// Its card number.
pub const NUMBER: &str = "P00000042";
/// The administrator's key for it.
pub const ADMINISTRATOR_KEY: [u8; 32] = [0xAD; 32];

/// A practice card in a folder of its own, which goes when this is dropped. Wrong CANs slow it down
/// by nothing, unless it was made otherwise.
#[derive(Debug)]
pub struct PracticeCard {
    folder: tempfile::TempDir,
}

impl PracticeCard {
    /// A card with a PIN that is ready, no keys, CAN first, P-256 and AES-256.
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// The same with some of it changed.
    pub fn with(change: impl FnOnce(&mut Making)) -> Self {
        let secret = |digits: &str| Zeroizing::new(digits.to_owned());
        let folder = tempfile::Builder::new()
            .prefix("lichna-practice-")
            .tempdir()
            .expect("a folder");
        let card = Self { folder };
        let mut making = Making::made_up().expect("random numbers");
        making.number = NUMBER.to_owned();
        making.label = "Bench".to_owned();
        making.can = secret(CAN);
        making.pin = FirstPin::Pin(secret(PIN));
        making.puk = secret(PUK);
        making.administrator_key = Zeroizing::new(ADMINISTRATOR_KEY);
        making.slow_down = Duration::ZERO;
        change(&mut making);
        drop(SoftCard::make(&card.path(), &making, &Self::lock()).expect("a practice card"));
        card
    }

    /// The same with a transport PIN, [`TRANSPORT_PIN`], in the PIN's place.
    pub fn not_activated() -> Self {
        let transport = Zeroizing::new(TRANSPORT_PIN.to_owned());
        Self::with(|making| making.pin = FirstPin::Transport(transport))
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("card")
    }

    /// What opens it.
    pub fn lock() -> Lock {
        Lock::Key(Zeroizing::new([0x10; 32]))
    }

    /// Takes the card into the hand. One at a time may have it.
    pub fn open(&self) -> SoftCard {
        SoftCard::open(&self.path(), &Self::lock()).expect("a sound card that nobody else has")
    }

    /// Makes a P-256 key for logging in in slot A, writes the certificate that `ca` gives `holder`
    /// for it, and puts them to use.
    pub fn personalise(&self, ca: &Ca, holder: &str) -> Certificate {
        self.personalise_key(IDENTIFICATION_A, KeyAlgorithm::EcP256, ca, holder)
    }

    /// The same for any key of the card.
    pub fn personalise_key(
        &self,
        key: KeyRef,
        algorithm: KeyAlgorithm,
        ca: &Ca,
        holder: &str,
    ) -> Certificate {
        let mut card = self.open().insert(Face::Contact);
        personalise(&mut card, key, algorithm, ca, holder)
    }
}

impl PracticeCard {
    /// Writes the authorities above its certificates, the issuer first.
    pub fn write_chain(&self, chain: &[&[u8]]) {
        let mut inserted = self.open().insert(Face::Contact);
        let mut card = Card::select(&mut inserted, profile()).expect("the application");
        let mut card = administrate(&mut card, NUMBER, &ADMINISTRATOR_KEY);
        card.write_chain(chain).expect("room for a chain");
    }
}

impl Default for PracticeCard {
    fn default() -> Self {
        Self::new()
    }
}

/// Key and certificate for a [`PracticeCard`] that is in, over its contacts, by our own dialect.
pub fn personalise(
    inserted: &mut Inserted,
    key: KeyRef,
    algorithm: KeyAlgorithm,
    ca: &Ca,
    holder: &str,
) -> Certificate {
    let administrator = (NUMBER, &ADMINISTRATOR_KEY);
    personalise_as(inserted, administrator, (key, algorithm), ca, holder)
}

/// The same for the card with any number, by whoever has the administrator's key for it.
pub fn personalise_as(
    inserted: &mut Inserted,
    (number, administrator_key): (&str, &[u8; 32]),
    (key, algorithm): (KeyRef, KeyAlgorithm),
    ca: &Ca,
    holder: &str,
) -> Certificate {
    let mut card = Card::select(inserted, profile()).expect("the application of the card");
    let mut card = administrate(&mut card, number, administrator_key);
    let public_key = card.generate_key(key, algorithm).expect("a key");
    let certificate = ca.client_for(&public_key, holder);
    card.write_certificate(key, &certificate.der)
        .expect("room for a certificate");
    card.activate(key).expect("key and certificate are there");
    certificate
}

/// Answers the card's challenge as whoever has the administrator's key for it.
///
/// # Panics
/// When it is not the card's own key.
pub fn administrate<'a>(
    card: &'a mut Card<'_, Selected>,
    number: &str,
    administrator_key: &[u8; 32],
) -> Card<'a, Personalising> {
    let challenge = card.challenge().expect("a challenge");
    let administrator = Administrator::Answer {
        answer: &answer_challenge(administrator_key, number, challenge.bytes()),
        challenge: &challenge,
    };
    card.authenticate_administrator(&administrator)
        .expect("the card's own key")
}

/// The profile of practice cards.
pub fn profile() -> Arc<Profile> {
    let profiles = Profiles::builtin();
    let practice = profiles.iter().find(|profile| profile.is_practice());
    Arc::clone(practice.expect("the profile of practice cards is built in"))
}

/// Key 01: identification, slot A.
pub const IDENTIFICATION_A: KeyRef = KeyRef::new(0x01);
/// Key 02: identification, slot B.
pub const IDENTIFICATION_B: KeyRef = KeyRef::new(0x02);
/// Key 11: signing, slot A.
pub const SIGNING_A: KeyRef = KeyRef::new(0x11);
/// Key 12: signing, slot B.
pub const SIGNING_B: KeyRef = KeyRef::new(0x12);

/// For readers of the bench, which log and delay what goes through them.
impl VirtualCard for Inserted {
    fn atr(&self) -> Vec<u8> {
        Self::atr(self)
    }

    fn power(&mut self, _power: Power) {
        self.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        self.answer(command).to_vec()
    }
}
