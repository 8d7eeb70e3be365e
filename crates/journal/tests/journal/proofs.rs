//! The tree and its proofs, beside an implementation of others and the vectors that are known.

use std::collections::HashMap;
use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use lichna_journal::Hash;
use lichna_journal::merkle::{
    Frontier, Nodes, consistency, empty, inclusion, leaf, range, verify_consistency,
    verify_inclusion,
};
use sha2::Sha256;

/// Roots over the first n of the test leaves of Certificate Transparency's own test suite.
const VECTORS: &str = include_str!("vectors/tree.txt");

#[derive(Default)]
struct InMemory {
    frontier: Frontier,
    nodes: HashMap<(u32, u64), Hash>,
}

impl InMemory {
    fn push(&mut self, data: &[u8]) {
        let index = self.frontier.size();
        let mut level = 0;
        self.frontier.push(leaf(data), |hash| {
            self.nodes.insert((level, index >> level), *hash);
            level += 1;
        });
    }
}

impl Nodes for InMemory {
    type Error = Infallible;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.nodes[&(level, index)])
    }
}

#[test]
fn roots_are_those_of_the_known_vectors() {
    let mut tree = InMemory::default();
    assert_eq!(tree.frontier.root(), empty());
    let mut count = 0;
    for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
        let (data, root) = line.split_once(' ').unwrap();
        tree.push(&hex::decode(data.trim_matches('-')).unwrap());
        assert_eq!(hex::encode(tree.frontier.root()), root, "{data}");
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn roots_and_proofs_are_those_of_others_for_every_size() {
    let mut ours = InMemory::default();
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut roots = vec![empty()];
    for size in 1..=40_u64 {
        let data = size.to_be_bytes();
        ours.push(&data);
        theirs.push(data.to_vec());
        let root = ours.frontier.root();
        assert_eq!(root.as_slice(), theirs.root().as_bytes().as_slice());
        assert_eq!(range(&mut ours, 0, size), Ok(root));
        roots.push(root);
        for index in 0..size {
            let Ok(proof) = inclusion(&mut ours, index, size);
            let their_proof = theirs.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(proof.concat(), their_proof.as_bytes());
            let leaf = leaf(&(index + 1).to_be_bytes());
            assert!(verify_inclusion(&leaf, index, size, &proof, &root));
            assert!(!verify_inclusion(&leaf, index + 1, size, &proof, &root));
            assert!(!verify_inclusion(&leaf, index, size, &proof, &empty()));
        }
        for first in 1..size {
            let Ok(proof) = consistency(&mut ours, first, size);
            let added = usize::try_from(size - first).unwrap();
            assert_eq!(proof.concat(), theirs.prove_consistency(added).as_bytes());
            let first_root = roots[usize::try_from(first).unwrap()];
            let verifies = |first_root, root, proof: &[Hash]| {
                verify_consistency((first, first_root), (size, root), proof)
            };
            assert!(verifies(&first_root, &root, &proof));
            assert!(!verifies(&root, &root, &proof));
            assert!(!verifies(&first_root, &first_root, &proof));
            assert!(!verifies(&first_root, &root, &proof[1..]));
            let longer = [proof.as_slice(), &[root]].concat();
            assert!(!verifies(&first_root, &root, &longer));
            for place in 0..proof.len() {
                let mut other = proof.clone();
                other[place][31] ^= 1;
                assert!(!verifies(&first_root, &root, &other));
            }
        }
        assert!(verify_consistency((size, &root), (size, &root), &[]));
        assert!(verify_consistency((0, &empty()), (size, &root), &[]));
        assert!(!verify_consistency((0, &root), (size, &root), &[]));
    }
}
