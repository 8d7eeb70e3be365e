//! Settings of lists and answers, the part `[status]` of `authority.toml`.

use serde::Deserialize;

/// How often lists are made, and how long lists and answers are good.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seconds after which there is a new full revocation list: at most three hours (Req 5.4).
    pub full_seconds: u32,
    /// Seconds after an urgent change until there is one, too: changes that come close together
    /// share it.
    pub full_after_change_seconds: u32,
    /// Seconds that a full list is good for: at most three hours.
    pub full_valid_seconds: u32,
    /// Seconds after which there is a new delta list, and within which changes that can wait are
    /// on one.
    pub delta_seconds: u32,
    /// Seconds that a delta list is good for.
    pub delta_valid_seconds: u32,
    /// Seconds that an OCSP answer is good for.
    pub ocsp_valid_seconds: u32,
    /// Milliseconds between two looks for a list that is to be made.
    pub look_milliseconds: u32,
}

/// The longest that Req 5.4 allows, in seconds.
const THREE_HOURS: u32 = 3 * 60 * 60;

impl Default for Settings {
    fn default() -> Self {
        Self {
            full_seconds: 60 * 60,
            full_after_change_seconds: 5,
            full_valid_seconds: THREE_HOURS,
            delta_seconds: 5 * 60,
            delta_valid_seconds: 60 * 60,
            ocsp_valid_seconds: 10 * 60,
            look_milliseconds: 1000,
        }
    }
}

impl Settings {
    /// Whether lists are made while those before them are good, and as often as the Regulation
    /// wants.
    ///
    /// # Errors
    /// The field at fault, and what is wrong with it.
    pub const fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.full_seconds == 0 || self.full_seconds > self.full_valid_seconds {
            let fault = "it is at least 1 and at most full_valid_seconds";
            return Err(("status.full_seconds", fault));
        }
        if self.full_valid_seconds > THREE_HOURS {
            let fault = "it is at most 10800: three hours, Art. 5 (4) of the Regulation";
            return Err(("status.full_valid_seconds", fault));
        }
        if self.delta_seconds == 0 || self.delta_seconds > self.delta_valid_seconds {
            let fault = "it is at least 1 and at most delta_valid_seconds";
            return Err(("status.delta_seconds", fault));
        }
        if self.ocsp_valid_seconds == 0 || self.ocsp_valid_seconds > THREE_HOURS {
            return Err(("status.ocsp_valid_seconds", "it is 1 to 10800"));
        }
        if self.look_milliseconds < 10 || self.look_milliseconds > 60_000 {
            return Err(("status.look_milliseconds", "it is 10 to 60000"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_never_further_apart_than_three_hours() {
        assert_eq!(Settings::default().check(), Ok(()));
        let late = Settings {
            full_seconds: 10_801,
            full_valid_seconds: 10_801,
            ..Settings::default()
        };
        assert!(late.check().is_err());
        let gap = Settings {
            full_seconds: 7200,
            full_valid_seconds: 3600,
            ..Settings::default()
        };
        assert!(gap.check().is_err());
    }
}
