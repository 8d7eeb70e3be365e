//! The register of administrators, Art. 37, and who works for them.

use sqlx::{AnyExecutor, Row, any::AnyRow};

use crate::store::StoreError;

/// An administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdministratorRow {
    /// A UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its number in the register of companies and agencies (EIK).
    pub eik: String,
    /// SHA-256 of its certificate, lower-case hexadecimal digits (Req 37.4).
    pub fingerprint: String,
    /// Its certificate.
    pub der: Vec<u8>,
    /// Where it is written to.
    pub email: Option<String>,
    /// Its data-protection officer (Req 40).
    pub dpo: Option<String>,
    /// When it was registered, Unix milliseconds.
    pub registered_at: i64,
    /// When its registration ended, Unix milliseconds.
    pub ended_at: Option<i64>,
}

/// Who works for an administrator, and since and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerRow {
    /// The person's electronic identifier.
    pub identifier: String,
    /// The administrator's id.
    pub administrator: String,
    /// Unix milliseconds.
    pub from_at: i64,
    /// Unix milliseconds.
    pub until_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.name, a.eik, a.fingerprint, a.der, a.email, a.dpo, a.registered_at, ",
            "a.ended_at FROM administrators a ",
            $rest
        )
    };
}

impl AdministratorRow {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            eik: row.try_get("eik")?,
            fingerprint: row.try_get("fingerprint")?,
            der: row.try_get("der")?,
            email: row.try_get("email")?,
            dpo: row.try_get("dpo")?,
            registered_at: row.try_get("registered_at")?,
            ended_at: row.try_get("ended_at")?,
        })
    }

    /// The one with this id.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_id(
        executor: impl AnyExecutor<'_>,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let query = sqlx::query(select!("WHERE a.id = $1")).bind(id);
        let row = query.fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The one with this certificate.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_fingerprint(
        executor: impl AnyExecutor<'_>,
        fingerprint: &str,
    ) -> Result<Option<Self>, StoreError> {
        let query = sqlx::query(select!("WHERE a.fingerprint = $1")).bind(fingerprint);
        let row = query.fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The one that this person works for at this moment: neither his work nor its registration
    /// has ended.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_officer(
        executor: impl AnyExecutor<'_>,
        identifier: &str,
        now: i64,
    ) -> Result<Option<Self>, StoreError> {
        const OF: &str = select!(
            "JOIN officers o ON o.administrator = a.id WHERE o.identifier = $1 \
             AND o.from_at <= $2 AND (o.until_at IS NULL OR o.until_at > $2) \
             AND a.ended_at IS NULL ORDER BY o.from_at DESC LIMIT 1"
        );
        let query = sqlx::query(OF).bind(identifier).bind(now);
        let row = query.fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn all(executor: impl AnyExecutor<'_>) -> Result<Vec<Self>, StoreError> {
        let rows = sqlx::query(select!("ORDER BY a.name, a.id"))
            .fetch_all(executor)
            .await?;
        rows.iter().map(Self::read).collect()
    }

    /// Enters it.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO administrators (id, name, eik, fingerprint, der, email, \
            dpo, registered_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        sqlx::query(INSERT)
            .bind(&self.id)
            .bind(&self.name)
            .bind(&self.eik)
            .bind(&self.fingerprint)
            .bind(&self.der)
            .bind(self.email.as_deref())
            .bind(self.dpo.as_deref())
            .bind(self.registered_at)
            .bind(self.ended_at)
            .execute(executor)
            .await?;
        Ok(())
    }

    /// Ends a registration; says whether there was one.
    ///
    /// # Errors
    /// The store's.
    pub async fn end(
        executor: impl AnyExecutor<'_>,
        id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        const END: &str =
            "UPDATE administrators SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
        let ended = sqlx::query(END)
            .bind(now)
            .bind(id)
            .execute(executor)
            .await?;
        Ok(ended.rows_affected() > 0)
    }
}

impl OfficerRow {
    /// Those of an administrator.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_administrator(
        executor: impl AnyExecutor<'_>,
        administrator: &str,
    ) -> Result<Vec<Self>, StoreError> {
        const OF: &str = "SELECT identifier, administrator, from_at, until_at FROM officers \
            WHERE administrator = $1 ORDER BY from_at, identifier";
        let rows = sqlx::query(OF)
            .bind(administrator)
            .fetch_all(executor)
            .await?;
        let read = |row: &AnyRow| {
            Ok(Self {
                identifier: row.try_get("identifier")?,
                administrator: row.try_get("administrator")?,
                from_at: row.try_get("from_at")?,
                until_at: row.try_get("until_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Enters it; one who had left comes back.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO officers (identifier, administrator, from_at, until_at) \
            VALUES ($1, $2, $3, $4) ON CONFLICT (identifier, administrator) \
            DO UPDATE SET from_at = excluded.from_at, until_at = excluded.until_at";
        sqlx::query(INSERT)
            .bind(&self.identifier)
            .bind(&self.administrator)
            .bind(self.from_at)
            .bind(self.until_at)
            .execute(executor)
            .await?;
        Ok(())
    }

    /// Ends his work for an administrator; says whether there was any.
    ///
    /// # Errors
    /// The store's.
    pub async fn end(
        executor: impl AnyExecutor<'_>,
        identifier: &str,
        administrator: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        const END: &str = "UPDATE officers SET until_at = $1 WHERE identifier = $2 \
            AND administrator = $3 AND (until_at IS NULL OR until_at > $1)";
        let query = sqlx::query(END)
            .bind(now)
            .bind(identifier)
            .bind(administrator);
        Ok(query.execute(executor).await?.rows_affected() > 0)
    }
}
