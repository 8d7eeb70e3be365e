//! Serial numbers of certificates and numbers of CRLs: positive, 20 bytes at most (RFC 5280
//! §4.1.2.2, §5.2.3).

use core::{fmt, str::FromStr};

use der::{
    DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer,
    asn1::{AnyRef, UintRef},
};
use thiserror::Error;

use crate::{Certificate, key::significant};

/// Bytes of the longest number.
const LENGTH: usize = 20;

/// Serial number of a certificate. Written as 40 hexadecimal digits, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber([u8; LENGTH]);

/// Number of a CRL, RFC 5280 §5.2.3: greater with each that an authority issues.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrlNumber([u8; LENGTH]);

/// It is no number, a negative one, or one that takes more than 20 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a number of at most 20 bytes")]
pub struct NotANumber;

impl SerialNumber {
    /// Takes a number in big endian; zeros before it count for nothing.
    ///
    /// # Errors
    /// [`NotANumber`] when it takes more than 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotANumber> {
        padded(bytes).map(Self).ok_or(NotANumber)
    }

    pub(crate) const fn from_array(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// The number in big endian, with zeros before it.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; LENGTH] {
        self.0
    }
}

impl CrlNumber {
    /// Takes a number in big endian; zeros before it count for nothing.
    ///
    /// # Errors
    /// [`NotANumber`] when it takes more than 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotANumber> {
        padded(bytes).map(Self).ok_or(NotANumber)
    }
}

impl From<u64> for CrlNumber {
    fn from(number: u64) -> Self {
        let mut all = [0; LENGTH];
        for (to, from) in all.iter_mut().rev().zip(number.to_le_bytes()) {
            *to = from;
        }
        Self(all)
    }
}

impl Certificate {
    /// Its serial number; `None` when that is negative or longer than 20 bytes, as RFC 5280
    /// §4.1.2.2 does not allow.
    #[must_use]
    pub fn serial_number(&self) -> Option<SerialNumber> {
        let number = AnyRef::try_from(self.serial_der()).ok()?;
        match number.value() {
            [first, ..] if first & 0x80 != 0 => None,
            bytes => SerialNumber::from_bytes(bytes).ok(),
        }
    }
}

fn padded(bytes: &[u8]) -> Option<[u8; LENGTH]> {
    let number = significant(bytes);
    let mut all = [0; LENGTH];
    if number.len() > LENGTH {
        return None;
    }
    for (to, from) in all.iter_mut().rev().zip(number.into_iter().rev()) {
        *to = from;
    }
    Some(all)
}

impl FromStr for SerialNumber {
    type Err = NotANumber;

    /// Reads hexadecimal digits of either case, 40 at most.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        if text.is_empty() || text.len() > 2 * LENGTH {
            return Err(NotANumber);
        }
        let mut number = [0_u8; LENGTH];
        for (place, digit) in text.bytes().rev().enumerate() {
            let digit = char::from(digit).to_digit(16).ok_or(NotANumber)?;
            let digit = u8::try_from(digit).map_err(|_| NotANumber)?;
            let byte = number.iter_mut().rev().nth(place / 2).ok_or(NotANumber)?;
            *byte |= if place % 2 == 0 { digit } else { digit << 4 };
        }
        Ok(Self(number))
    }
}

macro_rules! number {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FixedTag for $name {
            const TAG: Tag = Tag::Integer;
        }

        impl<'a> DecodeValue<'a> for $name {
            type Error = der::Error;

            fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
                let number = UintRef::decode_value(reader, header)?;
                padded(number.as_bytes())
                    .map(Self)
                    .ok_or_else(|| Tag::Integer.length_error().into())
            }
        }

        impl EncodeValue for $name {
            fn value_len(&self) -> der::Result<Length> {
                UintRef::new(&self.0)?.value_len()
            }

            fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
                UintRef::new(&self.0)?.encode_value(writer)
            }
        }
    };
}

number!(SerialNumber);
number!(CrlNumber);

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};

    use super::*;

    #[test]
    fn text_and_der_are_the_same_number() {
        let short: SerialNumber = "4142".parse().unwrap();
        assert_eq!(short.to_string(), format!("{}4142", "0".repeat(36)));
        assert_eq!(short.to_der().unwrap(), [2, 2, 0x41, 0x42]);
        assert_eq!(short.to_string().parse(), Ok(short));
        assert_eq!("ff".parse(), SerialNumber::from_bytes(&[0, 0xFF]));

        let longest: SerialNumber = "F".repeat(40).parse().unwrap();
        let der = longest.to_der().unwrap();
        assert_eq!(der.get(..3), Some(&[2, 21, 0][..]));
        assert_eq!(SerialNumber::from_der(&der), Ok(longest));
        assert!(short < longest);
        assert_eq!(CrlNumber::from(0x0102).to_der().unwrap(), [2, 2, 1, 2]);
    }

    #[test]
    fn refuses_what_is_no_such_number() {
        for text in ["", "g", "-1", "+1", " 1", &"1".repeat(41)] {
            assert_eq!(text.parse::<SerialNumber>(), Err(NotANumber), "{text:?}");
        }
        assert_eq!(SerialNumber::from_bytes(&[1; 21]), Err(NotANumber));
        assert!(SerialNumber::from_der(&[2, 1, 0x80]).is_err());
        assert!(SerialNumber::from_der(&[2, 2, 0, 1]).is_err());
        assert!(CrlNumber::from_der(&[&[2, 22, 0][..], &[1; 21]].concat()).is_err());
    }
}
