//! The card's key pairs.

use std::sync::Arc;

use der::{Decode, Encode};
use lichna_apdu::tlv;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::pkcs8::EncodePublicKey;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use rsa::traits::{PublicKeyParts, SignatureScheme};
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::Sha256;
use x509_cert::Certificate;
use zeroize::Zeroizing;

use crate::lock::system_random;

/// A private key. Cheap to clone: there is one of it.
#[derive(Clone)]
pub enum PrivateKey {
    P256(Arc<p256::ecdsa::SigningKey>),
    P384(Arc<p384::ecdsa::SigningKey>),
    Rsa(Arc<RsaPrivateKey>),
}

/// Which kind of key to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    P256,
    P384,
    Rsa2048,
    Rsa3072,
}

/// A public key as the card gives it.
pub enum PublicKey {
    /// An uncompressed point.
    Point(Vec<u8>),
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

impl KeyType {
    /// The type with this reference in GENERATE ASYMMETRIC KEY PAIR.
    pub const fn by_reference(reference: u8) -> Option<Self> {
        match reference {
            0x11 => Some(Self::P256),
            0x14 => Some(Self::P384),
            0x07 => Some(Self::Rsa2048),
            0x05 => Some(Self::Rsa3072),
            _ => None,
        }
    }
}

impl PrivateKey {
    /// A new one; `None` when the system gives no random numbers.
    pub fn generate(key_type: KeyType) -> Option<Self> {
        let rsa = |bits| {
            let key = RsaPrivateKey::new(&mut system_random()?, bits).ok()?;
            Some(Self::Rsa(Arc::new(key)))
        };
        match key_type {
            KeyType::P256 => loop {
                let scalar = random_scalar::<32>()?;
                // One in 2^32 is outside the field.
                if let Ok(key) = p256::ecdsa::SigningKey::from_slice(scalar.as_slice()) {
                    break Some(Self::P256(Arc::new(key)));
                }
            },
            KeyType::P384 => loop {
                let scalar = random_scalar::<48>()?;
                if let Ok(key) = p384::ecdsa::SigningKey::from_slice(scalar.as_slice()) {
                    break Some(Self::P384(Arc::new(key)));
                }
            },
            KeyType::Rsa2048 => rsa(2048),
            KeyType::Rsa3072 => rsa(3072),
        }
    }

    /// Which kind it is.
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::P256(_) => KeyType::P256,
            Self::P384(_) => KeyType::P384,
            Self::Rsa(key) if key.size() <= 256 => KeyType::Rsa2048,
            Self::Rsa(_) => KeyType::Rsa3072,
        }
    }

    /// Its public half.
    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::P256(key) => {
                PublicKey::Point(key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
            }
            Self::P384(key) => {
                PublicKey::Point(key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
            }
            Self::Rsa(key) => PublicKey::Rsa {
                modulus: key.n_bytes().to_vec(),
                exponent: key.e_bytes().to_vec(),
            },
        }
    }

    /// SubjectPublicKeyInfo, RFC 5280 §4.1.2.7.
    pub fn subject_public_key_info(&self) -> Option<Vec<u8>> {
        let document = match self {
            Self::P256(key) => p256::PublicKey::from(key.verifying_key()).to_public_key_der(),
            Self::P384(key) => p384::PublicKey::from(key.verifying_key()).to_public_key_der(),
            Self::Rsa(key) => key.to_public_key().to_public_key_der(),
        };
        Some(document.ok()?.into_vec())
    }

    /// Whether `file` begins with a certificate for this key.
    pub fn fits(&self, file: &[u8]) -> bool {
        let of_certificate = || {
            let (_, _, rest) = tlv::split_first(file).ok()?;
            let certificate = file.get(..file.len() - rest.len())?;
            let certificate = Certificate::from_der(certificate).ok()?;
            let info = certificate.tbs_certificate().subject_public_key_info();
            info.to_der().ok()
        };
        let ours = self.subject_public_key_info();
        ours.is_some() && ours == of_certificate()
    }

    /// ECDSA over a hash: r ‖ s. `None`: another kind of key.
    pub fn sign_ecdsa(&self, hash: &[u8]) -> Option<Vec<u8>> {
        // What is shorter than the field is a number all the same (SEC 1 §4.1.3).
        let padded = |field: usize| {
            let zeros = field.saturating_sub(hash.len());
            [vec![0; zeros].as_slice(), hash].concat()
        };
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(&padded(32)).ok()?;
                Some(signature.to_bytes().to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign_prehash(&padded(48)).ok()?;
                Some(signature.to_bytes().to_vec())
            }
            Self::Rsa(_) => None,
        }
    }

    /// RSASSA-PKCS1-v1_5 over a DigestInfo. `None`: another kind of key, or it does not fit.
    pub fn sign_pkcs1(&self, digest_info: &[u8]) -> Option<Vec<u8>> {
        self.sign_rsa(Pkcs1v15Sign::new_unprefixed(), digest_info)
    }

    /// RSASSA-PSS with SHA-256 over its hash. `None`: another kind of key.
    pub fn sign_pss(&self, hash: &[u8]) -> Option<Vec<u8>> {
        self.sign_rsa(Pss::<Sha256>::new_with_salt(32), hash)
    }

    /// RSA alone, over as many bytes as the modulus has. `None`: another kind of key, or a number
    /// that is not below the modulus.
    pub fn sign_raw(&self, block: &[u8]) -> Option<Vec<u8>> {
        let Self::Rsa(key) = self else {
            return None;
        };
        if block.len() != key.size() {
            return None;
        }
        let bits = key.n_bits_precision();
        let number = BoxedUint::from_be_slice(block, bits).ok()?;
        if number >= *key.n().as_ref() {
            return None;
        }
        let mut random = system_random()?;
        let raised =
            rsa::hazmat::rsa_decrypt_and_check(key.as_ref(), Some(&mut random), &number).ok()?;
        let bytes = raised.to_be_bytes();
        let start = bytes.len().checked_sub(key.size())?;
        Some(bytes.get(start..)?.to_vec())
    }

    fn sign_rsa(&self, scheme: impl SignatureScheme, input: &[u8]) -> Option<Vec<u8>> {
        let Self::Rsa(key) = self else {
            return None;
        };
        key.sign_with_rng(&mut system_random()?, scheme, input).ok()
    }
}

fn random_scalar<const N: usize>() -> Option<Zeroizing<[u8; N]>> {
    let mut scalar = Zeroizing::new([0; N]);
    getrandom::fill(scalar.as_mut()).ok()?;
    Some(scalar)
}

/// How a key stands in the sealed state.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kept {
    P256(Zeroizing<String>),
    P384(Zeroizing<String>),
    /// RSAPrivateKey, RFC 8017 A.1.2.
    Rsa(Zeroizing<String>),
}

impl Serialize for PrivateKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let hex = |bytes: &[u8]| Zeroizing::new(hex::encode(bytes));
        let kept = match self {
            Self::P256(key) => Kept::P256(hex(&Zeroizing::new(key.to_bytes()))),
            Self::P384(key) => Kept::P384(hex(&Zeroizing::new(key.to_bytes()))),
            Self::Rsa(key) => Kept::Rsa(hex(key
                .to_pkcs1_der()
                .map_err(S::Error::custom)?
                .as_bytes())),
        };
        kept.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PrivateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = |text: &str| {
            hex::decode(text)
                .map(Zeroizing::new)
                .map_err(D::Error::custom)
        };
        Ok(match Kept::deserialize(deserializer)? {
            Kept::P256(text) => Self::P256(Arc::new(
                p256::ecdsa::SigningKey::from_slice(&bytes(&text)?).map_err(D::Error::custom)?,
            )),
            Kept::P384(text) => Self::P384(Arc::new(
                p384::ecdsa::SigningKey::from_slice(&bytes(&text)?).map_err(D::Error::custom)?,
            )),
            Kept::Rsa(text) => Self::Rsa(Arc::new(
                RsaPrivateKey::from_pkcs1_der(&bytes(&text)?).map_err(D::Error::custom)?,
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use rsa::{RsaPublicKey, traits::PublicKeyParts};
    use sha2::Digest;

    use super::*;

    #[test]
    fn rsa_signs_in_each_of_its_ways_and_stays_the_same_when_it_is_kept() {
        for (key_type, length) in [(KeyType::Rsa2048, 256), (KeyType::Rsa3072, 384)] {
            let key = PrivateKey::generate(key_type).unwrap();
            let kept = serde_json::to_string(&key).unwrap();
            let key: PrivateKey = serde_json::from_str(&kept).unwrap();
            assert_eq!(key.key_type(), key_type);
            let PublicKey::Rsa { modulus, exponent } = key.public_key() else {
                panic!("an RSA key");
            };
            assert_eq!(
                (modulus.len(), exponent.as_slice()),
                (length, &[1, 0, 1][..])
            );
            let number = |bytes| BoxedUint::from_be_slice_vartime(bytes);
            let public = RsaPublicKey::new(number(&modulus), number(&exponent)).unwrap();
            assert_eq!(public.size(), length);

            let hash = Sha256::digest(b"message");
            let signature = key.sign_pss(&hash).unwrap();
            let pss = Pss::<Sha256>::new_with_salt(32);
            public.verify(pss, &hash, &signature).unwrap();
            let info = [b"any DigestInfo ".as_slice(), &hash].concat();
            let signature = key.sign_pkcs1(&info).unwrap();
            let unprefixed = Pkcs1v15Sign::new_unprefixed();
            public.verify(unprefixed, &info, &signature).unwrap();

            // Raw: what is raised to the public exponent again is what was given.
            let mut block = vec![0xAB; length];
            block[0] = 0;
            let raised = key.sign_raw(&block).unwrap();
            let again = rsa::hazmat::rsa_encrypt(&public, &number(&raised)).unwrap();
            let again = again.to_be_bytes();
            assert_eq!(&again[again.len() - length..], block);
            // As long as the modulus and less than it, or nothing.
            assert!(key.sign_raw(&block[1..]).is_none());
            assert!(key.sign_raw(&modulus).is_none());
            assert!(key.sign_raw(&vec![0xFF; length]).is_none());
            assert!(key.sign_ecdsa(&hash).is_none());
        }
    }

    #[test]
    fn ecdsa_takes_every_hash() {
        use p384::ecdsa::signature::hazmat::PrehashVerifier;

        let PrivateKey::P384(key) = PrivateKey::generate(KeyType::P384).unwrap() else {
            panic!("a P-384 key");
        };
        for length in [20_usize, 32, 48, 64] {
            let hash = vec![0x5A; length];
            let signature = PrivateKey::P384(Arc::clone(&key))
                .sign_ecdsa(&hash)
                .unwrap();
            let signature = p384::ecdsa::Signature::from_slice(&signature).unwrap();
            let mut padded = vec![0; 48_usize.saturating_sub(length)];
            padded.extend(hash);
            key.verifying_key()
                .verify_prehash(&padded, &signature)
                .unwrap();
        }
        assert!(PrivateKey::P384(key).sign_pss(&[0; 32]).is_none());
    }
}
