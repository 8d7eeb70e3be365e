//! What happens to certificates, entered where it happens.

use uuid::Uuid;

use super::rules::{Actor, Event};
use crate::registers::CertificateState;
use crate::store::{StoreError, Transaction};

/// A change of a certificate.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Serial number of the certificate.
    pub serial: &'a str,
    /// Whose it is.
    pub identifier: &'a str,
    /// What happened.
    pub event: Event,
    /// The certificate's state after it.
    pub state: CertificateState,
    /// Why, as it was given.
    pub reason: Option<&'a str>,
    /// Who did it.
    pub actor: Actor,
    /// When, Unix milliseconds.
    pub at: i64,
}

/// Enters a change, in the transaction that also writes the certificate's new state. The
/// certificate's row must be there.
///
/// The next revocation lists are made from it: a certificate that was issued is on hold there until
/// it is confirmed.
///
/// # Errors
/// The database's.
pub async fn enter(transaction: &mut Transaction, change: &Change<'_>) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO status_changes \
        (id, serial, identifier, at, event, state, reason, actor, urgent, delta, base) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
    const ON_A_LIST: &str = "SELECT id FROM status_changes \
        WHERE serial = $1 AND (delta IS NOT NULL OR base IS NOT NULL) LIMIT 1";
    let urgent = match change.event {
        // Where no list has said that it is on hold, none needs to take that back at once.
        Event::Confirmed => {
            let query = sqlx::query(ON_A_LIST).bind(change.serial);
            query.fetch_optional(&mut **transaction).await?.is_some()
        }
        event => event.is_urgent(),
    };
    // Number 0 stands before all lists: what no list tells of is on none.
    let on_no_list = (!change.event.is_listed()).then_some(0_i64);
    sqlx::query(INSERT)
        .bind(Uuid::new_v4().to_string())
        .bind(change.serial)
        .bind(change.identifier)
        .bind(change.at)
        .bind(change.event.text())
        .bind(change.state.text())
        .bind(change.reason)
        .bind(change.actor.text())
        .bind(i64::from(urgent))
        .bind(on_no_list)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
