//! Settings of what holders ask for, the part `[holder]` of `authority.toml`.

use serde::Deserialize;

/// How far the time of a signed request may be off, and how often a password may be tried.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seconds by which the time in a signed request may differ from the authority's.
    pub request_seconds: u32,
    /// Telephone passwords of one person that may be tried, right ones apart …
    pub telephone_attempts: u32,
    /// … within so many seconds of the first.
    pub telephone_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            request_seconds: 5 * 60,
            telephone_attempts: 5,
            telephone_seconds: 60 * 60,
        }
    }
}
