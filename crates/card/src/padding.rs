//! What a key is applied to, RFC 8017: the hash, padded to the length of an RSA modulus.

use crate::{Salt, algorithm::HashAlgorithm};

/// DigestInfo of a hash, RFC 8017 §9.2: what a card that pads by itself is given.
pub fn digest_info(hash: HashAlgorithm, digest: &[u8]) -> Vec<u8> {
    // SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.x, NULL }, OCTET STRING }
    let (oid, length) = match hash {
        HashAlgorithm::Sha256 => (0x01, 0x20),
        HashAlgorithm::Sha384 => (0x02, 0x30),
        HashAlgorithm::Sha512 => (0x03, 0x40),
    };
    let mut info = vec![
        0x30,
        0x11 + length,
        0x30,
        0x0D,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        oid,
        0x05,
        0x00,
        0x04,
        length,
    ];
    info.extend_from_slice(digest);
    info
}

/// The hash whose DigestInfo this is, if it is one of ours.
pub fn hash_of(encoded: &[u8]) -> Option<HashAlgorithm> {
    HashAlgorithm::ALL.into_iter().find(|hash| {
        encoded
            .len()
            .checked_sub(hash.length())
            .and_then(|start| encoded.get(start..))
            .is_some_and(|digest| digest_info(*hash, digest) == encoded)
    })
}

/// EMSA-PKCS1-v1_5, RFC 8017 §9.2, of what is encoded already, usually a DigestInfo. `None`: the
/// modulus of `length` bytes is too short.
pub fn pkcs1(encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    let filling = length
        .checked_sub(encoded.len() + 3)
        .filter(|left| *left >= 8)?;
    let mut block = vec![0x00, 0x01];
    block.extend(core::iter::repeat_n(0xFF, filling));
    block.push(0x00);
    block.extend_from_slice(encoded);
    Some(block)
}

/// EMSA-PSS, RFC 8017 §9.1.1, with MGF1 and a salt as long as the hash, for a modulus of exactly
/// `length` · 8 bits. `None`: the modulus is too short.
pub fn pss(hash: HashAlgorithm, digest: &[u8], salt: &Salt, length: usize) -> Option<Vec<u8>> {
    let salt = salt.first(hash.length());
    let seed = hash.digest(&[&[0; 8], digest, salt]);
    let database_length = length.checked_sub(hash.length() + 1)?;
    let filling = database_length.checked_sub(salt.len() + 1)?;
    let mut block = vec![0; filling];
    block.push(0x01);
    block.extend_from_slice(salt);
    for (byte, mask) in block.iter_mut().zip(mgf1(hash, &seed)) {
        *byte ^= mask;
    }
    // emBits is one less than the bits of the modulus: the first bit is not used.
    if let Some(first) = block.first_mut() {
        *first &= 0x7F;
    }
    block.extend_from_slice(&seed);
    block.push(0xBC);
    Some(block)
}

/// MGF1, RFC 8017 §B.2.1: as many bytes as are taken from it.
fn mgf1(hash: HashAlgorithm, seed: &[u8]) -> impl Iterator<Item = u8> {
    (0_u32..).flat_map(move |counter| hash.digest(&[seed, &counter.to_be_bytes()]))
}
