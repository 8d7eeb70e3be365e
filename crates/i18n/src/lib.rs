//! What a person reads: Fluent messages, Bulgarian first, English second, and their loader; and
//! how names are written in Latin letters.
//!
//! ```
//! use lichna_i18n::{Language, Messages};
//!
//! let messages = Messages::of(Language::English);
//! let text = messages.text("err-wrong-pin", &[("tries_left", 1.into())]);
//! assert_eq!(text, "The PIN is wrong. One try is left.");
//! ```
#![forbid(unsafe_code)]

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

mod language;
mod plain;
mod sources;
mod transliteration;

pub use language::{Language, VARIABLE};
pub use plain::{plain, plain_lines};
pub use sources::sources;
pub use transliteration::{in_latin, transliterate};

/// The messages of one language. One that it lacks is taken from the other.
pub struct Messages {
    language: Language,
    chain: Vec<FluentBundle<FluentResource>>,
}

impl Messages {
    /// In the language that `LICHNA_LANGUAGE` says, else the system.
    #[must_use]
    pub fn from_system() -> Self {
        Self::of(Language::from_system())
    }

    /// In the first language of a list of locales (BCP 47 or POSIX, best first) that there is.
    pub fn for_locales(locales: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self::of(Language::for_locales(locales))
    }

    /// In this language.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let mut order = vec![language];
        order.extend(Language::ALL.into_iter().filter(|other| *other != language));
        Self {
            language,
            chain: order.into_iter().map(bundle).collect(),
        }
    }

    /// Which language it is.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// There is such a message.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.chain.iter().any(|bundle| bundle.has_message(id))
    }

    /// A message, with its arguments put in. Where there is none, its id stands for it.
    #[must_use]
    pub fn text(&self, id: &str, arguments: &[(&str, Value<'_>)]) -> String {
        let mut fluent = FluentArgs::new();
        for (name, value) in arguments {
            match value {
                Value::Text(text) => fluent.set(*name, text.as_ref()),
                Value::Number(number) => fluent.set(*name, *number),
            }
        }
        for bundle in &self.chain {
            let pattern = bundle.get_message(id).and_then(|message| message.value());
            if let Some(pattern) = pattern {
                // A missing argument leaves its name in the text, which is better than no text.
                let mut faults = Vec::new();
                let text = bundle.format_pattern(pattern, Some(&fluent), &mut faults);
                debug_assert!(faults.is_empty(), "{id}: {faults:?}");
                return text.into_owned();
            }
        }
        id.to_owned()
    }
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

/// An argument of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Put in as it is.
    Text(Cow<'a, str>),
    /// May choose between forms.
    Number(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl From<$type> for Value<'_> {
            fn from(number: $type) -> Self {
                Self::Number(number.into())
            }
        }
    )*};
}

number!(u8, u16, u32, i32, i64);

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let locale = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The marks around arguments are for mixed directions; terminals show them as rubbish.
    bundle.set_use_isolating(false);
    for (_, text) in sources(language) {
        // A test proves that every file is without fault; what is sound of one is used anyhow.
        let resource = match FluentResource::try_new((*text).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_the_language_does() {
        let tries = |language, left: u8| {
            Messages::of(language).text("err-wrong-pin", &[("tries_left", left.into())])
        };
        use Language::{Bulgarian, English};
        assert_eq!(tries(Bulgarian, 0), "ПИН кодът е грешен. Не остават опити.");
        assert_eq!(tries(Bulgarian, 1), "ПИН кодът е грешен. Остава един опит.");
        assert_eq!(tries(Bulgarian, 2), "ПИН кодът е грешен. Остават 2 опита.");
        assert_eq!(tries(English, 2), "The PIN is wrong. 2 tries are left.");
    }

    #[test]
    fn an_unknown_message_is_shown_by_its_id() {
        let messages = Messages::of(Language::Bulgarian);
        assert!(!messages.has("err-of-the-future"));
        assert_eq!(messages.text("err-of-the-future", &[]), "err-of-the-future");
    }
}
