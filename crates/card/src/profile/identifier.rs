//! Names by which a card knows its things.

use core::fmt;

/// Identifier of an application on a card, ISO/IEC 7816-4 §12.3.4: 5 to 16 bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Aid(pub(crate) Vec<u8>);

impl Aid {
    /// Shortest one that is taken: a registered provider. A shorter one selects anything.
    pub(crate) const SHORTEST: usize = 5;
    /// Longest one.
    pub(crate) const LONGEST: usize = 16;

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether SELECT by one may select what the other names: cards take the beginning of an
    /// identifier for the whole.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aid({self})")
    }
}

/// Reference of a key on a card, as its standard numbers them: 9A for PIV authentication.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyRef(pub(crate) u8);

impl KeyRef {
    /// The key with this number. A profile says whether there is one.
    #[must_use]
    pub const fn new(reference: u8) -> Self {
        Self(reference)
    }

    /// The number.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }
}

/// Two hexadecimal digits.
impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Debug for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRef({self})")
    }
}
