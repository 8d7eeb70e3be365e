//! The card behind a real PC/SC service: the card's side of vsmartcard's protocol.
//!
//! A reader of `vpcd` listens on a TCP port, and a card that comes connects to it. Messages in both
//! directions have a length of two bytes, big-endian; those of one byte are about power.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};

use crate::{Inserted, SoftCard};

/// A card that is in a reader of `vpcd`, served by a thread of its own.
pub struct Served {
    stream: TcpStream,
    worker: JoinHandle<(SoftCard, io::Result<()>)>,
}

/// Puts `card` into the reader that listens at `reader`, and serves it until it is
/// [taken out](Served::remove) or the service goes away.
///
/// # Errors
/// When nobody listens there. The card comes back.
pub fn serve(card: Inserted, reader: SocketAddr) -> Result<Served, (Box<Inserted>, io::Error)> {
    let streams = TcpStream::connect(reader).and_then(|stream| {
        stream.set_nodelay(true)?;
        Ok((stream.try_clone()?, stream))
    });
    let (stream, of_worker) = match streams {
        Ok(streams) => streams,
        Err(error) => return Err((Box::new(card), error)),
    };
    let worker = thread::spawn(move || {
        let (mut card, mut stream) = (card, of_worker);
        let end = loop {
            if let Err(error) = answer_one(&mut card, &mut stream) {
                break error;
            }
        };
        let end = match end.kind() {
            // Taken out, or the service ended: how it always ends.
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(end),
        };
        (card.remove(), end)
    });
    Ok(Served { stream, worker })
}

impl Served {
    /// Whether the service has gone away.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.worker.is_finished()
    }

    /// Takes the card out, and says how serving it ended. A command that is at work is finished
    /// first.
    ///
    /// # Errors
    /// Never the end of the connection: the card comes back all the same.
    pub fn remove(self) -> (Option<SoftCard>, io::Result<()>) {
        // The service may have closed it before.
        self.stream.shutdown(Shutdown::Both).ok();
        match self.worker.join() {
            Ok((card, end)) => (Some(card), end),
            Err(_) => (
                None,
                Err(io::Error::other("the thread of the card panicked")),
            ),
        }
    }
}

fn answer_one(card: &mut Inserted, stream: &mut TcpStream) -> io::Result<()> {
    let message = receive(stream)?;
    match message.as_slice() {
        [POWER_OFF | POWER_ON | RESET] => {
            card.reset();
            Ok(())
        }
        [ATR] => send(stream, &card.atr()),
        command => send(stream, &card.answer(command)),
    }
}

fn receive(stream: &mut TcpStream) -> io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let mut length = [0; 2];
    acknowledge_at_once(stream)?;
    stream.read_exact(&mut length)?;
    let mut body = zeroize::Zeroizing::new(vec![0; usize::from(u16::from_be_bytes(length))]);
    acknowledge_at_once(stream)?;
    stream.read_exact(&mut body)?;
    Ok(body)
}

/// `vpcd` writes length and body apart. Where the system can be told so, the first is acknowledged
/// at once: Nagle's algorithm there would wait 40 ms for it.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(stream: &TcpStream) -> io::Result<()> {
    std::os::linux::net::TcpStreamExt::set_quickack(stream, true)
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_stream: &TcpStream) -> io::Result<()> {
    Ok(())
}

fn send(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len()).map_err(io::Error::other)?;
    let message = zeroize::Zeroizing::new([length.to_be_bytes().as_slice(), body].concat());
    stream.write_all(&message)
}

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ATR: u8 = 4;
