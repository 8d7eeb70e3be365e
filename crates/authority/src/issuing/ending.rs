//! An application ends before its certificates are in force: given up, or its time is over. What is
//! known of the person is deleted, but for the journals; the one who applied finds the reason at
//! the application. Req 14.2.

use std::time::Duration;

use axum::extract::State;
use sqlx::Row;
use uuid::Uuid;

use super::{
    access::Credentials,
    application::{Event, Kind, State as Standing},
    certificates::{self, Of},
    messages::{Description, Withdrawal},
    persons, publish,
    record::Application,
    submission::{describe, lock},
};
use crate::{
    Authority, Problem, clock,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document},
    server::{Stop, Tasks},
    status::rules::Actor,
    store::{StoreError, Transaction},
};

/// Characters of the longest reason.
const LONGEST_REASON: usize = 64;
/// The reason when nobody came in time.
const OVERDUE: &str = "deadline";
/// Applications that are ended in one go.
const BATCH: i64 = 100;

/// Ends an application that is not completed. Again, it changes nothing.
#[utoipa::path(delete, path = "/v1/applications/{id}", tag = "issuing",
    params(("id" = Uuid, Path)), request_body = Withdrawal,
    responses((status = 200, body = Description),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn withdraw(
    State(authority): State<Authority>,
    credentials: Credentials,
    Path(id): Path<Uuid>,
    Json(withdrawal): Json<Withdrawal>,
) -> Result<Json<Description>, Problem> {
    let mut operation = credentials.operation("application.withdraw", id);
    let work = async {
        if !is_reason(&withdrawal.reason) {
            let fault = "reason: 1 to 64 lower-case letters, digits and hyphens";
            return Err(Problem::new(Code::InvalidValue).detail(fault));
        }
        let now = clock::now();
        let mut transaction = authority.store.begin().await?;
        let mut application = lock(&mut transaction, id, now).await?;
        let right = credentials.right(&application)?;
        operation.set("reason", withdrawal.reason.as_str());
        if application.state == Standing::Denied {
            transaction.rollback().await?;
        } else {
            let (reason, actor) = (&withdrawal.reason, right.actor());
            deny(
                &mut transaction,
                &mut application,
                &mut operation,
                reason,
                actor,
                now,
            )
            .await?;
            operation.commit(&authority, transaction).await?;
            publish(&authority).await;
        }
        describe(&authority, &application).await
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// Looks for applications whose time is over, again and again. Any number of instances may.
pub fn start(authority: &Authority, tasks: &mut Tasks) {
    let authority = authority.clone();
    tasks.spawn(|mut stop| async move {
        let pause = Duration::from_secs(authority.config.issuing.sweep_seconds.max(1).into());
        while stop.sleep(pause).await {
            if let Err(error) = sweep(&authority, &stop).await {
                tracing::warn!(code = %error.code(), "applications that are over could not be ended");
            }
        }
    });
}

async fn sweep(authority: &Authority, stop: &Stop) -> Result<(), Problem> {
    const OVER: &str = "SELECT id FROM applications WHERE deadline < $1 \
        AND state IN ('SUBMITTED', 'APPROVED', 'KEYS', 'GENERATED_CERTIFICATE') \
        ORDER BY deadline LIMIT $2";
    const REPLACED: &str = "SELECT id FROM applications WHERE deadline < $1 \
        AND kind = 'RENEW_EID' AND state = 'COMPLETED' AND replaced_at IS NULL \
        ORDER BY deadline LIMIT $2";
    for id in due(authority, OVER).await? {
        if stop.is_stopping() {
            return Ok(());
        }
        let mut operation = Operation::by_system("application.overdue").about(&id);
        let ended = overdue(authority, &mut operation, &id).await;
        settle(authority, operation, ended).await?;
    }
    for id in due(authority, REPLACED).await? {
        if stop.is_stopping() {
            return Ok(());
        }
        let mut operation = Operation::by_system("renewal.overdue").about(&id);
        let ended = overlapped(authority, &mut operation, &id).await;
        settle(authority, operation, ended).await?;
    }
    Ok(())
}

async fn due(authority: &Authority, which: &'static str) -> Result<Vec<String>, StoreError> {
    let query = sqlx::query(which).bind(clock::now()).bind(BATCH);
    let rows = query.fetch_all(authority.store.pool()).await?;
    let ids = rows.iter().map(|row| row.try_get("id"));
    Ok(ids.collect::<Result<_, _>>()?)
}

/// What another instance did meanwhile leaves no record here.
async fn settle(
    authority: &Authority,
    operation: Operation,
    ended: Result<bool, Problem>,
) -> Result<(), Problem> {
    match ended {
        Ok(false) => Ok(()),
        ended => operation.finish(authority, ended).await.map(drop),
    }
}

async fn overdue(
    authority: &Authority,
    operation: &mut Operation,
    id: &str,
) -> Result<bool, Problem> {
    let now = clock::now();
    let mut transaction = authority.store.begin().await?;
    let Some(mut application) = Application::lock(&mut transaction, id, now).await? else {
        return Ok(false);
    };
    // The one that was waited for may have been another instance, or the client itself.
    if !application.state.is_open() || application.deadline >= now {
        return Ok(false);
    }
    let actor = Actor::Authority;
    deny(
        &mut transaction,
        &mut application,
        operation,
        OVERDUE,
        actor,
        now,
    )
    .await?;
    operation.commit(authority, transaction).await?;
    publish(authority).await;
    Ok(true)
}

/// The holder did not say that his card has taken up the renewed certificates.
async fn overlapped(
    authority: &Authority,
    operation: &mut Operation,
    id: &str,
) -> Result<bool, Problem> {
    let now = clock::now();
    let mut transaction = authority.store.begin().await?;
    let Some(mut application) = Application::lock(&mut transaction, id, now).await? else {
        return Ok(false);
    };
    let over = application.state == Standing::Completed && application.deadline < now;
    if !over || application.replaced_at.is_some() {
        return Ok(false);
    }
    let actor = Actor::Authority;
    replace(
        authority,
        &mut transaction,
        &mut application,
        operation,
        actor,
        now,
    )
    .await?;
    operation.commit(authority, transaction).await?;
    publish(authority).await;
    Ok(true)
}

/// The certificates before a renewed one end.
pub async fn replace(
    authority: &Authority,
    transaction: &mut Transaction,
    application: &mut Application,
    operation: &mut Operation,
    actor: Actor,
    now: i64,
) -> Result<Vec<String>, Problem> {
    let of = Of {
        identifier: application.identifier.as_deref().unwrap_or_default(),
        carrier: application.carrier.as_deref().unwrap_or_default(),
        application: &application.id,
        actor,
    };
    let which = (application.role, application.created_at);
    let serials = certificates::replace(authority, transaction, &of, which, now).await?;
    application.replaced_at = Some(now);
    application.update(transaction).await?;
    operation.set("rnu", application.rnu.as_str());
    operation.set("identifier", application.identifier.as_deref());
    operation.set("certificates", serials.clone());
    Ok(serials)
}

/// Ends it, and deletes what is known of the person.
async fn deny(
    transaction: &mut Transaction,
    application: &mut Application,
    operation: &mut Operation,
    reason: &str,
    actor: Actor,
    now: i64,
) -> Result<(), Problem> {
    application.state = super::after(application, Event::Failed)?;
    operation.set("rnu", application.rnu.as_str());
    operation.set("identifier", application.identifier.as_deref());
    operation.set("carrier", application.carrier.as_deref());
    let serials = certificates::fail(transaction, &application.id, actor, reason, now).await?;
    operation.set("certificates", serials);
    let identifier = application.identifier.take();
    application.sealed = None;
    application.carrier = None;
    application.renews = None;
    application.content = String::new();
    application.identification_request = None;
    application.signing_request = None;
    application.reason = Some(reason.to_owned());
    application.update(transaction).await?;
    if let (Kind::Issue, Some(identifier)) = (application.kind, identifier) {
        let forgotten = persons::forget(transaction, &identifier).await?;
        operation.set("person_deleted", forgotten);
    }
    Ok(())
}

fn is_reason(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LONGEST_REASON).contains(&text.len()) && text.chars().all(fits)
}
