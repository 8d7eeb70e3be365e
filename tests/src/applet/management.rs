//! The management key of a PIV card, and what it guards beside keys and certificates.

use super::Applet;
use super::personal::Commands;

/// A management key (SP 800-73-4: card application administration key).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagementKey {
    /// Three keys of DES.
    TripleDes([u8; 24]),
    /// AES with 32 bytes.
    Aes256([u8; 32]),
}

impl ManagementKey {
    /// What an authority calls cards with such a key.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::TripleDes(_) => "piv-3des",
            Self::Aes256(_) => "piv-aes-256",
        }
    }

    /// The key.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::TripleDes(bytes) => bytes,
            Self::Aes256(bytes) => bytes,
        }
    }

    /// Its algorithm, SP 800-78-5 §6.2.
    fn algorithm(&self) -> u8 {
        match self {
            Self::TripleDes(_) => 0x03,
            Self::Aes256(_) => 0x0C,
        }
    }
}

impl Applet {
    /// Takes this management key in the place of the factory's, by Yubico's SET MANAGEMENT KEY.
    /// The card must not be in a reader.
    ///
    /// # Panics
    /// When the applet refuses it.
    #[must_use]
    pub fn managed(self, key: &ManagementKey) -> Self {
        let mut card = Commands::with(self);
        card.administer_piv();
        let length = u8::try_from(key.bytes().len()).expect("a short key");
        let data = [&[key.algorithm(), 0x9B, length], key.bytes()].concat();
        card.send([0x00, 0xFF, 0xFF, 0xFF], &data);
        card.into_card()
    }

    /// Takes the PIV card's number away: its CHUID says no GUID.
    ///
    /// # Panics
    /// When the applet refuses it.
    #[must_use]
    pub fn numberless(self) -> Self {
        let mut card = Commands::with(self);
        card.administer_piv();
        let chuid = [0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x02, 0xFE, 0x00];
        card.send([0x00, 0xDB, 0x3F, 0xFF], &chuid);
        card.into_card()
    }
}
