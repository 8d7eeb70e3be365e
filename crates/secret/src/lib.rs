//! [`Pin`], [`Puk`], [`Can`], [`Passphrase`] and [`HexKey`], and the locked page of memory they live in.
//!
//! None of them can be printed, copied or serialised. The page is guarded on both sides, never
//! swapped, left out of core dumps, unreadable while nobody uses it, and wiped when it is dropped.

mod line;
mod page;

use std::io::{self, Read};

use thiserror::Error;

pub use line::{FromTyped, Line, Weakness};
use page::{Characters, Page};
pub use page::{LONGEST, characters};

/// Why bytes are not a secret that can be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Nothing was given. An empty PIN is never sent: to a card it is a question, not a PIN.
    #[error("the secret is empty")]
    Empty,
    /// More than [`LONGEST`] bytes.
    #[error("a secret of {length} bytes is longer than the {LONGEST} that are taken")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// A character that such a secret does not have: a control character or, where it is sent to a
    /// card, one outside ASCII.
    #[error("character {position} is not one that such a secret has")]
    Character {
        /// Which one, from 1.
        position: usize,
    },
    /// The system gives no locked memory.
    #[error("the system gave no locked memory for the secret")]
    NoLockedMemory,
    /// It could not be read.
    #[error("the secret could not be read")]
    Read(#[from] io::Error),
}

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident, $characters:expr) => {
        $(#[$doc])*
        pub struct $name(Page);

        impl $name {
            /// Takes the secret over and wipes `bytes`, whether or not it is accepted.
            ///
            /// # Errors
            /// [`SecretError`] when it is empty, too long, has a character that it must not have, or
            /// the system has no locked memory to give.
            pub fn take(bytes: &mut [u8]) -> Result<Self, SecretError> {
                Page::take(bytes, $characters).map(Self)
            }

            /// Reads exactly `length` bytes straight into the locked page.
            ///
            /// # Errors
            /// As [`Self::take`], and when `from` ends early.
            pub fn read(from: &mut impl Read, length: usize) -> Result<Self, SecretError> {
                Page::read(from, length, $characters).map(Self)
            }

            /// Lends the characters to `use_it`; the page is unreadable again afterwards.
            pub fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
                self.0.expose(use_it)
            }

            /// How many bytes it has, 1 to [`LONGEST`].
            #[must_use]
            pub fn length(&self) -> usize {
                self.0.length()
            }
        }

        impl FromTyped for $name {
            fn of_line(line: Line) -> Result<Self, SecretError> {
                line.into_page($characters).map(Self)
            }
        }
    };
}

secret! {
    /// The number that the holder proves himself to the card with.
    Pin, Characters::Ascii
}
secret! {
    /// The number that unblocks a PIN.
    Puk, Characters::Ascii
}
secret! {
    /// The card access number, printed on the card: keeps strangers from its radio.
    Can, Characters::Ascii
}
secret! {
    /// Words that are sent to no card, in UTF-8: what opens the file of a practice card, the password
    /// for the telephone, the code of an application.
    Passphrase, Characters::Text
}
secret! {
    /// A key, as hexadecimal digits.
    HexKey, Characters::Ascii
}
