//! What makes a key unfit to be certified. Found on cards of the field: see the ROCA cases of
//! 2017 (CVE-2017-15361).

use thiserror::Error;
use x509_parser::{
    prelude::FromDer, public_key::PublicKey as ParsedKey, x509::SubjectPublicKeyInfo,
};

use crate::{KeyAlgorithm, PublicKey};

/// Shortest RSA modulus that is taken, in bits.
const SHORTEST_MODULUS: usize = 2048;
/// Longest RSA modulus that is taken, in bits.
const LONGEST_MODULUS: usize = 8192;
/// The generator that chips with the ROCA fault make their primes with.
const ROCA_GENERATOR: u32 = 65_537;
/// The odd primes up to 167, of which those chips' moduli are powers of 65537.
const ROCA_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// What makes a key unfit to be certified.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// The public point is not on the curve, or is the point at infinity.
    #[error("the public point is not on the curve")]
    PointNotOnCurve,
    /// The RSA modulus is too short to be safe, or too long to be one.
    #[error(
        "an RSA modulus of {bits} bits is not between {SHORTEST_MODULUS} and {LONGEST_MODULUS}"
    )]
    ModulusLength {
        /// Its length.
        bits: usize,
    },
    /// The RSA modulus is even, so it has no two large prime factors.
    #[error("the RSA modulus is even")]
    EvenModulus,
    /// The RSA exponent is even, or 1.
    #[error("the RSA exponent is even or 1")]
    BadExponent,
    /// The RSA modulus has the mark of chips whose keys can be broken (CVE-2017-15361).
    #[error("the RSA key was made by a chip with the ROCA fault")]
    Roca,
    /// A kind of key that is not known here.
    #[error("the kind of key is not known: {oid}")]
    UnsupportedAlgorithm {
        /// Object identifier of the algorithm, or of the curve.
        oid: String,
    },
    /// The key cannot be read.
    #[error("the key is malformed")]
    Malformed,
}

pub fn check(key: &PublicKey) -> Result<(), KeyFault> {
    let (_, spki) =
        SubjectPublicKeyInfo::from_der(key.spki_der()).map_err(|_| KeyFault::Malformed)?;
    let bytes = spki.subject_public_key.data.as_ref();
    match key.algorithm() {
        KeyAlgorithm::EcP256 => p256::PublicKey::from_sec1_bytes(bytes)
            .map(drop)
            .map_err(|_| KeyFault::PointNotOnCurve),
        KeyAlgorithm::EcP384 => p384::PublicKey::from_sec1_bytes(bytes)
            .map(drop)
            .map_err(|_| KeyFault::PointNotOnCurve),
        KeyAlgorithm::Rsa { .. } => match spki.parsed() {
            Ok(ParsedKey::RSA(rsa)) => check_rsa(rsa.modulus, rsa.exponent),
            _ => Err(KeyFault::Malformed),
        },
        KeyAlgorithm::Unsupported { oid } => {
            Err(KeyFault::UnsupportedAlgorithm { oid: oid.clone() })
        }
    }
}

fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyFault> {
    let bits = bits(modulus);
    if !(SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&bits) {
        return Err(KeyFault::ModulusLength { bits });
    }
    if !is_odd(modulus) {
        return Err(KeyFault::EvenModulus);
    }
    if !is_odd(exponent) || self::bits(exponent) < 2 {
        return Err(KeyFault::BadExponent);
    }
    if has_roca_mark(modulus) {
        return Err(KeyFault::Roca);
    }
    Ok(())
}

/// Length in bits of a number in big-endian bytes.
pub fn bits(number: &[u8]) -> usize {
    let mut significant = number.iter().skip_while(|byte| **byte == 0);
    match significant.next() {
        None => 0,
        Some(first) => {
            let top = usize::try_from(u8::BITS - first.leading_zeros()).unwrap_or_default();
            top + 8 * significant.count()
        }
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte & 1 == 1)
}

/// Nemec et al., CCS 2017 §2: modulo each of the small primes such a modulus is a power of
/// 65537. Of other moduli one in 2^27 is, too.
fn has_roca_mark(modulus: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|prime| {
        let rest = modulus
            .iter()
            .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        core::iter::successors(Some(1), |power| {
            Some(power * (ROCA_GENERATOR % prime) % prime)
        })
        .take(usize::try_from(*prime).unwrap_or(usize::MAX))
        .any(|power| power == rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bits_without_leading_zeros() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[0, 1]), 1);
        assert_eq!(bits(&[0x80, 0]), 16);
        assert_eq!(bits(&[0, 0x7F, 0xFF]), 15);
    }

    #[test]
    fn refuses_rsa_keys_that_cannot_be_safe() {
        let modulus = |length: usize, last: u8| {
            // 0xAB… is no power of 65537 modulo 3, 5 and so on.
            let mut bytes = vec![0xAB; length];
            if let Some(byte) = bytes.last_mut() {
                *byte = last;
            }
            bytes
        };
        assert_eq!(check_rsa(&modulus(256, 0x6D), &[1, 0, 1]), Ok(()));
        assert_eq!(
            check_rsa(&modulus(128, 0x6D), &[1, 0, 1]),
            Err(KeyFault::ModulusLength { bits: 1024 })
        );
        assert_eq!(
            check_rsa(&modulus(256, 0x6C), &[1, 0, 1]),
            Err(KeyFault::EvenModulus)
        );
        for exponent in [&[][..], &[0], &[1], &[2], &[0, 1], &[1, 0, 0]] {
            assert_eq!(
                check_rsa(&modulus(256, 0x6D), exponent),
                Err(KeyFault::BadExponent)
            );
        }
    }
}
