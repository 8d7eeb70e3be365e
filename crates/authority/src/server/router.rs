//! The routes of the API, put together, and the document that describes them.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{limits, published};
use crate::{
    Authority, holder, issuing, journal,
    problem::{self, Code, Problem},
    registers, status,
};

/// What stands above the routes in the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lichna authority",
        description = "Registers, issuing, status of certificates, and what holders ask for. \
            Failures are problem documents (RFC 9457) with a `code` that stays the same.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    components(schemas(problem::Document, Code))
)]
struct Head;

fn routes() -> OpenApiRouter<Authority> {
    OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(openapi))
        .merge(registers::router())
        .merge(journal::router())
        .merge(issuing::router())
        .merge(holder::router())
        .merge(signed())
}

/// What is signed itself, and so is served without TLS as well.
fn signed() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .merge(published::router())
        .merge(status::router())
}

/// The document alone.
pub fn document() -> Document {
    let mut document = routes().into_openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document
}

/// The API, over TLS, with more routes than every authority has.
pub fn api(authority: &Authority, more: OpenApiRouter<Authority>) -> Router {
    finish(routes().merge(more), authority)
}

/// What is served over plain HTTP.
pub(super) fn plain(authority: &Authority) -> Router {
    finish(signed(), authority)
}

fn finish(routes: OpenApiRouter<Authority>, authority: &Authority) -> Router {
    let (router, _) = routes.split_for_parts();
    let router = router
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed));
    limits::around(router, authority).with_state(authority.clone())
}

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "about",
    responses((status = 200, description = "OpenAPI 3.1")))]
async fn openapi(State(_): State<Authority>) -> Response {
    let body = document().to_json().unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], body).into_response()
}
