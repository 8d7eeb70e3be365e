//! The codes of a new practice card, which the client makes up: so nobody chooses them who might
//! use the same for a real card.

use lichna_secret::{Can, Pin, Puk, SecretError};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{SecretKind, TypedSecret};

/// Why no code can be made up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MadeError {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoChance(#[from] getrandom::Error),
    /// It has no locked memory to give.
    #[error(transparent)]
    Unusable(#[from] SecretError),
}

/// A code that was made up, to be shown once.
pub struct Made {
    /// Which.
    pub kind: SecretKind,
    /// Its digits, in a locked page like any secret.
    pub digits: Pin,
}

/// Makes up a code of this kind: one for the card and one to be shown. `None`: it is not for the
/// client to make it up.
#[must_use]
pub fn up(kind: SecretKind) -> Option<Result<(TypedSecret, Made), MadeError>> {
    let length = match kind {
        SecretKind::NewCan | SecretKind::NewPin => 6,
        SecretKind::NewTransportPin => 5,
        SecretKind::NewPuk => 8,
        _ => return None,
    };
    Some(of_length(kind, length))
}

fn of_length(kind: SecretKind, length: usize) -> Result<(TypedSecret, Made), MadeError> {
    let mut digits = digits(length)?;
    let shown = Pin::take(&mut digits.clone())?;
    let secret = match kind {
        SecretKind::NewCan => TypedSecret::Can(Can::take(&mut digits)?),
        SecretKind::NewPuk => TypedSecret::Puk(Puk::take(&mut digits)?),
        _ => TypedSecret::Pin(Pin::take(&mut digits)?),
    };
    let digits = shown;
    Ok((secret, Made { kind, digits }))
}

/// So many digits by chance, each as likely as the others.
fn digits(length: usize) -> Result<Zeroizing<Vec<u8>>, MadeError> {
    // Not to grow: what it grew out of would stay in memory.
    let mut digits = Zeroizing::new(Vec::with_capacity(length));
    let mut byte = Zeroizing::new([0]);
    while digits.len() < length {
        getrandom::fill(&mut byte[..])?;
        let [random] = *byte;
        // 250 is the greatest multiple of 10 in a byte.
        if random < 250 {
            digits.push(b'0' + random % 10);
        }
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_the_card_gets() {
        for (kind, length) in [
            (SecretKind::NewCan, 6),
            (SecretKind::NewPin, 6),
            (SecretKind::NewTransportPin, 5),
            (SecretKind::NewPuk, 8),
        ] {
            let (secret, made) = up(kind).unwrap().unwrap();
            let same = |given: &[u8]| made.digits.expose(|shown| shown == given);
            assert!(match &secret {
                TypedSecret::Can(can) => can.expose(same),
                TypedSecret::Puk(puk) => puk.expose(same),
                TypedSecret::Pin(pin) => pin.expose(same),
                _ => false,
            });
            assert_eq!(made.digits.length(), length);
            assert!(made.digits.expose(|all| all.iter().all(u8::is_ascii_digit)));
        }
        assert!(up(SecretKind::NewPassphrase).is_none());
    }
}
