//! Listeners: each connection is a task with limits of its own.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::{linger::Lingering, tasks::Stop};
use crate::{
    Authority,
    caller::{Peer, PeerCertificate},
};

/// A listener with what is served on it.
pub(super) struct Listener {
    pub socket: TcpListener,
    pub router: Router,
    /// Over TLS, if so.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// How many connections there may be, together with the other listeners.
    pub connections: Arc<Semaphore>,
}

/// How long after an error of the system, such as too many open files, before the next try.
const PAUSE: Duration = Duration::from_millis(100);
/// Streams of HTTP/2 on one connection.
const STREAMS: u32 = 64;
/// Bytes of the head of a request.
const HEAD: usize = 32 << 10;

impl Listener {
    /// Serves until the stop; then it takes no more, and waits for requests under way, but no
    /// longer than its settings say.
    pub async fn serve(self, authority: Authority, mut stop: Stop) {
        // Whoever is served holds a receiver.
        let served = watch::Sender::new(());
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = stop.wait() => break,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "no connection was accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&self.connections).try_acquire_owned() else {
                authority.metrics.turned_away.inc();
                continue;
            };
            let connection = Connection {
                authority: authority.clone(),
                router: self.router.clone(),
                address,
                stop: stop.clone(),
                _served: served.subscribe(),
            };
            let tls = self.tls.clone();
            tokio::spawn(async move {
                connection.authority.metrics.connections.inc();
                let metrics = connection.authority.clone();
                connection.serve(stream, tls).await;
                metrics.metrics.connections.dec();
                drop(permit);
            });
        }
        drop(self.socket);
        let patience = Duration::from_secs(authority.config.limits.stop_seconds);
        if timeout(patience, served.closed()).await.is_err() {
            tracing::warn!("requests were cut off");
        }
    }
}

struct Connection {
    authority: Authority,
    router: Router,
    address: SocketAddr,
    stop: Stop,
    _served: watch::Receiver<()>,
}

/// How many requests are under way on a connection.
#[derive(Clone)]
struct UnderWay(Arc<watch::Sender<u32>>);

/// One of them.
struct Request(UnderWay);

impl UnderWay {
    fn one(&self) -> Request {
        self.0.send_modify(|number| *number += 1);
        Request(self.clone())
    }

    /// Waits until there was none for so long.
    async fn none_for(&self, time: Duration) {
        let mut number = self.0.subscribe();
        loop {
            // The sender lives as long as `self`.
            let _ = number.wait_for(|number| *number == 0).await;
            if timeout(time, number.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.0.send_modify(|number| *number -= 1);
    }
}

impl Connection {
    async fn serve(mut self, stream: TcpStream, tls: Option<Arc<rustls::ServerConfig>>) {
        // Answers are small and whole.
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else {
            let peer = self.peer(None);
            return self.http(stream, peer).await;
        };
        let limit = Duration::from_secs(self.authority.config.limits.handshake_seconds);
        let handshake = timeout(limit, TlsAcceptor::from(tls).accept(stream));
        let shaken = tokio::select! {
            shaken = handshake => shaken,
            () = self.stop.wait() => return,
        };
        match shaken {
            Ok(Ok(stream)) => {
                let (_, session) = stream.get_ref();
                let certificate = session
                    .peer_certificates()
                    .and_then(|chain| chain.first())
                    .map(|der| Arc::new(PeerCertificate::new(der)));
                let peer = self.peer(certificate);
                self.http(stream, peer).await;
            }
            Ok(Err(error)) => self.failed(&error),
            Err(_) => self.failed(&io::Error::from(io::ErrorKind::TimedOut)),
        }
    }

    fn peer(&self, certificate: Option<Arc<PeerCertificate>>) -> Peer {
        Peer {
            address: self.address.ip(),
            certificate,
        }
    }

    fn failed(&self, error: &io::Error) {
        self.authority.metrics.handshakes_failed.inc();
        tracing::debug!(%error, "a handshake failed");
    }

    async fn http(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Peer,
    ) {
        let router = self.router;
        let under_way = UnderWay(Arc::default());
        let requests = under_way.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let (router, peer, one) = (router.clone(), peer.clone(), requests.one());
            async move {
                let _one = one;
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(peer);
                let Ok(response) = router.oneshot(request).await;
                Ok::<_, Infallible>(response)
            }
        });
        let limits = &self.authority.config.limits;
        let head = Duration::from_secs(limits.header_seconds);
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .max_buf_size(HEAD);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(32 << 10)
            .keep_alive_interval(head)
            .keep_alive_timeout(head);
        let connection = builder
            .serve_connection(TokioIo::new(Lingering::new(stream)), service)
            .into_owned();
        tokio::pin!(connection);
        let over = async {
            tokio::select! {
                () = under_way.none_for(head) => {}
                () = self.stop.wait() => {}
            }
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = over => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended");
        }
    }
}
