//! OCSP over HTTP, RFC 6960 appendix A: Req 6.4.
//!
//! Each answer is from the register as it is at that moment. An answer to a question without a
//! nonce is signed once and given again while the register says the same.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use lichna_pki::{
    CertificateId, CertificateStatus, OcspAnswer, OcspRefusal, OcspRequest, OcspResponder,
};
use sqlx::Row;
use time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::memory::Answer;
use crate::{
    Authority, clock,
    extract::{Bytes, Path, expect_media_type},
    problem::{Code, Document, Problem},
    registers::CertificateState,
    store::StoreError,
};

const REQUEST: &str = "application/ocsp-request";
const RESPONSE: &str = "application/ocsp-response";
/// How long others may keep an answer without asking again.
const KEPT: &str = "public, max-age=30, must-revalidate, no-transform";
/// base64 as it comes in an address, where `=` is often left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(post))
        .routes(routes!(get))
}

/// Answers a question in the body.
#[utoipa::path(post, path = "/ocsp", tag = "status",
    request_body(content_type = "application/ocsp-request", description = "OCSPRequest, DER"),
    responses(
        (status = 200, content_type = "application/ocsp-response", description = "OCSPResponse, DER"),
        (status = "default", body = Document)))]
async fn post(
    State(authority): State<Authority>,
    headers: HeaderMap,
    Bytes(body): Bytes,
) -> Result<Response, Problem> {
    expect_media_type(&headers, REQUEST)?;
    let (der, _) = answer(&authority, &body).await;
    Ok(response(der))
}

/// Answers a question in the address: its DER in base64, percent-encoded.
#[utoipa::path(get, path = "/ocsp/{*request}", tag = "status",
    params(("request" = String, Path, description = "OCSPRequest: DER in base64")),
    responses(
        (status = 200, content_type = "application/ocsp-response", description = "OCSPResponse, DER"),
        (status = "default", body = Document)))]
async fn get(State(authority): State<Authority>, Path(request): Path<String>) -> Response {
    let Ok(request) = BASE64.decode(request) else {
        return response(OcspRefusal::MalformedRequest.to_der().into());
    };
    let (der, lasts) = answer(&authority, &request).await;
    let mut response = response(der);
    if lasts {
        let kept = HeaderValue::from_static(KEPT);
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
    }
    response
}

fn response(der: axum::body::Bytes) -> Response {
    ([(header::CONTENT_TYPE, RESPONSE)], der).into_response()
}

/// The answer, and whether it is the same for everybody for a while.
async fn answer(authority: &Authority, request: &[u8]) -> (axum::body::Bytes, bool) {
    let Ok(request) = OcspRequest::read(request) else {
        return (OcspRefusal::MalformedRequest.to_der().into(), false);
    };
    let lasts = request.nonce().is_none();
    match signed(authority, &request).await {
        Ok(der) => (der, lasts),
        Err(problem) => {
            let refusal = match problem.code() {
                Code::Busy => OcspRefusal::TryLater,
                _ => OcspRefusal::InternalError,
            };
            (refusal.to_der().into(), false)
        }
    }
}

async fn signed(
    authority: &Authority,
    request: &OcspRequest,
) -> Result<axum::body::Bytes, Problem> {
    let now = clock::now();
    let valid = Duration::seconds(i64::from(authority.config.status.ocsp_valid_seconds));
    let mut answers = Vec::with_capacity(request.certificates().len());
    for id in request.certificates() {
        answers.push(OcspAnswer {
            id: id.clone(),
            status: status(authority, id).await?,
            this_update: clock::time(now),
            next_update: Some(clock::time(now) + valid),
        });
    }
    let one = match answers.as_slice() {
        [one] if request.nonce().is_none() => Some((one.id.clone(), one.status)),
        _ => None,
    };
    if let Some((id, status)) = &one {
        let half = i64::try_from(valid.whole_milliseconds() / 2).unwrap_or_default();
        if let Some(kept) = authority.status.answer(id, status, now - half) {
            return Ok(kept.der);
        }
    }
    let nonce = request.nonce().map(<[u8]>::to_vec);
    let der = sign(authority, answers, nonce, now).await?;
    if let Some((id, status)) = one {
        let answer = Answer {
            status,
            made_at: now,
            der: der.clone(),
        };
        authority.status.keep_answer(id, answer);
    }
    Ok(der)
}

/// What the register says at this moment.
async fn status(authority: &Authority, id: &CertificateId) -> Result<CertificateStatus, Problem> {
    const READ: &str = "SELECT state, revocation_reason, revoked_at, changed_at \
        FROM certificates WHERE serial = $1";
    let keys = &authority.keys;
    if !id.is_of(keys.issuer.certificate()) {
        return Ok(CertificateStatus::Unknown);
    }
    let query = sqlx::query(READ).bind(id.serial().to_string());
    let Some(row) = query.fetch_optional(authority.store.pool()).await? else {
        let is_own = keys.ocsp.certificate.serial_number() == Some(id.serial());
        return Ok(if is_own {
            CertificateStatus::Good
        } else {
            CertificateStatus::Unknown
        });
    };
    let state: String = row.try_get(0)?;
    let state = CertificateState::parse(&state).ok_or(StoreError::Damaged {
        table: "certificates",
    })?;
    let standing = super::standing(state, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    Ok(standing.map_or(CertificateStatus::Good, CertificateStatus::Revoked))
}

/// Signs on a thread where nobody waits: the key may be in a key store.
async fn sign(
    authority: &Authority,
    answers: Vec<OcspAnswer>,
    nonce: Option<Vec<u8>>,
    now: i64,
) -> Result<axum::body::Bytes, Problem> {
    let authority = authority.clone();
    let signing = tokio::task::spawn_blocking(move || {
        let responder = &authority.keys.ocsp;
        OcspResponder::new(&responder.certificate, &*responder.signer)?.answer(
            &answers,
            nonce.as_deref(),
            clock::time(now),
        )
    });
    let signed = signing.await.map_err(crate::problem::internal)?;
    Ok(signed.map_err(crate::problem::internal)?.into())
}
