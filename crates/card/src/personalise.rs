//! The administrator's side: his key, and what a card lets him do. Req C.5, 14.1.5, 14.1.9.

use cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockSizeUser, KeyInit, array::Array};
use lichna_secret::{Pin, Puk};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    CardError, KeyAlgorithm, KeyRef, PinRef,
    card::Card,
    dialect, public_key,
    session::{self, key},
};

/// What an administrator's symmetric key is, SP 800-78-5 §6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdminAlgorithm {
    /// Triple DES with three keys; 24 bytes. What PIV cards had until SP 800-78-5.
    TripleDes,
    /// AES with 16 bytes.
    Aes128,
    /// AES with 24 bytes.
    Aes192,
    /// AES with 32 bytes.
    Aes256,
}

impl AdminAlgorithm {
    pub(crate) const NAMED: [(&'static str, Self); 4] = [
        ("3des", Self::TripleDes),
        ("aes-128", Self::Aes128),
        ("aes-192", Self::Aes192),
        ("aes-256", Self::Aes256),
    ];

    /// Bytes of such a key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of a block, which is what such a key proves itself with.
    pub(crate) const fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Aes128 => 0x08,
            Self::Aes192 => 0x0A,
            Self::Aes256 => 0x0C,
        }
    }
}

/// The key that guards personalisation. It is per card, and is wiped when it is dropped.
pub struct AdminKey {
    algorithm: AdminAlgorithm,
    // INVARIANT: `algorithm.key_length()` bytes.
    bytes: Zeroizing<Vec<u8>>,
}

/// Why bytes are not an administrator's key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the key has {length} bytes, not {expected}")]
pub struct AdminKeyError {
    /// Bytes given.
    pub length: usize,
    /// Bytes that such a key has.
    pub expected: usize,
}

impl AdminKey {
    /// Takes the bytes of a key.
    ///
    /// # Errors
    /// [`AdminKeyError`] when they are too few or too many.
    pub fn new(
        algorithm: AdminAlgorithm,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<Self, AdminKeyError> {
        if bytes.len() == algorithm.key_length() {
            return Ok(Self { algorithm, bytes });
        }
        Err(AdminKeyError {
            length: bytes.len(),
            expected: algorithm.key_length(),
        })
    }

    /// What kind of key it is.
    #[must_use]
    pub const fn algorithm(&self) -> AdminAlgorithm {
        self.algorithm
    }

    /// One block; `None` when it is not one block long.
    pub(crate) fn encrypt(&self, block: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.algorithm {
            AdminAlgorithm::TripleDes => encrypt::<des::TdesEde3>(&self.bytes, block),
            AdminAlgorithm::Aes128 => encrypt::<aes::Aes128>(&self.bytes, block),
            AdminAlgorithm::Aes192 => encrypt::<aes::Aes192>(&self.bytes, block),
            AdminAlgorithm::Aes256 => encrypt::<aes::Aes256>(&self.bytes, block),
        }
    }

    /// One block; `None` when it is not one block long.
    pub(crate) fn decrypt(&self, block: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.algorithm {
            AdminAlgorithm::TripleDes => decrypt::<des::TdesEde3>(&self.bytes, block),
            AdminAlgorithm::Aes128 => decrypt::<aes::Aes128>(&self.bytes, block),
            AdminAlgorithm::Aes192 => decrypt::<aes::Aes192>(&self.bytes, block),
            AdminAlgorithm::Aes256 => decrypt::<aes::Aes256>(&self.bytes, block),
        }
    }
}

fn encrypt<C: KeyInit + BlockCipherEncrypt + BlockSizeUser>(
    key: &[u8],
    block: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut block = Array::try_from(block).ok()?;
    C::new_from_slice(key).ok()?.encrypt_block(&mut block);
    Some(Zeroizing::new(block.to_vec()))
}

fn decrypt<C: KeyInit + BlockCipherDecrypt + BlockSizeUser>(
    key: &[u8],
    block: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut block = Array::try_from(block).ok()?;
    C::new_from_slice(key).ok()?.decrypt_block(&mut block);
    Some(Zeroizing::new(block.to_vec()))
}

/// What a card wants answered by whoever has its administrator's key, before it may be
/// personalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) bytes: Vec<u8>,
    pub(crate) algorithm: Option<AdminAlgorithm>,
}

impl Challenge {
    /// What is to be answered.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The kind of key that answers it; `None` where such cards have one kind.
    #[must_use]
    pub const fn algorithm(&self) -> Option<AdminAlgorithm> {
        self.algorithm
    }
}

/// The card has accepted the administrator.
#[derive(Debug)]
pub struct Personalising(pub(crate) ());

impl Card<'_, Personalising> {
    /// Generates a key pair on the card and returns the public key: SubjectPublicKeyInfo, DER.
    ///
    /// The private key never leaves the card. What was there before is gone.
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] when what the card returns is no key of that kind.
    pub fn generate_key(
        &mut self,
        reference: KeyRef,
        algorithm: KeyAlgorithm,
    ) -> Result<Vec<u8>, CardError> {
        let mut session = self.session();
        let key = key(session.profile, reference)?;
        if !key.generate() || !key.algorithms().contains(&algorithm) {
            return Err(CardError::AlgorithmNotOffered { algorithm });
        }
        let template =
            dialect::of(session.profile.dialect()).generate_key(&mut session, key, algorithm)?;
        public_key::subject_public_key_info(algorithm, &template)
    }

    /// Writes the certificate of a key, in DER, to its place on the card.
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] when `der` is not one certificate.
    pub fn write_certificate(&mut self, key: KeyRef, der: &[u8]) -> Result<(), CardError> {
        let mut session = self.session();
        let place = session::certificate(session.profile, key)?;
        if crate::certificate::cut(der)?.as_deref() != Some(der) {
            return Err(CardError::malformed("certificate"));
        }
        dialect::of(session.profile.dialect()).write_certificate(&mut session, place, der)
    }

    /// The public key of a pair that was generated before: SubjectPublicKeyInfo, DER. For a
    /// personalisation that goes on where it was interrupted.
    ///
    /// # Errors
    /// As [`generate_key`](Self::generate_key), and [`CardError::KeyMissing`].
    pub fn read_public_key(
        &mut self,
        reference: KeyRef,
        algorithm: KeyAlgorithm,
    ) -> Result<Vec<u8>, CardError> {
        let mut session = self.session();
        let key = key(session.profile, reference)?;
        let template = dialect::of(session.profile.dialect()).read_public_key(&mut session, key)?;
        public_key::subject_public_key_info(algorithm, &template)
    }

    /// Makes a key and its certificate, written before, the ones that the card uses for their
    /// role. What was in use till then stays on the card, as the spare. Req 13.6.
    ///
    /// # Errors
    /// [`CardError::NotInProfile`] when such cards have no spare places; [`CardError::CardRefused`]
    /// when key or certificate is missing.
    pub fn activate(&mut self, key: KeyRef) -> Result<(), CardError> {
        let mut session = self.session();
        let place = session::certificate(session.profile, key)?;
        dialect::of(session.profile.dialect()).activate(&mut session, place)
    }

    /// Sets a transport PIN: the PIN is not activated then, until its holder sets one of his own.
    ///
    /// # Errors
    /// [`CardError::NotInProfile`] when such cards have none; [`CardError::PinFormat`] and others.
    pub fn set_transport_pin(
        &mut self,
        reference: PinRef,
        transport: &Pin,
    ) -> Result<(), CardError> {
        let mut session = self.session();
        let rules = session
            .pin(reference)?
            .transport()
            .ok_or(CardError::NotInProfile {
                what: "transport PIN",
            })?;
        dialect::of(session.profile.dialect()).set_transport_pin(&mut session, &rules, transport)
    }

    /// Gives a PIN the PUK that unblocks it from now on, where the card lets the administrator
    /// do so (the resetting code of an OpenPGP card).
    ///
    /// # Errors
    /// [`CardError::NotInProfile`] when such cards do not; [`CardError::PinFormat`] and others.
    pub fn set_puk(&mut self, pin: PinRef, puk: &Puk) -> Result<(), CardError> {
        let mut session = self.session();
        let missing = CardError::NotInProfile { what: "PUK" };
        let unblocking = session.pin(pin)?.unblocked_by().ok_or(missing)?;
        let rules = session.pin(unblocking)?.clone();
        dialect::of(session.profile.dialect()).set_puk(&mut session, &rules, puk)
    }
}
