//! Proofs that a record is in a tree, and that a tree is the beginning of another: made from the hashes
//! of complete subtrees, verified from nothing but the proof.

use super::node;
use crate::Hash;

/// Where the roots of complete subtrees are read.
pub trait Nodes {
    /// What reading them can fail with.
    type Error;

    /// The root of the subtree over the leaves `index << level` until `(index + 1) << level`.
    ///
    /// # Errors
    /// The reader's own.
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root over the leaves from `begin` until `end`, RFC 9162 §2.1.1. `begin` is such as the
/// recursion from the whole tree leads to.
///
/// # Errors
/// The reader's own.
pub fn range<N: Nodes>(nodes: &mut N, begin: u64, end: u64) -> Result<Hash, N::Error> {
    let count = end.saturating_sub(begin);
    if count == 0 {
        return Ok(super::empty());
    }
    if count.is_power_of_two() && begin.is_multiple_of(count) {
        let level = count.trailing_zeros();
        return nodes.node(level, begin >> level);
    }
    let middle = begin.saturating_add(split(count));
    let left = range(nodes, begin, middle)?;
    let right = range(nodes, middle, end)?;
    Ok(node(&left, &right))
}

/// The proof that leaf `index` (from 0) is in the tree of `size` leaves, RFC 9162 §2.1.3.1. Empty
/// where there is no such leaf.
///
/// # Errors
/// The reader's own.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let mut proof = Vec::new();
    let (mut begin, mut end) = (0_u64, size);
    while index < end && end.saturating_sub(begin) > 1 {
        let middle = begin.saturating_add(split(end.saturating_sub(begin)));
        if index < middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, begin, middle)?);
            begin = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `first` leaves is the beginning of that of `second`, RFC 9162 §2.1.4.1.
/// Empty where there is nothing to prove: `first` is 0, or not less than `second`.
///
/// # Errors
/// The reader's own.
pub fn consistency<N: Nodes>(
    nodes: &mut N,
    first: u64,
    second: u64,
) -> Result<Vec<Hash>, N::Error> {
    let mut proof = Vec::new();
    if first == 0 || first >= second {
        return Ok(proof);
    }
    let (mut begin, mut end) = (0_u64, second);
    // Whether the verifier knows the root over what is left: it is that of the whole first tree.
    let mut known = true;
    while first < end {
        let middle = begin.saturating_add(split(end.saturating_sub(begin)));
        if first <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, begin, middle)?);
            begin = middle;
            known = false;
        }
    }
    if !known {
        proof.push(range(nodes, begin, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether the leaf with that hash is leaf `index` (from 0) of the tree with that size and root,
/// RFC 9162 §2.1.3.2.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size.saturating_sub(1));
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the tree with the first size and root is the beginning of that with the second,
/// RFC 9162 §2.1.4.2. The empty tree is the beginning of every tree.
pub fn verify_consistency(
    (first, first_root): (u64, &Hash),
    (second, second_root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if first == 0 {
        return proof.is_empty() && *first_root == super::empty();
    }
    if first >= second {
        return first == second && proof.is_empty() && first_root == second_root;
    }
    let (mut at, mut last) = (first.saturating_sub(1), second.saturating_sub(1));
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let mut steps = proof.iter();
    // A complete first tree is a node of the second, and not sent.
    let begin = if first.is_power_of_two() {
        Some(first_root)
    } else {
        steps.next()
    };
    let Some(begin) = begin else {
        return false;
    };
    let (mut of_first, mut of_second) = (*begin, *begin);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            of_first = node(step, &of_first);
            of_second = node(step, &of_second);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_second = node(&of_second, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && of_first == *first_root && of_second == *second_root
}

/// The largest power of two below a count of at least 2.
const fn split(count: u64) -> u64 {
    let below = count.saturating_sub(1);
    1 << (u64::BITS
        .saturating_sub(1)
        .saturating_sub(below.leading_zeros()))
}
