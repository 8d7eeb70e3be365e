//! The file of a card: a plain header of one line, then the sealed state.

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::lock::{Derivation, random};
use crate::{Lock, LockKind, SoftCardError};

/// What anyone who has the file may know of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    format: String,
    version: u32,
    /// The card's number, which the card tells as EF.GDO.
    pub number: String,
    /// What the holder calls it.
    pub label: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub made_at: OffsetDateTime,
    #[serde(with = "base64_bytes")]
    country_anchor: Vec<u8>,
    lock: Derivation,
    #[serde(with = "hex::serde")]
    wrapped_key: Vec<u8>,
}

impl Header {
    /// The practice root that the card's security object leads to: an X.509 certificate, DER.
    #[must_use]
    pub fn country_anchor(&self) -> &[u8] {
        &self.country_anchor
    }

    /// Which kind of lock opens the card.
    #[must_use]
    pub const fn lock_kind(&self) -> LockKind {
        self.lock.kind()
    }
}

/// What seals a card's state, and the header that goes before it.
pub struct Envelope {
    header: Header,
    /// The header as it stands in the file, with its line end: authenticated with the state.
    line: Vec<u8>,
    cipher: XChaCha20Poly1305,
}

/// What a new card's header says.
pub struct Labels {
    pub number: String,
    pub label: String,
    pub made_at: OffsetDateTime,
    pub country_anchor: Vec<u8>,
}

impl Envelope {
    /// An envelope with a fresh data key.
    pub fn new(labels: Labels, lock: &Lock) -> Result<Self, SoftCardError> {
        let derivation = Derivation::new(lock)?;
        let wrapping = XChaCha20Poly1305::new((&*derivation.derive(lock)?).into());
        let data_key = Zeroizing::new(random::<32>()?);
        let mut header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            number: labels.number,
            label: labels.label,
            made_at: labels.made_at,
            country_anchor: labels.country_anchor,
            lock: derivation,
            wrapped_key: Vec::new(),
        };
        header.wrapped_key = seal(&wrapping, data_key.as_ref(), WRAPPING)?;
        let mut line = serde_json::to_vec(&header).map_err(|_| SoftCardError::Damaged)?;
        line.push(b'\n');
        if line.len() > LONGEST_HEADER {
            return Err(SoftCardError::NotMakeable {
                field: "label",
                what: "it is too long",
            });
        }
        Ok(Self {
            header,
            line,
            cipher: XChaCha20Poly1305::new((&*data_key).into()),
        })
    }

    /// Opens a card's file: the envelope, and the state that was sealed.
    pub fn open(file: &[u8], lock: &Lock) -> Result<(Self, Zeroizing<Vec<u8>>), SoftCardError> {
        let (header, line, sealed) = split(file)?;
        let wrapping = XChaCha20Poly1305::new((&*header.lock.derive(lock)?).into());
        let data_key =
            unseal(&wrapping, &header.wrapped_key, WRAPPING).ok_or(SoftCardError::WrongLock)?;
        let cipher =
            XChaCha20Poly1305::new_from_slice(&data_key).map_err(|_| SoftCardError::Damaged)?;
        let state = unseal(&cipher, sealed, line).ok_or(SoftCardError::Damaged)?;
        let line = line.to_vec();
        Ok((
            Self {
                header,
                line,
                cipher,
            },
            state,
        ))
    }

    /// The plain header of a card's file.
    pub fn header_of(file: &[u8]) -> Result<Header, SoftCardError> {
        split(file).map(|(header, _, _)| header)
    }

    /// The plain header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// A whole new file with this state.
    pub fn close(&self, state: &[u8]) -> Result<Vec<u8>, SoftCardError> {
        let mut file = self.line.clone();
        file.extend(seal(&self.cipher, state, &self.line)?);
        Ok(file)
    }
}

/// Header, its line, what follows.
fn split(file: &[u8]) -> Result<(Header, &[u8], &[u8]), SoftCardError> {
    let end = file
        .iter()
        .take(LONGEST_HEADER)
        .position(|byte| *byte == b'\n')
        .ok_or(SoftCardError::NotACard {
            what: "it has no header",
        })?;
    let (line, sealed) = file
        .split_at_checked(end + 1)
        .ok_or(SoftCardError::Damaged)?;
    let version: Version = serde_json::from_slice(line).map_err(|_| SoftCardError::NotACard {
        what: "its header cannot be read",
    })?;
    if version.format != FORMAT {
        return Err(SoftCardError::NotACard {
            what: "its header names another format",
        });
    }
    if version.version != VERSION {
        return Err(SoftCardError::LaterVersion {
            version: version.version,
            known: VERSION,
        });
    }
    let header = serde_json::from_slice(line).map_err(|_| SoftCardError::NotACard {
        what: "its header is incomplete",
    })?;
    Ok((header, line, sealed))
}

/// What every version's header has.
#[derive(Deserialize)]
struct Version {
    format: String,
    version: u32,
}

/// Nonce, then what is sealed.
fn seal(cipher: &XChaCha20Poly1305, data: &[u8], beside: &[u8]) -> Result<Vec<u8>, SoftCardError> {
    let nonce = random::<NONCE>()?;
    let payload = Payload {
        msg: data,
        aad: beside,
    };
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SoftCardError::Damaged)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unseal(cipher: &XChaCha20Poly1305, sealed: &[u8], beside: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let payload = Payload {
        msg: sealed,
        aad: beside,
    };
    let data = cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
    Some(Zeroizing::new(data))
}

mod base64_bytes {
    use serde::{Deserializer, Serializer, de::Error};

    use super::*;

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}

const FORMAT: &str = "lichna-practice-card";
const VERSION: u32 = 1;
/// Bytes of the header with its line end, at most.
const LONGEST_HEADER: usize = 16 * 1024;
/// What is authenticated with the wrapped key.
const WRAPPING: &[u8] = b"lichna-practice-card data key";
/// Bytes of an XChaCha20 nonce.
const NONCE: usize = 24;
