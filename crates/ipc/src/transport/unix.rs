//! Unix sockets.

use std::fs;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{Accept, Connect};
use crate::peer::{Peer, PeerError};
use crate::single::Single;

/// One end of a connection.
#[derive(Debug)]
pub struct Stream(UnixStream);

impl Connect for Stream {
    fn connect(to: &Path) -> io::Result<Self> {
        UnixStream::connect(to).map(Self)
    }

    fn duplicate(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    fn wait_reading(&self, limit: Option<Duration>) -> io::Result<()> {
        self.0.set_read_timeout(limit)
    }

    fn wait_writing(&self, limit: Option<Duration>) -> io::Result<()> {
        self.0.set_write_timeout(limit)
    }

    fn is_readable_within(&self, limit: Duration) -> bool {
        let end = Instant::now().checked_add(limit);
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            let mut fds = [PollFd::new(&self.0, PollFlags::IN | PollFlags::RDHUP)];
            match poll(&mut fds, left.as_ref()) {
                Err(Errno::INTR) => {}
                ready => return matches!(ready, Ok(ready) if ready > 0),
            }
        }
    }

    fn hang_up(&self) {
        // It fails only when the other side has hung up already.
        let _ = self.0.shutdown(Shutdown::Both);
    }

    fn peer(&self) -> Result<Peer, PeerError> {
        Peer::of_socket(&self.0)
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The agent's socket. The file goes when this is dropped, unless the system's service manager
/// made it.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    file: Option<PathBuf>,
}

impl Listener {
    /// Listens at `at`, on the socket that the service manager passed down where it did
    /// (`LISTEN_FDS`, sd_listen_fds(3)). A socket file that a killed agent left is replaced:
    /// [`Single`] proves that nobody serves it.
    ///
    /// # Errors
    /// As the system says.
    pub fn bind(at: &Path, _only_one: &Single) -> io::Result<Self> {
        if let Some(socket) = passed_down() {
            return Ok(Self { socket, file: None });
        }
        match fs::symlink_metadata(at) {
            Ok(found) if found.file_type().is_socket() => fs::remove_file(at)?,
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let socket = UnixListener::bind(at)?;
        // Its folder lets nobody else in; this is the second lock on the same door.
        fs::set_permissions(at, PermissionsExt::from_mode(0o600))?;
        Ok(Self {
            socket,
            file: Some(at.to_owned()),
        })
    }
}

impl Accept for Listener {
    type Stream = Stream;

    fn accept(&self) -> io::Result<Stream> {
        self.socket.accept().map(|(stream, _)| Stream(stream))
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // Nothing depends on it: the next agent replaces what is left.
            let _ = fs::remove_file(file);
        }
    }
}

/// The first socket that the service manager passed to this very process, if it did.
fn passed_down() -> Option<UnixListener> {
    use std::os::fd::{FromRawFd, OwnedFd};

    /// Where passed sockets begin, sd_listen_fds(3).
    const FIRST: i32 = 3;

    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    if number("LISTEN_PID")? != std::process::id() || number("LISTEN_FDS")? == 0 {
        return None;
    }
    // SAFETY: the service manager opened it for this process, as LISTEN_PID says, and nothing
    // else in this process takes it: there is one listener, made once.
    let passed = unsafe { OwnedFd::from_raw_fd(FIRST) };
    let listens = rustix::net::sockopt::socket_acceptconn(&passed).ok()?;
    let flags = rustix::io::fcntl_getfd(&passed).ok()?;
    rustix::io::fcntl_setfd(&passed, flags | rustix::io::FdFlags::CLOEXEC).ok()?;
    listens.then(|| UnixListener::from(passed))
}
