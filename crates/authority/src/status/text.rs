//! Texts that people give: why something is to happen, names of certificates, serial numbers,
//! identifiers.

use lichna_pki::SerialNumber;
use thiserror::Error;
use uuid::Uuid;

use crate::problem::{Code, Problem};

/// Why something is to happen: 1 to 200 characters in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// What a holder calls a certificate: 1 to 30 characters in one line. Req 18.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateName(String);

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextFault {
    /// Nothing, or nothing but spaces.
    #[error("it is empty")]
    Empty,
    /// Too many characters.
    #[error("it is longer than {longest} characters")]
    TooLong {
        /// How many there may be.
        longest: usize,
    },
    /// Characters that are not shown, or that change how others are.
    #[error("it has characters that are not shown")]
    Hidden,
    /// It may have somebody's personal number in it, which is written nowhere.
    #[error("it has ten digits in a row, which may be a personal number")]
    Number,
}

impl From<TextFault> for Problem {
    fn from(fault: TextFault) -> Self {
        Self::new(Code::InvalidValue).detail(fault.to_string())
    }
}

impl Reason {
    /// Characters at most.
    pub const LONGEST: usize = 200;

    /// Takes a text; spaces around it do not count.
    ///
    /// # Errors
    /// [`TextFault`].
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        line(text, Self::LONGEST).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CertificateName {
    /// Characters at most, as in the Ministry's system.
    pub const LONGEST: usize = 30;

    /// Takes a text; spaces around it do not count.
    ///
    /// # Errors
    /// [`TextFault`].
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        line(text, Self::LONGEST).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A serial number as the register has it. Zeros before it may be left out, but nothing so short
/// is taken that it could be a personal number: it is noted in the journal.
///
/// # Errors
/// [`Code::NotFound`]: what is no serial number is the number of no certificate.
pub fn serial(text: &str) -> Result<String, Problem> {
    let number = text
        .parse::<SerialNumber>()
        .ok()
        .filter(|_| text.len() >= SHORTEST_SERIAL);
    let number = number.ok_or_else(|| Problem::new(Code::NotFound).detail(NO_SUCH_CERTIFICATE))?;
    Ok(number.to_string())
}

/// An electronic identifier as the register has it.
///
/// # Errors
/// [`Code::NotFound`]: what is no identifier is nobody's.
pub fn identifier(text: &str) -> Result<String, Problem> {
    let identifier = Uuid::try_parse(text).map_err(|_| Problem::new(Code::NotFound))?;
    Ok(identifier.to_string())
}

const SHORTEST_SERIAL: usize = 32;
const NO_SUCH_CERTIFICATE: &str = "there is no such certificate";

fn line(text: &str, longest: usize) -> Result<String, TextFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextFault::Empty);
    }
    // A character has four bytes at most: what is longer need not be counted.
    if text.len() > longest * 4 || text.chars().count() > longest {
        return Err(TextFault::TooLong { longest });
    }
    if text.chars().any(is_hidden) {
        return Err(TextFault::Hidden);
    }
    if has_number(text) {
        return Err(TextFault::Number);
    }
    Ok(text.to_owned())
}

/// Control characters, and those that are not seen or turn the direction of writing: with them a
/// text shows as another one.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Ten digits in a row, whatever separates them.
fn has_number(text: &str) -> bool {
    let mut digits = 0;
    for c in text.chars() {
        digits = match c {
            _ if c.is_numeric() => digits + 1,
            ' ' | '-' | '.' | '/' | '\u{00A0}' => digits,
            _ => 0,
        };
        if digits >= 10 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_name_of_30_characters_in_any_script() {
        let thirty = "щ".repeat(30);
        assert_eq!(CertificateName::parse(&thirty).unwrap().as_str(), thirty);
        assert_eq!(
            CertificateName::parse("  Лична карта ").unwrap().as_str(),
            "Лична карта"
        );
        assert_eq!(
            CertificateName::parse("Robert'); DROP TABLE")
                .unwrap()
                .as_str()
                .len(),
            20
        );
    }

    #[test]
    fn refuses_a_name_of_31_characters() {
        let longest = 30;
        for text in ["щ".repeat(31), "x".repeat(1_000_000)] {
            let fault = CertificateName::parse(&text).unwrap_err();
            assert_eq!(fault, TextFault::TooLong { longest });
        }
    }

    #[test]
    fn refuses_what_shows_as_something_else() {
        for text in [
            "a\nb",
            "a\u{0}b",
            "a\u{1b}[2J",
            "a\u{202E}b",
            "a\u{200B}b",
            "\u{FEFF}a",
        ] {
            assert_eq!(
                CertificateName::parse(text),
                Err(TextFault::Hidden),
                "{text:?}"
            );
        }
        for text in ["", "  ", "\t\n"] {
            assert_eq!(Reason::parse(text), Err(TextFault::Empty), "{text:?}");
        }
    }

    #[test]
    fn a_serial_number_is_as_the_register_has_it_and_never_a_personal_number() {
        let text = "0a".repeat(18);
        assert_eq!(
            serial(&text).unwrap(),
            format!("0000{}", text.to_ascii_uppercase())
        );
        for text in [
            "",
            "8506258485",
            &"1".repeat(41),
            &"G".repeat(40),
            "' OR 1=1 --",
        ] {
            assert_eq!(serial(text).unwrap_err().code(), Code::NotFound, "{text}");
        }
        assert!(identifier("8506258485").is_err());
    }

    #[test]
    fn refuses_what_may_be_a_personal_number() {
        for text in [
            "8506258485",
            "ЕГН 850625 8485",
            "x850625-8485y",
            "8 5 0 6 2 5 8 4 8 5",
        ] {
            assert_eq!(Reason::parse(text), Err(TextFault::Number), "{text:?}");
        }
        for text in ["карта 123456789", "2026-11-22, 10:30, ул. 5"] {
            let number = has_number(text);
            assert_eq!(Reason::parse(text).is_err(), number, "{text:?}");
        }
        assert!(Reason::parse("карта 123456789").is_ok());
    }
}
