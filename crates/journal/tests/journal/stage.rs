//! A journal to try things on.

use std::fs;
use std::path::{Path, PathBuf};

use lichna_journal::verify::{Report, verify};
use lichna_journal::{
    Checkpoint, CheckpointKey, CheckpointSigner, Instance, Journal, JournalError, Opened, Options,
    SigningFile,
};
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey};
use tempfile::TempDir;

/// 2026-11-22 07:00 UTC.
pub const NOON: u64 = 1_795_330_800_000;
pub const DAY: u64 = 24 * 3600 * 1000;

pub struct Stage {
    pub home: TempDir,
    pub signer: SigningFile,
    pub options: Options,
    pub instance: Instance,
}

impl Stage {
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            signer: signer(1),
            options: Options::default(),
            instance: Instance::new("authority-1").unwrap(),
        }
    }

    /// With segments of a few records.
    pub fn with_small_segments() -> Self {
        let mut stage = Self::new();
        stage.options.segment_bytes = 700;
        stage
    }

    pub fn folder(&self) -> PathBuf {
        self.home.path().join("journal")
    }

    pub fn segment(&self, number: u32) -> PathBuf {
        self.folder().join(format!("records-{number:06}.log"))
    }

    pub fn checkpoints(&self) -> PathBuf {
        self.folder().join("checkpoints.log")
    }

    pub fn open(&self) -> Journal {
        self.try_open().unwrap().0
    }

    pub fn try_open(&self) -> Result<(Journal, Opened), JournalError> {
        Journal::open(&self.folder(), &self.instance, self.options)
    }

    /// A journal with so many records, one a minute, and a checkpoint over them.
    pub fn filled(&self, records: u64) -> Checkpoint {
        let mut journal = self.open();
        fill(&mut journal, records);
        self.checkpoint(&mut journal)
    }

    pub fn checkpoint(&self, journal: &mut Journal) -> Checkpoint {
        let now = NOON + journal.size() * 60_000;
        journal.checkpoint(now, Vec::new(), &self.signer).unwrap()
    }

    pub fn key(&self) -> CheckpointKey {
        CheckpointKey::from_spki(self.signer.public_key_spki()).unwrap()
    }

    pub fn verify(&self) -> Report {
        self.verify_with(&[])
    }

    pub fn verify_with(&self, later: &[Checkpoint]) -> Report {
        verify(&self.folder(), &[self.key()], later).unwrap()
    }
}

pub fn fill(journal: &mut Journal, records: u64) {
    for _ in 0..records {
        let number = journal.size() + 1;
        let written = journal
            .append(NOON + number * 60_000, &[payload(number)])
            .unwrap();
        assert_eq!(written, [number]);
    }
}

pub fn payload(number: u64) -> Vec<u8> {
    format!(r#"{{"kind":"certificate-issued","number":{number}}}"#).into_bytes()
}

pub fn signer(number: u8) -> SigningFile {
    SigningFile::from_pkcs8(private_key(number).to_pkcs8_der().unwrap().as_bytes()).unwrap()
}

/// The files of a key pair: private, public.
pub fn key_files(folder: &Path, number: u8) -> (PathBuf, PathBuf) {
    let (private, public) = (folder.join("private.pem"), folder.join("key.pem"));
    let key = private_key(number);
    let pem = key.to_pkcs8_pem(p256::pkcs8::LineEnding::LF).unwrap();
    fs::write(&private, pem).unwrap();
    let pem = key
        .verifying_key()
        .to_public_key_pem(p256::pkcs8::LineEnding::LF)
        .unwrap();
    fs::write(&public, pem).unwrap();
    (private, public)
}

fn private_key(number: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap()
}
