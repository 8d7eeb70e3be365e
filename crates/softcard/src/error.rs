//! Why there is no card to put in.

use std::io;

use thiserror::Error;

use crate::LockKind;

/// Why a practice card cannot be made, opened or deleted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SoftCardError {
    /// A file is there already; no card is ever written over.
    #[error("there is a file already")]
    AlreadyThere,
    /// Another process, or another part of this one, has the card.
    #[error("the practice card is in use")]
    InUse,
    /// The file is something else.
    #[error("the file is not a practice card: {what}")]
    NotACard {
        /// What is missing or wrong.
        what: &'static str,
    },
    /// A later version of this program wrote the file.
    #[error("the practice card is of version {version}, this program reads up to {known}")]
    LaterVersion {
        /// The version in the file.
        version: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// The card was made with the other kind of lock.
    #[error("the practice card is locked with {made_with}")]
    OtherLock {
        /// The kind that it was made with.
        made_with: LockKind,
    },
    /// The key or the passphrase is not this card's.
    #[error("the key or the passphrase does not open the practice card")]
    WrongLock,
    /// The lock opens, but what it guards was changed or cut off.
    #[error("the file of the practice card is damaged")]
    Damaged,
    /// A value that no card can be made with.
    #[error("no card can be made with this {field}: {what}")]
    NotMakeable {
        /// Which value.
        field: &'static str,
        /// What is asked of it.
        what: &'static str,
    },
    /// The system gave no random numbers, or the key derivation no memory.
    #[error("the system gave no {what}")]
    NoResources {
        /// What was asked for.
        what: &'static str,
    },
    /// The file system refused.
    #[error("cannot {action} the practice card")]
    File {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl SoftCardError {
    /// For `map_err`: the file system refused to do this.
    pub(crate) fn file(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { action, source }
    }
}
