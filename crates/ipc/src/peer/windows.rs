//! Windows: the process behind a pipe, its user and its program. Without a parent line every two
//! processes count as one tree, so nothing is approved from another process until more is known.

use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{FILETIME, LocalFree, WAIT_TIMEOUT};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetProcessTimes, OpenProcess, OpenProcessToken,
    PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, QueryFullProcessImageNameW,
    WaitForSingleObject,
};

use super::{Ancestry, Executable, Peer, PeerError, ProcessId};

/// Longest path, in UTF-16 units.
const LONGEST_PATH: usize = 32 * 1024;

impl Peer {
    /// The process with this id, if it is this user's.
    pub(crate) fn of_process(pid: u32) -> Result<Self, PeerError> {
        let rights = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;
        // SAFETY: the call takes no pointers.
        let handle = unsafe { OpenProcess(rights, 0, pid) };
        if handle.is_null() {
            return Err(PeerError::Gone { pid });
        }
        // SAFETY: it was just opened, and nobody else has it.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        let theirs = UserId::of_process(&handle).map_err(PeerError::Unknown)?;
        let ours = UserId::of_this_process().map_err(PeerError::Unknown)?;
        if !theirs.is(&ours) {
            // Windows has no numbers for users.
            return Err(PeerError::AnotherUser { theirs: 1, ours: 0 });
        }
        let start_time = start_time(&handle).map_err(PeerError::Unknown)?;
        let path = path(&handle);
        // The handle keeps the id from being given again, so all of this is of one process.
        if !is_alive(&handle) {
            return Err(PeerError::Gone { pid });
        }
        let name = path.as_deref().and_then(|path| path.file_stem());
        let name = name.map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            ancestry: Ancestry {
                process: ProcessId { pid, start_time },
                session: 0,
                ancestors: Vec::new(),
                leader: Vec::new(),
            },
            uid: 0,
            name: name.unwrap_or_default(),
            executable: path.map(|path| Executable {
                path,
                device: 0,
                inode: 0,
            }),
            terminal: None,
            handle: Arc::new(handle),
        })
    }
}

/// A process handle is signalled when its process ends.
pub fn is_alive(handle: &OwnedHandle) -> bool {
    // SAFETY: the handle is open.
    unsafe { WaitForSingleObject(handle.as_raw_handle(), 0) == WAIT_TIMEOUT }
}

/// Who a process runs as.
pub struct UserId {
    /// A `TOKEN_USER` and the SID that it points to, aligned for it.
    token_user: Vec<u64>,
}

impl UserId {
    /// Of this process.
    pub fn of_this_process() -> io::Result<Self> {
        // SAFETY: the pseudo handle needs no closing.
        Self::of(unsafe { GetCurrentProcess() })
    }

    fn of_process(process: &OwnedHandle) -> io::Result<Self> {
        Self::of(process.as_raw_handle())
    }

    fn of(process: std::os::windows::io::RawHandle) -> io::Result<Self> {
        let mut token = ptr::null_mut();
        // SAFETY: the process handle is open, and `token` lives.
        if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just opened, and nobody else has it.
        let token = unsafe { OwnedHandle::from_raw_handle(token) };
        let mut length = 0;
        // Asks for the length; it fails as it should.
        // SAFETY: no buffer is given, and `length` lives.
        unsafe {
            GetTokenInformation(
                token.as_raw_handle(),
                TokenUser,
                ptr::null_mut(),
                0,
                &raw mut length,
            )
        };
        let words = usize::try_from(length)
            .unwrap_or(0)
            .div_ceil(size_of::<u64>());
        let mut token_user = vec![0_u64; words.max(size_of::<TOKEN_USER>().div_ceil(8))];
        // SAFETY: the buffer has at least `length` bytes.
        let told = unsafe {
            GetTokenInformation(
                token.as_raw_handle(),
                TokenUser,
                token_user.as_mut_ptr().cast(),
                length,
                &raw mut length,
            )
        };
        if told == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { token_user })
    }

    /// They are the same user.
    pub fn is(&self, other: &Self) -> bool {
        // SAFETY: both point into buffers that live.
        unsafe { EqualSid(self.sid(), other.sid()) != 0 }
    }

    /// `S-1-5-21-…`.
    pub fn text(&self) -> io::Result<String> {
        let mut text = ptr::null_mut();
        // SAFETY: the SID lives, and so does `text`.
        if unsafe { ConvertSidToStringSidW(self.sid(), &raw mut text) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let mut units = Vec::new();
        let mut next = text;
        // SAFETY: the text ends with a NUL, and was allocated so that it is freed like this.
        unsafe {
            while *next != 0 {
                units.push(*next);
                next = next.add(1);
            }
            LocalFree(text.cast());
        }
        String::from_utf16(&units).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn sid(&self) -> windows_sys::Win32::Security::PSID {
        // SAFETY: the system filled the buffer with a `TOKEN_USER`, and it is aligned for one.
        unsafe { (*self.token_user.as_ptr().cast::<TOKEN_USER>()).User.Sid }
    }
}

fn start_time(process: &OwnedHandle) -> io::Result<u64> {
    let mut created = FILETIME::default();
    let (mut exited, mut kernel, mut user) = (created, created, created);
    // SAFETY: the handle is open, and all four live.
    let told = unsafe {
        GetProcessTimes(
            process.as_raw_handle(),
            &raw mut created,
            &raw mut exited,
            &raw mut kernel,
            &raw mut user,
        )
    };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime))
}

fn path(process: &OwnedHandle) -> Option<PathBuf> {
    let mut units = vec![0_u16; LONGEST_PATH];
    let mut length = u32::try_from(units.len()).ok()?;
    // SAFETY: the handle is open, and the buffer has `length` units.
    let told = unsafe {
        QueryFullProcessImageNameW(
            process.as_raw_handle(),
            0,
            units.as_mut_ptr(),
            &raw mut length,
        )
    };
    if told == 0 {
        return None;
    }
    let path = units.get(..usize::try_from(length).ok()?)?;
    Some(PathBuf::from(OsString::from_wide(path)))
}
