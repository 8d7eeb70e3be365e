//! What is sealed in the store: who a person is, and the keys of carriers. And the index by which a
//! person is found without his number being there to read.

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ring::hmac;
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes of each of the vault's two keys.
pub const KEY: usize = 32;
const NONCE: usize = 24;

/// The keys of the registers: one for the index, one for sealing.
pub struct Vault {
    index: hmac::Key,
    seal: XChaCha20Poly1305,
}

/// Why something cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// What was sealed was changed, belongs elsewhere, or is of another vault.
    #[error("what was sealed does not open")]
    DoesNotOpen,
    /// The system has no random numbers, or the plain text is too long.
    #[error("it cannot be sealed")]
    CannotSeal,
}

impl Vault {
    /// The vault with these keys, for the index and for sealing.
    pub fn new(index: &[u8; KEY], seal: &[u8; KEY]) -> Self {
        Self {
            index: hmac::Key::new(hmac::HMAC_SHA256, index),
            seal: XChaCha20Poly1305::new(&Key::from(*seal)),
        }
    }

    /// Where a personal number stands in the index: `HMAC(key, kind ‖ 0 ‖ number)`. It is keyed, for
    /// all numbers there are could be tried in minutes.
    pub fn index(&self, kind: &str, number: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(number.as_bytes());
        context.sign().as_ref().to_vec()
    }

    /// Seals for the row that `belongs_to` names; it opens for that row alone.
    ///
    /// # Errors
    /// [`VaultError::CannotSeal`].
    pub fn seal(&self, belongs_to: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::CannotSeal)?;
        let payload = Payload {
            msg: plain,
            aad: belongs_to.as_bytes(),
        };
        let sealed = self.seal.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| VaultError::CannotSeal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for that row.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn open(&self, belongs_to: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, text) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or(VaultError::DoesNotOpen)?;
        let payload = Payload {
            msg: text,
            aad: belongs_to.as_bytes(),
        };
        let plain = self.seal.decrypt(&XNonce::from(*nonce), payload);
        plain
            .map(Zeroizing::new)
            .map_err(|_| VaultError::DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&[byte; KEY], &[byte + 1; KEY])
    }

    #[test]
    fn opens_for_the_row_it_was_sealed_for_alone() {
        let sealed = vault(1).seal("row", b"text").unwrap();
        assert_eq!(vault(1).open("row", &sealed).unwrap().as_slice(), b"text");
        assert!(vault(1).open("other row", &sealed).is_err());
        assert!(vault(2).open("row", &sealed).is_err());
        assert!(!sealed.windows(4).any(|four| four == b"text"));
    }

    #[test]
    fn refuses_what_was_changed_or_cut_at_any_byte() {
        let sealed = vault(1).seal("row", b"text").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault(1).open("row", &changed).is_err(), "byte {at}");
            assert!(vault(1).open("row", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn one_number_has_one_place_in_an_index_and_kinds_do_not_mix() {
        let place = vault(1).index("egn", "8506258485");
        assert_eq!(place, vault(1).index("egn", "8506258485"));
        assert_ne!(place, vault(1).index("lnch", "8506258485"));
        assert_ne!(place, vault(2).index("egn", "8506258485"));
    }
}
