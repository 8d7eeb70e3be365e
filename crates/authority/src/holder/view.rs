//! A certificate as its holder sees it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Authority, clock,
    problem::Problem,
    registers::{CertificateRow, Role},
};

/// One of the holder's certificates.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HolderCertificate)]
pub struct Certificate {
    /// Serial number, 40 hexadecimal digits.
    pub serial: String,
    /// What it is for.
    pub role: Role,
    /// `SIGNED`, `ACTIVE`, `STOPPED`, `REVOKED`, `FAILED`, `EXPIRED`.
    pub state: &'static str,
    /// What the holder calls it.
    pub name: Option<String>,
    /// Number of the card that it is on.
    pub carrier: String,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub not_before: i64,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub not_after: i64,
    /// When its state last changed, RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub changed_at: i64,
}

/// Certificates as they are now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HolderCertificates)]
pub struct Certificates {
    /// The newest first.
    pub certificates: Vec<Certificate>,
}

impl Certificate {
    /// As it is at this moment.
    pub fn new(row: CertificateRow, now: i64) -> Self {
        Self {
            state: row.shown_state(now),
            serial: row.serial,
            role: row.role,
            name: row.name,
            carrier: row.carrier,
            not_before: row.not_before,
            not_after: row.not_after,
            changed_at: row.changed_at,
        }
    }
}

impl Certificates {
    /// All of a person.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(authority: &Authority, identifier: &str) -> Result<Self, Problem> {
        let rows = CertificateRow::of_identifier(authority.store.pool(), identifier).await?;
        let now = clock::now();
        let certificates = rows
            .into_iter()
            .map(|row| Certificate::new(row, now))
            .collect();
        Ok(Self { certificates })
    }

    /// Those of a person that are among these.
    ///
    /// # Errors
    /// The store's.
    pub async fn among(
        authority: &Authority,
        identifier: &str,
        serials: &[String],
    ) -> Result<Self, Problem> {
        let mut all = Self::of(authority, identifier).await?;
        all.certificates
            .retain(|certificate| serials.contains(&certificate.serial));
        Ok(all)
    }
}
