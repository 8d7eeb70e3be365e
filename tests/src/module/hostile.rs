//! Every function of the standard by its declaration, so that each can be called with arguments of
//! which any is wrong.

use std::ffi::c_void;
use std::fmt;
use std::mem::transmute;

use cryptoki_sys::{CK_FUNCTION_LIST, CK_RV, CK_ULONG};

use super::{Module, Rv};

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A slot.
    Slot,
    /// A session.
    Session,
    /// An object.
    Object,
    /// The length of the memory before it: bytes, or attributes.
    Length,
    /// Flags, a type, yes or no.
    Number,
    /// A pointer to memory that is read, or written, or both.
    Memory,
    /// A pointer to the length of the memory before it.
    LengthInOut,
    /// A pointer that is reserved, or a callback.
    Reserved,
}

/// Functions of version 2.40.
const OLD: usize = size_of::<CK_FUNCTION_LIST>() / size_of::<usize>() - 1;

/// What is given for it.
#[derive(Clone)]
pub enum Argument {
    /// A number, for what is no pointer.
    Number(CK_ULONG),
    /// NULL.
    Null,
    /// A pointer to zeros that are as many as any function wants.
    Zeros(Vec<u64>),
    /// A pointer to that number.
    Length(CK_ULONG),
}

/// Bytes of [`Argument::zeros`].
pub const ZEROS: usize = 8192;

impl Argument {
    /// A pointer to as many zeros as any argument has bytes.
    pub fn zeros() -> Self {
        Self::Zeros(vec![0; ZEROS / size_of::<u64>()])
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number:#x}"),
            Self::Null => f.write_str("NULL"),
            Self::Zeros(_) => f.write_str("zeros"),
            Self::Length(length) => write!(f, "&{length:#x}"),
        }
    }
}

/// A function of the standard.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    arguments: &'static str,
}

impl Function {
    /// The one of that name.
    ///
    /// # Panics
    /// When the standard has none.
    pub fn named(name: &str) -> &'static Self {
        let mut all = FUNCTIONS.iter();
        all.find(|function| function.name == name)
            .unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// It is of version 3.0.
    pub fn is_new(&self) -> bool {
        self.place() >= OLD
    }

    fn place(&self) -> usize {
        let mut all = FUNCTIONS.iter();
        let place = all.position(|function| function.name == self.name);
        place.expect("there is no other way to make one")
    }

    /// What its arguments are.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.arguments.split_whitespace().map(|word| match word {
            "slot" => Kind::Slot,
            "session" => Kind::Session,
            "object" => Kind::Object,
            "length" => Kind::Length,
            "number" => Kind::Number,
            "memory" => Kind::Memory,
            "inout" => Kind::LengthInOut,
            "reserved" => Kind::Reserved,
            _ => panic!("{}: {word}", self.name),
        })
    }

    /// Where it is in the lists of that module.
    pub(super) fn pointer(&self, module: &Module) -> Option<*const c_void> {
        let of = |list: *const c_void| {
            // SAFETY: a list is its version, padded to a word, and pointers from there on, in the
            // order of the standard, which is the order of `FUNCTIONS`.
            unsafe { *list.cast::<*const c_void>().add(1 + self.place()) }
        };
        match &module.newer {
            Some(list) => Some(of((&raw const *list).cast())),
            None if self.is_new() => None,
            None => Some(of((&raw const module.list).cast())),
        }
    }
}

/// Calls it.
pub(super) fn call(function: &Function, it: *const c_void, arguments: &mut [Argument]) -> Rv {
    assert!(!it.is_null(), "{} is NULL", function.name);
    let words: Vec<usize> = function
        .kinds()
        .zip(arguments.iter_mut())
        .map(|(kind, argument)| word(function, kind, argument))
        .collect();
    assert_eq!(words.len(), function.kinds().count(), "{}", function.name);
    assert_eq!(words.len(), arguments.len(), "{}", function.name);
    // One type for each number of arguments.
    macro_rules! words {
        ($($argument:ident)*) => {{
            type Words = unsafe extern "C" fn($(words!(@word $argument)),*) -> CK_RV;
            // SAFETY: numbers and pointers are passed alike by the C of the machines that tests run
            // on, so a function may be called with words, as many as it is declared with (checked
            // above). A pointer is NULL or to memory that is larger than what a function reads or
            // writes, as long as it does not believe a length that no memory can have.
            unsafe { transmute::<*const c_void, Words>(it)($($argument),*) }
        }};
        (@word $argument:ident) => { usize };
    }
    Rv(match *words.as_slice() {
        [a] => words!(a),
        [a, b] => words!(a b),
        [a, b, c] => words!(a b c),
        [a, b, c, d] => words!(a b c d),
        [a, b, c, d, e] => words!(a b c d e),
        [a, b, c, d, e, f] => words!(a b c d e f),
        [a, b, c, d, e, f, g] => words!(a b c d e f g),
        [a, b, c, d, e, f, g, h] => words!(a b c d e f g h),
        [a, b, c, d, e, f, g, h, i] => words!(a b c d e f g h i),
        _ => panic!("{} has {} arguments", function.name, words.len()),
    })
}

fn word(function: &Function, kind: Kind, argument: &mut Argument) -> usize {
    let number = |number: CK_ULONG| usize::try_from(number).expect("a word");
    match (kind, argument) {
        (Kind::Slot | Kind::Session | Kind::Object | Kind::Number, Argument::Number(it)) => {
            number(*it)
        }
        (Kind::Length, Argument::Number(it)) if is_harmless(*it) => number(*it),
        (Kind::Memory | Kind::LengthInOut | Kind::Reserved, Argument::Null) => 0,
        (Kind::Memory | Kind::Reserved, Argument::Zeros(memory)) => {
            memory.as_mut_ptr().expose_provenance()
        }
        (Kind::LengthInOut, Argument::Length(it)) if is_harmless(*it) => {
            (&raw mut *it).expose_provenance()
        }
        (kind, argument) => panic!("{}: {argument:?} for a {kind:?}", function.name),
    }
}

/// It is no more than there is memory for, or more than there can be.
fn is_harmless(length: CK_ULONG) -> bool {
    // The largest thing that a length counts is an attribute.
    let most = ZEROS / size_of::<cryptoki_sys::CK_ATTRIBUTE>();
    usize::try_from(length).is_ok_and(|length| length <= most) || length > CK_ULONG::MAX / 2
}

macro_rules! functions {
    ($($name:ident: $arguments:literal;)*) => {
        /// All of version 3.0, in the order of its list, which begins with all of 2.40.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: stringify!($name),
            arguments: $arguments,
        }),*];
    };
}

functions! {
    C_Initialize: "memory";
    C_Finalize: "reserved";
    C_GetInfo: "memory";
    C_GetFunctionList: "memory";
    C_GetSlotList: "number memory inout";
    C_GetSlotInfo: "slot memory";
    C_GetTokenInfo: "slot memory";
    C_GetMechanismList: "slot memory inout";
    C_GetMechanismInfo: "slot number memory";
    C_InitToken: "slot memory length memory";
    C_InitPIN: "session memory length";
    C_SetPIN: "session memory length memory length";
    C_OpenSession: "slot number memory reserved memory";
    C_CloseSession: "session";
    C_CloseAllSessions: "slot";
    C_GetSessionInfo: "session memory";
    C_GetOperationState: "session memory inout";
    C_SetOperationState: "session memory length object object";
    C_Login: "session number memory length";
    C_Logout: "session";
    C_CreateObject: "session memory length memory";
    C_CopyObject: "session object memory length memory";
    C_DestroyObject: "session object";
    C_GetObjectSize: "session object memory";
    C_GetAttributeValue: "session object memory length";
    C_SetAttributeValue: "session object memory length";
    C_FindObjectsInit: "session memory length";
    C_FindObjects: "session memory length memory";
    C_FindObjectsFinal: "session";
    C_EncryptInit: "session memory object";
    C_Encrypt: "session memory length memory inout";
    C_EncryptUpdate: "session memory length memory inout";
    C_EncryptFinal: "session memory inout";
    C_DecryptInit: "session memory object";
    C_Decrypt: "session memory length memory inout";
    C_DecryptUpdate: "session memory length memory inout";
    C_DecryptFinal: "session memory inout";
    C_DigestInit: "session memory";
    C_Digest: "session memory length memory inout";
    C_DigestUpdate: "session memory length";
    C_DigestKey: "session object";
    C_DigestFinal: "session memory inout";
    C_SignInit: "session memory object";
    C_Sign: "session memory length memory inout";
    C_SignUpdate: "session memory length";
    C_SignFinal: "session memory inout";
    C_SignRecoverInit: "session memory object";
    C_SignRecover: "session memory length memory inout";
    C_VerifyInit: "session memory object";
    C_Verify: "session memory length memory length";
    C_VerifyUpdate: "session memory length";
    C_VerifyFinal: "session memory length";
    C_VerifyRecoverInit: "session memory object";
    C_VerifyRecover: "session memory length memory inout";
    C_DigestEncryptUpdate: "session memory length memory inout";
    C_DecryptDigestUpdate: "session memory length memory inout";
    C_SignEncryptUpdate: "session memory length memory inout";
    C_DecryptVerifyUpdate: "session memory length memory inout";
    C_GenerateKey: "session memory memory length memory";
    C_GenerateKeyPair: "session memory memory length memory length memory memory";
    C_WrapKey: "session memory object object memory inout";
    C_UnwrapKey: "session memory object memory length memory length memory";
    C_DeriveKey: "session memory object memory length memory";
    C_SeedRandom: "session memory length";
    C_GenerateRandom: "session memory length";
    C_GetFunctionStatus: "session";
    C_CancelFunction: "session";
    C_WaitForSlotEvent: "number memory reserved";
    C_GetInterfaceList: "memory inout";
    C_GetInterface: "memory memory memory number";
    C_LoginUser: "session number memory length memory length";
    C_SessionCancel: "session number";
    C_MessageEncryptInit: "session memory object";
    C_EncryptMessage: "session memory length memory length memory length memory inout";
    C_EncryptMessageBegin: "session memory length memory length";
    C_EncryptMessageNext: "session memory length memory length memory inout number";
    C_MessageEncryptFinal: "session";
    C_MessageDecryptInit: "session memory object";
    C_DecryptMessage: "session memory length memory length memory length memory inout";
    C_DecryptMessageBegin: "session memory length memory length";
    C_DecryptMessageNext: "session memory length memory length memory inout number";
    C_MessageDecryptFinal: "session";
    C_MessageSignInit: "session memory object";
    C_SignMessage: "session memory length memory length memory inout";
    C_SignMessageBegin: "session memory length";
    C_SignMessageNext: "session memory length memory length memory inout";
    C_MessageSignFinal: "session";
    C_MessageVerifyInit: "session memory object";
    C_VerifyMessage: "session memory length memory length memory length";
    C_VerifyMessageBegin: "session memory length";
    C_VerifyMessageNext: "session memory length memory length memory length";
    C_MessageVerifyFinal: "session";
}
