//! What a program gives a key to sign, having hashed it itself: PKCS#11 wants no more of a card.

use core::fmt;

use crate::{CardError, HashAlgorithm, KeyAlgorithm, SignatureScheme, algorithm::Padding};

/// The digests that are taken for ECDSA, in bytes: from SHA-1, which a program may still use, to
/// SHA-512.
const DIGESTS: core::ops::RangeInclusive<usize> = 20..=64;
/// What PKCS #1 v1.5 puts around its input at least, RFC 8017 §9.2.
const PKCS1_OVERHEAD: usize = 11;

/// What is signed, hashed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningInput<'a> {
    /// ECDSA over a hash, FIPS 186-5 §6.4.1.
    Ecdsa {
        /// 20 to 64 bytes. Of a hash that is longer than the curve the leftmost bits count.
        digest: &'a [u8],
    },
    /// RSASSA-PKCS1-v1_5, RFC 8017 §8.2.
    RsaPkcs1 {
        /// What is padded: usually a DigestInfo, but any bytes up to the modulus less 11.
        encoded: &'a [u8],
    },
    /// RSASSA-PSS, RFC 8017 §8.1, with MGF1 of the same hash and a salt as long as the hash.
    RsaPss {
        /// The hash.
        hash: HashAlgorithm,
        /// As long as such a hash is.
        digest: &'a [u8],
    },
}

/// The kinds of [`SigningInput`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// ECDSA over a hash.
    Ecdsa,
    /// RSASSA-PKCS1-v1_5 over what is encoded already.
    RsaPkcs1,
    /// RSASSA-PSS over a hash.
    RsaPss {
        /// The hash.
        hash: HashAlgorithm,
    },
}

impl SigningInput<'_> {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> InputKind {
        match self {
            Self::Ecdsa { .. } => InputKind::Ecdsa,
            Self::RsaPkcs1 { .. } => InputKind::RsaPkcs1,
            Self::RsaPss { hash, .. } => InputKind::RsaPss { hash: *hash },
        }
    }

    /// Whether a key of this kind can sign that many bytes.
    ///
    /// # Errors
    /// [`CardError::InputLength`].
    pub fn check_length(&self, algorithm: KeyAlgorithm) -> Result<(), CardError> {
        let (length, fits) = match self {
            Self::Ecdsa { digest } => (digest.len(), DIGESTS.contains(&digest.len())),
            Self::RsaPkcs1 { encoded } => {
                let most = algorithm
                    .modulus_length()
                    .map_or(0, |modulus| modulus - PKCS1_OVERHEAD);
                (encoded.len(), (1..=most).contains(&encoded.len()))
            }
            Self::RsaPss { hash, digest } => (digest.len(), digest.len() == hash.length()),
        };
        if fits {
            return Ok(());
        }
        Err(CardError::InputLength {
            input: self.kind(),
            length,
        })
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa => f.write_str("ECDSA"),
            Self::RsaPkcs1 => f.write_str("RSASSA-PKCS1-v1_5"),
            Self::RsaPss { hash } => write!(f, "RSASSA-PSS and {hash}"),
        }
    }
}

impl SignatureScheme {
    /// What a key is given for it.
    pub(crate) const fn input(self) -> InputKind {
        match self.padding() {
            Padding::Ecdsa => InputKind::Ecdsa,
            Padding::Pkcs1 => InputKind::RsaPkcs1,
            Padding::Pss => InputKind::RsaPss { hash: self.hash() },
        }
    }
}

/// A hash as long as the field of the curve: of a longer one the leftmost bits, FIPS 186-5 §6.4.1;
/// a shorter one is the same number with zeros before it. `None` for RSA.
pub fn ecdsa_digest(digest: &[u8], algorithm: KeyAlgorithm) -> Option<Vec<u8>> {
    let length = algorithm.field_length()?;
    let leftmost = digest.get(..length).unwrap_or(digest);
    let mut number = vec![0; length - leftmost.len()];
    number.extend_from_slice(leftmost);
    Some(number)
}

/// R ‖ S as TLS has it, in DER (RFC 8422 §5.4); RSA as it is.
pub fn as_in_tls(algorithm: KeyAlgorithm, plain: Vec<u8>) -> Result<Vec<u8>, CardError> {
    let malformed = CardError::malformed("signature");
    match algorithm {
        KeyAlgorithm::EcP256 => p256::ecdsa::Signature::from_slice(&plain)
            .map(|signature| signature.to_der().as_bytes().to_vec())
            .map_err(|_| malformed),
        KeyAlgorithm::EcP384 => p384::ecdsa::Signature::from_slice(&plain)
            .map(|signature| signature.to_der().as_bytes().to_vec())
            .map_err(|_| malformed),
        _ => Ok(plain),
    }
}
