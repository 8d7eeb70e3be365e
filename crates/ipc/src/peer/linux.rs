//! Linux: `SO_PEERCRED`, `SO_PEERPIDFD` and `/proc`.

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, geteuid, pidfd_open};

use super::stat::Stat;
use super::{Ancestry, Executable, Peer, PeerError, ProcessId};

/// Longest line of ancestors that is followed. A longer one ends there.
const MOST_ANCESTORS: usize = 128;

impl Peer {
    /// Who is at the other end of a connected Unix socket.
    pub(crate) fn of_socket(socket: impl AsFd) -> Result<Self, PeerError> {
        let unknown = |error: rustix::io::Errno| PeerError::Unknown(error.into());
        let credentials = rustix::net::sockopt::socket_peercred(&socket).map_err(unknown)?;
        let (theirs, ours) = (credentials.uid.as_raw(), geteuid().as_raw());
        if theirs != ours {
            return Err(PeerError::AnotherUser { theirs, ours });
        }
        let pid = credentials.pid.as_raw_nonzero().get().unsigned_abs();
        let handle = match pidfd_of_peer(&socket) {
            Ok(handle) => handle,
            // Kernels before 6.5: who ended between connecting and now is seen below, unless
            // another process got its pid in that moment. Its user is then checked once more.
            Err(_) => pidfd_open(credentials.pid, PidfdFlags::empty())
                .map_err(|_| PeerError::Gone { pid })?,
        };
        Self::of_process(pid, handle)
    }

    fn of_process(pid: u32, handle: OwnedFd) -> Result<Self, PeerError> {
        let gone = || PeerError::Gone { pid };
        let stat = read_stat(pid).ok_or_else(gone)?;
        let ancestry = ancestry(pid, &stat);
        let executable = read_executable(pid);
        let uid = geteuid().as_raw();
        let owner = fs::metadata(format!("/proc/{pid}/stat")).map_err(|_| gone())?;
        // A process that keeps its memory to itself has its entries given to root.
        if owner.uid() != uid && owner.uid() != 0 {
            return Err(PeerError::AnotherUser {
                theirs: owner.uid(),
                ours: uid,
            });
        }
        // It lives now, so all that was read under its pid was its own.
        if !is_alive(&handle) {
            return Err(gone());
        }
        Ok(Self {
            ancestry,
            uid,
            name: stat.name,
            executable,
            terminal: (stat.terminal != 0).then_some(stat.terminal),
            handle: Arc::new(handle),
        })
    }
}

/// A pidfd becomes readable when its process ends, pidfd_open(2).
pub fn is_alive(handle: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(handle, PollFlags::IN)];
    matches!(poll(&mut fds, Some(&Timespec::default())), Ok(0))
}

/// The pidfd of the process that connected, `SO_PEERPIDFD`, Linux 6.5.
fn pidfd_of_peer(socket: impl AsFd) -> io::Result<OwnedFd> {
    let mut handle: libc::c_int = -1;
    let mut length = libc::socklen_t::try_from(size_of::<libc::c_int>())
        .map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: both pointers are to live variables of the sizes that the option has.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERPIDFD,
            (&raw mut handle).cast(),
            &raw mut length,
        )
    };
    if result != 0 || handle < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just opened it for us, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(handle) })
}

fn ancestry(pid: u32, stat: &Stat) -> Ancestry {
    let leader = match read_stat(stat.session) {
        Some(leader) if stat.session != 0 => {
            let mut line = vec![process(stat.session, &leader)];
            line.extend(ancestors(&leader));
            line
        }
        _ => Vec::new(),
    };
    Ancestry {
        process: process(pid, stat),
        session: stat.session,
        ancestors: ancestors(stat),
        leader,
    }
}

fn ancestors(stat: &Stat) -> Vec<ProcessId> {
    let mut line = Vec::new();
    let mut pid = stat.parent;
    while pid != 0 && line.len() < MOST_ANCESTORS {
        let Some(parent) = read_stat(pid) else { break };
        line.push(process(pid, &parent));
        pid = parent.parent;
    }
    line
}

const fn process(pid: u32, stat: &Stat) -> ProcessId {
    ProcessId {
        pid,
        start_time: stat.start_time,
    }
}

fn read_stat(pid: u32) -> Option<Stat> {
    let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
    Stat::parse(&String::from_utf8_lossy(&line))
}

fn read_executable(pid: u32) -> Option<Executable> {
    let link = format!("/proc/{pid}/exe");
    let path = fs::read_link(&link).ok()?;
    // Follows the link to the very file, also when its name is gone.
    let file = fs::metadata(&link).ok()?;
    Some(Executable {
        path,
        device: file.dev(),
        inode: file.ino(),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::process::{Command, Stdio};

    use rustix::process::Pid;

    use super::*;

    fn peer_of(child: &std::process::Child) -> Result<Peer, PeerError> {
        let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        let handle = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        Peer::of_process(child.id(), handle)
    }

    #[test]
    fn this_process_is_known_by_its_socket() {
        let (one, _other) = UnixStream::pair().unwrap();
        let me = Peer::of_socket(&one).unwrap();
        assert_eq!(me.pid(), std::process::id());
        assert_eq!(
            me.executable_path().unwrap(),
            &std::env::current_exe().unwrap()
        );
        assert!(me.is_alive());
        assert!(!me.ancestry.ancestors.is_empty());
    }

    #[test]
    fn a_process_that_ended_is_not_alive() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let peer = peer_of(&child).unwrap();
        assert!(peer.is_alive());
        let (mine, _other) = UnixStream::pair().unwrap();
        let me = Peer::of_socket(&mine).unwrap();
        assert!(super::super::same_tree(&peer, &me));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!peer.is_alive());
        // Its pid may be another's by now.
        let refused = Peer::of_process(peer.pid(), Arc::into_inner(peer.handle).unwrap());
        assert!(matches!(refused, Err(PeerError::Gone { .. })));
    }
}
