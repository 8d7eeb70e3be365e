//! Secrets that a person typed, each of the kind that was asked for.

use std::io::{Read, Write};

use lichna_secret::{Can, HexKey, Line, Passphrase, Pin, Puk, SecretError, characters};

use crate::SecretKind;
use crate::frame::{self, FrameError};

/// A secret that a person typed.
#[allow(missing_docs, reason = "each is named as its type")]
pub enum TypedSecret {
    Pin(Pin),
    Puk(Puk),
    Can(Can),
    Passphrase(Passphrase),
    Key(HexKey),
}

/// Which of them a kind is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Pin,
    Puk,
    Can,
    Passphrase,
    Key,
}

impl Shape {
    const fn of(kind: SecretKind) -> Self {
        match kind {
            SecretKind::Pin
            | SecretKind::NewPin
            | SecretKind::TransportPin
            | SecretKind::NewTransportPin => Self::Pin,
            SecretKind::Puk | SecretKind::NewPuk => Self::Puk,
            SecretKind::Can | SecretKind::NewCan => Self::Can,
            SecretKind::Passphrase
            | SecretKind::NewPassphrase
            | SecretKind::ApplicationCode
            | SecretKind::TelephonePassword
            | SecretKind::NewTelephonePassword => Self::Passphrase,
            SecretKind::AdministratorKey => Self::Key,
        }
    }
}

/// Makes whatever a secret of this kind is.
macro_rules! of_kind {
    ($kind:expr, $make:expr) => {
        match Shape::of($kind) {
            Shape::Pin => $make.map(TypedSecret::Pin),
            Shape::Puk => $make.map(TypedSecret::Puk),
            Shape::Can => $make.map(TypedSecret::Can),
            Shape::Passphrase => $make.map(TypedSecret::Passphrase),
            Shape::Key => $make.map(TypedSecret::Key),
        }
    };
}

/// Does the same with whatever the secret is.
macro_rules! with {
    ($typed:expr, $secret:ident => $what:expr) => {
        match $typed {
            TypedSecret::Pin($secret) => $what,
            TypedSecret::Puk($secret) => $what,
            TypedSecret::Can($secret) => $what,
            TypedSecret::Passphrase($secret) => $what,
            TypedSecret::Key($secret) => $what,
        }
    };
}

impl TypedSecret {
    /// Makes it of what was typed, in the same page.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn of_line(kind: SecretKind, line: Line) -> Result<Self, SecretError> {
        of_kind!(kind, line.into_secret())
    }

    /// Reads a frame with a secret of this kind, straight into its locked page.
    ///
    /// # Errors
    /// As [`frame::read_secret`].
    pub fn read(kind: SecretKind, from: &mut impl Read) -> Result<Self, FrameError> {
        of_kind!(kind, frame::read_secret(from))
    }

    /// Writes it in a frame, straight from its locked page.
    ///
    /// # Errors
    /// As [`frame::write_secret`].
    pub fn write(&self, to: &mut impl Write) -> Result<(), FrameError> {
        with!(self, secret => frame::write_secret(to, secret))
    }

    /// It is of the kind that is asked for.
    #[must_use]
    pub fn fits(&self, kind: SecretKind) -> bool {
        let own = match self {
            Self::Pin(_) => Shape::Pin,
            Self::Puk(_) => Shape::Puk,
            Self::Can(_) => Shape::Can,
            Self::Passphrase(_) => Shape::Passphrase,
            Self::Key(_) => Shape::Key,
        };
        own == Shape::of(kind)
    }

    /// Lends the characters.
    pub fn expose<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        with!(self, secret => secret.expose(look))
    }

    /// How many characters it has.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.expose(characters)
    }
}
