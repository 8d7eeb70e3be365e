//! The way between agent and clients: a Unix socket, or a named pipe on Windows.

use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use crate::peer::{Peer, PeerError};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Listener, Stream};
#[cfg(windows)]
pub use windows::{Listener, Stream};

/// One end of a connection. Reading and writing are not buffered.
pub trait Connect: Read + Write + Send + Sized + 'static {
    /// Connects to the agent.
    ///
    /// # Errors
    /// As the system says: `NotFound` and `ConnectionRefused` when no agent listens.
    fn connect(to: &Path) -> io::Result<Self>;

    /// The same end once more, for another thread.
    ///
    /// # Errors
    /// When the system has no handle left.
    fn duplicate(&self) -> io::Result<Self>;

    /// How long one read may wait for something to come; `None` is as long as it takes.
    ///
    /// # Errors
    /// As the system says.
    fn wait_reading(&self, limit: Option<Duration>) -> io::Result<()>;

    /// How long one write may wait for the other side to take it.
    ///
    /// # Errors
    /// As the system says.
    fn wait_writing(&self, limit: Option<Duration>) -> io::Result<()>;

    /// Something came, or the other side is gone: the next read will not wait.
    fn is_readable(&self) -> bool {
        self.is_readable_within(Duration::ZERO)
    }

    /// The same, after waiting for it no longer than `limit`.
    fn is_readable_within(&self, limit: Duration) -> bool;

    /// Ends the connection for both sides and for every duplicate; a waiting read returns.
    fn hang_up(&self);

    /// Who is at the other end.
    ///
    /// # Errors
    /// [`PeerError`], also when it is another user.
    fn peer(&self) -> Result<Peer, PeerError>;
}

/// The agent's end, which clients connect to.
pub trait Accept: Send + Sized + 'static {
    /// What a connection is.
    type Stream: Connect;

    /// Waits for the next client.
    ///
    /// # Errors
    /// As the system says.
    fn accept(&self) -> io::Result<Self::Stream>;
}
