//! Which language.

/// The variable that says which language, before the system does: `bg` or `en`.
pub const VARIABLE: &str = "LICHNA_LANGUAGE";

/// A language that there are messages in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// The first, also where the system says nothing.
    #[default]
    Bulgarian,
    /// The second, also for those who read neither.
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Bulgarian, Self::English];

    /// ISO 639-1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bulgarian => "bg",
            Self::English => "en",
        }
    }

    /// As `LICHNA_LANGUAGE` says, else the system.
    #[must_use]
    pub fn from_system() -> Self {
        let chosen = std::env::var(VARIABLE).ok();
        Self::for_locales(chosen.into_iter().chain(sys_locale::get_locales()))
    }

    /// The first of a list of locales (BCP 47 or POSIX, best first) that there is. A list of
    /// others means English; one that says nothing, such as `C`, means Bulgarian.
    pub fn for_locales(locales: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut another = false;
        for locale in locales {
            let language = locale.as_ref().split(['-', '_', '.', '@']).next();
            let language = language.unwrap_or_default().to_ascii_lowercase();
            if let Some(known) = Self::ALL.into_iter().find(|known| known.code() == language) {
                return known;
            }
            another |= !matches!(language.as_str(), "" | "c" | "posix");
        }
        if another {
            Self::English
        } else {
            Self::Bulgarian
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, Bulgarian, English};

    #[test]
    fn the_first_language_that_there_is() {
        for (locales, language) in [
            (&["bg-BG"][..], Bulgarian),
            (&["en_GB.UTF-8"], English),
            (&["de-DE", "bg"], Bulgarian),
            (&["de-DE"], English),
            (&["C"], Bulgarian),
            (&["POSIX", ""], Bulgarian),
            (&[], Bulgarian),
            (&["C", "en-US"], English),
        ] {
            assert_eq!(Language::for_locales(locales), language, "{locales:?}");
        }
    }
}
