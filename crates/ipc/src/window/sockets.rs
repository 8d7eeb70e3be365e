//! A pair of sockets, socketpair(2). The system tells each end who made it.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command};

use super::WindowError;
use crate::peer::Peer;

/// One end.
#[derive(Debug)]
pub struct Channel(UnixStream);

impl Channel {
    /// Starts the window with the other end.
    pub(super) fn open(mut command: Command) -> io::Result<(Child, Self)> {
        let (own, other) = UnixStream::pair()?;
        let other = OwnedFd::from(other);
        command.stdin(other.try_clone()?).stdout(other);
        let child = command.current_dir("/").spawn()?;
        // The command has the other end until it is dropped: else the window's end would not be seen.
        drop(command);
        Ok((child, Self(own)))
    }

    /// The window's end, when it is the agent that started this process.
    ///
    /// # Errors
    /// [`WindowError::NotByAgent`].
    pub fn of_agent() -> Result<Self, WindowError> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let peer = Peer::of_socket(&input).map_err(|_| WindowError::NotByAgent)?;
        if peer.pid() != std::os::unix::process::parent_id() || !is_agent(&peer) {
            return Err(WindowError::NotByAgent);
        }
        Ok(Self(UnixStream::from(input)))
    }

    /// The same end once more, for another thread.
    ///
    /// # Errors
    /// As the system says.
    pub fn duplicate(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}

/// It runs the agent beside this program. An agent keeps its memory to itself, so that the system
/// does not tell others what it runs; then its name has to do.
fn is_agent(peer: &Peer) -> bool {
    let Some(path) = peer.executable_path() else {
        return peer.name == AGENT;
    };
    let own = std::env::current_exe().and_then(std::fs::canonicalize);
    let beside = own.map(|own| own.with_file_name(AGENT));
    // One that was replaced meanwhile runs on.
    let path = path.as_os_str().to_string_lossy();
    let path = path.strip_suffix(" (deleted)").unwrap_or(&path);
    beside.is_ok_and(|beside| beside == Path::new(path))
}

/// The agent's file.
const AGENT: &str = "lichna-agent";

impl Read for Channel {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
