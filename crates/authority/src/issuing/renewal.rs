//! Renewal by the holder, before his certificates expire and without the requirements of the first
//! issuing: Req 13.6. The requests themselves come by EST (`simplereenroll`).

use axum::extract::State;
use uuid::Uuid;

use super::{
    answers::answered,
    application::{Kind, State as Standing},
    ending::replace,
    messages::{Answer, Challenge, Description, Replaced},
    publish,
    record::Application,
    seconds,
    submission::describe,
};
use crate::{
    Authority, Caller, Problem, clock,
    extract::Json,
    journal::Operation,
    problem::{Code, Document},
    registers::{CertificateRow, CertificateState},
    status::rules::Actor,
};

/// Begins a renewal, or finds the one that is open.
#[utoipa::path(post, path = "/v1/holder/renewal", tag = "renewal",
    responses((status = 200, body = Description),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn begin(
    State(authority): State<Authority>,
    caller: Caller,
) -> Result<Json<Description>, Problem> {
    let mut operation = Operation::new("renewal.begin", &caller);
    let work = async {
        let application = open(&authority, &mut operation, &caller).await?;
        describe(&authority, &application).await
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// Answers a challenge of the holder's own carrier, while a renewal of its certificates is under
/// way.
#[utoipa::path(post, path = "/v1/holder/card/answer", tag = "renewal",
    request_body = Challenge,
    responses((status = 200, body = Answer),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn answer(
    State(authority): State<Authority>,
    caller: Caller,
    Json(challenge): Json<Challenge>,
) -> Result<Json<Answer>, Problem> {
    let mut operation = Operation::new("renewal.answer", &caller);
    let work = async {
        let certificate = caller.holder()?;
        let now = clock::now();
        let mut transaction = authority.store.begin().await?;
        let (identifier, carrier) = (&certificate.identifier, &certificate.carrier);
        let application =
            Application::lock_renewing(&mut transaction, identifier, carrier, now).await?;
        let application = application.ok_or(Code::NoRenewal)?;
        operation.set_about(&application.id);
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

/// The carrier has taken up the renewed certificates: those before them are revoked. The
/// connection's certificate is the renewed one.
#[utoipa::path(post, path = "/v1/holder/renewal/completed", tag = "renewal",
    responses((status = 200, body = Replaced),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn completed(
    State(authority): State<Authority>,
    caller: Caller,
) -> Result<Json<Replaced>, Problem> {
    let mut operation = Operation::new("renewal.complete", &caller);
    let work = async {
        let certificate = caller.holder()?;
        let now = clock::now();
        operation.set_about(&certificate.application);
        let mut transaction = authority.store.begin().await?;
        let application = Application::lock(&mut transaction, &certificate.application, now);
        let mut application = application.await?.ok_or(Code::NoRenewal)?;
        if application.kind != Kind::Renew || application.state != Standing::Completed {
            return Err(Code::NoRenewal.into());
        }
        let revoked = if application.replaced_at.is_none() {
            let actor = Actor::Holder;
            let (transaction_, application_) = (&mut transaction, &mut application);
            let revoked = replace(
                &authority,
                transaction_,
                application_,
                &mut operation,
                actor,
                now,
            )
            .await?;
            operation.commit(&authority, transaction).await?;
            publish(&authority).await;
            revoked
        } else {
            transaction.rollback().await?;
            Vec::new()
        };
        let application = application.id;
        Ok(Replaced {
            application,
            revoked,
        })
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// The renewal of the caller's certificates: the one that is open, or a new one.
pub async fn open(
    authority: &Authority,
    operation: &mut Operation,
    caller: &Caller,
) -> Result<Application, Problem> {
    let certificate = caller.holder()?;
    let now = clock::now();
    let mut transaction = authority.store.begin().await?;
    let (identifier, carrier) = (&certificate.identifier, &certificate.carrier);
    if let Some(open) =
        Application::lock_renewal(&mut transaction, identifier, carrier, now).await?
    {
        transaction.rollback().await?;
        operation.set_about(&open.id);
        super::submission::due(&open, now)?;
        return Ok(open);
    }
    // It was active when the caller was recognised; a suspension since then counts.
    let row = CertificateRow::by_serial(&mut *transaction, &certificate.serial).await?;
    if row.is_none_or(|row| row.state != CertificateState::Active) {
        return Err(Code::CertificateSuspended.into());
    }
    let application = new(authority, certificate, now).await?;
    operation.set_about(&application.id);
    if application.insert(&mut transaction).await? {
        operation.set("rnu", application.rnu.as_str());
        operation.set("carrier", carrier.as_str());
        operation.commit(authority, transaction).await?;
        return Ok(application);
    }
    // Another was faster: the same holder's on another connection, or an officer's.
    let open = Application::lock_renewal(&mut transaction, identifier, carrier, now).await?;
    transaction.rollback().await?;
    let open = open.ok_or(Code::CarrierInUse)?;
    operation.set_about(&open.id);
    Ok(open)
}

async fn new(
    authority: &Authority,
    certificate: &CertificateRow,
    now: i64,
) -> Result<Application, Problem> {
    Ok(Application {
        id: Uuid::new_v4().to_string(),
        kind: Kind::Renew,
        // Neither an officer nor an appearance in person is needed.
        state: Standing::Approved,
        rnu: super::rnu(Kind::Renew, now).await?.to_string(),
        initiator: certificate.identifier.clone(),
        administrator: None,
        invited: false,
        content: String::new(),
        sealed: None,
        identifier: Some(certificate.identifier.clone()),
        carrier: Some(certificate.carrier.clone()),
        renews: Some(certificate.serial.clone()),
        code: None,
        answers: 0,
        identification_request: None,
        signing_request: None,
        reason: None,
        created_at: now,
        deadline: now + seconds(authority.config.issuing.renewal_seconds),
        replaced_at: None,
    })
}
