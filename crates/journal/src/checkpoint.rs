//! Checkpoints: what a journal was at some size, signed.
//!
//! One is a line of JSON in one spelling only: no blank, the members in their order, hashes in
//! lower-case hex, base64 in the standard alphabet. What is signed is the member `body`, byte for byte.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::merkle::verify_consistency;
use crate::{CheckpointKey, CheckpointSigner, Hash, Instance, SignerError};

/// Bytes of a checkpoint's line at most.
pub const LONGEST_CHECKPOINT: usize = 64 * 1024;
/// Other instances that it names at most.
const MOST_OTHERS: usize = 64;
/// What the body begins with, so that its signature is good for nothing else.
const FORMAT: &str = "lichna-journal-checkpoint-1";

/// Why a checkpoint is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not a checkpoint of this format, or not in its one spelling.
    #[error("not a checkpoint of a journal")]
    NotACheckpoint,
    /// It is signed with a key that is not among those given.
    #[error("it is signed with an unknown key: {}", hex::encode(key))]
    UnknownKey {
        /// SHA-256 of that key.
        key: Hash,
    },
    /// Its signature is not that of its key.
    #[error("its signature is wrong")]
    WrongSignature,
    /// It is of another instance than the one that it should continue.
    #[error("it is a checkpoint of {0}")]
    AnotherInstance(Instance),
    /// The older one is not the beginning of it.
    #[error("it does not continue the older one: the journal has another past")]
    AnotherPast,
}

/// What a journal was at some size, signed by who writes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    body: Body,
    signature: Base64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<Base64>,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    format: String,
    instance: Instance,
    size: u64,
    #[serde(with = "hex::serde")]
    root: Hash,
    #[serde(with = "hex::serde")]
    head: Hash,
    time: u64,
    #[serde(with = "hex::serde")]
    key: Hash,
    others: Vec<OtherCheckpoint>,
}

/// What is known of the journal of another instance: this joins their chains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherCheckpoint {
    /// Whose it is.
    pub instance: Instance,
    /// Records it had.
    pub size: u64,
    /// The root over them.
    #[serde(with = "hex::serde")]
    pub root: Hash,
}

/// A checkpoint that is to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    body: Body,
}

impl Draft {
    pub(crate) fn new(
        instance: Instance,
        (size, root, head): (u64, Hash, Hash),
        time: u64,
        signer: &CheckpointKey,
        mut others: Vec<OtherCheckpoint>,
    ) -> Self {
        others.retain(|other| other.instance != instance);
        others.sort();
        // Of several about one instance the largest says the most.
        others.reverse();
        others.dedup_by(|a, b| a.instance == b.instance);
        others.reverse();
        others.truncate(MOST_OTHERS);
        Self {
            body: Body {
                format: FORMAT.to_owned(),
                instance,
                size,
                root,
                head,
                time,
                key: *signer.id(),
                others,
            },
        }
    }

    /// What is to be signed (it is hashed by the signer).
    pub fn message(&self) -> Vec<u8> {
        self.body.message()
    }

    /// The checkpoint with that signature, in DER, which is not checked here.
    pub fn signed(self, signature: Vec<u8>) -> Checkpoint {
        Checkpoint {
            body: self.body,
            signature: Base64(signature),
            timestamp: None,
        }
    }

    /// The checkpoint, signed by the signer that it was drafted for.
    ///
    /// # Errors
    /// The signer's own.
    pub fn sign(self, signer: &dyn CheckpointSigner) -> Result<Checkpoint, SignerError> {
        let signature = signer.sign(&self.message())?;
        Ok(self.signed(signature))
    }
}

impl Body {
    fn message(&self) -> Vec<u8> {
        // Numbers, texts and lists of them: nothing that JSON cannot write.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn is_in_order(&self) -> bool {
        let names = self.others.iter().map(|other| &other.instance);
        self.format == FORMAT
            && self.others.len() <= MOST_OTHERS
            && names.is_sorted_by(|one, next| one < next)
            && self
                .others
                .iter()
                .all(|other| other.instance != self.instance)
    }
}

impl Checkpoint {
    /// Reads a line, with or without its end. Its signature is not checked.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`].
    pub fn parse(line: &str) -> Result<Self, CheckpointError> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        if line.len() > LONGEST_CHECKPOINT {
            return Err(CheckpointError::NotACheckpoint);
        }
        let checkpoint: Self =
            serde_json::from_str(line).map_err(|_| CheckpointError::NotACheckpoint)?;
        // INVARIANT: what was signed is the body as it is written out again.
        if !checkpoint.body.is_in_order() || checkpoint.to_line() != line {
            return Err(CheckpointError::NotACheckpoint);
        }
        Ok(checkpoint)
    }

    /// Reads a line and checks its signature.
    ///
    /// # Errors
    /// As [`Self::parse`] and [`Self::check_signature`].
    pub fn verify(line: &str, keys: &[CheckpointKey]) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(line)?;
        checkpoint.check_signature(keys)?;
        Ok(checkpoint)
    }

    /// Checks its signature with that of the keys which it names.
    ///
    /// # Errors
    /// [`CheckpointError::UnknownKey`], [`CheckpointError::WrongSignature`].
    pub fn check_signature(&self, keys: &[CheckpointKey]) -> Result<(), CheckpointError> {
        let key = keys.iter().find(|key| *key.id() == self.body.key);
        let key = key.ok_or(CheckpointError::UnknownKey { key: self.body.key })?;
        if key.verifies(&self.body.message(), &self.signature.0) {
            Ok(())
        } else {
            Err(CheckpointError::WrongSignature)
        }
    }

    /// Checks that it continues an older one, with the proof that the journal gives for their sizes.
    ///
    /// # Errors
    /// [`CheckpointError::AnotherInstance`]; [`CheckpointError::AnotherPast`], also when it is the one
    /// with fewer records.
    pub fn continues(&self, older: &Self, proof: &[Hash]) -> Result<(), CheckpointError> {
        if self.instance() != older.instance() {
            return Err(CheckpointError::AnotherInstance(self.instance().clone()));
        }
        let (first, second) = ((older.size(), older.root()), (self.size(), self.root()));
        if verify_consistency(first, second, proof) {
            Ok(())
        } else {
            Err(CheckpointError::AnotherPast)
        }
    }

    /// As one line, without its end.
    pub fn to_line(&self) -> String {
        // Numbers, texts and lists of them: nothing that JSON cannot write.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whose journal it is.
    pub const fn instance(&self) -> &Instance {
        &self.body.instance
    }

    /// Records under it: the number of the last one.
    pub const fn size(&self) -> u64 {
        self.body.size
    }

    /// The root of the tree over them.
    pub const fn root(&self) -> &Hash {
        &self.body.root
    }

    /// The hash of the last of them, or the genesis.
    pub const fn head(&self) -> &Hash {
        &self.body.head
    }

    /// When it was made, in Unix milliseconds by the writer's clock.
    pub const fn time(&self) -> u64 {
        self.body.time
    }

    /// The key that signed it: SHA-256 of the SubjectPublicKeyInfo.
    pub const fn key_id(&self) -> &Hash {
        &self.body.key
    }

    /// What it says of the journals of other instances, in the order of their names.
    pub fn others(&self) -> &[OtherCheckpoint] {
        &self.body.others
    }

    /// What the checkpoint of another instance says of this journal.
    pub fn to_other(&self) -> OtherCheckpoint {
        OtherCheckpoint {
            instance: self.body.instance.clone(),
            size: self.body.size,
            root: self.body.root,
        }
    }

    /// The signature, in DER. A timestamp stands over these bytes.
    pub fn signature(&self) -> &[u8] {
        &self.signature.0
    }

    /// The timestamp over the signature: a TimeStampToken, RFC 3161, in DER, which is not checked here.
    pub fn timestamp(&self) -> Option<&[u8]> {
        self.timestamp.as_ref().map(|token| token.0.as_slice())
    }

    /// The same with a timestamp beside it.
    #[must_use]
    pub fn with_timestamp(self, token: Vec<u8>) -> Self {
        Self {
            timestamp: Some(Base64(token)),
            ..self
        }
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_line())
    }
}

/// Bytes that stand as base64.
#[derive(Clone, PartialEq, Eq)]
struct Base64(Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}
