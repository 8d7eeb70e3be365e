//! Signed checkpoints of the journal: made when they are due, stamped by the timestamp service,
//! kept in the journal's own file and in the store, where the other instances find them. Each names
//! the latest of the others, so the chains are joined.

use std::time::Duration;

use lichna_journal::{Checkpoint, JournalError, OtherCheckpoint};
use sqlx::Row;
use thiserror::Error;

use super::RecordError;
use crate::{
    Authority, clock,
    server::{Stop, Tasks},
    status::timestamps::{StampError, stamp},
    store::StoreError,
};

/// Why there is no checkpoint.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// The journal's thread has ended.
    #[error(transparent)]
    Stopped(#[from] RecordError),
    /// The journal's own.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The timestamp service's.
    #[error("no timestamp: {0}")]
    Stamp(#[from] StampError),
}

/// Makes checkpoints when they are due.
pub fn start(authority: &Authority, tasks: &mut Tasks) {
    let authority = authority.clone();
    tasks.spawn(|stop| run(authority, stop));
}

async fn run(authority: Authority, mut stop: Stop) {
    let pause = Duration::from_secs(authority.config.journal.checkpoint_seconds);
    loop {
        tokio::select! {
            goes_on = stop.sleep(pause) => if !goes_on { return },
            () = authority.journal.due.notified() => {}
        }
        if let Err(error) = checkpoint(&authority).await {
            tracing::error!(%error, "there is no checkpoint of the journal");
        }
    }
}

/// Makes a checkpoint, if there was a record since the last one.
///
/// # Errors
/// `CheckpointFault`: it is tried again when the next one is due.
pub async fn checkpoint(authority: &Authority) -> Result<(), CheckpointFault> {
    let others = others(authority).await?;
    let signed = authority
        .journal
        .ask(|open| (open.since_checkpoint() > 0).then(|| open.sign(others)))
        .await?;
    let Some(signed) = signed.transpose()? else {
        return Ok(());
    };
    let token = stamp(authority, signed.signature()).await?;
    let stamped = signed.with_timestamp(token);
    let kept = stamped.clone();
    authority
        .journal
        .ask(move |open| open.keep(&kept))
        .await??;
    insert(authority, &stamped).await?;
    Ok(())
}

/// The latest checkpoints of the other instances.
async fn others(authority: &Authority) -> Result<Vec<OtherCheckpoint>, StoreError> {
    let latest = latest(authority).await?;
    let own = &authority.config.instance;
    Ok(latest
        .iter()
        .filter_map(|line| Checkpoint::parse(line).ok())
        .filter(|checkpoint| checkpoint.instance().as_str() != own)
        .map(|checkpoint| checkpoint.to_other())
        .collect())
}

/// The latest checkpoint of each instance, as its line.
pub(super) async fn latest(authority: &Authority) -> Result<Vec<String>, StoreError> {
    const LATEST: &str = "SELECT c.checkpoint FROM checkpoints c JOIN \
        (SELECT instance, MAX(size) AS size FROM checkpoints GROUP BY instance) l \
        ON l.instance = c.instance AND l.size = c.size ORDER BY c.instance";
    let rows = sqlx::query(LATEST)
        .fetch_all(authority.store.pool())
        .await?;
    let read = |row: &sqlx::any::AnyRow| Ok(row.try_get("checkpoint")?);
    rows.iter().map(read).collect()
}

async fn insert(authority: &Authority, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO checkpoints (instance, size, checkpoint, stamp, made_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let size = i64::try_from(checkpoint.size()).unwrap_or(i64::MAX);
    sqlx::query(INSERT)
        .bind(checkpoint.instance().as_str())
        .bind(size)
        .bind(checkpoint.to_line())
        .bind(checkpoint.timestamp())
        .bind(clock::now())
        .execute(authority.store.pool())
        .await?;
    Ok(())
}
