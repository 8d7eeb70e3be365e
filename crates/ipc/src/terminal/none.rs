//! Systems whose terminals are not known yet: the PIN comes on the input, or over a keypad.

use std::io;

use lichna_secret::Line;

use super::Entry;
use crate::client::Ended;

/// A terminal that is never there.
#[derive(Debug)]
pub struct Terminal(std::convert::Infallible);

impl Terminal {
    /// It is not.
    #[must_use]
    pub fn is_there() -> bool {
        false
    }

    /// Fails.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn show(&mut self, _text: &str) -> io::Result<()> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn read_hidden(
        &mut self,
        _prompt: &str,
        _ended: Option<&mut Ended<'_>>,
    ) -> io::Result<Entry<Line>> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn read_answer(
        &mut self,
        _prompt: &str,
        _ended: Option<&mut Ended<'_>>,
    ) -> io::Result<Entry<String>> {
        match self.0 {}
    }
}
