//! What a holder does with his own certificates, identified by one of them: Req 18.3, 18.5.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::view::{Certificate, Certificates};
use crate::{
    Authority, Caller, clock,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document, Problem},
    registers::CertificateRow,
    status::{
        changes::{self, Change},
        rules::{Action, Actor, Event},
        strike::{Asked, Target},
        suspension::{self, Order},
        text::{self, CertificateName, Reason},
    },
};

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(certificates))
        .routes(routes!(name))
        .routes(routes!(suspend))
}

/// The caller's certificates.
#[utoipa::path(get, path = "/v1/holder/certificates", tag = "holder",
    responses((status = 200, body = Certificates), (status = "default", body = Document)))]
async fn certificates(
    State(authority): State<Authority>,
    caller: Caller,
) -> Result<Json<Certificates>, Problem> {
    let operation = Operation::new("holder.certificates.read", &caller);
    let read = async { Certificates::of(&authority, &caller.holder()?.identifier).await };
    operation.carry_out(&authority, read).await.map(Json)
}

/// A name for a certificate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CertificateNaming)]
struct Naming {
    /// 1 to 30 characters.
    name: String,
}

/// Names one of the caller's certificates. The name is shown to him, to the authority, and to
/// administrators.
#[utoipa::path(put, path = "/v1/holder/certificates/{serial}/name", tag = "holder",
    params(("serial" = String, Path, description = "serial number, hexadecimal")),
    request_body = Naming,
    responses((status = 200, body = Certificate), (status = "default", body = Document)))]
async fn name(
    State(authority): State<Authority>,
    caller: Caller,
    Path(serial): Path<String>,
    Json(naming): Json<Naming>,
) -> Result<Json<Certificate>, Problem> {
    let mut operation = Operation::new("certificate.name", &caller);
    let named = async {
        let holder = caller.holder()?;
        let serial = text::serial(&serial)?;
        operation.set_about(&serial);
        let name = CertificateName::parse(&naming.name)?;
        rename(&authority, &operation, holder, &serial, &name).await
    };
    let named = named.await;
    operation.finish(&authority, named).await.map(Json)
}

/// Req 18.5.
async fn rename(
    authority: &Authority,
    operation: &Operation,
    holder: &CertificateRow,
    serial: &str,
    name: &CertificateName,
) -> Result<Certificate, Problem> {
    const UPDATE: &str = "UPDATE certificates SET name = $1 WHERE serial = $2 AND identifier = $3";
    let mut transaction = authority.store.begin().await?;
    let query = sqlx::query(UPDATE)
        .bind(name.as_str())
        .bind(serial)
        .bind(&holder.identifier);
    if query.execute(&mut *transaction).await?.rows_affected() == 0 {
        let detail = "none of the caller's certificates has this serial number";
        return Err(Problem::new(Code::NotFound).detail(detail));
    }
    let row = CertificateRow::by_serial(&mut *transaction, serial).await?;
    let row = row.ok_or(Code::NotFound)?;
    let now = clock::now();
    let change = Change {
        serial,
        identifier: &holder.identifier,
        event: Event::Named,
        state: row.state,
        reason: None,
        actor: Actor::Holder,
        at: now,
    };
    changes::enter(&mut transaction, &change).await?;
    operation.commit(authority, transaction).await?;
    Ok(Certificate::new(row, now))
}

/// What is to be suspended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Suspending)]
struct Suspending {
    /// Serial number of one of the caller's certificates; without it, the one he is identified by.
    #[serde(default)]
    serial: Option<String>,
    /// The card is lost: all its certificates are suspended, and only an officer resumes them.
    #[serde(default)]
    lost: bool,
    /// Why: 1 to 200 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Suspends certificates of the caller's. When this is answered, a revocation list says so.
#[utoipa::path(post, path = "/v1/holder/suspensions", tag = "holder",
    request_body = Suspending,
    responses((status = 200, body = Certificates), (status = "default", body = Document)))]
async fn suspend(
    State(authority): State<Authority>,
    caller: Caller,
    Json(suspending): Json<Suspending>,
) -> Result<Json<Certificates>, Problem> {
    let mut operation = Operation::new(Action::Suspend.operation(), &caller);
    let suspended = async {
        let holder = caller.holder()?;
        let serial = match &suspending.serial {
            Some(serial) => text::serial(serial)?,
            None => holder.serial.clone(),
        };
        let order = Order {
            identifier: &holder.identifier,
            asked: Asked {
                action: Action::Suspend,
                target: Target::Serial(&serial),
                lost: suspending.lost,
                actor: Actor::Holder,
            },
            reason: suspending
                .reason
                .as_deref()
                .map(Reason::parse)
                .transpose()?,
            administrator: None,
        };
        order.note(&mut operation);
        let mut serials = suspension::carry_out(&authority, &operation, &order).await?;
        serials.push(serial.clone());
        Certificates::among(&authority, &holder.identifier, &serials).await
    };
    let suspended = suspended.await;
    operation.finish(&authority, suspended).await.map(Json)
}
