//! Frames: one byte that says what follows, its length in four bytes (big endian), and it.
//!
//! ```text
//! 'J' | length | JSON          'P' | length | the characters of one PIN
//! ```
//!
//! Nothing here buffers beyond the frame at hand, so a PIN goes from the socket to its locked page
//! and nowhere else. Everything works on any [`Read`], a slice included: nothing that a stranger
//! sends makes it panic, or take more memory than was really sent.

use std::io::{self, ErrorKind, Read, Write};

use lichna_secret::{Can, HexKey, LONGEST, Passphrase, Pin, Puk, SecretError};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{AgentMessage, ClientMessage};

/// Most bytes of JSON that the agent may send: a server's answer of 256 KiB, escaped at worst.
pub const LONGEST_FROM_AGENT: usize = 2 * 1024 * 1024;

/// Most bytes of JSON that a client may send: a login with a few CA files.
pub const LONGEST_FROM_CLIENT: usize = 256 * 1024;

/// Bytes before the body: the kind and the length.
pub const HEADER: usize = 5;

/// Why a frame could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The other side closed the connection between two frames.
    #[error("the connection was closed")]
    Closed,
    /// The other side closed the connection in the middle of a frame.
    #[error("the connection was cut off in the middle of a frame")]
    CutOff,
    /// The other side sent nothing for too long.
    #[error("nothing came in time")]
    Silent,
    /// More bytes than this side takes.
    #[error("a frame of {length} bytes is longer than the {limit} that are taken")]
    TooLarge {
        /// Bytes announced.
        length: usize,
        /// Bytes taken.
        limit: usize,
    },
    /// The first byte says nothing that is known.
    #[error("a frame of the unknown kind 0x{kind:02x}")]
    UnknownKind {
        /// The first byte.
        kind: u8,
    },
    /// A PIN came where JSON was due, or the other way round.
    #[error("a {came} frame came where a {due} frame was due")]
    OutOfPlace {
        /// What came.
        came: Kind,
        /// What was due.
        due: Kind,
    },
    /// The JSON is not a message.
    #[error("line {line}, column {column} of a message cannot be read: {reason}")]
    NotAMessage {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 where the fault is not at a place.
        column: usize,
        /// What is wrong. Names fields and types, never their contents.
        reason: &'static str,
    },
    /// The PIN cannot be one.
    #[error(transparent)]
    Secret(SecretError),
    /// The connection failed.
    #[error("the connection failed")]
    Connection(#[source] io::Error),
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message.
    Json,
    /// One PIN, PUK, CAN, passphrase or key.
    Pin,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Pin => "PIN",
        })
    }
}

/// The five bytes before the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What follows.
    pub kind: Kind,
    /// How many bytes follow.
    pub length: usize,
}

impl Header {
    /// Reads it, and checks the length against what this side takes.
    ///
    /// # Errors
    /// [`FrameError::UnknownKind`] and [`FrameError::TooLarge`].
    pub fn parse(bytes: [u8; HEADER], longest_json: usize) -> Result<Self, FrameError> {
        let [kind, length @ ..] = bytes;
        let (kind, limit) = match kind {
            b'J' => (Kind::Json, longest_json),
            b'P' => (Kind::Pin, LONGEST),
            kind => return Err(FrameError::UnknownKind { kind }),
        };
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > limit {
            return Err(FrameError::TooLarge { length, limit });
        }
        Ok(Self { kind, length })
    }

    /// The five bytes.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] when the length does not fit.
    pub fn bytes(self) -> Result<[u8; HEADER], FrameError> {
        let too_large = || FrameError::TooLarge {
            length: self.length,
            limit: LONGEST_FROM_AGENT,
        };
        let [a, b, c, d] = u32::try_from(self.length)
            .map_err(|_| too_large())?
            .to_be_bytes();
        let kind = match self.kind {
            Kind::Json => b'J',
            Kind::Pin => b'P',
        };
        Ok([kind, a, b, c, d])
    }

    fn expect(self, due: Kind) -> Result<Self, FrameError> {
        if self.kind == due {
            Ok(self)
        } else {
            Err(FrameError::OutOfPlace {
                came: self.kind,
                due,
            })
        }
    }
}

/// A secret that travels in a frame of its own.
pub trait Secret: Sized {
    /// Reads exactly `length` characters straight into the locked page.
    ///
    /// # Errors
    /// [`SecretError`].
    fn read(from: &mut impl Read, length: usize) -> Result<Self, SecretError>;

    /// Lends the characters.
    fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T;

    /// How many characters it has.
    fn length(&self) -> usize;
}

macro_rules! secret {
    ($($name:ident),*) => {$(
        impl Secret for $name {
            fn read(from: &mut impl Read, length: usize) -> Result<Self, SecretError> {
                Self::read(from, length)
            }

            fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
                self.expose(use_it)
            }

            fn length(&self) -> usize {
                self.length()
            }
        }
    )*};
}

secret!(Pin, Puk, Can, Passphrase, HexKey);

/// Reads what a client sends. The fuzz target of this module.
///
/// # Errors
/// [`FrameError`].
pub fn read_client_message(from: &mut impl Read) -> Result<ClientMessage, FrameError> {
    read_message(from, LONGEST_FROM_CLIENT)
}

/// Reads what the agent sends.
///
/// # Errors
/// [`FrameError`].
pub fn read_agent_message(from: &mut impl Read) -> Result<AgentMessage, FrameError> {
    read_message(from, LONGEST_FROM_AGENT)
}

/// Reads a secret, straight into its locked page.
///
/// A frame with an empty secret, or one of characters that no card takes, is read to its end, so
/// the connection goes on after the error.
///
/// # Errors
/// [`FrameError`].
pub fn read_secret<S: Secret>(from: &mut impl Read) -> Result<S, FrameError> {
    let header = read_header(from, 0)?.expect(Kind::Pin)?;
    S::read(from, header.length).map_err(|error| match error {
        SecretError::Read(error) => broken(error),
        error => FrameError::Secret(error),
    })
}

/// Writes a message.
///
/// # Errors
/// [`FrameError::TooLarge`] when it is longer than `limit`: then nothing was sent. Else
/// [`FrameError::Connection`], [`FrameError::Closed`] or [`FrameError::Silent`].
pub fn write_message(
    to: &mut impl Write,
    message: &impl Serialize,
    limit: usize,
) -> Result<(), FrameError> {
    let mut frame = vec![0; HEADER];
    serde_json::to_writer(&mut frame, message).map_err(not_a_message)?;
    let length = frame.len() - HEADER;
    if length > limit {
        return Err(FrameError::TooLarge { length, limit });
    }
    let header = Header {
        kind: Kind::Json,
        length,
    };
    for (place, byte) in frame.iter_mut().zip(header.bytes()?) {
        *place = byte;
    }
    to.write_all(&frame).map_err(broken)
}

/// Writes a secret, straight from its locked page.
///
/// # Errors
/// [`FrameError::Connection`], [`FrameError::Closed`] or [`FrameError::Silent`].
pub fn write_secret(to: &mut impl Write, secret: &impl Secret) -> Result<(), FrameError> {
    let header = Header {
        kind: Kind::Pin,
        length: secret.length(),
    };
    to.write_all(&header.bytes()?).map_err(broken)?;
    secret
        .expose(|characters| to.write_all(characters))
        .map_err(broken)
}

/// Reads a message of at most `longest` bytes.
///
/// # Errors
/// [`FrameError`].
pub fn read_message<M: DeserializeOwned>(
    from: &mut impl Read,
    longest: usize,
) -> Result<M, FrameError> {
    let header = read_header(from, longest)?.expect(Kind::Json)?;
    // Grows as the bytes come: who announces much and sends little costs little.
    let mut body = Vec::new();
    let limit = u64::try_from(header.length).unwrap_or(u64::MAX);
    from.take(limit).read_to_end(&mut body).map_err(broken)?;
    if body.len() < header.length {
        return Err(FrameError::CutOff);
    }
    serde_json::from_slice(&body).map_err(not_a_message)
}

fn read_header(from: &mut impl Read, longest: usize) -> Result<Header, FrameError> {
    let mut bytes = [0; HEADER];
    let (first, rest) = bytes.split_at_mut(1);
    from.read_exact(first).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => FrameError::Closed,
        _ => broken(error),
    })?;
    from.read_exact(rest).map_err(broken)?;
    Header::parse(bytes, longest)
}

fn broken(error: io::Error) -> FrameError {
    match error.kind() {
        ErrorKind::UnexpectedEof => FrameError::CutOff,
        ErrorKind::WouldBlock | ErrorKind::TimedOut => FrameError::Silent,
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => FrameError::Closed,
        _ => FrameError::Connection(error),
    }
}

/// Keeps the place and the kind of the fault. The parser's own text may quote what was sent.
fn not_a_message(error: serde_json::Error) -> FrameError {
    use serde_json::error::Category;
    FrameError::NotAMessage {
        line: error.line(),
        column: error.column(),
        reason: match error.classify() {
            Category::Syntax => "it is not JSON",
            Category::Eof => "it ends too early",
            Category::Data => "it is no message that this version knows",
            Category::Io => "it could not be read",
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Answer, LoginRequest, Request};

    fn written(message: &ClientMessage) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_message(&mut bytes, message, LONGEST_FROM_CLIENT).unwrap();
        bytes
    }

    fn messages() -> impl Strategy<Value = ClientMessage> {
        let login = (any::<u32>(), ".{0,80}", ".{0,20}").prop_map(|(id, url, reader)| {
            ClientMessage::Request {
                id,
                request: Request::Login(LoginRequest {
                    url,
                    certificate: crate::CertificateChoice {
                        reader: Some(reader),
                        key: None,
                    },
                    authorities: vec![],
                    consent: crate::ConsentRoute::Caller,
                }),
            }
        });
        let answer = (any::<u32>(), any::<u8>(), any::<bool>()).prop_map(|(id, secrets, last)| {
            ClientMessage::Answer {
                id,
                answer: Answer::Typed {
                    secrets,
                    choices: crate::Choices {
                        spend_last_try: last,
                        remember_can: !last,
                        ..crate::Choices::default()
                    },
                },
            }
        });
        prop_oneof![
            login,
            answer,
            any::<u32>().prop_map(|id| ClientMessage::Cancel { id })
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(message in messages()) {
            let bytes = written(&message);
            let mut rest = &bytes[..];
            prop_assert_eq!(read_client_message(&mut rest).unwrap(), message);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn a_pin_is_read_again(pin in "[ -~]{1,255}") {
            let mut bytes = Vec::new();
            write_secret(&mut bytes, &Pin::take(&mut pin.clone().into_bytes()).unwrap()).unwrap();
            let read = read_secret::<Pin>(&mut &bytes[..]).unwrap();
            prop_assert!(read.expose(|read| read == pin.as_bytes()));
        }

        #[test]
        fn half_a_frame_is_cut_off(message in messages(), cut in any::<prop::sample::Index>()) {
            let bytes = written(&message);
            let part = &bytes[..cut.index(bytes.len())];
            let error = read_client_message(&mut &*part).unwrap_err();
            if part.is_empty() {
                prop_assert!(matches!(error, FrameError::Closed));
            } else {
                prop_assert!(matches!(error, FrameError::CutOff));
            }
        }

        #[test]
        fn any_bytes_end_in_a_named_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_client_message(&mut &bytes[..]);
            let _ = read_agent_message(&mut &bytes[..]);
            let _ = read_secret::<Pin>(&mut &bytes[..]);
        }
    }

    #[test]
    fn refuses_a_frame_that_is_too_large() {
        for (bytes, limit) in [
            (*b"J\x00\x04\x00\x01", LONGEST_FROM_CLIENT),
            (*b"P\x00\x00\x01\x00", LONGEST),
        ] {
            let error = Header::parse(bytes, LONGEST_FROM_CLIENT).unwrap_err();
            assert!(
                matches!(error, FrameError::TooLarge { length, limit: taken } if length == limit + 1 && taken == limit)
            );
        }
        let long = ClientMessage::Request {
            id: 1,
            request: Request::ProfileCheck {
                file: "long.toml".into(),
                text: "#".repeat(LONGEST_FROM_CLIENT),
            },
        };
        let mut sent = Vec::new();
        let refused = write_message(&mut sent, &long, LONGEST_FROM_CLIENT);
        assert!(matches!(refused, Err(FrameError::TooLarge { .. })));
        assert!(sent.is_empty());
    }

    #[test]
    fn refuses_an_unknown_kind() {
        let error = read_client_message(&mut &b"X\0\0\0\0"[..]).unwrap_err();
        assert!(matches!(error, FrameError::UnknownKind { kind: b'X' }));
    }

    #[test]
    fn refuses_a_pin_where_a_message_is_due() {
        let mut bytes = Vec::new();
        write_secret(&mut bytes, &Pin::take(&mut b"1234".to_vec()).unwrap()).unwrap();
        let error = read_client_message(&mut &bytes[..]).unwrap_err();
        assert!(matches!(error, FrameError::OutOfPlace { .. }));
    }

    #[test]
    fn names_the_place_of_bad_json_and_quotes_nothing_of_it() {
        let mut bytes = b"J\0\0\0\x14".to_vec();
        bytes.extend_from_slice(b"{\"type\": \n \"123456\"}");
        let error = read_client_message(&mut &bytes[..]).unwrap_err();
        assert!(matches!(error, FrameError::NotAMessage { line: 2, .. }));
        assert!(!error.to_string().contains("123456"));
    }

    #[test]
    fn a_bad_pin_does_not_end_the_connection() {
        let mut bytes = b"P\0\0\0\x02\x001P\0\0\0\0P\0\0\0\x011".as_slice();
        for _ in 0..2 {
            let refused = read_secret::<Pin>(&mut bytes).err().unwrap();
            assert!(matches!(refused, FrameError::Secret(_)));
        }
        assert_eq!(read_secret::<Pin>(&mut bytes).unwrap().length(), 1);
    }
}
