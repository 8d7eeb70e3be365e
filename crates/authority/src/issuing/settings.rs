//! Settings of issuing, the part `[issuing]` of `authority.toml`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use lichna_pki::KeyAlgorithm;

/// How long things take, and what is issued.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seconds from the approval of an application to its confirmation; then it is denied.
    pub deadline_seconds: u32,
    /// The same of a renewal.
    pub renewal_seconds: u32,
    /// Seconds that an application waits for the applicant to appear in person.
    pub appearance_seconds: u32,
    /// Seconds that the certificates before renewed ones stay in force, when the holder does not
    /// say earlier that his card has taken up the new ones.
    pub overlap_seconds: u32,
    /// Seconds between two looks for applications whose time is over.
    pub sweep_seconds: u32,
    /// Challenges of its carrier that are answered in the life of an application.
    pub answers: u32,
    /// Seconds that a certificate is valid, at most until its authority's own one ends.
    pub validity_seconds: u32,
    /// Kinds of keys that are certified.
    pub key_algorithms: Vec<KeyKind>,
}

/// Kinds of keys, named as in card profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub enum KeyKind {
    /// ECDSA on P-256.
    #[serde(rename = "ec-p256")]
    EcP256,
    /// ECDSA on P-384.
    #[serde(rename = "ec-p384")]
    EcP384,
    /// RSA with a modulus of 2048 bits.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline_seconds: 60 * 60,
            renewal_seconds: 24 * 60 * 60,
            appearance_seconds: 30 * 24 * 60 * 60,
            overlap_seconds: 7 * 24 * 60 * 60,
            sweep_seconds: 10,
            answers: 64,
            validity_seconds: (5 * 365 + 1) * 24 * 60 * 60,
            // 2048 bits are not thought enough for as long as a certificate is valid.
            key_algorithms: vec![
                KeyKind::EcP256,
                KeyKind::EcP384,
                KeyKind::Rsa3072,
                KeyKind::Rsa4096,
            ],
        }
    }
}

impl Settings {
    /// Whether keys of that kind are certified.
    #[must_use]
    pub fn certifies(&self, key: &KeyAlgorithm) -> bool {
        KeyKind::of(key).is_some_and(|kind| self.key_algorithms.contains(&kind))
    }
}

impl KeyKind {
    fn of(key: &KeyAlgorithm) -> Option<Self> {
        Some(match key {
            KeyAlgorithm::EcP256 => Self::EcP256,
            KeyAlgorithm::EcP384 => Self::EcP384,
            KeyAlgorithm::Rsa { bits: 2048 } => Self::Rsa2048,
            KeyAlgorithm::Rsa { bits: 3072 } => Self::Rsa3072,
            KeyAlgorithm::Rsa { bits: 4096 } => Self::Rsa4096,
            _ => return None,
        })
    }
}
