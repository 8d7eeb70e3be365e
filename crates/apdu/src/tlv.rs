//! BER-TLV data objects, ISO/IEC 7816-4 §6.3, read within bounds.
//!
//! `iso7816-tlv` recurses as deep as its input says. So a bounded walk over the bytes stands
//! before it: what it is given is no deeper than [`DEEPEST`] and no longer than [`LONGEST`].

pub use iso7816_tlv::ber::{Tag, Tlv, Value};
use thiserror::Error;

/// Deepest nesting that is read: the outermost object and seven within.
pub const DEEPEST: usize = 8;
/// Longest data that is read: what the longest answer can carry.
pub const LONGEST: usize = 65_536;
/// Bit b6 of a tag: the value holds data objects.
const TAG_CONSTRUCTED: u8 = 0x20;
/// Bits b5 to b1 of a tag: its number follows, in up to two bytes.
const TAG_CONTINUES: u8 = 0x1F;

/// Why bytes are not a data object that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TlvError {
    /// More bytes than any answer can carry.
    #[error("{length} bytes of data objects are more than the {LONGEST} that are read")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Nested too deep.
    #[error("data objects are nested deeper than {DEEPEST} at byte {offset}")]
    TooDeep {
        /// Where, from the start.
        offset: usize,
    },
    /// A tag or length that is cut off, or not allowed.
    #[error("the data object at byte {offset} is malformed")]
    Malformed {
        /// Where, from the start.
        offset: usize,
    },
    /// The object says it is longer than what is there.
    #[error("the data object at byte {offset} says {announced} bytes, {present} are there")]
    CutOff {
        /// Where, from the start.
        offset: usize,
        /// Length in its length field.
        announced: usize,
        /// Bytes that follow.
        present: usize,
    },
    /// The object that was looked for is not there.
    #[error("the data object {tag} is missing")]
    Missing {
        /// Its tag, in hexadecimal.
        tag: String,
    },
}

/// Reads one data object that fills all of `bytes`.
///
/// # Errors
/// [`TlvError`]; bytes left over after the object are [`TlvError::Malformed`].
pub fn parse(bytes: &[u8]) -> Result<Tlv, TlvError> {
    let header = check_one(bytes)?;
    if header != bytes.len() {
        return Err(TlvError::Malformed { offset: header });
    }
    Tlv::from_bytes(bytes).map_err(|_| TlvError::Malformed { offset: 0 })
}

/// Reads the data object at the start of `bytes` and returns it with what follows.
///
/// # Errors
/// [`TlvError`].
pub fn parse_first(bytes: &[u8]) -> Result<(Tlv, &[u8]), TlvError> {
    let length = check_one(bytes)?;
    let (first, rest) = bytes
        .split_at_checked(length)
        .ok_or(TlvError::Malformed { offset: length })?;
    Ok((
        Tlv::from_bytes(first).map_err(|_| TlvError::Malformed { offset: 0 })?,
        rest,
    ))
}

/// Reads the data objects that follow one another until the end of `bytes`.
///
/// # Errors
/// [`TlvError`].
pub fn parse_all(bytes: &[u8]) -> Result<Vec<Tlv>, TlvError> {
    let mut rest = bytes;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (one, after) = parse_first(rest)?;
        all.push(one);
        rest = after;
    }
    Ok(all)
}

/// The data object at the start of `bytes`, its value left as it is: tag, value, what follows.
///
/// For objects whose tag says that they hold others, but that hold something else: the
/// certificate in a PIV data object (tag 70) may be compressed.
///
/// # Errors
/// [`TlvError`]; a tag of more than two bytes is [`TlvError::Malformed`].
pub fn split_first(bytes: &[u8]) -> Result<(u16, &[u8], &[u8]), TlvError> {
    if bytes.len() > LONGEST {
        return Err(TlvError::TooLong {
            length: bytes.len(),
        });
    }
    let malformed = || TlvError::Malformed { offset: 0 };
    let header = header_at(bytes, 0, bytes.len())?;
    let tag = match bytes {
        [first, second, third, ..] if first & TAG_CONTINUES == TAG_CONTINUES => {
            if second & 0x80 != 0 && third & 0x80 == 0 {
                return Err(malformed());
            }
            u16::from_be_bytes([*first, *second])
        }
        [first, ..] => u16::from(*first),
        [] => return Err(malformed()),
    };
    let (whole, rest) = bytes.split_at_checked(header.end).ok_or_else(malformed)?;
    let value = whole.get(header.content..).ok_or_else(malformed)?;
    Ok((tag, value, rest))
}

/// The value of the primitive data object at `path` (tags from outside in).
///
/// # Errors
/// [`TlvError::Missing`] names the tag that is not there.
pub fn value_at<'a>(tlv: &'a Tlv, path: &[u16]) -> Result<&'a [u8], TlvError> {
    let mut at = tlv;
    for tag in path {
        let missing = || TlvError::Missing {
            tag: format!("{tag:X}"),
        };
        let tag = Tag::try_from(*tag).map_err(|_| missing())?;
        at = match at.value() {
            Value::Constructed(inside) => inside
                .iter()
                .find(|tlv| *tlv.tag() == tag)
                .ok_or_else(missing)?,
            Value::Primitive(_) => return Err(missing()),
        };
    }
    match at.value() {
        Value::Primitive(bytes) => Ok(bytes),
        Value::Constructed(_) => Err(TlvError::Missing {
            tag: format!("primitive {}", at.tag()),
        }),
    }
}

/// The bytes of a primitive data object: tag, length, value.
///
/// # Panics
/// Never for a tag of one or two bytes as the standard writes it.
#[must_use]
pub fn encode(tag: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len() + 6);
    let [high, low] = tag.to_be_bytes();
    if high > 0 {
        bytes.push(high);
    }
    bytes.push(low);
    push_length(&mut bytes, value.len());
    bytes.extend_from_slice(value);
    bytes
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    let be = length.to_be_bytes();
    match length {
        0..0x80 => bytes.extend(be.last()),
        _ => {
            let significant = be.iter().skip_while(|byte| **byte == 0);
            let count = significant.clone().count();
            bytes.extend(u8::try_from(0x80 | count));
            bytes.extend(significant);
        }
    }
}

/// Walks over the object at the start without recursion; returns how many bytes it takes.
fn check_one(bytes: &[u8]) -> Result<usize, TlvError> {
    if bytes.len() > LONGEST {
        return Err(TlvError::TooLong {
            length: bytes.len(),
        });
    }
    let whole = header_at(bytes, 0, bytes.len())?;
    // Ends of the constructed objects that are open, innermost last.
    let mut open = vec![whole.end];
    let mut offset = if whole.constructed {
        whole.content
    } else {
        whole.end
    };
    while let Some(end) = open.last().copied() {
        if offset >= end {
            open.pop();
            continue;
        }
        let inner = header_at(bytes, offset, end)?;
        if open.len() >= DEEPEST {
            return Err(TlvError::TooDeep { offset });
        }
        if inner.constructed {
            open.push(inner.end);
            offset = inner.content;
        } else {
            offset = inner.end;
        }
    }
    Ok(whole.end)
}

struct Header {
    content: usize,
    end: usize,
    constructed: bool,
}

/// Reads tag and length at `offset`; nothing may reach beyond `limit`.
fn header_at(bytes: &[u8], offset: usize, limit: usize) -> Result<Header, TlvError> {
    let malformed = || TlvError::Malformed { offset };
    let rest = bytes.get(offset..limit).ok_or_else(malformed)?;
    let (tag, mut after) = rest.split_first().ok_or_else(malformed)?;
    if tag & TAG_CONTINUES == TAG_CONTINUES {
        let more = after
            .iter()
            .take(2)
            .position(|byte| byte & 0x80 == 0)
            .ok_or_else(malformed)?;
        after = after.get(more + 1..).ok_or_else(malformed)?;
    }
    let (first, mut after) = after.split_first().ok_or_else(malformed)?;
    let announced = match *first {
        short @ 0..=0x7F => usize::from(short),
        // Two more bytes reach to LONGEST; a third is allowed for cards that pad the length.
        long @ 0x81..=0x83 => {
            let mut length = 0_usize;
            for _ in 0x80..long {
                let (byte, next) = after.split_first().ok_or_else(malformed)?;
                length = length << 8 | usize::from(*byte);
                after = next;
            }
            length
        }
        _ => return Err(malformed()),
    };
    let content = limit - after.len();
    if announced > after.len() {
        return Err(TlvError::CutOff {
            offset,
            announced,
            present: after.len(),
        });
    }
    Ok(Header {
        content,
        end: content + announced,
        constructed: tag & TAG_CONSTRUCTED != 0,
    })
}
