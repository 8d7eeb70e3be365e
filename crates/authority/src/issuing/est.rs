//! Enrolment over secure transport, RFC 7030: for clients that are not ours. The label `signing`
//! (§3.2.2) stands for the signing certificate; without it, it is the one for identification.
//!
//! `simpleenroll` wants HTTP Basic with the application's id and code; `simplereenroll` the
//! certificate that is renewed, and begins the renewal where there is none. What is issued is good
//! for its confirmation alone (`POST /v1/confirmation`), once both are there.

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use der::{
    Any, Encode,
    asn1::{ObjectIdentifier, SetOfVec, UintRef},
};
use lichna_pki::{Certificate, bundle};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    access::{ApplicationCode, opens},
    certification::{self, Request},
    record::Application,
    renewal::{self, Which},
    settings::KeyKind,
    submission,
};
use crate::{
    Authority, Caller, Problem,
    extract::{Bytes, expect_media_type},
    journal::{Actor, Operation},
    problem::{Code, internal},
    registers::Role,
};

/// Media types of RFC 7030 §3.2.4.
const CERTIFICATES: &str = "application/pkcs7-mime; smime-type=certs-only";
const CERTIFICATES_OF_AUTHORITY: &str = "application/pkcs7-mime";
const ATTRIBUTES: &str = "application/csrattrs";
const REQUEST: &str = "application/pkcs10";

/// What a client that showed nothing is asked for.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"applications\"");

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(authority_certificates))
        .routes(routes!(signing_authority_certificates))
        .routes(routes!(attributes))
        .routes(routes!(signing_attributes))
        .routes(routes!(enroll))
        .routes(routes!(signing_enroll))
        .routes(routes!(reenroll))
        .routes(routes!(signing_reenroll))
}

/// The authority's certificates, RFC 7030 §4.1.
#[utoipa::path(get, path = "/.well-known/est/cacerts", tag = "EST",
    responses((status = 200, content_type = "application/pkcs7-mime")))]
async fn authority_certificates(State(authority): State<Authority>) -> Result<Response, Problem> {
    let keys = &authority.keys;
    let all = [keys.root.clone(), keys.issuer.certificate().clone()];
    bundled(&all, CERTIFICATES_OF_AUTHORITY)
}

/// The same.
#[utoipa::path(get, path = "/.well-known/est/signing/cacerts", tag = "EST",
    responses((status = 200, content_type = "application/pkcs7-mime")))]
async fn signing_authority_certificates(state: State<Authority>) -> Result<Response, Problem> {
    authority_certificates(state).await
}

/// Which keys are certified, RFC 7030 §4.5.
#[utoipa::path(get, path = "/.well-known/est/csrattrs", tag = "EST",
    responses((status = 200, content_type = "application/csrattrs")))]
async fn attributes(State(authority): State<Authority>) -> Result<Response, Problem> {
    let kinds = &authority.config.issuing.key_algorithms;
    let der = request_attributes(kinds).map_err(internal)?;
    Ok(encoded(&der, ATTRIBUTES))
}

/// The same.
#[utoipa::path(get, path = "/.well-known/est/signing/csrattrs", tag = "EST",
    responses((status = 200, content_type = "application/csrattrs")))]
async fn signing_attributes(state: State<Authority>) -> Result<Response, Problem> {
    attributes(state).await
}

/// The first certificate for identification, RFC 7030 §4.2.1.
#[utoipa::path(post, path = "/.well-known/est/simpleenroll", tag = "EST",
    request_body(content = String, content_type = "application/pkcs10"),
    responses((status = 200, content_type = "application/pkcs7-mime")))]
async fn enroll(
    State(authority): State<Authority>,
    basic: Basic,
    Pkcs10(der): Pkcs10,
) -> Result<Response, Problem> {
    let role = Role::Identification;
    enrolled(&authority, &basic, Request { role, der }).await
}

/// The first signing certificate, likewise.
#[utoipa::path(post, path = "/.well-known/est/signing/simpleenroll", tag = "EST",
    request_body(content = String, content_type = "application/pkcs10"),
    responses((status = 200, content_type = "application/pkcs7-mime")))]
async fn signing_enroll(
    State(authority): State<Authority>,
    basic: Basic,
    Pkcs10(der): Pkcs10,
) -> Result<Response, Problem> {
    let role = Role::Signing;
    enrolled(&authority, &basic, Request { role, der }).await
}

/// Another certificate for identification in the place of the connection's, RFC 7030 §4.2.2.
#[utoipa::path(post, path = "/.well-known/est/simplereenroll", tag = "EST",
    request_body(content = String, content_type = "application/pkcs10"),
    responses((status = 200, content_type = "application/pkcs7-mime")))]
async fn reenroll(
    State(authority): State<Authority>,
    caller: Caller,
    Pkcs10(der): Pkcs10,
) -> Result<Response, Problem> {
    let role = Role::Identification;
    reenrolled(&authority, &caller, Request { role, der }).await
}

/// Another signing certificate, likewise.
#[utoipa::path(post, path = "/.well-known/est/signing/simplereenroll", tag = "EST",
    request_body(content = String, content_type = "application/pkcs10"),
    responses((status = 200, content_type = "application/pkcs7-mime")))]
async fn signing_reenroll(
    State(authority): State<Authority>,
    caller: Caller,
    Pkcs10(der): Pkcs10,
) -> Result<Response, Problem> {
    let role = Role::Signing;
    reenrolled(&authority, &caller, Request { role, der }).await
}

async fn enrolled(
    authority: &Authority,
    basic: &Basic,
    request: Request,
) -> Result<Response, Problem> {
    let actor = Actor::new("application-code", basic.application);
    let mut operation = Operation::by("application.certify", actor).about(basic.application);
    let work = async {
        let application = submission::find(authority, basic.application).await?;
        opens(&application, &basic.code)?;
        issued(authority, &mut operation, &application, request).await
    };
    let result = work.await;
    operation.finish(authority, result).await
}

async fn reenrolled(
    authority: &Authority,
    caller: &Caller,
    request: Request,
) -> Result<Response, Problem> {
    let mut begin = Operation::new("renewal.begin", caller);
    let renewal = async {
        let certificate = caller.holder()?;
        renewal::open(authority, &mut begin, certificate, Which::Any).await
    };
    let renewal = renewal.await;
    let application = begin.finish(authority, renewal).await?;
    let mut operation = Operation::new("renewal.certify", caller).about(&application.id);
    let result = issued(authority, &mut operation, &application, request).await;
    operation.finish(authority, result).await
}

async fn issued(
    authority: &Authority,
    operation: &mut Operation,
    application: &Application,
    request: Request,
) -> Result<Response, Problem> {
    let role = request.role;
    let rows = certification::issue(authority, operation, application, &[request]).await?;
    let row = rows.iter().find(|row| row.role == role);
    let row = row.ok_or_else(|| internal("a certificate is missing"))?;
    let certificate = Certificate::parse(&row.der).map_err(internal)?;
    bundled(&[certificate], CERTIFICATES)
}

fn bundled(certificates: &[Certificate], kind: &'static str) -> Result<Response, Problem> {
    Ok(encoded(&bundle(certificates).map_err(internal)?, kind))
}

/// Everything is in base64, RFC 8951 §3.1.
fn encoded(der: &[u8], kind: &'static str) -> Response {
    let encoding = (
        header::HeaderName::from_static("content-transfer-encoding"),
        HeaderValue::from_static("base64"),
    );
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(kind));
    ([kind, encoding], STANDARD.encode(der)).into_response()
}

/// `CsrAttrs`, RFC 7030 §4.5.2: kinds of keys.
fn request_attributes(kinds: &[KeyKind]) -> der::Result<Vec<u8>> {
    let mut curves = SetOfVec::new();
    let mut lengths = SetOfVec::new();
    for kind in kinds {
        match kind {
            KeyKind::EcP256 => curves.insert(Any::encode_from(&P256)?)?,
            KeyKind::EcP384 => curves.insert(Any::encode_from(&P384)?)?,
            KeyKind::Rsa2048 => lengths.insert(length(2048)?)?,
            KeyKind::Rsa3072 => lengths.insert(length(3072)?)?,
            KeyKind::Rsa4096 => lengths.insert(length(4096)?)?,
        }
    }
    let mut all = Vec::new();
    for (kind, values) in [(EC_PUBLIC_KEY, curves), (RSA_ENCRYPTION, lengths)] {
        if !values.is_empty() {
            all.push(KeyAttribute { kind, values });
        }
    }
    all.to_der()
}

/// `Attribute`, RFC 5652 §5.3.
#[derive(der::Sequence)]
struct KeyAttribute {
    kind: ObjectIdentifier,
    values: SetOfVec<Any>,
}

fn length(bits: u16) -> der::Result<Any> {
    Any::encode_from(&UintRef::new(&bits.to_be_bytes())?)
}

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// `Authorization: Basic`, RFC 7617: an application's id and code.
struct Basic {
    application: Uuid,
    code: ApplicationCode,
}

impl FromRequestParts<Authority> for Basic {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, Response> {
        read_basic(&parts.headers).ok_or_else(|| {
            let mut response = Problem::new(Code::NotIdentified).into_response();
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, CHALLENGE);
            response
        })
    }
}

fn read_basic(headers: &HeaderMap) -> Option<Basic> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = zeroize::Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    let (name, code) = std::str::from_utf8(&text).ok()?.split_once(':')?;
    Some(Basic {
        application: Uuid::try_parse(name).ok()?,
        code: ApplicationCode::sent(code),
    })
}

/// A request in base64, RFC 7030 §4.2.1; blanks and ends of lines in it count for nothing.
struct Pkcs10(Vec<u8>);

impl<S: Send + Sync> axum::extract::FromRequest<S> for Pkcs10 {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Problem> {
        expect_media_type(request.headers(), REQUEST)?;
        let Bytes(body) = Bytes::from_request(request, state).await?;
        let text: Vec<u8> = body
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let der = STANDARD.decode(text);
        der.map(Self)
            .map_err(|_| Problem::new(Code::RequestInvalid).detail("it is not base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(value: &str) -> Option<Basic> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        read_basic(&headers)
    }

    #[test]
    fn reads_the_id_and_code_of_an_application_and_nothing_else() {
        let id = Uuid::from_u128(7);
        let sent = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let read = basic(&sent(&format!("{id}:code"))).unwrap();
        assert_eq!((read.application, read.code.as_str()), (id, "code"));
        for wrong in [
            sent("somebody:code"),
            sent(&id.to_string()),
            format!("Bearer {id}"),
            "Basic !".to_owned(),
        ] {
            assert!(basic(&wrong).is_none(), "{wrong}");
        }
    }
}
