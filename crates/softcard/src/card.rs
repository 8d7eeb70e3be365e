//! A practice card in the hand: made, opened, put in.

use std::path::Path;

use lichna_pace::{PaceInfo, PrivateKey};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::envelope::{Envelope, Labels};
use crate::state::{Contactless, State};
use crate::store::{self, FileStore, Store};
use crate::{Face, Header, Inserted, Lock, Making, SoftCardError};

/// A practice card that is in no reader. This process alone has it.
pub struct SoftCard {
    pub(crate) state: State,
    envelope: Envelope,
    store: Box<dyn Store>,
}

/// The card could not write down what changed. Nothing did.
pub(crate) struct NotWritten;

impl SoftCard {
    /// Makes a new card, whose file is at `path` from then on.
    ///
    /// # Errors
    /// [`SoftCardError::AlreadyThere`], [`SoftCardError::NotMakeable`] for a value that does not
    /// do, and what the file system and the random number generator refuse.
    pub fn make(path: &Path, making: &Making, lock: &Lock) -> Result<Self, SoftCardError> {
        making.check()?;
        let store = FileStore::take(path)?;
        if store.is_there() {
            return Err(SoftCardError::AlreadyThere);
        }
        Self::make_in(Box::new(store), making, lock)
    }

    pub(crate) fn make_in(
        store: Box<dyn Store>,
        making: &Making,
        lock: &Lock,
    ) -> Result<Self, SoftCardError> {
        let made_at = OffsetDateTime::now_utc();
        let (contactless, country_anchor) = Contactless::make(making, made_at)?;
        let labels = Labels {
            number: making.number.clone(),
            label: making.label.clone(),
            made_at,
            country_anchor,
        };
        let mut card = Self {
            state: State::new(making, contactless),
            envelope: Envelope::new(labels, lock)?,
            store,
        };
        let file = card.envelope.close(&card.state.write()?)?;
        card.store
            .replace(&file)
            .map_err(SoftCardError::file("write"))?;
        Ok(card)
    }

    /// Opens the card at `path`.
    ///
    /// # Errors
    /// [`SoftCardError::InUse`] while another has it, [`SoftCardError::WrongLock`], and what is
    /// wrong with the file.
    pub fn open(path: &Path, lock: &Lock) -> Result<Self, SoftCardError> {
        // First, or the lock file of a card that is not there would be made.
        Self::header_of(path)?;
        let store = FileStore::take(path)?;
        let file = store.read()?;
        Self::open_in(Box::new(store), &file, lock)
    }

    pub(crate) fn open_in(
        store: Box<dyn Store>,
        file: &[u8],
        lock: &Lock,
    ) -> Result<Self, SoftCardError> {
        let (envelope, state) = Envelope::open(file, lock)?;
        Ok(Self {
            state: State::read(&state)?,
            envelope,
            store,
        })
    }

    /// What the file at `path` says of its card without being opened; also while it is in use.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn header_of(path: &Path) -> Result<Header, SoftCardError> {
        Envelope::header_of(&store::read(path)?)
    }

    /// What the file says of this card without being opened.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.envelope.header()
    }

    /// The key that whoever personalises the card knows.
    #[must_use]
    pub fn administrator_key(&self) -> Zeroizing<[u8; 32]> {
        self.state.administrator_key.clone()
    }

    /// The PACE that the card speaks.
    pub(crate) const fn pace_info(&self) -> PaceInfo {
        PaceInfo::new(
            self.state.contactless.curve.0,
            self.state.contactless.cipher.0,
        )
    }

    /// The static key of Chip Authentication.
    pub(crate) fn chip_key(&self) -> Option<PrivateKey> {
        let Contactless {
            curve, chip_key, ..
        } = &self.state.contactless;
        PrivateKey::from_bytes(curve.0, chip_key)
    }

    /// Puts the card into a reader with this face.
    #[must_use]
    pub fn insert(self, face: Face) -> Inserted {
        Inserted::new(self, face)
    }

    /// Changes the state, and returns when the change is written down; else nothing changed.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut State)) -> Result<(), NotWritten> {
        let mut state = self.state.clone();
        change(&mut state);
        let bytes = state.write().map_err(|_| NotWritten)?;
        let file = self.envelope.close(&bytes).map_err(|_| NotWritten)?;
        self.store.replace(&file).map_err(|_| NotWritten)?;
        self.state = state;
        Ok(())
    }
}

/// Deletes the card at `path`, with all its keys. No lock is needed for that.
///
/// # Errors
/// [`SoftCardError::InUse`] while another has it; [`SoftCardError::NotACard`] when the file is
/// something else, which stays; what the file system refuses.
pub fn delete(path: &Path) -> Result<(), SoftCardError> {
    SoftCard::header_of(path)?;
    FileStore::take(path)?.delete()
}
