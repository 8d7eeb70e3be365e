//! macOS and the BSDs: the user and the process id, and no more. Without a parent line every two
//! processes count as one tree, so nothing is approved from another process until more is known.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use super::{Ancestry, Peer, PeerError, ProcessId};

impl Peer {
    /// Who is at the other end of a connected Unix socket.
    pub(crate) fn of_socket(socket: impl AsFd) -> Result<Self, PeerError> {
        let fd = socket.as_fd().as_raw_fd();
        let (mut theirs, mut group) = (0, 0);
        // SAFETY: both pointers are to live variables of the types that the call writes.
        if unsafe { libc::getpeereid(fd, &raw mut theirs, &raw mut group) } != 0 {
            return Err(PeerError::Unknown(io::Error::last_os_error()));
        }
        let ours = rustix::process::geteuid().as_raw();
        if theirs != ours {
            return Err(PeerError::AnotherUser { theirs, ours });
        }
        let pid = pid_of_peer(fd).map_err(PeerError::Unknown)?;
        Ok(Self {
            ancestry: Ancestry {
                process: ProcessId { pid, start_time: 0 },
                session: 0,
                ancestors: Vec::new(),
                leader: Vec::new(),
            },
            uid: theirs,
            name: String::new(),
            executable: None,
            terminal: None,
        })
    }
}

/// `LOCAL_PEERPID`, unix(4).
#[cfg(target_os = "macos")]
fn pid_of_peer(fd: std::os::fd::RawFd) -> io::Result<u32> {
    let mut pid: libc::pid_t = 0;
    let mut length = libc::socklen_t::try_from(size_of::<libc::pid_t>())
        .map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: both pointers are to live variables of the sizes that the option has.
    let result = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_LOCAL,
            libc::LOCAL_PEERPID,
            (&raw mut pid).cast(),
            &raw mut length,
        )
    };
    match result {
        0 => Ok(pid.unsigned_abs()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(target_os = "macos"))]
fn pid_of_peer(_fd: std::os::fd::RawFd) -> io::Result<u32> {
    Err(io::ErrorKind::Unsupported.into())
}
