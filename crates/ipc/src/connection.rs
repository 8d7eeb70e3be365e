//! The agent's side of a connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;

use crate::frame::{self, FrameError, LONGEST_FROM_AGENT};
use crate::peer::{Peer, PeerError};
use crate::transport::{Connect, Stream};
use crate::{AgentMessage, ClientMessage, Hello, SecretKind, TypedSecret, VERSION};

/// How long a client may take for its first message, for the rest of a frame that it began, and
/// for PINs that it announced.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a client may take nothing of what the agent sends.
const WRITING: Duration = Duration::from_secs(10);

/// Why a client is not served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// It may not be.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// Its first message did not come, or cannot be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Its first message is not [`ClientMessage::Hello`].
    #[error("the first message is no greeting")]
    NoHello,
    /// It speaks another version. It has been told ours.
    #[error("the client speaks version {client} of the protocol, the agent {agent}")]
    Version {
        /// Its version.
        client: u16,
        /// Ours.
        agent: u16,
    },
}

/// A client that said who it is. This is the reading half; [`Connection::writer`] gives the other.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    writer: Writer,
    peer: Arc<Peer>,
    hello: Hello,
}

impl Connection {
    /// Looks at who connected, and exchanges greetings. May take as long as the client is slow,
    /// 5 s at most: not for the thread that accepts.
    ///
    /// # Errors
    /// [`ConnectionError`]; the connection is closed then.
    pub fn accept(
        mut stream: Stream,
        program: &str,
        version: &str,
    ) -> Result<Self, ConnectionError> {
        let peer = stream.peer()?;
        let writer = Writer::new(&stream)?;
        stream
            .wait_reading(Some(PATIENCE))
            .map_err(FrameError::Connection)?;
        let ClientMessage::Hello(hello) = frame::read_client_message(&mut stream)? else {
            return Err(ConnectionError::NoHello);
        };
        writer.send(&AgentMessage::Hello(Hello {
            protocol: VERSION,
            program: program.to_owned(),
            version: version.to_owned(),
        }))?;
        if hello.protocol != VERSION {
            return Err(ConnectionError::Version {
                client: hello.protocol,
                agent: VERSION,
            });
        }
        Ok(Self {
            stream,
            writer,
            peer: Arc::new(peer),
            hello,
        })
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// What the client said of itself.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Waits for the next message, as long as it takes.
    ///
    /// # Errors
    /// [`FrameError::Closed`] when the client hung up, else what was wrong with the frame. The
    /// connection is of no more use after any error.
    pub fn read(&mut self) -> Result<ClientMessage, FrameError> {
        self.wait(None)?;
        let mut patient = FirstByteAtLeisure {
            stream: &mut self.stream,
            began: false,
        };
        frame::read_client_message(&mut patient)
    }

    /// Reads a secret's frame, straight into its locked page. As many of them follow at once as
    /// [`Answer::Typed`](crate::Answer::Typed) said; all are to be read, also when nobody wants
    /// them any more.
    ///
    /// # Errors
    /// [`FrameError::Secret`] when it cannot be a PIN; the connection goes on then. After any
    /// other error it does not.
    pub fn read_secret(&mut self, kind: SecretKind) -> Result<TypedSecret, FrameError> {
        self.wait(Some(PATIENCE))?;
        TypedSecret::read(kind, &mut self.stream)
    }

    /// The writing half.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    fn wait(&self, limit: Option<Duration>) -> Result<(), FrameError> {
        self.stream
            .wait_reading(limit)
            .map_err(FrameError::Connection)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.stream.hang_up();
    }
}

/// Waits for a frame as long as it takes, but for its rest no longer than [`PATIENCE`] a read.
struct FirstByteAtLeisure<'a> {
    stream: &'a mut Stream,
    began: bool,
}

impl std::io::Read for FirstByteAtLeisure<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.stream.read(into)?;
        if !self.began && read > 0 {
            self.began = true;
            self.stream.wait_reading(Some(PATIENCE))?;
        }
        Ok(read)
    }
}

/// The writing half of a [`Connection`], for any number of threads. Each message goes out whole.
#[derive(Clone, Debug)]
pub struct Writer(Arc<Mutex<Stream>>);

impl Writer {
    fn new(stream: &Stream) -> Result<Self, FrameError> {
        let stream = stream.duplicate().map_err(FrameError::Connection)?;
        stream
            .wait_writing(Some(WRITING))
            .map_err(FrameError::Connection)?;
        Ok(Self(Arc::new(Mutex::new(stream))))
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] when nothing was sent and the connection goes on; after any other
    /// error it is closed, for nobody knows how much of the message went out.
    pub fn send(&self, message: &AgentMessage) -> Result<(), FrameError> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = frame::write_message(&mut *stream, message, LONGEST_FROM_AGENT);
        if !matches!(sent, Ok(()) | Err(FrameError::TooLarge { .. })) {
            stream.hang_up();
        }
        sent
    }

    /// Ends the connection. A waiting [`Connection::read`] returns [`FrameError::Closed`].
    pub fn hang_up(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .hang_up();
    }
}
