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
/// [`Page::expose`].
pub struct Page {
    // INVARIANT: from `memsec::malloc`, alive until `drop`, not accessible between calls.
    bytes: NonNull<[u8; LONGEST]>,
    // INVARIANT: 1..=LONGEST.
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
        if length > LONGEST {
            return Err(SecretError::TooLong { length });
        }
        // SAFETY: `malloc` returns memory that is readable, writable and aligned for bytes.
        let bytes = unsafe { memsec::malloc::<[u8; LONGEST]>() };
        let page = Self {
            bytes: bytes.ok_or(SecretError::NoLockedMemory)?,
            length,
        };
        // `malloc` locks the page but does not say whether the system let it.
        // SAFETY: the memory is this page's own, and at least that long.
        if !unsafe { memsec::mlock(page.bytes.as_ptr().cast(), LONGEST) } {
            return Err(SecretError::NoLockedMemory);
        }
        // SAFETY: just allocated, initialised by memsec with a fill byte, and not shared yet.
        let all = unsafe { &mut *page.bytes.as_ptr() };
        // `length` was checked, so this takes exactly that many bytes.
        let target = all
            .get_mut(..length)
            .ok_or(SecretError::TooLong { length })?;
        from.read_exact(target)?;
        let wrong = characters.first_wrong(target);
        page.protect(memsec::Prot::NoAccess);
        match wrong {
            Some(position) => Err(SecretError::Character { position }),
            None => Ok(page),
        }
    }

    pub fn expose<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
        /// Closes the page again even when the borrower panics.
        struct Open<'a>(&'a Page);
        impl Drop for Open<'_> {
            fn drop(&mut self) {
                self.0.protect(memsec::Prot::NoAccess);
            }
        }
        self.protect(memsec::Prot::ReadOnly);
        let open = Open(self);
        // SAFETY: the page is alive (INVARIANT) and readable until `open` is dropped; `Page` is
        // not `Sync`, so nobody closes it meanwhile.
        let all = unsafe { &*open.0.bytes.as_ptr() };
        use_it(all.get(..self.length).unwrap_or_default())
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

impl Drop for Page {
    fn drop(&mut self) {
        // `free` checks its canary first, so the page must be accessible.
        self.protect(memsec::Prot::ReadWrite);
        // SAFETY: from `memsec::malloc`, and freed only here. `free` wipes it.
        unsafe { memsec::free(self.bytes) };
    }
}
