//! What issuing does to the register of electronic identifiers, Art. 3.

use sqlx::Row;
use uuid::Uuid;

use crate::{
    Problem,
    problem::internal,
    registers::{Person, PersonRow},
    store::Transaction,
    vault::Vault,
};

/// How often a new identifier is made when one is not unique. Of 122 bits by chance none is twice.
const ATTEMPTS: usize = 3;

/// The electronic identifier of a person: his own, or a new one that no one has had (Req 3.3, 7,
/// 8). Nobody else changes his row until the transaction ends.
pub async fn identifier(
    transaction: &mut Transaction,
    vault: &Vault,
    person: &Person,
    now: i64,
) -> Result<Uuid, Problem> {
    // The update changes nothing: it locks the row that is there.
    const ENTER: &str = "INSERT INTO persons (identifier, person_index, sealed, registered_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (person_index) DO UPDATE \
        SET registered_at = persons.registered_at RETURNING identifier";
    for _ in 0..ATTEMPTS {
        let new = Uuid::new_v4().to_string();
        if PersonRow::by_identifier(&mut **transaction, &new)
            .await?
            .is_some()
        {
            continue;
        }
        let row = PersonRow::new(vault, &new, person, now)?;
        let entered = sqlx::query(ENTER)
            .bind(&row.identifier)
            .bind(&row.person_index)
            .bind(&row.sealed)
            .bind(row.registered_at)
            .fetch_one(&mut **transaction)
            .await?;
        let identifier: String = entered.try_get("identifier")?;
        return Uuid::try_parse(&identifier).map_err(internal);
    }
    Err(internal("no electronic identifier is unique"))
}

/// Deletes what is known of a person when nothing here needs it any more: no application that is
/// open or was completed, no certificate that was ever in force (Req 14.2). The identifier itself
/// stays, as one that is nobody's, so that it is never given again.
pub async fn forget(transaction: &mut Transaction, identifier: &str) -> Result<bool, sqlx::Error> {
    const LOCK: &str = "UPDATE persons SET registered_at = registered_at WHERE identifier = $1";
    // An index is 32 bytes by HMAC: 36 characters of a UUID are nobody's.
    const FORGET: &str = "UPDATE persons SET sealed = $2, person_index = $3 \
        WHERE identifier = $1 \
        AND NOT EXISTS (SELECT 1 FROM applications WHERE applications.identifier = $1) \
        AND NOT EXISTS (SELECT 1 FROM certificates WHERE certificates.identifier = $1 \
            AND certificates.state <> 'FAILED')";
    // What another transaction has done with the row's lock is seen only by a later statement.
    sqlx::query(LOCK)
        .bind(identifier)
        .execute(&mut **transaction)
        .await?;
    let forgotten = sqlx::query(FORGET)
        .bind(identifier)
        .bind(Vec::<u8>::new())
        .bind(identifier.as_bytes().to_vec())
        .execute(&mut **transaction)
        .await?;
    Ok(forgotten.rows_affected() == 1)
}
