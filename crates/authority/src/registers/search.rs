//! Searches in the registers, Art. 4 and 6 (1), in the journal like every look-up. What is searched
//! for is in the body: it stays out of logs on the way.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    CertificateRow, CertificateState, NumberKind, PersonRow, Role,
    certificates::Wanted,
    lookups::{RegisteredCertificate, RegisteredIdentifier, Serial},
};
use crate::{
    Authority, Caller, clock,
    extract::Json,
    journal::Operation,
    problem::{Code, Document, Problem},
};

/// Certificates in one answer at most.
const MOST: u16 = 200;

pub(super) fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(search_certificates))
        .routes(routes!(search_identifiers))
}

/// Which certificates. What is not said is not looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CertificateSearch {
    /// Those of this person.
    identifier: Option<Uuid>,
    /// Those for this.
    role: Option<Role>,
    /// Those in this state; whether they have expired is not looked at.
    state: Option<CertificateState>,
    /// Those issued at this time, or later; RFC 3339.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    issued_from: Option<OffsetDateTime>,
    /// Those issued before this time; RFC 3339.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    issued_until: Option<OffsetDateTime>,
    /// Those after this serial number, as `next` in an answer has it.
    #[schema(value_type = Option<String>)]
    after: Option<Serial>,
    /// So many at most: 1 to 200.
    #[serde(default = "most")]
    limit: u16,
}

const fn most() -> u16 {
    MOST
}

/// Certificates in the order of their serial numbers.
#[derive(Debug, Serialize, ToSchema)]
struct CertificatesFound {
    certificates: Vec<RegisteredCertificate>,
    /// Where there may be more: `after` for the next search.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Certificates that fit. For centres, administrators and their officers, named officials.
#[utoipa::path(post, path = "/v1/register/certificates/search", tag = "registers",
    request_body = CertificateSearch,
    responses((status = 200, body = CertificatesFound), (status = "default", body = Document)))]
async fn search_certificates(
    State(authority): State<Authority>,
    caller: Caller,
    Json(search): Json<CertificateSearch>,
) -> Result<Json<CertificatesFound>, Problem> {
    let mut operation = Operation::new("register.certificate.search", &caller);
    if let Some(identifier) = search.identifier {
        operation.set_about(identifier);
    }
    let work = async {
        caller.reads_certificates()?;
        find(&authority, &caller, &search).await
    };
    operation.carry_out(&authority, work).await.map(Json)
}

async fn find(
    authority: &Authority,
    caller: &Caller,
    search: &CertificateSearch,
) -> Result<CertificatesFound, Problem> {
    if !(1..=MOST).contains(&search.limit) {
        return Err(Problem::new(Code::InvalidValue).detail("limit is 1 to 200"));
    }
    let identifier = search.identifier.map(|identifier| identifier.to_string());
    let wanted = Wanted {
        after: search.after.as_ref().map_or("", |serial| &serial.0),
        identifier: identifier.as_deref().unwrap_or_default(),
        role: search.role,
        state: search.state,
        issued_from: search.issued_from.map_or(i64::MIN, clock::millis),
        issued_until: search.issued_until.map_or(i64::MAX, clock::millis),
        limit: i64::from(search.limit),
    };
    let rows = CertificateRow::search(authority.store.pool(), &wanted).await?;
    let next = match rows.last() {
        Some(last) if rows.len() == usize::from(search.limit) => Some(last.serial.clone()),
        _ => None,
    };
    let now = clock::now();
    let certificates = rows
        .into_iter()
        .map(|row| RegisteredCertificate::new(row, caller, now));
    Ok(CertificatesFound {
        certificates: certificates.collect(),
        next,
    })
}

/// Whose identifier. It has no `Debug`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentifierSearch {
    /// Of what kind the number is.
    kind: NumberKind,
    /// The personal number, 10 digits.
    #[schema(value_type = String)]
    number: Zeroizing<String>,
}

/// The electronic identifier of a person. For centres and named officials.
#[utoipa::path(post, path = "/v1/register/identifiers/search", tag = "registers",
    request_body = IdentifierSearch,
    responses((status = 200, body = RegisteredIdentifier), (status = "default", body = Document)))]
async fn search_identifiers(
    State(authority): State<Authority>,
    caller: Caller,
    Json(search): Json<IdentifierSearch>,
) -> Result<Json<RegisteredIdentifier>, Problem> {
    let mut operation = Operation::new("register.identifier.search", &caller);
    let result = async {
        caller.reads_identifiers()?;
        let number = &search.number;
        if number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Problem::new(Code::InvalidValue).detail("a number is 10 digits"));
        }
        let (pool, vault) = (authority.store.pool(), &authority.vault);
        let row = PersonRow::by_number(pool, vault, search.kind, number).await?;
        RegisteredIdentifier::new(&row.ok_or(Code::NotFound)?, &authority)
    };
    let result = result.await;
    if let Ok(found) = &result {
        operation.set_about(&found.identifier);
    }
    operation.finish(&authority, result).await.map(Json)
}
