//! Reference numbers of services (RNU), Req P.7: each application has one from its first state to
//! its last.
//!
//! In production they come from the connector of the Ministry, whose format is not published.
//! The sandbox has numbers of its own: `LI-2026-048203917465-31`, that is `LI`, the year, twelve
//! digits by chance, two check digits by ISO/IEC 7064 MOD 97-10 over the year and the twelve
//! (the number made of all eighteen digits leaves 1 when divided by 97). The database sees to it
//! that none is given twice.

use core::fmt;

use futures_util::future::BoxFuture;
use thiserror::Error;

use super::application::Kind;

/// Values of the twelve digits.
const NUMBERS: u64 = 1_000_000_000_000;

/// A reference number of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rnu(String);

/// Why there is no number.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NumberingError {
    /// The operating system gave no random numbers.
    #[error("no random numbers")]
    Randomness,
}

/// Where numbers come from.
pub trait Numbering: Send + Sync {
    /// A number for an application of that kind that comes in that year.
    fn next(&self, kind: Kind, year: i32) -> BoxFuture<'_, Result<Rnu, NumberingError>>;
}

/// Numbers of our own, as this page describes them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sandbox;

impl Rnu {
    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn sandbox(year: i32, number: u64) -> Self {
        let year = u64::try_from(year).unwrap_or_default();
        let rest = (year * NUMBERS + number % NUMBERS) % 97 * 100 % 97;
        Self(format!("LI-{year:04}-{number:012}-{:02}", 98 - rest))
    }
}

impl fmt::Display for Rnu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Numbering for Sandbox {
    fn next(&self, _: Kind, year: i32) -> BoxFuture<'_, Result<Rnu, NumberingError>> {
        Box::pin(async move {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).map_err(|_| NumberingError::Randomness)?;
            Ok(Rnu::sandbox(year, u64::from_le_bytes(bytes) % NUMBERS))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn leaves_one_when_divided_by_97(year in 2000..2100, number in 0..NUMBERS) {
            let rnu = Rnu::sandbox(year, number);
            let digits: String = rnu.as_str().chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits.len(), 18);
            prop_assert_eq!(digits.parse::<u64>().expect("18 digits") % 97, 1);
        }
    }
}
