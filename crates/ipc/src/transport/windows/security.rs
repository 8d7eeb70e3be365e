//! Who may open the pipe.

use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};

use crate::peer::windows::UserId;

/// A security descriptor that lets this user in, and nobody else.
pub struct OnlyThisUser(PSECURITY_DESCRIPTOR);

impl OnlyThisUser {
    /// Makes it.
    pub fn new() -> io::Result<Self> {
        let user = UserId::of_this_process()?.text()?;
        // Protected (P): inherits nothing. All rights (GA) to the user.
        let text = format!("D:P(A;;GA;;;{user})");
        let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
        // SAFETY: `text` ends with a NUL, `descriptor` lives, and the size may be null.
        let made = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                ptr::null_mut(),
            )
        };
        if made == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(descriptor))
    }

    /// The attributes that carry it. They point into `self`.
    pub fn attributes(&self) -> io::Result<SECURITY_ATTRIBUTES> {
        let length = u32::try_from(size_of::<SECURITY_ATTRIBUTES>());
        Ok(SECURITY_ATTRIBUTES {
            nLength: length.map_err(|_| io::ErrorKind::InvalidInput)?,
            lpSecurityDescriptor: self.0,
            bInheritHandle: 0,
        })
    }
}

impl Drop for OnlyThisUser {
    fn drop(&mut self) {
        // SAFETY: the conversion allocated it so that it is freed like this, and only here.
        unsafe { LocalFree(self.0) };
    }
}
