//! Practice cards: cards of software, for trying things without risk.

use serde::{Deserialize, Serialize};

use super::InterfaceKind;

/// How a practice card is to be made. Its CAN, PIN and PUK are made up by the client and asked for
/// like any secret; so is the passphrase, or nothing where the key store keeps the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PracticeMaking {
    /// What it is to be called, for people.
    pub label: String,
    /// It gets a transport PIN (5 digits) in place of a PIN: the holder sets his own first.
    #[serde(default)]
    pub transport_pin: bool,
    /// The key for personalising it is given, as a secret; else the agent makes one up that
    /// nobody knows, and the card stays without a certificate.
    #[serde(default)]
    pub administrator_key: bool,
    /// What its file is locked with.
    pub lock: PracticeLock,
    /// What it does with a PIN before it knows the CAN.
    #[serde(default)]
    pub policy: PracticePolicy,
}

/// What the file of a practice card is locked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum PracticeLock {
    /// A key in the key store of the operating system.
    KeyStore,
    /// A passphrase, which is asked for whenever the card is put in.
    Passphrase,
}

/// What a practice card does with a PIN over the radio before it was told the CAN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum PracticePolicy {
    /// Refuses it, and spends no try.
    #[default]
    CanFirst,
    /// Takes it, until the PIN is suspended.
    PinFirst,
}

/// Which side of a practice card is shown to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PracticeFace {
    /// Contacts or radio.
    pub interface: InterfaceKind,
    /// The port of a virtual reader (vpcd) on this computer that the card is put into; `None`: a
    /// reader of the agent's own, which needs no smart card service.
    pub vpcd: Option<u16>,
}

/// A practice card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PracticeCardInfo {
    /// Its number, which is on no other card.
    pub number: String,
    /// What it is called, for people.
    pub label: String,
    /// When it was made, RFC 3339, UTC; `None` where the file does not say.
    pub made_at: Option<String>,
    /// What its file is locked with; `None` where the file does not say.
    pub lock: Option<PracticeLock>,
    /// Where it is put in, if it is.
    pub inserted: Option<PracticePlace>,
    /// Why it cannot be put in, if that is known: its file is damaged.
    pub failure: Option<Box<super::Failure>>,
}

/// Where a practice card is put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PracticePlace {
    /// Name of the reader, as `cards` shows it; `None` behind a virtual reader.
    pub reader: Option<String>,
    /// Which side.
    pub face: PracticeFace,
}
