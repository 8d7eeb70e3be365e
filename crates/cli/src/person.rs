//! Whom an officer has before him: from a file, from the command line, or asked at the terminal.
//! Req 13.1, 14.5.

use std::io::Read;
use std::path::Path;

use lichna_i18n::{Value, in_latin, plain};
use lichna_ipc::{Entry, Failure, Names, NumberKind, Person, Terminal};

use crate::arguments::authority::OfPerson;
use crate::face::is_yes;
use crate::output::Output;
use crate::problem::{Here, Problem};

/// Longest file with a person's data, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The person. What is not given is asked for where there is a terminal. Req 14.5: also whether he
/// is there himself, without which nothing is sent.
///
/// # Errors
/// [`Here::PersonIncomplete`] where there is nobody to be asked; [`Failure::Refused`] when the
/// person is not there.
pub fn of(given: &OfPerson, out: &Output) -> Result<Person, Problem> {
    let mut asked = Asked::new(out)?;
    let person = match &given.person {
        Some(file) => read(file)?,
        None => asked.person(given)?,
    };
    asked.doubts(&person)?;
    if !given.appeared {
        asked.appeared()?;
    }
    Ok(person)
}

/// Asks the officer whether the person is there himself.
///
/// # Errors
/// [`Failure::Refused`] when not; [`Here::PersonIncomplete`] where there is nobody to be asked.
pub fn appeared(out: &Output) -> Result<(), Problem> {
    Asked::new(out)?.appeared()
}

/// A person's data as JSON, as `docs/json.md` shows them.
fn read(file: &Path) -> Result<Person, Problem> {
    let unreadable = |reason: String| Failure::FileUnreadable {
        file: file.display().to_string(),
        reason,
    };
    let mut text = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(LONGEST).read_to_end(&mut text))
        .map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(without_values(&error)).into())
}

/// Where a file is wrong, without a word of what is written there.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let kind = match error.classify() {
        // Such as "missing field `last`".
        serde_json::error::Category::Data if text.starts_with("missing field") => {
            return text;
        }
        serde_json::error::Category::Data => "not of the right kind",
        _ => "not JSON",
    };
    format!("{kind}, line {} column {}", error.line(), error.column())
}

/// Questions about a person.
struct Asked<'a> {
    out: &'a Output,
    terminal: Option<Terminal>,
}

impl<'a> Asked<'a> {
    fn new(out: &'a Output) -> Result<Self, Problem> {
        let terminal = Terminal::is_there().then(Terminal::open).transpose();
        let terminal = terminal.map_err(|error| Here::terminal(&error))?;
        Ok(Self { out, terminal })
    }

    /// Req 14.5.
    fn appeared(&mut self) -> Result<(), Problem> {
        if self.yes("ask-appeared", "appeared")? {
            Ok(())
        } else {
            Err(Failure::Refused.into())
        }
    }

    fn person(&mut self, given: &OfPerson) -> Result<Person, Problem> {
        let (kind, number) = match (&given.egn, &given.lnch) {
            (Some(egn), _) => (NumberKind::Egn, egn.clone()),
            (None, Some(lnch)) => (NumberKind::Lnch, lnch.clone()),
            (None, None) => self.number()?,
        };
        let cyrillic = match &given.names {
            Some(names) => three(names, "names")?,
            None => Names {
                first: self.needed("ask-first-name", &[], "cyrillic.first")?,
                middle: self.line("ask-middle-name", &[], "cyrillic.middle")?,
                last: self.needed("ask-last-name", &[], "cyrillic.last")?,
            },
        };
        let latin = match &given.latin_names {
            Some(names) => three(names, "latin-names")?,
            None => Names {
                first: self.in_latin(&cyrillic.first, "latin.first")?,
                middle: match &cyrillic.middle {
                    Some(middle) => Some(self.in_latin(middle, "latin.middle")?),
                    None => None,
                },
                last: self.in_latin(&cyrillic.last, "latin.last")?,
            },
        };
        let email = match &given.email {
            Some(email) => Some(email.clone()),
            // Who gave everything else on the command line has no address.
            None if given.names.is_some() => None,
            None => self.line("ask-email", &[], "email")?,
        };
        Ok(Person {
            kind,
            number,
            cyrillic,
            latin,
            email,
        })
    }

    /// An EGN or an LNCh: which, its check digit says, or the officer.
    fn number(&mut self) -> Result<(NumberKind, String), Problem> {
        let number = self.needed("ask-person-number", &[], "number")?;
        let kind = match (is_egn(&number), is_lnch(&number)) {
            (true, false) => NumberKind::Egn,
            (false, true) => NumberKind::Lnch,
            _ if self.yes("ask-is-egn", "kind")? => NumberKind::Egn,
            _ => NumberKind::Lnch,
        };
        Ok((kind, number))
    }

    /// A name in Latin letters: the one that the Act proposes, unless another is typed.
    fn in_latin(&mut self, cyrillic: &str, field: &str) -> Result<String, Problem> {
        let proposed = in_latin(cyrillic);
        let arguments = [
            ("name", plain(cyrillic).into()),
            ("proposed", plain(&proposed).into()),
        ];
        let typed = self.line("ask-latin-name", &arguments, field)?;
        Ok(typed.unwrap_or(proposed))
    }

    /// A number whose check digit is wrong is told of, not refused: the register knows better.
    fn doubts(&mut self, person: &Person) -> Result<(), Problem> {
        let sound = match person.kind {
            NumberKind::Egn => is_egn(&person.number),
            NumberKind::Lnch => is_lnch(&person.number),
        };
        if !sound {
            let text = self.out.text("person-number-odd");
            match &mut self.terminal {
                Some(terminal) => terminal
                    .show(&format!("! {text}\n"))
                    .map_err(|error| Here::terminal(&error))?,
                None => self.out.say(&text),
            }
        }
        Ok(())
    }

    fn needed(
        &mut self,
        question: &str,
        arguments: &[(&str, Value<'_>)],
        field: &str,
    ) -> Result<String, Problem> {
        let line = self.line(question, arguments, field)?;
        line.ok_or_else(|| incomplete(field))
    }

    /// What was typed; `None`: Enter alone.
    fn line(
        &mut self,
        question: &str,
        arguments: &[(&str, Value<'_>)],
        field: &str,
    ) -> Result<Option<String>, Problem> {
        let prompt = format!("{} ", self.out.text_with(question, arguments));
        let terminal = self.terminal.as_mut().ok_or_else(|| incomplete(field))?;
        let answer = terminal.read_answer(&prompt, None);
        match answer.map_err(|error| Here::terminal(&error))? {
            Entry::Typed(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Entry::Empty => Ok(None),
            Entry::Cancelled | Entry::Ended => Err(Failure::Cancelled.into()),
        }
    }

    fn yes(&mut self, question: &str, field: &str) -> Result<bool, Problem> {
        let answer = self.line(question, &[], field)?;
        Ok(answer.is_some_and(|answer| is_yes(&Entry::Typed(answer))))
    }
}

/// Given, father's and family name. Compound names are not told apart: they come in a file.
fn three(names: &str, field: &str) -> Result<Names, Problem> {
    let words: Vec<&str> = names.split_whitespace().collect();
    let (first, middle, last) = match words.as_slice() {
        [first, last] => (first, None, last),
        [first, middle, last] => (first, Some(middle), last),
        _ => return Err(incomplete(field)),
    };
    Ok(Names {
        first: (*first).to_owned(),
        middle: middle.map(|middle| (*middle).to_owned()),
        last: (*last).to_owned(),
    })
}

fn incomplete(field: &str) -> Problem {
    Here::PersonIncomplete {
        field: field.to_owned(),
    }
    .into()
}

/// Whether the check digit of an EGN is right: weights, sum modulo 11, modulo 10.
fn is_egn(number: &str) -> bool {
    checks(number, [2, 4, 8, 5, 10, 9, 7, 3, 6], 11)
}

/// Whether the check digit of an LNCh is right.
fn is_lnch(number: &str) -> bool {
    checks(number, [21, 19, 17, 13, 11, 9, 7, 3, 1], 10)
}

fn checks(number: &str, weights: [u32; 9], modulus: u32) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    let Some((check, digits)) = digits.as_deref().and_then(<[u32]>::split_last) else {
        return false;
    };
    let sum: u32 = digits.iter().zip(weights).map(|(d, w)| d * w).sum();
    digits.len() == weights.len() && sum % modulus % 10 == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_numbers_by_their_check_digits() {
        for egn in ["8506258485", "6602226643"] {
            assert!(is_egn(egn), "{egn}");
        }
        for not in ["7204021667", "850625848", "85062584855", "85062584a5", ""] {
            assert!(!is_egn(not), "{not}");
        }
        assert!(is_lnch("1000000001"));
        assert!(!is_lnch("1000000002"));
    }

    #[test]
    fn a_file_that_is_wrong_is_named_by_its_place_and_not_by_what_it_says() {
        let wrong = serde_json::from_str::<Person>("{\"kind\": \"8506258485\"}").unwrap_err();
        assert!(!without_values(&wrong).contains("8506258485"), "{wrong}");
        let lacking = serde_json::from_str::<Person>("{\"kind\": \"egn\"}").unwrap_err();
        assert_eq!(without_values(&lacking).split('`').nth(1), Some("number"));
    }
}
