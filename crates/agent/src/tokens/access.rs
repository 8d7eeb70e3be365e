//! What one connection has to do with one key.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lichna_ipc::TokenId;
use tokio::{sync::OwnedMutexGuard, task::AbortHandle};

use super::grant::{Grant, Lent};

/// After the holder said no, nothing of the same connection and key is asked for so long.
const QUIET: Duration = Duration::from_secs(2);
/// For so long the same input stays refused: a program that tries a handshake again makes another.
const REFUSED: Duration = Duration::from_secs(60);
/// Keys that one connection may have something to do with, before those it has done with are left
/// out.
const MOST_KEYS: usize = 16;

/// What one connection has to do with the keys that it used. It ends with the connection.
#[derive(Default)]
pub struct Accesses(Mutex<HashMap<TokenId, Arc<Access>>>);

impl Accesses {
    /// With this key, which there is.
    pub fn to(&self, key: &TokenId) -> Arc<Access> {
        let mut all = self.all();
        if all.len() >= MOST_KEYS {
            // The insertions before this one are over.
            all.retain(|_, access| Arc::strong_count(access) > 1 || access.is_granted());
        }
        Arc::clone(all.entry(key.clone()).or_default())
    }

    /// The connection has ended, and with it whatever it was granted.
    pub fn end(&self) {
        for (_, access) in self.all().drain() {
            access.end();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<TokenId, Arc<Access>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one connection has to do with one key.
#[derive(Default)]
pub struct Access {
    /// Whoever has it may have the holder asked.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    granted: Option<Grant>,
    refused: Option<Refused>,
}

/// What the holder said no to.
struct Refused {
    input: Vec<u8>,
    at: Instant,
}

impl Access {
    /// Waits until no other request of this connection for this key has the holder asked.
    pub async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// One signature of what was granted.
    pub fn lend(&self) -> Option<Lent> {
        let mut state = self.state();
        let (lent, is_over) = state.granted.as_mut()?.lend();
        if is_over || lent.as_ref().is_some_and(|lent| lent.last) {
            state.granted = None;
        }
        lent
    }

    /// Something is granted.
    pub fn is_granted(&self) -> bool {
        let state = self.state();
        state.granted.as_ref().is_some_and(|one| !one.is_over())
    }

    /// From now on this is granted, and nothing else.
    pub fn grant(&self, grant: Grant) {
        let before = self.state().granted.replace(grant);
        drop(before);
    }

    /// What is granted ends when this task does; and the task with it.
    pub fn guarded_by(&self, guard: AbortHandle) {
        match &mut self.state().granted {
            Some(grant) => grant.guarded_by(guard),
            // It has ended already.
            None => guard.abort(),
        }
    }

    /// Nothing is granted any more; whether anything was.
    pub fn end(&self) -> bool {
        let before = self.state().granted.take();
        before.is_some_and(|grant| !grant.is_over())
    }

    /// The holder said no to this input.
    pub fn refuse(&self, input: &[u8]) {
        self.state().refused = Some(Refused {
            input: input.to_vec(),
            at: Instant::now(),
        });
    }

    /// Whether the holder is not asked for this input, which came at that moment: he refused it, or
    /// what was asked while it waited, or something else an instant ago.
    pub fn refuses(&self, input: &[u8], came: Instant) -> bool {
        let state = self.state();
        state.refused.as_ref().is_some_and(|refused| {
            let since = refused.at.elapsed();
            came <= refused.at || since < QUIET || (since < REFUSED && refused.input == input)
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Req C.3
    #[test]
    fn no_is_said_once_for_one_handshake() {
        let access = Access::default();
        let before = Instant::now();
        assert!(!access.refuses(b"one", before));
        access.refuse(b"one");
        // Waited already; anything an instant after; the same much later.
        assert!(access.refuses(b"other", before));
        assert!(access.refuses(b"other", Instant::now()));
        let Some(at) = before.checked_sub(QUIET) else {
            return;
        };
        access.state().refused = Some(Refused {
            input: b"one".to_vec(),
            at,
        });
        assert!(access.refuses(b"one", Instant::now()));
        assert!(!access.refuses(b"other", Instant::now()));
    }
}
