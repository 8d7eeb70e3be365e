//! What the C parts of the functions share: where pointers become Rust, and errors become numbers.
//!
//! Each `unsafe fn` here has the caller's promise in common: a pointer that is not null is good for
//! what the standard says that it points to, for the length that comes with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use cryptoki_sys::{CK_RV, CK_ULONG, CKR_GENERAL_ERROR, CKR_OK};

use crate::error::Error;

/// Runs the inside of a function. A panic ends here: in a browser nothing is above us that could
/// take it.
pub fn entry(call: impl FnOnce() -> Result<(), Error>) -> CK_RV {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => CKR_OK,
        Ok(Err(error)) => error.into(),
        Err(_) => CKR_GENERAL_ERROR,
    }
}

/// A length as C has it.
pub fn ulong(length: usize) -> CK_ULONG {
    CK_ULONG::try_from(length).unwrap_or(CK_ULONG::MAX)
}

/// An array that the caller gives. None, when it is empty, may be null.
///
/// # Safety
/// `pointer` is null or good for reading `count` values, which nobody writes meanwhile.
pub unsafe fn array<'a, T>(pointer: *const T, count: CK_ULONG) -> Result<&'a [T], Error> {
    match several(pointer, count)? {
        0 => Ok(&[]),
        // SAFETY: it is not null, aligned, no longer than a slice may be, and the caller promises
        // the rest.
        count => Ok(unsafe { slice::from_raw_parts(pointer, count) }),
    }
}

/// Whether so many values can be at `pointer`. None, when there are none, may be.
pub fn several<T>(pointer: *const T, count: CK_ULONG) -> Result<usize, Error> {
    let count = usize::try_from(count).map_err(|_| Error::ArgumentsBad)?;
    let fits = count
        .checked_mul(size_of::<T>())
        .is_some_and(|bytes| isize::try_from(bytes).is_ok());
    let there = !pointer.is_null() && pointer.is_aligned() && fits;
    match count == 0 || there {
        true => Ok(count),
        false => Err(Error::ArgumentsBad),
    }
}

/// One thing that the caller gives.
///
/// # Safety
/// `pointer` is null or good for reading.
pub unsafe fn given<T: Copy>(pointer: *const T) -> Result<T, Error> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(Error::ArgumentsBad);
    }
    // SAFETY: it is not null, aligned, and the caller promises the rest.
    Ok(unsafe { pointer.read() })
}

/// Whether [`give`] will do.
pub fn takes<T>(to: *mut T) -> Result<(), Error> {
    if to.is_null() || !to.is_aligned() {
        return Err(Error::ArgumentsBad);
    }
    Ok(())
}

/// Gives the caller one thing.
///
/// # Safety
/// `to` is null or good for writing.
pub unsafe fn give<T>(to: *mut T, value: T) -> Result<(), Error> {
    takes(to)?;
    // SAFETY: it is not null, aligned, and the caller promises the rest.
    unsafe { to.write(value) };
    Ok(())
}

/// How much the caller takes of what has a length: nothing but the length where `to` is null, §5.2.
///
/// # Safety
/// `length` is null or good for reading.
pub unsafe fn room<T>(to: *mut T, length: *mut CK_ULONG) -> Result<Option<usize>, Error> {
    // SAFETY: the caller's promise is the same.
    let length = unsafe { given(length.cast_const()) }?;
    if to.is_null() {
        return Ok(None);
    }
    takes(to)?;
    Ok(Some(usize::try_from(length).unwrap_or(usize::MAX)))
}

/// Gives the caller several things and their number, by the rule of §5.2: only the number where
/// `to` is null, and where they do not fit.
///
/// # Safety
/// `length` is null or good for reading and writing; `to` is null or good for writing as many.
pub unsafe fn give_all<T: Copy>(
    values: &[T],
    to: *mut T,
    length: *mut CK_ULONG,
) -> Result<(), Error> {
    // SAFETY: the caller's promise is the same.
    let room = unsafe { room(to, length) }?;
    // SAFETY: as above.
    unsafe { give(length, ulong(values.len())) }?;
    match room {
        None => Ok(()),
        Some(room) if room < values.len() => Err(Error::BufferTooSmall),
        Some(_) => {
            // SAFETY: `to` is not null, aligned, and by the caller's promise good for `room` values
            // or more than these; what is ours is not the caller's.
            unsafe { to.copy_from_nonoverlapping(values.as_ptr(), values.len()) };
            Ok(())
        }
    }
}

/// A text of a fixed length, padded with blanks, and cut between two characters.
pub fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [b' '; N];
    let text = cut(text, N);
    for (to, from) in field.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    field
}

/// As much of `text` as fits into so many bytes, cut between two characters.
pub fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(&padded::<8>("карта"), "карт".as_bytes());
        assert_eq!(&padded::<7>("карта"), "кар ".as_bytes());
        assert_eq!(&padded::<4>("a"), b"a   ");
    }

    #[test]
    fn a_panic_becomes_a_general_error() {
        assert_eq!(entry(|| panic!("on purpose")), CKR_GENERAL_ERROR);
    }
}
