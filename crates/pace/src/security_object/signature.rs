//! Hashes and signatures as security objects and certificates have them, ICAO 9303-12 §4.

use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_EC_PUBLIC_KEY, ID_MGF_1,
    ID_RSASSA_PSS, ID_SHA_256, ID_SHA_384, ID_SHA_512, RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::Sequence;
use ecdsa::signature::hazmat::PrehashVerifier;
use p256::NistP256;
use p384::NistP384;
use ring::signature as verifiers;
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest, Sha256, Sha384, Sha512};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::{Curve, domain};

/// A hash function that is still good enough. SHA-1 and SHA-224 are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignatureFault {
    /// It was not made with that key, over those bytes.
    Wrong,
    /// It may be good, but nobody here can tell.
    Unsupported { what: String },
}

impl Hash {
    /// The hash function that an algorithm identifier names; its name when it is another.
    pub fn read(algorithm: &AlgorithmIdentifierOwned) -> Result<Self, String> {
        match algorithm.oid {
            ID_SHA_256 => Ok(Self::Sha256),
            ID_SHA_384 => Ok(Self::Sha384),
            ID_SHA_512 => Ok(Self::Sha512),
            other => Err(format!("hash algorithm {other}")),
        }
    }

    /// The hash of these bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    const fn length(self) -> u8 {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The parameters of RSASSA-PSS, RFC 4055 §3.1. What is left out means SHA-1, which is refused.
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u8>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u8>,
}

/// Verifies a signature. `hash` is the one that stands beside the algorithm in a signer's
/// information, for algorithms that leave it open; certificates have none.
pub(super) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    hash: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let unsupported = |what| SignatureFault::Unsupported { what };
    // Keys have whole bytes.
    let point = key
        .subject_public_key
        .as_bytes()
        .ok_or(SignatureFault::Wrong)?;
    let good = match key.algorithm.oid {
        ID_EC_PUBLIC_KEY => {
            let hash = ecdsa_hash(algorithm).map_err(unsupported)?;
            let parameters = key.algorithm.parameters.as_ref();
            let curve = parameters.ok_or(SignatureFault::Wrong)?;
            let curve = domain::curve(curve).map_err(|what| unsupported(what.to_string()))?;
            ecdsa(curve, point, &hash.digest(message), signature)
        }
        RSA_ENCRYPTION | ID_RSASSA_PSS => {
            let pss = key.algorithm.oid == ID_RSASSA_PSS;
            if pss && algorithm.oid != ID_RSASSA_PSS {
                return Err(unsupported("another padding than its key's".to_owned()));
            }
            let verifier = rsa(algorithm, hash).map_err(unsupported)?;
            let key = UnparsedPublicKey::new(verifier, point);
            key.verify(message, signature).is_ok()
        }
        other => return Err(unsupported(format!("key algorithm {other}"))),
    };
    if good {
        Ok(())
    } else {
        Err(SignatureFault::Wrong)
    }
}

fn ecdsa_hash(algorithm: &AlgorithmIdentifierOwned) -> Result<Hash, String> {
    match algorithm.oid {
        ECDSA_WITH_SHA_256 => Ok(Hash::Sha256),
        ECDSA_WITH_SHA_384 => Ok(Hash::Sha384),
        ECDSA_WITH_SHA_512 => Ok(Hash::Sha512),
        other => Err(format!("signature algorithm {other} with an EC key")),
    }
}

fn ecdsa(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    macro_rules! is_good {
        ($curve:ty) => {{
            let key = ecdsa::VerifyingKey::<$curve>::from_sec1_bytes(point);
            let signature = ecdsa::Signature::<$curve>::from_der(signature);
            let both = key.ok().zip(signature.ok());
            both.is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok())
        }};
    }
    match curve {
        Curve::P256 => is_good!(NistP256),
        Curve::P384 => is_good!(NistP384),
        Curve::BrainpoolP256r1 => is_good!(BrainpoolP256r1),
        Curve::BrainpoolP384r1 => is_good!(BrainpoolP384r1),
    }
}

fn rsa(
    algorithm: &AlgorithmIdentifierOwned,
    hash: Option<Hash>,
) -> Result<&'static dyn VerificationAlgorithm, String> {
    let pkcs1 = |hash| -> &'static dyn VerificationAlgorithm {
        match hash {
            Hash::Sha256 => &verifiers::RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &verifiers::RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &verifiers::RSA_PKCS1_2048_8192_SHA512,
        }
    };
    match (algorithm.oid, hash) {
        (SHA_256_WITH_RSA_ENCRYPTION, _) => Ok(pkcs1(Hash::Sha256)),
        (SHA_384_WITH_RSA_ENCRYPTION, _) => Ok(pkcs1(Hash::Sha384)),
        (SHA_512_WITH_RSA_ENCRYPTION, _) => Ok(pkcs1(Hash::Sha512)),
        // RFC 3370 §3.2: in CMS the algorithm may be named without its hash.
        (RSA_ENCRYPTION, Some(hash)) => Ok(pkcs1(hash)),
        (ID_RSASSA_PSS, _) => match pss(algorithm) {
            Some(Hash::Sha256) => Ok(&verifiers::RSA_PSS_2048_8192_SHA256),
            Some(Hash::Sha384) => Ok(&verifiers::RSA_PSS_2048_8192_SHA384),
            Some(Hash::Sha512) => Ok(&verifiers::RSA_PSS_2048_8192_SHA512),
            None => Err("RSASSA-PSS with uncommon parameters".to_owned()),
        },
        (other, _) => Err(format!("signature algorithm {other} with an RSA key")),
    }
}

/// The one hash that is used for everything, with a salt of its length.
fn pss(algorithm: &AlgorithmIdentifierOwned) -> Option<Hash> {
    let parameters: PssParameters = algorithm.parameters.as_ref()?.decode_as().ok()?;
    let hash = Hash::read(parameters.hash.as_ref()?).ok()?;
    let mask = parameters.mask.as_ref()?;
    let inner: AlgorithmIdentifierOwned = mask.parameters.as_ref()?.decode_as().ok()?;
    let common = mask.oid == ID_MGF_1
        && Hash::read(&inner) == Ok(hash)
        && parameters.salt_length == Some(hash.length())
        && matches!(parameters.trailer, None | Some(1));
    common.then_some(hash)
}
