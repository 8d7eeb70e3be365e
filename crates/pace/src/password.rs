//! The passwords of PACE, ICAO 9303-11 §4.4.4 and TR-03110-3 §A.2.

use lichna_secret::{Can, Pin, Puk};
use sha1::Digest;
use zeroize::Zeroizing;

use crate::cipher::{Cipher, Key, Purpose};

/// Which password a channel is opened with: the value of data object 83.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PasswordKind {
    /// From the machine readable zone.
    Mrz = 1,
    /// Card access number, printed on the card.
    Can = 2,
    /// The holder's PIN.
    Pin = 3,
    /// The number that unblocks the PIN.
    Puk = 4,
}

impl PasswordKind {
    /// Its reference in MSE:SET AT.
    #[allow(clippy::as_conversions, reason = "the discriminant is the byte")]
    #[must_use]
    pub const fn reference(self) -> u8 {
        self as u8
    }

    /// The one with this reference.
    #[must_use]
    pub const fn from_reference(reference: u8) -> Option<Self> {
        match reference {
            1 => Some(Self::Mrz),
            2 => Some(Self::Can),
            3 => Some(Self::Pin),
            4 => Some(Self::Puk),
            _ => None,
        }
    }
}

/// A password, lent for one run of PACE.
#[derive(Clone, Copy)]
#[non_exhaustive]
#[allow(missing_docs, reason = "PasswordKind says what each is")]
pub enum Password<'a> {
    Mrz(&'a MrzPassword),
    Can(&'a Can),
    Pin(&'a Pin),
    Puk(&'a Puk),
}

impl Password<'_> {
    /// Which one it is.
    #[must_use]
    pub const fn kind(&self) -> PasswordKind {
        match self {
            Self::Mrz(_) => PasswordKind::Mrz,
            Self::Can(_) => PasswordKind::Can,
            Self::Pin(_) => PasswordKind::Pin,
            Self::Puk(_) => PasswordKind::Puk,
        }
    }

    /// Kπ, the key that the nonce is encrypted with.
    pub(crate) fn key(&self, cipher: Cipher) -> Key {
        let derive = |characters: &[u8]| cipher.derive(characters, Purpose::Password);
        match self {
            Self::Mrz(mrz) => derive(&*mrz.hash),
            Self::Can(can) => can.expose(derive),
            Self::Pin(pin) => pin.expose(derive),
            Self::Puk(puk) => puk.expose(derive),
        }
    }
}

/// The password that stands in the machine readable zone, ICAO 9303-11 §9.7.3: SHA-1 over document
/// number, date of birth and date of expiry, each with its check digit.
pub struct MrzPassword {
    hash: Zeroizing<[u8; 20]>,
}

impl MrzPassword {
    /// From the three fields as they are printed, without their check digits.
    ///
    /// A document number shorter than nine characters is filled up with `<`. Characters outside
    /// `0`–`9`, `A`–`Z` and `<` count as `<` in the check digit.
    #[must_use]
    pub fn new(number: &str, birth: &str, expiry: &str) -> Self {
        let mut hash = sha1::Sha1::new();
        for (field, width) in [(number, 9), (birth, 6), (expiry, 6)] {
            let field = Zeroizing::new(format!("{field:<<width$}"));
            hash.update(field.as_bytes());
            hash.update([check_digit(&field)]);
        }
        Self {
            hash: Zeroizing::new(hash.finalize().into()),
        }
    }
}

/// ICAO 9303-3 §4.9: weights 7, 3, 1, modulo 10.
fn check_digit(field: &str) -> u8 {
    let sum: u32 = field
        .chars()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(character, weight)| character.to_digit(36).unwrap_or(0) * weight)
        .sum();
    let digit = u8::try_from(sum % 10).unwrap_or(0);
    b'0' + digit
}
