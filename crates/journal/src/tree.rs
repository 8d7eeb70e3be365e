//! The hashes of the Merkle tree on the disk, for proofs: each leaf, and behind it the root of each
//! subtree that it completes. It holds nothing that the records do not say, and is made again from them
//! where it is missing or behind.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::files;
use crate::merkle::{Frontier, Nodes};
use crate::{Hash, JournalError};

/// Bytes that wait to be written.
const BUFFER: usize = 64 * 1024;
const HASH: u64 = 32;

pub struct Tree {
    path: PathBuf,
    file: File,
    /// Hashes in the file; what waits comes after them.
    written: u64,
    waiting: Vec<u8>,
}

impl Tree {
    /// Opens the file, which has all hashes over the records before the segment that begins there; None
    /// when it has not, and is to be made again from the first record.
    pub fn open(folder: &Path, before: &Frontier) -> Result<Option<Self>, JournalError> {
        let mut tree = Self::create(folder)?;
        let length = tree
            .file
            .metadata()
            .map_err(JournalError::file(&tree.path))?
            .len();
        let stored = stored_before(before.size());
        if length < stored.saturating_mul(HASH) {
            return Ok(None);
        }
        tree.cut(stored)?;
        let mut peaks = Vec::new();
        for (level, index) in peak_places(before.size()) {
            peaks.push(tree.node(level, index)?);
        }
        Ok((peaks == before.peaks()).then_some(tree))
    }

    /// Opens the file, and makes it an empty one.
    pub fn begin(folder: &Path) -> Result<Self, JournalError> {
        let mut tree = Self::create(folder)?;
        tree.cut(0)?;
        Ok(tree)
    }

    fn create(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(files::TREE);
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        Ok(Self {
            file: file.map_err(JournalError::file(&path))?,
            path,
            written: 0,
            waiting: Vec::new(),
        })
    }

    fn cut(&mut self, hashes: u64) -> Result<(), JournalError> {
        let cut = self.file.set_len(hashes.saturating_mul(HASH));
        cut.map_err(JournalError::file(&self.path))?;
        self.written = hashes;
        self.waiting.clear();
        Ok(())
    }

    /// Adds what a leaf completes. It is on the disk after [`Self::write`].
    pub fn push(&mut self, hash: &Hash) {
        self.waiting.extend_from_slice(hash);
    }

    /// Whether so much waits that it should be written.
    pub const fn is_full(&self) -> bool {
        self.waiting.len() >= BUFFER
    }

    /// Writes what waits.
    pub fn write(&mut self) -> Result<(), JournalError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let at = SeekFrom::Start(self.written.saturating_mul(HASH));
        let written = self
            .file
            .seek(at)
            .and_then(|_| self.file.write_all(&self.waiting));
        written.map_err(JournalError::file(&self.path))?;
        let hashes = u64::try_from(self.waiting.len()).unwrap_or(0) / HASH;
        self.written = self.written.saturating_add(hashes);
        self.waiting.clear();
        Ok(())
    }

    /// Makes sure that it is on the disk.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.write()?;
        self.file
            .sync_data()
            .map_err(JournalError::file(&self.path))
    }
}

impl Nodes for Tree {
    type Error = JournalError;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, JournalError> {
        self.write()?;
        let last_leaf = ((index.saturating_add(1)) << level).saturating_sub(1);
        let place = stored_before(last_leaf).saturating_add(u64::from(level));
        let mut hash = [0; 32];
        let at = SeekFrom::Start(place.saturating_mul(HASH));
        let read = self
            .file
            .seek(at)
            .and_then(|_| self.file.read_exact(&mut hash));
        read.map_err(JournalError::file(&self.path))?;
        Ok(hash)
    }
}

/// How many hashes stand before that of a leaf (from 0): each of the leaves before it, and each subtree
/// that these complete.
fn stored_before(leaf: u64) -> u64 {
    leaf.saturating_mul(2)
        .saturating_sub(u64::from(leaf.count_ones()))
}

/// Level and index of the complete subtrees of a tree of that size, the widest first.
fn peak_places(size: u64) -> impl Iterator<Item = (u32, u64)> {
    let levels = (0..u64::BITS).rev();
    levels
        .filter(move |level| size >> level & 1 == 1)
        .map(move |level| (level, (size >> level).saturating_sub(1)))
}
