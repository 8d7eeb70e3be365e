//! Keys that sign: on a card, in a key store, in a file. Only what is signed is known here.

use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_RSASSA_PSS, SHA_256_WITH_RSA_ENCRYPTION,
};
use core::fmt;
use der::{
    Decode, Encode,
    asn1::{Any, Null},
};
use spki::AlgorithmIdentifierOwned;
use thiserror::Error;

use crate::{KeyAlgorithm, NotSigned, PublicKey, SignedInput, signed};

/// RSASSA-PSS-params for SHA-256, MGF1 with SHA-256 and a salt of 32 bytes, RFC 4055 §3.1.
const PSS_SHA256: [u8; 54] = [
    0x30, 0x34, // RSASSA-PSS-params
    0xA0, 0x0F, 0x30, 0x0D, // hashAlgorithm: id-sha256, NULL
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, //
    0xA1, 0x1C, 0x30, 0x1A, // maskGenAlgorithm: id-mgf1 …
    0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, //
    0x30, 0x0D, // … with id-sha256, NULL
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, //
    0xA2, 0x03, 0x02, 0x01, 0x20, // saltLength: 32
];

/// How a certificate, a request, a list, an answer or a message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-256; the signature is DER (ECDSA-Sig-Value, RFC 3279 §2.2.3).
    EcdsaSha256,
    /// ECDSA with SHA-384; the signature is DER.
    EcdsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    RsaPssSha256,
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The key is out of reach: a key store that does not answer, a card that was taken out.
    #[error("the key is out of reach: {reason}")]
    Unavailable {
        /// What the key store says.
        reason: String,
    },
    /// The key store refuses to sign.
    #[error("the key store refuses to sign: {reason}")]
    Refused {
        /// What the key store says.
        reason: String,
    },
    /// What came back is no signature of the key over the message.
    #[error("the key store answered with something that is no signature of the key")]
    NotItsSignature,
}

/// A key that signs, with the one algorithm that it signs with.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// How it signs. It fits the key.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs a message (not a hash of it). ECDSA signatures are DER.
    ///
    /// # Errors
    /// [`SignerError`] says whose fault it is.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

impl<S: Signer + ?Sized> Signer for &S {
    fn public_key(&self) -> &PublicKey {
        (**self).public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        (**self).algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        (**self).sign(message)
    }
}

impl SignatureAlgorithm {
    /// AlgorithmIdentifier as RFC 5758 §3.2, RFC 4055 §5 and §3.1 want it.
    ///
    /// # Errors
    /// None that happens: the parts are constants.
    pub fn identifier(self) -> der::Result<AlgorithmIdentifierOwned> {
        let (oid, parameters) = match self {
            Self::EcdsaSha256 => (ECDSA_WITH_SHA_256, None),
            Self::EcdsaSha384 => (ECDSA_WITH_SHA_384, None),
            Self::RsaPkcs1Sha256 => (SHA_256_WITH_RSA_ENCRYPTION, Some(Any::encode_from(&Null)?)),
            Self::RsaPssSha256 => (ID_RSASSA_PSS, Some(Any::from_der(&PSS_SHA256)?)),
        };
        Ok(AlgorithmIdentifierOwned { oid, parameters })
    }

    /// The one that an AlgorithmIdentifier names; `None` for any other, also one with other
    /// parameters (PSS with another hash or salt). Where RFC 4055 §5 wants NULL, nothing will do:
    /// it says that too.
    #[must_use]
    pub fn read(identifier: &AlgorithmIdentifierOwned) -> Option<Self> {
        if identifier.oid == SHA_256_WITH_RSA_ENCRYPTION && identifier.parameters.is_none() {
            return Some(Self::RsaPkcs1Sha256);
        }
        [
            Self::EcdsaSha256,
            Self::EcdsaSha384,
            Self::RsaPkcs1Sha256,
            Self::RsaPssSha256,
        ]
        .into_iter()
        .find(|one| one.identifier().as_ref() == Ok(identifier))
    }

    /// Whether such a key makes such signatures.
    #[must_use]
    pub const fn fits(self, key: &KeyAlgorithm) -> bool {
        match self {
            Self::EcdsaSha256 | Self::EcdsaSha384 => {
                matches!(key, KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384)
            }
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 => matches!(key, KeyAlgorithm::Rsa { .. }),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EcdsaSha256 => "ECDSA with SHA-256",
            Self::EcdsaSha384 => "ECDSA with SHA-384",
            Self::RsaPkcs1Sha256 => "RSASSA-PKCS1-v1_5 with SHA-256",
            Self::RsaPssSha256 => "RSASSA-PSS with SHA-256",
        })
    }
}

impl PublicKey {
    /// Checks a signature over a message, in the form that certificates have it: ECDSA in DER.
    ///
    /// # Errors
    /// [`NotSigned`] when it is none, also when such a key makes no such signature.
    pub fn verify_message(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), NotSigned> {
        let identifier = algorithm.identifier().and_then(|one| one.to_der());
        let identifier = identifier.map_err(|_| NotSigned)?;
        signed::verify(self, &identifier, message, signature)
    }

    pub(crate) fn verify_ecdsa(&self, digest: &[u8], signature: &[u8]) -> Result<(), NotSigned> {
        let raw = match self.algorithm() {
            KeyAlgorithm::EcP256 => p256::ecdsa::Signature::from_der(signature)
                .map(|signature| signature.to_bytes().to_vec()),
            KeyAlgorithm::EcP384 => p384::ecdsa::Signature::from_der(signature)
                .map(|signature| signature.to_bytes().to_vec()),
            _ => return Err(NotSigned),
        };
        let raw = raw.map_err(|_| NotSigned)?;
        self.verify(&SignedInput::Ecdsa { digest }, &raw)
    }
}
