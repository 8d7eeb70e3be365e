//! Digests, PKCS#11 §5.12: in this process, for nothing of them is secret. Java makes no PSS
//! signature with a token that does not name the hash as a mechanism.

use cryptoki_sys::*;

use crate::error::Error;
use crate::ffi::{array, entry, give_all, given, room};
use crate::mechanism::{Hasher, hash_alone};
use crate::module::{self, Module};

/// A digest that was begun.
#[derive(Debug)]
pub struct Digesting {
    hasher: Hasher,
    /// Pieces came: C_DigestFinal ends it, and nothing else.
    in_pieces: bool,
}

/// C_DigestInit, §5.12.1. Without a mechanism it ends what was begun, as 3.0 has it.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_DigestInit(
    session: CK_SESSION_HANDLE,
    mechanism: *mut CK_MECHANISM,
) -> CK_RV {
    entry(|| {
        if mechanism.is_null() {
            return module::with(|module| module.digest_cancel(session));
        }
        // SAFETY: the caller's promise is the same.
        let mechanism = unsafe { given(mechanism) }?;
        module::with(|module| module.digest_init(session, mechanism))
    })
}

/// C_Digest, §5.12.2.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_Digest(
    session: CK_SESSION_HANDLE,
    data: *mut CK_BYTE,
    data_length: CK_ULONG,
    digest: *mut CK_BYTE,
    length: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let (data, room) = unsafe { (array(data, data_length)?, room(digest, length)?) };
        let made = module::with(|module| module.digest(session, Some(data), room))?;
        // SAFETY: as above.
        unsafe { give_all(&made, digest, length) }
    })
}

/// C_DigestUpdate, §5.12.3.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_DigestUpdate(
    session: CK_SESSION_HANDLE,
    part: *mut CK_BYTE,
    length: CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let part = unsafe { array(part, length) }?;
        module::with(|module| module.digest_update(session, part))
    })
}

/// C_DigestFinal, §5.12.5.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_DigestFinal(
    session: CK_SESSION_HANDLE,
    digest: *mut CK_BYTE,
    length: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let room = unsafe { room(digest, length) }?;
        let made = module::with(|module| module.digest(session, None, room))?;
        // SAFETY: as above.
        unsafe { give_all(&made, digest, length) }
    })
}

impl Module {
    fn digest_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM,
    ) -> Result<(), Error> {
        let (session, _) = self.session(session)?;
        let hash = hash_alone(mechanism.mechanism).ok_or(Error::MechanismInvalid)?;
        if mechanism.ulParameterLen > 0 {
            return Err(Error::MechanismParamInvalid);
        }
        let mut operations = session.operations();
        if operations.digesting.is_some() {
            return Err(Error::OperationActive);
        }
        operations.digesting = Some(Digesting {
            hasher: Hasher::new(hash),
            in_pieces: false,
        });
        Ok(())
    }

    fn digest_cancel(&self, session: CK_SESSION_HANDLE) -> Result<(), Error> {
        let (session, _) = self.session(session)?;
        let begun = session.operations().digesting.take();
        begun.map(drop).ok_or(Error::ArgumentsBad)
    }

    fn digest_update(&self, session: CK_SESSION_HANDLE, part: &[u8]) -> Result<(), Error> {
        let (session, _) = self.session(session)?;
        let mut operations = session.operations();
        let begun = operations.digesting.as_mut();
        let begun = begun.ok_or(Error::OperationNotInitialized)?;
        begun.in_pieces = true;
        begun.hasher.update(part);
        Ok(())
    }

    /// The digest of `data`, or of what came in pieces where it is `None`. What was begun goes on
    /// where there is no room for it.
    fn digest(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        room: Option<usize>,
    ) -> Result<Vec<u8>, Error> {
        let (session, _) = self.session(session)?;
        let mut operations = session.operations();
        let begun = operations.digesting.as_ref();
        let begun = begun.ok_or(Error::OperationNotInitialized)?;
        if begun.in_pieces && data.is_some() {
            return Err(Error::OperationActive);
        }
        let mut hasher = begun.hasher.clone();
        hasher.update(data.unwrap_or_default());
        let (_, made) = hasher.finish();
        if room.is_some_and(|room| room >= made.len()) {
            operations.digesting = None;
        }
        Ok(made)
    }
}
