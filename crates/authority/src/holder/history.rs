//! What happened with the holder's certificates: Req 16.6, 18.

use axum::extract::State;
use serde::Serialize;
use sqlx::{Row, any::AnyRow};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::view::{Certificate, Certificates};
use crate::{
    Authority, Caller, clock,
    extract::Json,
    journal::Operation,
    problem::{Document, Problem},
    store::StoreError,
};

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new().routes(routes!(history))
}

/// Certificates and what happened with them.
#[derive(Debug, Serialize, ToSchema)]
struct History {
    /// As they are now, the newest first.
    certificates: Vec<Certificate>,
    /// What happened, the oldest first; of very much, the last thousand.
    entries: Vec<Entry>,
}

/// What happened once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryEntry)]
struct Entry {
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    time: i64,
    /// Serial number of the certificate.
    serial: String,
    /// `issued`, `confirmed`, `failed`, `suspended`, `lost`, `resumed`, `revoked`, `named`.
    event: String,
    /// The certificate's state after it.
    state: String,
    /// Why, where somebody said.
    reason: Option<String>,
    /// `holder`, `officer`, `authority`.
    by: String,
}

/// What happened with the caller's certificates.
#[utoipa::path(get, path = "/v1/holder/history", tag = "holder",
    responses((status = 200, body = History), (status = "default", body = Document)))]
async fn history(
    State(authority): State<Authority>,
    caller: Caller,
) -> Result<Json<History>, Problem> {
    let operation = Operation::new("holder.history.read", &caller);
    let read = async {
        let identifier = &caller.holder()?.identifier;
        Ok(History {
            certificates: Certificates::of(&authority, identifier).await?.certificates,
            entries: entries(&authority, identifier).await?,
        })
    };
    operation.carry_out(&authority, read).await.map(Json)
}

async fn entries(authority: &Authority, identifier: &str) -> Result<Vec<Entry>, StoreError> {
    const READ: &str = "SELECT at, serial, event, state, reason, actor FROM status_changes \
        WHERE identifier = $1 ORDER BY at DESC, event DESC, serial DESC LIMIT 1000";
    let query = sqlx::query(READ).bind(identifier);
    let rows = query.fetch_all(authority.store.pool()).await?;
    rows.iter().rev().map(Entry::read).collect()
}

impl Entry {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            time: row.try_get("at")?,
            serial: row.try_get("serial")?,
            event: row.try_get("event")?,
            state: row.try_get("state")?,
            reason: row.try_get("reason")?,
            by: row.try_get("actor")?,
        })
    }
}
