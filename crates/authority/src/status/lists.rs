//! Revocation lists, RFC 5280 §5: a full one at least every three hours (Req 5.4), a delta one at
//! once after a change that cannot wait (Req 16.3, 17.2), a full one soon after it.
//!
//! # How several instances make one sequence
//!
//! The row `crl_state` gives out numbers, each once. A delta list is made while its row is locked,
//! from the changes that the newest full list does not have. A full list may take long, so nothing
//! is locked meanwhile: its number is taken, the changes that it will have are marked with it, then
//! the register is read. What changes between is on the full list or not, but is not marked, and so
//! it is on the delta lists that follow as well. A full list whose maker was stopped is never
//! stored, and what was marked for it stays on delta lists until a later one is.
//!
//! A certificate that is in force and changed since the full list is on delta lists with
//! `removeFromCRL`, also when no list ever had it: it does no harm, and nobody has to know what
//! another instance has read in which moment.

use std::time::Instant;

use futures_util::TryStreamExt;
use lichna_pki::{
    CrlEntry, CrlError, CrlFields, CrlKind, CrlNumber, RevocationReason, SerialNumber,
};
use sqlx::{Row, any::AnyRow};
use thiserror::Error;
use time::Duration;

use crate::{
    Authority, clock,
    registers::CertificateState,
    store::{StoreError, Transaction},
};

/// Where the delta lists are, below the public URL.
pub const DELTA_PATH: &str = "crl/delta.crl";
/// Where the full lists are, likewise.
pub const FULL_PATH: &str = "crl/full.crl";

/// Why there is no new list.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListError {
    /// The store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was not signed.
    #[error("the revocation list was not made: {0}")]
    Crl(#[from] CrlError),
    /// The task that signed it was stopped.
    #[error("the revocation list was not made: the server stops")]
    Stopped,
}

impl From<sqlx::Error> for ListError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Publishes what cannot wait. When it returns, everything urgent that was committed before the
/// call is on a delta list that is stored.
///
/// # Errors
/// [`ListError`]; the change stands, and the next look of the job publishes it.
pub async fn publish(authority: &Authority) -> Result<(), ListError> {
    delta(authority, Why::Urgent).await
}

/// What a delta list is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// For urgent changes: if there is none, there is no new list.
    Urgent,
    /// The last one grows old, or there is a new full one.
    Due,
}

/// Makes a delta list.
///
/// # Errors
/// [`ListError`].
pub async fn delta(authority: &Authority, why: Why) -> Result<(), ListError> {
    const TAKE: &str = "UPDATE crl_state SET number = number + 1 WHERE id = 1 \
        RETURNING number, base_number";
    const URGENT: &str = "SELECT id FROM status_changes WHERE delta IS NULL AND urgent = 1 LIMIT 1";
    const MARK: &str = "UPDATE status_changes SET delta = $1 WHERE delta IS NULL";
    const CHANGED: &str = "SELECT serial, state, revocation_reason, revoked_at, changed_at \
        FROM certificates WHERE serial IN \
        (SELECT serial FROM status_changes WHERE base IS NULL OR base > $1) ORDER BY serial";
    const NEWEST: &str = "UPDATE crl_state SET delta_number = $1, delta_at = $2 WHERE id = 1";
    const OLD: &str = "DELETE FROM crls WHERE kind = 'delta' AND number <= $1";

    let mut transaction = authority.store.begin().await?;
    // From here on no other instance makes a delta list or takes a number.
    let row = sqlx::query(TAKE).fetch_one(&mut *transaction).await?;
    let (number, base): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    if base == 0 {
        drop(transaction);
        // It has everything.
        return Box::pin(full(authority)).await;
    }
    if why == Why::Urgent {
        let urgent = sqlx::query(URGENT)
            .fetch_optional(&mut *transaction)
            .await?;
        if urgent.is_none() {
            return Ok(());
        }
    }
    // First the marks, then the states: what comes between is on this list and the next one.
    sqlx::query(MARK)
        .bind(number)
        .execute(&mut *transaction)
        .await?;
    let rows = sqlx::query(CHANGED)
        .bind(base)
        .fetch_all(&mut *transaction)
        .await?;
    let entries = rows
        .iter()
        .map(|row| entry(row).map(|entry| entry.unwrap_or_else(removed)))
        .collect::<Result<Vec<_>, _>>()?;
    let count = entries.len();

    let settings = authority.config.status;
    let now = clock::now();
    let fields = CrlFields {
        number: crl_number(number),
        this_update: clock::time(now),
        next_update: clock::time(now) + seconds(settings.delta_valid_seconds),
        kind: CrlKind::Delta {
            base: crl_number(base),
        },
    };
    store(
        &mut transaction,
        authority,
        "delta",
        number,
        fields,
        entries,
    )
    .await?;
    let newest = sqlx::query(NEWEST).bind(number).bind(now);
    newest.execute(&mut *transaction).await?;
    let old = sqlx::query(OLD).bind(number.saturating_sub(KEPT));
    old.execute(&mut *transaction).await?;
    transaction.commit().await?;
    tracing::info!(
        number,
        base,
        entries = count,
        "a delta revocation list was published"
    );
    Ok(())
}

/// Makes a full list, unless another instance is at it, and the delta list that goes with it.
///
/// # Errors
/// [`ListError`].
pub async fn full(authority: &Authority) -> Result<(), ListError> {
    let instance = authority.config.instance.as_str();
    let now = clock::now();
    if !authority
        .store
        .take_job(JOB, instance, now, now + LEASE)
        .await?
    {
        return Ok(());
    }
    let made = make_full(authority).await;
    let now = clock::now();
    authority.store.take_job(JOB, instance, now, now).await?;
    made?;
    Box::pin(delta(authority, Why::Due)).await
}

async fn make_full(authority: &Authority) -> Result<(), ListError> {
    const TAKE: &str = "UPDATE crl_state SET number = number + 1 WHERE id = 1 RETURNING number";
    const MARK: &str = "UPDATE status_changes SET base = $1 WHERE base IS NULL";
    const LISTED: &str = "SELECT serial, state, revocation_reason, revoked_at, changed_at \
        FROM certificates WHERE state <> 'ACTIVE' AND not_after > $1 ORDER BY serial";
    // One that is newer may have been stored meanwhile, by an instance that took over.
    const NEWEST: &str = "UPDATE crl_state SET base_number = $1, base_at = $2 \
        WHERE id = 1 AND base_number < $1";
    const OLD: &str = "DELETE FROM crls WHERE kind = 'full' AND number < $1 AND number NOT IN \
        (SELECT base_number FROM crl_state)";

    let begun = Instant::now();
    let mut transaction = authority.store.begin().await?;
    let row = sqlx::query(TAKE).fetch_one(&mut *transaction).await?;
    let number: i64 = row.try_get(0)?;
    sqlx::query(MARK)
        .bind(number)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;

    let settings = authority.config.status;
    let now = clock::now();
    // An entry stays until after the certificate's end there was a list with it (§3.3).
    let ended_before = now - i64::from(settings.full_valid_seconds) * 2 * 1000;
    let query = sqlx::query(LISTED).bind(ended_before);
    let mut rows = query.fetch(authority.store.pool());
    let mut entries = Vec::new();
    while let Some(row) = rows.try_next().await? {
        entries.extend(entry(&row)?);
    }
    drop(rows);
    let count = entries.len();

    let freshest = authority.urls.http.join(DELTA_PATH).ok();
    let fields = CrlFields {
        number: crl_number(number),
        this_update: clock::time(now),
        next_update: clock::time(now) + seconds(settings.full_valid_seconds),
        kind: CrlKind::Full {
            freshest: freshest.map(String::from),
        },
    };
    let der = sign(authority, fields.clone(), entries).await?;
    let bytes = der.len();

    let mut transaction = authority.store.begin().await?;
    let newest = sqlx::query(NEWEST).bind(number).bind(now);
    if newest.execute(&mut *transaction).await?.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(OLD)
        .bind(number)
        .execute(&mut *transaction)
        .await?;
    insert(&mut transaction, "full", number, &fields, der).await?;
    transaction.commit().await?;
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        number,
        entries = count,
        bytes,
        milliseconds,
        "a full revocation list was published"
    );
    Ok(())
}

/// The entry of a certificate; `Err` with its number when it is in force.
fn entry(row: &AnyRow) -> Result<Result<CrlEntry, SerialNumber>, ListError> {
    let damaged = || StoreError::Damaged {
        table: "certificates",
    };
    let serial: String = row.try_get("serial")?;
    let serial: SerialNumber = serial.parse().map_err(|_| damaged())?;
    let state: String = row.try_get("state")?;
    let state = CertificateState::parse(&state).ok_or_else(damaged)?;
    let code: Option<i64> = row.try_get("revocation_reason")?;
    let revoked_at: Option<i64> = row.try_get("revoked_at")?;
    let changed_at: i64 = row.try_get("changed_at")?;
    Ok(match super::standing(state, code, revoked_at, changed_at) {
        Some(revocation) => Ok(CrlEntry {
            serial,
            since: revocation.since,
            reason: revocation.reason,
        }),
        None => Err(serial),
    })
}

/// The entry of a delta list for a certificate that is in force.
fn removed(serial: SerialNumber) -> CrlEntry {
    CrlEntry {
        serial,
        since: clock::time(clock::now()),
        reason: RevocationReason::RemoveFromCrl,
    }
}

async fn store(
    transaction: &mut Transaction,
    authority: &Authority,
    kind: &'static str,
    number: i64,
    fields: CrlFields,
    entries: Vec<CrlEntry>,
) -> Result<(), ListError> {
    let der = sign(authority, fields.clone(), entries).await?;
    insert(transaction, kind, number, &fields, der).await
}

async fn insert(
    transaction: &mut Transaction,
    kind: &'static str,
    number: i64,
    fields: &CrlFields,
    der: Vec<u8>,
) -> Result<(), ListError> {
    const INSERT: &str = "INSERT INTO crls (number, kind, der, this_update, next_update) \
        VALUES ($1, $2, $3, $4, $5)";
    let query = sqlx::query(INSERT)
        .bind(number)
        .bind(kind)
        .bind(der)
        .bind(clock::millis(fields.this_update))
        .bind(clock::millis(fields.next_update));
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// Signs on a thread where nobody waits: a million entries take a while, and so does a key store.
async fn sign(
    authority: &Authority,
    fields: CrlFields,
    entries: Vec<CrlEntry>,
) -> Result<Vec<u8>, ListError> {
    let authority = authority.clone();
    let signing = tokio::task::spawn_blocking(move || {
        let issuer = &authority.keys.issuer;
        fields.sign(issuer.certificate(), issuer.signer(), entries)
    });
    Ok(signing.await.map_err(|_| ListError::Stopped)??)
}

fn crl_number(number: i64) -> CrlNumber {
    CrlNumber::from(u64::try_from(number).unwrap_or_default())
}

fn seconds(seconds: u32) -> Duration {
    Duration::seconds(i64::from(seconds))
}

/// Delta lists that are kept, for who is reading one.
const KEPT: i64 = 8;
/// Whose turn it is to make a full list …
const JOB: &str = "crl-full";
/// … for so many milliseconds; then whoever it was is thought dead.
const LEASE: i64 = 120_000;
