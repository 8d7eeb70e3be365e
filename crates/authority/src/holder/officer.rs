//! What an officer does for a holder: suspend for one who calls, resume for one who stands before
//! him. Req 18.3, 26.1.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use zeroize::Zeroizing;

use super::{telephone, view::Certificates};
use crate::{
    Authority, Caller,
    extract::Json,
    journal::Operation,
    problem::{Code, Document, Problem},
    registers::{NumberKind, PersonRow},
    status::{
        rules::{Action, Actor},
        strike::{Asked, Target},
        suspension::{self, Order},
        text::{self, Reason},
    },
};

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(suspend))
        .routes(routes!(resume))
}

/// Whom it is about: by number, or by identifier.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Person {
    /// What kind of number.
    #[serde(default)]
    kind: Option<NumberKind>,
    /// The personal number.
    #[serde(default, deserialize_with = "wiped")]
    #[schema(value_type = Option<String>)]
    number: Option<Zeroizing<String>>,
    /// Or the electronic identifier.
    #[serde(default)]
    identifier: Option<String>,
}

/// What is to be suspended, and for whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfficerSuspending {
    /// Who calls.
    person: Person,
    /// What the person agreed on when applying.
    #[serde(deserialize_with = "wiped")]
    #[schema(value_type = String)]
    telephone_password: Option<Zeroizing<String>>,
    /// Serial number of the certificate; without it, all that the person has.
    #[serde(default)]
    serial: Option<String>,
    /// The card is lost: everything on it, and only an officer resumes it.
    #[serde(default)]
    lost: bool,
    /// Why: 1 to 200 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// What is to be resumed, and for whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfficerResuming {
    /// Who stands before the officer.
    person: Person,
    /// The officer has checked the person's identity: it must be true.
    appeared: bool,
    /// Serial number of the certificate; without it, all that are suspended.
    #[serde(default)]
    serial: Option<String>,
    /// Why: 1 to 200 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Suspends for a person who calls, and says the password that was agreed on.
#[utoipa::path(post, path = "/v1/officer/suspensions", tag = "officer",
    request_body = OfficerSuspending,
    responses((status = 200, body = Certificates), (status = "default", body = Document)))]
async fn suspend(
    State(authority): State<Authority>,
    caller: Caller,
    Json(suspending): Json<OfficerSuspending>,
) -> Result<Json<Certificates>, Problem> {
    let mut operation = Operation::new(Action::Suspend.operation(), &caller);
    let suspended = async {
        let (_, administrator) = caller.officer()?;
        operation.set("way", "telephone");
        let person = suspending.person.find(&authority).await?;
        operation.set_about(&person.identifier);
        let wanted = Wanted {
            action: Action::Suspend,
            serial: suspending.serial.as_deref(),
            lost: suspending.lost,
            reason: suspending.reason.as_deref(),
            said: Some(
                suspending
                    .telephone_password
                    .ok_or(Code::WrongTelephonePassword)?,
            ),
        };
        wanted
            .carry_out(&authority, &mut operation, &person, &administrator.id)
            .await
    };
    let suspended = suspended.await;
    operation.finish(&authority, suspended).await.map(Json)
}

/// Resumes for a person who has appeared: also what was suspended because the card was lost.
#[utoipa::path(post, path = "/v1/officer/resumptions", tag = "officer",
    request_body = OfficerResuming,
    responses((status = 200, body = Certificates), (status = "default", body = Document)))]
async fn resume(
    State(authority): State<Authority>,
    caller: Caller,
    Json(resuming): Json<OfficerResuming>,
) -> Result<Json<Certificates>, Problem> {
    let mut operation = Operation::new(Action::Resume.operation(), &caller);
    let resumed = async {
        let (_, administrator) = caller.officer()?;
        if !resuming.appeared {
            let detail = "the person has to appear before an officer";
            return Err(Problem::new(Code::InvalidValue).detail(detail));
        }
        operation.set("way", "appeared");
        let person = resuming.person.find(&authority).await?;
        operation.set_about(&person.identifier);
        let wanted = Wanted {
            action: Action::Resume,
            serial: resuming.serial.as_deref(),
            lost: false,
            reason: resuming.reason.as_deref(),
            said: None,
        };
        wanted
            .carry_out(&authority, &mut operation, &person, &administrator.id)
            .await
    };
    let resumed = resumed.await;
    operation.finish(&authority, resumed).await.map(Json)
}

/// What an officer asks for.
struct Wanted<'a> {
    action: Action,
    serial: Option<&'a str>,
    lost: bool,
    reason: Option<&'a str>,
    /// The password of a person who is not there.
    said: Option<Zeroizing<String>>,
}

impl Wanted<'_> {
    async fn carry_out(
        self,
        authority: &Authority,
        operation: &mut Operation,
        person: &PersonRow,
        administrator: &str,
    ) -> Result<Certificates, Problem> {
        let identifier = &person.identifier;
        let serial = self.serial.map(text::serial).transpose()?;
        let order = Order {
            identifier,
            asked: Asked {
                action: self.action,
                target: serial.as_deref().map_or(Target::All, Target::Serial),
                lost: self.lost,
                actor: Actor::Officer,
            },
            reason: self.reason.map(Reason::parse).transpose()?,
            administrator: Some(administrator),
        };
        order.note(operation);
        operation.set("identifier", identifier.as_str());
        if let Some(said) = self.said {
            // An officer who may not do it anyway has no try at the password.
            suspension::check_administrator(authority, &order).await?;
            telephone::check(authority, person, said).await?;
        }
        let mut serials = suspension::carry_out(authority, operation, &order).await?;
        serials.extend(serial);
        Certificates::among(authority, identifier, &serials).await
    }
}

/// A text that is wiped after use.
fn wiped<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::<String>::deserialize(given).map(|text| text.map(Zeroizing::new))
}

impl Person {
    async fn find(&self, authority: &Authority) -> Result<PersonRow, Problem> {
        let pool = authority.store.pool();
        let found = match (self.kind, &self.number, &self.identifier) {
            (Some(kind), Some(number), None) => {
                PersonRow::by_number(pool, &authority.vault, kind, number).await?
            }
            (None, None, Some(identifier)) => {
                PersonRow::by_identifier(pool, &text::identifier(identifier)?).await?
            }
            _ => {
                let detail = "a person is named by kind and number, or by identifier";
                return Err(Problem::new(Code::InvalidValue).detail(detail));
            }
        };
        let detail = "no such person is registered";
        found.ok_or_else(|| Problem::new(Code::NotFound).detail(detail))
    }
}
