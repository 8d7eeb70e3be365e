//! The service of the sandbox: a page behind a login with a card.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use lichna_pki::Certificate;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Authority, Caller,
    problem::{Problem, internal},
};

/// The page; `{name}` is whoever logged in.
const PAGE: &str = include_str!("page.html");

pub(super) fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new().routes(routes!(page))
}

/// Greets whoever logged in. Who has no certificate, or one that is not good, is refused.
#[utoipa::path(get, path = "/practice/", tag = "practice",
    responses((status = 200, content_type = "text/html")))]
async fn page(State(_): State<Authority>, caller: Caller) -> Result<Response, Problem> {
    let holder = caller.holder()?;
    let certificate = Certificate::parse(&holder.der).map_err(internal)?;
    let name = escaped(certificate.common_name().unwrap_or_default());
    Ok((StatusCode::OK, Html(PAGE.replace("{name}", &name))).into_response())
}

/// As text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
