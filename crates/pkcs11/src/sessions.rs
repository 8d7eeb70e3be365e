//! Sessions and logins, PKCS#11 §5.6.

use std::ffi::c_void;
use std::time::Instant;

use cryptoki_sys::*;
use lichna_ipc::Request;

use crate::desk::Given;
use crate::error::Error;
use crate::ffi::{array, entry, give, takes};
use crate::mechanism;
use crate::module::{self, Module};
use crate::pin::typed;
use crate::world::Token;

/// C_OpenSession, §5.6.1. The token is not written to in any session, but programs that only read
/// open sessions for writing, so they get them. Nobody is called back: there is no thread to do so.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_OpenSession(
    slot: CK_SLOT_ID,
    flags: CK_FLAGS,
    _application: *mut c_void,
    _notify: CK_NOTIFY,
    session: *mut CK_SESSION_HANDLE,
) -> CK_RV {
    entry(|| {
        takes(session)?;
        let opened = module::with(|module| module.open(slot, flags))?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(session, opened) }
    })
}

/// C_CloseSession, §5.6.2.
#[unsafe(no_mangle)]
pub extern "C" fn C_CloseSession(session: CK_SESSION_HANDLE) -> CK_RV {
    entry(|| module::with(|module| module.close(session)))
}

/// C_CloseAllSessions, §5.6.3.
#[unsafe(no_mangle)]
pub extern "C" fn C_CloseAllSessions(slot: CK_SLOT_ID) -> CK_RV {
    entry(|| module::with(|module| module.close_all(slot)))
}

/// C_GetSessionInfo, §5.6.4.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetSessionInfo(
    session: CK_SESSION_HANDLE,
    info: *mut CK_SESSION_INFO,
) -> CK_RV {
    entry(|| {
        takes(info)?;
        let found = module::with(|module| module.session_info(session))?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(info, found) }
    })
}

/// C_Login, §5.6.8.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_Login(
    session: CK_SESSION_HANDLE,
    user: CK_USER_TYPE,
    pin: *mut CK_UTF8CHAR,
    length: CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let pin = unsafe { array(pin, length) }?;
        module::with(|module| module.login(session, user, pin))
    })
}

/// C_Logout, §5.6.10.
#[unsafe(no_mangle)]
pub extern "C" fn C_Logout(session: CK_SESSION_HANDLE) -> CK_RV {
    entry(|| {
        module::with(|module| {
            let (_, token) = module.session(session)?;
            if !token.desk.is_logged_in() {
                return Err(Error::UserNotLoggedIn);
            }
            token.desk.log_out();
            Ok(())
        })
    })
}

/// C_SessionCancel, PKCS#11 3.0 §5.6.5.
#[unsafe(no_mangle)]
pub extern "C" fn C_SessionCancel(session: CK_SESSION_HANDLE, flags: CK_FLAGS) -> CK_RV {
    entry(|| {
        module::with(|module| {
            let (session, _) = module.session(session)?;
            let mut operations = session.operations();
            if flags & CKF_FIND_OBJECTS != 0 {
                operations.search = None;
            }
            if flags & CKF_SIGN != 0 {
                operations.signing = None;
            }
            if flags & CKF_DIGEST != 0 {
                operations.digesting = None;
            }
            Ok(())
        })
    })
}

impl Module {
    fn open(&self, slot: CK_SLOT_ID, flags: CK_FLAGS) -> Result<CK_SESSION_HANDLE, Error> {
        if flags & CKF_SERIAL_SESSION == 0 {
            return Err(Error::SessionParallelNotSupported);
        }
        let world = self.link.look()?;
        self.link.ask_for_can(&world, slot);
        let token = world.token(slot)?;
        let writable = flags & CKF_RW_SESSION != 0;
        Ok(self.sessions.open(slot, token.life, writable))
    }

    fn close(&self, session: CK_SESSION_HANDLE) -> Result<(), Error> {
        let closed = self.sessions.close(session)?;
        self.forget_login(closed.slot, closed.life);
        Ok(())
    }

    fn close_all(&self, slot: CK_SLOT_ID) -> Result<(), Error> {
        let world = self.link.world();
        // It must be a slot; it may be empty.
        world.reader(slot)?;
        self.sessions.close_all(slot);
        if let Ok(token) = world.token(slot) {
            self.forget_login(slot, token.life);
        }
        Ok(())
    }

    /// A login ends with the last session.
    fn forget_login(&self, slot: CK_SLOT_ID, life: usize) {
        let world = self.link.world();
        let token = world.token(slot).ok();
        let last = token.filter(|token| token.life == life && token.info.login);
        if let Some(token) = last
            && self.sessions.count(life).0 == 0
        {
            token.desk.log_out();
        }
    }

    fn session_info(&self, handle: CK_SESSION_HANDLE) -> Result<CK_SESSION_INFO, Error> {
        let (session, token) = self.session_now(handle)?;
        let write = match session.writable {
            true => CKF_RW_SESSION,
            false => 0,
        };
        Ok(CK_SESSION_INFO {
            slotID: session.slot,
            state: match (token.desk.is_logged_in(), session.writable) {
                (false, false) => CKS_RO_PUBLIC_SESSION,
                (false, true) => CKS_RW_PUBLIC_SESSION,
                (true, false) => CKS_RO_USER_FUNCTIONS,
                (true, true) => CKS_RW_USER_FUNCTIONS,
            },
            flags: CKF_SERIAL_SESSION | write,
            ulDeviceError: 0,
        })
    }

    /// Only where the configuration lets programs take the PIN themselves.
    fn login(
        &self,
        session: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: &[u8],
    ) -> Result<(), Error> {
        let (session, token) = self.session_now(session)?;
        match user {
            CKU_USER | CKU_CONTEXT_SPECIFIC => {}
            // There is no security officer who could come this way.
            CKU_SO => return Err(Error::FunctionNotSupported),
            _ => return Err(Error::UserTypeInvalid),
        }
        if !token.info.login {
            return Err(Error::FunctionNotSupported);
        }
        let pin = typed(pin, &token.info.pin)?;
        if user == CKU_USER {
            if token.desk.is_logged_in() {
                return Err(Error::UserAlreadyLoggedIn);
            }
        } else if session.operations().signing.is_none() {
            return Err(Error::OperationNotInitialized);
        }
        self.ask_agent_for_login(&token, Given::new(pin, None))?;
        if let Some(begun) = &mut session.operations().signing {
            begun.confirmed = user == CKU_CONTEXT_SPECIFIC;
        }
        Ok(())
    }

    fn ask_agent_for_login(&self, token: &Token, mut given: Given) -> Result<(), Error> {
        let begun = Instant::now();
        let request = Request::TokenLogin {
            token: token.info.id.clone(),
        };
        let outcome = self.ask(token, request, &mut given);
        given.outcome(outcome)?;
        // What is granted for the signing key is the next signature's, which must be confirmed
        // anyway; whoever logged in stays so.
        let counts = !mechanism::asks_each_time(&token.info);
        let granted = given.granted.filter(|_| counts);
        token.desk.logged_in(granted, begun);
        Ok(())
    }
}
