//! The authority's own certificates, where the certificates that it issues say they are.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Authority;

/// The media type of a certificate in DER, RFC 2585 §4.1.
const CERTIFICATE: &str = "application/pkix-cert";

pub(super) fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(root))
        .routes(routes!(issuing))
}

/// The root certificate, DER.
#[utoipa::path(get, path = "/ca/root.cer", tag = "status",
    responses((status = 200, content_type = "application/pkix-cert", description = "DER")))]
async fn root(State(authority): State<Authority>) -> impl IntoResponse {
    let der = authority.keys.root.der().to_vec();
    ([(header::CONTENT_TYPE, CERTIFICATE)], der)
}

/// The issuing authority's certificate, DER.
#[utoipa::path(get, path = "/ca/issuing.cer", tag = "status",
    responses((status = 200, content_type = "application/pkix-cert", description = "DER")))]
async fn issuing(State(authority): State<Authority>) -> impl IntoResponse {
    let der = authority.keys.issuer.certificate().der().to_vec();
    ([(header::CONTENT_TYPE, CERTIFICATE)], der)
}
