//! What the operator's tools ask: metrics, health, readiness. On a listener of its own.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::{Authority, metrics};

pub(super) fn router(authority: &Authority) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(async || "alive\n"))
        .route("/ready", get(ready))
        .with_state(authority.clone())
}

async fn metrics(State(authority): State<Authority>) -> impl IntoResponse {
    let text = authority.metrics.encode();
    ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], text)
}

/// Ready: the store answers and the journal can be written.
async fn ready(State(authority): State<Authority>) -> impl IntoResponse {
    if let Err(error) = authority.store.ping().await {
        tracing::warn!(%error, "not ready");
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        );
    }
    match authority.journal.ask(|_| ()).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the journal cannot be written\n",
        ),
    }
}
