//! The codes of a new practice card, which this program makes up: so nobody chooses them who might
//! use the same for a real card.

use lichna_ipc::{SecretKind, TypedSecret};
use lichna_secret::{Can, Pin, Puk, SecretError};
use zeroize::Zeroizing;

use crate::problem::{Here, Problem};

/// A code that was made up, to be shown once.
pub struct Made {
    /// Which.
    pub kind: SecretKind,
    /// Its digits, in a locked page like any secret.
    pub digits: Pin,
}

/// Makes up a code of this kind: one for the card and one to be shown. `None`: it is not for this
/// program to make it up.
pub fn up(kind: SecretKind) -> Option<Result<(TypedSecret, Made), Problem>> {
    let length = match kind {
        SecretKind::NewCan | SecretKind::NewPin => 6,
        SecretKind::NewTransportPin => 5,
        SecretKind::NewPuk => 8,
        _ => return None,
    };
    Some(of_length(kind, length))
}

fn of_length(kind: SecretKind, length: usize) -> Result<(TypedSecret, Made), Problem> {
    let mut digits = digits(length)?;
    let shown = Pin::take(&mut digits.clone()).map_err(unusable)?;
    let secret = match kind {
        SecretKind::NewCan => TypedSecret::Can(Can::take(&mut digits).map_err(unusable)?),
        SecretKind::NewPuk => TypedSecret::Puk(Puk::take(&mut digits).map_err(unusable)?),
        _ => TypedSecret::Pin(Pin::take(&mut digits).map_err(unusable)?),
    };
    let digits = shown;
    Ok((secret, Made { kind, digits }))
}

/// So many digits by chance, each as likely as the others.
fn digits(length: usize) -> Result<Zeroizing<Vec<u8>>, Problem> {
    // Not to grow: what it grew out of would stay in memory.
    let mut digits = Zeroizing::new(Vec::with_capacity(length));
    let mut byte = Zeroizing::new([0]);
    while digits.len() < length {
        getrandom::fill(&mut byte[..]).map_err(|error| Here::Terminal {
            reason: error.to_string(),
        })?;
        let [random] = *byte;
        // 250 is the greatest multiple of 10 in a byte.
        if random < 250 {
            digits.push(b'0' + random % 10);
        }
    }
    Ok(digits)
}

fn unusable(error: SecretError) -> Problem {
    let reason = error.to_string();
    Here::PinInputInvalid { reason }.into()
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
