//! What a bench plays on: a card with a key and a certificate, in a reader of a service of its own.

use std::process::Command;
use std::time::Duration;

use crate::applet::{Kind, Making};
use crate::ca::{Ca, KeyKind};
use crate::pcscd::{Pcscd, ReaderSpec};
use crate::pinpad::Properties;
use crate::vpicc::{Card, Latency};

/// Keys that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    P256,
    Rsa2048,
}

impl Key {
    pub const ALL: [Self; 2] = [Self::P256, Self::Rsa2048];

    /// As it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::Rsa2048 => "RSA-2048",
        }
    }

    /// The same in the words of the bench.
    pub fn kind(self) -> KeyKind {
        match self {
            Self::P256 => KeyKind::P256,
            Self::Rsa2048 => KeyKind::Rsa2048,
        }
    }

    /// What a real card takes for a signature: the middle of what JCAlgTest has for many (P-256
    /// 24 to 142 ms, RSA-2048 53 to 645 ms).
    pub fn signing_time(self) -> Duration {
        match self {
            Self::P256 => Duration::from_millis(80),
            Self::Rsa2048 => Duration::from_millis(350),
        }
    }
}

/// A card in a reader.
pub struct Stage {
    pub card: Card,
    pub pcscd: Pcscd,
    pub ca: Ca,
    pub key: Key,
}

impl Stage {
    /// A PIV card with this key and a certificate for it in slot 9A, in a reader for short
    /// commands.
    pub fn short(key: Key) -> Self {
        Self::with(key, Kind::Piv, ReaderSpec::vpcd(READER))
    }

    /// The same, in a reader that says it takes commands of any length.
    pub fn extended(key: Key) -> Self {
        let properties = Properties {
            pinpad: false,
            max_apdu_data: 0x1_0000,
            ..Properties::default()
        };
        Self::with(key, Kind::Piv, ReaderSpec::pinpad_with(READER, properties))
    }

    /// An OpenPGP card with a P-256 key to log in with, and a certificate for it.
    pub fn openpgp() -> Self {
        Self::with(Key::P256, Kind::OpenPgp, ReaderSpec::vpcd(READER))
    }

    fn with(key: Key, card: Kind, reader: ReaderSpec) -> Self {
        let pcscd = Pcscd::start(&[reader]);
        let ca = Ca::new("Lichna Bench CA");
        let (applet, _) = Making::new(card).personalised(key.kind(), &ca, HOLDER);
        let card = pcscd.reader(0).insert(applet);
        Self {
            card,
            pcscd,
            ca,
            key,
        }
    }

    /// Lets the card take the time of a real one for signatures. Everything else it does at once,
    /// which is kinder to those who send more commands.
    pub fn at_real_speed(&self) {
        self.card
            .set_latency(Latency::default().signing(self.key.signing_time()));
    }

    /// Resets the card, for OpenSC leaves it powered with its PIN verified.
    pub fn reset(&self) {
        run(self.pcscd.command("opensc-tool").args(["--reset", "cold"]));
    }
}

/// Runs a program to its good end, for what it prints.
///
/// # Panics
/// When it is not there, or ends otherwise.
pub fn run(command: &mut Command) -> Vec<u8> {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// ykcs11 takes no reader whose name begins otherwise.
const READER: &str = "Yubico Bench";
/// The PIN of the applets.
pub const PIN: &str = "123456";
/// Whose certificate is on the card.
pub const HOLDER: &str = "Bench Holder";
