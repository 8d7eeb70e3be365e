//! What issuing does to the register of certificates, Req 14.1.7: always in the transaction that
//! also writes the application's new state.

use sqlx::{Row, any::AnyRow};

use crate::{
    Authority, Problem,
    registers::{CertificateState as State, Role},
    status::{
        changes::{self, Change},
        rules::{Actor, Event},
        suspension,
    },
    store::{StoreError, Transaction},
};

/// RFC 5280 §5.3.1: superseded.
const SUPERSEDED: i64 = 4;
/// RFC 5280 §5.3.1: cessationOfOperation.
const CESSATION: i64 = 5;

/// A certificate that was just made.
pub struct New {
    /// Its serial number, 40 hexadecimal digits.
    pub serial: String,
    /// What it is for.
    pub role: Role,
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256 of it.
    pub fingerprint: String,
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub key_hash: String,
    /// SHA-256 of the request.
    pub request: String,
    /// Unix milliseconds.
    pub not_before: i64,
    /// Unix milliseconds.
    pub not_after: i64,
}

/// Whose it is.
pub struct Of<'a> {
    /// The electronic identifier.
    pub identifier: &'a str,
    /// Number of the carrier.
    pub carrier: &'a str,
    /// The application.
    pub application: &'a str,
    /// By whom.
    pub actor: Actor,
}

/// Enters a certificate: issued, and good for its confirmation alone. Says whether that is so; if
/// not, its key was certified before.
pub async fn enter(
    transaction: &mut Transaction,
    new: &New,
    of: &Of<'_>,
    now: i64,
) -> Result<bool, StoreError> {
    const INSERT: &str = "INSERT INTO certificates (serial, identifier, role, state, der, \
        fingerprint, key_hash, carrier, application, not_before, not_after, issued_at, changed_at) \
        VALUES ($1, $2, $3, 'SIGNED', $4, $5, $6, $7, $8, $9, $10, $11, $11) \
        ON CONFLICT (key_hash) DO NOTHING";
    let entered = sqlx::query(INSERT)
        .bind(&new.serial)
        .bind(of.identifier)
        .bind(new.role.text())
        .bind(&new.der)
        .bind(&new.fingerprint)
        .bind(&new.key_hash)
        .bind(of.carrier)
        .bind(of.application)
        .bind(new.not_before)
        .bind(new.not_after)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    if entered.rows_affected() == 0 {
        return Ok(false);
    }
    let change = Change {
        serial: &new.serial,
        identifier: of.identifier,
        event: Event::Issued,
        state: State::Signed,
        reason: None,
        actor: of.actor,
        at: now,
    };
    changes::enter(transaction, &change).await?;
    Ok(true)
}

/// The certificates of an application come into force, Req 14.1.9. Their serial numbers; none when
/// they are in force already.
pub async fn confirm(
    transaction: &mut Transaction,
    application: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    const CONFIRM: &str = "UPDATE certificates SET state = 'ACTIVE', changed_at = $2 \
        WHERE application = $1 AND state = 'SIGNED' RETURNING serial, identifier";
    let query = sqlx::query(CONFIRM).bind(application).bind(now);
    let rows = query.fetch_all(&mut **transaction).await?;
    let change = Change {
        serial: "",
        identifier: "",
        event: Event::Confirmed,
        state: State::Active,
        reason: None,
        actor: Actor::Holder,
        at: now,
    };
    changed(transaction, &rows, change).await
}

/// The certificates of an application were never confirmed: they are revoked, and what they say of
/// a person is deleted (Req 14.2). What is needed to know them again stays.
pub async fn fail(
    transaction: &mut Transaction,
    application: &str,
    actor: Actor,
    reason: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    const FAIL: &str = "UPDATE certificates SET state = 'FAILED', changed_at = $2, der = $3, \
        revocation_reason = $4, revoked_at = $2 \
        WHERE application = $1 AND state = 'SIGNED' RETURNING serial, identifier";
    let query = sqlx::query(FAIL)
        .bind(application)
        .bind(now)
        .bind(Vec::<u8>::new())
        .bind(CESSATION);
    let rows = query.fetch_all(&mut **transaction).await?;
    let change = Change {
        serial: "",
        identifier: "",
        event: Event::Failed,
        state: State::Failed,
        reason: Some(reason),
        actor,
        at: now,
    };
    changed(transaction, &rows, change).await
}

/// The certificates on a carrier from before an application, all or those for one thing, end, for
/// others have taken their place.
pub async fn replace(
    authority: &Authority,
    transaction: &mut Transaction,
    of: &Of<'_>,
    (role, before): (Option<Role>, i64),
    now: i64,
) -> Result<Vec<String>, Problem> {
    const REPLACE: &str = "UPDATE certificates SET state = 'REVOKED', changed_at = $5, \
        revocation_reason = $6, revoked_at = $5 \
        WHERE identifier = $1 AND carrier = $2 AND application <> $3 AND issued_at <= $4 \
        AND state IN ('ACTIVE', 'STOPPED') AND ($7 = '' OR role = $7) \
        RETURNING serial, identifier";
    let query = sqlx::query(REPLACE)
        .bind(of.identifier)
        .bind(of.carrier)
        .bind(of.application)
        .bind(before)
        .bind(now)
        .bind(SUPERSEDED)
        .bind(role.map_or("", Role::text));
    let rows = query.fetch_all(&mut **transaction).await?;
    let change = Change {
        serial: "",
        identifier: of.identifier,
        event: Event::Revoked,
        state: State::Revoked,
        reason: Some("superseded"),
        actor: of.actor,
        at: now,
    };
    let serials = changed(transaction, &rows, change).await?;
    for serial in &serials {
        let change = Change { serial, ..change };
        suspension::end_with_revocation(authority, transaction, &change).await?;
    }
    Ok(serials)
}

/// Enters the same change of several certificates.
async fn changed(
    transaction: &mut Transaction,
    rows: &[AnyRow],
    change: Change<'_>,
) -> Result<Vec<String>, StoreError> {
    let mut serials = Vec::with_capacity(rows.len());
    for row in rows {
        let serial: String = row.try_get("serial")?;
        let identifier: String = row.try_get("identifier")?;
        let change = Change {
            serial: &serial,
            identifier: &identifier,
            ..change
        };
        changes::enter(transaction, &change).await?;
        serials.push(serial);
    }
    Ok(serials)
}
