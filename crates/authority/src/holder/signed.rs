//! What a holder asks for with his signature: Req 18.2, 18.3. No certificate is needed in the
//! connection, for the one that identifies may be suspended.

use axum::extract::{FromRequest, Request as HttpRequest, State};
use lichna_pki::{Certificate as X509, MessageFault, SignedMessage, SignerName};
use serde::{Deserialize, de::DeserializeOwned};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{nonces, view::Certificates};
use crate::{
    Authority, clock,
    extract::{Bytes, Json, expect_media_type},
    journal::{Actor as Who, Operation},
    problem::{Code, Document, Problem, internal},
    registers::{CertificateRow, CertificateState, Role},
    status::{
        rules::{Action, Actor},
        strike::{Asked, Target},
        suspension::{self, Order},
        text::{self, Reason},
    },
};

/// RFC 5652 has it registered: a ContentInfo in DER.
const MEDIA_TYPE: &str = "application/cms";
/// A request has a few hundred bytes, its signature and a chain of certificates some thousand.
const LONGEST: usize = 32 * 1024;

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new().routes(routes!(request))
}

/// What is signed, in JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignedRequest {
    /// What is asked for.
    action: Action,
    /// Serial number of the certificate that is meant, one of the signer's.
    serial: String,
    /// Why: 1 to 200 characters.
    #[serde(default)]
    reason: Option<String>,
    /// The card is lost: all its certificates are meant.
    #[serde(default)]
    lost: bool,
    /// When it was signed: no more than five minutes from the authority's time.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String)]
    time: OffsetDateTime,
    /// 16 to 64 random bytes, hexadecimal: a request is taken once.
    #[serde(with = "hex::serde")]
    #[schema(value_type = String)]
    nonce: Vec<u8>,
}

/// What is signed to renew the identification certificate on the signer's card, in JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalRequest {
    /// What is asked for.
    #[allow(dead_code, reason = "there is one; what is signed says so")]
    action: Renewing,
    /// As in a `SignedRequest`.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String)]
    time: OffsetDateTime,
    /// As in a `SignedRequest`.
    #[serde(with = "hex::serde")]
    #[schema(value_type = String)]
    nonce: Vec<u8>,
}

/// That and nothing else.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Renewing {
    /// Renew.
    Renew,
}

/// What keeps a signed request from being sent again by whoever has kept it.
pub trait Once {
    /// When it was signed.
    fn time(&self) -> OffsetDateTime;
    /// Bytes that no other has.
    fn nonce(&self) -> &[u8];
}

impl Once for SignedRequest {
    fn time(&self) -> OffsetDateTime {
        self.time
    }

    fn nonce(&self) -> &[u8] {
        &self.nonce
    }
}

impl Once for RenewalRequest {
    fn time(&self) -> OffsetDateTime {
        self.time
    }

    fn nonce(&self) -> &[u8] {
        &self.nonce
    }
}

/// Suspends, resumes or revokes on a signed request: CMS SignedData (RFC 5652) with a
/// `SignedRequest` in it, signed by the holder's signing certificate. When this is answered, a
/// revocation list says so.
#[utoipa::path(post, path = "/v1/requests", tag = "holder",
    request_body(content = SignedRequest, content_type = "application/cms",
        description = "CMS SignedData, DER; the content is this in JSON"),
    responses((status = 200, body = Certificates), (status = "default", body = Document)))]
async fn request(
    State(authority): State<Authority>,
    Signed(verified): Signed<SignedRequest>,
) -> Result<Json<Certificates>, Problem> {
    let kind = verified.request.action.operation();
    let mut operation = Operation::by(kind, Who::new("signer", &verified.signer.serial));
    let done = verified.carry_out(&authority, &mut operation).await;
    operation.finish(&authority, done).await.map(Json)
}

/// A body that is a signed request.
pub struct Signed<R>(pub Verified<R>);

impl<R: DeserializeOwned + Send> FromRequest<Authority> for Signed<R> {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, authority: &Authority) -> Result<Self, Problem> {
        expect_media_type(request.headers(), MEDIA_TYPE)?;
        let Bytes(body) = Bytes::from_request(request, authority).await?;
        match Verified::read(authority, &body).await {
            Ok(verified) => Ok(Self(verified)),
            Err((serial, problem)) => {
                // Who it says it is from is not proved; it is noted as a claim.
                let claimed = serial.as_deref().unwrap_or("unknown");
                let actor = Who::new("claimed-signer", claimed);
                let operation = Operation::by("request.refused", actor);
                operation.finish(authority, Err(problem)).await
            }
        }
    }
}

/// A request that was signed by the holder of this certificate. Whether it is taken is another
/// question: [`Verified::accept`].
pub struct Verified<R> {
    /// The certificate.
    pub signer: CertificateRow,
    request: R,
}

impl<R: DeserializeOwned> Verified<R> {
    /// Reads and verifies it; a failure comes with the serial number of who is said to have signed.
    async fn read(authority: &Authority, body: &[u8]) -> Result<Self, (Option<String>, Problem)> {
        let wrong =
            |fault: &MessageFault| Problem::new(Code::SignatureWrong).detail(fault.to_string());
        if body.len() > LONGEST {
            return Err((None, Code::TooLarge.into()));
        }
        let message = SignedMessage::read(body).map_err(|fault| (None, wrong(&fault)))?;
        let SignerName::Serial { serial, .. } = message.signer() else {
            let detail = "the signer is not named by authority and serial number";
            return Err((None, Problem::new(Code::SignatureWrong).detail(detail)));
        };
        let serial = serial.to_string();
        let read = async {
            let signer = CertificateRow::by_serial(authority.store.pool(), &serial).await?;
            let signer = signer.ok_or_else(|| {
                let detail = "the signer's certificate is in no register";
                Problem::new(Code::SignatureWrong).detail(detail)
            })?;
            let certificate = X509::parse(&signer.der).map_err(internal)?;
            let message = message
                .verify(&certificate)
                .map_err(|fault| wrong(&fault))?;
            let request = serde_json::from_slice(&message.content).map_err(|_| {
                let detail = "what is signed is no request in JSON";
                Problem::new(Code::BadRequest).detail(detail)
            })?;
            Ok(Self { signer, request })
        };
        read.await.map_err(|problem| (Some(serial), problem))
    }
}

impl<R: Once> Verified<R> {
    /// Takes it, once: its signer may sign, and did so at this moment.
    ///
    /// # Errors
    /// Why it is not taken, now or ever.
    pub async fn accept(&self, authority: &Authority, now: i64) -> Result<(), Problem> {
        self.check_signer(now)?;
        let apart = clock::millis(self.request.time()).abs_diff(now);
        if apart > u64::from(authority.config.holder.request_seconds) * 1000 {
            let detail = "its time is too far from the authority's: is the computer's clock right?";
            return Err(Problem::new(Code::RequestStale).detail(detail));
        }
        let nonce = self.request.nonce();
        if !(16..=64).contains(&nonce.len()) {
            let detail = "the nonce is 16 to 64 bytes";
            return Err(Problem::new(Code::InvalidValue).detail(detail));
        }
        nonces::take(authority, &self.signer.fingerprint, nonce, now).await
    }

    /// The signature binds the holder: it is by a signing certificate, in force at this moment.
    fn check_signer(&self, now: i64) -> Result<(), Problem> {
        let signer = &self.signer;
        if signer.role != Role::Signing {
            let detail = "the request is signed by a certificate that is not one for signatures";
            return Err(Problem::new(Code::CertificateWrongRole).detail(detail));
        }
        let problem = |code| Err(Problem::new(code).detail("the certificate that signed"));
        match signer.state {
            CertificateState::Active if now > signer.not_after || now < signer.not_before => {
                problem(Code::CertificateExpired)
            }
            CertificateState::Active => Ok(()),
            CertificateState::Signed => problem(Code::CertificatePending),
            CertificateState::Stopped => problem(Code::CertificateSuspended),
            CertificateState::Revoked | CertificateState::Failed => {
                problem(Code::CertificateRevoked)
            }
        }
    }
}

impl Verified<SignedRequest> {
    async fn carry_out(
        &self,
        authority: &Authority,
        operation: &mut Operation,
    ) -> Result<Certificates, Problem> {
        let request = &self.request;
        let serial = text::serial(&request.serial)?;
        operation.set_about(&serial);
        let identifier = &self.signer.identifier;
        operation.set("identifier", identifier.as_str());

        self.accept(authority, clock::now()).await?;

        // Somebody else's signature is good for nothing here, however valid it is.
        let meant = CertificateRow::by_serial(authority.store.pool(), &serial).await?;
        match meant {
            Some(meant) if meant.identifier == *identifier => {}
            Some(_) => {
                let detail = "the certificate is somebody else's";
                return Err(Problem::new(Code::NotPermitted).detail(detail));
            }
            None => return Err(Code::NotFound.into()),
        }
        let order = Order {
            identifier,
            asked: Asked {
                action: request.action,
                target: Target::Serial(&serial),
                lost: request.lost,
                actor: Actor::Holder,
            },
            reason: request.reason.as_deref().map(Reason::parse).transpose()?,
            administrator: None,
        };
        order.note(operation);
        let mut serials = suspension::carry_out(authority, operation, &order).await?;
        serials.push(serial.clone());
        Certificates::among(authority, identifier, &serials).await
    }
}
