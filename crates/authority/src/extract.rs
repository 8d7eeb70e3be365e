//! Parts of a request, whose refusals are problems. What the caller wrote is not repeated in them.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::problem::{Code, Problem};

/// The media type of JSON.
const JSON: &str = "application/json";

/// A body in JSON, and an answer in it.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_media_type(request.headers(), JSON)?;
        let Bytes(body) = Bytes::from_request(request, state).await?;
        json(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A body in JSON that need not be there: without one, it is the default.
#[derive(Clone, Copy, Debug)]
pub struct Perhaps<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for Perhaps<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = expect_media_type(request.headers(), JSON);
        let Bytes(body) = Bytes::from_request(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        is_json?;
        json(&body).map(Self)
    }
}

/// A body as it is, of any media type.
#[derive(Clone, Debug)]
pub struct Bytes(pub axum::body::Bytes);

impl<S: Send + Sync> FromRequest<S> for Bytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // It is in memory already, and not too long (`crate::server`).
        let bytes = axum::body::Bytes::from_request(request, state).await;
        bytes.map(Self).map_err(|_| Code::BadRequest.into())
    }
}

/// Values in the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        // What cannot be the name of anything is the name of nothing.
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Code::NotFound.into())
    }
}

/// Values in the query.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|_| Problem::new(Code::BadRequest).detail("the query cannot be read"))
    }
}

/// The body is said to be of this media type, whatever its parameters.
///
/// # Errors
/// [`Code::UnsupportedMediaType`].
pub fn expect_media_type(headers: &HeaderMap, expected: &'static str) -> Result<(), Problem> {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next());
    if kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected)) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail(expected))
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    // These name a field of ours; other texts of the parser repeat what it has read.
    let what = if text.starts_with("missing field") {
        text.split(" at line").next().unwrap_or_default().to_owned()
    } else if text.starts_with("unknown field") {
        "unknown field".to_owned()
    } else if error.is_data() {
        "a value of the wrong kind".to_owned()
    } else {
        "no JSON".to_owned()
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    Problem::new(Code::BadRequest).detail(format!("{what}, {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[allow(dead_code, reason = "it is there to be missed")]
        number: u8,
    }

    #[test]
    fn a_fault_in_json_is_named_without_what_was_written() {
        for (text, expected) in [
            ("{}", "missing field `number`"),
            (r#"{"8506258485": 1}"#, "unknown field"),
            (r#"{"number": "8506258485"}"#, "a value of the wrong kind"),
            (r#"{"number" 8506258485}"#, "no JSON"),
            ("8506258485", "a value of the wrong kind"),
        ] {
            let error = serde_json::from_str::<Thing>(text).unwrap_err();
            let document = serde_json::to_string(&unreadable(&error).document()).unwrap();
            assert!(document.contains(expected), "{document}");
            assert!(!document.contains("8506258485"), "{document}");
        }
    }
}
