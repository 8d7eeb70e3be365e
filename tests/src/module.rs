//! A PKCS#11 module, any, as a program has it: loaded by its path, called through its function
//! list. What a program may do wrong can be done here, too: [`Module::call`].
//!
//! ```no_run
//! use cryptoki_sys::{CKA_CLASS, CKM_ECDSA, CKO_PRIVATE_KEY};
//! use lichna_tests::module::{Mechanism, Module, Template};
//!
//! let module = Module::load("/usr/lib/softhsm/libsofthsm2.so");
//! module.initialize().unwrap();
//! let session = module.open_session(module.slots(true).unwrap()[0]).unwrap();
//! let keys = module.find(session, &Template::of_class(CKO_PRIVATE_KEY)).unwrap();
//! let signature = module.signature(session, keys[0], &Mechanism::plain(CKM_ECDSA), &[0; 32]);
//! # drop(signature);
//! ```
#![allow(
    unsafe_code,
    reason = "the bench is the program that calls a C interface"
)]
#![allow(
    clippy::missing_errors_doc,
    reason = "the error is what the module said"
)]

mod fork;
mod hostile;
mod memory;
mod rv;

use std::ffi::OsStr;
use std::path::Path;
use std::ptr::null_mut;

use cryptoki_sys::{
    CK_BBOOL, CK_C_INITIALIZE_ARGS, CK_FALSE, CK_FLAGS, CK_FUNCTION_LIST, CK_FUNCTION_LIST_3_0,
    CK_INFO, CK_INTERFACE, CK_MECHANISM_INFO, CK_MECHANISM_TYPE, CK_OBJECT_HANDLE, CK_RV,
    CK_SESSION_HANDLE, CK_SESSION_INFO, CK_SLOT_ID, CK_SLOT_INFO, CK_TOKEN_INFO, CK_TRUE, CK_ULONG,
    CK_USER_TYPE, CK_VERSION, CKF_RW_SESSION, CKF_SERIAL_SESSION, CKR_OK,
};

pub use fork::in_a_fork;
pub use hostile::{Argument, FUNCTIONS, Function, Kind};
pub use memory::{Given, Mechanism, Query, Template};
pub use rv::{Done, Rv};

/// How a module is set up, PKCS#11 3.0 §5.4.1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting {
    /// `flags`.
    pub flags: CK_FLAGS,
    /// Which of the four functions for mutexes are given: create, destroy, lock, unlock.
    pub mutexes: [bool; 4],
    /// `pReserved` is not NULL.
    pub reserved: bool,
}

/// A module that is loaded. Dropping it unloads it.
#[derive(Debug)]
pub struct Module {
    list: CK_FUNCTION_LIST,
    newer: Option<CK_FUNCTION_LIST_3_0>,
    _library: libloading::Library,
}

impl Module {
    /// Loads a module and takes its lists.
    ///
    /// # Panics
    /// When there is none, or it gives no list of 2.40.
    pub fn load(path: impl AsRef<OsStr>) -> Self {
        let path = Path::new(path.as_ref());
        // SAFETY: the library is a PKCS#11 module that a test names; it is loaded as programs do.
        let library = unsafe { libloading::Library::new(path) };
        let library = library.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        type GetFunctionList = unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV;
        type GetInterface = unsafe extern "C" fn(
            *mut u8,
            *mut CK_VERSION,
            *mut *mut CK_INTERFACE,
            CK_FLAGS,
        ) -> CK_RV;
        // SAFETY: the type is that of the standard, the pointer is read only when the module says
        // that it has set it, and what it points to lives as long as the library.
        let list = unsafe {
            let function = library.get::<GetFunctionList>(b"C_GetFunctionList");
            let mut list = null_mut();
            let said = function.expect("a PKCS#11 module")(&raw mut list);
            assert_eq!(said, CKR_OK, "C_GetFunctionList");
            *list
        };
        // SAFETY: as above; a list of version 3.0 is what was asked for by name and version.
        let newer = unsafe {
            library
                .get::<GetInterface>(b"C_GetInterface")
                .ok()
                .and_then(|function| {
                    let mut name = *b"PKCS 11\0";
                    let mut version = CK_VERSION { major: 3, minor: 0 };
                    let mut interface = null_mut();
                    let said = function(name.as_mut_ptr(), &raw mut version, &raw mut interface, 0);
                    let list = (said == CKR_OK).then(|| (*interface).pFunctionList);
                    list.map(|list| *list.cast::<CK_FUNCTION_LIST_3_0>())
                })
        };
        Self {
            list,
            newer,
            _library: library,
        }
    }

    /// The list of version 2.40.
    pub fn list(&self) -> &CK_FUNCTION_LIST {
        &self.list
    }

    /// The list of version 3.0, where there is one.
    pub fn newer(&self) -> Option<&CK_FUNCTION_LIST_3_0> {
        self.newer.as_ref()
    }

    /// `C_Initialize` without arguments.
    pub fn initialize(&self) -> Done<()> {
        // SAFETY: NULL is an argument of the standard.
        Rv::done(unsafe { call(self.list.C_Initialize)(null_mut()) })
    }

    /// `C_Initialize` with arguments.
    pub fn initialize_with(&self, setting: Setting) -> Done<()> {
        let [create, destroy, lock, unlock] = setting.mutexes;
        let mut reserved = 0_u64;
        let mut arguments = CK_C_INITIALIZE_ARGS {
            CreateMutex: create.then_some(fork::create_mutex),
            DestroyMutex: destroy.then_some(fork::mutex),
            LockMutex: lock.then_some(fork::mutex),
            UnlockMutex: unlock.then_some(fork::mutex),
            flags: setting.flags,
            pReserved: if setting.reserved {
                (&raw mut reserved).cast()
            } else {
                null_mut()
            },
        };
        // SAFETY: the arguments live until it returns.
        Rv::done(unsafe { call(self.list.C_Initialize)((&raw mut arguments).cast()) })
    }

    /// `C_Finalize`.
    pub fn finalize(&self) -> Done<()> {
        // SAFETY: NULL is the argument of the standard.
        Rv::done(unsafe { call(self.list.C_Finalize)(null_mut()) })
    }

    /// `C_GetInfo`.
    pub fn info(&self) -> Done<CK_INFO> {
        let mut info = CK_INFO::default();
        // SAFETY: it is written in place.
        let said = unsafe { call(self.list.C_GetInfo)(&raw mut info) };
        Rv::done(said).map(|()| info)
    }

    /// `C_GetSlotList`, length and list; asks again where a reader came in between.
    pub fn slots(&self, with_token: bool) -> Done<Vec<CK_SLOT_ID>> {
        let with_token: CK_BBOOL = if with_token { CK_TRUE } else { CK_FALSE };
        let function = call(self.list.C_GetSlotList);
        loop {
            let mut length: CK_ULONG = 0;
            // SAFETY: a query for the length.
            Rv::done(unsafe { function(with_token, null_mut(), &raw mut length) })?;
            let mut slots: Vec<CK_SLOT_ID> = vec![0; memory::size(length)];
            // SAFETY: the length is that of the memory.
            let said = unsafe { function(with_token, slots.as_mut_ptr(), &raw mut length) };
            match Rv::done(said) {
                Err(Rv(cryptoki_sys::CKR_BUFFER_TOO_SMALL)) => {}
                done => {
                    slots.truncate(memory::size(length));
                    return done.map(|()| slots);
                }
            }
        }
    }

    /// `C_GetSlotInfo`.
    pub fn slot_info(&self, slot: CK_SLOT_ID) -> Done<CK_SLOT_INFO> {
        let mut info = CK_SLOT_INFO::default();
        // SAFETY: it is written in place.
        let said = unsafe { call(self.list.C_GetSlotInfo)(slot, &raw mut info) };
        Rv::done(said).map(|()| info)
    }

    /// `C_GetTokenInfo`.
    pub fn token_info(&self, slot: CK_SLOT_ID) -> Done<CK_TOKEN_INFO> {
        let mut info = CK_TOKEN_INFO::default();
        // SAFETY: it is written in place.
        let said = unsafe { call(self.list.C_GetTokenInfo)(slot, &raw mut info) };
        Rv::done(said).map(|()| info)
    }

    /// `C_GetMechanismList`, length and list.
    pub fn mechanisms(&self, slot: CK_SLOT_ID) -> Done<Vec<CK_MECHANISM_TYPE>> {
        let function = call(self.list.C_GetMechanismList);
        let mut length: CK_ULONG = 0;
        // SAFETY: a query for the length.
        Rv::done(unsafe { function(slot, null_mut(), &raw mut length) })?;
        let mut list = vec![0; memory::size(length)];
        // SAFETY: the length is that of the memory.
        Rv::done(unsafe { function(slot, list.as_mut_ptr(), &raw mut length) })?;
        list.truncate(memory::size(length));
        Ok(list)
    }

    /// `C_GetMechanismInfo`.
    pub fn mechanism_info(
        &self,
        slot: CK_SLOT_ID,
        mechanism: CK_MECHANISM_TYPE,
    ) -> Done<CK_MECHANISM_INFO> {
        let mut info = CK_MECHANISM_INFO::default();
        // SAFETY: it is written in place.
        let said = unsafe { call(self.list.C_GetMechanismInfo)(slot, mechanism, &raw mut info) };
        Rv::done(said).map(|()| info)
    }

    /// `C_OpenSession` for reading.
    pub fn open_session(&self, slot: CK_SLOT_ID) -> Done<CK_SESSION_HANDLE> {
        self.open_session_with(slot, CKF_SERIAL_SESSION)
    }

    /// `C_OpenSession` for reading and writing, as ssh and Java do.
    pub fn open_writable_session(&self, slot: CK_SLOT_ID) -> Done<CK_SESSION_HANDLE> {
        self.open_session_with(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION)
    }

    /// `C_OpenSession` with any flags.
    pub fn open_session_with(&self, slot: CK_SLOT_ID, flags: CK_FLAGS) -> Done<CK_SESSION_HANDLE> {
        let mut session = 0;
        let function = call(self.list.C_OpenSession);
        // SAFETY: the handle is written in place; there is no callback.
        let said = unsafe { function(slot, flags, null_mut(), None, &raw mut session) };
        Rv::done(said).map(|()| session)
    }

    /// `C_CloseSession`.
    pub fn close_session(&self, session: CK_SESSION_HANDLE) -> Done<()> {
        // SAFETY: numbers only.
        Rv::done(unsafe { call(self.list.C_CloseSession)(session) })
    }

    /// `C_CloseAllSessions`.
    pub fn close_all_sessions(&self, slot: CK_SLOT_ID) -> Done<()> {
        // SAFETY: numbers only.
        Rv::done(unsafe { call(self.list.C_CloseAllSessions)(slot) })
    }

    /// `C_GetSessionInfo`.
    pub fn session_info(&self, session: CK_SESSION_HANDLE) -> Done<CK_SESSION_INFO> {
        let mut info = CK_SESSION_INFO::default();
        // SAFETY: it is written in place.
        let said = unsafe { call(self.list.C_GetSessionInfo)(session, &raw mut info) };
        Rv::done(said).map(|()| info)
    }

    /// `C_Login`; with `None` the PIN is a NULL pointer.
    pub fn login(
        &self,
        session: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: Option<&str>,
    ) -> Done<()> {
        let mut bytes = pin.map(|pin| pin.as_bytes().to_vec());
        let (pointer, length) = memory::raw(bytes.as_deref_mut());
        // SAFETY: the length is that of the memory.
        Rv::done(unsafe { call(self.list.C_Login)(session, user, pointer, length) })
    }

    /// `C_Logout`.
    pub fn logout(&self, session: CK_SESSION_HANDLE) -> Done<()> {
        // SAFETY: numbers only.
        Rv::done(unsafe { call(self.list.C_Logout)(session) })
    }

    /// `C_FindObjectsInit`.
    pub fn find_init(&self, session: CK_SESSION_HANDLE, template: &Template) -> Done<()> {
        let function = call(self.list.C_FindObjectsInit);
        template.with(|first, count| {
            // SAFETY: the template's memory lives until it returns, and is as long as it says.
            Rv::done(unsafe { function(session, first, count) })
        })
    }

    /// `C_FindObjects`: at most so many.
    pub fn find_next(
        &self,
        session: CK_SESSION_HANDLE,
        most: usize,
    ) -> Done<Vec<CK_OBJECT_HANDLE>> {
        let mut found = vec![0; most];
        let mut count = 0;
        let function = call(self.list.C_FindObjects);
        // SAFETY: the length is that of the memory.
        let said = unsafe {
            function(
                session,
                found.as_mut_ptr(),
                memory::length(most),
                &raw mut count,
            )
        };
        Rv::done(said)?;
        found.truncate(memory::size(count));
        Ok(found)
    }

    /// `C_FindObjectsFinal`.
    pub fn find_final(&self, session: CK_SESSION_HANDLE) -> Done<()> {
        // SAFETY: numbers only.
        Rv::done(unsafe { call(self.list.C_FindObjectsFinal)(session) })
    }

    /// A whole search.
    pub fn find(
        &self,
        session: CK_SESSION_HANDLE,
        template: &Template,
    ) -> Done<Vec<CK_OBJECT_HANDLE>> {
        self.find_init(session, template)?;
        let mut all = Vec::new();
        let found = loop {
            match self.find_next(session, 16) {
                Ok(found) if found.is_empty() => break Ok(all),
                Ok(found) => all.extend(found),
                Err(rv) => break Err(rv),
            }
        };
        self.find_final(session)?;
        found
    }

    /// `C_GetAttributeValue`.
    pub fn attributes(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        queries: &mut [Query],
    ) -> Done<()> {
        let function = call(self.list.C_GetAttributeValue);
        Query::with(queries, |first, count| {
            // SAFETY: the queries' memory lives until it returns, and is as long as they say.
            Rv::done(unsafe { function(session, object, first, count) })
        })
    }

    /// One attribute: its length, then its value.
    pub fn attribute(
        &self,
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        kind: cryptoki_sys::CK_ATTRIBUTE_TYPE,
    ) -> Done<Vec<u8>> {
        let mut query = [Query::length_of(kind)];
        self.attributes(session, object, &mut query)?;
        let mut query = [Query::of(kind, memory::size(query[0].length))];
        self.attributes(session, object, &mut query)?;
        let [query] = query;
        Ok(query.value())
    }

    /// `C_SignInit`.
    pub fn sign_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism,
        key: CK_OBJECT_HANDLE,
    ) -> Done<()> {
        let function = call(self.list.C_SignInit);
        mechanism.with(|mechanism| {
            // SAFETY: the mechanism's memory lives until it returns, and is as long as it says.
            Rv::done(unsafe { function(session, mechanism, key) })
        })
    }

    /// `C_Sign` into a buffer, or with NULL to learn the length; what it says of the length.
    pub fn sign(
        &self,
        session: CK_SESSION_HANDLE,
        data: &[u8],
        buffer: Option<&mut [u8]>,
    ) -> (Done<()>, CK_ULONG) {
        let mut data = data.to_vec();
        let (signature, mut length) = memory::raw(buffer);
        let function = call(self.list.C_Sign);
        let count = memory::length(data.len());
        // SAFETY: both lengths are those of the memory.
        let said = unsafe {
            function(
                session,
                data.as_mut_ptr(),
                count,
                signature,
                &raw mut length,
            )
        };
        (Rv::done(said), length)
    }

    /// `C_SignUpdate`.
    pub fn sign_update(&self, session: CK_SESSION_HANDLE, data: &[u8]) -> Done<()> {
        let mut data = data.to_vec();
        let length = memory::length(data.len());
        // SAFETY: the length is that of the memory.
        Rv::done(unsafe { call(self.list.C_SignUpdate)(session, data.as_mut_ptr(), length) })
    }

    /// `C_SignFinal`, as [`Module::sign`].
    pub fn sign_final(
        &self,
        session: CK_SESSION_HANDLE,
        buffer: Option<&mut [u8]>,
    ) -> (Done<()>, CK_ULONG) {
        let (signature, mut length) = memory::raw(buffer);
        // SAFETY: the length is that of the memory.
        let said = unsafe { call(self.list.C_SignFinal)(session, signature, &raw mut length) };
        (Rv::done(said), length)
    }

    /// A whole signature: `C_SignInit` and `C_Sign`.
    pub fn signature(
        &self,
        session: CK_SESSION_HANDLE,
        key: CK_OBJECT_HANDLE,
        mechanism: &Mechanism,
        data: &[u8],
    ) -> Done<Vec<u8>> {
        self.sign_init(session, mechanism, key)?;
        let mut signature = vec![0; 1024];
        let (done, length) = self.sign(session, data, Some(&mut signature));
        signature.truncate(memory::size(length));
        done.map(|()| signature)
    }

    /// `C_WaitForSlotEvent`.
    pub fn wait_for_slot_event(&self, flags: CK_FLAGS) -> Done<CK_SLOT_ID> {
        let mut slot = 0;
        let function = call(self.list.C_WaitForSlotEvent);
        // SAFETY: the slot is written in place.
        let said = unsafe { function(flags, &raw mut slot, null_mut()) };
        Rv::done(said).map(|()| slot)
    }

    /// Any function, with any arguments that its declaration allows, wrong ones too. `None`: the
    /// module has no such function (one of 3.0 in a module of 2.40).
    ///
    /// # Panics
    /// When the arguments are not those that the function is declared with.
    pub fn call(&self, function: &Function, arguments: &mut [Argument]) -> Option<Rv> {
        let pointer = function.pointer(self)?;
        Some(hostile::call(function, pointer, arguments))
    }

    /// Whether the list has it: no member of a list may be NULL.
    pub fn has(&self, function: &Function) -> bool {
        function.pointer(self).is_some_and(|it| !it.is_null())
    }
}

/// A function of the list.
fn call<F>(function: Option<F>) -> F {
    function.expect("no member of the function list is NULL")
}
