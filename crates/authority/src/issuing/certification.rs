//! Requests are checked, certificates are made of them and entered in the registers: Req 14.1.6,
//! 14.1.7.

use axum::extract::State;
use base64::{Engine, engine::general_purpose::STANDARD};
use lichna_pki::{
    CertificationRequest, HolderSubject, Names, Profile, PublicKey, RequestFault, SerialNumber,
    Validity,
};
use sha2::{Digest, Sha256};
use time::Duration;
use uuid::Uuid;

use super::{
    access::Credentials,
    applicant::names,
    application::{Event, Kind, State as Standing},
    certificates::{self, New, Of},
    messages::{HolderNames, Issued, Requests},
    record::Application,
    renewal,
    submission::{self, due, find},
};
use crate::{
    Authority, Problem,
    caller::fingerprint,
    clock,
    extract::{Json, Path},
    journal::Operation,
    problem::{Code, Document, internal},
    registers::{CertificateRow, Role},
    status::rules::Actor,
    store::{StoreError, Transaction},
};

/// Bytes of a serial number, all by chance.
const SERIAL: usize = 20;
/// How long before its making a certificate is valid: clocks differ.
const CLOCKS_DIFFER: Duration = Duration::minutes(5);

/// A request for one of the two certificates.
pub struct Request {
    /// Which.
    pub role: Role,
    /// PKCS#10, DER.
    pub der: Vec<u8>,
}

/// Issues the certificates of an application. They are good for the confirmation alone. The same
/// requests sent again get the same certificates.
#[utoipa::path(post, path = "/v1/applications/{id}/requests", tag = "issuing",
    params(("id" = Uuid, Path)), request_body = Requests,
    responses((status = 200, body = Issued),
        (status = "default", body = Document, content_type = "application/problem+json")))]
pub async fn certify(
    State(authority): State<Authority>,
    credentials: Credentials,
    Path(id): Path<Uuid>,
    Json(requests): Json<Requests>,
) -> Result<Json<Issued>, Problem> {
    let mut operation = credentials.operation("application.certify", id);
    let work = async {
        let application = find(&authority, id).await?;
        credentials.by_code_or_carrier(&application)?;
        let requests = read(&application, &requests)?;
        let rows = issue(&authority, &mut operation, &application, &requests).await?;
        let der = |role| {
            let row = rows.iter().find(|row| row.role == role);
            row.map(|row| STANDARD.encode(&row.der))
        };
        Ok(Issued {
            identification: der(Role::Identification),
            signing: der(Role::Signing),
            chain: chain(&authority)
                .iter()
                .map(|der| STANDARD.encode(der))
                .collect(),
        })
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// The certificates above those that are issued, in DER: the nearest first, the root last.
pub fn chain(authority: &Authority) -> [&[u8]; 2] {
    let keys = &authority.keys;
    [keys.issuer.certificate().der(), keys.root.der()]
}

/// The requests that were sent: one for each certificate that the application is about.
fn read(application: &Application, requests: &Requests) -> Result<Vec<Request>, Problem> {
    let invalid = |role: Role, fault: &str| {
        Problem::new(Code::RequestInvalid).detail(format!("{role}: {fault}"))
    };
    let mut read = Vec::new();
    for (role, base64) in [
        (Role::Identification, &requests.identification),
        (Role::Signing, &requests.signing),
    ] {
        match base64 {
            Some(base64) => {
                let der = STANDARD.decode(base64);
                let der = der.map_err(|_| invalid(role, "it is not base64"))?;
                read.push(Request { role, der });
            }
            None if application.roles().contains(&role) => {
                return Err(invalid(role, "there is no request for it"));
            }
            None => {}
        }
    }
    Ok(read)
}

/// Issues certificates on requests, or finds those that were issued on them before. All of the
/// application's certificates are returned.
///
/// # Errors
/// What is wrong with the application, or with a request.
pub async fn issue(
    authority: &Authority,
    operation: &mut Operation,
    application: &Application,
    requests: &[Request],
) -> Result<Vec<CertificateRow>, Problem> {
    let now = clock::now();
    let mut new = Vec::new();
    if outstanding(application, requests, now)? {
        // Before anything is locked: a key store may be slow.
        new = make(authority, application, requests).await?;
    }
    let mut transaction = authority.store.begin().await?;
    let mut application = Application::lock(&mut transaction, &application.id, now)
        .await?
        .ok_or(Code::NotFound)?;
    operation.set("rnu", application.rnu.as_str());
    operation.set("identifier", application.identifier.as_deref());
    if outstanding(&application, requests, now)? {
        renewal::stands(&mut transaction, &application).await?;
        enter(&mut transaction, &mut application, operation, &new, now).await?;
        operation.commit(authority, transaction).await?;
    } else {
        // Sent again, perhaps at the same time: what was just made has left nobody's memory.
        transaction.rollback().await?;
    }
    let pool = authority.store.pool();
    Ok(CertificateRow::of_application(pool, &application.id).await?)
}

/// Whether certificates are to be made on these requests; if not, they were.
///
/// # Errors
/// There are others on other requests, or it is not the time for any.
fn outstanding(application: &Application, requests: &[Request], now: i64) -> Result<bool, Problem> {
    due(application, now)?;
    if !matches!(
        application.state,
        Standing::Approved | Standing::Keys | Standing::GeneratedCertificate
    ) {
        return Err(submission::wrong_state(application));
    }
    let mut outstanding = false;
    for request in requests {
        if !application.roles().contains(&request.role) {
            let detail = format!("{}: the application is not about it", request.role);
            return Err(Problem::new(Code::RequestInvalid).detail(detail));
        }
        match application.request(request.role) {
            None => outstanding = true,
            Some(hash) if *hash == sha256(&request.der) => {}
            Some(_) => return Err(Code::RequestsDiffer.into()),
        }
    }
    Ok(outstanding)
}

/// Enters what was made, and the application's new state.
async fn enter(
    transaction: &mut Transaction,
    application: &mut Application,
    operation: &mut Operation,
    new: &[New],
    now: i64,
) -> Result<(), Problem> {
    let damaged = || {
        internal(StoreError::Damaged {
            table: "applications",
        })
    };
    let of = Of {
        identifier: application.identifier.as_deref().ok_or_else(damaged)?,
        carrier: application.carrier.as_deref().ok_or_else(damaged)?,
        application: &application.id,
        actor: match application.kind {
            Kind::Issue => Actor::Officer,
            Kind::Renew => Actor::Holder,
        },
    };
    let mut serials = Vec::new();
    for new in new {
        let request = match new.role {
            Role::Identification => &mut application.identification_request,
            Role::Signing => &mut application.signing_request,
        };
        if request.is_some() {
            continue;
        }
        *request = Some(new.request.clone());
        if !certificates::enter(transaction, new, &of, now).await? {
            return Err(Code::KeySeenBefore.into());
        }
        serials.push(new.serial.as_str());
    }
    operation.set("certificates", serials);
    let mut roles = application.roles().iter();
    if roles.all(|role| application.request(*role).is_some()) {
        application.state = super::after(application, Event::Certified)?;
    }
    Ok(application.update(transaction).await?)
}

/// Checks the requests and makes the certificates; nothing is entered yet.
async fn make(
    authority: &Authority,
    application: &Application,
    requests: &[Request],
) -> Result<Vec<New>, Problem> {
    let names = submission::names(authority, application)
        .await?
        .ok_or_else(|| submission::wrong_state(application))?;
    let holder = holder(&names)?;
    let mut keys = Vec::new();
    for request in requests {
        let key = check(authority, request, &holder)?;
        keys.push((request.role, key, sha256(&request.der)));
    }
    let authority = authority.clone();
    let made = tokio::task::spawn_blocking(move || {
        let made = keys.into_iter().map(|(role, key, request)| {
            let mut new = sign(&authority, role, &holder, &key)?;
            new.request = request;
            Ok(new)
        });
        made.collect()
    });
    made.await.map_err(internal)?
}

fn holder(names: &HolderNames) -> Result<HolderSubject, Problem> {
    let cyrillic = self::names(Names::cyrillic, &names.cyrillic).map_err(internal)?;
    let latin = self::names(Names::latin, &names.latin).map_err(internal)?;
    HolderSubject::new(names.identifier, &names.country, cyrillic, latin).map_err(internal)
}

/// Reads a request and checks it: signature, subject, kind and quality of the key.
fn check(
    authority: &Authority,
    request: &Request,
    holder: &HolderSubject,
) -> Result<PublicKey, Problem> {
    let role = request.role;
    let fault = |fault: RequestFault| {
        let code = match &fault {
            RequestFault::Subject { .. } | RequestFault::UnexpectedInSubject { .. } => {
                Code::RequestSubjectDiffers
            }
            RequestFault::Key(_) => Code::KeyUnfit,
            _ => Code::RequestInvalid,
        };
        Problem::new(code).detail(format!("{role}: {fault}"))
    };
    let read = CertificationRequest::read(&request.der).map_err(fault)?;
    read.is_for(&holder.subject()).map_err(fault)?;
    let key = read.public_key();
    if !authority.config.issuing.certifies(key.algorithm()) {
        let kind = key.algorithm();
        let detail = format!("{role}: keys of the kind {kind} are not certified");
        return Err(Problem::new(Code::KeyUnfit).detail(detail));
    }
    Ok(key.clone())
}

fn sign(
    authority: &Authority,
    role: Role,
    holder: &HolderSubject,
    key: &PublicKey,
) -> Result<New, Problem> {
    let issuer = &authority.keys.issuer;
    let profile = match role {
        Role::Identification => Profile::Identification(holder),
        Role::Signing => Profile::Signing(holder),
    };
    let mut random = [0; SERIAL];
    getrandom::fill(&mut random).map_err(internal)?;
    let serial = SerialNumber::from_random(random);
    let now = clock::time(clock::now());
    let period = Duration::seconds(authority.config.issuing.validity_seconds.into());
    let not_after = (now + period).min(issuer.certificate().not_after());
    let not_before = (now - CLOCKS_DIFFER).max(issuer.certificate().not_before());
    let validity = Validity::new(not_before, not_after).map_err(internal)?;
    let certificate = issuer
        .issue(&profile, key, serial, validity)
        .map_err(internal)?;
    Ok(New {
        serial: serial.to_string(),
        role,
        der: certificate.der().to_vec(),
        fingerprint: fingerprint(certificate.der()),
        key_hash: sha256(key.spki_der()),
        request: String::new(),
        not_before: clock::millis(validity.not_before()),
        not_after: clock::millis(validity.not_after()),
    })
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
