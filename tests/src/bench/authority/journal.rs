//! The journal: a record is on the disk before its answer leaves, so the disk is waited for. SQLite waits
//! for the same disk with each commit.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use lichna_journal::{CheckpointSigner, Instance, Journal, Options, SignerError};
use serde::{Deserialize, Serialize};

use super::BENCH;
use super::measured::{number, seconds, version};
use crate::bench::{Goal, Peer, Row};

/// Commits of each kind.
const COMMITS: u64 = 400;
/// Records of a batch.
const BATCH: u64 = 64;
/// What a record of the authority is like.
const PAYLOAD: &str = r#"{"kind":"certificate-issued","actor":{"officer":"3b0f8a52-6d8a-4a52-9f2e-0f6f6d1f8f11"},"subject":{"serial":"5FA0C6A1D14B0C4F9E8D7C6B5A49382716050403"},"outcome":"done","detail":{"application":"0d2bb7a3-52a4-4f0c-8f4e-7f2d7d5d8a10"}}"#;
/// 2026-11-22.
const NOW: u64 = 1_795_305_600_000;

pub fn rows() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("SQLite {}", version("sqlite3", "--version", 1));
    let mut rows = Vec::new();
    for (batch, metric, goal) in [
        (1, "journal: a record on the disk", Goal::TimesPeer(1.25)),
        (
            BATCH,
            "journal: a record of 64 together",
            Goal::TimesPeer(1.0),
        ),
    ] {
        let ours = ours(&folder.path().join(format!("journal-{batch}")), batch);
        let peer = Peer {
            name: format!("{name}, WAL, synchronous=FULL"),
            figure: sqlite(&folder.path().join(format!("{batch}.db")), batch),
        };
        rows.push(Row::beside(
            (BENCH, metric.to_owned()),
            (ours, "µs"),
            &peer,
            goal,
        ));
    }
    rows
}

/// Microseconds a record.
fn ours(folder: &Path, batch: u64) -> f64 {
    let mut journal = open(folder);
    let payloads = vec![PAYLOAD; usize::try_from(batch).expect("a small number")];
    let (seconds, ()) = seconds(|| {
        for _ in 0..COMMITS {
            journal.append(NOW, &payloads).expect("a disk with room");
        }
    });
    seconds * 1e6 / number(COMMITS * batch)
}

/// The same by SQLite: a table with a number and a text.
fn sqlite(database: &Path, batch: u64) -> f64 {
    let mut script = String::from(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;\n\
         CREATE TABLE journal (sequence INTEGER PRIMARY KEY, time INTEGER, payload TEXT);\n",
    );
    for _ in 0..COMMITS {
        script += "BEGIN IMMEDIATE;\n";
        for _ in 0..batch {
            writeln!(
                script,
                "INSERT INTO journal (time, payload) VALUES ({NOW}, '{PAYLOAD}');"
            )
            .expect("memory");
        }
        script += "COMMIT;\n";
    }
    let mut child = Command::new("sqlite3")
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("sqlite3 is installed");
    let mut stdin = child.stdin.take().expect("piped");
    let (seconds, status) = seconds(|| {
        stdin.write_all(script.as_bytes()).expect("it reads");
        drop(stdin);
        child.wait().expect("own child")
    });
    assert!(status.success(), "{status}");
    seconds * 1e6 / number(COMMITS * batch)
}

fn open(folder: &Path) -> Journal {
    let instance = Instance::new("bench").expect("a name");
    let (journal, _) = Journal::open(folder, &instance, Options::default()).expect("a journal");
    journal
}

/// What a journal of some size costs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Probed {
    /// Records in it.
    pub size: u64,
    /// Microseconds a record, 64 together.
    pub append: f64,
    /// Microseconds of a checkpoint without its signature.
    pub checkpoint: f64,
    /// Microseconds of a proof that an earlier checkpoint is its beginning.
    pub proof: f64,
    /// Milliseconds until it is open.
    pub open: f64,
    /// Bytes on the disk a record.
    pub bytes: f64,
}

/// Records that are written together to make it grow; nobody waits for each of them.
const GROWING: u64 = 4096;

/// Grows a journal in that folder to each of the sizes, and says what it costs there.
pub fn grow(folder: &Path, sizes: &[u64]) -> Vec<Probed> {
    let payloads = vec![PAYLOAD; usize::try_from(GROWING).expect("a small number")];
    let signer = Nobody;
    let mut probed = Vec::new();
    let mut journal = open(folder);
    for size in sizes {
        while journal.size() < *size {
            let count = (*size - journal.size()).min(GROWING);
            let count = usize::try_from(count).expect("a small number");
            journal
                .append(NOW, &payloads[..count])
                .expect("a disk with room");
        }
        drop(journal);
        let (open_seconds, opened) = seconds(|| open(folder));
        journal = opened;
        let bytes = folder_bytes(folder) / number(*size);
        let batch = &payloads[..usize::try_from(BATCH).expect("a small number")];
        let (append, ()) = seconds(|| {
            for _ in 0..COMMITS {
                journal.append(NOW, batch).expect("a disk with room");
            }
        });
        let (checkpoint, ()) = seconds(|| {
            for _ in 0..COMMITS {
                let made = journal.checkpoint(NOW, Vec::new(), &signer);
                made.expect("a disk with room");
            }
        });
        let last = journal.size();
        let (proof, ()) = seconds(|| {
            for step in 1..=COMMITS {
                let proof = journal.consistency(last * step / (COMMITS + 1), last);
                assert!(!proof.expect("its own files").is_empty());
            }
        });
        let each = |seconds: f64, count: u64| seconds * 1e6 / number(count);
        probed.push(Probed {
            size: *size,
            append: each(append, COMMITS * BATCH),
            checkpoint: each(checkpoint, COMMITS),
            proof: each(proof, COMMITS),
            open: open_seconds * 1e3,
            bytes,
        });
    }
    probed
}

fn folder_bytes(folder: &Path) -> f64 {
    let entries = std::fs::read_dir(folder).expect("own folder");
    let sizes = entries.map(|entry| entry.and_then(|entry| entry.metadata()));
    number(
        sizes
            .map(|metadata| metadata.expect("own file").len())
            .sum(),
    )
}

/// A key whose signature costs nothing.
struct Nobody;

impl CheckpointSigner for Nobody {
    fn public_key_spki(&self) -> &[u8] {
        include_bytes!("../../../../fuzz/anchors/journal.spki")
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(vec![0; 72])
    }
}
