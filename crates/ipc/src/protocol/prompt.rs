//! What the agent and its PIN window say to each other: one question, one answer.

use serde::{Deserialize, Serialize};

use super::{Answer, Consent};

/// What the window is to show. The agent's first and only message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// What is asked, and what is to be typed.
    pub consent: Consent,
    /// How it is to look.
    pub look: Look,
}

/// How the window is to look, as the holder has set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Its language; `None`: the session's.
    pub language: Option<WindowLanguage>,
    /// The order of the digits on its keypad.
    pub keypad: KeypadOrder,
    /// How large everything is.
    pub text: TextSize,
    /// Light or dark.
    pub theme: Theme,
    /// How far colours stand apart.
    pub contrast: Contrast,
}

/// Languages of the window, ISO 639-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum WindowLanguage {
    Bg,
    En,
}

/// The order of the digits on the window's keypad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeypadOrder {
    /// As on a telephone.
    #[default]
    Ordered,
    /// Another each time: whoever sees where one presses does not know what.
    Shuffled,
}

/// How large everything in the window is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextSize {
    /// As the system has it.
    #[default]
    Normal,
    /// One and a half times.
    Large,
    /// Twice.
    Largest,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system says; light where it says nothing.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How far the window's colours stand apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contrast {
    /// Calm, and still well legible.
    #[default]
    Normal,
    /// Black and white.
    High,
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
