//! The ciphers of a session, and the keys made for them (ICAO 9303-11 §9.7).

use cbc::cipher::{
    BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
    block_padding::NoPadding,
};
use cmac::{Cmac, Mac};
use sha1::Digest;
use zeroize::Zeroizing;

/// Bytes of an AES block.
pub(crate) const BLOCK: usize = 16;
/// Bytes of a MAC or a token as it is sent: the first half of the CMAC.
pub(crate) const MAC: usize = 8;

/// The block cipher of a session: CBC for secrecy, CMAC for integrity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named as its standard names it")]
pub enum Cipher {
    Aes128,
    Aes192,
    Aes256,
}

impl Cipher {
    /// All, the weakest first.
    pub const ALL: [Self; 3] = [Self::Aes128, Self::Aes192, Self::Aes256];

    /// Bytes of a key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The key derivation function, ICAO 9303-11 §9.7.1: SHA-1 for AES-128, else SHA-256.
    pub(crate) fn derive(self, secret: &[u8], purpose: Purpose) -> Key {
        let counter = purpose.counter().to_be_bytes();
        let mut bytes = Zeroizing::new(Vec::new());
        match self {
            Self::Aes128 => {
                let hash = sha1::Sha1::new().chain_update(secret);
                let hash = Zeroizing::new(<[u8; 20]>::from(hash.chain_update(counter).finalize()));
                bytes.extend_from_slice(hash.get(..self.key_length()).unwrap_or_default());
            }
            Self::Aes192 | Self::Aes256 => {
                let hash = sha2::Sha256::new().chain_update(secret);
                let hash = Zeroizing::new(<[u8; 32]>::from(hash.chain_update(counter).finalize()));
                bytes.extend_from_slice(hash.get(..self.key_length()).unwrap_or_default());
            }
        }
        Key {
            cipher: self,
            bytes,
        }
    }
}

/// What a key is derived for: the counter of the derivation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `KSenc`
    Encryption,
    /// `KSmac`
    Authentication,
    /// Kπ
    Password,
}

impl Purpose {
    const fn counter(self) -> u32 {
        match self {
            Self::Encryption => 1,
            Self::Authentication => 2,
            Self::Password => 3,
        }
    }
}

/// A key of one cipher. It is wiped when it is dropped.
pub(crate) struct Key {
    cipher: Cipher,
    // INVARIANT: as long as the cipher's keys are.
    bytes: Zeroizing<Vec<u8>>,
}

/// Evaluates an expression with the type of the cipher named.
macro_rules! by_cipher {
    ($cipher:expr, $aes:ident => $with:expr) => {
        match $cipher {
            Cipher::Aes128 => {
                type $aes = aes::Aes128;
                $with
            }
            Cipher::Aes192 => {
                type $aes = aes::Aes192;
                $with
            }
            Cipher::Aes256 => {
                type $aes = aes::Aes256;
                $with
            }
        }
    };
}

const KEY_LENGTH: &str = "invariant: a key is as long as its cipher's keys are";

#[allow(
    clippy::expect_used,
    reason = "a Key is made by derive alone, with the length of its cipher"
)]
impl Key {
    /// One block, for the initial vector of a message (ICAO 9303-11 §9.8.6.1).
    pub(crate) fn encrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = block.into();
        by_cipher!(self.cipher, Aes => {
            Aes::new_from_slice(&self.bytes).expect(KEY_LENGTH).encrypt_block(&mut block);
        });
        block.into()
    }

    /// CBC over whole blocks: of bytes left over at the end nothing is encrypted.
    pub(crate) fn encrypt(&self, iv: &[u8; BLOCK], plain: &[u8]) -> Vec<u8> {
        let whole = plain.len() - plain.len() % BLOCK;
        let blocks = plain.get(..whole).unwrap_or_default();
        by_cipher!(self.cipher, Aes => {
            cbc::Encryptor::<Aes>::new_from_slices(&self.bytes, iv)
                .expect(KEY_LENGTH)
                .encrypt_padded_vec::<NoPadding>(blocks)
        })
    }

    /// CBC; `None` when `secret` is not of whole blocks.
    pub(crate) fn decrypt(&self, iv: &[u8; BLOCK], secret: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        by_cipher!(self.cipher, Aes => {
            cbc::Decryptor::<Aes>::new_from_slices(&self.bytes, iv)
                .expect(KEY_LENGTH)
                .decrypt_padded_vec::<NoPadding>(secret)
        })
        .ok()
        .map(Zeroizing::new)
    }

    /// The first [`MAC`] bytes of the CMAC over `parts`, one after the other.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; MAC] {
        let whole: [u8; BLOCK] = by_cipher!(self.cipher, Aes => {
            let mut mac = <Cmac<Aes> as KeyInit>::new_from_slice(&self.bytes).expect(KEY_LENGTH);
            for part in parts {
                mac.update(part);
            }
            mac.finalize().into_bytes().into()
        });
        let [a, b, c, d, e, f, g, h, ..] = whole;
        [a, b, c, d, e, f, g, h]
    }
}
