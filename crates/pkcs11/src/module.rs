//! The module between C_Initialize and C_Finalize, in one process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use cryptoki_sys::CK_SESSION_HANDLE;
use lichna_ipc::{Dialogue, Reply, Request};

use crate::error::Error;
use crate::link::Link;
use crate::session::{Session, Sessions};
use crate::world::{Token, World};

/// The one there is. A fork copies it, which is why it is behind no lock, and why it knows whose
/// it is.
static CURRENT: ArcSwapOption<Module> = ArcSwapOption::const_empty();

/// How long a call may take in which a person must act.
const PATIENT: Duration = Duration::from_secs(45);

/// The module.
#[derive(Debug)]
pub struct Module {
    /// Of this process, and of no child of it.
    process: u32,
    /// What the agent says.
    pub link: Link,
    /// What the program opened.
    pub sessions: Sessions,
}

/// Begins.
///
/// # Errors
/// [`Error::AlreadyInitialized`].
pub fn begin() -> Result<(), Error> {
    let there = CURRENT.load();
    if there.as_ref().is_some_and(|module| module.is_ours()) {
        return Err(Error::AlreadyInitialized);
    }
    let module = Arc::new(Module {
        process: std::process::id(),
        link: Link::new(),
        sessions: Sessions::default(),
    });
    // What a parent process left is thrown away; of two threads that begin, one does.
    let before = CURRENT.compare_and_swap(&there, Some(Arc::clone(&module)));
    let swapped = match (&*before, &*there) {
        (None, None) => true,
        (Some(before), Some(there)) => Arc::ptr_eq(before, there),
        _ => false,
    };
    if !swapped {
        return Err(Error::AlreadyInitialized);
    }
    module.link.begin();
    Ok(())
}

/// Ends. Calls of other threads that wait return.
///
/// # Errors
/// [`Error::NotInitialized`].
pub fn end() -> Result<(), Error> {
    let module = current()?;
    let before = CURRENT.compare_and_swap(&module, None);
    if !before.as_ref().is_some_and(|it| Arc::ptr_eq(it, &module)) {
        return Err(Error::NotInitialized);
    }
    module.link.end();
    Ok(())
}

/// Does something with the module.
///
/// # Errors
/// [`Error::NotInitialized`], also where it ended meanwhile; else that of `call`.
pub fn with<T>(call: impl FnOnce(&Module) -> Result<T, Error>) -> Result<T, Error> {
    let module = current()?;
    call(&module).map_err(|error| match error {
        _ if module.link.has_ended() => Error::NotInitialized,
        error => error,
    })
}

fn current() -> Result<Arc<Module>, Error> {
    CURRENT
        .load_full()
        .filter(|module| module.is_ours())
        .ok_or(Error::NotInitialized)
}

impl Module {
    fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }

    /// A session, and its token as it was at the last look.
    ///
    /// # Errors
    /// [`Error::SessionHandleInvalid`]; [`Error::DeviceRemoved`], once, where its token is gone.
    pub fn session(&self, handle: CK_SESSION_HANDLE) -> Result<(Arc<Session>, Arc<Token>), Error> {
        self.session_in(&self.link.world(), handle)
    }

    /// A session, and its token as it is now.
    ///
    /// # Errors
    /// As [`Module::session`].
    pub fn session_now(
        &self,
        handle: CK_SESSION_HANDLE,
    ) -> Result<(Arc<Session>, Arc<Token>), Error> {
        self.session_in(&*self.link.look()?, handle)
    }

    /// Asks the agent for something that a person must agree to.
    ///
    /// # Errors
    /// As [`crate::desk::Desk::call`].
    pub fn ask(
        &self,
        token: &Token,
        request: Request,
        dialogue: &mut dyn Dialogue,
    ) -> Result<Reply, Error> {
        let end = Instant::now() + PATIENT;
        let reply = token.desk.call(self.link.home()?, request, dialogue, end);
        if matches!(reply, Err(Error::DeviceRemoved)) {
            self.link.look_after_loss();
        }
        reply
    }

    /// A session, and its token in `world`.
    ///
    /// # Errors
    /// As [`Module::session`].
    pub fn session_in(
        &self,
        world: &World,
        handle: CK_SESSION_HANDLE,
    ) -> Result<(Arc<Session>, Arc<Token>), Error> {
        let session = self.sessions.find(handle)?;
        match world.token(session.slot) {
            Ok(token) if token.life == session.life => Ok((session, Arc::clone(token))),
            _ => {
                // The standard closes the sessions of a token that goes.
                let _ = self.sessions.close(handle);
                Err(Error::DeviceRemoved)
            }
        }
    }
}
