//! The folder of the practice cards: a file for each.

use std::{fs, io::ErrorKind, path::PathBuf};

use lichna_card::Anchor;
use lichna_ipc::{AuthorityChoice, Failure, PracticeCardInfo, PracticeLock, home::private_folder};
use lichna_softcard::{Header, Lock, LockKind, Making, SoftCard, SoftCardError};
use time::format_description::well_known::Rfc3339;

use crate::state_file;

/// Most cards.
const MOST: usize = 32;
/// Longest number of a card.
const LONGEST_NUMBER: usize = 16;
/// How a card's file ends.
const EXTENSION: &str = "card";
/// How the file with the authority of a card ends.
const AUTHORITY: &str = "authority";
/// Most bytes of that.
const LONGEST_AUTHORITY: u64 = 64 << 10;

/// The folder; it is made with the first card.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// This one.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// All cards, by their numbers.
    pub fn cards(&self) -> Result<Vec<PracticeCardInfo>, Failure> {
        let numbers = self.numbers()?;
        let cards = numbers.iter().filter_map(|number| match self.card(number) {
            // Deleted this moment.
            Err(Failure::PracticeCardUnknown { .. }) => None,
            Ok(card) => Some(card),
            Err(failure) => Some(PracticeCardInfo {
                number: number.clone(),
                label: String::new(),
                made_at: None,
                lock: None,
                inserted: None,
                failure: Some(Box::new(failure)),
            }),
        });
        Ok(cards.collect())
    }

    /// The card with this number.
    pub fn card(&self, number: &str) -> Result<PracticeCardInfo, Failure> {
        let file = self.file(number)?;
        let header = SoftCard::header_of(&file).map_err(|error| self.failure(number, error))?;
        if header.number != number {
            // A renamed file would be a card that answers to another name than it has.
            return Err(Failure::PracticeFileDamaged {
                file: file.display().to_string(),
                reason: format!("it is the card {}", header.number),
            });
        }
        Ok(info(header))
    }

    /// The roots of all cards: what proves that a card is a practice card, and one of these.
    pub fn anchors(&self) -> Vec<Anchor> {
        let numbers = self.numbers().unwrap_or_default();
        let headers = numbers
            .iter()
            .filter_map(|number| SoftCard::header_of(&self.file(number).ok()?).ok());
        headers
            .filter_map(|header| Anchor::practice(header.country_anchor()).ok())
            .collect()
    }

    /// The only card there is.
    pub fn only(&self) -> Result<PracticeCardInfo, Failure> {
        let numbers = self.numbers()?;
        match numbers.as_slice() {
            [] => Err(Failure::PracticeCardNone),
            [number] => self.card(number),
            several => Err(Failure::SeveralPracticeCards {
                numbers: several.join(", "),
            }),
        }
    }

    /// Whether one more may be made.
    pub fn has_room(&self) -> Result<(), Failure> {
        if self.numbers()?.len() < MOST {
            return Ok(());
        }
        Err(Failure::TooManyPracticeCards {
            most: u32::try_from(MOST).unwrap_or(u32::MAX),
        })
    }

    /// Makes a card.
    pub fn make(&self, number: &str, making: &Making, lock: &Lock) -> Result<(), Failure> {
        private_folder(&self.0).map_err(|error| Failure::PracticeFileUnwritable {
            file: self.0.display().to_string(),
            reason: error.to_string(),
        })?;
        let made = SoftCard::make(&self.file(number)?, making, lock);
        made.map(drop).map_err(|error| match error {
            SoftCardError::File { source, .. } => Failure::PracticeFileUnwritable {
                file: self.0.display().to_string(),
                reason: source.to_string(),
            },
            error => self.failure(number, error),
        })
    }

    /// Opens a card.
    pub fn open(&self, number: &str, lock: &Lock) -> Result<SoftCard, Failure> {
        let opened = SoftCard::open(&self.file(number)?, lock);
        opened.map_err(|error| match (error, lock) {
            // The key in the key store is another card's, or an old one.
            (SoftCardError::WrongLock, Lock::Key(_)) => Failure::PracticeKeyMissing {
                number: number.to_owned(),
            },
            (error, _) => self.failure(number, error),
        })
    }

    /// The authority that this card has its certificates from, where that is a sandbox.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`]: the card goes with no authority then.
    pub fn authority(&self, number: &str) -> Result<Option<AuthorityChoice>, Failure> {
        let file = self.file(number)?.with_extension(AUTHORITY);
        state_file::read(&file, LONGEST_AUTHORITY).map_err(|error| Failure::FileUnreadable {
            file: file.display().to_string(),
            reason: error.to_string(),
        })
    }

    /// Keeps in mind which sandbox a card has its certificates from.
    pub fn remember(&self, number: &str, authority: &AuthorityChoice) -> Result<(), Failure> {
        let file = self.file(number)?.with_extension(AUTHORITY);
        let written = state_file::write(&file, authority);
        written.map_err(|error| Failure::PracticeFileUnwritable {
            file: file.display().to_string(),
            reason: error.to_string(),
        })
    }

    /// Whether any card has its certificates from there.
    pub fn knows(&self, authority: &AuthorityChoice) -> Result<bool, Failure> {
        let numbers = self.numbers()?;
        let mut all = numbers.iter();
        Ok(all.any(|number| {
            matches!(self.authority(number), Ok(Some(theirs)) if theirs.url == authority.url)
        }))
    }

    /// Deletes a card, also one that cannot be read.
    pub fn delete(&self, number: &str) -> Result<(), Failure> {
        let file = self.file(number)?;
        match fs::remove_file(file.with_extension(AUTHORITY)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::PracticeFileUnwritable {
                    file: file.display().to_string(),
                    reason: error.to_string(),
                });
            }
            _ => {}
        }
        match lichna_softcard::delete(&file) {
            Ok(()) => Ok(()),
            Err(SoftCardError::InUse) => Err(self.failure(number, SoftCardError::InUse)),
            Err(_) => match fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(Failure::PracticeFileUnwritable {
                        file: file.display().to_string(),
                        reason: error.to_string(),
                    })
                }
                _ => Ok(()),
            },
        }
    }

    fn numbers(&self) -> Result<Vec<String>, Failure> {
        let unreadable = |error: std::io::Error| Failure::FileUnreadable {
            file: self.0.display().to_string(),
            reason: error.to_string(),
        };
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            let number = path.file_stem().and_then(|stem| stem.to_str());
            match number {
                Some(number)
                    if path.extension().is_some_and(|found| found == EXTENSION)
                        && is_number(number) =>
                {
                    numbers.push(number.to_owned());
                }
                _ => {}
            }
        }
        numbers.sort();
        Ok(numbers)
    }

    /// Where the card with this number is: in this folder and nowhere else.
    fn file(&self, number: &str) -> Result<PathBuf, Failure> {
        if is_number(number) {
            return Ok(self.0.join(format!("{number}.{EXTENSION}")));
        }
        Err(Failure::PracticeCardUnknown {
            number: number.chars().take(LONGEST_NUMBER).collect(),
        })
    }

    fn failure(&self, number: &str, error: SoftCardError) -> Failure {
        match error {
            SoftCardError::File { ref source, .. } if source.kind() == ErrorKind::NotFound => {
                Failure::PracticeCardUnknown {
                    number: number.to_owned(),
                }
            }
            error => from_soft(number, error),
        }
    }
}

/// What is wrong with a card, as a person is told.
pub fn from_soft(number: &str, error: SoftCardError) -> Failure {
    let number = number.to_owned();
    match error {
        SoftCardError::InUse => Failure::PracticeCardInUse { number },
        SoftCardError::WrongLock | SoftCardError::OtherLock { .. } => Failure::WrongPassphrase,
        SoftCardError::File { action, source } => Failure::PracticeFileUnwritable {
            file: number,
            reason: format!("{action}: {source}"),
        },
        error => Failure::PracticeFileDamaged {
            file: number,
            reason: error.to_string(),
        },
    }
}

fn info(header: Header) -> PracticeCardInfo {
    PracticeCardInfo {
        made_at: header.made_at.format(&Rfc3339).ok(),
        lock: Some(match header.lock_kind() {
            LockKind::Key => PracticeLock::KeyStore,
            LockKind::Passphrase => PracticeLock::Passphrase,
        }),
        number: header.number,
        label: header.label,
        inserted: None,
        failure: None,
    }
}

fn is_number(text: &str) -> bool {
    (1..=LONGEST_NUMBER).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_from_outside_leads_to_no_other_folder() {
        let folder = Folder::at("/practice".into());
        for number in [
            "",
            "../P1",
            "P1/../../x",
            "p1",
            "P1.card",
            "P12345678901234567",
        ] {
            let found = folder.card(number).err();
            assert!(
                matches!(found, Some(Failure::PracticeCardUnknown { .. })),
                "{number}"
            );
        }
    }

    #[test]
    fn a_damaged_file_is_listed_with_what_is_wrong_and_can_be_deleted() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("cards"));
        assert!(folder.cards().unwrap().is_empty());
        assert_eq!(folder.only().unwrap_err(), Failure::PracticeCardNone);
        private_folder(&folder.0).unwrap();
        fs::write(folder.0.join("P1.card"), "what is this?").unwrap();
        fs::write(folder.0.join("notes.txt"), "not a card").unwrap();
        let cards = folder.cards().unwrap();
        let [card] = cards.as_slice() else {
            panic!("{cards:?}");
        };
        let failure = card.failure.as_deref();
        assert!(matches!(failure, Some(Failure::PracticeFileDamaged { .. })));
        folder.delete("P1").unwrap();
        assert!(folder.cards().unwrap().is_empty());
    }
}
