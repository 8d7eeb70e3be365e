//! General purpose functions, PKCS#11 §5.4.

use std::ffi::{CStr, c_void};

use cryptoki_sys::*;

use crate::error::Error;
use crate::ffi::{entry, give, give_all, given, padded, takes};
use crate::{functions, module};

/// Who made the module.
pub const MANUFACTURER: &str = "Lichna";
const DESCRIPTION: &str = "Lichna PKCS#11";

/// Version of the module, as far as two numbers tell it.
pub const LIBRARY: CK_VERSION = CK_VERSION { major: 0, minor: 1 };
/// Versions of the standard.
pub const V2_40: CK_VERSION = CK_VERSION {
    major: 2,
    minor: 40,
};
/// The newer one.
pub const V3_0: CK_VERSION = CK_VERSION { major: 3, minor: 0 };

/// C_Initialize, §5.4.1.
///
/// # Safety
/// As the standard says: `arguments` is null or points to CK_C_INITIALIZE_ARGS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_Initialize(arguments: *mut c_void) -> CK_RV {
    entry(|| {
        if !arguments.is_null() {
            // SAFETY: it is not null, so the caller promises that it points to these.
            let arguments = unsafe { given(arguments.cast::<CK_C_INITIALIZE_ARGS>()) }?;
            check(&arguments)?;
        }
        module::begin()
    })
}

/// The module makes no thread, and locks as the system does, which is good for any caller. All
/// that can be wrong is that he contradicts himself.
fn check(arguments: &CK_C_INITIALIZE_ARGS) -> Result<(), Error> {
    let given = [
        arguments.CreateMutex.is_some(),
        arguments.DestroyMutex.is_some(),
        arguments.LockMutex.is_some(),
        arguments.UnlockMutex.is_some(),
    ];
    let all_or_none = given.iter().all(|one| *one) || !given.contains(&true);
    if !arguments.pReserved.is_null() || !all_or_none {
        return Err(Error::ArgumentsBad);
    }
    Ok(())
}

/// C_Finalize, §5.4.2.
#[unsafe(no_mangle)]
pub extern "C" fn C_Finalize(reserved: *mut c_void) -> CK_RV {
    entry(|| {
        if !reserved.is_null() {
            return Err(Error::ArgumentsBad);
        }
        module::end()
    })
}

/// C_GetInfo, §5.4.3, of the list of 2.40.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetInfo(info: *mut CK_INFO) -> CK_RV {
    // SAFETY: the caller's promise is the same.
    entry(|| module::with(|_| unsafe { give(info, information(V2_40)) }))
}

/// C_GetInfo of the list of 3.0.
///
/// # Safety
/// As the standard says.
pub unsafe extern "C" fn get_info_3_0(info: *mut CK_INFO) -> CK_RV {
    // SAFETY: the caller's promise is the same.
    entry(|| module::with(|_| unsafe { give(info, information(V3_0)) }))
}

fn information(standard: CK_VERSION) -> CK_INFO {
    CK_INFO {
        cryptokiVersion: standard,
        manufacturerID: padded(MANUFACTURER),
        flags: 0,
        libraryDescription: padded(DESCRIPTION),
        libraryVersion: LIBRARY,
    }
}

/// C_GetFunctionList, §5.4.4.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: *mut *mut CK_FUNCTION_LIST) -> CK_RV {
    // SAFETY: the caller's promise is the same. He reads the list and does not write it.
    entry(|| unsafe { give(list, (&raw const functions::V2_40).cast_mut()) })
}

/// C_GetInterfaceList, §5.4.5.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetInterfaceList(
    list: *mut CK_INTERFACE,
    count: *mut CK_ULONG,
) -> CK_RV {
    // SAFETY: the caller's promise is the same.
    entry(|| unsafe { give_all(&functions::INTERFACES.0, list, count) })
}

/// C_GetInterface, §5.4.6.
///
/// # Safety
/// As the standard says: `name` is null or ends with a NUL, `version` is null or good for reading.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetInterface(
    name: *mut CK_UTF8CHAR,
    version: *mut CK_VERSION,
    interface: *mut *mut CK_INTERFACE,
    flags: CK_FLAGS,
) -> CK_RV {
    entry(|| {
        takes(interface)?;
        // SAFETY: the caller promises that it ends with a NUL.
        let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name.cast()) });
        let version = match version.is_null() {
            true => None,
            // SAFETY: it is not null, so the caller promises that it can be read.
            false => Some(unsafe { given(version) }?),
        };
        let found = functions::interface(name, version, flags)?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(interface, found) }
    })
}
