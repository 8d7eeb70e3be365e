//! One HTTP/1.1 request over one TLS connection: a key that signs once needs to know that there
//! is no second one. No cookies, no proxy, no retry.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use lichna_ipc::Failure;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::Url;

/// Most bytes of a body that are kept.
pub const LONGEST_BODY: usize = 256 * 1024;
/// How long TCP may take.
const DIALLING: Duration = Duration::from_secs(15);
/// How long the handshake may take, the card's signature in it.
const HANDSHAKE: Duration = Duration::from_secs(45);
/// How long an answer may take.
const ANSWERING: Duration = Duration::from_secs(60);
/// Most redirections that are followed.
const MOST_REDIRECTS: usize = 10;

/// Why there is no answer.
pub enum HttpError {
    /// It took too long.
    Timeout,
    /// The server cannot be reached any more.
    Unreachable(io::Error),
    /// The connection failed; TLS may know why.
    Failed(Box<dyn StdError + Send + Sync>),
    /// Another server is meant.
    Elsewhere(Failure),
}

/// What the server answered.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Type of the body.
    pub content_type: Option<String>,
    /// The body, at most [`LONGEST_BODY`].
    pub body: Vec<u8>,
    /// There was more of it.
    pub cut: bool,
}

/// An address that a login may go to.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address.
    pub url: Url,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Target {
    /// Reads an `https` address.
    ///
    /// # Errors
    /// [`Failure::UrlInvalid`].
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = || Failure::UrlInvalid {
            url: text.chars().take(200).collect(),
        };
        let url = Url::parse(text).map_err(|_| invalid())?;
        let plain = url.username().is_empty() && url.password().is_none();
        match (url.scheme(), url.host_str(), url.port_or_known_default()) {
            ("https", Some(host), Some(port)) if plain => Ok(Self {
                host: host.to_owned(),
                port,
                url,
            }),
            _ => Err(invalid()),
        }
    }
}

/// A connection after its handshake.
pub struct Open {
    requests: SendRequest<Empty<Bytes>>,
    driver: JoinHandle<hyper::Result<()>>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Opens the connection: TCP and the whole handshake.
///
/// # Errors
/// [`HttpError`].
pub async fn open(
    target: &Target,
    name: ServerName<'static>,
    config: ClientConfig,
) -> Result<Open, HttpError> {
    let tls = dial(target, name, config).await?;
    let (requests, connection) = http1::handshake(TokioIo::new(tls))
        .await
        .map_err(|error| HttpError::Failed(error.into()))?;
    let driver = tokio::spawn(connection);
    Ok(Open { requests, driver })
}

/// The same without HTTP: TCP and the whole handshake.
///
/// # Errors
/// [`HttpError`].
pub async fn dial(
    target: &Target,
    name: ServerName<'static>,
    config: ClientConfig,
) -> Result<TlsStream<TcpStream>, HttpError> {
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let tcp = timeout(DIALLING, TcpStream::connect((host, target.port)));
    let tcp = tcp.await.map_err(|_| HttpError::Timeout)?;
    let tcp = tcp.map_err(HttpError::Unreachable)?;
    // Without it, a handshake of small messages waits for acknowledgements.
    tcp.set_nodelay(true).map_err(HttpError::Unreachable)?;
    let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp);
    let tls = timeout(HANDSHAKE, tls)
        .await
        .map_err(|_| HttpError::Timeout)?;
    tls.map_err(|error| HttpError::Failed(error.into()))
}

impl Open {
    /// GET, and the redirections that stay on this server.
    ///
    /// # Errors
    /// [`HttpError`].
    pub async fn get(&mut self, target: &Target) -> Result<Answer, HttpError> {
        let mut url = target.url.clone();
        for _ in 0..MOST_REDIRECTS {
            let answered = timeout(ANSWERING, self.once(&url)).await;
            let (answer, next) = answered.map_err(|_| HttpError::Timeout)??;
            match next {
                // A server that redirects and hangs up has answered: there is no second signature.
                Some(next) if self.requests.ready().await.is_ok() => url = next,
                _ => return Ok(answer),
            }
        }
        Err(HttpError::Elsewhere(Failure::RedirectElsewhere {
            host: target.host.clone(),
            target: url.into(),
        }))
    }

    async fn once(&mut self, url: &Url) -> Result<(Answer, Option<Url>), HttpError> {
        let request = request(url).map_err(|error| HttpError::Failed(error.into()))?;
        let response = match self.requests.send_request(request).await {
            Ok(response) => response,
            Err(error) => return Err(self.why(error).await),
        };
        let next = redirection(url, &response)?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let (body, cut) = body(response.into_body()).await;
        let answer = Answer {
            status,
            content_type,
            body,
            cut,
        };
        Ok((answer, next))
    }
}

impl Open {
    /// Why a request was not answered. In TLS 1.3 a server may refuse a certificate after the
    /// handshake; then the connection has ended before the request, and knows why.
    async fn why(&mut self, error: hyper::Error) -> HttpError {
        let error = if error.is_canceled() {
            match (&mut self.driver).await {
                Ok(Err(reason)) => reason,
                Ok(Ok(())) | Err(_) => return closed(error),
            }
        } else {
            error
        };
        if error.is_incomplete_message() {
            return closed(error);
        }
        HttpError::Failed(error.into())
    }
}

/// The server hung up.
fn closed(error: hyper::Error) -> HttpError {
    HttpError::Failed(io::Error::new(io::ErrorKind::UnexpectedEof, error).into())
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>, hyper::http::Error> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Request::get(path)
        .header(HOST, host)
        .header(USER_AGENT, concat!("lichna/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*")
        .body(Empty::new())
}

/// Where the server sends us, if it does; only on this server.
fn redirection(from: &Url, response: &Response<Incoming>) -> Result<Option<Url>, HttpError> {
    let redirects = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = response.headers().get(LOCATION);
    let Some(location) = location.and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    if !redirects {
        return Ok(None);
    }
    match from.join(location) {
        Ok(next) if next.origin() == from.origin() => Ok(Some(next)),
        _ => Err(HttpError::Elsewhere(Failure::RedirectElsewhere {
            host: from.host_str().unwrap_or_default().to_owned(),
            target: location.chars().take(200).collect(),
        })),
    }
}

/// Reads a body, up to what is kept of it. One that breaks off is told as cut.
async fn body(mut incoming: Incoming) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(frame) = frame else {
            return (body, true);
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let left = LONGEST_BODY.saturating_sub(body.len());
        body.extend(data.iter().take(left));
        if data.len() > left {
            return (body, true);
        }
    }
    (body, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_addresses_only() {
        let target = Target::parse("https://eid.example/login?x=1").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("eid.example", 443));
        for bad in [
            "http://eid.example/",
            "eid.example",
            "https://user@eid.example/",
            "file:///x",
        ] {
            assert!(
                matches!(Target::parse(bad), Err(Failure::UrlInvalid { .. })),
                "{bad}"
            );
        }
    }
}
