//! LDSSecurityObject, ICAO 9303-10 §4.6.2.3: the hashes of the data groups.

use der::asn1::{Any, OctetString};
use der::{Decode, Sequence};
use spki::AlgorithmIdentifierOwned;

use super::SecurityObjectError;
use super::signature::Hash;

/// ICAO 9303-10 knows data groups 1 to 16.
const MOST_DATA_GROUPS: usize = 16;

/// A list of hashes that were all made with one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LdsSecurityObject {
    algorithm: Hash,
    hashes: Vec<(u8, Vec<u8>)>,
}

/// As it is encoded.
#[derive(Sequence)]
pub(super) struct Encoded {
    /// 0, or 1 where the versions follow.
    pub version: u8,
    /// Of all hashes.
    pub hash_algorithm: AlgorithmIdentifierOwned,
    /// In no order that matters.
    pub hashes: Vec<DataGroupHash>,
    /// LDSVersionInfo, which nobody needs here.
    #[asn1(optional = "true")]
    pub versions: Option<Any>,
}

/// One hash.
#[derive(Sequence)]
pub(super) struct DataGroupHash {
    /// 1 to 16.
    pub number: u8,
    /// Of the data group's bytes.
    pub hash: OctetString,
}

impl LdsSecurityObject {
    /// Reads the signed content.
    pub fn parse(bytes: &[u8]) -> Result<Self, SecurityObjectError> {
        let malformed = SecurityObjectError::Malformed {
            part: "list of hashes",
        };
        let encoded = Encoded::from_der(bytes).map_err(|_| malformed.clone())?;
        if encoded.version > 1 || encoded.hashes.len() > MOST_DATA_GROUPS {
            return Err(malformed);
        }
        let algorithm = Hash::read(&encoded.hash_algorithm)
            .map_err(|what| SecurityObjectError::Unsupported { what })?;
        let mut hashes: Vec<(u8, Vec<u8>)> = Vec::with_capacity(encoded.hashes.len());
        for DataGroupHash { number, hash } in encoded.hashes {
            // Two hashes for one data group would let one of them be wrong.
            if hashes.iter().any(|(other, _)| *other == number) {
                return Err(malformed);
            }
            hashes.push((number, hash.into_bytes().into()));
        }
        Ok(Self { algorithm, hashes })
    }

    /// What the hashes were made with.
    pub const fn algorithm(&self) -> Hash {
        self.algorithm
    }

    /// The hash of one data group.
    pub fn hash_of(&self, number: u8) -> Option<&[u8]> {
        let mut hashes = self.hashes.iter();
        let (_, hash) = hashes.find(|(other, _)| *other == number)?;
        Some(hash)
    }
}
