//! Signatures, PKCS#11 §5.13. What is asked of the card is asked in C_Sign and C_SignFinal, once
//! there is a buffer that the signature fits into.

use cryptoki_sys::*;
use lichna_ipc::{Failure, Reply, Request, SignRequest};

use crate::desk::Nobody;
use crate::error::Error;
use crate::ffi::{array, entry, give, give_all, given, room, ulong};
use crate::mechanism::{self, PssParameters, Signing};
use crate::module::{self, Module};
use crate::session::Begun;
use crate::world::Token;

/// C_SignInit, §5.13.1. Without a mechanism it ends what was begun, as 3.0 has it.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_SignInit(
    session: CK_SESSION_HANDLE,
    mechanism: *mut CK_MECHANISM,
    key: CK_OBJECT_HANDLE,
) -> CK_RV {
    entry(|| {
        if mechanism.is_null() {
            return module::with(|module| module.sign_cancel(session));
        }
        // SAFETY: the caller's promise is the same.
        let mechanism = unsafe { given(mechanism) }?;
        // SAFETY: the caller promises that a mechanism's parameters are as long as it says.
        let pss = unsafe { parameters(&mechanism) }?;
        module::with(|module| module.sign_init(session, mechanism.mechanism, pss, key))
    })
}

/// C_Sign, §5.13.2.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_Sign(
    session: CK_SESSION_HANDLE,
    data: *mut CK_BYTE,
    data_length: CK_ULONG,
    signature: *mut CK_BYTE,
    length: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let (data, room) = unsafe { (array(data, data_length)?, room(signature, length)?) };
        let signed = module::with(|module| module.sign(session, Some(data), room))?;
        // SAFETY: as above.
        unsafe { signed.give(signature, length) }
    })
}

/// C_SignUpdate, §5.13.3.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_SignUpdate(
    session: CK_SESSION_HANDLE,
    part: *mut CK_BYTE,
    length: CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let part = unsafe { array(part, length) }?;
        module::with(|module| module.sign_update(session, part))
    })
}

/// C_SignFinal, §5.13.4.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_SignFinal(
    session: CK_SESSION_HANDLE,
    signature: *mut CK_BYTE,
    length: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let room = unsafe { room(signature, length) }?;
        let signed = module::with(|module| module.sign(session, None, room))?;
        // SAFETY: as above.
        unsafe { signed.give(signature, length) }
    })
}

/// The parameters of a mechanism that has any.
///
/// # Safety
/// Its `pParameter` is null or good for reading `ulParameterLen` bytes.
unsafe fn parameters(mechanism: &CK_MECHANISM) -> Result<Option<PssParameters>, Error> {
    let wanted = Signing::wants_parameters(mechanism.mechanism);
    if !wanted && mechanism.ulParameterLen > 0 {
        return Err(Error::MechanismParamInvalid);
    }
    if !wanted || mechanism.pParameter.is_null() {
        return Ok(None);
    }
    if mechanism.ulParameterLen != ulong(size_of::<CK_RSA_PKCS_PSS_PARAMS>()) {
        return Err(Error::MechanismParamInvalid);
    }
    let parameters = mechanism.pParameter.cast::<CK_RSA_PKCS_PSS_PARAMS>();
    // SAFETY: it is not null, and the caller promises as many bytes as these have.
    let parameters = unsafe { given(parameters) }?;
    Ok(Some(PssParameters {
        hash: parameters.hashAlg,
        mgf: parameters.mgf,
        salt: parameters.sLen,
    }))
}

/// What a call for a signature came to.
enum Signed {
    /// No signature: it will have so many bytes, and the caller wanted to know, or has no room.
    Length(usize),
    /// It.
    Signature(Vec<u8>),
}

impl Signed {
    /// # Safety
    /// As [`give_all`].
    unsafe fn give(self, to: *mut CK_BYTE, length: *mut CK_ULONG) -> Result<(), Error> {
        match self {
            // SAFETY: the caller's promise is the same.
            Self::Signature(bytes) => unsafe { give_all(&bytes, to, length) },
            Self::Length(bytes) => {
                // SAFETY: as above.
                unsafe { give(length, ulong(bytes)) }?;
                match to.is_null() {
                    true => Ok(()),
                    false => Err(Error::BufferTooSmall),
                }
            }
        }
    }
}

impl Module {
    fn sign_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_TYPE,
        pss: Option<PssParameters>,
        key: CK_OBJECT_HANDLE,
    ) -> Result<(), Error> {
        let (session, token) = self.session_now(session)?;
        if session.operations().signing.is_some() {
            return Err(Error::OperationActive);
        }
        token.private_key(key)?;
        let signing = Signing::begin(&token.info, mechanism, pss)?;
        session.operations().signing = Some(Begun {
            signing,
            in_pieces: false,
            confirmed: false,
        });
        Ok(())
    }

    fn sign_cancel(&self, session: CK_SESSION_HANDLE) -> Result<(), Error> {
        let (session, _) = self.session(session)?;
        let begun = session.operations().signing.take();
        begun.map(drop).ok_or(Error::ArgumentsBad)
    }

    fn sign_update(&self, session: CK_SESSION_HANDLE, part: &[u8]) -> Result<(), Error> {
        let (session, _) = self.session(session)?;
        let mut operations = session.operations();
        let begun = operations.signing.as_mut();
        let begun = begun.ok_or(Error::OperationNotInitialized)?;
        begun.in_pieces = true;
        let updated = begun.signing.update(part);
        if updated.is_err() {
            operations.signing = None;
        }
        updated
    }

    /// Signs `data`, or what came in pieces where it is `None`.
    fn sign(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        room: Option<usize>,
    ) -> Result<Signed, Error> {
        let (session, token) = self.session(session)?;
        let length = mechanism::signature_length(&token.info.key);
        let mut operations = session.operations();
        let begun = operations.signing.as_ref();
        let begun = begun.ok_or(Error::OperationNotInitialized)?;
        if begun.in_pieces && data.is_some() {
            return Err(Error::OperationActive);
        }
        if room.is_none_or(|room| room < length) {
            return Ok(Signed::Length(length));
        }
        let begun = operations.signing.take();
        // Others may use the session while the holder is asked.
        drop(operations);
        let begun = begun.ok_or(Error::OperationNotInitialized)?;
        let signature = self.ask_agent_for_signature(&token, begun, data)?;
        match signature.len() == length {
            true => Ok(Signed::Signature(signature)),
            false => Err(Error::General),
        }
    }

    fn ask_agent_for_signature(
        &self,
        token: &Token,
        begun: Begun,
        data: Option<&[u8]>,
    ) -> Result<Vec<u8>, Error> {
        let classic = token.info.login;
        let each_time = mechanism::asks_each_time(&token.info);
        if classic && (!token.is_open() || each_time && !begun.confirmed) {
            return Err(Error::UserNotLoggedIn);
        }
        let mechanism = begun.signing.mechanism;
        let input = begun
            .signing
            .finish(data.unwrap_or_default(), &token.info.key)?;
        let request = Request::TokenSign(SignRequest {
            token: token.info.id.clone(),
            mechanism,
            input,
        });
        match self.ask(token, request, &mut Nobody) {
            Ok(Reply::Signature { signature }) => {
                token.desk.signed();
                Ok(signature)
            }
            Ok(_) => Err(Error::General),
            Err(Error::Agent(failure)) => {
                if *failure == Failure::NotLoggedIn && !each_time {
                    token.desk.log_out();
                }
                Err(Error::Agent(failure))
            }
            Err(error) => Err(error),
        }
    }
}
