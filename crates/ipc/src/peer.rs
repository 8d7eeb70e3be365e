//! Who is at the other end of a connection.
//!
//! A process is known by its pid together with its start time, and held by a pidfd, so that one
//! which got the pid of a dead one is not taken for it. Everything is read once, when the
//! connection is made, while the process is known to live.

use std::path::PathBuf;

use thiserror::Error;

mod ancestry;
mod executable;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(unix, not(target_os = "linux")))]
mod other_unix;
#[cfg(target_os = "linux")]
mod stat;
#[cfg(windows)]
pub(crate) mod windows;

pub use ancestry::{Ancestry, ProcessId};
pub use executable::Executable;

/// Why a peer is not served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PeerError {
    /// It belongs to another user.
    #[error("the other side belongs to user {theirs}, this side to user {ours}")]
    AnotherUser {
        /// User id of the other side.
        theirs: u32,
        /// User id of this side.
        ours: u32,
    },
    /// It ended before it could be looked at.
    #[error("process {pid} is gone")]
    Gone {
        /// Its process id.
        pid: u32,
    },
    /// The system does not say who it is.
    #[error("the system does not say who is at the other end")]
    Unknown(#[source] std::io::Error),
}

/// The process at the other end. Its user is ours.
#[derive(Debug)]
pub struct Peer {
    /// Which process it is, and whom it descends from.
    pub ancestry: Ancestry,
    /// User id.
    pub uid: u32,
    /// Its own short name for itself. It may say anything: for people, and never without the pid.
    pub name: String,
    /// What it runs. `None` where the system does not tell: it does not of processes that keep
    /// their memory to themselves, such as `lichna`.
    pub executable: Option<Executable>,
    /// The terminal that controls it, by its device number.
    pub terminal: Option<u64>,
    #[cfg(target_os = "linux")]
    handle: std::sync::Arc<std::os::fd::OwnedFd>,
    #[cfg(windows)]
    handle: std::sync::Arc<std::os::windows::io::OwnedHandle>,
}

impl Peer {
    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.ancestry.process.pid
    }

    /// Path of the executable, where the system tells.
    #[must_use]
    pub fn executable_path(&self) -> Option<&PathBuf> {
        self.executable.as_ref().map(|executable| &executable.path)
    }

    /// A terminal controls it, so a person may be at it.
    #[must_use]
    pub fn has_terminal(&self) -> bool {
        self.terminal.is_some()
    }

    /// Whether the holder's choice for this program may be remembered: it is a program of its own,
    /// and this user cannot put another in its place.
    #[must_use]
    pub fn may_be_remembered(&self) -> bool {
        self.executable
            .as_ref()
            .is_some_and(|executable| executable.may_be_remembered(self.uid))
    }

    /// The very process that connected still runs.
    #[must_use]
    #[cfg(target_os = "linux")]
    pub fn is_alive(&self) -> bool {
        linux::is_alive(&self.handle)
    }

    /// The very process that connected still runs.
    #[must_use]
    #[cfg(windows)]
    pub fn is_alive(&self) -> bool {
        windows::is_alive(&self.handle)
    }

    /// The very process that connected still runs, as far as this system tells.
    #[must_use]
    #[cfg(not(any(target_os = "linux", windows)))]
    pub fn is_alive(&self) -> bool {
        true
    }
}

/// One of the two may act for the other: they share a session, or one was started by the other.
/// A request of one may then not be answered by the other.
#[must_use]
pub fn same_tree(one: &Peer, other: &Peer) -> bool {
    one.ancestry.same_tree(&other.ancestry)
}
