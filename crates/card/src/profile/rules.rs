//! How a card is spoken to and recognised.

use crate::{Aid, AtrPattern};

/// A family of commands. Few, and each a small module of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// NIST SP 800-73-4.
    Piv,
    /// OpenPGP smart card application 3.4.
    OpenPgp,
    /// ISO/IEC 7816-4, -8 and -15: files, security environments, cryptographic information.
    Iso7816,
}

impl Dialect {
    pub(crate) const NAMED: [(&'static str, Self); 3] = [
        ("piv", Self::Piv),
        ("openpgp", Self::OpenPgp),
        ("iso7816", Self::Iso7816),
    ];

    /// Its name, as in profiles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Piv => "piv",
            Self::OpenPgp => "openpgp",
            Self::Iso7816 => "iso7816",
        }
    }
}

/// How a card is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    // INVARIANT: at least one, unless the profile is incomplete.
    pub(crate) aids: Vec<Aid>,
    pub(crate) atrs: Vec<AtrPattern>,
    pub(crate) only_these_atrs: bool,
}

impl Recognition {
    /// Applications that are it, best first.
    #[must_use]
    pub fn aids(&self) -> &[Aid] {
        &self.aids
    }

    /// ATRs that cards of this kind are known to have.
    #[must_use]
    pub fn atrs(&self) -> &[AtrPattern] {
        &self.atrs
    }

    /// Whether a card with any other ATR is not it, even if it has the application.
    #[must_use]
    pub const fn only_these_atrs(&self) -> bool {
        self.only_these_atrs
    }
}
