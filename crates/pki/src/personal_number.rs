//! Personal numbers: ЕГН of citizens (Act on Civil Registration, Art. 11), ЛНЧ of foreigners.
//! Req 13.2.

use core::fmt;

use thiserror::Error;
use time::{Date, Month};

/// Digits of a number of either kind.
const DIGITS: usize = 10;
/// Weights of the digits of an EGN before its check digit; the sum modulo 11, modulo 10.
const EGN_WEIGHTS: [u32; DIGITS - 1] = [2, 4, 8, 5, 10, 9, 7, 3, 6];
/// Weights of the digits of an LNCh before its check digit; the sum modulo 10.
const LNCH_WEIGHTS: [u32; DIGITS - 1] = [21, 19, 17, 13, 11, 9, 7, 3, 1];

/// A personal number that has the shape of one. `Debug` does not show it.
///
/// ```
/// use lichna_pki::PersonalNumber;
///
/// assert!(PersonalNumber::egn("8506258485").unwrap().checksum_fits());
/// assert!(PersonalNumber::egn("8513258485").is_err(), "month 13");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalNumber {
    digits: String,
    checksum_fits: bool,
}

/// What is wrong with a personal number. The number itself is not in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PersonalNumberFault {
    /// It is something else than ten digits.
    #[error("a personal number has {DIGITS} digits")]
    Digits,
    /// An EGN begins with the day of birth, and this is none.
    #[error("the personal number does not begin with a day of birth")]
    Birthday,
}

impl PersonalNumber {
    /// An EGN: YYMMDD of the birth (month + 20 before 1900, + 40 from 2000), three digits, a check
    /// digit.
    ///
    /// A check digit that does not fit is no fault: numbers with a wrong one were given out, and
    /// the register of persons is right ([`PersonalNumber::checksum_fits`]).
    ///
    /// # Errors
    /// [`PersonalNumberFault`].
    pub fn egn(text: &str) -> Result<Self, PersonalNumberFault> {
        let digits = digits(text)?;
        birthday(&digits).ok_or(PersonalNumberFault::Birthday)?;
        let fits = |sum: u32| sum % 11 % 10;
        Ok(Self::new(text, &digits, EGN_WEIGHTS, fits))
    }

    /// An LNCh: nine digits and a check digit, of which the same holds.
    ///
    /// # Errors
    /// [`PersonalNumberFault::Digits`].
    pub fn lnch(text: &str) -> Result<Self, PersonalNumberFault> {
        Ok(Self::new(text, &digits(text)?, LNCH_WEIGHTS, |sum| {
            sum % 10
        }))
    }

    fn new(
        text: &str,
        digits: &[u32; DIGITS],
        weights: [u32; DIGITS - 1],
        check: impl Fn(u32) -> u32,
    ) -> Self {
        let sum = digits
            .iter()
            .zip(weights)
            .map(|(digit, weight)| digit * weight)
            .sum();
        Self {
            digits: text.to_owned(),
            checksum_fits: digits.last() == Some(&check(sum)),
        }
    }

    /// The ten digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The day of birth that an EGN begins with; an LNCh has none.
    #[must_use]
    pub fn birth_date(&self) -> Option<BirthDate> {
        birthday(&digits(&self.digits).ok()?).map(BirthDate)
    }

    /// Whether the check digit is what the rule says.
    #[must_use]
    pub const fn checksum_fits(&self) -> bool {
        self.checksum_fits
    }
}

impl fmt::Debug for PersonalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonalNumber").finish_non_exhaustive()
    }
}

/// Somebody's day of birth. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BirthDate(Date);

impl BirthDate {
    /// Whether these digits are the day, in any order and length in which people write it, or as
    /// an EGN has it.
    #[must_use]
    pub fn is_written(&self, digits: &[u8]) -> bool {
        let (year, month, day) = self.0.to_calendar_date();
        let month = u8::from(month);
        let (short, coded) = (year.rem_euclid(100), month + in_century(year));
        let forms = [
            format!("{day:02}{month:02}{short:02}"),
            format!("{short:02}{month:02}{day:02}"),
            format!("{month:02}{day:02}{short:02}"),
            format!("{short:02}{coded:02}{day:02}"),
            format!("{day:02}{month:02}{year:04}"),
            format!("{year:04}{month:02}{day:02}"),
            format!("{month:02}{day:02}{year:04}"),
            format!("{day:02}{month:02}"),
            format!("{month:02}{day:02}"),
            format!("{year:04}"),
        ];
        forms.iter().any(|form| form.as_bytes() == digits)
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BirthDate").finish_non_exhaustive()
    }
}

/// What an EGN adds to the month in that year's century.
const fn in_century(year: i32) -> u8 {
    match year {
        ..1900 => 20,
        1900..2000 => 0,
        2000.. => 40,
    }
}

fn digits(text: &str) -> Result<[u32; DIGITS], PersonalNumberFault> {
    let all: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let all = all.and_then(|all| all.try_into().ok());
    all.ok_or(PersonalNumberFault::Digits)
}

fn birthday(digits: &[u32; DIGITS]) -> Option<Date> {
    let [y1, y2, m1, m2, d1, d2, ..] = *digits;
    let (century, month) = match m1 * 10 + m2 {
        month @ 1..=12 => (1900, month),
        month @ 21..=32 => (1800, month - 20),
        month @ 41..=52 => (2000, month - 40),
        _ => return None,
    };
    let year = i32::try_from(century + y1 * 10 + y2).ok()?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let day = u8::try_from(d1 * 10 + d2).ok()?;
    Date::from_calendar_date(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_birth_is_found_however_it_is_written() {
        let born = |egn: &str| PersonalNumber::egn(egn).unwrap().birth_date().unwrap();
        let (old, young) = (born("8506258485"), born("0543120000"));
        for written in [
            "250685", "850625", "062585", "25061985", "19850625", "06251985", "2506", "0625",
            "1985",
        ] {
            assert!(old.is_written(written.as_bytes()), "{written}");
            assert!(!young.is_written(written.as_bytes()), "{written}");
        }
        for written in ["120305", "050312", "054312", "12032005"] {
            assert!(young.is_written(written.as_bytes()), "{written}");
        }
        for other in ["", "250686", "2506851", "85062", "729416"] {
            assert!(!old.is_written(other.as_bytes()), "{other}");
        }
        assert_eq!(format!("{old:?}"), "BirthDate { .. }");
    }

    #[test]
    fn knows_the_check_digits_of_both_kinds() {
        for (number, fits) in [
            ("8506258485", true),
            ("6602226643", true),
            // Official samples, both with a wrong check digit.
            ("7204021667", false),
            ("9912121823", false),
        ] {
            let egn = PersonalNumber::egn(number).unwrap();
            assert_eq!((egn.digits(), egn.checksum_fits()), (number, fits));
        }
        assert!(PersonalNumber::lnch("7111042925").unwrap().checksum_fits());
        assert!(!PersonalNumber::lnch("7111042922").unwrap().checksum_fits());
    }

    #[test]
    fn knows_the_centuries() {
        for day in ["850625", "852625", "854625", "044229", "000101"] {
            assert!(PersonalNumber::egn(&format!("{day}0000")).is_ok(), "{day}");
        }
        for day in [
            "851325", "850631", "850600", "850025", "852025", "855325", "034229",
        ] {
            let fault = PersonalNumber::egn(&format!("{day}0000")).unwrap_err();
            assert_eq!(fault, PersonalNumberFault::Birthday, "{day}");
        }
    }

    #[test]
    fn refuses_what_has_not_ten_digits() {
        for text in [
            "",
            "850625848",
            "85062584855",
            "850625848x",
            "٨٥٠٦٢٥٨٤٨٥",
            "8506258485\n",
        ] {
            assert_eq!(PersonalNumber::egn(text), Err(PersonalNumberFault::Digits));
            assert_eq!(PersonalNumber::lnch(text), Err(PersonalNumberFault::Digits));
        }
    }

    #[test]
    fn debug_does_not_show_the_number() {
        let shown = format!("{:?}", PersonalNumber::egn("8506258485").unwrap());
        assert!(!shown.contains("8506258485"), "{shown}");
    }
}
