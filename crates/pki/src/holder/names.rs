//! Names of a person, in one script. Req 12.4.

use core::fmt;

use thiserror::Error;

/// Most characters of one of the names.
pub const LONGEST_NAME: usize = 64;

/// The letters that a person's names are written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Script {
    /// Cyrillic.
    Cyrillic,
    /// Latin.
    Latin,
}

/// Which of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NamePart {
    /// The first.
    First,
    /// The second, after the father as a rule. Foreigners may have none.
    Middle,
    /// The last.
    Last,
}

/// What is wrong with a name. The name itself is not in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameFault {
    /// It is empty.
    #[error("the {part} name is empty")]
    Empty {
        /// Which name.
        part: NamePart,
    },
    /// More than [`LONGEST_NAME`] characters.
    #[error("the {part} name has more than {LONGEST_NAME} characters")]
    TooLong {
        /// Which name.
        part: NamePart,
    },
    /// A letter of another script, or something that is no part of a name.
    #[error("the {part} name has a character that is not {script}")]
    Character {
        /// Which name.
        part: NamePart,
        /// The script that it should be in.
        script: Script,
    },
    /// Two blanks in a row, or a name that does not begin and end with a letter (or a full stop).
    #[error("the {part} name is not written as names are")]
    Form {
        /// Which name.
        part: NamePart,
    },
}

/// The names of a person in one script, without anything that would make them look like others.
///
/// `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Names {
    script: Script,
    first: String,
    middle: Option<String>,
    last: String,
}

impl Names {
    /// Names in Cyrillic.
    ///
    /// # Errors
    /// [`NameFault`] says which of them is wrong, and how.
    pub fn cyrillic(first: &str, middle: Option<&str>, last: &str) -> Result<Self, NameFault> {
        Self::new(Script::Cyrillic, first, middle, last)
    }

    /// Names in Latin.
    ///
    /// # Errors
    /// [`NameFault`] says which of them is wrong, and how.
    pub fn latin(first: &str, middle: Option<&str>, last: &str) -> Result<Self, NameFault> {
        Self::new(Script::Latin, first, middle, last)
    }

    fn new(
        script: Script,
        first: &str,
        middle: Option<&str>,
        last: &str,
    ) -> Result<Self, NameFault> {
        check(script, NamePart::First, first)?;
        if let Some(middle) = middle {
            check(script, NamePart::Middle, middle)?;
        }
        check(script, NamePart::Last, last)?;
        Ok(Self {
            script,
            first: first.to_owned(),
            middle: middle.map(str::to_owned),
            last: last.to_owned(),
        })
    }

    /// The script that they are in.
    #[must_use]
    pub const fn script(&self) -> Script {
        self.script
    }

    /// The first name.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The second name, where there is one.
    #[must_use]
    pub fn middle(&self) -> Option<&str> {
        self.middle.as_deref()
    }

    /// The last name.
    #[must_use]
    pub fn last(&self) -> &str {
        &self.last
    }

    /// All of them, with blanks between.
    #[must_use]
    pub fn full(&self) -> String {
        match &self.middle {
            Some(middle) => format!("{} {middle} {}", self.first, self.last),
            None => format!("{} {}", self.first, self.last),
        }
    }

    /// Takes the whole apart again, where the first and the last name are known.
    pub(crate) fn from_full(script: Script, first: &str, last: &str, full: &str) -> Option<Self> {
        let rest = full.strip_prefix(first)?.strip_suffix(last)?;
        let middle = match rest {
            " " => None,
            _ => Some(rest.strip_prefix(' ')?.strip_suffix(' ')?),
        };
        Self::new(script, first, middle, last).ok()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names")
            .field("script", &self.script)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for NamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Middle => "middle",
            Self::Last => "last",
        })
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cyrillic => "Cyrillic",
            Self::Latin => "Latin",
        })
    }
}

fn check(script: Script, part: NamePart, name: &str) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty { part });
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(NameFault::TooLong { part });
    }
    if !name
        .chars()
        .all(|c| script.has(c) || matches!(c, ' ' | '-' | '\'' | '’' | '.'))
    {
        return Err(NameFault::Character { part, script });
    }
    let first = name.chars().next().is_some_and(|c| script.has(c));
    let last = name
        .chars()
        .next_back()
        .is_some_and(|c| script.has(c) || c == '.');
    if !first || !last || name.contains("  ") {
        return Err(NameFault::Form { part });
    }
    Ok(())
}

impl Script {
    fn has(self, c: char) -> bool {
        c.is_alphabetic()
            && match self {
                Self::Cyrillic => matches!(c, '\u{0400}'..='\u{052F}'),
                Self::Latin => {
                    c.is_ascii() || matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}')
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_as_people_have_them() {
        for (first, middle, last) in [
            ("Иван", Some("Георгиев"), "Петров"),
            ("Ана-Мария", None, "Юлиева - Стоянова"),
            ("Бойко", Some("д'Арк"), "ван дер Меер мл."),
        ] {
            let names = Names::cyrillic(first, middle, last).unwrap();
            let full = names.full();
            assert_eq!(
                Names::from_full(Script::Cyrillic, first, last, &full),
                Some(names)
            );
        }
        let latin = Names::latin("Zoë", None, "Müller-Łukasz Nguyễn").unwrap();
        assert_eq!(latin.full(), "Zoë Müller-Łukasz Nguyễn");
    }

    #[test]
    fn refuses_letters_of_another_script() {
        // The second letter is a Latin a.
        let part = NamePart::Last;
        assert_eq!(
            Names::cyrillic("Иван", None, "Пaвлов"),
            Err(NameFault::Character {
                part,
                script: Script::Cyrillic
            })
        );
        // The first letter is a Cyrillic Р.
        assert_eq!(
            Names::latin("Ivan", None, "Рavlov"),
            Err(NameFault::Character {
                part,
                script: Script::Latin
            })
        );
    }

    #[test]
    fn refuses_what_is_no_name() {
        let last = |name: &str| Names::cyrillic("Иван", None, name).unwrap_err();
        let part = NamePart::Last;
        assert_eq!(last(""), NameFault::Empty { part });
        assert_eq!(last(&"я".repeat(65)), NameFault::TooLong { part });
        for name in [
            "Петров2",
            "Петров\n",
            "Петров;",
            "Петро\u{0306}в",
            "П\u{202E}",
        ] {
            assert!(
                matches!(last(name), NameFault::Character { .. }),
                "{name:?}"
            );
        }
        for name in [" Петров", "Петров ", "-Петров", "Пет  ров", ".", "'"]
        {
            assert_eq!(last(name), NameFault::Form { part }, "{name:?}");
        }
        assert_eq!(
            Names::cyrillic("Иван", Some(""), "Петров"),
            Err(NameFault::Empty {
                part: NamePart::Middle
            })
        );
    }

    #[test]
    fn debug_does_not_show_a_name() {
        let names = Names::cyrillic("Иван", None, "Петров").unwrap();
        assert!(!format!("{names:?}").contains("Иван"));
    }
}
