//! Files of a card: SELECT by path, READ BINARY and UPDATE BINARY, ISO/IEC 7816-4 §11.2 and §11.3.

use lichna_apdu::{Command, Framing, Instruction, Status, tlv};

use crate::{
    CardError,
    session::{Session, refused},
};

/// P1 and P2 of SELECT: by path from the MF, FCP wanted (§11.2.2).
const BY_PATH: (u8, u8) = (0x08, 0x04);
/// File control templates, and the number of data bytes in them (§7.4.3).
const FCP: u16 = 0x62;
const FCI: u16 = 0x6F;
const SIZE: u16 = 0x80;
/// Bit b8 of P1 says that the rest names a file: larger offsets go into a data object (§11.3.3).
const OFFSETS_IN_P1P2: usize = 0x8000;
/// Offset data object and discretionary data of the commands with odd INS.
const OFFSET: u16 = 0x54;
const DATA: u16 = 0x53;
/// What the offset and the tags around the data take of a command with odd INS.
const ODD_OVERHEAD: usize = 12;
/// 6282: the file ended before the length that was asked for.
const END_OF_FILE: u8 = 0x82;
/// Bytes that are written with one command where the way to the card carries them: a certificate
/// of usual length.
const WRITTEN_AT_ONCE: usize = 2048;
/// Least bytes that each read brings, on average: else the card reads without end.
const FEWEST_A_READ: usize = 64;

/// A file that is selected.
struct Selected {
    /// Its size in bytes, where the card says so.
    size: Option<usize>,
}

/// Selects the file at `path` from the MF; `None` when there is none.
fn select(session: &mut Session<'_>, path: &[u8]) -> Result<Option<Selected>, CardError> {
    let (p1, p2) = BY_PATH;
    let command = Command::new(Instruction::Select, p1, p2)
        .data(path)
        .expect(256);
    let response = session.send(&command)?;
    match response.status() {
        Status::Success | Status::Warning(_) => {
            let size = tlv::split_first(response.data())
                .ok()
                .filter(|(tag, ..)| [FCP, FCI].contains(tag))
                .and_then(|_| tlv::parse(response.data()).ok())
                .and_then(|template| number(tlv::value_at(&template, &[SIZE]).ok()?));
            Ok(Some(Selected { size }))
        }
        Status::FileNotFound | Status::ReferencedDataNotFound => Ok(None),
        _ => Err(refused(Instruction::Select, &response)),
    }
}

/// As `select`, where the file has to be there.
pub fn must_select(session: &mut Session<'_>, path: &[u8]) -> Result<(), CardError> {
    match select(session, path)? {
        Some(_) => Ok(()),
        None => Err(CardError::CardRefused {
            command: Instruction::Select,
            status: Status::FileNotFound,
        }),
    }
}

/// Reads the data object that the file at `path` begins with: as much of the file as it is long.
/// `None` when there is no such file, or nothing in it.
pub fn read_object(
    session: &mut Session<'_>,
    path: &[u8],
    longest: usize,
) -> Result<Option<Vec<u8>>, CardError> {
    let Some(file) = select(session, path)? else {
        return Ok(None);
    };
    let bytes = read(session, &file, longest, |bytes| match first_length(bytes) {
        // An empty file, or one filled with zeros.
        _ if bytes.first() == Some(&0) => true,
        Some(length) => bytes.len() >= length,
        None => false,
    })?;
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// Reads the data objects that the file at `path` holds, one after the other, up to the zeros that
/// fill it. `None` when there is no such file.
pub fn read_objects(
    session: &mut Session<'_>,
    path: &[u8],
    longest: usize,
) -> Result<Option<Vec<u8>>, CardError> {
    let Some(file) = select(session, path)? else {
        return Ok(None);
    };
    read(session, &file, longest, ends_in_zeros).map(Some)
}

/// Whether zeros follow the last data object.
fn ends_in_zeros(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        if rest.first() == Some(&0) {
            return true;
        }
        rest = match first_length(rest).and_then(|length| rest.get(length..)) {
            Some(rest) if !rest.is_empty() => rest,
            _ => return false,
        };
    }
}

/// How long the data object at the start is, tag and length included, as far as it can be seen.
/// For objects that may not be there whole; those that are, are read by `tlv`.
fn first_length(bytes: &[u8]) -> Option<usize> {
    match tlv::split_first(bytes) {
        Ok((_, _, rest)) => Some(bytes.len() - rest.len()),
        Err(tlv::TlvError::CutOff {
            announced, present, ..
        }) => (bytes.len() - present).checked_add(announced),
        Err(_) => None,
    }
}

/// Reads the file that is selected from its start, until `enough`, its end, or `longest` bytes.
fn read(
    session: &mut Session<'_>,
    file: &Selected,
    longest: usize,
    enough: impl Fn(&[u8]) -> bool,
) -> Result<Vec<u8>, CardError> {
    let malformed = CardError::malformed("file");
    let most_reads = longest / FEWEST_A_READ + 2;
    let mut bytes = Vec::new();
    for _ in 0..most_reads {
        let piece = read_binary(session, bytes.len())?;
        let short = piece.bytes.len() < piece.asked;
        let nothing = piece.bytes.is_empty();
        bytes.extend_from_slice(&piece.bytes);
        let all_there = file.size.is_some_and(|size| bytes.len() >= size);
        // Without its size, a file ends where less comes than was asked for.
        let ended = piece.ended || nothing || all_there || short && file.size.is_none();
        if bytes.len() > longest {
            // Only what fills the file up may be too much.
            bytes.truncate(longest);
            return if enough(&bytes) {
                Ok(bytes)
            } else {
                Err(malformed)
            };
        }
        if enough(&bytes) || ended {
            return Ok(bytes);
        }
    }
    Err(malformed)
}

struct Piece {
    bytes: Vec<u8>,
    asked: usize,
    ended: bool,
}

/// READ BINARY from the current file.
fn read_binary(session: &mut Session<'_>, offset: usize) -> Result<Piece, CardError> {
    let (command, odd) = match split(offset) {
        Some((p1, p2)) => (Command::new(Instruction::ReadBinary, p1, p2), false),
        None => {
            let object = tlv::encode(OFFSET, &significant(offset));
            let command = Command::new(Instruction::ReadBinaryOdd, 0x00, 0x00).data(&object);
            (command, true)
        }
    };
    let (instruction, ..) = command.header();
    let response = session.send(&command.expect(0))?;
    // Known now: a card may have refused the extended command.
    let asked = match session.longest_framing() {
        Framing::Short => 256,
        Framing::Extended => 65_536,
    };
    let ended = match response.status() {
        Status::Success => false,
        Status::Warning(END_OF_FILE) => true,
        // The offset is where the file ends, or behind.
        Status::IncorrectParameters if offset > 0 => {
            return Ok(Piece {
                bytes: Vec::new(),
                asked,
                ended: true,
            });
        }
        _ => return Err(refused(instruction, &response)),
    };
    let bytes = if odd && !response.data().is_empty() {
        match tlv::split_first(response.data()).map_err(CardError::tlv("file"))? {
            (DATA, value, []) => value.to_vec(),
            _ => return Err(CardError::malformed("file")),
        }
    } else {
        response.data().to_vec()
    };
    Ok(Piece {
        bytes,
        asked,
        ended,
    })
}

/// UPDATE BINARY of the file at `path`, from its start.
pub fn write(session: &mut Session<'_>, path: &[u8], bytes: &[u8]) -> Result<(), CardError> {
    must_select(session, path)?;
    let mut offset = 0;
    while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        let room = session.longest_data().min(WRITTEN_AT_ONCE);
        let command = match split(offset) {
            Some((p1, p2)) => {
                let piece = rest.get(..room).unwrap_or(rest);
                offset += piece.len();
                Command::new(Instruction::UpdateBinary, p1, p2).data(piece)
            }
            None => {
                let room = room.saturating_sub(ODD_OVERHEAD).max(1);
                let piece = rest.get(..room).unwrap_or(rest);
                let mut objects = tlv::encode(OFFSET, &significant(offset));
                objects.extend(tlv::encode(DATA, piece));
                offset += piece.len();
                Command::new(Instruction::UpdateBinaryOdd, 0x00, 0x00).data(&objects)
            }
        };
        session.demand(&command)?;
    }
    Ok(())
}

/// P1 and P2 of an offset; `None` when it needs a data object.
fn split(offset: usize) -> Option<(u8, u8)> {
    let offset = u16::try_from(offset)
        .ok()
        .filter(|offset| usize::from(*offset) < OFFSETS_IN_P1P2)?;
    let [high, low] = offset.to_be_bytes();
    Some((high, low))
}

/// A number without leading zeros.
fn significant(number: usize) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let significant: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    if significant.is_empty() {
        vec![0]
    } else {
        significant
    }
}

/// A number of up to four bytes.
fn number(bytes: &[u8]) -> Option<usize> {
    if bytes.is_empty() || bytes.len() > 4 {
        return None;
    }
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
    )
}
