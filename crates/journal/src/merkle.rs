//! The Merkle tree over the records, RFC 9162 §2.1. Pure: hashes in, hashes out.

mod proof;

pub use proof::{Nodes, consistency, inclusion, range, verify_consistency, verify_inclusion};

use sha2::{Digest, Sha256};

use crate::Hash;

/// The hash of a leaf, RFC 9162 §2.1.1. The leaf of a record is the record's own hash.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new_with_prefix([0x00])
        .chain_update(data)
        .finalize()
        .into()
}

/// The hash of a node over two others, RFC 9162 §2.1.1.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([0x01])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// A tree that grows, of which only the roots of the complete subtrees are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// From the widest subtree, which is the leftmost, to the narrowest.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree of that size, by the roots of its complete subtrees, the widest first. None when there
    /// are more or fewer of them than a tree of that size has.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = u32::try_from(peaks.len()) == Ok(size.count_ones());
        fits.then_some(Self { size, peaks })
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, the widest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf by its hash. `completed` gets that hash, and then the root of each subtree that the
    /// leaf completes, the narrowest first.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(&Hash)) {
        let mut hash = leaf;
        completed(&hash);
        let mut before = self.size;
        while before & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node(&left, &hash);
            completed(&hash);
            before >>= 1;
        }
        self.peaks.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut narrowest_first = self.peaks.iter().rev().copied();
        match narrowest_first.next() {
            None => empty(),
            Some(last) => narrowest_first.fold(last, |right, left| node(&left, &right)),
        }
    }
}
