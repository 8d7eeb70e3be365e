//! Answer to reset, ISO/IEC 7816-3 §8.2: what a card says of itself when it gets power.

use core::fmt;

use thiserror::Error;

/// Shortest ATR: TS and T0.
const SHORTEST: usize = 2;
/// Longest ATR: TS and 32 bytes.
const LONGEST: usize = 33;

/// An answer to reset, 2 to 33 bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Atr(Vec<u8>);

/// Why bytes are not an answer to reset.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an answer to reset has {SHORTEST} to {LONGEST} bytes, not {length}")]
pub struct AtrError {
    /// Bytes given.
    pub length: usize,
}

impl Atr {
    /// Takes the bytes as the reader gave them.
    ///
    /// # Errors
    /// [`AtrError`] when they are too few or too many. What they say is not judged.
    pub fn parse(bytes: &[u8]) -> Result<Self, AtrError> {
        match bytes.len() {
            SHORTEST..=LONGEST => Ok(Self(bytes.to_vec())),
            length => Err(AtrError { length }),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Hexadecimal, a space between bytes.
impl fmt::Display for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atr({self})")
    }
}

/// Which ATRs a profile knows: those of the same length that agree with `pattern` wherever
/// `mask` has a bit set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtrPattern {
    pub(crate) name: String,
    pub(crate) pattern: Vec<u8>,
    // INVARIANT: as long as `pattern`.
    pub(crate) mask: Vec<u8>,
}

impl AtrPattern {
    /// Which product it is the ATR of.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes.
    #[must_use]
    pub fn pattern(&self) -> &[u8] {
        &self.pattern
    }

    /// The bits of them that must agree.
    #[must_use]
    pub fn mask(&self) -> &[u8] {
        &self.mask
    }

    /// Whether `atr` is one of them.
    #[must_use]
    pub fn matches(&self, atr: &Atr) -> bool {
        atr.0.len() == self.pattern.len()
            && self
                .bits()
                .zip(&atr.0)
                .all(|((pattern, mask), byte)| (pattern ^ byte) & mask == 0)
    }

    /// Whether some ATR matches both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.pattern.len() == other.pattern.len()
            && self
                .bits()
                .zip(other.bits())
                .all(|((mine, mask), (theirs, and))| (mine ^ theirs) & mask & and == 0)
    }

    /// How narrow it is: bits that must agree.
    pub(crate) fn narrowness(&self) -> u32 {
        self.mask.iter().map(|byte| byte.count_ones()).sum()
    }

    fn bits(&self) -> impl Iterator<Item = (u8, u8)> {
        self.pattern.iter().copied().zip(self.mask.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(pattern: &[u8], mask: &[u8]) -> AtrPattern {
        AtrPattern {
            name: String::new(),
            pattern: pattern.to_vec(),
            mask: mask.to_vec(),
        }
    }

    #[test]
    fn masks_say_which_bits_must_agree() {
        let atr = Atr::parse(&[0x3B, 0x8C, 0x01]).unwrap();
        assert!(pattern(&[0x3B, 0x80, 0x01], &[0xFF, 0xF0, 0xFF]).matches(&atr));
        assert!(!pattern(&[0x3B, 0x80, 0x01], &[0xFF, 0xFF, 0xFF]).matches(&atr));
        assert!(!pattern(&[0x3B, 0x8C], &[0xFF, 0xFF]).matches(&atr));
    }

    #[test]
    fn patterns_overlap_when_one_atr_fits_both() {
        let wide = pattern(&[0x3B, 0x80], &[0xFF, 0xF0]);
        assert!(wide.overlaps(&pattern(&[0x3B, 0x8C], &[0xFF, 0xFF])));
        assert!(!wide.overlaps(&pattern(&[0x3B, 0x9C], &[0xFF, 0xFF])));
        assert!(!wide.overlaps(&pattern(&[0x3B], &[0xFF])));
    }

    #[test]
    fn refuses_an_atr_of_the_wrong_length() {
        assert_eq!(Atr::parse(&[0x3B]), Err(AtrError { length: 1 }));
        assert_eq!(Atr::parse(&[0; 34]), Err(AtrError { length: 34 }));
    }
}
