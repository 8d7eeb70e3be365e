//! The carrier's challenge is answered, so that keys can be made on it and certificates written to
//! it: Req 14.1.5, 14.1.8.

use axum::extract::State;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    access::Credentials,
    application::{Event, Kind},
    messages::{Answer, Challenge},
    personalisation::{self, AnswerError},
    record::Application,
    submission::{due, lock},
};
use crate::{
    Authority, Problem, clock,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document, internal},
    registers::CarrierRow,
    store::{StoreError, Transaction},
};

/// Hexadecimal digits of the longest challenge that is looked at.
const LONGEST_CHALLENGE: usize = 128;

/// Answers a challenge of the application's carrier.
#[utoipa::path(post, path = "/v1/applications/{id}/answer", tag = "issuing",
    params(("id" = Uuid, Path)), request_body = Challenge,
    responses((status = 200, body = Answer),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn answer(
    State(authority): State<Authority>,
    credentials: Credentials,
    Path(id): Path<Uuid>,
    Json(challenge): Json<Challenge>,
) -> Result<Json<Answer>, Problem> {
    let operation = credentials.operation("application.answer", id);
    let work = async {
        let now = clock::now();
        let mut transaction = authority.store.begin().await?;
        let application = lock(&mut transaction, id, now).await?;
        credentials.by_code(&application)?;
        answered(
            &authority,
            &operation,
            transaction,
            application,
            &challenge,
            now,
        )
        .await
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// Answers a challenge of the carrier of an application that is locked.
pub async fn answered(
    authority: &Authority,
    operation: &Operation,
    mut transaction: Transaction,
    mut application: Application,
    challenge: &Challenge,
    now: i64,
) -> Result<Answer, Problem> {
    due(&application, now)?;
    application.state = super::after(&application, Event::Answered)?;
    // Renewed certificates are made the current ones of the carrier after the confirmation, be it
    // late: those before them may have ended, and it would have none.
    let over = match application.kind {
        Kind::Issue => application.deadline < now,
        Kind::Renew => application.taken_up_at.is_some(),
    };
    if over {
        return Err(Code::ApplicationOver.into());
    }
    if application.answers >= i64::from(authority.config.issuing.answers) {
        return Err(Code::TooManyAnswers.into());
    }
    super::renewal::stands(&mut transaction, &application).await?;
    application.answers += 1;
    let number = application.carrier.as_deref().unwrap_or_default();
    let carrier = CarrierRow::by_number(&mut *transaction, number)
        .await?
        .ok_or_else(|| internal(StoreError::Damaged { table: "carriers" }))?;
    let answer = respond(authority, &carrier, challenge)?;
    application.update(&mut transaction).await?;
    operation.commit(authority, transaction).await?;
    Ok(Answer { answer })
}

fn respond(
    authority: &Authority,
    carrier: &CarrierRow,
    challenge: &Challenge,
) -> Result<String, Problem> {
    let invalid =
        |fault: String| Problem::new(Code::InvalidValue).detail(format!("challenge: {fault}"));
    if challenge.challenge.len() > LONGEST_CHALLENGE {
        return Err(invalid("it is too long".to_owned()));
    }
    let challenge = hex::decode(&challenge.challenge)
        .map_err(|_| invalid("it is not in hexadecimal digits".to_owned()))?;
    let key: Zeroizing<Vec<u8>> = carrier.key(&authority.vault)?;
    match personalisation::answer(carrier.scheme, &key, &carrier.number, &challenge) {
        Ok(answer) => Ok(hex::encode(answer)),
        Err(fault @ AnswerError::Challenge { .. }) => Err(invalid(fault.to_string())),
        Err(fault) => Err(internal(fault)),
    }
}
