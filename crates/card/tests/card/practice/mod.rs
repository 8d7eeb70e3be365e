//! What is done with a practice card: live in `tests/tests/practice`, where it is recorded too, and
//! replayed in the tests of this crate.
//!
//! Everything is the same at each run, except what the card makes up: so its answers can be
//! replayed, PACE included.
#![allow(
    dead_code,
    reason = "each of the two tests that share this leaves something out"
)]

mod administrator;
mod flows;
mod holder;

use core::convert::Infallible;
use std::sync::Arc;

use elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use lichna_apdu::{Channel, Interface, LONGEST_EXTENDED, LONGEST_SHORT};
use lichna_card::{
    Atr, Card, CardAccess, CardError, Password, PinState, Profile, Profiles, SecureMessaging,
    Selected, SignatureScheme, open_channel, read_card_access,
};
use lichna_secret::{Can, Pin, Puk};
use ring::signature::{self, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

pub use flows::all;

/// What the card is made with.
pub const NUMBER: &str = "P00000001";
pub const CAN: &str = "123456";
pub const PIN: &str = "246802";
pub const TRANSPORT: &str = "13579";
pub const PUK: &str = "12345678";
pub const ADMINISTRATOR: [u8; 32] = [0x5A; 32];
const WRONG: &str = "654321";
const NEW: &str = "135791";
const MESSAGE: &[u8] = b"64 spaces, TLS 1.3, client CertificateVerify and a transcript hash";

/// A thing to do with a card.
pub struct Flow {
    pub name: &'static str,
    pub face: Interface,
    pub longest: usize,
    pub card: Make,
    /// Whether a transcript of it is kept.
    pub recorded: bool,
    /// Before the card is put in, on contacts.
    pub prepare: fn(&mut Reader<'_>),
    pub run: fn(&mut Reader<'_>),
}

/// How the card was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    Ready,
    Transport,
    PinFirst,
}

/// A card in a reader, and what opens it.
pub struct Reader<'c> {
    pub channel: &'c mut dyn Channel,
    pub rng: Counted,
}

impl<'c> Reader<'c> {
    pub fn new(channel: &'c mut dyn Channel) -> Self {
        Self {
            channel,
            rng: Counted::default(),
        }
    }

    fn atr(&self) -> Atr {
        let atr = match self.channel.interface() {
            Interface::Contact => "3B88014C4943484E412D50F5",
            Interface::Contactless => "3B8880014C4943484E412D5075",
        };
        Atr::parse(&hex::decode(atr).unwrap()).unwrap()
    }

    fn card_access(&mut self) -> CardAccess {
        read_card_access(self.channel)
            .unwrap()
            .expect("a PACE card")
    }

    fn open(&mut self, password: Password<'_>) -> Result<SecureMessaging, CardError> {
        let access = self.card_access();
        open_channel(self.channel, &access, password, &mut self.rng)
    }

    fn open_with_can(&mut self) -> SecureMessaging {
        self.open(Password::Can(&can(CAN))).unwrap()
    }

    fn select(&mut self) -> Card<'_, Selected> {
        Card::select(self.channel, profile()).unwrap()
    }
}

/// The profile of practice cards, of no card in particular.
pub fn profile() -> Arc<Profile> {
    let profiles = Profiles::builtin();
    let found = profiles.iter().find(|profile| profile.is_practice());
    Arc::clone(found.expect("a builtin profile"))
}

/// "Random" bytes that are the same each time: no key of a test protects anything.
#[derive(Default)]
pub struct Counted(u64);

impl TryRng for Counted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for piece in bytes.chunks_mut(32) {
            self.0 += 1;
            let block = Sha256::digest(self.0.to_be_bytes());
            piece.copy_from_slice(&block[..piece.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counted {}

/// Passes everything on, and keeps what passed.
pub struct Watched<'c> {
    pub inner: &'c mut dyn Channel,
    pub exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<'c> Watched<'c> {
    pub fn new(inner: &'c mut dyn Channel) -> Self {
        Self {
            inner,
            exchanges: Vec::new(),
        }
    }

    fn instructions(&self) -> Vec<u8> {
        let commands = self.exchanges.iter();
        commands.map(|(command, _)| command[1]).collect()
    }
}

impl Channel for Watched<'_> {
    fn interface(&self) -> Interface {
        self.inner.interface()
    }

    fn longest_command(&self) -> usize {
        self.inner.longest_command()
    }

    fn transmit(
        &mut self,
        command: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, lichna_apdu::ChannelError> {
        let answer = self.inner.transmit(command)?;
        self.exchanges.push((command.to_vec(), answer.to_vec()));
        Ok(answer)
    }

    fn is_protected(&self) -> bool {
        self.inner.is_protected()
    }
}

fn pin(characters: &str) -> Pin {
    Pin::take(&mut characters.as_bytes().to_vec()).unwrap()
}

fn puk(characters: &str) -> Puk {
    Puk::take(&mut characters.as_bytes().to_vec()).unwrap()
}

fn can(characters: &str) -> Can {
    Can::take(&mut characters.as_bytes().to_vec()).unwrap()
}

fn ready(tries: u8) -> PinState {
    PinState::Ready {
        tries_left: Some(tries),
    }
}

fn state(card: &mut Card<'_, Selected>) -> PinState {
    let user = card.profile().user_pin().unwrap().reference();
    card.pin_status(user).unwrap().state
}

fn check(key: &[u8], scheme: SignatureScheme, bytes: &[u8]) {
    let algorithm: &dyn signature::VerificationAlgorithm = match scheme {
        SignatureScheme::EcdsaSecp256r1Sha256 => &signature::ECDSA_P256_SHA256_ASN1,
        SignatureScheme::EcdsaSecp384r1Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
        SignatureScheme::RsaPssRsaeSha256 => &signature::RSA_PSS_2048_8192_SHA256,
        SignatureScheme::RsaPssRsaeSha384 => &signature::RSA_PSS_2048_8192_SHA384,
        SignatureScheme::RsaPkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        other => panic!("{other} is not tested"),
    };
    let (_, key) = SubjectPublicKeyInfo::from_der(key).unwrap();
    UnparsedPublicKey::new(algorithm, &key.subject_public_key.data)
        .verify(MESSAGE, bytes)
        .unwrap_or_else(|_| panic!("the card's {scheme} signature is not one of its key"));
}
