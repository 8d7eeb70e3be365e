//! The telephone password: what a holder says to an officer who does not see him. Req 18.3.

use argon2::{Argon2, PasswordHash, PasswordVerifier};
use sqlx::Row;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    Authority, clock,
    problem::{Code, Problem, internal},
    registers::PersonRow,
};

/// A hash takes memory and time; more of them at once wait.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Checks what the person said. Each check takes one of the person's attempts, before it is known
/// how it ends, and a right one gives them all back.
///
/// # Errors
/// [`Code::TelephoneLocked`], [`Code::TelephonePasswordMissing`], [`Code::WrongTelephonePassword`],
/// or the store's.
pub async fn check(
    authority: &Authority,
    person: &PersonRow,
    password: Zeroizing<String>,
) -> Result<(), Problem> {
    take_attempt(authority, &person.identifier).await?;
    let hash = person.person(&authority.vault)?.telephone_password.clone();
    let hash = hash.ok_or(Code::TelephonePasswordMissing)?;
    let permit = HASHING.acquire().await.map_err(internal)?;
    let verifying = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let hash = PasswordHash::new(&hash)?;
        Argon2::default().verify_password(password.as_bytes(), &hash)
    });
    match verifying.await.map_err(internal)? {
        Ok(()) => give_back(authority, &person.identifier).await,
        Err(argon2::password_hash::Error::PasswordInvalid) => {
            Err(Code::WrongTelephonePassword.into())
        }
        Err(error) => Err(internal(error)),
    }
}

async fn take_attempt(authority: &Authority, identifier: &str) -> Result<(), Problem> {
    // One statement: attempts at the same time, in any instance, count each.
    const TAKE: &str = "INSERT INTO telephone_attempts (identifier, attempts, until_at) \
        VALUES ($1, 1, $2) ON CONFLICT (identifier) DO UPDATE SET \
        attempts = CASE WHEN telephone_attempts.until_at <= $3 THEN 1 \
            ELSE telephone_attempts.attempts + 1 END, \
        until_at = CASE WHEN telephone_attempts.until_at <= $3 THEN excluded.until_at \
            ELSE telephone_attempts.until_at END \
        RETURNING attempts, until_at";
    let settings = &authority.config.holder;
    let now = clock::now();
    let until = now + i64::from(settings.telephone_seconds) * 1000;
    let query = sqlx::query(TAKE).bind(identifier).bind(until).bind(now);
    let row = query.fetch_one(authority.store.pool()).await?;
    let (attempts, until): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    if attempts > i64::from(settings.telephone_attempts) {
        let seconds = u32::try_from((until - now) / 1000 + 1).unwrap_or(u32::MAX);
        return Err(Problem::new(Code::TelephoneLocked).retry_after(seconds));
    }
    Ok(())
}

async fn give_back(authority: &Authority, identifier: &str) -> Result<(), Problem> {
    const DELETE: &str = "DELETE FROM telephone_attempts WHERE identifier = $1";
    let query = sqlx::query(DELETE).bind(identifier);
    query.execute(authority.store.pool()).await?;
    Ok(())
}
