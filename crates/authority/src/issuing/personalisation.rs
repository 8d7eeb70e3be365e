//! The right to write to a carrier. Its key stays here: what leaves is the answer to one challenge
//! of the carrier's own.

use aes::{
    Aes128, Aes192, Aes256,
    cipher::{BlockCipherEncrypt, BlockSizeUser, array::Array},
};
use cmac::{Cmac, KeyInit, Mac};
use des::TdesEde3;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::registers::Scheme;

/// Bytes of a practice card's challenge.
const CHALLENGE: usize = 16;
/// What stands before the card's number in what is authenticated.
const LABEL: &[u8] = b"LICHNA-PERSO-1";

/// Why a challenge has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The challenge is not one of such a carrier.
    #[error("a challenge of this carrier has {expected} bytes")]
    Challenge {
        /// Bytes that it has.
        expected: usize,
    },
    /// The key in the register is not one.
    #[error("the key of the carrier is damaged")]
    Key,
}

/// The answer to a challenge of the carrier with that number and key. A PIV card gets one block
/// back, encrypted: whoever asks learns nothing by it that works on another card, and the caller
/// counts how often he asks.
///
/// # Errors
/// [`AnswerError`].
pub fn answer(
    scheme: Scheme,
    key: &Zeroizing<Vec<u8>>,
    carrier: &str,
    challenge: &[u8],
) -> Result<Vec<u8>, AnswerError> {
    match scheme {
        Scheme::Practice => authenticated(key, carrier, challenge),
        Scheme::PivTripleDes => encrypted::<TdesEde3>(key, challenge),
        Scheme::PivAes128 => encrypted::<Aes128>(key, challenge),
        Scheme::PivAes192 => encrypted::<Aes192>(key, challenge),
        Scheme::PivAes256 => encrypted::<Aes256>(key, challenge),
    }
}

fn authenticated(key: &[u8], carrier: &str, challenge: &[u8]) -> Result<Vec<u8>, AnswerError> {
    if challenge.len() != CHALLENGE {
        return Err(AnswerError::Challenge {
            expected: CHALLENGE,
        });
    }
    let mut mac = Cmac::<Aes256>::new_from_slice(key).map_err(|_| AnswerError::Key)?;
    mac.update(LABEL);
    mac.update(carrier.as_bytes());
    mac.update(challenge);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Exactly one block.
fn encrypted<C: KeyInit + BlockCipherEncrypt + BlockSizeUser>(
    key: &[u8],
    challenge: &[u8],
) -> Result<Vec<u8>, AnswerError> {
    let cipher = C::new_from_slice(key).map_err(|_| AnswerError::Key)?;
    let expected = C::block_size();
    let mut block = Array::try_from(challenge).map_err(|_| AnswerError::Challenge { expected })?;
    cipher.encrypt_block(&mut block);
    Ok(block.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(scheme: Scheme, key: usize, challenge: usize) -> Result<Vec<u8>, AnswerError> {
        let key = Zeroizing::new(vec![7; key]);
        answer(scheme, &key, "LP00000001", &vec![3; challenge])
    }

    #[test]
    fn answers_one_block_of_the_carriers_own_and_nothing_else() {
        for scheme in Scheme::ALL {
            let expected = if scheme == Scheme::PivTripleDes {
                8
            } else {
                16
            };
            let key = scheme.key_length();
            assert_eq!(answered(scheme, key, expected).unwrap().len(), expected);
            for length in [0, 7, 8, 15, 16, 17, 32] {
                if length != expected {
                    let refused = Err(AnswerError::Challenge { expected });
                    assert_eq!(answered(scheme, key, length), refused);
                }
            }
            for key in [0, key - 1, key + 1] {
                assert_eq!(answered(scheme, key, expected), Err(AnswerError::Key));
            }
        }
    }

    #[test]
    fn an_answer_is_good_for_its_carrier_and_challenge_alone() {
        let key = Zeroizing::new(vec![7; 32]);
        let scheme = Scheme::Practice;
        let one = answer(scheme, &key, "LP00000001", &[3; 16]).unwrap();
        assert_ne!(one, answer(scheme, &key, "LP00000002", &[3; 16]).unwrap());
        assert_ne!(one, answer(scheme, &key, "LP00000001", &[4; 16]).unwrap());
    }

    /// `openssl enc -des-ede3 -nopad -K 0001…17`, `-aes-128-ecb` and so on, of 11 22 … FF 00.
    #[test]
    fn encrypts_as_openssl_does() {
        let challenge = hex::decode("112233445566778899aabbccddeeff00").unwrap();
        for (scheme, expected) in [
            (Scheme::PivTripleDes, "35baf2f733fc3243"),
            (Scheme::PivAes128, "0dbedd87a7840ae695de334e94d35e50"),
            (Scheme::PivAes192, "25db7c7c3504da4b6d655e78832315f9"),
            (Scheme::PivAes256, "ce4054d306d655f4bbf90b814e704d52"),
        ] {
            let expected = hex::decode(expected).unwrap();
            let key = Zeroizing::new((0..=255).take(scheme.key_length()).collect());
            let said = answer(scheme, &key, "", &challenge[..expected.len()]).unwrap();
            assert_eq!(said, expected, "{scheme:?}");
        }
    }
}
