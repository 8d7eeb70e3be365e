//! The certificates are on the carrier: whoever has the new key says so, by using it. Req 14.1.9.

use axum::extract::State;

use super::{
    application::{Event, Kind, State as Standing},
    certificates::{self, Of},
    messages::{Confirmation, Confirmed},
    record::Application,
    renewal,
    submission::{due, opened},
};
use crate::{
    Authority, Problem,
    caller::Pending,
    clock,
    extract::{Json, Perhaps},
    journal::{Actor, Operation},
    problem::{Code, Document, internal},
    registers::{CertificateRow, CertificateState, PersonRow, Role},
    status::rules,
    store::{StoreError, Transaction},
};

/// Puts the certificates of an application in force. The connection's certificate is the new one
/// for identification; it is good for this alone until then. Where the signing certificate alone
/// was renewed, it is the carrier's one for identification, and the renewal is named. A certificate
/// that is renewed alone takes the place of the old one at once.
#[utoipa::path(post, path = "/v1/confirmation", tag = "issuing",
    request_body = Option<Confirmation>,
    responses((status = 200, body = Confirmed),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn confirm(
    State(authority): State<Authority>,
    Pending(certificate): Pending,
    Perhaps(confirmation): Perhaps<Confirmation>,
) -> Result<Json<Confirmed>, Problem> {
    let actor = Actor::new("holder", &certificate.serial);
    let id = confirmation.application.map(|id| id.to_string());
    let id = id.unwrap_or_else(|| certificate.application.clone());
    let mut operation = Operation::by("application.confirm", actor).about(&id);
    let result = confirmed(&authority, &mut operation, &certificate, &id).await;
    operation.finish(&authority, result).await.map(Json)
}

async fn confirmed(
    authority: &Authority,
    operation: &mut Operation,
    certificate: &CertificateRow,
    id: &str,
) -> Result<Confirmed, Problem> {
    let now = clock::now();
    let mut transaction = authority.store.begin().await?;
    let mut application = Application::lock(&mut transaction, id, now)
        .await?
        .ok_or(Code::NotFound)?;
    may_confirm(certificate, &application)?;
    due(&application, now)?;
    let before = application.state;
    application.state = super::after(&application, Event::Confirmed)?;
    operation.set("rnu", application.rnu.as_str());
    if before != Standing::Completed {
        renewal::stands(&mut transaction, &application).await?;
        let serials = certificates::confirm(&mut transaction, &application.id, now).await?;
        if serials.len() != application.roles().len() {
            // One of them was revoked meanwhile: they come into force together or not at all.
            return Err(Code::CertificateRevoked.into());
        }
        operation.set("certificates", serials);
        if application.kind == Kind::Issue || application.role.is_some() {
            // What was on the carrier before had its time: a card with one place for a key has it
            // no more. Another renewal keeps it in force until the card has taken up the new one.
            let of = Of {
                identifier: application.identifier.as_deref().unwrap_or_default(),
                carrier: application.carrier.as_deref().unwrap_or_default(),
                application: &application.id,
                actor: rules::Actor::Holder,
            };
            let which = (application.role, now);
            let ended = certificates::replace(authority, &mut transaction, &of, which, now).await?;
            if !ended.is_empty() {
                operation.set("superseded", ended);
            }
        }
        take_effect(authority, &mut transaction, &mut application, now).await?;
        application.update(&mut transaction).await?;
        operation.set("identifier", application.identifier.as_deref());
        operation.commit(authority, transaction).await?;
        super::publish(authority).await;
    } else {
        transaction.rollback().await?;
    }
    let pool = authority.store.pool();
    let rows = CertificateRow::of_application(pool, &application.id).await?;
    Ok(Confirmed {
        application: application.id,
        rnu: application.rnu,
        state: application.state,
        certificates: rows.into_iter().map(|row| row.serial).collect(),
    })
}

/// A new certificate confirms those that it was issued with; one that is in force confirms a
/// signing certificate that was renewed alone, on the same carrier.
fn may_confirm(certificate: &CertificateRow, application: &Application) -> Result<(), Problem> {
    let own = application.id == certificate.application;
    let of_carrier = application.role == Some(Role::Signing)
        && certificate.state == CertificateState::Active
        && application.identifier.as_deref() == Some(&certificate.identifier)
        && application.carrier.as_deref() == Some(&certificate.carrier);
    // One that was denied has nothing left of whose it was.
    let over = application.state == Standing::Denied;
    if own || of_carrier || over {
        return Ok(());
    }
    Err(Problem::new(Code::NotPermitted).detail("the application is about other certificates"))
}

/// What is entered with the confirmation, and deleted from the application.
async fn take_effect(
    authority: &Authority,
    transaction: &mut Transaction,
    application: &mut Application,
    now: i64,
) -> Result<(), Problem> {
    const CARRIER: &str =
        "UPDATE carriers SET identifier = $2, state = 'personalised' WHERE number = $1";
    let damaged = || {
        internal(StoreError::Damaged {
            table: "applications",
        })
    };
    let identifier = application.identifier.as_deref().ok_or_else(damaged)?;
    sqlx::query(CARRIER)
        .bind(application.carrier.as_deref())
        .bind(identifier)
        .execute(&mut **transaction)
        .await?;
    if application.sealed.is_some() {
        let mut person = opened(authority, application)?;
        let row = PersonRow::by_identifier(&mut **transaction, identifier)
            .await?
            .ok_or_else(damaged)?;
        // A password that was agreed on stays, unless there is another.
        if person.telephone_password.is_none() {
            let known = row.person(&authority.vault)?;
            person
                .telephone_password
                .clone_from(&known.telephone_password);
        }
        PersonRow::update(&mut **transaction, &authority.vault, identifier, &person).await?;
        application.sealed = None;
    }
    if application.invited {
        let administrator = application.administrator.as_deref().ok_or_else(damaged)?;
        appoint(transaction, identifier, administrator, now).await?;
    }
    if application.kind == Kind::Renew {
        // Until then the certificates before it stay in force, too.
        let settings = &authority.config.issuing;
        application.deadline = now + super::seconds(settings.overlap_seconds);
        // A key in the place of another one is in use already.
        application.replaced_at = application.role.map(|_| now);
        application.taken_up_at = application.replaced_at;
    }
    Ok(())
}

/// The holder works for the administrator from now on.
async fn appoint(
    transaction: &mut Transaction,
    identifier: &str,
    administrator: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    const APPOINT: &str = "INSERT INTO officers (identifier, administrator, from_at) \
        VALUES ($1, $2, $3) ON CONFLICT (identifier, administrator) DO UPDATE SET until_at = NULL";
    let query = sqlx::query(APPOINT).bind(identifier).bind(administrator);
    query.bind(now).execute(&mut **transaction).await?;
    Ok(())
}
