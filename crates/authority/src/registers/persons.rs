//! The register of electronic identifiers, Art. 3: whose each is.

use serde::{Deserialize, Serialize};
use sqlx::{AnyExecutor, Row, any::AnyRow};
use utoipa::ToSchema;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    problem::{Problem, internal},
    store::StoreError,
    vault::Vault,
};

/// Of what kind a personal number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NumberKind {
    /// A citizen's (ЕГН).
    Egn,
    /// A foreigner's (ЛНЧ).
    Lnch,
}

impl NumberKind {
    /// As the index has it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Egn => "egn",
            Self::Lnch => "lnch",
        }
    }
}

/// Three names in one script.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The first.
    pub first: String,
    /// The middle one, of those who have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle: Option<String>,
    /// The family's.
    pub last: String,
}

/// The same in Latin letters.
pub type Latin = Names;

/// Who a person is. It is sealed in the store, has no `Debug`, and is wiped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Person {
    /// Of what kind the number is.
    #[zeroize(skip)]
    pub kind: NumberKind,
    /// The personal number.
    pub number: String,
    /// The names in Cyrillic.
    pub cyrillic: Names,
    /// The names in Latin letters.
    pub latin: Latin,
    /// Where the person is written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the person says on the telephone: a hash (argon2, PHC format).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone_password: Option<String>,
}

/// A row of the register.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The electronic identifier, a UUID.
    pub identifier: String,
    /// The keyed hash of the person's number.
    pub person_index: Vec<u8>,
    /// The [`Person`], sealed for the identifier.
    pub sealed: Vec<u8>,
    /// Unix milliseconds.
    pub registered_at: i64,
}

impl PersonRow {
    /// A row for this person with this identifier.
    ///
    /// # Errors
    /// There are no random numbers.
    pub fn new(
        vault: &Vault,
        identifier: &str,
        person: &Person,
        now: i64,
    ) -> Result<Self, Problem> {
        Ok(Self {
            identifier: identifier.to_owned(),
            person_index: vault.index(person.kind.text(), &person.number),
            sealed: seal(vault, identifier, person)?,
            registered_at: now,
        })
    }

    /// Who it is.
    ///
    /// # Errors
    /// The row was changed, or is of another vault.
    pub fn person(&self, vault: &Vault) -> Result<Person, Problem> {
        let plain = vault
            .open(&belongs_to(&self.identifier), &self.sealed)
            .map_err(internal)?;
        serde_json::from_slice(&plain)
            .map_err(|_| internal(StoreError::Damaged { table: "persons" }))
    }

    /// The one with this identifier; `None` also when it is nobody's any more, for issuing failed
    /// and what was known of the person was deleted (Req 14.2).
    ///
    /// # Errors
    /// The store's.
    pub async fn by_identifier(
        executor: impl AnyExecutor<'_>,
        identifier: &str,
    ) -> Result<Option<Self>, StoreError> {
        const BY: &str = "SELECT identifier, person_index, sealed, registered_at FROM persons \
            WHERE identifier = $1 AND length(sealed) > 0";
        let row = sqlx::query(BY)
            .bind(identifier)
            .fetch_optional(executor)
            .await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The one of this number.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_number(
        executor: impl AnyExecutor<'_>,
        vault: &Vault,
        kind: NumberKind,
        number: &str,
    ) -> Result<Option<Self>, StoreError> {
        const BY: &str = "SELECT identifier, person_index, sealed, registered_at FROM persons \
            WHERE person_index = $1";
        let query = sqlx::query(BY).bind(vault.index(kind.text(), number));
        let row = query.fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// Enters it, if neither the identifier nor the person is there; says whether it was entered
    /// (Req 3.3: two officers with the same person at the same time get one identifier).
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<bool, StoreError> {
        const INSERT: &str = "INSERT INTO persons (identifier, person_index, sealed, \
            registered_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let query = sqlx::query(INSERT)
            .bind(&self.identifier)
            .bind(&self.person_index)
            .bind(&self.sealed)
            .bind(self.registered_at);
        Ok(query.execute(executor).await?.rows_affected() > 0)
    }

    /// Replaces what is known of the person: a new name, another address, another password.
    ///
    /// # Errors
    /// The store's, or there are no random numbers.
    pub async fn update(
        executor: impl AnyExecutor<'_>,
        vault: &Vault,
        identifier: &str,
        person: &Person,
    ) -> Result<(), Problem> {
        const UPDATE: &str = "UPDATE persons SET sealed = $1 WHERE identifier = $2";
        let sealed = seal(vault, identifier, person)?;
        let query = sqlx::query(UPDATE).bind(sealed).bind(identifier);
        query.execute(executor).await?;
        Ok(())
    }

    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            identifier: row.try_get("identifier")?,
            person_index: row.try_get("person_index")?,
            sealed: row.try_get("sealed")?,
            registered_at: row.try_get("registered_at")?,
        })
    }
}

fn belongs_to(identifier: &str) -> String {
    format!("person:{identifier}")
}

fn seal(vault: &Vault, identifier: &str, person: &Person) -> Result<Vec<u8>, Problem> {
    let plain = Zeroizing::new(serde_json::to_vec(person).map_err(internal)?);
    vault
        .seal(&belongs_to(identifier), &plain)
        .map_err(internal)
}
