//! The service's own table of its slots, as its client library reads it (pcsc-lite's
//! `winscard_msg.h`, protocol 4.4, unchanged since 1.8.24). Reading it connects to no card and so
//! changes nothing, which no PC/SC program can do as quietly.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::DEADLINE;

/// What the service knows of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The reader's name, as PC/SC programs know it.
    pub name: String,
    /// A card is in it.
    pub present: bool,
    /// The card gives no answer to reset that is one.
    pub mute: bool,
    /// The card's answer to reset.
    pub atr: Vec<u8>,
}

/// Reads the table.
pub(super) fn read(socket: &Path) -> io::Result<Vec<Slot>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let version = [4_u32, 4, 0];
    stream.write_all(&message(VERSION, &version))?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if answer[8..] != [0; 4] {
        return Err(io::Error::new(
            ErrorKind::Unsupported,
            "pcscd speaks another protocol",
        ));
    }
    stream.write_all(&message(READER_STATES, &[]))?;
    let mut table = vec![0; SLOTS * SLOT];
    stream.read_exact(&mut table)?;
    Ok(table
        .chunks_exact(SLOT)
        .filter(|slot| slot[0] != 0)
        .map(slot)
        .collect())
}

/// A header (the length of what follows it, the command) and words, all in the machine's order.
fn message(command: u32, words: &[u32]) -> Vec<u8> {
    let length = u32::try_from(words.len() * 4).expect("three words at most");
    [&[length, command], words]
        .concat()
        .into_iter()
        .flat_map(u32::to_ne_bytes)
        .collect()
}

/// One entry: name (128 bytes), events, state, sharing, ATR (33 bytes and 3 of padding), its
/// length, protocol.
fn slot(entry: &[u8]) -> Slot {
    let word = |at: usize| u32::from_ne_bytes(entry[at..at + 4].try_into().expect("four bytes"));
    let name = entry[..128]
        .split(|&byte| byte == 0)
        .next()
        .unwrap_or_default();
    let state = word(132);
    let length = usize::try_from(word(176)).unwrap_or(0).min(33);
    Slot {
        name: String::from_utf8_lossy(name).into_owned(),
        present: state & PRESENT != 0,
        mute: state & SWALLOWED != 0,
        atr: entry[140..140 + length].to_vec(),
    }
}

const VERSION: u32 = 0x11;
const READER_STATES: u32 = 0x12;
const SLOTS: usize = 16;
const SLOT: usize = 184;
const PRESENT: u32 = 0x0004;
const SWALLOWED: u32 = 0x0008;
