//! What the keys on the cards were used for, on this computer.

use serde::{Deserialize, Serialize};

use super::KeyRole;

/// One use of a key: the card had the PIN for it, and signed or did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyUse {
    /// When, RFC 3339, UTC.
    pub time: String,
    /// For what.
    pub what: UseKind,
    /// What the key is for.
    pub role: KeyRole,
    /// Number of the card, where it was read.
    pub card: Option<String>,
    /// Serial number of the key's certificate, hexadecimal.
    pub certificate: String,
    /// The card is a practice card.
    pub practice: bool,
    /// Path of the program that asked, where the system tells.
    pub program: Option<String>,
    /// The server that it was for, where that is known: its name, and its port where that is not
    /// 443. Which server a browser is at, the browser alone knows.
    pub server: Option<String>,
    /// Why the card did not sign, if it did not.
    pub failure: Option<Box<super::Failure>>,
}

/// What a key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum UseKind {
    /// Logging in to a server.
    Login,
    /// A signature for a program, through PKCS#11.
    Program,
    /// Identifying the holder before the authority.
    Authority,
    /// Telling the authority that a new certificate is on its card.
    Confirmation,
    /// A request to the authority that was signed.
    SignedRequest,
}

/// What is remembered of the uses of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Uses {
    /// The uses, the newest first.
    pub uses: Vec<KeyUse>,
    /// Why no use is remembered at this moment, if none is: there is no key store.
    pub not_kept: Option<Box<super::Failure>>,
}

/// A server that was logged in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServiceInfo {
    /// Its name, and its port where that is not 443.
    pub server: String,
    /// How often, as far as that is remembered.
    pub logins: u32,
    /// When last, RFC 3339, UTC.
    pub last: String,
    /// It is on the list of servers that the holder, or his organisation, trusts.
    pub trusted: bool,
}
