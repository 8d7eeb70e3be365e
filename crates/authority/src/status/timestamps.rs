//! Timestamps, RFC 3161: for everybody over HTTP, and for the list of suspensions (Req 16.4).

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use lichna_pki::{
    HashName, MessageImprint, SerialNumber, TimestampAuthority, TimestampError, TimestampPolicy,
    TimestampRefusal, TimestampRequest,
};
use sha2::{Digest, Sha256};
use thiserror::Error;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    Authority, clock,
    extract::{Bytes, expect_media_type},
    keys::Identity,
    problem::{Document, Problem},
};

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

/// The rules of this timestamping authority: the time is the computer's, to the second; the serial
/// number is random; nothing is kept of what is stamped for others.
const POLICY: u128 = 0x7F14584E8F9C4435B98A560E7043B877;

/// Why there is no timestamp.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StampError {
    /// It was not signed.
    #[error("there is no timestamp: {0}")]
    Timestamp(#[from] TimestampError),
    /// The system has no random numbers for its serial number.
    #[error("there is no timestamp: the system has no random numbers")]
    NoRandomNumbers,
    /// The task that signed was stopped.
    #[error("there is no timestamp: the server stops")]
    Stopped,
}

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new().routes(routes!(answer))
}

/// A token over these bytes (their SHA-256), with the authority's certificate in it, DER.
///
/// # Errors
/// [`StampError`].
pub async fn stamp(authority: &Authority, bytes: &[u8]) -> Result<Vec<u8>, StampError> {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    signed(authority, move |identity| stamp_digest(identity, &digest)).await
}

/// The same of a SHA-256 that is known, by this timestamping unit, and on this thread.
///
/// # Errors
/// [`StampError`].
pub fn stamp_digest(unit: &Identity, digest: &[u8; 32]) -> Result<Vec<u8>, StampError> {
    // INVARIANT: the length of a SHA-256.
    let imprint = MessageImprint::new(HashName::Sha256, digest).map_err(|_| StampError::Stopped)?;
    let policy = policy();
    let stamping = TimestampAuthority::new(&unit.certificate, &*unit.signer, &policy)?;
    let request = TimestampRequest::new(imprint);
    Ok(stamping.stamp(&request, serial()?, clock::time(clock::now()))?)
}

/// Stamps what the request has the hash of.
#[utoipa::path(post, path = "/tsa", tag = "status",
    request_body(content_type = "application/timestamp-query", description = "TimeStampReq, DER"),
    responses(
        (status = 200, content_type = "application/timestamp-reply", description = "TimeStampResp, DER"),
        (status = "default", body = Document)))]
async fn answer(
    State(authority): State<Authority>,
    headers: HeaderMap,
    Bytes(body): Bytes,
) -> Result<Response, Problem> {
    expect_media_type(&headers, QUERY)?;
    let der = match TimestampRequest::read(&body) {
        Err(fault) => fault.refusal().to_der(),
        Ok(request) => {
            let answered = signed(&authority, move |unit| {
                let policy = policy();
                let answering = TimestampAuthority::new(&unit.certificate, &*unit.signer, &policy)?;
                Ok(answering.answer(&request, serial()?, clock::time(clock::now()))?)
            });
            answered.await.unwrap_or_else(|error| {
                tracing::error!(%error, "a timestamp was not made");
                TimestampRefusal::SystemFailure.to_der()
            })
        }
    };
    Ok(([(header::CONTENT_TYPE, REPLY)], der).into_response())
}

/// Signs on a thread where nobody waits: the key may be in a key store.
async fn signed(
    authority: &Authority,
    signing: impl FnOnce(&Identity) -> Result<Vec<u8>, StampError> + Send + 'static,
) -> Result<Vec<u8>, StampError> {
    let authority = authority.clone();
    let signing = tokio::task::spawn_blocking(move || signing(&authority.keys.tsa));
    signing.await.map_err(|_| StampError::Stopped)?
}

fn policy() -> TimestampPolicy {
    TimestampPolicy::from_uuid(Uuid::from_u128(POLICY))
}

/// 159 random bits: no two tokens of any instance have the same (RFC 3161 §2.4.2).
fn serial() -> Result<SerialNumber, StampError> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|_| StampError::NoRandomNumbers)?;
    bytes[0] &= 0x7F;
    SerialNumber::from_bytes(&bytes).map_err(|_| StampError::NoRandomNumbers)
}
