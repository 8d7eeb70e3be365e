//! Renewal by the holder, before his certificates expire and without the requirements of the first
//! issuing: Req 13.6. The requests themselves come by EST (`simplereenroll`).
//!
//! A carrier that has no place for new keys beside the old ones is renewed one key after the other,
//! an application each, so that it always holds a key that is trusted here. While the
//! identification key is replaced, the signing key vouches: its holder signs for a code, and for
//! another one whenever that was lost. Then the new identification key vouches for the signing key.

use axum::extract::State;
use uuid::Uuid;

use super::{
    access::ApplicationCode,
    answers::answered,
    application::{Kind, State as Standing},
    ending::replace,
    messages::{Answer, Challenge, Description, RenewalOf, Replaced, Vouched},
    publish,
    record::Application,
    seconds,
    submission::{describe, due},
};
use crate::{
    Authority, Caller, Problem, clock,
    extract::{Json, Perhaps},
    holder::{RenewalRequest, Signed},
    journal::{Actor as Who, Operation},
    problem::{Code, Document},
    registers::{CertificateRow, CertificateState, Role},
    status::rules::Actor,
    store::Transaction,
};

/// Begins a renewal, or finds the one that is open.
#[utoipa::path(post, path = "/v1/holder/renewal", tag = "renewal",
    request_body = Option<RenewalOf>,
    responses((status = 200, body = Description),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn begin(
    State(authority): State<Authority>,
    caller: Caller,
    Perhaps(of): Perhaps<RenewalOf>,
) -> Result<Json<Description>, Problem> {
    let mut operation = Operation::new("renewal.begin", &caller);
    let work = async {
        let vouching = caller.holder()?;
        let application = open(&authority, &mut operation, vouching, Which::Of(of.role)).await?;
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
        let application = Application::lock_renewing(&mut transaction, certificate, now).await?;
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
        let revoked = if application.taken_up_at.is_none() {
            application.taken_up_at = Some(now);
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

/// Begins the renewal of the identification certificate, or finds the one that is open, on a
/// request that is signed with the signing key of the same carrier: CMS SignedData (RFC 5652) with a
/// `RenewalRequest` in it. It gives a new code for the further steps; no certificate is needed in
/// the connection, for the key that identifies may be on the carrier no more.
#[utoipa::path(post, path = "/v1/holder/renewal/code", tag = "renewal",
    request_body(content = RenewalRequest, content_type = "application/cms",
        description = "CMS SignedData, DER; the content is this in JSON"),
    responses((status = 200, body = Vouched),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn code(
    State(authority): State<Authority>,
    Signed(verified): Signed<RenewalRequest>,
) -> Result<Json<Vouched>, Problem> {
    let signer = &verified.signer;
    let mut operation = Operation::by("renewal.code", Who::new("signer", &signer.serial));
    let work = async {
        operation.set("identifier", signer.identifier.as_str());
        let now = clock::now();
        verified.accept(&authority, now).await?;
        let which = Which::Of(Some(Role::Identification));
        let application = open(&authority, &mut operation, signer, which).await?;
        let mut transaction = authority.store.begin().await?;
        let mut application = Application::lock(&mut transaction, &application.id, now)
            .await?
            .ok_or(Code::NoRenewal)?;
        due(&application, now)?;
        let code = ApplicationCode::new()?;
        application.code = Some(code.hash());
        application.update(&mut transaction).await?;
        operation.commit(&authority, transaction).await?;
        Ok(Vouched {
            application: describe(&authority, &application).await?,
            code: code.as_str().to_owned(),
        })
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// Which renewal is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that is open, whatever it is about; else one of both certificates.
    Any,
    /// One of this certificate alone, or of both.
    Of(Option<Role>),
}

impl Which {
    const fn role(self) -> Option<Role> {
        match self {
            Self::Any => None,
            Self::Of(role) => role,
        }
    }

    fn is(self, application: &Application) -> bool {
        self == Self::Any || self == Self::Of(application.role)
    }
}

/// The renewal of what is on the carrier of a certificate, which was proved: the one that is open,
/// or a new one.
///
/// # Errors
/// What is to be renewed is not in force, or another application has the carrier.
pub async fn open(
    authority: &Authority,
    operation: &mut Operation,
    vouching: &CertificateRow,
    which: Which,
) -> Result<Application, Problem> {
    let (now, role) = (clock::now(), which.role());
    let mut transaction = authority.store.begin().await?;
    let (identifier, carrier) = (&vouching.identifier, &vouching.carrier);
    if let Some(open) =
        Application::lock_renewal(&mut transaction, identifier, carrier, now).await?
    {
        operation.set_about(&open.id);
        if !which.is(&open) {
            let detail = "other certificates on this card are being renewed";
            return Err(Problem::new(Code::CarrierInUse).detail(detail));
        }
        stands(&mut transaction, &open).await?;
        transaction.rollback().await?;
        due(&open, now)?;
        return Ok(open);
    }
    let renewed = match role {
        Some(role) if role != vouching.role => {
            CertificateRow::in_use(&mut *transaction, identifier, carrier, role).await?
        }
        _ => CertificateRow::by_serial(&mut *transaction, &vouching.serial).await?,
    };
    // It was active when the caller was recognised; a suspension since then counts.
    let renewed = in_force(renewed)?;
    if renewed.role == Role::Identification && renewed.not_after < now {
        return Err(Code::CertificateExpired.into());
    }
    let application = new(authority, &renewed, role, now).await?;
    operation.set_about(&application.id);
    if application.insert(&mut transaction).await? {
        operation.set("rnu", application.rnu.as_str());
        operation.set("carrier", carrier.as_str());
        operation.set("role", role.map(Role::text));
        operation.commit(authority, transaction).await?;
        return Ok(application);
    }
    // Another was faster: the same holder's on another connection, or an officer's.
    let open = Application::lock_renewal(&mut transaction, identifier, carrier, now).await?;
    transaction.rollback().await?;
    let open = open.filter(|open| which.is(open));
    let open = open.ok_or(Code::CarrierInUse)?;
    operation.set_about(&open.id);
    Ok(open)
}

/// A renewal goes on only as long as what is renewed is in force: who has the code of one is not
/// asked for a certificate.
///
/// # Errors
/// It is not.
pub async fn stands(
    transaction: &mut Transaction,
    application: &Application,
) -> Result<(), Problem> {
    match (application.role, &application.renews) {
        (Some(_), Some(serial)) => {
            let renewed = CertificateRow::by_serial(&mut **transaction, serial).await?;
            in_force(renewed).map(drop)
        }
        // The caller's own certificate was looked at.
        _ => Ok(()),
    }
}

fn in_force(row: Option<CertificateRow>) -> Result<CertificateRow, Problem> {
    let detail = "the certificate that is to be renewed";
    let problem = |code| Err(Problem::new(code).detail(detail));
    match row {
        Some(row) if row.state == CertificateState::Active => Ok(row),
        Some(row) if row.state == CertificateState::Stopped => problem(Code::CertificateSuspended),
        _ => problem(Code::CertificateRevoked),
    }
}

async fn new(
    authority: &Authority,
    renewed: &CertificateRow,
    role: Option<Role>,
    now: i64,
) -> Result<Application, Problem> {
    Ok(Application {
        id: Uuid::new_v4().to_string(),
        kind: Kind::Renew,
        role,
        // Neither an officer nor an appearance in person is needed.
        state: Standing::Approved,
        rnu: super::rnu(Kind::Renew, now).await?.to_string(),
        initiator: renewed.identifier.clone(),
        administrator: None,
        invited: false,
        content: String::new(),
        sealed: None,
        identifier: Some(renewed.identifier.clone()),
        carrier: Some(renewed.carrier.clone()),
        renews: Some(renewed.serial.clone()),
        code: None,
        answers: 0,
        identification_request: None,
        signing_request: None,
        reason: None,
        created_at: now,
        deadline: now + seconds(authority.config.issuing.renewal_seconds),
        replaced_at: None,
        taken_up_at: None,
    })
}
