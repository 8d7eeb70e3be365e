//! The right to write to a carrier. Its key stays here: what leaves is the answer to one challenge
//! of the carrier's own.

use aes::Aes256;
use cmac::{Cmac, KeyInit, Mac};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::registers::PRACTICE;

/// Bytes of a practice card's challenge.
const CHALLENGE: usize = 16;
/// What stands before the card's number in what is authenticated.
const LABEL: &[u8] = b"LICHNA-PERSO-1";

/// Why a challenge has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The challenge is not one of such a carrier.
    #[error("a challenge of this carrier has {CHALLENGE} bytes")]
    Challenge,
    /// The carrier is of a kind that is not known here.
    #[error("the personalisation scheme {scheme} is not known")]
    Scheme {
        /// What the register calls it.
        scheme: String,
    },
    /// The key in the register is not one.
    #[error("the key of the carrier is damaged")]
    Key,
}

/// The answer to a challenge of the carrier with that number and key.
///
/// # Errors
/// [`AnswerError`].
pub fn answer(
    scheme: &str,
    key: &Zeroizing<Vec<u8>>,
    carrier: &str,
    challenge: &[u8],
) -> Result<Vec<u8>, AnswerError> {
    if scheme != PRACTICE {
        return Err(AnswerError::Scheme {
            scheme: scheme.to_owned(),
        });
    }
    if challenge.len() != CHALLENGE {
        return Err(AnswerError::Challenge);
    }
    let mut mac = Cmac::<Aes256>::new_from_slice(key).map_err(|_| AnswerError::Key)?;
    mac.update(LABEL);
    mac.update(carrier.as_bytes());
    mac.update(challenge);
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(scheme: &str, key: usize, challenge: usize) -> Result<Vec<u8>, AnswerError> {
        let key = Zeroizing::new(vec![7; key]);
        answer(scheme, &key, "LP00000001", &vec![3; challenge])
    }

    #[test]
    fn answers_what_a_practice_card_asks_and_nothing_else() {
        assert_eq!(answered(PRACTICE, 32, 16).unwrap().len(), 16);
        for length in [0, 8, 15, 17, 32] {
            assert_eq!(answered(PRACTICE, 32, length), Err(AnswerError::Challenge));
        }
        assert_eq!(answered(PRACTICE, 16, 16), Err(AnswerError::Key));
        let scheme = "other".to_owned();
        assert_eq!(
            answered("other", 32, 16),
            Err(AnswerError::Scheme { scheme })
        );
    }

    #[test]
    fn an_answer_is_good_for_its_carrier_and_challenge_alone() {
        let key = Zeroizing::new(vec![7; 32]);
        let one = answer(PRACTICE, &key, "LP00000001", &[3; 16]).unwrap();
        assert_ne!(one, answer(PRACTICE, &key, "LP00000002", &[3; 16]).unwrap());
        assert_ne!(one, answer(PRACTICE, &key, "LP00000001", &[4; 16]).unwrap());
    }
}
