//! Objects: reading and finding them, PKCS#11 §5.7. All of it is answered from memory.

use cryptoki_sys::*;

use crate::error::Error;
use crate::ffi::{array, entry, give, given, several, takes, ulong};
use crate::module::{self, Module};
use crate::object::Attribute;

/// C_GetObjectSize, §5.7.4.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetObjectSize(
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    size: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        takes(size)?;
        let bytes = module::with(|module| {
            let (_, token) = module.session(session)?;
            Ok(token.object(object)?.size())
        })?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(size, ulong(bytes)) }
    })
}

/// C_GetAttributeValue, §5.7.5.
///
/// # Safety
/// As the standard says: `template` is null or good for reading and writing `count` attributes, and
/// each `pValue` in it for writing `ulValueLen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetAttributeValue(
    session: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    template: *mut CK_ATTRIBUTE,
    count: CK_ULONG,
) -> CK_RV {
    entry(|| {
        module::with(|module| {
            let (_, token) = module.session(session)?;
            let object = token.object(object)?;
            let mut outcome = Ok(());
            for at in 0..several(template.cast_const(), count)? {
                // SAFETY: the caller promises `count` attributes, so this stays among them.
                let to = unsafe { template.add(at) };
                // SAFETY: as above.
                let mut attribute = unsafe { given(to) }?;
                let room = (!attribute.pValue.is_null()).then_some(attribute.ulValueLen);
                // A length that no memory has, such as a call that failed leaves behind, is no room.
                let room = room.map(|room| isize::try_from(room).map_or(0, isize::unsigned_abs));
                let fit = object.fit(attribute.type_, room);
                if !fit.bytes.is_empty() {
                    let value = attribute.pValue.cast::<u8>();
                    // SAFETY: `pValue` is not null, and the caller promises that it takes
                    // `ulValueLen` bytes, which these are no more than; what is ours is not his.
                    unsafe { value.copy_from_nonoverlapping(fit.bytes.as_ptr(), fit.bytes.len()) };
                }
                attribute.ulValueLen = fit.length;
                // SAFETY: as above.
                unsafe { give(to, attribute) }?;
                // What is wrong with one does not keep the others from being read.
                outcome = outcome.and(fit.error.map_or(Ok(()), Err));
            }
            outcome
        })
    })
}

/// C_FindObjectsInit, §5.7.7.
///
/// # Safety
/// As the standard says: `template` is null or good for reading `count` attributes, and each
/// `pValue` in it for reading `ulValueLen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_FindObjectsInit(
    session: CK_SESSION_HANDLE,
    template: *mut CK_ATTRIBUTE,
    count: CK_ULONG,
) -> CK_RV {
    entry(|| {
        // SAFETY: the caller's promise is the same.
        let template = unsafe { array(template, count) }?;
        let wanted = template
            .iter()
            .map(|attribute| {
                let value = attribute.pValue.cast::<u8>().cast_const();
                // SAFETY: as above.
                let value = unsafe { array(value, attribute.ulValueLen) }?;
                Ok((attribute.type_, value))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        module::with(|module| module.find_init(session, &wanted))
    })
}

/// C_FindObjects, §5.7.8.
///
/// # Safety
/// As the standard says: `objects` is good for writing `most` handles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_FindObjects(
    session: CK_SESSION_HANDLE,
    objects: *mut CK_OBJECT_HANDLE,
    most: CK_ULONG,
    count: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        takes(count)?;
        if most > 0 {
            takes(objects)?;
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let found = module::with(|module| module.find(session, most))?;
        // SAFETY: `objects` is not null where there is anything to write, and the caller promises
        // that it takes `most`, which these are no more than.
        unsafe { objects.copy_from_nonoverlapping(found.as_ptr(), found.len()) };
        // SAFETY: the caller's promise is the same.
        unsafe { give(count, ulong(found.len())) }
    })
}

/// C_FindObjectsFinal, §5.7.9.
#[unsafe(no_mangle)]
pub extern "C" fn C_FindObjectsFinal(session: CK_SESSION_HANDLE) -> CK_RV {
    entry(|| {
        module::with(|module| {
            let (session, _) = module.session(session)?;
            let search = session.operations().search.take();
            search.map(drop).ok_or(Error::OperationNotInitialized)
        })
    })
}

impl Module {
    fn find_init(&self, session: CK_SESSION_HANDLE, wanted: &[Attribute<'_>]) -> Result<(), Error> {
        let world = self.link.look_for_tokens()?;
        let (session, token) = self.session_in(&world, session)?;
        if session.operations().search.is_some() {
            return Err(Error::OperationActive);
        }
        let found: Vec<CK_OBJECT_HANDLE> = token
            .objects()
            .filter(|(_, object)| object.matches(wanted))
            .map(|(handle, _)| handle)
            .collect();
        session.operations().search = Some(found.into_iter());
        Ok(())
    }

    fn find(
        &self,
        session: CK_SESSION_HANDLE,
        most: usize,
    ) -> Result<Vec<CK_OBJECT_HANDLE>, Error> {
        let (session, _) = self.session(session)?;
        let mut operations = session.operations();
        let search = operations.search.as_mut();
        let search = search.ok_or(Error::OperationNotInitialized)?;
        Ok(search.by_ref().take(most).collect())
    }
}
