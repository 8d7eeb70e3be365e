//! The last checkpoints of an authority's journal that were seen on this computer. Whoever changes
//! the journal's past, or cuts off its end, is found out by every client that has seen it.

use std::collections::BTreeMap;

use lichna_ipc::Failure;
use lichna_journal::{Checkpoint, Hash};
use serde::{Deserialize, Serialize};

use super::{Call, Line};
use crate::{Agent, state_file::StateFile};

/// Most authorities, and instances of one, whose checkpoints are kept.
const MOST: usize = 64;
/// Most bytes of the file.
const LONGEST: u64 = 8 << 20;

/// By the address of the authority, by the name of the instance: the line as it was signed.
type Seen = BTreeMap<String, BTreeMap<String, String>>;

/// The file of what was seen.
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
    let mut seen = Vec::new();
    for text in now.checkpoints.iter().take(MOST) {
        let Ok(checkpoint) = Checkpoint::parse(text) else {
            tracing::warn!("a checkpoint of the journal cannot be read");
            continue;
        };
        let instance = checkpoint.instance().to_string();
        let older = before.and_then(|before| before.get(&instance));
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
            of_authority.extend(seen);
            while of_authority.len() > MOST {
                of_authority.pop_first();
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
    let rewrote = |what: String| Failure::AuthorityRewroteJournal {
        host: line.host().to_owned(),
        what,
    };
    let instance = newer.instance().to_string();
    let (from, to) = (older.size(), newer.size());
    if to < from {
        return Err(rewrote(format!("{instance}: {to} records, {from} before")));
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
        .map_err(|error| Failure::AuthorityRewroteJournal {
            host: line.host().to_owned(),
            what: format!("{instance}: {error}"),
        })
}
