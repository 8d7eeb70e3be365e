//! The separate list of suspensions, Req 16.4, 16.6, for those who may read registers (Req 6.1).

use axum::extract::State;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Authority, Caller, clock,
    extract::{Json, Query},
    journal::Operation,
    problem::{Code, Document, Problem},
    store::StoreError,
};

use super::text;

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new().routes(routes!(suspensions))
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Of the certificate with this serial number.
    serial: Option<String>,
    /// Of the person with this electronic identifier.
    identifier: Option<String>,
    /// After the entry with this id, as `next` in an answer has it.
    after: Option<String>,
}

/// Entries, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
struct Suspensions {
    /// At most 200.
    suspensions: Vec<Suspension>,
    /// Where there are more: `after` for the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A suspension. Its beginning and its end are each a statement with a timestamp over its bytes.
#[derive(Debug, Serialize, ToSchema)]
struct Suspension {
    /// UUID.
    id: String,
    /// Serial number of the certificate.
    serial: String,
    /// The card is lost.
    lost: bool,
    /// Why.
    reason: String,
    /// `holder` or `officer`.
    by: String,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    started_at: i64,
    /// The beginning.
    start: Stamped,
    /// RFC 3339; none while it lasts.
    #[serde(
        serialize_with = "clock::rfc3339_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    ended_at: Option<i64>,
    /// `resumed`, `revoked`, or `lost`: another entry follows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Stamped>,
}

/// A statement with its timestamp.
#[derive(Debug, Serialize, ToSchema)]
struct Stamped {
    /// The very text that is stamped, UTF-8.
    statement: String,
    /// TimeStampToken, RFC 3161, over it: DER in base64.
    token: String,
}

/// The list of suspensions.
#[utoipa::path(get, path = "/v1/register/suspensions", tag = "registers", params(Wanted),
    responses((status = 200, body = Suspensions), (status = "default", body = Document)))]
async fn suspensions(
    State(authority): State<Authority>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Suspensions>, Problem> {
    let operation = Operation::new("register.suspensions.read", &caller);
    let about = wanted.about();
    let operation = match &about {
        Ok(About::Serial(about) | About::Identifier(about)) => operation.about(about),
        _ => operation,
    };
    let read = async {
        caller.reads_certificates()?;
        Ok(read(&authority, &about?, wanted.after.as_deref()).await?)
    };
    operation.carry_out(&authority, read).await.map(Json)
}

/// Whose suspensions are wanted.
enum About {
    Serial(String),
    Identifier(String),
    Everybody,
}

impl Wanted {
    fn about(&self) -> Result<About, Problem> {
        match (&self.serial, &self.identifier) {
            (Some(serial), None) => Ok(About::Serial(text::serial(serial)?)),
            (None, Some(identifier)) => Ok(About::Identifier(text::identifier(identifier)?)),
            (None, None) => Ok(About::Everybody),
            (Some(_), Some(_)) => {
                let detail = "either a serial number or an identifier";
                Err(Problem::new(Code::InvalidValue).detail(detail))
            }
        }
    }
}

macro_rules! select {
    ($whose:literal) => {
        concat!(
            "SELECT id, serial, lost, reason, actor, started_at, start_statement, start_token, ",
            "ended_at, outcome, end_statement, end_token FROM suspensions s WHERE ",
            $whose,
            " AND ($2 = '' OR EXISTS (SELECT 1 FROM suspensions a WHERE a.id = $2 ",
            "AND (s.started_at > a.started_at OR (s.started_at = a.started_at AND s.id > a.id)))) ",
            "ORDER BY started_at, id LIMIT $3"
        )
    };
}

async fn read(
    authority: &Authority,
    about: &About,
    after: Option<&str>,
) -> Result<Suspensions, StoreError> {
    let (query, value) = match about {
        About::Serial(serial) => (select!("s.serial = $1"), serial.as_str()),
        About::Identifier(identifier) => (select!("s.identifier = $1"), identifier.as_str()),
        About::Everybody => (select!("$1 = ''"), ""),
    };
    let query = sqlx::query(query)
        .bind(value)
        .bind(after.unwrap_or_default());
    let rows = query
        .bind(PAGE + 1)
        .fetch_all(authority.store.pool())
        .await?;
    let page = usize::try_from(PAGE).unwrap_or_default();
    let more = rows.len() > page;
    let suspensions = rows.iter().take(page).map(Suspension::read);
    let suspensions = suspensions.collect::<Result<Vec<_>, _>>()?;
    let next = suspensions
        .last()
        .filter(|_| more)
        .map(|last| last.id.clone());
    Ok(Suspensions { suspensions, next })
}

impl Suspension {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let end: Option<String> = row.try_get("end_statement")?;
        let end_token: Option<Vec<u8>> = row.try_get("end_token")?;
        Ok(Self {
            id: row.try_get("id")?,
            serial: row.try_get("serial")?,
            lost: row.try_get::<i64, _>("lost")? != 0,
            reason: row.try_get("reason")?,
            by: row.try_get("actor")?,
            started_at: row.try_get("started_at")?,
            start: Stamped {
                statement: row.try_get("start_statement")?,
                token: BASE64_STANDARD.encode(row.try_get::<Vec<u8>, _>("start_token")?),
            },
            ended_at: row.try_get("ended_at")?,
            outcome: row.try_get("outcome")?,
            end: end.zip(end_token).map(|(statement, token)| Stamped {
                statement,
                token: BASE64_STANDARD.encode(token),
            }),
        })
    }
}

/// Entries in one answer.
const PAGE: i64 = 200;
