//! What the holder has set. The agent keeps it in its configuration file, so that every window
//! follows it.

use serde::{Deserialize, Serialize};

/// What can be set from a window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Settings {
    /// How windows look.
    pub look: Look,
    /// The trust list: host names, and `*.suffix`.
    pub trusted: Vec<String>,
}

/// One of them made another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "setting", rename_all = "kebab-case")]
pub enum SettingChange {
    /// How windows look from now on.
    Look(Look),
    /// One more on the trust list; nothing where it stands there.
    Trust {
        /// A host name, or `*.suffix`.
        server: String,
    },
    /// One less; nothing where it does not stand there.
    Distrust {
        /// As it stands there.
        server: String,
    },
}

/// How windows look, and what is heard of them, as the holder has set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// Their language; `None`: the session's.
    pub language: Option<WindowLanguage>,
    /// The order of the digits on the PIN window's keypad.
    pub keypad: KeypadOrder,
    /// How large everything is.
    pub text: TextSize,
    /// Light or dark.
    pub theme: Theme,
    /// How far colours stand apart.
    pub contrast: Contrast,
    /// Whether it is heard that something succeeded or failed.
    pub sound: bool,
}

/// Languages of the windows, ISO 639-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum WindowLanguage {
    Bg,
    En,
}

/// The order of the digits on the PIN window's keypad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum KeypadOrder {
    /// As on a telephone.
    #[default]
    Ordered,
    /// Another each time: whoever sees where one presses does not know what.
    Shuffled,
}

/// How large everything in a window is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum TextSize {
    /// As the system has it.
    #[default]
    Normal,
    /// One and a quarter times.
    Large,
    /// One and a half times.
    Larger,
    /// Twice.
    Largest,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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

/// How far colours stand apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Contrast {
    /// As the system says; calm, and still well legible, where it says nothing.
    #[default]
    System,
    /// Black and white.
    High,
}

/// Something that is kept on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Stored {
    /// What.
    pub what: StoredKind,
    /// How many of them; `None` where that cannot be told.
    pub count: Option<u32>,
    /// Path of the file or folder.
    pub place: String,
}

/// What is kept on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum StoredKind {
    /// What the keys were used for, sealed with a key of the key store.
    Uses,
    /// Programs that the holder is asked less for.
    Programs,
    /// CANs, in the key store; the file says of which cards.
    Cans,
    /// Practice cards.
    PracticeCards,
    /// The authority for practice that the app made, with its keys and registers.
    PracticeAuthority,
    /// Enrolments and renewals that were interrupted.
    Tasks,
    /// The last that was seen of authorities' journals: proof if one is ever rewritten.
    Checkpoints,
    /// What was set.
    Settings,
}
