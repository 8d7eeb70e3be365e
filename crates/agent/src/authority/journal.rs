//! The last checkpoints of an authority's journal that were seen on this computer. Whoever changes
//! the journal's past, or cuts off its end, is found out by every client that has seen it.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use lichna_ipc::Failure;
use lichna_journal::{Checkpoint, CheckpointError, CheckpointKey, Hash};
use serde::{Deserialize, Serialize};

use super::{Call, Line};
use crate::{Agent, state_file::StateFile};

/// Most authorities, and instances of one, whose checkpoints are kept.
const MOST: usize = 64;
/// Most bytes of the file.
const LONGEST: u64 = 8 << 20;

/// Most keys of an authority that are kept.
const MOST_KEYS: usize = 16;

/// By the address of the authority.
type Seen = BTreeMap<String, SeenJournal>;

/// What was seen of one authority.
#[derive(Default, Deserialize, Serialize)]
struct SeenJournal {
    /// What its checkpoints are signed with: SubjectPublicKeyInfo in base64.
    keys: BTreeSet<String>,
    /// By the name of the instance: the line as it was signed.
    checkpoints: BTreeMap<String, String>,
}

/// The file of what was seen: with it anybody can prove what the authority once signed.
pub struct SeenJournals(StateFile<Seen>);

impl SeenJournals {
    /// In that file, which need not exist.
    pub const fn new(file: std::path::PathBuf) -> Self {
        Self(StateFile::new(file, LONGEST))
    }
}

#[derive(Deserialize)]
struct Checkpoints {
    checkpoints: Vec<String>,
    keys: Vec<String>,
}

impl Checkpoints {
    /// The keys that are any. What is signed with another is not kept.
    fn keys(&self) -> Vec<CheckpointKey> {
        let keys = self.keys.iter().take(MOST_KEYS);
        keys.filter_map(|key| CheckpointKey::from_spki(&BASE64_STANDARD.decode(key).ok()?).ok())
            .collect()
    }
}

#[derive(Deserialize)]
struct Consistency {
    proof: Vec<HexHash>,
}

#[derive(Deserialize, Serialize)]
struct HexHash(#[serde(with = "hex")] Hash);

/// Looks whether the authority's journal continues what was seen of it before, and keeps what is
/// seen now. That nothing can be seen at the moment is no reason to do nothing.
///
/// # Errors
/// [`Failure::AuthorityRewroteJournal`].
pub async fn watch(agent: &Agent, line: &mut Line) -> Result<(), Failure> {
    let authority = line.address().to_owned();
    let answer = line.call(Call::get("/v1/journal/checkpoints")).await;
    let now: Checkpoints = match answer {
        Ok(now) => now,
        Err(failure) => {
            tracing::info!(%failure, "the journal's checkpoints cannot be had");
            return Ok(());
        }
    };
    let before = agent.journals.0.read().unwrap_or_default();
    let before = before.get(&authority);
    let keys = now.keys();
    let mut seen = Vec::new();
    for text in now.checkpoints.iter().take(MOST) {
        let checkpoint = match Checkpoint::verify(text, &keys) {
            Ok(checkpoint) => checkpoint,
            Err(error @ CheckpointError::WrongSignature) => return Err(rewrote(line, error)),
            Err(error) => {
                tracing::warn!(%error, "a checkpoint of the journal is not kept");
                continue;
            }
        };
        let instance = checkpoint.instance().to_string();
        let older = before.and_then(|before| before.checkpoints.get(&instance));
        let older = older.and_then(|text| Checkpoint::parse(text).ok());
        let continued = match older {
            Some(older) => continues(line, &checkpoint, &older).await?,
            None => true,
        };
        if continued {
            seen.push((instance, text.clone()));
        }
    }
    let kept = agent.journals.0.change(|all| {
        if all.len() < MOST || all.contains_key(&authority) {
            let of_authority = all.entry(authority).or_default();
            of_authority.checkpoints.extend(seen);
            while of_authority.checkpoints.len() > MOST {
                of_authority.checkpoints.pop_first();
            }
            of_authority.keys.extend(now.keys);
            while of_authority.keys.len() > MOST_KEYS {
                of_authority.keys.pop_first();
            }
        }
    });
    if let Err(failure) = kept {
        tracing::warn!(%failure, "the journal's checkpoints are not kept");
    }
    Ok(())
}

/// Whether it is proven; `false`: at the moment it cannot be.
async fn continues(
    line: &mut Line,
    newer: &Checkpoint,
    older: &Checkpoint,
) -> Result<bool, Failure> {
    let instance = newer.instance().to_string();
    let (from, to) = (older.size(), newer.size());
    if to < from {
        let what = format!("{instance}: {to} records, {from} before");
        return Err(rewrote(line, what));
    }
    let proof = if to == from {
        Vec::new()
    } else {
        let path = format!("/v1/journal/{instance}/consistency?from={from}&to={to}");
        let answer: Result<Consistency, Failure> = line.call(Call::get(&path)).await;
        match answer {
            Ok(answer) => answer.proof.into_iter().map(|hash| hash.0).collect(),
            // Another instance answers; this one's own proves it another time.
            Err(failure) => {
                tracing::debug!(%failure, instance, "a proof cannot be had");
                return Ok(false);
            }
        }
    };
    newer
        .continues(older, &proof)
        .map(|()| true)
        .map_err(|error| rewrote(line, format!("{instance}: {error}")))
}

fn rewrote(line: &Line, what: impl ToString) -> Failure {
    Failure::AuthorityRewroteJournal {
        host: line.host().to_owned(),
        what: what.to_string(),
    }
}
