//! An application is sent and checked, the identifier is given: Req 14.1.1–14.1.4.

use axum::{extract::State, http::StatusCode};
use uuid::Uuid;

use super::{
    access::{ApplicationCode, Credentials},
    applicant::Checked,
    application::{Event, Kind, State as Standing},
    messages::{Description, HolderNames, NewCode, Submission, Submitted},
    persons,
    record::Application,
    seconds,
};
use crate::{
    Authority, Caller, Problem, clock,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document, internal},
    registers::{CarrierRow, Person, PersonRow},
    store::{StoreError, Transaction},
};

/// Sends an application. Sent again with the same body it changes nothing; with `appeared` it goes
/// on, where the first one was without.
#[utoipa::path(put, path = "/v1/applications/{id}", tag = "issuing",
    params(("id" = Uuid, Path, description = "made by who sends it")),
    request_body = Submission,
    responses((status = 201, body = Submitted, description = "it is here"),
        (status = 200, body = Submitted, description = "it was here before"),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn submit(
    State(authority): State<Authority>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(submission): Json<Submission>,
) -> Result<(StatusCode, Json<Submitted>), Problem> {
    let mut operation = Operation::new("application.submit", &caller).about(id);
    let result = received(&authority, &mut operation, &caller, id, submission).await;
    let (status, submitted) = operation.finish(&authority, result).await?;
    Ok((status, Json(submitted)))
}

/// Where an application stands.
#[utoipa::path(get, path = "/v1/applications/{id}", tag = "issuing",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Description),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn read(
    State(authority): State<Authority>,
    credentials: Credentials,
    Path(id): Path<Uuid>,
) -> Result<Json<Description>, Problem> {
    let operation = credentials.operation("application.read", id);
    let work = async {
        let application = find(&authority, id).await?;
        credentials.right(&application)?;
        describe(&authority, &application).await
    };
    operation.carry_out(&authority, work).await.map(Json)
}

/// Makes another code for an application; the one before is good for nothing then.
#[utoipa::path(post, path = "/v1/applications/{id}/code", tag = "issuing",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = NewCode),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn renew_code(
    State(authority): State<Authority>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<NewCode>, Problem> {
    let operation = Operation::new("application.code", &caller).about(id);
    let work = async {
        let (_, administrator) = caller.officer()?;
        another_code(&authority, &operation, id, &administrator.id).await
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// Another code for an application of this administrator's.
pub async fn another_code(
    authority: &Authority,
    operation: &Operation,
    id: Uuid,
    administrator: &str,
) -> Result<NewCode, Problem> {
    let mut transaction = authority.store.begin().await?;
    let mut application = lock(&mut transaction, id, clock::now()).await?;
    if application.administrator.as_deref() != Some(administrator) {
        return Err(Code::NotPermitted.into());
    }
    if !application.state.is_open() {
        return Err(wrong_state(&application));
    }
    let code = ApplicationCode::new()?;
    application.code = Some(code.hash());
    application.update(&mut transaction).await?;
    operation.commit(authority, transaction).await?;
    Ok(NewCode {
        code: code.as_str().to_owned(),
    })
}

async fn received(
    authority: &Authority,
    operation: &mut Operation,
    caller: &Caller,
    id: Uuid,
    submission: Submission,
) -> Result<(StatusCode, Submitted), Problem> {
    // Req 14.1.2: the certificate was checked where the caller was recognised.
    let (officer, administrator) = caller.officer()?;
    let from = Sender {
        initiator: &officer.identifier,
        administrator: &administrator.id,
        invited: false,
    };
    let checked = Checked::new(submission, &authority.vault)?;
    receive(authority, operation, &from, id, checked).await
}

/// Who sends an application.
pub struct Sender<'a> {
    /// The officer's identifier, or [`super::record::OPERATOR`].
    pub initiator: &'a str,
    /// The administrator that he works for.
    pub administrator: &'a str,
    /// Whether the holder is to become an officer of the administrator.
    pub invited: bool,
}

/// Takes an application, new or sent again.
pub async fn receive(
    authority: &Authority,
    operation: &mut Operation,
    from: &Sender<'_>,
    id: Uuid,
    checked: Checked,
) -> Result<(StatusCode, Submitted), Problem> {
    let now = clock::now();
    let warnings = checked.warnings.clone();
    let (content, appeared) = (checked.content.clone(), checked.appeared);
    if Application::find(&authority.store, &id.to_string())
        .await?
        .is_some()
    {
        return again(authority, operation, from, id, checked, now).await;
    }
    let code = ApplicationCode::new()?;
    let rnu = super::rnu(Kind::Issue, now).await?;
    let carrier = checked.carrier.clone();
    let person = checked.into_person().await?;
    let settings = &authority.config.issuing;
    let mut application = Application {
        id: id.to_string(),
        kind: Kind::Issue,
        role: None,
        state: Standing::Submitted,
        rnu: rnu.to_string(),
        initiator: from.initiator.to_owned(),
        administrator: Some(from.administrator.to_owned()),
        invited: from.invited,
        content: content.clone(),
        sealed: Some(seal(authority, &id.to_string(), &person)?),
        identifier: None,
        carrier: Some(carrier),
        renews: None,
        code: Some(code.hash()),
        answers: 0,
        identification_request: None,
        signing_request: None,
        reason: None,
        created_at: now,
        deadline: now + seconds(settings.appearance_seconds),
        replaced_at: None,
        taken_up_at: None,
    };
    let mut transaction = authority.store.begin().await?;
    if !application.insert(&mut transaction).await? {
        drop(transaction);
        // Either the same was sent twice at the same time, or the carrier is in other hands.
        let there = Application::find(&authority.store, &id.to_string()).await?;
        return match there {
            Some(there) if there.content == content => {
                let application = describe(authority, &there).await?;
                let code = None;
                let submitted = Submitted {
                    application,
                    code,
                    warnings,
                };
                Ok((StatusCode::OK, submitted))
            }
            Some(_) => Err(Code::ApplicationDiffers.into()),
            None => Err(Code::CarrierInUse.into()),
        };
    }
    if appeared {
        approve(authority, &mut transaction, &mut application, &person, now).await?;
    }
    note(operation, &application);
    operation.commit(authority, transaction).await?;
    let submitted = Submitted {
        application: describe(authority, &application).await?,
        code: Some(code.as_str().to_owned()),
        warnings,
    };
    Ok((StatusCode::CREATED, submitted))
}

/// The same was sent before: its answer was lost, or the applicant has now appeared.
async fn again(
    authority: &Authority,
    operation: &mut Operation,
    from: &Sender<'_>,
    id: Uuid,
    checked: Checked,
    now: i64,
) -> Result<(StatusCode, Submitted), Problem> {
    let mut transaction = authority.store.begin().await?;
    let mut application = lock(&mut transaction, id, now).await?;
    if application.administrator.as_deref() != Some(from.administrator)
        || application.invited != from.invited
    {
        return Err(Code::NotPermitted.into());
    }
    if application.state == Standing::Denied {
        return Err(wrong_state(&application));
    }
    if application.content != checked.content {
        return Err(Code::ApplicationDiffers.into());
    }
    if application.state == Standing::Submitted && checked.appeared {
        due(&application, now)?;
        let person = opened(authority, &application)?;
        approve(authority, &mut transaction, &mut application, &person, now).await?;
        note(operation, &application);
        operation.commit(authority, transaction).await?;
    } else {
        transaction.rollback().await?;
    }
    let submitted = Submitted {
        application: describe(authority, &application).await?,
        code: None,
        warnings: checked.warnings,
    };
    Ok((StatusCode::OK, submitted))
}

/// The applicant has appeared, the data are in order: the identifier is given, and entered.
async fn approve(
    authority: &Authority,
    transaction: &mut Transaction,
    application: &mut Application,
    person: &Person,
    now: i64,
) -> Result<(), Problem> {
    application.state = super::after(application, Event::Approved)?;
    let carrier = application.carrier.as_deref().unwrap_or_default();
    let carrier = CarrierRow::by_number(&mut **transaction, carrier)
        .await?
        .ok_or(Code::CarrierUnknown)?;
    let identifier = persons::identifier(transaction, &authority.vault, person, now)
        .await?
        .to_string();
    if carrier.identifier.is_some_and(|owner| owner != identifier) {
        return Err(Code::CarrierOfAnother.into());
    }
    application.identifier = Some(identifier);
    application.deadline = now + seconds(authority.config.issuing.deadline_seconds);
    Ok(application.update(transaction).await?)
}

fn note(operation: &mut Operation, application: &Application) {
    operation.set("rnu", application.rnu.as_str());
    operation.set("state", application.state.as_str());
    operation.set("carrier", application.carrier.as_deref());
    operation.set("identifier", application.identifier.as_deref());
}

/// The application with that id.
///
/// # Errors
/// There is none.
pub async fn find(authority: &Authority, id: Uuid) -> Result<Application, Problem> {
    let application = Application::find(&authority.store, &id.to_string()).await?;
    application.ok_or_else(|| Code::NotFound.into())
}

/// The same, which nobody else changes until the transaction ends.
///
/// # Errors
/// There is none.
pub async fn lock(
    transaction: &mut Transaction,
    id: Uuid,
    now: i64,
) -> Result<Application, Problem> {
    let application = Application::lock(transaction, &id.to_string(), now).await?;
    application.ok_or_else(|| Code::NotFound.into())
}

/// Its time is not over.
///
/// # Errors
/// It is.
pub fn due(application: &Application, now: i64) -> Result<(), Problem> {
    if application.state.is_open() && application.deadline < now {
        return Err(Code::ApplicationOver.into());
    }
    Ok(())
}

/// What was asked for does not happen to an application in its state.
pub fn wrong_state(application: &Application) -> Problem {
    let state = application.state;
    let reason = application.reason.as_deref().unwrap_or_default();
    let blank = if reason.is_empty() { "" } else { ": " };
    Problem::new(Code::ApplicationState).detail(format!("it is {state}{blank}{reason}"))
}

/// The person that an application is about, for as long as it is open.
///
/// # Errors
/// It is over, or the row was changed.
pub fn opened(authority: &Authority, application: &Application) -> Result<Person, Problem> {
    let damaged = || {
        internal(StoreError::Damaged {
            table: "applications",
        })
    };
    let sealed = application.sealed.as_deref().ok_or_else(damaged)?;
    let plain = authority
        .vault
        .open(&belongs_to(&application.id), sealed)
        .map_err(internal)?;
    serde_json::from_slice(&plain).map_err(|_| damaged())
}

fn seal(authority: &Authority, id: &str, person: &Person) -> Result<Vec<u8>, Problem> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(person).map_err(internal)?);
    let sealed = authority.vault.seal(&belongs_to(id), &plain);
    sealed.map_err(internal)
}

fn belongs_to(id: &str) -> String {
    format!("application:{id}")
}

/// Whose certificates are applied for; `None` before the identifier is given, and at the end.
///
/// # Errors
/// The store's.
pub async fn names(
    authority: &Authority,
    application: &Application,
) -> Result<Option<HolderNames>, Problem> {
    let Some(identifier) = &application.identifier else {
        return Ok(None);
    };
    let person = match application.sealed {
        Some(_) => opened(authority, application)?,
        // A renewal is about the person in the register, and what is completed is there, too.
        None => {
            let row = PersonRow::by_identifier(authority.store.pool(), identifier).await?;
            let row = row.ok_or_else(|| internal(StoreError::Damaged { table: "persons" }))?;
            row.person(&authority.vault)?
        }
    };
    Ok(Some(HolderNames {
        identifier: Uuid::try_parse(identifier).map_err(internal)?,
        cyrillic: person.cyrillic.clone(),
        latin: person.latin.clone(),
        country: authority.config.country.clone(),
    }))
}

/// An application, for the one who takes its steps.
///
/// # Errors
/// The store's.
pub async fn describe(
    authority: &Authority,
    application: &Application,
) -> Result<Description, Problem> {
    Ok(Description {
        id: application.id.clone(),
        rnu: application.rnu.clone(),
        kind: application.kind,
        role: application.role,
        state: application.state,
        subject: names(authority, application).await?,
        card: application.carrier.clone(),
        deadline: application.deadline,
        key_algorithms: authority.config.issuing.key_algorithms.clone(),
        reason: application.reason.clone(),
        invitation: application.invited,
    })
}
