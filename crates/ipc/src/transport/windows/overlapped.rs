//! One read, write or connect that can be given up.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_IO_PENDING, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects,
};

/// An event that stays set.
#[derive(Debug)]
pub struct Event(OwnedHandle);

impl Event {
    /// One that is not set.
    pub fn new() -> io::Result<Self> {
        // SAFETY: both pointers may be null.
        let handle = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made, and nobody else has it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// Sets it.
    pub fn set(&self) {
        // SAFETY: the handle is open.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// One transfer. It is over when [`Transfer::run`] returns, whatever it returns.
pub struct Transfer {
    done: Event,
    overlapped: Box<OVERLAPPED>,
}

impl Transfer {
    /// A transfer that has not begun.
    pub fn new() -> io::Result<Self> {
        let done = Event::new()?;
        let overlapped = Box::new(OVERLAPPED {
            hEvent: done.0.as_raw_handle(),
            ..OVERLAPPED::default()
        });
        Ok(Self { done, overlapped })
    }

    /// Begins it with `begin`, and waits until it is done, `limit` is over, or `given_up` is set.
    ///
    /// # Errors
    /// `TimedOut`; the code of a broken pipe when it was given up; else as the system says.
    pub fn run(
        &mut self,
        handle: RawHandle,
        limit: Option<Duration>,
        given_up: &Event,
        begin: impl FnOnce(*mut OVERLAPPED) -> i32,
    ) -> io::Result<usize> {
        let overlapped = &raw mut *self.overlapped;
        if begin(overlapped) == 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error().map(i32::cast_unsigned) != Some(ERROR_IO_PENDING) {
                return Err(error);
            }
        }
        let events = [given_up.0.as_raw_handle(), self.done.0.as_raw_handle()];
        let milliseconds = limit.map_or(INFINITE, |limit| {
            u32::try_from(limit.as_millis()).unwrap_or(INFINITE - 1)
        });
        // SAFETY: both events are open; there are two of them.
        let woken = unsafe { WaitForMultipleObjects(2, events.as_ptr(), 0, milliseconds) };
        let gave_up = match woken {
            WAIT_OBJECT_0 => Some(io::Error::from_raw_os_error(
                ERROR_BROKEN_PIPE.cast_signed(),
            )),
            WAIT_TIMEOUT => Some(io::ErrorKind::TimedOut.into()),
            _ => None,
        };
        if gave_up.is_some() {
            // SAFETY: the handle is open, and `overlapped` is that of a transfer on it.
            unsafe { CancelIoEx(handle, overlapped) };
        }
        let mut moved = 0;
        // Waits for its end in any case, so that the system writes to no memory of ours later.
        // SAFETY: as above, and `moved` lives.
        let done = unsafe { GetOverlappedResult(handle, overlapped, &raw mut moved, 1) };
        match (done, gave_up) {
            (0, Some(gave_up)) => Err(gave_up),
            (0, None) => Err(io::Error::last_os_error()),
            // It was done before it could be cancelled.
            _ => Ok(usize::try_from(moved).unwrap_or(usize::MAX)),
        }
    }
}
