//! The terminal that a person types a PIN at, and the input that a script gives one on.
//!
//! It stands here because it depends on the system, and because the PIN that is typed goes the
//! same way as the PIN that is received: byte by byte, through no buffer that is not wiped.

use std::io::{self, Read};

use lichna_secret::{Can, HexKey, LONGEST, Passphrase, Pin, Puk, SecretError, characters};
use zeroize::Zeroizing;

#[cfg(not(unix))]
mod none;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use none::Terminal;
#[cfg(unix)]
pub use unix::Terminal;

/// What a person did at a prompt.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// Typed something.
    Typed(T),
    /// Pressed Enter alone.
    Empty,
    /// Pressed Ctrl-C or Ctrl-D, or the terminal is gone.
    Cancelled,
    /// Nobody waits for the answer any more.
    Ended,
}

/// A secret that can be made of typed bytes.
pub trait FromTyped: Sized {
    /// Takes the bytes over and wipes them.
    ///
    /// # Errors
    /// [`SecretError`].
    fn take(bytes: &mut [u8]) -> Result<Self, SecretError>;
}

macro_rules! from_typed {
    ($($name:ident),*) => {$(
        impl FromTyped for $name {
            fn take(bytes: &mut [u8]) -> Result<Self, SecretError> {
                Self::take(bytes)
            }
        }
    )*};
}

from_typed!(Pin, Puk, Can, Passphrase, HexKey);

/// What was typed so far. Wiped when it is dropped; never printed. It has one place in memory: what
/// moves is the pointer to it.
pub struct Line {
    bytes: Box<Zeroizing<[u8; LONGEST]>>,
    length: usize,
}

impl Line {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: Box::new(Zeroizing::new([0; LONGEST])),
            length: 0,
        }
    }

    /// Adds a byte. Those beyond [`LONGEST`] are only counted, so that a secret that is too long is
    /// refused rather than cut.
    pub fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// Takes the last byte back.
    pub fn pop(&mut self) {
        self.length = self.length.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = 0;
        }
    }

    /// Takes all back.
    pub fn clear(&mut self) {
        *self = Self::new();
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
        characters(self.typed()) + beyond
    }

    /// Every byte is a digit.
    #[must_use]
    pub fn is_digits(&self) -> bool {
        self.typed().iter().all(u8::is_ascii_digit)
    }

    /// The same was typed. Takes as long for any two of the same length.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let differences = self.bytes.iter().zip(other.bytes.iter());
        self.length == other.length && differences.fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }

    /// Makes a secret of it.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn into_secret<S: FromTyped>(mut self) -> Result<S, SecretError> {
        let length = self.length;
        match self.bytes.get_mut(..length) {
            Some(typed) => S::take(typed),
            None => Err(SecretError::TooLong { length }),
        }
    }

    fn typed(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes[..])
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads one line, to its end and no further; `None` when the input ended before it. `from` is to
/// be unbuffered, or what it buffers stays in memory: see [`unbuffered_input`].
///
/// # Errors
/// As the input says.
pub fn read_line(from: &mut impl Read) -> io::Result<Option<Line>> {
    let mut line = Line::new();
    let mut byte = Zeroizing::new([0]);
    while from.read(&mut byte[..])? > 0 {
        let [next] = *byte;
        match next {
            b'\n' => return Ok(Some(without_carriage_return(line))),
            other => line.push(other),
        }
    }
    Ok((!line.is_empty()).then(|| without_carriage_return(line)))
}

fn without_carriage_return(mut line: Line) -> Line {
    if line.typed().last() == Some(&b'\r') {
        line.pop();
    }
    line
}

/// The standard input, past the buffer of the standard library, which nobody wipes.
///
/// # Errors
/// As the system says.
pub fn unbuffered_input() -> io::Result<impl Read> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(std::fs::File::from(input))
    }
    #[cfg(windows)]
    {
        use std::os::windows::io::AsHandle;
        let input = io::stdin().as_handle().try_clone_to_owned()?;
        Ok(std::fs::File::from(input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_secret_exactly() {
        let mut input = &b" 12 34 \r\nabc\n\nrest"[..];
        let mut next = || read_line(&mut input).unwrap();
        let pin = next().unwrap().into_secret::<Pin>().unwrap();
        pin.expose(|pin| assert_eq!(pin, b" 12 34 "));
        let pin = next().unwrap().into_secret::<Pin>().unwrap();
        pin.expose(|pin| assert_eq!(pin, b"abc"));
        assert!(next().unwrap().is_empty());
        assert_eq!(next().unwrap().length(), 4);
        assert!(next().is_none());
    }

    #[test]
    fn refuses_a_line_that_is_too_long_rather_than_cut_it() {
        let long = [b'1'; LONGEST + 1];
        let line = read_line(&mut &long[..]).unwrap().unwrap();
        let refused = line.into_secret::<Pin>().err().unwrap();
        assert!(matches!(refused, SecretError::TooLong { length } if length == LONGEST + 1));
    }

    #[test]
    fn what_was_taken_back_does_not_count() {
        let (mut one, mut other) = (Line::new(), Line::new());
        for byte in *b"1235" {
            one.push(byte);
        }
        one.pop();
        one.push(b'4');
        for byte in *b"1234" {
            other.push(byte);
        }
        assert!(one.same(&other));
        other.pop();
        assert!(!one.same(&other));
        assert!(other.is_digits());
    }
}
