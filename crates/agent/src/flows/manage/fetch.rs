//! Lists of revoked certificates and OCSP answers, over plain HTTP: what they say is signed, and
//! RFC 5280 §4.2.1.13 wants no TLS around it, which would need them in turn.
//!
//! A list is kept in the cache folder with its entity tag, and asked for again only if it changed.
//! The cache proves nothing: every list is checked at each use like one that has just come.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{ACCEPT, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use lichna_ipc::home::private_folder;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::{net::TcpStream, time::timeout};
use url::Url;

/// Most bytes of a list: one with a million entries has 40 MB.
pub const LONGEST_LIST: usize = 64 << 20;
/// Most bytes of an OCSP answer.
pub const LONGEST_ANSWER: usize = 64 << 10;
/// How long TCP may take.
const DIALLING: Duration = Duration::from_secs(10);
/// How long an answer may take, up to its last byte.
const ANSWERING: Duration = Duration::from_secs(30);
/// Longest entity tag that is kept.
const LONGEST_TAG: usize = 256;
/// Most lists that are kept.
const MOST_KEPT: usize = 32;

/// Why nothing came.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is none that can be asked.
    #[error("{url} is no http address")]
    Address {
        /// Which.
        url: String,
    },
    /// It took too long.
    #[error("{host} did not answer in time")]
    Timeout {
        /// Who.
        host: String,
    },
    /// There is no connection.
    #[error("{host} cannot be reached: {source}")]
    Unreachable {
        /// Who.
        host: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The connection failed.
    #[error("the connection to {host} failed: {source}")]
    Broken {
        /// Who.
        host: String,
        /// What is wrong with it.
        source: hyper::Error,
    },
    /// The server has something else.
    #[error("{host} answered with status {status}")]
    Status {
        /// Who.
        host: String,
        /// Its answer.
        status: u16,
    },
    /// The answer is longer than anything that makes sense.
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLong {
        /// Who.
        host: String,
        /// Most bytes.
        limit: usize,
    },
}

/// The list at that address, from the cache in `folder` where it is still the same.
///
/// # Errors
/// [`FetchError`]; what cannot be kept is no error.
pub async fn list(url: &str, folder: &Path) -> Result<Vec<u8>, FetchError> {
    let place = Kept::of(url, folder);
    let kept = place.read();
    let mut request = Request::builder().method(Method::GET);
    if let Some((tag, _)) = &kept {
        request = request.header(IF_NONE_MATCH, tag);
    }
    let answer = send(url, request, Bytes::new(), LONGEST_LIST).await?;
    match (answer.status, kept) {
        (StatusCode::NOT_MODIFIED, Some((_, list))) => Ok(list),
        (StatusCode::OK, _) => {
            if let Some(tag) = &answer.tag {
                place.write(tag, &answer.body);
            }
            Ok(answer.body)
        }
        (status, _) => Err(FetchError::Status {
            host: host(url),
            status: status.as_u16(),
        }),
    }
}

/// The answer to an OCSP request, RFC 6960 appendix A.1.
///
/// # Errors
/// [`FetchError`].
pub async fn ocsp(url: &str, request: Vec<u8>) -> Result<Vec<u8>, FetchError> {
    let post = Request::builder()
        .method(Method::POST)
        .header(CONTENT_TYPE, "application/ocsp-request")
        .header(ACCEPT, "application/ocsp-response");
    let answer = send(url, post, Bytes::from(request), LONGEST_ANSWER).await?;
    match answer.status {
        StatusCode::OK => Ok(answer.body),
        status => Err(FetchError::Status {
            host: host(url),
            status: status.as_u16(),
        }),
    }
}

/// What came.
struct Answer {
    status: StatusCode,
    tag: Option<String>,
    body: Vec<u8>,
}

async fn send(
    address: &str,
    request: hyper::http::request::Builder,
    body: Bytes,
    limit: usize,
) -> Result<Answer, FetchError> {
    let wrong = || FetchError::Address {
        url: address.chars().take(200).collect(),
    };
    let url = Url::parse(address).map_err(|_| wrong())?;
    let (Some(host), Some(port), "http") =
        (url.host_str(), url.port_or_known_default(), url.scheme())
    else {
        return Err(wrong());
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let request = request
        .uri(path)
        .header(HOST, format!("{host}:{port}"))
        .header(USER_AGENT, concat!("lichna/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(body))
        .map_err(|_| wrong())?;
    let timed_out = || FetchError::Timeout {
        host: host.to_owned(),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let tcp = timeout(DIALLING, TcpStream::connect((bare, port)));
    let tcp = tcp.await.map_err(|_| timed_out())?;
    let tcp = tcp.map_err(|source| FetchError::Unreachable {
        host: host.to_owned(),
        source,
    })?;
    let exchange = async {
        let (mut requests, connection) = http1::handshake(TokioIo::new(tcp)).await?;
        let driver = tokio::spawn(connection);
        let response = requests.send_request(request).await;
        let read = match response {
            Ok(response) => read(response, limit).await,
            Err(error) => Err(error),
        };
        driver.abort();
        read
    };
    let answer = timeout(ANSWERING, exchange)
        .await
        .map_err(|_| timed_out())?;
    let answer = answer.map_err(|source| FetchError::Broken {
        host: host.to_owned(),
        source,
    })?;
    answer.ok_or_else(|| FetchError::TooLong {
        host: host.to_owned(),
        limit,
    })
}

/// `None` when it is longer than the limit.
async fn read(response: hyper::Response<Incoming>, limit: usize) -> hyper::Result<Option<Answer>> {
    let status = response.status();
    let tag = response.headers().get(ETAG);
    let tag = tag.and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        if let Ok(data) = frame?.into_data() {
            if body.len().saturating_add(data.len()) > limit {
                return Ok(None);
            }
            body.extend_from_slice(&data);
        }
    }
    Ok(Some(Answer {
        status,
        tag: tag.filter(|tag| tag.len() <= LONGEST_TAG),
        body,
    }))
}

fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// The place of a list in the cache: a line with its entity tag, then the list. One file, so that
/// the two are always of one another.
struct Kept {
    folder: PathBuf,
    file: PathBuf,
}

impl Kept {
    fn of(url: &str, folder: &Path) -> Self {
        let name = hex::encode(Sha256::digest(url.as_bytes()));
        Self {
            file: folder.join(name),
            folder: folder.to_owned(),
        }
    }

    /// Tag and list.
    fn read(&self) -> Option<(String, Vec<u8>)> {
        let most = u64::try_from(LONGEST_LIST + LONGEST_TAG + 1).ok()?;
        let mut bytes = Vec::new();
        let file = fs::File::open(&self.file).ok()?;
        file.take(most).read_to_end(&mut bytes).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let list = bytes.split_off(end + 1);
        bytes.truncate(end);
        let tag = String::from_utf8(bytes).ok()?;
        // What was put there by somebody else must not become a header of its own.
        let sound = tag.len() <= LONGEST_TAG && tag.bytes().all(|byte| byte.is_ascii_graphic());
        sound.then_some((tag, list))
    }

    fn write(&self, tag: &str, list: &[u8]) {
        let write = || -> std::io::Result<()> {
            private_folder(&self.folder).map_err(std::io::Error::other)?;
            self.make_room()?;
            let mut new = tempfile::NamedTempFile::new_in(&self.folder)?;
            new.write_all(tag.as_bytes())?;
            new.write_all(b"\n")?;
            new.write_all(list)?;
            new.persist(&self.file).map_err(|error| error.error)?;
            Ok(())
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "a list cannot be kept");
        }
    }

    /// Takes the oldest away when there are many.
    fn make_room(&self) -> std::io::Result<()> {
        let mut kept: Vec<_> = fs::read_dir(&self.folder)?
            .flatten()
            .filter_map(|entry| {
                let modified = entry.metadata().and_then(|file| file.modified());
                Some((modified.ok()?, entry.path()))
            })
            .collect();
        kept.sort();
        let surplus = (kept.len() + 1).saturating_sub(MOST_KEPT);
        for (_, file) in kept.into_iter().take(surplus) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server that gives these answers, one a connection; what it was asked.
    async fn server(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/full.crl", listener.local_addr().unwrap());
        let asked = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap();
                request.truncate(read);
                asked.push(String::from_utf8(request).unwrap());
                // Who has heard enough hangs up.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            asked
        });
        (url, asked)
    }

    fn ok(tag: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\netag: {tag}\r\ncontent-length: {length}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn a_list_that_has_not_changed_is_not_sent_again() {
        let folder = tempfile::tempdir().unwrap();
        let unchanged = "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned();
        let answers = vec![ok("\"1\"", "first"), unchanged, ok("\"2\"", "second")];
        let (url, asked) = server(answers).await;
        for expected in ["first", "first", "second"] {
            let list = list(&url, folder.path()).await.unwrap();
            assert_eq!(list, expected.as_bytes());
        }
        let asked = asked.await.unwrap();
        let tagged = |request: &String| request.contains("if-none-match: \"1\"");
        let tagged: Vec<bool> = asked.iter().map(tagged).collect();
        assert_eq!(tagged, [false, true, true]);
    }

    #[tokio::test]
    async fn what_somebody_else_put_into_the_cache_becomes_no_header() {
        let folder = tempfile::tempdir().unwrap();
        let (url, asked) = server(vec![ok("\"1\"", "list")]).await;
        let kept = Kept::of(&url, folder.path());
        fs::write(&kept.file, "a\r\nHost: elsewhere\nold list").unwrap();
        assert_eq!(list(&url, folder.path()).await.unwrap(), b"list");
        assert!(!asked.await.unwrap().concat().contains("elsewhere"));
    }

    #[tokio::test]
    async fn refuses_an_answer_that_is_too_long_or_none_at_all() {
        let long = "x".repeat(LONGEST_ANSWER + 1);
        let missing = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned();
        let (url, _asked) = server(vec![ok("\"1\"", &long), missing]).await;
        let too_long = ocsp(&url, Vec::new()).await;
        assert!(matches!(too_long, Err(FetchError::TooLong { .. })));
        let missing = ocsp(&url, Vec::new()).await;
        assert!(matches!(
            missing,
            Err(FetchError::Status { status: 404, .. })
        ));
    }

    #[tokio::test]
    async fn refuses_addresses_that_are_not_http() {
        let folder = tempfile::tempdir().unwrap();
        for url in [
            "https://a.example/",
            "ldap://a.example/",
            "file:///etc/passwd",
            "",
        ] {
            let refused = list(url, folder.path()).await;
            assert!(matches!(refused, Err(FetchError::Address { .. })), "{url}");
        }
    }

    #[test]
    fn the_oldest_lists_make_room() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MOST_KEPT + 5 {
            Kept::of(&number.to_string(), folder.path()).write("\"1\"", b"list");
        }
        let kept = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(kept, MOST_KEPT);
        let last = (MOST_KEPT + 4).to_string();
        assert!(Kept::of(&last, folder.path()).read().is_some());
    }
}
