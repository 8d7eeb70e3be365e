//! The mechanisms of a token, and what is signed by each.

use cryptoki_sys::*;
use lichna_ipc::{HashName, KeyRole, Mechanism, PublicKey, Token};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::error::Error;
use crate::ffi::ulong;

/// What each hash is called: alone, in a MGF, with ECDSA, PKCS#1 v1.5 and PSS.
struct Names {
    hash: HashName,
    alone: CK_MECHANISM_TYPE,
    mgf: CK_RSA_PKCS_MGF_TYPE,
    ecdsa: CK_MECHANISM_TYPE,
    pkcs1: CK_MECHANISM_TYPE,
    pss: CK_MECHANISM_TYPE,
}

const NAMES: [Names; 3] = [
    Names {
        hash: HashName::Sha256,
        alone: CKM_SHA256,
        mgf: CKG_MGF1_SHA256,
        ecdsa: CKM_ECDSA_SHA256,
        pkcs1: CKM_SHA256_RSA_PKCS,
        pss: CKM_SHA256_RSA_PKCS_PSS,
    },
    Names {
        hash: HashName::Sha384,
        alone: CKM_SHA384,
        mgf: CKG_MGF1_SHA384,
        ecdsa: CKM_ECDSA_SHA384,
        pkcs1: CKM_SHA384_RSA_PKCS,
        pss: CKM_SHA384_RSA_PKCS_PSS,
    },
    Names {
        hash: HashName::Sha512,
        alone: CKM_SHA512,
        mgf: CKG_MGF1_SHA512,
        ecdsa: CKM_ECDSA_SHA512,
        pkcs1: CKM_SHA512_RSA_PKCS,
        pss: CKM_SHA512_RSA_PKCS_PSS,
    },
];

/// `DigestInfo` up to the hash, RFC 8017 §9.2 note 1, less the hash's last arc and length.
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x00, 0x05,
    0x00, 0x04, 0x00,
];

/// No card signs more than this at once: the modulus of the largest key.
const LONGEST: usize = 1024;

/// The mechanisms that a token has, with what is known of each.
#[must_use]
pub fn offered(token: &Token) -> Vec<(CK_MECHANISM_TYPE, CK_MECHANISM_INFO)> {
    let bits = bits(&token.key);
    let family = match token.key {
        PublicKey::Ec { .. } => CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS,
        PublicKey::Rsa { .. } => 0,
    };
    let info = |on_card: CK_FLAGS| CK_MECHANISM_INFO {
        ulMinKeySize: bits,
        ulMaxKeySize: bits,
        flags: CKF_SIGN | family | on_card,
    };
    let mut offered: Vec<(CK_MECHANISM_TYPE, CK_MECHANISM_INFO)> = Vec::new();
    let mut add = |mechanism, on_card| {
        if !offered.iter().any(|(there, _)| *there == mechanism) {
            offered.push((mechanism, info(on_card)));
        }
    };
    for mechanism in &token.mechanisms {
        // What is hashed here comes after what the card does alone.
        match mechanism {
            Mechanism::Ecdsa => add(CKM_ECDSA, CKF_HW),
            Mechanism::RsaPkcs1 => add(CKM_RSA_PKCS, CKF_HW),
            Mechanism::RsaPss { .. } => add(CKM_RSA_PKCS_PSS, CKF_HW),
        }
    }
    for mechanism in &token.mechanisms {
        for names in &NAMES {
            match mechanism {
                Mechanism::Ecdsa => add(names.ecdsa, 0),
                Mechanism::RsaPkcs1 => add(names.pkcs1, 0),
                Mechanism::RsaPss { hash } if *hash == names.hash => add(names.pss, 0),
                Mechanism::RsaPss { .. } => {}
            }
        }
    }
    offered.extend(NAMES.iter().map(|names| {
        let info = CK_MECHANISM_INFO {
            flags: CKF_DIGEST,
            ..CK_MECHANISM_INFO::default()
        };
        (names.alone, info)
    }));
    offered
}

/// The hash that a mechanism is, and nothing else.
#[must_use]
pub fn hash_alone(mechanism: CK_MECHANISM_TYPE) -> Option<HashName> {
    let mut names = NAMES.iter();
    let names = names.find(|names| names.alone == mechanism)?;
    Some(names.hash)
}

/// Bits of a key.
#[must_use]
pub fn bits(key: &PublicKey) -> CK_ULONG {
    let bits = match key {
        PublicKey::Rsa { modulus, .. } => {
            let empty = modulus.first().map_or(0, |first| first.leading_zeros());
            let all = modulus.len().saturating_mul(8);
            all.saturating_sub(usize::try_from(empty).unwrap_or_default())
        }
        // P-521 has 521 bits in 66 bytes; the others fill theirs.
        PublicKey::Ec { point, .. } => match field(point) {
            66 => 521,
            bytes => bytes.saturating_mul(8),
        },
    };
    ulong(bits)
}

/// Bytes of a signature by a key.
#[must_use]
pub fn signature_length(key: &PublicKey) -> usize {
    match key {
        PublicKey::Rsa { modulus, .. } => modulus.len(),
        PublicKey::Ec { point, .. } => field(point).saturating_mul(2),
    }
}

/// Bytes of a coordinate of 04 ‖ X ‖ Y.
fn field(point: &[u8]) -> usize {
    point.len().saturating_sub(1) / 2
}

/// Each signature by this key wants the holder anew, whatever he allowed before.
#[must_use]
pub fn asks_each_time(token: &Token) -> bool {
    token.role == KeyRole::Signing
}

/// The parameters of a PSS mechanism, as the caller gave them.
#[derive(Clone, Copy, Debug)]
pub struct PssParameters {
    /// The hash that was made.
    pub hash: CK_MECHANISM_TYPE,
    /// The mask's.
    pub mgf: CK_RSA_PKCS_MGF_TYPE,
    /// Bytes of the salt.
    pub salt: CK_ULONG,
}

/// A signature that was begun: what comes in, and by what the card signs it.
#[derive(Clone, Debug)]
pub struct Signing {
    /// What the agent is asked for.
    pub mechanism: Mechanism,
    input: Input,
}

#[derive(Clone, Debug)]
enum Input {
    /// As the caller gives it.
    Whole(Vec<u8>),
    /// It is hashed here.
    Hashed(Hasher),
    /// It is hashed here, and the hash wrapped in DigestInfo.
    Wrapped(Hasher),
}

/// What makes a hash of the pieces.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    /// Of nothing yet.
    #[must_use]
    pub fn new(hash: HashName) -> Self {
        match hash {
            HashName::Sha256 => Self::Sha256(Sha256::new()),
            HashName::Sha384 => Self::Sha384(Sha384::new()),
            HashName::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    /// Takes a piece.
    pub fn update(&mut self, piece: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(piece),
            Self::Sha384(hasher) => hasher.update(piece),
            Self::Sha512(hasher) => hasher.update(piece),
        }
    }

    /// The hash, with the last arc of its object identifier.
    #[must_use]
    pub fn finish(self) -> (u8, Vec<u8>) {
        match self {
            Self::Sha256(hasher) => (1, hasher.finalize().to_vec()),
            Self::Sha384(hasher) => (2, hasher.finalize().to_vec()),
            Self::Sha512(hasher) => (3, hasher.finalize().to_vec()),
        }
    }
}

impl Signing {
    /// Begins one, where the token has the mechanism. `pss` are the mechanism's parameters: where
    /// it wants none, they are not looked at.
    ///
    /// # Errors
    /// [`Error::MechanismInvalid`], [`Error::MechanismParamInvalid`].
    pub fn begin(
        token: &Token,
        mechanism: CK_MECHANISM_TYPE,
        pss: Option<PssParameters>,
    ) -> Result<Self, Error> {
        let has = |wanted: Mechanism| {
            let there = token.mechanisms.contains(&wanted);
            there.then_some(wanted).ok_or(Error::MechanismInvalid)
        };
        let whole = |mechanism| Self {
            mechanism,
            input: Input::Whole(Vec::new()),
        };
        match mechanism {
            CKM_ECDSA => return has(Mechanism::Ecdsa).map(whole),
            CKM_RSA_PKCS => return has(Mechanism::RsaPkcs1).map(whole),
            CKM_RSA_PKCS_PSS => {
                let any = |one: &Mechanism| matches!(one, Mechanism::RsaPss { .. });
                if !token.mechanisms.iter().any(any) {
                    return Err(Error::MechanismInvalid);
                }
                let hash = hash_of(pss.ok_or(Error::MechanismParamInvalid)?)?;
                let offered = has(Mechanism::RsaPss { hash });
                return offered.map(whole).map_err(|_| Error::MechanismParamInvalid);
            }
            _ => {}
        }
        for names in &NAMES {
            let hasher = Hasher::new(names.hash);
            let (mechanism, input) = if mechanism == names.ecdsa {
                (has(Mechanism::Ecdsa)?, Input::Hashed(hasher))
            } else if mechanism == names.pkcs1 {
                (has(Mechanism::RsaPkcs1)?, Input::Wrapped(hasher))
            } else if mechanism == names.pss {
                let offered = has(Mechanism::RsaPss { hash: names.hash })?;
                let asked = hash_of(pss.ok_or(Error::MechanismParamInvalid)?)?;
                if asked != names.hash {
                    return Err(Error::MechanismParamInvalid);
                }
                (offered, Input::Hashed(hasher))
            } else {
                continue;
            };
            return Ok(Self { mechanism, input });
        }
        Err(Error::MechanismInvalid)
    }

    /// The mechanism has parameters, [`PssParameters`].
    #[must_use]
    pub fn wants_parameters(mechanism: CK_MECHANISM_TYPE) -> bool {
        mechanism == CKM_RSA_PKCS_PSS || NAMES.iter().any(|names| names.pss == mechanism)
    }

    /// Takes a piece.
    ///
    /// # Errors
    /// [`Error::DataLenRange`] where it is not hashed and too much.
    pub fn update(&mut self, piece: &[u8]) -> Result<(), Error> {
        match &mut self.input {
            Input::Whole(input) if input.len().saturating_add(piece.len()) > LONGEST => {
                return Err(Error::DataLenRange);
            }
            Input::Whole(input) => input.extend_from_slice(piece),
            Input::Hashed(hasher) | Input::Wrapped(hasher) => hasher.update(piece),
        }
        Ok(())
    }

    /// What the card is to sign, after the last piece.
    ///
    /// # Errors
    /// [`Error::DataLenRange`] where the mechanism does not take so much, or so little.
    pub fn finish(mut self, last: &[u8], key: &PublicKey) -> Result<Vec<u8>, Error> {
        self.update(last)?;
        let input = match self.input {
            Input::Whole(input) => input,
            Input::Hashed(hasher) => hasher.finish().1,
            Input::Wrapped(hasher) => {
                let (arc, hash) = hasher.finish();
                digest_info(arc, &hash)
            }
        };
        let good = match self.mechanism {
            Mechanism::Ecdsa => (20..=64).contains(&input.len()),
            Mechanism::RsaPkcs1 => input.len().saturating_add(11) <= signature_length(key),
            Mechanism::RsaPss { hash } => input.len() == hash_length(hash),
        };
        good.then_some(input).ok_or(Error::DataLenRange)
    }
}

fn hash_length(hash: HashName) -> usize {
    match hash {
        HashName::Sha256 => 32,
        HashName::Sha384 => 48,
        HashName::Sha512 => 64,
    }
}

/// The one hash that the parameters stand for: in the mask, too, and as long as the salt.
fn hash_of(parameters: PssParameters) -> Result<HashName, Error> {
    NAMES
        .iter()
        .find(|names| {
            names.alone == parameters.hash
                && names.mgf == parameters.mgf
                && ulong(hash_length(names.hash)) == parameters.salt
        })
        .map(|names| names.hash)
        .ok_or(Error::MechanismParamInvalid)
}

fn digest_info(arc: u8, hash: &[u8]) -> Vec<u8> {
    let length = u8::try_from(hash.len()).unwrap_or_default();
    let mut info = DIGEST_INFO.to_vec();
    for (at, value) in [(1, length.saturating_add(17)), (14, arc), (18, length)] {
        if let Some(byte) = info.get_mut(at) {
            *byte = value;
        }
    }
    info.extend_from_slice(hash);
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_info_is_as_rfc_8017_has_it() {
        let whole = |arc, length: usize| hex::encode(digest_info(arc, &vec![0; length]));
        let sha256 = "3031300d060960864801650304020105000420";
        let sha384 = "3041300d060960864801650304020205000430";
        let sha512 = "3051300d060960864801650304020305000440";
        for (arc, length, start) in [(1, 32, sha256), (2, 48, sha384), (3, 64, sha512)] {
            assert!(whole(arc, length).starts_with(start));
        }
    }

    #[test]
    fn bits_are_counted_without_empty_ones() {
        let rsa = |modulus: Vec<u8>| PublicKey::Rsa {
            modulus,
            exponent: vec![1, 0, 1],
        };
        assert_eq!(bits(&rsa(vec![0xff; 256])), 2048);
        assert_eq!(bits(&rsa(vec![0x7f; 256])), 2047);
        assert_eq!(bits(&rsa(vec![])), 0);
        let ec = |length| PublicKey::Ec {
            parameters: vec![],
            point: vec![4; length],
        };
        assert_eq!(bits(&ec(65)), 256);
        assert_eq!(bits(&ec(97)), 384);
        assert_eq!(bits(&ec(133)), 521);
        assert_eq!(signature_length(&ec(97)), 96);
    }
}
