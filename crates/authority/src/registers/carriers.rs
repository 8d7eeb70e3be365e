//! Carriers: the cards that the authority knows, with the key that each is personalised under.

use sqlx::{AnyExecutor, Row};
use zeroize::Zeroizing;

use crate::{
    problem::{Problem, internal},
    store::StoreError,
    vault::Vault,
};

/// The scheme of practice cards: AES-256-CMAC over `LICHNA-PERSO-1`, the card's number and its
/// challenge.
pub const PRACTICE: &str = "practice";

/// A carrier.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierRow {
    /// What is printed on it and stored in it.
    pub number: String,
    /// How its challenge is answered: [`PRACTICE`].
    pub scheme: String,
    /// Its key, sealed in the vault for its number.
    pub key_sealed: Vec<u8>,
    /// `new`, or what issuing made of it.
    pub state: String,
    /// Whose it is.
    pub identifier: Option<String>,
    /// Unix milliseconds.
    pub registered_at: i64,
}

impl CarrierRow {
    /// The one with this number.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_number(
        executor: impl AnyExecutor<'_>,
        number: &str,
    ) -> Result<Option<Self>, StoreError> {
        const BY: &str = "SELECT number, scheme, key_sealed, state, identifier, registered_at \
            FROM carriers WHERE number = $1";
        let row = sqlx::query(BY)
            .bind(number)
            .fetch_optional(executor)
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(Self {
                number: row.try_get("number")?,
                scheme: row.try_get("scheme")?,
                key_sealed: row.try_get("key_sealed")?,
                state: row.try_get("state")?,
                identifier: row.try_get("identifier")?,
                registered_at: row.try_get("registered_at")?,
            })
        };
        row.as_ref().map(read).transpose()
    }

    /// Enters it.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO carriers (number, scheme, key_sealed, state, \
            identifier, registered_at) VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(INSERT)
            .bind(&self.number)
            .bind(&self.scheme)
            .bind(&self.key_sealed)
            .bind(&self.state)
            .bind(self.identifier.as_deref())
            .bind(self.registered_at)
            .execute(executor)
            .await?;
        Ok(())
    }

    /// What a carrier's key is sealed for.
    pub fn belongs_to(number: &str) -> String {
        format!("carrier:{number}")
    }

    /// Its key, for the moment in which a challenge is answered.
    ///
    /// # Errors
    /// The row was changed, or is of another vault.
    pub fn key(&self, vault: &Vault) -> Result<Zeroizing<Vec<u8>>, Problem> {
        vault
            .open(&Self::belongs_to(&self.number), &self.key_sealed)
            .map_err(internal)
    }
}
