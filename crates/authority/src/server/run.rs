//! The whole run of a server, from its settings to its stop.

use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use url::Url;
use utoipa_axum::router::OpenApiRouter;

use super::{internal, listen::Listener, router, tasks::Tasks, tls};
use crate::{
    Authority,
    authority::{Parts, PublicUrls},
    config::{Config, Data},
    holder, issuing,
    journal::{self, OpenError, Writer},
    keys::{KeyError, KeyStore},
    metrics::Metrics,
    status,
    store::{Store, StoreError},
    system,
};

/// Where a running server listens: a line of JSON on the standard output, and a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The API.
    pub https: SocketAddr,
    /// What is signed itself.
    pub http: SocketAddr,
    /// Metrics and health.
    pub internal: SocketAddr,
}

/// Why the server does not run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The server's certificate and key cannot be used.
    #[error("the server's certificate and key cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The journal does not open.
    #[error("the journal does not open: {0}")]
    Journal(#[from] OpenError),
    /// The addresses cannot be written down.
    #[error("the addresses cannot be written down: {0}")]
    Addresses(std::io::Error),
    /// The system does not tell when to stop.
    #[error("the system does not tell when to stop: {0}")]
    Signal(std::io::Error),
}

/// Connections to the listener for the operator, who gets in when nobody else does.
const OPERATORS: usize = 32;

/// Runs until the system says to stop (SIGTERM, Ctrl-C), then finishes what is under way.
///
/// # Errors
/// [`RunError`], before the first request is taken.
pub async fn run(data: &Data, config: Config) -> Result<(), RunError> {
    let told_to_stop = system::told_to_stop().map_err(RunError::Signal)?;
    let announced = async |authority: &Authority, addresses: &Addresses| {
        announce(data, &authority.config, addresses).map_err(RunError::Addresses)
    };
    let api = |authority: &Authority| router::api(authority, OpenApiRouter::new());
    serve(data, config, api, announced, told_to_stop).await
}

/// Serves this API beside what every authority serves, until the stop; `ready` is called when
/// requests are taken.
///
/// # Errors
/// [`RunError`], before the first request is taken.
pub(crate) async fn serve(
    data: &Data,
    config: Config,
    api: impl FnOnce(&Authority) -> Router,
    ready: impl AsyncFnOnce(&Authority, &Addresses) -> Result<(), RunError>,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let https = bind(config.listen.https).await?;
    let http = bind(config.listen.http).await?;
    let inside = bind(config.listen.internal).await?;
    let addresses = Addresses {
        https: address(&https)?,
        http: address(&http)?,
        internal: address(&inside)?,
    };

    let key_store = KeyStore::open(data, &config)?;
    let server = key_store.server()?;
    let tls = tls::config(server.chain, server.key)?;
    let urls = urls(&config, &addresses);
    let (authority, writer) = open(data, config, urls, &key_store, Duration::ZERO).await?;

    let mut tasks = Tasks::default();
    issuing::start(&authority, &mut tasks);
    status::start(&authority, &mut tasks);
    holder::start(&authority, &mut tasks);
    journal::start(&authority, &mut tasks);

    let connections = Arc::new(Semaphore::new(authority.config.limits.connections));
    let few = Arc::new(Semaphore::new(OPERATORS));
    let mut listeners = Tasks::default();
    for (socket, router, tls, connections) in [
        (https, api(&authority), Some(Arc::new(tls)), &connections),
        (http, router::plain(&authority), None, &connections),
        (inside, internal::router(&authority), None, &few),
    ] {
        let listener = Listener {
            socket,
            router,
            tls,
            connections: Arc::clone(connections),
        };
        let authority = authority.clone();
        listeners.spawn(|stop| listener.serve(authority, stop));
    }
    ready(&authority, &addresses).await?;
    tracing::info!(
        ?addresses,
        instance = authority.config.instance,
        "listening"
    );

    stop.await;
    tracing::info!("stopping");
    // A little longer than the listeners themselves wait.
    let patience = Duration::from_secs(authority.config.limits.stop_seconds + 1);
    listeners.finish(patience).await;
    tasks.finish(patience).await;
    let _ = std::fs::remove_file(data.addresses(&authority.config));
    close(authority, writer).await;
    tracing::info!("stopped");
    Ok(())
}

/// Opens the store, the keys and the journal of an authority that was made.
///
/// # Errors
/// [`RunError`] says what is missing or damaged.
pub(crate) async fn open(
    data: &Data,
    config: Config,
    urls: PublicUrls,
    key_store: &KeyStore,
    patience: Duration,
) -> Result<(Authority, Writer), RunError> {
    let store = Store::open(&data.store(&config), config.store.connections).await?;
    let keys = key_store.keys(&urls.http)?;
    let (journal, writer) = Writer::start(&journal::Settings {
        folder: data.journal(&config),
        instance: config.instance.clone(),
        signer: Arc::clone(&keys.journal),
        checkpoint_records: config.journal.checkpoint_records,
        patience,
    })?;
    let authority = Authority::new(Parts {
        store,
        vault: key_store.vault()?,
        keys,
        urls,
        journal,
        metrics: Metrics::default(),
        status: status::Memory::default(),
        config,
    });
    Ok((authority, writer))
}

/// Ends what [`open`] began: a last checkpoint, and everything is on the disk.
pub(crate) async fn close(authority: Authority, writer: Writer) {
    if let Err(error) = journal::checkpoint(&authority).await {
        tracing::error!(%error, "there is no last checkpoint of the journal");
    }
    authority.store.close().await;
    drop(authority);
    // The thread ends when nobody can give it work any more.
    let _ = tokio::task::spawn_blocking(|| writer.join()).await;
}

async fn bind(address: SocketAddr) -> Result<TcpListener, RunError> {
    let error = |error| RunError::Listen { address, error };
    TcpListener::bind(address).await.map_err(error)
}

fn address(socket: &TcpListener) -> Result<SocketAddr, RunError> {
    socket.local_addr().map_err(RunError::Addresses)
}

pub(crate) fn urls(config: &Config, addresses: &Addresses) -> PublicUrls {
    let urls = &config.urls;
    let or = |url: &Option<Url>, address| url.clone().unwrap_or_else(|| listening(address));
    let mut https = or(&urls.https, addresses.https);
    if urls.https.is_none() {
        // INVARIANT: a URL that is one for http is one for https.
        let _ = https.set_scheme("https");
    }
    PublicUrls {
        https,
        http: or(&urls.http, addresses.http),
    }
}

/// The URL of what listens there, without TLS.
pub(crate) fn listening(address: SocketAddr) -> Url {
    let text = format!("http://{address}/");
    // INVARIANT: an address is a host and a port.
    #[allow(clippy::expect_used, reason = "no address is not a host and a port")]
    Url::parse(&text).expect("an address is a host and a port")
}

/// Says where it listens, for whoever let the system choose.
fn announce(data: &Data, config: &Config, addresses: &Addresses) -> std::io::Result<()> {
    let line = serde_json::to_string(addresses)?;
    let (path, mut new) = (
        data.addresses(config),
        data.addresses(config).into_os_string(),
    );
    new.push(".new");
    std::fs::write(&new, &line)?;
    std::fs::rename(&new, path)?;
    // Whoever started it may not listen.
    let _ = writeln!(std::io::stdout(), "{line}");
    Ok(())
}
