//! What a caller is told when something cannot be done: problem documents, RFC 9457.

mod code;

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

pub use code::Code;

use crate::store::StoreError;

/// The media type of a problem document, RFC 9457 §6.1.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not carried out.
///
/// It never holds a personal number, a code, or the text of a query: it is shown to the caller and
/// its code is written to the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: Option<Cow<'static, str>>,
    retry_after: Option<u32>,
}

/// A problem document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// `urn:lichna:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What it is, in a few words; the same for every problem with this code.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What it is in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The code, which stays the same for ever.
    #[schema(value_type = Code)]
    code: &'static str,
}

impl Problem {
    /// A problem of this code, without a detail.
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            retry_after: None,
        }
    }

    /// The same with a sentence about this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with the time after which it is worth to ask again, in seconds.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Its code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The document.
    pub fn document(&self) -> Document {
        Document {
            kind: format!("urn:lichna:problem:{}", self.code),
            title: self.code.title(),
            status: self.status().as_u16(),
            detail: self.detail.as_deref().map(str::to_owned),
            code: self.code.text(),
        }
    }
}

impl Document {
    /// What it is, in a few words.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// What it is in this case.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// Something here failed, and the caller can do nothing about it: the log says what.
pub fn internal(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request failed");
    Problem::new(Code::Internal)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_busy() {
            tracing::warn!(%error, "the store is busy");
            return Self::new(Code::Busy).retry_after(1);
        }
        if error.is_unstorable() {
            return Self::new(Code::InvalidValue).detail("a text with characters that no text has");
        }
        internal(error)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.document()).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.code == Code::NotIdentified {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        // What the request's log line and the counters say of it.
        response.extensions_mut().insert(self.code);
        response
    }
}
