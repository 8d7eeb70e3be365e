//! Signed archives, 30.4: whole segments of a journal with the checkpoints over them and a signed list,
//! in one tar file.
//!
//! `manifest.json` comes first, with the SHA-256 of each file behind it; `manifest.sig` is its signature
//! (ECDSA in DER), as `openssl dgst -verify` takes it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::journal::month;
use crate::segment;
use crate::sum::Summed;
use crate::verify::{Report, Verifier, Wrong};
use crate::{CheckpointKey, CheckpointSigner, Damage, Hash, Instance, JournalError, files};

/// The names in an archive, in this order; segments follow.
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const SIGNATURE: &str = "manifest.sig";
pub(crate) const README: &str = "README.txt";
/// Bytes of each of these at most, when they are read.
pub(crate) const LONGEST_LIST: u64 = 16 * 1024 * 1024;

const FORMAT: &str = "lichna-journal-archive-1";
const HOW_TO_VERIFY: &str = include_str!("archive/README.txt");

/// What is in an archive: the list that is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// Whose journal it is.
    pub instance: Instance,
    /// When the archive was made, in Unix milliseconds.
    pub made: u64,
    /// The key that signed it: SHA-256 of the SubjectPublicKeyInfo.
    #[serde(with = "hex::serde")]
    pub key: Hash,
    /// The number of the first record in it.
    pub first: u64,
    /// The number of the last record in it.
    pub last: u64,
    /// The root over all records of the journal up to the last one in it.
    #[serde(with = "hex::serde")]
    pub root: Hash,
    /// The files, in their order.
    pub files: Vec<Listed>,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256.
    #[serde(with = "hex::serde")]
    pub sha256: Hash,
}

impl Manifest {
    /// Reads it. None where it is no such list.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(text).ok()?;
        (manifest.format == FORMAT).then_some(manifest)
    }
}

/// Which segments go into an archive, by the time of their records, in Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// No record in it is older than this.
    pub from: u64,
    /// All records in it are older than this.
    pub before: u64,
}

/// Makes an archive of the segments whose records are all in the period, and which are not written any
/// more. Segments end with a month, so an archive up to the first of a month has all of what came before.
/// The journal stays as it is, and may be written meanwhile.
///
/// # Errors
/// [`JournalError::NothingThere`]; [`JournalError::Damaged`] when what should go into it is not whole;
/// [`JournalError::Signer`]; [`JournalError::File`].
pub fn archive(
    folder: &Path,
    period: Period,
    now: u64,
    signer: &dyn CheckpointSigner,
    out: impl Write,
) -> Result<Manifest, JournalError> {
    let key = CheckpointKey::from_spki(signer.public_key_spki())
        .map_err(|error| JournalError::Signer(error.into()))?;
    let checkpoints_path = folder.join(files::CHECKPOINTS);
    let checkpoints = std::fs::read(&checkpoints_path);
    let checkpoints = checkpoints.map_err(JournalError::file(&checkpoints_path))?;
    let chosen = choose(folder, period, now)?;
    let (Some(begin), Some(end)) = (chosen.first(), chosen.last()) else {
        return Err(JournalError::NothingThere);
    };
    let (first, (last, root)) = (begin.first, (end.last, end.root));
    let lines = checkpoints.split_inclusive(|byte| *byte == b'\n');
    let about = lines.filter(|line| is_about(line, first.saturating_sub(1), last));
    let checkpoints: Vec<u8> = about.flatten().copied().collect();

    let mut listed = vec![
        list(README, HOW_TO_VERIFY.as_bytes()),
        list(files::CHECKPOINTS, &checkpoints),
    ];
    listed.extend(chosen.iter().map(|chosen| chosen.listed.clone()));
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        instance: begin.instance.clone(),
        made: now,
        key: *key.id(),
        first,
        last,
        root,
        files: listed,
    };
    // Numbers, texts and lists of them: nothing that JSON cannot write.
    let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    let signature = signer.sign(&text).map_err(JournalError::Signer)?;

    let mut archive = tar::Builder::new(out);
    let mut add = |name: &str, size: u64, contents: &mut dyn Read| {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o444);
        header.set_mtime(now / 1000);
        let added = archive.append_data(&mut header, name, contents);
        added.map_err(JournalError::file(Path::new(name)))
    };
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    for (name, bytes) in [
        (MANIFEST, text.as_slice()),
        (SIGNATURE, &signature),
        (README, HOW_TO_VERIFY.as_bytes()),
        (files::CHECKPOINTS, &checkpoints),
    ] {
        add(name, length(bytes), &mut &*bytes)?;
    }
    for chosen in &chosen {
        let Listed { name, size, .. } = &chosen.listed;
        let path = folder.join(name);
        let mut file = File::open(&path).map_err(JournalError::file(&path))?;
        add(name, *size, &mut (&mut file).take(*size))?;
    }
    archive.finish().map_err(JournalError::file(folder))?;
    Ok(manifest)
}

/// A segment that goes into an archive.
struct Chosen {
    instance: Instance,
    first: u64,
    last: u64,
    root: Hash,
    listed: Listed,
}

/// The segments of the period, each read from end to end.
fn choose(folder: &Path, period: Period, now: u64) -> Result<Vec<Chosen>, JournalError> {
    let numbers = files::segments(folder)?;
    let mut chosen = Vec::new();
    let mut verifier = Verifier::new(&[], &[]);
    for number in &numbers {
        let mut segment = segment::open(folder, *number)?;
        let header = segment.header.clone();
        let name = files::segment(*number);
        let path = folder.join(&name);
        let first_time = first_time(folder, &header)?;
        if first_time.is_none_or(|time| time < period.from) {
            continue;
        }
        let is_first = verifier.is_empty();
        verifier.segment(&name, &header, is_first);
        let read = verifier.frames(&name, &mut segment.frames, false);
        read.map_err(JournalError::file(&path))?;
        let may_grow = Some(number) == numbers.last() && month(verifier.time()) >= month(now);
        if may_grow || verifier.time() >= period.before {
            break;
        }
        let (last, root, _) = verifier.state();
        let (size, sha256) = sum(&path).map_err(JournalError::file(&path))?;
        chosen.push(Chosen {
            instance: header.instance,
            first: header.first,
            last,
            root: root.unwrap_or_default(),
            listed: Listed { name, size, sha256 },
        });
    }
    refuse(&verifier.finish(false), &chosen)?;
    Ok(chosen)
}

/// What is damaged goes into no archive as if it were whole.
fn refuse(report: &Report, chosen: &[Chosen]) -> Result<(), JournalError> {
    let is_chosen = |file: &str| chosen.iter().any(|chosen| chosen.listed.name == file);
    let fault = report.faults.iter().find(|fault| is_chosen(&fault.file));
    match fault {
        None => Ok(()),
        Some(fault) => Err(JournalError::Damaged {
            file: fault.file.clone(),
            offset: fault.at,
            sequence: fault.sequence,
            damage: match fault.what {
                Wrong::Record(damage) => damage,
                _ => Damage::HeadDiffers,
            },
        }),
    }
}

fn first_time(folder: &Path, header: &segment::SegmentHeader) -> Result<Option<u64>, JournalError> {
    let mut records = segment::records(folder, header.first)?;
    let first = records.next().transpose()?;
    Ok(first.map(|(record, _)| record.time))
}

fn sum(path: &Path) -> io::Result<(u64, Hash)> {
    let mut file = Summed::new(File::open(path)?);
    io::copy(&mut file, &mut io::sink())?;
    Ok(file.sum())
}

fn list(name: &str, bytes: &[u8]) -> Listed {
    Listed {
        name: name.to_owned(),
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: Sha256::digest(bytes).into(),
    }
}

/// Whether that line is a whole checkpoint over a number of records from `first` to `last`.
fn is_about(line: &[u8], first: u64, last: u64) -> bool {
    let line = line
        .strip_suffix(b"\n")
        .and_then(|line| str::from_utf8(line).ok());
    let checkpoint = line.and_then(|line| crate::Checkpoint::parse(line).ok());
    checkpoint.is_some_and(|checkpoint| (first..=last).contains(&checkpoint.size()))
}
