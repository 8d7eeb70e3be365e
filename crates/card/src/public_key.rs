//! The public key that a card returns when it generated a pair, as SubjectPublicKeyInfo.

use der::{Encode, asn1::UintRef};
use lichna_apdu::tlv;
use p256::pkcs8::EncodePublicKey;

use crate::{CardError, KeyAlgorithm};

const WHAT: &str = "public key";
/// Tags inside the public key template 7F49, ISO/IEC 7816-8 table 3.
const MODULUS: u16 = 0x81;
const EXPONENT: u16 = 0x82;
const POINT: u16 = 0x86;
/// OID rsaEncryption, RFC 8017 appendix A.1.
const RSA_ENCRYPTION: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// RSAPublicKey, RFC 8017 appendix A.1.1.
#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// Reads the template 7F49 and checks that it holds a key of the kind that was asked for: a point
/// on the curve, a modulus of the right length.
pub fn subject_public_key_info(
    algorithm: KeyAlgorithm,
    template: &[u8],
) -> Result<Vec<u8>, CardError> {
    let template = tlv::parse(template).map_err(CardError::tlv(WHAT))?;
    let value = |tag| tlv::value_at(&template, &[tag]).map_err(CardError::tlv(WHAT));
    let wrong = CardError::malformed(WHAT);
    let document = match algorithm {
        KeyAlgorithm::EcP256 => p256::PublicKey::from_sec1_bytes(value(POINT)?)
            .map_err(|_| wrong.clone())?
            .to_public_key_der(),
        KeyAlgorithm::EcP384 => p384::PublicKey::from_sec1_bytes(value(POINT)?)
            .map_err(|_| wrong.clone())?
            .to_public_key_der(),
        _ => return rsa(algorithm, value(MODULUS)?, value(EXPONENT)?).ok_or(wrong),
    };
    Ok(document.map_err(|_| wrong)?.into_vec())
}

fn rsa(algorithm: KeyAlgorithm, modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let (modulus, exponent) = (significant(modulus), significant(exponent));
    let full = algorithm.modulus_length() == Some(modulus.len())
        && modulus.first().is_some_and(|first| first & 0x80 != 0);
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    // An even modulus, or an exponent of 1, makes no key. More is for whoever certifies it.
    if !full || !odd(modulus) || !odd(exponent) || exponent == [1] || exponent.len() > 8 {
        return None;
    }
    let key = RsaPublicKey {
        modulus: UintRef::new(modulus).ok()?,
        exponent: UintRef::new(exponent).ok()?,
    }
    .to_der()
    .ok()?;
    spki::SubjectPublicKeyInfo {
        algorithm: spki::AlgorithmIdentifier {
            oid: RSA_ENCRYPTION,
            parameters: Some(der::asn1::Null),
        },
        subject_public_key: der::asn1::BitStringRef::from_bytes(&key).ok()?,
    }
    .to_der()
    .ok()
}

/// Without leading zeros.
fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
