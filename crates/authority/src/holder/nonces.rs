//! Signed requests that were seen: each is taken once.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::{
    Authority, clock,
    problem::{Code, Problem},
    server::Stop,
    store::StoreError,
};

/// Between two times of forgetting what is too old to be taken again.
const FORGETTING: Duration = Duration::from_secs(60);

/// Takes a request of this signer with this nonce, once and for all: also when it is refused
/// afterwards, it cannot be sent again at a moment when it would not be.
///
/// # Errors
/// [`Code::RequestReplayed`], or the store's.
pub async fn take(
    authority: &Authority,
    fingerprint: &str,
    nonce: &[u8],
    now: i64,
) -> Result<(), Problem> {
    const INSERT: &str = "INSERT INTO signed_requests (id, at) VALUES ($1, $2)";
    let mut hash = Sha256::new();
    hash.update(fingerprint.as_bytes());
    hash.update([0]);
    hash.update(nonce);
    let query = sqlx::query(INSERT)
        .bind(hex::encode(hash.finalize()))
        .bind(now);
    let inserted = query.execute(authority.store.pool()).await;
    match inserted.map_err(StoreError::from) {
        Ok(_) => Ok(()),
        Err(error) if error.is_unique_violation() => Err(Code::RequestReplayed.into()),
        Err(error) => Err(error.into()),
    }
}

/// Forgets those whose time is so long ago that they would not be taken anyway. Runs until the
/// server stops.
pub async fn forget_old(authority: Authority, mut stop: Stop) {
    const DELETE: &str = "DELETE FROM signed_requests WHERE at < $1";
    let window = i64::from(authority.config.holder.request_seconds) * 1000;
    while stop.sleep(FORGETTING).await {
        // A request may be from the end of the window before its arrival, or after it.
        let query = sqlx::query(DELETE).bind(clock::now() - 3 * window);
        if let Err(error) = query.execute(authority.store.pool()).await {
            tracing::warn!(%error, "signed requests that are too old were not forgotten");
        }
    }
}
