//! Named pipes. Everything is overlapped: only so can one thread write while another reads, and
//! only so does a read end in time.

use std::io::{self, Read, Write};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_BUSY, ERROR_PIPE_CONNECTED,
    ERROR_PIPE_NOT_CONNECTED, GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, OPEN_EXISTING,
    PIPE_ACCESS_DUPLEX, ReadFile, SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT, WriteFile,
};
use windows_sys::Win32::System::Pipes::{
    ConnectNamedPipe, CreateNamedPipeW, GetNamedPipeClientProcessId, GetNamedPipeServerProcessId,
    PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES,
    PeekNamedPipe, WaitNamedPipeW,
};

use super::{Accept, Connect};
use crate::peer::{Peer, PeerError};
use crate::single::Single;

mod overlapped;
mod security;

use overlapped::{Event, Transfer};
use security::OnlyThisUser;

/// How long a client waits for a free instance of the pipe.
const BUSY: Duration = Duration::from_secs(5);

/// Bytes that the system keeps for each direction.
const BUFFER: u32 = 16 * 1024;

/// How long to wait before a pipe is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// One end of a connection.
#[derive(Debug)]
pub struct Stream {
    pipe: Arc<Pipe>,
    reading: Mutex<Option<Duration>>,
    writing: Mutex<Option<Duration>>,
}

/// What the duplicates of an end share.
#[derive(Debug)]
struct Pipe {
    handle: OwnedHandle,
    /// Set for good when this side hangs up.
    hung_up: Event,
    is_server: bool,
}

impl Stream {
    fn new(handle: OwnedHandle, is_server: bool) -> io::Result<Self> {
        Ok(Self {
            pipe: Arc::new(Pipe {
                handle,
                hung_up: Event::new()?,
                is_server,
            }),
            reading: Mutex::default(),
            writing: Mutex::default(),
        })
    }
}

impl Connect for Stream {
    fn connect(to: &Path) -> io::Result<Self> {
        let name = wide(to);
        let end = Instant::now() + BUSY;
        loop {
            // SAFETY: `name` ends with a NUL and lives; the other pointers may be null.
            let handle = unsafe {
                CreateFileW(
                    name.as_ptr(),
                    GENERIC_READ | GENERIC_WRITE,
                    0,
                    ptr::null(),
                    OPEN_EXISTING,
                    // Whoever serves the pipe may know who we are, and may not act as us.
                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION,
                    ptr::null_mut(),
                )
            };
            if handle != INVALID_HANDLE_VALUE {
                // SAFETY: it was just opened, and nobody else has it.
                return Self::new(unsafe { OwnedHandle::from_raw_handle(handle) }, false);
            }
            let error = io::Error::last_os_error();
            if !is(&error, ERROR_PIPE_BUSY) || Instant::now() > end {
                return Err(error);
            }
            // SAFETY: `name` ends with a NUL and lives. Its result shows at the next turn.
            unsafe { WaitNamedPipeW(name.as_ptr(), 100) };
        }
    }

    fn duplicate(&self) -> io::Result<Self> {
        Ok(Self {
            pipe: Arc::clone(&self.pipe),
            reading: Mutex::default(),
            writing: Mutex::default(),
        })
    }

    fn wait_reading(&self, limit: Option<Duration>) -> io::Result<()> {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = limit;
        Ok(())
    }

    fn wait_writing(&self, limit: Option<Duration>) -> io::Result<()> {
        *self.writing.lock().unwrap_or_else(PoisonError::into_inner) = limit;
        Ok(())
    }

    /// A pipe that is read with overlapped I/O has nothing to wait for but a read of its own, so
    /// it is looked at again and again.
    fn is_readable_within(&self, limit: Duration) -> bool {
        let end = std::time::Instant::now().checked_add(limit);
        loop {
            if self.is_readable() {
                return true;
            }
            if end.is_some_and(|end| end <= std::time::Instant::now()) {
                return false;
            }
            std::thread::sleep(LOOK_AGAIN.min(limit));
        }
    }

    fn is_readable(&self) -> bool {
        let mut waiting = 0;
        // SAFETY: the handle is open, `waiting` lives, and the other pointers may be null.
        let peeked = unsafe {
            PeekNamedPipe(
                self.pipe.handle.as_raw_handle(),
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                &raw mut waiting,
                ptr::null_mut(),
            )
        };
        // It fails when the other side is gone: then a read does not wait either.
        peeked == 0 || waiting > 0
    }

    fn hang_up(&self) {
        // The other side reads what is underway, and sees the end when the last duplicate of this
        // side is dropped: each is about to be, for its next read or write fails.
        self.pipe.hung_up.set();
    }

    fn peer(&self) -> Result<Peer, PeerError> {
        let mut pid = 0;
        let handle = self.pipe.handle.as_raw_handle();
        // SAFETY: the handle is open and `pid` lives.
        let known = unsafe {
            if self.pipe.is_server {
                GetNamedPipeClientProcessId(handle, &raw mut pid)
            } else {
                GetNamedPipeServerProcessId(handle, &raw mut pid)
            }
        };
        if known == 0 {
            return Err(PeerError::Unknown(io::Error::last_os_error()));
        }
        Peer::of_process(pid)
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let limit = *self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let length = u32::try_from(into.len()).unwrap_or(u32::MAX);
        let handle = self.pipe.handle.as_raw_handle();
        let mut transfer = Transfer::new()?;
        let read = transfer.run(handle, limit, &self.pipe.hung_up, |overlapped| {
            // SAFETY: the handle is open; `into` and `overlapped` outlive the transfer, which `run`
            // ends before it returns.
            unsafe {
                ReadFile(
                    handle,
                    into.as_mut_ptr(),
                    length,
                    ptr::null_mut(),
                    overlapped,
                )
            }
        });
        match read {
            Err(error) if is_gone(&error) => Ok(0),
            read => read,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let limit = *self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let handle = self.pipe.handle.as_raw_handle();
        let mut transfer = Transfer::new()?;
        let written = transfer.run(handle, limit, &self.pipe.hung_up, |overlapped| {
            // SAFETY: the handle is open; `bytes` and `overlapped` outlive the transfer, which
            // `run` ends before it returns.
            unsafe { WriteFile(handle, bytes.as_ptr(), length, ptr::null_mut(), overlapped) }
        });
        match written {
            Err(error) if is_gone(&error) => Err(io::ErrorKind::BrokenPipe.into()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The agent's pipe.
#[derive(Debug)]
pub struct Listener {
    name: PathBuf,
    /// The instance that the next client connects to.
    next: Mutex<OwnedHandle>,
    /// Never set: waiting for a client has no end but the process's.
    never: Event,
}

impl Listener {
    /// Makes the pipe. Nobody else may have made one of that name before, so no other program gets
    /// what is meant for the agent.
    ///
    /// # Errors
    /// As the system says.
    pub fn bind(at: &Path, _only_one: &Single) -> io::Result<Self> {
        Ok(Self {
            name: at.to_owned(),
            next: Mutex::new(instance(at, FILE_FLAG_FIRST_PIPE_INSTANCE)?),
            never: Event::new()?,
        })
    }
}

impl Accept for Listener {
    type Stream = Stream;

    fn accept(&self) -> io::Result<Stream> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = next.as_raw_handle();
        let mut transfer = Transfer::new()?;
        let connected = transfer.run(handle, None, &self.never, |overlapped| {
            // SAFETY: the handle is open, and `overlapped` outlives the transfer.
            unsafe { ConnectNamedPipe(handle, overlapped) }
        });
        match connected {
            Ok(_) => {}
            // It came, or came and went, before this call.
            Err(error) if is(&error, ERROR_PIPE_CONNECTED) || is(&error, ERROR_NO_DATA) => {}
            Err(error) => return Err(error),
        }
        let connected = std::mem::replace(&mut *next, instance(&self.name, 0)?);
        Stream::new(connected, true)
    }
}

fn instance(name: &Path, flags: u32) -> io::Result<OwnedHandle> {
    let name = wide(name);
    let only_this_user = OnlyThisUser::new()?;
    let attributes = only_this_user.attributes()?;
    // SAFETY: `name` ends with a NUL; it and `attributes`, with what it points to, live.
    let handle = unsafe {
        CreateNamedPipeW(
            name.as_ptr(),
            PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | flags,
            PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_REJECT_REMOTE_CLIENTS,
            PIPE_UNLIMITED_INSTANCES,
            BUFFER,
            BUFFER,
            0,
            &raw const attributes,
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just made, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(code)
}

fn is_gone(error: &io::Error) -> bool {
    [ERROR_BROKEN_PIPE, ERROR_PIPE_NOT_CONNECTED, ERROR_NO_DATA]
        .into_iter()
        .any(|code| is(error, code))
}
