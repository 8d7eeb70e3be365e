//! [`Pin`], [`Puk`], [`Can`], [`Passphrase`] and [`HexKey`], and the locked page of memory they live in.
//!
//! None of them can be printed, copied or serialised. The page is guarded on both sides, never
//! swapped, left out of core dumps, unreadable while nobody uses it, and wiped when it is dropped.

mod page;

use std::io::{self, Read};

use thiserror::Error;

pub use page::LONGEST;
use page::Page;

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
    /// A character that no card takes: a control character, or one outside ASCII.
    #[error("character {position} of the secret is not a printable ASCII character")]
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
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Page);

        impl $name {
            /// Takes the secret over and wipes `bytes`, whether or not it is accepted.
            ///
            /// # Errors
            /// [`SecretError`] when it is empty, too long, not printable ASCII, or the system
            /// has no locked memory to give.
            pub fn take(bytes: &mut [u8]) -> Result<Self, SecretError> {
                Page::take(bytes).map(Self)
            }

            /// Reads exactly `length` bytes straight into the locked page.
            ///
            /// # Errors
            /// As [`Self::take`], and when `from` ends early.
            pub fn read(from: &mut impl Read, length: usize) -> Result<Self, SecretError> {
                Page::read(from, length).map(Self)
            }

            /// Lends the characters to `use_it`; the page is unreadable again afterwards.
            pub fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
                self.0.expose(use_it)
            }

            /// How many characters it has, 1 to [`LONGEST`].
            #[must_use]
            pub fn length(&self) -> usize {
                self.0.length()
            }
        }
    };
}

secret! {
    /// The number that the holder proves himself to the card with.
    Pin
}
secret! {
    /// The number that unblocks a PIN.
    Puk
}
secret! {
    /// The card access number, printed on the card: keeps strangers from its radio.
    Can
}
secret! {
    /// The words that open the file of a practice card.
    Passphrase
}
secret! {
    /// A key, as hexadecimal digits.
    HexKey
}
