//! Who may read the registers by a certificate of his own: centres (Art. 4 (2), 37) and officials
//! named by the Minister (Art. 4 (3)).

use sqlx::{AnyExecutor, Row, any::AnyRow};

use crate::store::StoreError;

/// What kind of client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ClientKind {
    /// A centre for electronic identification.
    Centre,
    /// A named official.
    Official,
}

impl ClientKind {
    /// As the store has it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Official => "official",
        }
    }
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRow {
    /// SHA-256 of its certificate, lower-case hexadecimal digits.
    pub fingerprint: String,
    /// What kind it is.
    pub kind: ClientKind,
    /// Its name.
    pub name: String,
    /// Its certificate.
    pub der: Vec<u8>,
    /// When it was registered, Unix milliseconds.
    pub registered_at: i64,
    /// When that ended, Unix milliseconds.
    pub ended_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT fingerprint, kind, name, der, registered_at, ended_at FROM clients ",
            $rest
        )
    };
}

impl ClientRow {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let kind: &str = row.try_get("kind")?;
        let kind = [ClientKind::Centre, ClientKind::Official]
            .into_iter()
            .find(|known| known.text() == kind)
            .ok_or(StoreError::Damaged { table: "clients" })?;
        Ok(Self {
            fingerprint: row.try_get("fingerprint")?,
            kind,
            name: row.try_get("name")?,
            der: row.try_get("der")?,
            registered_at: row.try_get("registered_at")?,
            ended_at: row.try_get("ended_at")?,
        })
    }

    /// The one with this certificate, if it is registered at this moment.
    ///
    /// # Errors
    /// The store's.
    pub async fn current(
        executor: impl AnyExecutor<'_>,
        fingerprint: &str,
    ) -> Result<Option<Self>, StoreError> {
        const CURRENT: &str = select!("WHERE fingerprint = $1 AND ended_at IS NULL");
        let row = sqlx::query(CURRENT)
            .bind(fingerprint)
            .fetch_optional(executor)
            .await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// All of them, by kind and name.
    ///
    /// # Errors
    /// The store's.
    pub async fn all(executor: impl AnyExecutor<'_>) -> Result<Vec<Self>, StoreError> {
        let query = sqlx::query(select!("ORDER BY kind, name, fingerprint"));
        let rows = query.fetch_all(executor).await?;
        rows.iter().map(Self::read).collect()
    }

    /// Enters it.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO clients (fingerprint, kind, name, der, registered_at, \
            ended_at) VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(INSERT)
            .bind(&self.fingerprint)
            .bind(self.kind.text())
            .bind(&self.name)
            .bind(&self.der)
            .bind(self.registered_at)
            .bind(self.ended_at)
            .execute(executor)
            .await?;
        Ok(())
    }

    /// Ends it; says whether there was one.
    ///
    /// # Errors
    /// The store's.
    pub async fn end(
        executor: impl AnyExecutor<'_>,
        fingerprint: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        const END: &str =
            "UPDATE clients SET ended_at = $1 WHERE fingerprint = $2 AND ended_at IS NULL";
        let query = sqlx::query(END).bind(now).bind(fingerprint);
        Ok(query.execute(executor).await?.rows_affected() > 0)
    }
}
