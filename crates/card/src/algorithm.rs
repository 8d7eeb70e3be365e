//! What keys are and how they sign: names as TLS has them.

use core::fmt;

use sha2::{Digest, Sha256, Sha384, Sha512};

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// Elliptic curve P-256 (secp256r1).
    EcP256,
    /// Elliptic curve P-384 (secp384r1).
    EcP384,
    /// RSA with a modulus of 2048 bits.
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    Rsa4096,
}

impl KeyAlgorithm {
    /// All of them, with their names in profiles.
    pub(crate) const NAMED: [(&'static str, Self); 5] = [
        ("ec-p256", Self::EcP256),
        ("ec-p384", Self::EcP384),
        ("rsa-2048", Self::Rsa2048),
        ("rsa-3072", Self::Rsa3072),
        ("rsa-4096", Self::Rsa4096),
    ];

    /// Its name, as in profiles.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMED, self)
    }

    /// Bytes of the field of the curve, which is also how long R and S are; `None` for RSA.
    pub(crate) const fn field_length(self) -> Option<usize> {
        match self {
            Self::EcP256 => Some(32),
            Self::EcP384 => Some(48),
            _ => None,
        }
    }

    pub(crate) const fn is_rsa(self) -> bool {
        self.modulus_length().is_some()
    }

    /// Bits of the modulus, or of the field of the curve.
    pub(crate) const fn bits(self) -> u32 {
        match self {
            Self::EcP256 => 256,
            Self::EcP384 => 384,
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }

    /// Bytes of the modulus; `None` for elliptic curves.
    #[must_use]
    pub const fn modulus_length(self) -> Option<usize> {
        match self {
            Self::EcP256 | Self::EcP384 => None,
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a TLS handshake is signed, RFC 8446 §4.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is named as RFC 8446 names it")]
pub enum SignatureScheme {
    EcdsaSecp256r1Sha256,
    EcdsaSecp384r1Sha384,
    RsaPssRsaeSha256,
    RsaPssRsaeSha384,
    RsaPssRsaeSha512,
    RsaPkcs1Sha256,
    RsaPkcs1Sha384,
    RsaPkcs1Sha512,
}

/// The hash that a scheme signs, FIPS 180-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is named as FIPS 180-4 names it")]
pub enum HashAlgorithm {
    Sha256,
    Sha384,
    Sha512,
}

/// How the hash becomes what the key is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    Ecdsa,
    Pkcs1,
    Pss,
}

impl SignatureScheme {
    pub(crate) const NAMED: [(&'static str, Self); 8] = [
        ("ecdsa_secp256r1_sha256", Self::EcdsaSecp256r1Sha256),
        ("ecdsa_secp384r1_sha384", Self::EcdsaSecp384r1Sha384),
        ("rsa_pss_rsae_sha256", Self::RsaPssRsaeSha256),
        ("rsa_pss_rsae_sha384", Self::RsaPssRsaeSha384),
        ("rsa_pss_rsae_sha512", Self::RsaPssRsaeSha512),
        ("rsa_pkcs1_sha256", Self::RsaPkcs1Sha256),
        ("rsa_pkcs1_sha384", Self::RsaPkcs1Sha384),
        ("rsa_pkcs1_sha512", Self::RsaPkcs1Sha512),
    ];

    /// Its name in RFC 8446 and in profiles.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMED, self)
    }

    /// Its number in TLS, RFC 8446 §4.2.3.
    #[must_use]
    pub const fn tls_code(self) -> u16 {
        match self {
            Self::RsaPkcs1Sha256 => 0x0401,
            Self::EcdsaSecp256r1Sha256 => 0x0403,
            Self::RsaPkcs1Sha384 => 0x0501,
            Self::EcdsaSecp384r1Sha384 => 0x0503,
            Self::RsaPkcs1Sha512 => 0x0601,
            Self::RsaPssRsaeSha256 => 0x0804,
            Self::RsaPssRsaeSha384 => 0x0805,
            Self::RsaPssRsaeSha512 => 0x0806,
        }
    }

    /// The scheme with this number in TLS, if it is one of ours.
    #[must_use]
    pub fn from_tls_code(code: u16) -> Option<Self> {
        Self::NAMED
            .into_iter()
            .map(|(_, scheme)| scheme)
            .find(|scheme| scheme.tls_code() == code)
    }

    /// Whether a key of this kind can sign so.
    #[must_use]
    pub const fn fits(self, algorithm: KeyAlgorithm) -> bool {
        match self {
            Self::EcdsaSecp256r1Sha256 => matches!(algorithm, KeyAlgorithm::EcP256),
            Self::EcdsaSecp384r1Sha384 => matches!(algorithm, KeyAlgorithm::EcP384),
            _ => algorithm.modulus_length().is_some(),
        }
    }

    pub(crate) const fn hash(self) -> HashAlgorithm {
        match self {
            Self::EcdsaSecp256r1Sha256 | Self::RsaPssRsaeSha256 | Self::RsaPkcs1Sha256 => {
                HashAlgorithm::Sha256
            }
            Self::EcdsaSecp384r1Sha384 | Self::RsaPssRsaeSha384 | Self::RsaPkcs1Sha384 => {
                HashAlgorithm::Sha384
            }
            Self::RsaPssRsaeSha512 | Self::RsaPkcs1Sha512 => HashAlgorithm::Sha512,
        }
    }

    pub(crate) const fn padding(self) -> Padding {
        match self {
            Self::EcdsaSecp256r1Sha256 | Self::EcdsaSecp384r1Sha384 => Padding::Ecdsa,
            Self::RsaPssRsaeSha256 | Self::RsaPssRsaeSha384 | Self::RsaPssRsaeSha512 => {
                Padding::Pss
            }
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => Padding::Pkcs1,
        }
    }
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl HashAlgorithm {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Bytes of such a hash.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The hash of the parts, one after the other.
    pub(crate) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        fn hash<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hasher = D::new();
            for part in parts {
                hasher.update(part);
            }
            hasher.finalize().to_vec()
        }
        match self {
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sha384 => hash::<Sha384>(parts),
            Self::Sha512 => hash::<Sha512>(parts),
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// Fresh random bytes for the salt of an RSA-PSS signature. The other schemes leave them unused.
///
/// This crate draws no randomness; whoever signs brings it.
pub struct Salt([u8; 64]);

impl Salt {
    /// Takes random bytes; the scheme uses as many as its hash is long.
    #[must_use]
    pub const fn new(random: [u8; 64]) -> Self {
        Self(random)
    }

    pub(crate) fn first(&self, length: usize) -> &[u8] {
        self.0.get(..length).unwrap_or(&self.0)
    }
}

fn name_in<T: Copy + PartialEq>(named: &[(&'static str, T)], wanted: T) -> &'static str {
    named
        .iter()
        .find(|(_, one)| *one == wanted)
        .map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_and_algorithm_has_a_name_and_a_number() {
        for (name, scheme) in SignatureScheme::NAMED {
            assert_eq!(scheme.name(), name);
            assert_eq!(
                SignatureScheme::from_tls_code(scheme.tls_code()),
                Some(scheme)
            );
        }
        for (name, algorithm) in KeyAlgorithm::NAMED {
            assert_eq!(algorithm.name(), name);
        }
    }
}
