//! Who signs checkpoints, and the public keys that they are checked with.

use core::fmt;
use std::error::Error;

use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Hash;

/// What a signer fails with: its own business.
pub type SignerError = Box<dyn Error + Send + Sync>;

/// Signs checkpoints: ECDSA with P-256 and SHA-256, or with P-384 and SHA-384.
pub trait CheckpointSigner {
    /// The public key: a SubjectPublicKeyInfo, RFC 5280 §4.1, in DER.
    fn public_key_spki(&self) -> &[u8];

    /// A signature over the message (which is hashed by the signer): an Ecdsa-Sig-Value, RFC 3279
    /// §2.2.3, in DER.
    ///
    /// # Errors
    /// The signer's own.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not PEM, RFC 7468, or none with a key in it.
    #[error("not PEM of a key")]
    NotPem,
    /// Not a key on P-256 or P-384.
    #[error("not a key on the curve P-256 or P-384")]
    NotSuchKey,
    /// The file is encrypted, and the passphrase is another one, or none was given.
    #[error("the key is encrypted with another passphrase")]
    Passphrase,
}

/// The public key of a signer of checkpoints.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckpointKey {
    id: Hash,
    key: Curve,
}

#[derive(Clone, PartialEq, Eq)]
enum Curve {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl CheckpointKey {
    /// From a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`KeyError::NotSuchKey`].
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let key = p256::ecdsa::VerifyingKey::from_public_key_der(der).map(Curve::P256);
        let key =
            key.or_else(|_| p384::ecdsa::VerifyingKey::from_public_key_der(der).map(Curve::P384));
        Ok(Self {
            id: Sha256::digest(der).into(),
            key: key.map_err(|_| KeyError::NotSuchKey)?,
        })
    }

    /// From a PEM file with a `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`KeyError::NotPem`], [`KeyError::NotSuchKey`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let (label, der) = pem_rfc7468::decode_vec(pem).map_err(|_| KeyError::NotPem)?;
        if label != "PUBLIC KEY" {
            return Err(KeyError::NotPem);
        }
        Self::from_spki(&der)
    }

    /// What a checkpoint names it by: SHA-256 of the SubjectPublicKeyInfo.
    pub const fn id(&self) -> &Hash {
        &self.id
    }

    /// Whether that is its signature (in DER) over the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Curve::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Curve::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({})", hex::encode(self.id))
    }
}

/// A signer whose key is in a file: PKCS#8 in PEM, RFC 7468 §10 and §11.
pub struct SigningFile {
    spki: Vec<u8>,
    key: Private,
}

enum Private {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

impl SigningFile {
    /// From the text of the file, with the passphrase where it is encrypted.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(pem: &str, passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        let (label, der) = pkcs8::SecretDocument::from_pem(pem).map_err(|_| KeyError::NotPem)?;
        let der = match label {
            "PRIVATE KEY" => der,
            "ENCRYPTED PRIVATE KEY" => {
                let sealed = pkcs8::EncryptedPrivateKeyInfoRef::try_from(der.as_bytes());
                let sealed = sealed.map_err(|_| KeyError::NotSuchKey)?;
                let passphrase = passphrase.ok_or(KeyError::Passphrase)?;
                sealed
                    .decrypt(passphrase)
                    .map_err(|_| KeyError::Passphrase)?
            }
            _ => return Err(KeyError::NotPem),
        };
        Self::from_pkcs8(der.as_bytes())
    }

    /// From a PrivateKeyInfo, RFC 5208 §5, in DER.
    ///
    /// # Errors
    /// [`KeyError::NotSuchKey`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let refused = |_| KeyError::NotSuchKey;
        if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_der(der) {
            let spki = key
                .verifying_key()
                .to_public_key_der()
                .map_err(|_| KeyError::NotSuchKey)?;
            return Ok(Self {
                spki: spki.into_vec(),
                key: Private::P256(key),
            });
        }
        let key = p384::ecdsa::SigningKey::from_pkcs8_der(der).map_err(refused)?;
        let spki = key
            .verifying_key()
            .to_public_key_der()
            .map_err(|_| KeyError::NotSuchKey)?;
        Ok(Self {
            spki: spki.into_vec(),
            key: Private::P384(key),
        })
    }
}

impl CheckpointSigner for SigningFile {
    fn public_key_spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        match &self.key {
            Private::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Private::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_such_key() {
        for bytes in [&b""[..], b"\x30\x00", b"-----BEGIN PUBLIC KEY-----"] {
            assert_eq!(CheckpointKey::from_spki(bytes), Err(KeyError::NotSuchKey));
            assert_eq!(CheckpointKey::from_pem(bytes), Err(KeyError::NotPem));
        }
    }
}
