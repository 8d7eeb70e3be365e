//! The lists of functions that a program gets, and the interfaces that they are.

use std::cell::UnsafeCell;
use std::ffi::CStr;

use cryptoki_sys::*;

use crate::digests::*;
use crate::error::Error;
use crate::general::{self, *};
use crate::objects::*;
use crate::sessions::*;
use crate::signing::*;
use crate::slots::*;
use crate::unsupported::*;

macro_rules! lists {
    (both: $($both:ident)*; newer: $($newer:ident)*) => {
        /// The list of 2.40.
        pub static V2_40: CK_FUNCTION_LIST = CK_FUNCTION_LIST {
            version: general::V2_40,
            C_GetInfo: Some(C_GetInfo),
            $($both: Some($both),)*
        };
        /// The list of 3.0.
        pub static V3_0: CK_FUNCTION_LIST_3_0 = CK_FUNCTION_LIST_3_0 {
            version: general::V3_0,
            C_GetInfo: Some(get_info_3_0),
            $($both: Some($both),)*
            $($newer: Some($newer),)*
        };
        /// The names of all functions.
        #[cfg(test)]
        pub const NAMES: &[&str] =
            &["C_GetInfo", $(stringify!($both),)* $(stringify!($newer),)*];
    };
}

lists! {
    both:
        C_Initialize C_Finalize C_GetFunctionList
        C_GetSlotList C_GetSlotInfo C_GetTokenInfo C_GetMechanismList C_GetMechanismInfo
        C_InitToken C_InitPIN C_SetPIN C_WaitForSlotEvent
        C_OpenSession C_CloseSession C_CloseAllSessions C_GetSessionInfo
        C_GetOperationState C_SetOperationState C_Login C_Logout
        C_CreateObject C_CopyObject C_DestroyObject C_GetObjectSize
        C_GetAttributeValue C_SetAttributeValue
        C_FindObjectsInit C_FindObjects C_FindObjectsFinal
        C_EncryptInit C_Encrypt C_EncryptUpdate C_EncryptFinal
        C_DecryptInit C_Decrypt C_DecryptUpdate C_DecryptFinal
        C_DigestInit C_Digest C_DigestUpdate C_DigestKey C_DigestFinal
        C_SignInit C_Sign C_SignUpdate C_SignFinal C_SignRecoverInit C_SignRecover
        C_VerifyInit C_Verify C_VerifyUpdate C_VerifyFinal C_VerifyRecoverInit C_VerifyRecover
        C_DigestEncryptUpdate C_DecryptDigestUpdate C_SignEncryptUpdate C_DecryptVerifyUpdate
        C_GenerateKey C_GenerateKeyPair C_WrapKey C_UnwrapKey C_DeriveKey
        C_SeedRandom C_GenerateRandom C_GetFunctionStatus C_CancelFunction;
    newer:
        C_GetInterfaceList C_GetInterface C_LoginUser C_SessionCancel
        C_MessageEncryptInit C_EncryptMessage C_EncryptMessageBegin C_EncryptMessageNext
        C_MessageEncryptFinal
        C_MessageDecryptInit C_DecryptMessage C_DecryptMessageBegin C_DecryptMessageNext
        C_MessageDecryptFinal
        C_MessageSignInit C_SignMessage C_SignMessageBegin C_SignMessageNext C_MessageSignFinal
        C_MessageVerifyInit C_VerifyMessage C_VerifyMessageBegin C_VerifyMessageNext
        C_MessageVerifyFinal
}

/// The name of every standard interface.
const NAME: &CStr = c"PKCS 11";

/// The interfaces, the one that is given to whoever asks for none in particular first.
pub struct Interfaces(pub [CK_INTERFACE; 2]);

// SAFETY: the pointers in it are to statics that nobody writes.
unsafe impl Sync for Interfaces {}

/// All of them.
pub static INTERFACES: Interfaces = Interfaces([
    CK_INTERFACE {
        pInterfaceName: NAME.as_ptr().cast_mut().cast(),
        pFunctionList: (&raw const V3_0).cast_mut().cast(),
        flags: 0,
    },
    CK_INTERFACE {
        pInterfaceName: NAME.as_ptr().cast_mut().cast(),
        pFunctionList: (&raw const V2_40).cast_mut().cast(),
        flags: 0,
    },
]);

/// The same once more, for programs to point at, in memory that can be written: they are not to
/// write it, but OpenSC's pkcs11-spy (0.23) puts its own list into the interface that it gets.
struct Pointed(UnsafeCell<[CK_INTERFACE; 2]>);

// SAFETY: nobody here reads or writes what is in it; only its address is given away.
unsafe impl Sync for Pointed {}

static POINTED: Pointed = Pointed(UnsafeCell::new(INTERFACES.0));

/// The interface of this name, version and flags; of any where it is `None`.
///
/// # Errors
/// [`Error::NoSuchInterface`].
pub fn interface(
    name: Option<&CStr>,
    version: Option<CK_VERSION>,
    flags: CK_FLAGS,
) -> Result<*mut CK_INTERFACE, Error> {
    let named = name.is_none_or(|name| name == NAME);
    let same = |ours: CK_VERSION| {
        version.is_none_or(|asked| asked.major == ours.major && asked.minor == ours.minor)
    };
    let versions = [V3_0.version, V2_40.version];
    let index = INTERFACES
        .0
        .iter()
        .zip(versions)
        .position(|(interface, version)| named && same(version) && flags & !interface.flags == 0)
        .ok_or(Error::NoSuchInterface)?;
    let first: *mut CK_INTERFACE = POINTED.0.get().cast();
    Ok(first.wrapping_add(index))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::ptr::null_mut;

    use super::*;

    /// The rows of the written list: functions, and whether they are said to do nothing.
    fn rows() -> Vec<(&'static str, bool)> {
        let list = include_str!("../../../docs/pkcs11.md");
        let rows = list.lines().filter_map(|line| {
            let row = line.strip_prefix("| C_")?;
            let start = line.len() - row.len() - "C_".len();
            let (name, does) = line.get(start..)?.split_once(" | ")?;
            Some((name, does.starts_with("not supported")))
        });
        rows.collect()
    }

    // Req C.3
    #[test]
    fn the_written_list_has_every_function_once() {
        let rows = rows();
        let written: BTreeSet<&str> = rows.iter().map(|(name, _)| *name).collect();
        assert_eq!(written.len(), rows.len(), "one stands there twice");
        assert_eq!(written, NAMES.iter().copied().collect());
    }

    // Req C.3
    #[test]
    fn the_written_list_says_what_is_not_supported() {
        let said = rows().into_iter().filter(|(_, not)| *not);
        let said: BTreeSet<&str> = said.map(|(name, _)| name).collect();
        let is: BTreeSet<&str> = crate::unsupported::NAMES.iter().copied().collect();
        assert_eq!(said, is);
        for other in [crate::unsupported::RANDOM, crate::unsupported::RELICS].concat() {
            assert!(!said.contains(other));
        }
    }

    #[test]
    fn interfaces_are_found_by_name_and_version() {
        let version = |major, minor| Some(CK_VERSION { major, minor });
        let newest = interface(None, None, 0).unwrap();
        assert_eq!(interface(Some(NAME), version(3, 0), 0).unwrap(), newest);
        let older = interface(Some(NAME), version(2, 40), 0).unwrap();
        assert_ne!(older, newest);
        assert_ne!(older, null_mut());
        for (name, version, flags) in [
            (Some(c"PKCS 12"), None, 0),
            (Some(c""), None, 0),
            (None, version(3, 1), 0),
            (None, version(2, 20), 0),
            (None, None, CKF_INTERFACE_FORK_SAFE),
        ] {
            assert!(interface(name, version, flags).is_err(), "{name:?}");
        }
    }
}
