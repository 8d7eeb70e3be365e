//! The register of certificates, Art. 5.

use std::fmt;

use sqlx::{AnyExecutor, Row, any::AnyRow};

use crate::store::StoreError;

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(utoipa::ToSchema)]
pub enum Role {
    /// Its holder identifies himself with it.
    Identification,
    /// Its holder signs with it.
    Signing,
}

/// What may be done with a certificate, in the Ministry's words. That it has expired is not a
/// state: the clock says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[derive(utoipa::ToSchema)]
pub enum CertificateState {
    /// Issued and not confirmed: good for its confirmation alone.
    Signed,
    /// Confirmed.
    Active,
    /// Suspended.
    Stopped,
    /// Revoked, for good.
    Revoked,
    /// Never confirmed, and revoked for that.
    Failed,
}

impl Role {
    /// As the store has it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Identification => "identification",
            Self::Signing => "signing",
        }
    }

    /// What the store calls so.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Identification, Self::Signing]
            .into_iter()
            .find(|role| role.text() == text)
    }
}

impl CertificateState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Signed,
        Self::Active,
        Self::Stopped,
        Self::Revoked,
        Self::Failed,
    ];

    /// As the store has it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Signed => "SIGNED",
            Self::Active => "ACTIVE",
            Self::Stopped => "STOPPED",
            Self::Revoked => "REVOKED",
            Self::Failed => "FAILED",
        }
    }

    /// What the store calls so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.text() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for CertificateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A certificate that was issued to a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRow {
    /// 40 upper-case hexadecimal digits.
    pub serial: String,
    /// The holder's electronic identifier.
    pub identifier: String,
    /// What it is for.
    pub role: Role,
    /// What may be done with it.
    pub state: CertificateState,
    /// The certificate.
    pub der: Vec<u8>,
    /// SHA-256 of it, lower-case hexadecimal digits.
    pub fingerprint: String,
    /// SHA-256 of its SubjectPublicKeyInfo, lower-case hexadecimal digits.
    pub key_hash: String,
    /// The number of the card that has its key.
    pub carrier: String,
    /// The application it was issued for.
    pub application: String,
    /// What its holder calls it.
    pub name: Option<String>,
    /// The beginning of its period, Unix milliseconds.
    pub not_before: i64,
    /// The end of its period, Unix milliseconds.
    pub not_after: i64,
    /// When it was issued, Unix milliseconds.
    pub issued_at: i64,
    /// When its state last changed, Unix milliseconds.
    pub changed_at: i64,
    /// CRLReason, RFC 5280 §5.3.1, of one that is suspended or revoked.
    pub revocation_reason: Option<i64>,
    /// Since when it is suspended or revoked, Unix milliseconds.
    pub revoked_at: Option<i64>,
}

/// Which certificates are looked for. An empty text stands for all.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Those after this serial number.
    pub after: &'a str,
    /// Those of this person.
    pub identifier: &'a str,
    /// Those for this.
    pub role: Option<Role>,
    /// Those in this state.
    pub state: Option<CertificateState>,
    /// Those issued at this time, or later; Unix milliseconds.
    pub issued_from: i64,
    /// Those issued before this time, Unix milliseconds.
    pub issued_until: i64,
    /// So many at most.
    pub limit: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT serial, identifier, role, state, der, fingerprint, key_hash, carrier, ",
            "application, name, not_before, not_after, issued_at, changed_at, ",
            "revocation_reason, revoked_at FROM certificates ",
            $rest
        )
    };
}

impl CertificateRow {
    /// Reads a row of `SELECT serial, identifier, role, …` with all columns of the table.
    ///
    /// # Errors
    /// A column is not there, or holds what it cannot.
    pub fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged {
            table: "certificates",
        };
        Ok(Self {
            serial: row.try_get("serial")?,
            identifier: row.try_get("identifier")?,
            role: Role::parse(row.try_get("role")?).ok_or_else(damaged)?,
            state: CertificateState::parse(row.try_get("state")?).ok_or_else(damaged)?,
            der: row.try_get("der")?,
            fingerprint: row.try_get("fingerprint")?,
            key_hash: row.try_get("key_hash")?,
            carrier: row.try_get("carrier")?,
            application: row.try_get("application")?,
            name: row.try_get("name")?,
            not_before: row.try_get("not_before")?,
            not_after: row.try_get("not_after")?,
            issued_at: row.try_get("issued_at")?,
            changed_at: row.try_get("changed_at")?,
            revocation_reason: row.try_get("revocation_reason")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    }

    /// Its state as it is shown: what was good once and is no longer within its period has expired.
    pub fn shown_state(&self, now: i64) -> &'static str {
        match self.state {
            CertificateState::Active | CertificateState::Stopped if self.not_after < now => {
                "EXPIRED"
            }
            state => state.text(),
        }
    }

    /// Those that fit, in the order of their serial numbers, after one of them.
    ///
    /// # Errors
    /// The store's.
    pub async fn search(
        executor: impl AnyExecutor<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Self>, StoreError> {
        const SEARCH: &str = select!(
            "WHERE serial > $1 AND ($2 = '' OR identifier = $2) AND ($3 = '' OR role = $3) \
             AND ($4 = '' OR state = $4) AND issued_at >= $5 AND issued_at < $6 \
             ORDER BY serial LIMIT $7"
        );
        let rows = sqlx::query(SEARCH)
            .bind(wanted.after)
            .bind(wanted.identifier)
            .bind(wanted.role.map_or("", Role::text))
            .bind(wanted.state.map_or("", CertificateState::text))
            .bind(wanted.issued_from)
            .bind(wanted.issued_until)
            .bind(wanted.limit)
            .fetch_all(executor)
            .await?;
        rows.iter().map(Self::read).collect()
    }

    /// The one with this serial number.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_serial(
        executor: impl AnyExecutor<'_>,
        serial: &str,
    ) -> Result<Option<Self>, StoreError> {
        let query = sqlx::query(select!("WHERE serial = $1")).bind(serial);
        let row = query.fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The one with this fingerprint.
    ///
    /// # Errors
    /// The store's.
    pub async fn by_fingerprint(
        executor: impl AnyExecutor<'_>,
        fingerprint: &str,
    ) -> Result<Option<Self>, StoreError> {
        let query = sqlx::query(select!("WHERE fingerprint = $1")).bind(fingerprint);
        let row = query.fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The newest on a carrier for this that is, or was until it was suspended, in force.
    ///
    /// # Errors
    /// The store's.
    pub async fn in_use(
        executor: impl AnyExecutor<'_>,
        identifier: &str,
        carrier: &str,
        role: Role,
    ) -> Result<Option<Self>, StoreError> {
        const IN_USE: &str = select!(
            "WHERE identifier = $1 AND carrier = $2 AND role = $3 \
             AND state IN ('ACTIVE', 'STOPPED') ORDER BY issued_at DESC, serial LIMIT 1"
        );
        let query = sqlx::query(IN_USE).bind(identifier).bind(carrier);
        let row = query.bind(role.text()).fetch_optional(executor).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// All of a person, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_identifier(
        executor: impl AnyExecutor<'_>,
        identifier: &str,
    ) -> Result<Vec<Self>, StoreError> {
        const OF: &str = select!("WHERE identifier = $1 ORDER BY issued_at DESC, serial");
        let rows = sqlx::query(OF).bind(identifier).fetch_all(executor).await?;
        rows.iter().map(Self::read).collect()
    }

    /// Those that were issued for an application.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_application(
        executor: impl AnyExecutor<'_>,
        application: &str,
    ) -> Result<Vec<Self>, StoreError> {
        const OF: &str = select!("WHERE application = $1 ORDER BY role");
        let rows = sqlx::query(OF)
            .bind(application)
            .fetch_all(executor)
            .await?;
        rows.iter().map(Self::read).collect()
    }

    /// Enters it. A key or serial number that was there before is a unique violation.
    ///
    /// # Errors
    /// The store's.
    pub async fn insert(&self, executor: impl AnyExecutor<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO certificates (serial, identifier, role, state, der, \
            fingerprint, key_hash, carrier, application, name, not_before, not_after, issued_at, \
            changed_at, revocation_reason, revoked_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        sqlx::query(INSERT)
            .bind(&self.serial)
            .bind(&self.identifier)
            .bind(self.role.text())
            .bind(self.state.text())
            .bind(&self.der)
            .bind(&self.fingerprint)
            .bind(&self.key_hash)
            .bind(&self.carrier)
            .bind(&self.application)
            .bind(self.name.as_deref())
            .bind(self.not_before)
            .bind(self.not_after)
            .bind(self.issued_at)
            .bind(self.changed_at)
            .bind(self.revocation_reason)
            .bind(self.revoked_at)
            .execute(executor)
            .await?;
        Ok(())
    }
}
