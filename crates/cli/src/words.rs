//! Words for the states and steps of the protocol: each is the message of its name there.

use lichna_i18n::plain;
use serde::Serialize;

use crate::output::Output;

impl Output {
    /// The word for a value that is named in the protocol: `step-sign` for `Step::Sign`.
    pub fn word(&self, family: &str, value: &impl Serialize) -> String {
        lichna_consent::word(&self.messages, family, value)
    }

    /// Why a certificate is not good any more: the word for what the standard or the authority
    /// calls it, or what a person has written.
    pub fn reason(&self, reason: &str) -> String {
        plain(&self.word("reason", &reason))
    }

    /// A reader, and whether what it shows is of a practice card.
    pub fn reader(&self, name: &str, practice: bool) -> String {
        let name = plain(name);
        if practice {
            format!("{} – {name}", self.text("card-practice"))
        } else {
            name
        }
    }

    /// The word for what `doctor` looked at.
    pub fn check(&self, check: &str) -> String {
        self.word("check", &check)
    }

    /// `yes` or `no`, or that it is not known.
    pub fn yes_no(&self, value: Option<bool>) -> String {
        self.text(match value {
            Some(true) => "word-yes",
            Some(false) => "word-no",
            None => "word-unknown",
        })
    }

    /// A number, or that it is not known.
    pub fn number(&self, value: Option<u8>) -> String {
        value.map_or_else(|| self.text("word-unknown"), |number| number.to_string())
    }
}
