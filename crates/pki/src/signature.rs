//! Whether a signature over what a program hashed itself is one of the key: nothing else may leave
//! for that program. Req C.3.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Sha256, Sha384, Sha512};
use thiserror::Error;
use x509_parser::{
    prelude::FromDer, public_key::PublicKey as ParsedKey, x509::SubjectPublicKeyInfo,
};

use crate::{KeyAlgorithm, PublicKey, key::significant};

/// Longest RSA modulus that is calculated with, in bits.
const LONGEST_MODULUS: usize = 4096;

/// What was signed, hashed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedInput<'a> {
    /// ECDSA over a hash, FIPS 186-5 §6.4.1. The signature is R ‖ S, each as long as the field.
    Ecdsa {
        /// The hash, of any length.
        digest: &'a [u8],
    },
    /// RSASSA-PKCS1-v1_5, RFC 8017 §8.2.
    RsaPkcs1 {
        /// What was padded: usually a DigestInfo.
        encoded: &'a [u8],
    },
    /// RSASSA-PSS, RFC 8017 §8.1, with MGF1 of the same hash and a salt as long as the hash.
    RsaPss {
        /// The hash.
        hash: HashName,
        /// As long as such a hash is.
        digest: &'a [u8],
    },
}

/// A hash, FIPS 180-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is named as FIPS 180-4 names it")]
pub enum HashName {
    Sha256,
    Sha384,
    Sha512,
}

/// The bytes are no signature of the key over that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a signature of this key")]
pub struct NotSigned;

impl PublicKey {
    /// Checks a signature over what was hashed elsewhere.
    ///
    /// # Errors
    /// [`NotSigned`] when it is none, also when such a key makes no such signature.
    pub fn verify(&self, input: &SignedInput<'_>, signature: &[u8]) -> Result<(), NotSigned> {
        let (_, spki) = SubjectPublicKeyInfo::from_der(self.spki_der()).map_err(|_| NotSigned)?;
        let bytes = spki.subject_public_key.data.as_ref();
        match (self.algorithm(), *input) {
            (KeyAlgorithm::EcP256, SignedInput::Ecdsa { digest }) => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes);
                let signature = p256::ecdsa::Signature::from_slice(signature);
                let (Ok(key), Ok(signature)) = (key, signature) else {
                    return Err(NotSigned);
                };
                key.verify_prehash(&as_long_as::<32>(digest), &signature)
                    .map_err(|_| NotSigned)
            }
            (KeyAlgorithm::EcP384, SignedInput::Ecdsa { digest }) => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes);
                let signature = p384::ecdsa::Signature::from_slice(signature);
                let (Ok(key), Ok(signature)) = (key, signature) else {
                    return Err(NotSigned);
                };
                key.verify_prehash(&as_long_as::<48>(digest), &signature)
                    .map_err(|_| NotSigned)
            }
            (KeyAlgorithm::Rsa { .. }, _) => match spki.parsed() {
                Ok(ParsedKey::RSA(rsa)) => {
                    verify_rsa((rsa.modulus, rsa.exponent), input, signature)
                }
                _ => Err(NotSigned),
            },
            _ => Err(NotSigned),
        }
    }
}

/// The same number in `N` bytes: of a longer hash the leftmost bits count, a shorter one gets zeros
/// before it.
fn as_long_as<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut number = [0; N];
    let leftmost = digest.get(..N).unwrap_or(digest);
    for (to, from) in number.iter_mut().rev().zip(leftmost.iter().rev()) {
        *to = *from;
    }
    number
}

fn verify_rsa(
    (modulus, exponent): (&[u8], &[u8]),
    input: &SignedInput<'_>,
    signature: &[u8],
) -> Result<(), NotSigned> {
    let number = |bytes| BoxedUint::from_be_slice_vartime(&significant(bytes));
    let sizes = RsaPublicKey::MIN_SIZE..=LONGEST_MODULUS;
    let key = RsaPublicKey::new_with_size_limits(number(modulus), number(exponent), sizes)
        .map_err(|_| NotSigned)?;
    match *input {
        SignedInput::Ecdsa { .. } => return Err(NotSigned),
        SignedInput::RsaPkcs1 { encoded } => {
            key.verify(Pkcs1v15Sign::new_unprefixed(), encoded, signature)
        }
        SignedInput::RsaPss { hash, digest } => match hash {
            HashName::Sha256 => key.verify(Pss::<Sha256>::new(), digest, signature),
            HashName::Sha384 => key.verify(Pss::<Sha384>::new(), digest, signature),
            HashName::Sha512 => key.verify(Pss::<Sha512>::new(), digest, signature),
        },
    }
    .map_err(|_| NotSigned)
}
