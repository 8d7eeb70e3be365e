//! Requests to the authority, any number of them over one TLS connection.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HOST, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use lichna_ipc::Failure;
use lichna_secret::Passphrase;
use lichna_tls::{CardKey, Observation, client_config, plain_config};
use serde::{Serialize, de::DeserializeOwned};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::{task::JoinHandle, time::timeout};

use super::{
    Introduced,
    problem::{self, About},
};
use crate::flows::{
    explained::{from_config, from_http},
    http::{self, HttpError},
    login_key::LoginKey,
};

/// Most bytes of an answer: a list of certificates, a history.
const LONGEST_ANSWER: usize = 1 << 20;
/// How long an answer may take.
const ANSWERING: Duration = Duration::from_secs(60);
/// What everybody may have.
const ANYTHING: &str = "/v1/public/places";
/// JSON, RFC 8259.
const JSON: &str = "application/json";

/// A request.
pub struct Call<'a> {
    method: Method,
    path: &'a str,
    body: Option<(&'static str, Vec<u8>)>,
    code: Option<HeaderValue>,
    about: About<'a>,
}

impl<'a> Call<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            body: None,
            code: None,
            about: About::default(),
        }
    }

    /// GET.
    pub fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path)
    }

    /// POST, without a body.
    pub fn post(path: &'a str) -> Self {
        Self::new(Method::POST, path)
    }

    /// PUT, without a body.
    pub fn put(path: &'a str) -> Self {
        Self::new(Method::PUT, path)
    }

    /// DELETE, without a body.
    pub fn delete(path: &'a str) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// The same with a body.
    ///
    /// # Errors
    /// None that happens: what is sent is made here.
    pub fn json(self, body: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_vec(body).map_err(|error| Failure::RequestInvalid {
            reason: error.to_string(),
        })?;
        Ok(self.bytes(JSON, json))
    }

    /// The same with a body of that type.
    pub fn bytes(self, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            body: Some((content_type, body)),
            ..self
        }
    }

    /// The same on the strength of an application's code.
    pub fn with_code(self, code: Option<&Code>) -> Self {
        Self {
            code: code.and_then(Code::bearer),
            ..self
        }
    }

    /// The same; a refusal is about this application and card.
    pub fn about(self, application: Option<&'a str>, card: Option<&'a str>) -> Self {
        Self {
            about: About {
                application,
                card,
                ..self.about
            },
            ..self
        }
    }

    /// The same; it is for an officer alone.
    pub fn of_officer(mut self) -> Self {
        self.about.officer = true;
        self
    }
}

/// The code of an application, in its locked page.
pub struct Code(Mutex<Passphrase>);

impl From<Passphrase> for Code {
    fn from(code: Passphrase) -> Self {
        Self(Mutex::new(code))
    }
}

impl Code {
    /// RFC 6750 §2.1.
    fn bearer(&self) -> Option<HeaderValue> {
        let code = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bearer = code.expose(|code| {
            let bytes = zeroize::Zeroizing::new([b"Bearer ", code].concat());
            HeaderValue::from_bytes(&bytes)
        });
        let mut bearer = bearer.ok()?;
        bearer.set_sensitive(true);
        Some(bearer)
    }
}

/// A connection to the authority, which is opened when it is first needed.
pub struct Line {
    introduced: Introduced,
    key: Option<Arc<LoginKey>>,
    open: Option<Open>,
}

struct Open {
    requests: SendRequest<Full<Bytes>>,
    driver: JoinHandle<hyper::Result<()>>,
    observation: Observation,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What was answered.
struct Answer {
    status: StatusCode,
    /// When the authority answered, by its clock.
    time: Option<OffsetDateTime>,
    body: Vec<u8>,
}

impl Line {
    /// Without a certificate.
    pub const fn anonymous(introduced: Introduced) -> Self {
        Self {
            introduced,
            key: None,
            open: None,
        }
    }

    /// With the key of a card. It signs whenever the connection is opened.
    pub const fn with_key(introduced: Introduced, key: Arc<LoginKey>) -> Self {
        Self {
            introduced,
            key: Some(key),
            open: None,
        }
    }

    /// Name of the server.
    pub fn host(&self) -> &str {
        self.introduced.authority.host()
    }

    /// Its address, as it was given.
    pub fn address(&self) -> &str {
        &self.introduced.authority.choice.url
    }

    /// Sends a request and reads the JSON that answers it.
    ///
    /// # Errors
    /// What the authority or the card said, or why there was no answer.
    pub async fn call<T: DeserializeOwned>(&mut self, call: Call<'_>) -> Result<T, Failure> {
        let path = call.path.to_owned();
        let answer = self.raw(call).await?;
        serde_json::from_slice(&answer).map_err(|error| Failure::AuthorityMalformed {
            host: self.host().to_owned(),
            what: format!("{path}: {error}"),
        })
    }

    /// The same, where nothing but success is of interest.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn tell(&mut self, call: Call<'_>) -> Result<(), Failure> {
        self.raw(call).await.map(|_| ())
    }

    /// The same, with the bytes of the answer.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn raw(&mut self, call: Call<'_>) -> Result<Vec<u8>, Failure> {
        self.send(&call).await
    }

    /// The same, of a request that may have to be sent again.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn send(&mut self, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
        let answer = self.answer(call).await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        let (host, status) = (self.host(), answer.status.as_u16());
        Err(problem::failure(host, status, &answer.body, call.about))
    }

    /// What time it is at the authority, as it says to whoever asks for anything.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn time(&mut self) -> Result<Option<OffsetDateTime>, Failure> {
        Ok(self.answer(&Call::get(ANYTHING)).await?.time)
    }

    async fn answer(&mut self, call: &Call<'_>) -> Result<Answer, Failure> {
        let reused = match &mut self.open {
            Some(open) => open.requests.ready().await.is_ok(),
            None => false,
        };
        if !reused {
            self.open = Some(self.connect().await?);
        }
        match self.once(call).await {
            Ok(answer) => Ok(answer),
            Err(HttpError::Failed(_)) if reused => {
                // The server closed it at the very moment. The authority takes a request that it
                // has had already for the same one.
                self.open = Some(self.connect().await?);
                let answered = self.once(call).await;
                answered.map_err(|error| self.why(error))
            }
            Err(error) => Err(self.why(error)),
        }
    }

    async fn connect(&self) -> Result<Open, Failure> {
        let Introduced { authority, demand } = &self.introduced;
        let (config, observation) = match &self.key {
            Some(key) => {
                let card: Arc<dyn CardKey> = key.clone();
                let config = client_config(&authority.trust, card, demand);
                config.map_err(|error| from_config(&key.name(), &error))?
            }
            None => {
                let config = plain_config(&authority.trust, demand);
                config.map_err(|error| from_config("", &error))?
            }
        };
        let key = self.key.as_deref();
        let told = |error| from_http(self.host(), key, Some(&observation), error);
        let tls = http::dial(&authority.target, demand.name.clone(), config);
        let tls = tls.await.map_err(told)?;
        let (requests, connection) = http1::handshake(TokioIo::new(tls))
            .await
            .map_err(|error| told(HttpError::Failed(error.into())))?;
        Ok(Open {
            requests,
            driver: tokio::spawn(connection),
            observation,
        })
    }

    async fn once(&mut self, call: &Call<'_>) -> Result<Answer, HttpError> {
        let failed = |error: hyper::http::Error| HttpError::Failed(error.into());
        let request = request(&self.introduced, call).map_err(failed)?;
        let Some(open) = &mut self.open else {
            return Err(HttpError::Timeout);
        };
        let answered = timeout(ANSWERING, async {
            let response = match open.requests.send_request(request).await {
                Ok(response) => response,
                Err(error) => return Err(ended(&mut open.driver, error).await),
            };
            let status = response.status();
            let date = response
                .headers()
                .get(DATE)
                .and_then(|date| date.to_str().ok());
            let time = date.and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok());
            let body = body(response.into_body()).await?;
            Ok(Answer { status, time, body })
        });
        answered.await.map_err(|_| HttpError::Timeout)?
    }

    fn why(&self, error: HttpError) -> Failure {
        let observation = self.open.as_ref().map(|open| &open.observation);
        from_http(self.host(), self.key.as_deref(), observation, error)
    }
}

/// Why a request was not answered: the connection knows it better, where a server refuses a
/// certificate after the handshake.
async fn ended(driver: &mut JoinHandle<hyper::Result<()>>, error: hyper::Error) -> HttpError {
    if error.is_canceled()
        && let Ok(Err(reason)) = driver.await
    {
        return HttpError::Failed(reason.into());
    }
    HttpError::Failed(error.into())
}

fn request(
    introduced: &Introduced,
    call: &Call<'_>,
) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let target = &introduced.authority.target;
    let mut request = Request::builder()
        .method(call.method.clone())
        .uri(call.path)
        .header(HOST, format!("{}:{}", target.host, target.port))
        .header(USER_AGENT, concat!("lichna/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "application/json, application/problem+json, */*");
    if let Some(code) = &call.code {
        request = request.header(AUTHORIZATION, code);
    }
    let body = match &call.body {
        Some((content_type, body)) => {
            request = request.header(CONTENT_TYPE, *content_type);
            Bytes::copy_from_slice(body)
        }
        None => Bytes::new(),
    };
    request.body(Full::new(body))
}

/// Reads a body; one that is too long, or breaks off, is none.
async fn body(mut incoming: Incoming) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| HttpError::Failed(error.into()))?;
        if let Some(data) = frame.data_ref() {
            if body.len() + data.len() > LONGEST_ANSWER {
                return Err(HttpError::Failed("the answer is too long".into()));
            }
            body.extend_from_slice(data);
        }
    }
    Ok(body)
}
