//! What the agent and its PIN window say to each other: one question, one answer.

use serde::{Deserialize, Serialize};

use super::{Answer, Consent, Look};

/// What the window is to show. The agent's first and only message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// What is asked, and what is to be typed.
    pub consent: Consent,
    /// How it is to look.
    pub look: Look,
}

/// What the window says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum WindowMessage {
    /// The person sees it.
    Shown,
    /// What the person decided. Its secrets follow, as in [`Answer::Typed`].
    Answer(Answer),
    /// It cannot be shown.
    Impossible {
        /// Why, for the log.
        reason: String,
    },
}
