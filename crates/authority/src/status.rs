//! The status of certificates: CRLs, OCSP, timestamps.

use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use crate::Authority;
use crate::server::Tasks;

/// The settings under `[status]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {}

/// What is kept in memory.
#[derive(Debug, Default)]
pub struct Memory {}

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
}

/// Starts what works in the background.
pub fn start(_authority: &Authority, _tasks: &mut Tasks) {}
