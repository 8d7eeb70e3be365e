//! The revocation lists over HTTP: Req 5.4, 6.4.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sqlx::Row;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::memory::{Kind, List};
use crate::{
    Authority, clock,
    problem::{Code, Document, Problem},
};

/// The media type of a revocation list, RFC 2585 §4.2.
const MEDIA_TYPE: &str = "application/pkix-crl";
/// How long others may keep a list without asking whether there is a newer one: a full one is long
/// and asked for by many; a delta one is asked for by who wants to know what is new.
const FULL_KEPT: &str = "public, max-age=30, must-revalidate, no-transform";
const DELTA_KEPT: &str = "public, no-cache, no-transform";

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(full))
        .routes(routes!(delta))
}

/// The full revocation list, DER. `If-None-Match` and `If-Modified-Since` spare sending it again.
#[utoipa::path(get, path = "/crl/full.crl", tag = "status", responses(
    (status = 200, content_type = "application/pkix-crl", description = "DER"),
    (status = 304, description = "it is the one that the caller has"),
    (status = "default", body = Document)))]
async fn full(State(authority): State<Authority>, headers: HeaderMap) -> Result<Response, Problem> {
    let list = newest(&authority, Kind::Full).await?;
    Ok(answer(&list, FULL_KEPT, &headers))
}

/// The delta revocation list, DER: what changed since a full one.
#[utoipa::path(get, path = "/crl/delta.crl", tag = "status", responses(
    (status = 200, content_type = "application/pkix-crl", description = "DER"),
    (status = 304, description = "it is the one that the caller has"),
    (status = "default", body = Document)))]
async fn delta(
    State(authority): State<Authority>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let list = newest(&authority, Kind::Delta).await?;
    Ok(answer(&list, DELTA_KEPT, &headers))
}

async fn newest(authority: &Authority, kind: Kind) -> Result<Arc<List>, Problem> {
    const NUMBER: &str = "SELECT base_number, delta_number FROM crl_state WHERE id = 1";
    const READ: &str = "SELECT der, this_update FROM crls WHERE number = $1 AND kind = $2";
    let pool = authority.store.pool();
    // Another instance may replace the list between the two queries.
    for _ in 0..ATTEMPTS {
        let row = sqlx::query(NUMBER).fetch_one(pool).await?;
        let (column, text) = match kind {
            Kind::Full => (0, "full"),
            Kind::Delta => (1, "delta"),
        };
        let number: i64 = row.try_get(column)?;
        if let Some(list) = authority.status.list(kind, number) {
            return Ok(list);
        }
        let query = sqlx::query(READ).bind(number).bind(text);
        if let Some(row) = query.fetch_optional(pool).await? {
            let der: Vec<u8> = row.try_get(0)?;
            let list = Arc::new(List {
                number,
                der: der.into(),
                this_update: row.try_get(1)?,
            });
            authority.status.keep_list(kind, &list);
            return Ok(list);
        }
    }
    let detail = "there is no revocation list yet";
    Err(Problem::new(Code::Busy).detail(detail).retry_after(1))
}

fn answer(list: &List, kept: &'static str, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", list.number);
    let made = clock::time(list.this_update);
    let mut response = if is_known(asked, &tag, made) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))];
        (kind, list.der.clone()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    let made = made.format(HTTP_DATE).unwrap_or_default();
    for (name, value) in [(header::ETAG, tag), (header::LAST_MODIFIED, made)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Whether the caller has it: RFC 9110 §13.1.2 (which goes first) and §13.1.3.
fn is_known(asked: &HeaderMap, tag: &str, made: OffsetDateTime) -> bool {
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        let mut tags = tags.split(',').map(str::trim);
        return tags.any(|one| one == "*" || one.trim_start_matches("W/") == tag);
    }
    let since = text(header::IF_MODIFIED_SINCE)
        .and_then(|since| time::PrimitiveDateTime::parse(since, HTTP_DATE).ok());
    since.is_some_and(|since| made.unix_timestamp() <= since.assume_utc().unix_timestamp())
}

/// A date as HTTP has it: IMF-fixdate, RFC 9110 §5.6.7.
const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);
/// How often a list is looked for that was replaced meanwhile.
const ATTEMPTS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_has_is_not_sent_again() {
        let list = List {
            number: 7,
            der: vec![1, 2, 3].into(),
            this_update: 1_763_800_245_678,
        };
        let ask = |name, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            answer(&list, FULL_KEPT, &headers).status()
        };
        let sent = answer(&list, FULL_KEPT, &HeaderMap::new());
        assert_eq!(sent.status(), StatusCode::OK);
        let modified = sent.headers()[header::LAST_MODIFIED]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(modified, "Sat, 22 Nov 2025 08:30:45 GMT");

        let known = StatusCode::NOT_MODIFIED;
        assert_eq!(ask(header::IF_MODIFIED_SINCE, &modified), known);
        for tags in ["\"7\"", "W/\"7\"", "\"6\", \"7\"", "*"] {
            assert_eq!(ask(header::IF_NONE_MATCH, tags), known, "{tags}");
        }
        for tags in ["\"6\"", "7", "", "\"77\""] {
            assert_eq!(ask(header::IF_NONE_MATCH, tags), StatusCode::OK, "{tags}");
        }
        for since in ["Sat, 22 Nov 2025 08:30:44 GMT", "yesterday", ""] {
            assert_eq!(
                ask(header::IF_MODIFIED_SINCE, since),
                StatusCode::OK,
                "{since}"
            );
        }
    }
}
