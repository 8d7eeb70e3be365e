//! Look-ups by an exact name, Art. 4 and 6 (1). Each is in the journal, with who asked, what for,
//! and how it ended; a refused one, too.

use axum::extract::State;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize, de};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{CertificateRow, NumberKind, PersonRow, Role};
use crate::{
    Authority, Caller, clock,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document, Problem},
};

pub(super) fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(certificate))
        .routes(routes!(identifier))
}

/// A serial number in a path: 40 hexadecimal digits, taken in either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serial(pub String);

impl<'de> Deserialize<'de> for Serial {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(de::Error::custom("not 40 hexadecimal digits"))
        }
    }
}

/// A certificate with all that is in the register, Art. 12.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredCertificate {
    /// Serial number, 40 hexadecimal digits.
    pub serial: String,
    /// The holder's electronic identifier.
    pub identifier: String,
    /// What it is for.
    pub role: Role,
    /// `SIGNED`, `ACTIVE`, `STOPPED`, `REVOKED`, `FAILED`, `EXPIRED`.
    pub state: &'static str,
    /// The certificate: base64 of the DER.
    pub certificate: String,
    /// SHA-256 of it, lower-case hexadecimal digits.
    pub fingerprint: String,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub not_before: i64,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub not_after: i64,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub issued_at: i64,
    /// When its state last changed, RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub changed_at: i64,
    /// Since when it is suspended or revoked, RFC 3339.
    #[serde(
        serialize_with = "clock::rfc3339_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub revoked_at: Option<i64>,
    /// CRLReason, RFC 5280 §5.3.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_reason: Option<i64>,
    /// Number of the card that it is on; for administrators and their officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// What its holder calls it; for administrators and their officers (Req 18.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl RegisteredCertificate {
    /// As this caller may see it.
    pub fn new(row: CertificateRow, caller: &Caller, now: i64) -> Self {
        let administers = matches!(caller, Caller::Administrator(_) | Caller::Officer { .. });
        Self {
            state: row.shown_state(now),
            serial: row.serial,
            identifier: row.identifier,
            role: row.role,
            certificate: BASE64_STANDARD.encode(&row.der),
            fingerprint: row.fingerprint,
            not_before: row.not_before,
            not_after: row.not_after,
            issued_at: row.issued_at,
            changed_at: row.changed_at,
            revoked_at: row.revoked_at,
            revocation_reason: row.revocation_reason,
            carrier: administers.then_some(row.carrier),
            name: row.name.filter(|_| administers),
        }
    }
}

/// A certificate with all that is in the register. For centres, administrators and their
/// officers, named officials.
#[utoipa::path(get, path = "/v1/register/certificates/{serial}", tag = "registers",
    params(("serial" = String, Path, description = "Serial number, 40 hexadecimal digits")),
    responses((status = 200, body = RegisteredCertificate), (status = "default", body = Document)))]
async fn certificate(
    State(authority): State<Authority>,
    caller: Caller,
    Path(serial): Path<Serial>,
) -> Result<Json<RegisteredCertificate>, Problem> {
    let operation = Operation::new("register.certificate.read", &caller).about(&serial.0);
    let work = async {
        caller.reads_certificates()?;
        let row = CertificateRow::by_serial(authority.store.pool(), &serial.0).await?;
        let row = row.ok_or(Code::NotFound)?;
        Ok(RegisteredCertificate::new(row, &caller, clock::now()))
    };
    operation.carry_out(&authority, work).await.map(Json)
}

/// Whose an electronic identifier is, Art. 3 (1). Nothing of it is written to a log: it has no
/// `Debug`.
#[derive(Serialize, ToSchema)]
pub struct RegisteredIdentifier {
    /// UUID.
    pub identifier: String,
    /// Of what kind the personal number is.
    pub kind: NumberKind,
    /// The personal number.
    pub number: String,
    /// RFC 3339.
    #[serde(serialize_with = "clock::rfc3339")]
    #[schema(value_type = String)]
    pub registered_at: i64,
}

impl RegisteredIdentifier {
    /// The row, opened.
    ///
    /// # Errors
    /// The row was changed, or is of another vault.
    pub fn new(row: &PersonRow, authority: &Authority) -> Result<Self, Problem> {
        let person = row.person(&authority.vault)?;
        Ok(Self {
            identifier: row.identifier.clone(),
            kind: person.kind,
            number: person.number.clone(),
            registered_at: row.registered_at,
        })
    }
}

/// Whose an electronic identifier is. For centres and named officials.
#[utoipa::path(get, path = "/v1/register/identifiers/{identifier}", tag = "registers",
    params(("identifier" = Uuid, Path)),
    responses((status = 200, body = RegisteredIdentifier), (status = "default", body = Document)))]
async fn identifier(
    State(authority): State<Authority>,
    caller: Caller,
    Path(identifier): Path<Uuid>,
) -> Result<Json<RegisteredIdentifier>, Problem> {
    let operation = Operation::new("register.identifier.read", &caller).about(identifier);
    let work = async {
        caller.reads_identifiers()?;
        let (pool, identifier) = (authority.store.pool(), identifier.to_string());
        let row = PersonRow::by_identifier(pool, &identifier).await?;
        RegisteredIdentifier::new(&row.ok_or(Code::NotFound)?, &authority)
    };
    operation.carry_out(&authority, work).await.map(Json)
}
