//! Dynamic authentication data, ISO/IEC 7816-4 table: data object 7C of GENERAL AUTHENTICATE.

use lichna_apdu::tlv;

use crate::MalformedObject;

/// Data object 7C.
pub(crate) const DYNAMIC: u16 = 0x7C;

/// The value of 7C that fills all of `bytes`.
fn inside(bytes: &[u8]) -> Result<&[u8], MalformedObject> {
    match tlv::split_first(bytes).map_err(|_| MalformedObject::NotTlv)? {
        (DYNAMIC, value, []) => Ok(value),
        (DYNAMIC, ..) => Err(MalformedObject::Length(0x7C)),
        _ => Err(MalformedObject::Missing(0x7C)),
    }
}

/// The value of the one object inside 7C, whose tag has to be `tag`.
pub(crate) fn only(bytes: &[u8], tag: u16) -> Result<&[u8], MalformedObject> {
    let [_, low] = tag.to_be_bytes();
    let inside = inside(bytes)?;
    if inside.is_empty() {
        return Err(MalformedObject::Missing(low));
    }
    let (found, value, rest) = tlv::split_first(inside).map_err(|_| MalformedObject::NotTlv)?;
    if found != tag {
        return Err(MalformedObject::Missing(low));
    }
    // A tag 8A or 8B would be of the chip authentication mapping.
    if let Ok((other, ..)) = tlv::split_first(rest) {
        return Err(MalformedObject::Unexpected(other));
    }
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(MalformedObject::NotTlv)
    }
}

/// Whether 7C is there and empty: the request for the nonce.
pub(crate) fn is_empty(bytes: &[u8]) -> Result<bool, MalformedObject> {
    Ok(inside(bytes)?.is_empty())
}

/// 7C with one object.
pub(crate) fn wrap(tag: u16, value: &[u8]) -> Vec<u8> {
    tlv::encode(DYNAMIC, &tlv::encode(tag, value))
}
