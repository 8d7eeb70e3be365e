//! The journal's checkpoints over HTTP: whoever keeps one can prove later whether its journal was
//! changed, and needs nobody's permission for that.

use axum::extract::State;
use base64::{Engine, prelude::BASE64_STANDARD};
use lichna_journal::JournalError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::checkpoints::latest;
use crate::{
    Authority,
    extract::{Json, Path, Query},
    problem::{Code, Document, Problem, internal},
};

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(checkpoints))
        .routes(routes!(consistency))
}

/// Checkpoints.
#[derive(Debug, Serialize, ToSchema)]
struct Checkpoints {
    /// The latest of each instance, as a line of JSON that is signed as it stands.
    checkpoints: Vec<String>,
    /// The public keys that they are signed with: SubjectPublicKeyInfo, DER in base64.
    keys: Vec<String>,
}

/// A proof that one checkpoint continues another.
#[derive(Debug, Serialize, ToSchema)]
struct Consistency {
    /// Whose journal it is.
    instance: String,
    /// The size of the older checkpoint.
    from: u64,
    /// The size of the newer one.
    to: u64,
    /// Hashes, RFC 9162 §2.1.4, in hexadecimal digits.
    proof: Vec<String>,
}

/// Which proof.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Sizes {
    /// The size of the older checkpoint.
    from: u64,
    /// The size of the newer one.
    to: u64,
}

/// The latest signed checkpoint of each instance's journal.
#[utoipa::path(get, path = "/v1/journal/checkpoints", tag = "journal",
    responses((status = 200, body = Checkpoints), (status = "default", body = Document)))]
async fn checkpoints(State(authority): State<Authority>) -> Result<Json<Checkpoints>, Problem> {
    let checkpoints = latest(&authority).await?;
    let key = authority.keys.journal.public_key().spki_der();
    Ok(Json(Checkpoints {
        checkpoints,
        keys: vec![BASE64_STANDARD.encode(key)],
    }))
}

/// The proof that a journal's newer checkpoint continues an older one; only the instance that
/// writes it has it.
#[utoipa::path(get, path = "/v1/journal/{instance}/consistency", tag = "journal",
    params(("instance" = String, Path, description = "The name of the instance"), Sizes),
    responses((status = 200, body = Consistency), (status = "default", body = Document)))]
async fn consistency(
    State(authority): State<Authority>,
    Path(instance): Path<String>,
    Query(Sizes { from, to }): Query<Sizes>,
) -> Result<Json<Consistency>, Problem> {
    if instance != authority.config.instance {
        return Err(Code::AnotherInstance.into());
    }
    let proof = authority
        .journal
        .ask(move |open| open.consistency(from, to));
    match proof.await.map_err(internal)? {
        Ok(hashes) => Ok(Json(Consistency {
            instance,
            from,
            to,
            proof: hashes.iter().map(hex::encode).collect(),
        })),
        Err(JournalError::NoSuchSize { .. }) => Err(Code::NotFound.into()),
        Err(error) => Err(internal(error)),
    }
}
