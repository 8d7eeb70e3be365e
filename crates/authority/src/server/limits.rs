//! What stands around every route: a name for each request, its log line and its counters, limits
//! of rate, size and time, headers for security, and problems for everything that goes wrong.

use std::any::Any;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    Authority,
    caller::Peer,
    problem::{self, Code, Problem},
};

/// The name of a request, in its answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every answer. What is answered is data and never a page.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
];

/// How often somebody may ask: known by his address, and by his certificate as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Asking {
    Address(IpAddr),
    Certificate(String),
}

/// After so many requests, those who have not asked for a while are forgotten.
const FORGET: u32 = 4096;

#[derive(Clone)]
struct Around {
    authority: Authority,
    rates: Arc<DefaultKeyedRateLimiter<Asking>>,
    asked: Arc<AtomicU32>,
    longest: usize,
    time: Duration,
}

impl Around {
    /// Whether this is not one request too many.
    fn allows(&self, peer: &Peer) -> bool {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET == FORGET - 1 {
            self.rates.retain_recent();
        }
        let within = |asking| self.rates.check_key(&asking).is_ok();
        let by_certificate = match &peer.certificate {
            Some(certificate) => within(Asking::Certificate(certificate.fingerprint.clone())),
            None => true,
        };
        by_certificate && within(Asking::Address(peer.address))
    }
}

/// Puts it all around these routes.
pub(super) fn around(router: Router<Authority>, authority: &Authority) -> Router<Authority> {
    let limits = &authority.config.limits;
    let quota =
        Quota::per_second(limited(limits.requests_per_second)).allow_burst(limited(limits.burst));
    let around = Around {
        authority: authority.clone(),
        rates: Arc::new(RateLimiter::keyed(quota)),
        asked: Arc::default(),
        longest: limits.body,
        time: Duration::from_secs(limits.request_seconds),
    };
    router
        // Bodies arrive whole, and within the limit.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(around, each))
}

fn limited(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // What a panic says may be made of what the caller sent.
    problem::internal("a handler panicked").into_response()
}

/// How long a body that is not read is held.
const LINGER: Duration = Duration::from_secs(1);

async fn each(State(around): State<Around>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", |path| path.as_str()).to_owned();
    let peer = request.extensions().get::<Peer>().cloned();

    let response = if peer.is_none_or(|peer| around.allows(&peer)) {
        let answered = async {
            match whole(request, around.longest).await {
                Ok(request) => next.run(request).await,
                Err(problem) => problem.into_response(),
            }
        };
        match tokio::time::timeout(around.time, answered).await {
            Ok(response) => response,
            Err(_) => Problem::new(Code::TooSlow).into_response(),
        }
    } else {
        Problem::new(Code::TooMany).retry_after(1).into_response()
    };

    let mut response = as_problem(response);
    let status = response.status().as_u16();
    let code = response.extensions().get::<Code>().map(|code| code.text());
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    // What says nothing of the sort is not kept by anybody on the way.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let time = begun.elapsed();
    around
        .authority
        .metrics
        .request(method, &route, status, time);
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    // The route's pattern, never the path: names and numbers are in that.
    tracing::info!(id, method, route, status, code, micros, "request");
    response
}

/// The request with its body in memory. One that says that it is too long is refused unread. (An
/// answer that leaves before the body came confuses callers over HTTP/2.)
async fn whole(request: Request, longest: usize) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let announced = body.size_hint().lower();
    if usize::try_from(announced).is_ok_and(|bytes| bytes > longest) {
        // Were its stream reset at once, callers such as curl would not take notice of the answer.
        tokio::spawn(async move {
            tokio::time::sleep(LINGER).await;
            drop(body);
        });
    } else {
        match Limited::new(body, longest).collect().await {
            Ok(body) => return Ok(Request::from_parts(parts, body.to_bytes().into())),
            Err(error) if !error.is::<LengthLimitError>() => {
                return Err(Problem::new(Code::BadRequest).detail("the body did not arrive whole"));
            }
            Err(_) => {}
        }
    }
    Err(Code::TooLarge.into())
}

/// An answer of the framework's own, in plain text, becomes a problem.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.extensions().get::<Code>().is_some() {
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let code = match status {
        StatusCode::BAD_REQUEST => Code::BadRequest,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Code::TooSlow,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
        _ => return response,
    };
    if plain {
        let allow = response.headers().get(header::ALLOW).cloned();
        let mut problem = Problem::new(code).into_response();
        if let Some(allow) = allow {
            problem.headers_mut().insert(header::ALLOW, allow);
        }
        problem
    } else {
        response
    }
}

fn request_id() -> String {
    let mut id = [0; 8];
    // A request without a name of its own is carried out all the same.
    let _ = getrandom::fill(&mut id);
    hex::encode(id)
}

/// The method as a word of ours, for a caller can make up others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
