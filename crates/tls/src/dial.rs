//! A TCP connection on which no server can hold anybody up.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use crate::{Phase, ProbeError};

/// Most addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

/// A connection with a deadline and a limit on what is read from it.
pub struct Bounded {
    stream: TcpStream,
    deadline: Instant,
    /// Bytes that may still be read.
    left: usize,
}

impl Bounded {
    pub const fn new(stream: TcpStream, deadline: Instant, longest: usize) -> Self {
        Self {
            stream,
            deadline,
            left: longest,
        }
    }

    /// Whether all that may be read has been.
    pub const fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    fn remaining(&self) -> io::Result<Duration> {
        remaining(self.deadline).ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.remaining()?))?;
        let length = buffer.len().min(self.left);
        if length == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let Some(buffer) = buffer.get_mut(..length) else {
            return Ok(0);
        };
        let read = self.stream.read(buffer).map_err(timed_out)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.remaining()?))?;
        self.stream.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Unix reports a read that timed out as one that would block.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

fn remaining(deadline: Instant) -> Option<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
}

/// Connects to the first address of the host that answers.
pub fn dial(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, ProbeError> {
    let addresses = resolve(host, port, deadline)?;
    let mut last = None;
    for (tried, address) in addresses.iter().enumerate() {
        let left = remaining(deadline).ok_or(ProbeError::Timeout {
            phase: Phase::Connecting,
        })?;
        // An address that never answers leaves time for those after it.
        let untried = u32::try_from(addresses.len() - tried).unwrap_or(1);
        match TcpStream::connect_timeout(address, left / untried) {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(ProbeError::Connection)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        None => ProbeError::NameUnknown {
            host: host.to_owned(),
        },
        Some(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => ProbeError::Refused {
                host: host.to_owned(),
                port,
            },
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ProbeError::Timeout {
                phase: Phase::Connecting,
            },
            _ => ProbeError::Connection(error),
        },
    })
}

/// Asks the system for the addresses of a name.
fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, ProbeError> {
    let left = remaining(deadline).ok_or(ProbeError::Timeout {
        phase: Phase::Resolving,
    })?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let name = host.to_owned();
    // The system's resolver takes no deadline, so it is left alone when it is too slow; the
    // thread ends when it answers.
    thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            let found = (name.as_str(), port)
                .to_socket_addrs()
                .map(|all| all.take(MOST_ADDRESSES).collect::<Vec<_>>());
            let _ = sender.send(found);
        })
        .map_err(ProbeError::Connection)?;
    match receiver.recv_timeout(left) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(ProbeError::NameUnknown {
            host: host.to_owned(),
        }),
        Err(RecvTimeoutError::Timeout) => Err(ProbeError::Timeout {
            phase: Phase::Resolving,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A connection, and its other end.
    fn connected(deadline: Instant, longest: usize) -> (Bounded, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (other, _) = listener.accept().unwrap();
        (Bounded::new(stream, deadline, longest), other)
    }

    #[test]
    fn reads_no_more_than_it_may() {
        let deadline = Instant::now() + Duration::from_secs(20);
        let (mut bounded, mut other) = connected(deadline, 10);
        other.write_all(&[7; 100]).unwrap();
        let mut read = [0; 10];
        bounded.read_exact(&mut read).unwrap();
        assert!(bounded.is_exhausted());
        let refused = bounded.read(&mut read).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn waits_no_longer_than_it_may() {
        let (mut bounded, _other) = connected(Instant::now() + Duration::from_millis(50), 10);
        for _ in 0..2 {
            let late = bounded.read(&mut [0; 10]).unwrap_err();
            assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        }
        let late = bounded.write(&[0]).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn asks_nobody_once_the_time_is_over() {
        let told = dial("localhost", 1, Instant::now()).unwrap_err();
        assert!(matches!(
            told,
            ProbeError::Timeout {
                phase: Phase::Resolving
            }
        ));
    }
}
