//! The desk of the sandbox: whoever comes with a practice card and its key is invited to have
//! certificates for somebody who does not exist.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::people;
use crate::{
    Authority,
    caller::fingerprint,
    clock,
    extract::{Json, Path},
    issuing::{Invitation, NewCode, Submission, another_code, invite},
    journal::{Actor, Operation},
    problem::{Code, Document, Problem, internal},
    registers::{AdministratorRow, CarrierRow, Scheme},
    server::RunError,
};

/// The administrator, whose officer each holder becomes: so a practice card can do all that there is
/// to do. It has no system of its own, only the certificate of the issuing authority.
const ADMINISTRATOR: &str = "Lichna practice";
/// A number that no company has: zeros, with the check digit that follows.
const EIK: &str = "000000000";
/// Characters of the longest number of a practice card.
const LONGEST_NUMBER: usize = 16;

/// A practice card, as whoever has it knows it. It has no `Debug`: the key is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PracticeCard {
    /// Its number.
    card: String,
    /// Its administrator's key, 64 hexadecimal digits.
    #[schema(value_type = String)]
    key: Zeroizing<String>,
}

/// The application, for whoever has the card.
#[derive(serde::Serialize, ToSchema)]
pub(super) struct Placed {
    /// Its id, a UUID.
    application: Uuid,
    /// Its code.
    code: String,
}

pub(super) fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(apply))
        .routes(routes!(code))
}

/// Enters the administrator, where there is none.
pub(super) async fn open(authority: &Authority) -> Result<(), RunError> {
    let pool = authority.store.pool();
    if !AdministratorRow::all(pool).await?.is_empty() {
        return Ok(());
    }
    let der = authority.keys.issuer.certificate().der().to_vec();
    let row = AdministratorRow {
        id: Uuid::new_v4().to_string(),
        name: ADMINISTRATOR.to_owned(),
        eik: EIK.to_owned(),
        fingerprint: fingerprint(&der),
        der,
        email: None,
        dpo: None,
        registered_at: clock::now(),
        ended_at: None,
    };
    Ok(row.insert(pool).await?)
}

/// Invites whoever has this practice card.
#[utoipa::path(post, path = "/practice/applications", tag = "practice",
    responses((status = 200, body = Placed),
        (status = "default", body = Document, content_type = "application/problem+json")))]
async fn apply(
    State(authority): State<Authority>,
    Json(card): Json<PracticeCard>,
) -> Result<Json<Placed>, Problem> {
    let mut operation = operation("practice.apply");
    let work = async {
        register(&authority, &card).await?;
        let invitation = Invitation {
            administrator: administrator(&authority).await?,
            submission: Submission {
                person: people::of(&card.card),
                card: card.card,
                telephone_password: None,
                appeared: true,
            },
        };
        let invited = invite(&authority, &mut operation, invitation).await?;
        Ok(Placed {
            application: invited.application,
            code: invited.code,
        })
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

/// Another code for such an application; the one before is good for nothing then.
#[utoipa::path(post, path = "/practice/applications/{id}/code", tag = "practice",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = NewCode),
        (status = "default", body = Document, content_type = "application/problem+json")))]
async fn code(
    State(authority): State<Authority>,
    Path(id): Path<Uuid>,
) -> Result<Json<NewCode>, Problem> {
    let operation = operation("practice.code").about(id);
    let work = async {
        let administrator = administrator(&authority).await?;
        another_code(&authority, &operation, id, &administrator).await
    };
    let result = work.await;
    operation.finish(&authority, result).await.map(Json)
}

fn operation(kind: &'static str) -> Operation {
    Operation::by(kind, Actor::new("practice", "desk"))
}

async fn administrator(authority: &Authority) -> Result<String, Problem> {
    let all = AdministratorRow::all(authority.store.pool()).await?;
    let first = all.into_iter().next();
    Ok(first.ok_or_else(|| internal("no administrator"))?.id)
}

/// Enters a card that is not known yet.
async fn register(authority: &Authority, card: &PracticeCard) -> Result<(), Problem> {
    let pool = authority.store.pool();
    if CarrierRow::by_number(pool, &card.card).await?.is_some() {
        return Ok(());
    }
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let number = &card.card;
    if !(1..=LONGEST_NUMBER).contains(&number.len()) || !number.chars().all(fits) {
        return Err(Problem::new(Code::InvalidValue).detail("card"));
    }
    let mut key = Zeroizing::new(vec![0; Scheme::Practice.key_length()]);
    let read = hex::decode_to_slice(card.key.as_bytes(), &mut key);
    read.map_err(|_| Problem::new(Code::InvalidValue).detail("key"))?;
    let row = CarrierRow::new(&authority.vault, Scheme::Practice, number, &key)?;
    match row.insert(pool).await {
        Err(error) if !error.is_unique_violation() => Err(error.into()),
        _ => Ok(()),
    }
}
