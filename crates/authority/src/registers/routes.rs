//! Look-ups in the registers over HTTP.

use utoipa_axum::router::OpenApiRouter;

use crate::Authority;

/// The look-ups.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
}
