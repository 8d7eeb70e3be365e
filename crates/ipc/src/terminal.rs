//! The terminal that a person types a PIN at, and the input that a script gives one on.
//!
//! It stands here because it depends on the system, and because the PIN that is typed goes the
//! same way as the PIN that is received: byte by byte, through no buffer that is not wiped.

use std::io::{self, Read};

use lichna_secret::Line;
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

/// Reads one line, to its end and no further; `None` when the input ended before it. `from` is to
/// be unbuffered, or what it buffers stays in memory: see [`unbuffered_input`].
///
/// # Errors
/// As the input says.
pub fn read_line(from: &mut impl Read) -> io::Result<Option<Line>> {
    let mut line = Line::new().map_err(io::Error::other)?;
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
    if line.expose(|typed| typed.last() == Some(&b'\r')) {
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
    use lichna_secret::{LONGEST, Pin, SecretError};

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
}
