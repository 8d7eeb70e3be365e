//! SHA-256 of what is read.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::Hash;

/// A reader that sums up what passes through it.
pub struct Summed<R> {
    from: R,
    size: u64,
    sum: Sha256,
}

impl<R: Read> Summed<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            size: 0,
            sum: Sha256::new(),
        }
    }

    /// How many bytes were read, and their SHA-256.
    pub fn sum(self) -> (u64, Hash) {
        (self.size, self.sum.finalize().into())
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.sum.update(buffer.get(..length).unwrap_or_default());
        self.size += u64::try_from(length).unwrap_or(u64::MAX);
        Ok(length)
    }
}
