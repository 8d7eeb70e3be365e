//! One page of locked memory that holds one secret.

use std::{io::Read, ptr::NonNull};

use zeroize::Zeroize;

use crate::SecretError;

/// Longest secret, in bytes. ISO 9564 PINs have at most 12, those of OpenPGP cards up to 127; words
/// take two bytes a letter in Cyrillic.
pub const LONGEST: usize = 255;

/// What a secret is made of.
#[derive(Clone, Copy, Debug)]
pub enum Characters {
    /// Printable ASCII: cards know nothing else.
    Ascii,
    /// UTF-8 without control characters.
    Text,
}

impl Characters {
    /// Where the first character is that does not belong there, from 1.
    fn first_wrong(self, secret: &[u8]) -> Option<usize> {
        let at = match self {
            Self::Ascii => secret.iter().position(|byte| !matches!(byte, 0x20..=0x7E)),
            Self::Text => match str::from_utf8(secret) {
                Ok(text) => text.chars().position(char::is_control),
                Err(error) => {
                    let good = secret.get(..error.valid_up_to()).unwrap_or_default();
                    Some(characters(good))
                }
            },
        };
        at.map(|at| at + 1)
    }
}

/// How many characters bytes have, as UTF-8: each has one byte that continues no other.
#[must_use]
pub fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| *byte & 0xC0 != 0x80).count()
}

/// A page between guard pages, out of swap and core dumps, accessible only inside
/// [`Page::look`] and [`Page::change`].
pub struct Page {
    // INVARIANT: from `memsec::malloc`, alive until `drop`, not accessible between calls.
    bytes: NonNull<[u8; LONGEST]>,
    // INVARIANT: at most LONGEST; 0 only while it is no secret yet.
    length: usize,
}

// SAFETY: the page belongs to this value alone, and access to it needs `&self` or `&mut self`.
unsafe impl Send for Page {}

impl Page {
    pub fn take(source: &mut [u8], characters: Characters) -> Result<Self, SecretError> {
        let taken = Self::read(&mut &*source, source.len(), characters);
        source.zeroize();
        taken
    }

    pub fn read(
        from: &mut impl Read,
        length: usize,
        characters: Characters,
    ) -> Result<Self, SecretError> {
        if length == 0 {
            return Err(SecretError::Empty);
        }
        let mut page = Self::empty()?;
        page.change(|all| match all.get_mut(..length) {
            Some(target) => Ok(from.read_exact(target)?),
            None => Err(SecretError::TooLong { length }),
        })?;
        page.of(length, characters)
    }

    /// A page of zeros that holds nothing yet.
    pub fn empty() -> Result<Self, SecretError> {
        // SAFETY: `malloc` returns memory that is readable, writable and aligned for bytes.
        let bytes = unsafe { memsec::malloc::<[u8; LONGEST]>() };
        let mut page = Self {
            bytes: bytes.ok_or(SecretError::NoLockedMemory)?,
            length: 0,
        };
        // `malloc` locks the page but does not say whether the system let it.
        // SAFETY: the memory is this page's own, and at least that long.
        if !unsafe { memsec::mlock(page.bytes.as_ptr().cast(), LONGEST) } {
            return Err(SecretError::NoLockedMemory);
        }
        page.change(|all| all.fill(0));
        Ok(page)
    }

    /// The same as a secret of so many bytes.
    pub fn of(mut self, length: usize, characters: Characters) -> Result<Self, SecretError> {
        match length {
            0 => return Err(SecretError::Empty),
            1..=LONGEST => self.length = length,
            _ => return Err(SecretError::TooLong { length }),
        }
        match self.expose(|secret| characters.first_wrong(secret)) {
            Some(position) => Err(SecretError::Character { position }),
            None => Ok(self),
        }
    }

    pub fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
        self.look(|all| use_it(all.get(..self.length).unwrap_or_default()))
    }

    /// Lends all of it, beyond its length too.
    pub fn look<T>(&self, use_it: impl FnOnce(&[u8; LONGEST]) -> T) -> T {
        let open = self.open(memsec::Prot::ReadOnly);
        // SAFETY: the page is alive (INVARIANT) and readable until `open` is dropped; `Page` is
        // not `Sync`, so nobody closes it meanwhile.
        use_it(unsafe { &*open.0.bytes.as_ptr() })
    }

    /// Lends all of it to be written.
    pub fn change<T>(&mut self, use_it: impl FnOnce(&mut [u8; LONGEST]) -> T) -> T {
        let open = self.open(memsec::Prot::ReadWrite);
        // SAFETY: as in `look`, and writable; `&mut self` says that nobody else looks. memsec filled
        // it when it was allocated.
        use_it(unsafe { &mut *open.0.bytes.as_ptr() })
    }

    fn open(&self, protection: memsec::Prot::Ty) -> Open<'_> {
        self.protect(protection);
        Open(self)
    }

    pub const fn length(&self) -> usize {
        self.length
    }

    fn protect(&self, protection: memsec::Prot::Ty) {
        // SAFETY: `bytes` came from `memsec::malloc` and has not been freed (INVARIANT).
        let changed = unsafe { memsec::mprotect(self.bytes, protection) };
        debug_assert!(
            changed,
            "the system refused to change the protection of a page of ours"
        );
    }
}

/// Closes the page again even when the borrower panics.
struct Open<'a>(&'a Page);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.protect(memsec::Prot::NoAccess);
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // `free` checks its canary first, so the page must be accessible.
        self.protect(memsec::Prot::ReadWrite);
        // SAFETY: from `memsec::malloc`, and freed only here. `free` wipes it.
        unsafe { memsec::free(self.bytes) };
    }
}
