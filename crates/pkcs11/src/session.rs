//! Sessions: what a program opened with a token, and what it has begun there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CK_SLOT_ID};

use crate::digests::Digesting;
use crate::error::Error;
use crate::ffi::ulong;
use crate::mechanism::Signing;

/// Handles of sessions, never used twice in a process.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// A session.
#[derive(Debug)]
pub struct Session {
    /// Where its token was.
    pub slot: CK_SLOT_ID,
    /// Which token: [`crate::world::Token::life`].
    pub life: usize,
    /// Opened for reading and writing.
    pub writable: bool,
    operations: Mutex<Operations>,
}

/// What was begun in a session.
#[derive(Debug, Default)]
pub struct Operations {
    /// What C_FindObjects has still to give.
    pub search: Option<std::vec::IntoIter<CK_OBJECT_HANDLE>>,
    /// A signature.
    pub signing: Option<Begun>,
    /// A digest.
    pub digesting: Option<Digesting>,
}

/// A signature that was begun.
#[derive(Debug)]
pub struct Begun {
    /// By what, and what came so far.
    pub signing: Signing,
    /// Pieces came: C_SignFinal ends it, and nothing else.
    pub in_pieces: bool,
    /// The user logged in for this signature (CKU_CONTEXT_SPECIFIC).
    pub confirmed: bool,
}

impl Session {
    /// What was begun. Not held while the agent is asked.
    pub fn operations(&self) -> MutexGuard<'_, Operations> {
        let operations = self.operations.lock();
        operations.unwrap_or_else(PoisonError::into_inner)
    }
}

/// All sessions.
#[derive(Debug, Default)]
pub struct Sessions(RwLock<HashMap<CK_SESSION_HANDLE, Arc<Session>>>);

type Map = HashMap<CK_SESSION_HANDLE, Arc<Session>>;

impl Sessions {
    /// Opens one.
    pub fn open(&self, slot: CK_SLOT_ID, life: usize, writable: bool) -> CK_SESSION_HANDLE {
        let handle = ulong(NEXT.fetch_add(1, Ordering::Relaxed));
        let session = Arc::new(Session {
            slot,
            life,
            writable,
            operations: Mutex::default(),
        });
        self.change(|map| {
            // Those of a card that is gone go, too, so that their number has a bound.
            map.retain(|_, other| other.slot != slot || other.life == life);
            map.insert(handle, session);
        });
        handle
    }

    /// One that is open.
    ///
    /// # Errors
    /// [`Error::SessionHandleInvalid`].
    pub fn find(&self, handle: CK_SESSION_HANDLE) -> Result<Arc<Session>, Error> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&handle)
            .map(Arc::clone)
            .ok_or(Error::SessionHandleInvalid)
    }

    /// Closes one.
    ///
    /// # Errors
    /// [`Error::SessionHandleInvalid`].
    pub fn close(&self, handle: CK_SESSION_HANDLE) -> Result<Arc<Session>, Error> {
        let closed = self.change(|map| map.remove(&handle));
        closed.ok_or(Error::SessionHandleInvalid)
    }

    /// Closes all of a slot.
    pub fn close_all(&self, slot: CK_SLOT_ID) {
        self.change(|map| map.retain(|_, session| session.slot != slot));
    }

    /// How many a token has: all, and those for writing.
    #[must_use]
    pub fn count(&self, life: usize) -> (usize, usize) {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let of_token = || map.values().filter(|session| session.life == life);
        let writable = of_token().filter(|session| session.writable).count();
        (of_token().count(), writable)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Map) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}
