//! Whom the serialNumber attribute of a subject stands for.

use uuid::Uuid;

use crate::{BirthDate, PersonalNumber};

/// What stands before an identifier of the first two kinds.
const PREFIX: &str = "PI:BG-";
/// What stands before a citizen's number, ETSI EN 319 412-1 §5.1.3.
const CITIZEN: &str = "PNOBG-";

/// Whom a certificate's serialNumber stands for.
///
/// Bulgarian certificates use `PI:BG-` for two things that only their shape tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HolderIdentifier {
    /// `PI:BG-<uuid>`: the electronic identifier of the eID scheme.
    Electronic(Uuid),
    /// `PI:BG-<10 digits>`: a foreigner's personal number (LNCh), in signature certificates.
    /// The number itself is nobody's business here.
    ForeignerNumber,
    /// `PNOBG-<10 digits>`: a citizen's personal number (EGN), in signature certificates. Of it
    /// the day of birth is kept, which must be nobody's PIN.
    CitizenNumber(BirthDate),
}

impl HolderIdentifier {
    /// Reads the value of a serialNumber attribute; `None` when it is neither.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        if let Some(number) = value.strip_prefix(CITIZEN) {
            let born = PersonalNumber::egn(number).ok()?.birth_date()?;
            return Some(Self::CitizenNumber(born));
        }
        let rest = value.strip_prefix(PREFIX)?;
        // The library also takes UUIDs without hyphens and in braces; the scheme does not.
        if rest.len() == uuid::fmt::Hyphenated::LENGTH {
            return Uuid::try_parse(rest).ok().map(Self::Electronic);
        }
        (rest.len() == 10 && rest.bytes().all(|byte| byte.is_ascii_digit()))
            .then_some(Self::ForeignerNumber)
    }

    /// The electronic identifier, if it is one.
    #[must_use]
    pub const fn electronic(&self) -> Option<Uuid> {
        match self {
            Self::Electronic(uuid) => Some(*uuid),
            Self::ForeignerNumber | Self::CitizenNumber(_) => None,
        }
    }

    /// The day of birth, where it tells that.
    #[must_use]
    pub const fn birth_date(&self) -> Option<&BirthDate> {
        match self {
            Self::CitizenNumber(born) => Some(born),
            Self::Electronic(_) | Self::ForeignerNumber => None,
        }
    }
}

/// The serialNumber attribute that stands for an electronic identifier.
pub fn attribute(identifier: Uuid) -> String {
    format!("{PREFIX}{}", identifier.hyphenated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_an_electronic_identifier_from_a_foreigners_number() {
        let uuid = Uuid::from_u128(0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF);
        assert_eq!(
            HolderIdentifier::read("PI:BG-01234567-89ab-cdef-0123-456789abcdef"),
            Some(HolderIdentifier::Electronic(uuid))
        );
        assert_eq!(
            HolderIdentifier::read("PI:BG-1001038547"),
            Some(HolderIdentifier::ForeignerNumber)
        );
        assert_eq!(
            HolderIdentifier::read(&attribute(uuid)).and_then(|holder| holder.electronic()),
            Some(uuid)
        );
    }

    #[test]
    fn a_citizens_number_tells_the_day_of_birth_and_nothing_else() {
        let holder = HolderIdentifier::read("PNOBG-7204021667").unwrap();
        assert!(holder.birth_date().unwrap().is_written(b"020472"));
        assert_eq!(holder.electronic(), None);
        assert!(!format!("{holder:?}").contains("72"));
    }

    #[test]
    fn refuses_other_shapes_and_prefixes() {
        for value in [
            "",
            "PI:BG-",
            "PI:BG-0123456789abcdef0123456789abcdef",
            "PI:BG-{01234567-89ab-cdef-0123-456789abcde}",
            "PI:BG-123456789",
            "PI:BG-12345678901",
            "PI:BG-123456789a",
            "PI:DE-1001038547",
            "PNOBG-7213021667",
            "PNOBG-720402166",
            "PNODE-7204021667",
            "PI:BG-01234567-89ab-cdef-0123-456789abcdeg",
        ] {
            assert_eq!(HolderIdentifier::read(value), None, "{value}");
        }
    }
}
