//! What a person is typing.

use crate::SecretError;
use crate::page::{Characters, LONGEST, Page, characters};

/// What was typed so far, in a locked page from the first byte. Never printed; wiped when it is
/// dropped. What it becomes keeps the page.
pub struct Line {
    page: Page,
    // INVARIANT: bytes of the page beyond it are 0.
    length: usize,
}

/// A secret that can be made of what was typed.
pub trait FromTyped: Sized {
    /// Takes the line over.
    ///
    /// # Errors
    /// [`SecretError`].
    fn of_line(line: Line) -> Result<Self, SecretError>;
}

/// Why a PIN would be guessed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// One digit or group of digits again and again: 111111, 121212, 123123.
    Repeats,
    /// Each digit is the one after or before the last: 123456, 987654.
    Sequence,
}

impl Line {
    /// An empty one.
    ///
    /// # Errors
    /// [`SecretError::NoLockedMemory`].
    pub fn new() -> Result<Self, SecretError> {
        Ok(Self {
            page: Page::empty()?,
            length: 0,
        })
    }

    /// Adds a byte. Those beyond [`LONGEST`] are only counted, so that a secret that is too long is
    /// refused rather than cut.
    pub fn push(&mut self, byte: u8) {
        let at = self.length;
        self.page.change(|all| {
            if let Some(place) = all.get_mut(at) {
                *place = byte;
            }
        });
        self.length = self.length.saturating_add(1);
    }

    /// Takes the last byte back.
    pub fn pop(&mut self) {
        self.length = self.length.saturating_sub(1);
        let at = self.length;
        self.page.change(|all| {
            if let Some(place) = all.get_mut(at) {
                *place = 0;
            }
        });
    }

    /// Takes the last character back: all its bytes, in UTF-8.
    pub fn pop_character(&mut self) {
        while self.expose(|typed| typed.last().is_some_and(|byte| byte & 0xC0 == 0x80)) {
            self.pop();
        }
        self.pop();
    }

    /// Takes all back.
    pub fn clear(&mut self) {
        self.length = 0;
        self.page.change(|all| all.fill(0));
    }

    /// Nothing was typed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many characters were typed; of what is beyond [`LONGEST`], bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        let beyond = self.length.saturating_sub(LONGEST);
        self.expose(characters) + beyond
    }

    /// Every byte is a digit.
    #[must_use]
    pub fn is_digits(&self) -> bool {
        self.expose(|typed| typed.iter().all(u8::is_ascii_digit))
    }

    /// The same was typed. Takes as long for any two of the same length.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let differences = self.page.look(|one| {
            other.page.look(|other| {
                let pairs = one.iter().zip(other);
                pairs.fold(0, |all, (one, other)| all | (one ^ other))
            })
        });
        self.length == other.length && differences == 0
    }

    /// What was typed is how `whole` begins, or all of it.
    #[must_use]
    pub fn begins(&self, whole: &Self) -> bool {
        self.expose(|typed| whole.expose(|whole| whole.starts_with(typed)))
    }

    /// Why a PIN like this would be guessed first, if it would.
    #[must_use]
    pub fn weakness(&self) -> Option<Weakness> {
        self.expose(|typed| {
            let steps = || {
                let next = typed.iter().skip(1);
                typed.iter().zip(next)
            };
            let all = |step: fn(u8, u8) -> bool| steps().all(|(one, next)| step(*one, *next));
            let period = |length: usize| {
                let mut parts = typed.chunks(length);
                let first = parts.next().unwrap_or_default();
                parts.all(|part| part == first)
            };
            if typed.len() < 2 {
                None
            } else if all(|one, next| one.checked_add(1) == Some(next))
                || all(|one, next| next.checked_add(1) == Some(one))
            {
                Some(Weakness::Sequence)
            } else if (1..=typed.len() / 2).any(period) {
                Some(Weakness::Repeats)
            } else {
                None
            }
        })
    }

    /// Lends what was typed; the page is unreadable again afterwards.
    pub fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
        self.page
            .look(|all| use_it(all.get(..self.length).unwrap_or(all)))
    }

    /// Makes a secret of it, in the same page.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn into_secret<S: FromTyped>(self) -> Result<S, SecretError> {
        S::of_line(self)
    }

    pub(crate) fn into_page(self, characters: Characters) -> Result<Page, SecretError> {
        self.page.of(self.length, characters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pin;

    fn typed(bytes: &[u8]) -> Line {
        let mut line = Line::new().unwrap();
        bytes.iter().for_each(|byte| line.push(*byte));
        line
    }

    #[test]
    fn what_was_taken_back_does_not_count() {
        let (mut one, mut other) = (typed(b"1235"), typed(b"1234"));
        one.pop();
        one.push(b'4');
        assert!(one.same(&other));
        other.pop();
        assert!(!one.same(&other));
        assert!(other.is_digits());
        one.clear();
        assert!(one.is_empty() && one.same(&typed(b"")));
    }

    #[test]
    fn finds_what_would_be_guessed_first() {
        for (pin, weakness) in [
            (&b"111111"[..], Some(Weakness::Repeats)),
            (b"1212", Some(Weakness::Repeats)),
            (b"123123", Some(Weakness::Repeats)),
            (b"123456", Some(Weakness::Sequence)),
            (b"6543", Some(Weakness::Sequence)),
            (b"112233", None),
            (b"121213", None),
            (b"190283", None),
            (b"7", None),
            (b"", None),
        ] {
            assert_eq!(typed(pin).weakness(), weakness, "{pin:?}");
        }
        assert!(typed(b"12").begins(&typed(b"123")) && !typed(b"13").begins(&typed(b"123")));
    }

    #[test]
    fn a_letter_is_taken_back_whole() {
        let mut line = typed("аб1".as_bytes());
        assert_eq!(line.length(), 3);
        line.pop_character();
        line.pop_character();
        line.expose(|typed| assert_eq!(typed, "а".as_bytes()));
    }

    #[test]
    fn refuses_a_line_that_is_too_long_rather_than_cut_it() {
        let line = typed(&[b'1'; LONGEST + 1]);
        assert_eq!(line.length(), LONGEST + 1);
        let refused = line.into_secret::<Pin>().err().unwrap();
        assert!(matches!(refused, SecretError::TooLong { length } if length == LONGEST + 1));
    }

    #[test]
    fn nothing_typed_is_no_secret() {
        let refused = typed(b"").into_secret::<Pin>().err().unwrap();
        assert!(matches!(refused, SecretError::Empty));
        let pin = typed(b" 12 ").into_secret::<Pin>().unwrap();
        pin.expose(|pin| assert_eq!(pin, b" 12 "));
    }
}
