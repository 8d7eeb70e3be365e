//! Keys in files: PKCS#8, encrypted with a passphrase (PBES2: scrypt, AES-256-CBC), as openssl
//! reads and writes them too.

use std::fs;
use std::io::Write;
use std::path::Path;

use lichna_pki::{PublicKey, SignatureAlgorithm, Signer, SignerError};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::{
    AlgorithmIdentifierRef, EncodePublicKey, EncryptedPrivateKeyInfoRef, LineEnding,
    ObjectIdentifier, PrivateKeyInfoRef, SecretDocument, pkcs5::pbes2,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
};
use zeroize::Zeroizing;

use super::KeyError;
use crate::system;

/// The label of such a file, RFC 7468 §11.
const LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// hmacWithSHA256, RFC 8018 appendix B.1.2: what the secret of the registers is filed under.
const SECRET: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");

/// The passphrase of key files.
pub(super) struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// The first line of a file that nobody but its owner may read.
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        first_line(file).map(Self)
    }

    /// Makes one up and writes it to a new file.
    pub fn make(file: &Path) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| KeyError::Random)?;
        let text = Zeroizing::new(hex::encode(bytes.as_ref()));
        write_secret(file, format!("{}\n", *text).as_bytes())?;
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }
}

/// The first line of a file with a secret, which nobody but its owner may read.
pub(super) fn first_line(file: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if system::others_may_read(file).map_err(error_of(file))? {
        return Err(KeyError::Open {
            file: file.to_owned(),
        });
    }
    let bytes = Zeroizing::new(fs::read(file).map_err(error_of(file))?);
    let line = bytes.split(|byte| *byte == b'\n').next();
    match line {
        Some(line) if !line.is_empty() => Ok(Zeroizing::new(line.to_vec())),
        _ => Err(KeyError::Content {
            file: file.to_owned(),
            what: "secret",
        }),
    }
}

/// A key pair on P-256 or P-384, in memory.
pub(super) struct FileKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    public_key: PublicKey,
    curve: Curve,
}

/// The curves that keys are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Curve {
    /// How keys on it sign: with a hash of its length.
    pub const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 => SignatureAlgorithm::EcdsaSha256,
            Self::P384 => SignatureAlgorithm::EcdsaSha384,
        }
    }
}

impl FileKey {
    /// Makes a key.
    pub fn generate(curve: Curve) -> Result<SecretDocument, KeyError> {
        let algorithm = match curve {
            Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        };
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new());
        let made = made.map_err(|_| KeyError::Random)?;
        SecretDocument::try_from(made.as_ref()).map_err(|_| KeyError::Random)
    }

    /// The key in this PKCS#8.
    pub fn open(document: &SecretDocument) -> Option<Self> {
        let bytes = document.as_bytes();
        let random = SystemRandom::new();
        let read = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, bytes, &random).ok();
        let (pair, curve) = match read(&ECDSA_P256_SHA256_ASN1_SIGNING) {
            Some(pair) => (pair, Curve::P256),
            None => (read(&ECDSA_P384_SHA384_ASN1_SIGNING)?, Curve::P384),
        };
        let public_key = public_key(pair.public_key().as_ref(), curve)?;
        Some(Self {
            pair,
            random,
            public_key,
            curve,
        })
    }
}

/// The key at this point, as SEC 1 §2.3.3 writes it.
pub(super) fn public_key(point: &[u8], curve: Curve) -> Option<PublicKey> {
    let spki = match curve {
        Curve::P256 => p256::PublicKey::from_sec1_bytes(point)
            .ok()?
            .to_public_key_der(),
        Curve::P384 => p384::PublicKey::from_sec1_bytes(point)
            .ok()?
            .to_public_key_der(),
    };
    PublicKey::parse(spki.ok()?.as_bytes()).ok()
}

impl Signer for FileKey {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.curve.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signed = self.pair.sign(&self.random, message);
        let signature = signed.map_err(|_| SignerError::Unavailable {
            reason: "the system has no random numbers".to_owned(),
        })?;
        Ok(signature.as_ref().to_vec())
    }
}

/// Encrypts a key into a new file.
pub(super) fn write(
    file: &Path,
    passphrase: &Passphrase,
    document: &SecretDocument,
) -> Result<(), KeyError> {
    let encrypted = encrypt(passphrase, document).map_err(|_| KeyError::Random)?;
    let pem = encrypted.to_pem(LABEL, LineEnding::LF);
    let pem = pem.map_err(|_| KeyError::Random)?;
    write_secret(file, pem.as_bytes())
}

fn encrypt(passphrase: &Passphrase, document: &SecretDocument) -> pkcs8::Result<SecretDocument> {
    let parameters = pbes2::Parameters::generate_scrypt(&mut getrandom::SysRng)?;
    let key = PrivateKeyInfoRef::try_from(document.as_bytes())?;
    key.encrypt_with_params(parameters, &passphrase.0)
}

/// Decrypts a file.
pub(super) fn read(file: &Path, passphrase: &Passphrase) -> Result<SecretDocument, KeyError> {
    let text = fs::read_to_string(file).map_err(error_of(file))?;
    let content = || KeyError::Content {
        file: file.to_owned(),
        what: "encrypted private key (PKCS#8)",
    };
    let (label, document) = SecretDocument::from_pem(&text).map_err(|_| content())?;
    if label != LABEL {
        return Err(content());
    }
    let encrypted =
        EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| content())?;
    let decrypted = encrypted.decrypt(&passphrase.0);
    decrypted.map_err(|_| KeyError::Passphrase {
        file: file.to_owned(),
    })
}

/// Random bytes as such a document.
pub(super) fn secret(bytes: &[u8]) -> Result<SecretDocument, KeyError> {
    let document = OctetStringRef::new(bytes).ok().and_then(|bytes| {
        let algorithm = AlgorithmIdentifierRef {
            oid: SECRET,
            parameters: None,
        };
        SecretDocument::encode_msg(&PrivateKeyInfoRef::new(algorithm, bytes)).ok()
    });
    document.ok_or(KeyError::Random)
}

/// The random bytes in such a document.
pub(super) fn secret_in(document: &SecretDocument) -> Option<Zeroizing<Vec<u8>>> {
    let info = PrivateKeyInfoRef::try_from(document.as_bytes()).ok()?;
    let fits = info.algorithm.oid == SECRET;
    fits.then(|| Zeroizing::new(info.private_key.as_bytes().to_vec()))
}

/// Writes a file that was not there, which its owner alone may read.
pub(super) fn write_secret(file: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let opened = system::own_file(file);
    let mut opened = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists {
            file: file.to_owned(),
        },
        _ => error_of(file)(error),
    })?;
    opened
        .write_all(bytes)
        .and_then(|()| opened.sync_all())
        .map_err(error_of(file))
}

/// An error with the file's name.
pub(super) fn error_of(file: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let file = file.to_owned();
    move |error| KeyError::File { file, error }
}
