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
