//! The operator at work: the open authority without a server.

use std::future::Future;
use std::io::Write;
use std::time::Duration;

use serde::Serialize;

use crate::{
    Authority, Problem,
    config::{Config, Data},
    journal::{Actor, Operation},
    keys::KeyStore,
    server,
};

/// How long the operator's commands wait for one another.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens the authority, does the work, and closes it.
pub(super) fn at_work<T, F>(
    data: &Data,
    mut config: Config,
    work: impl FnOnce(Authority) -> F,
) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let key_store = KeyStore::open(data, &config)?;
    let addresses = server::Addresses {
        https: config.listen.https,
        http: config.listen.http,
        internal: config.listen.internal,
    };
    let urls = server::urls(&config, &addresses);
    config.instance = format!("operator-{}", config.instance);
    config.store.connections = 2;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let opened = server::open(data, config, urls, &key_store, PATIENCE).await;
        let (authority, writer) = opened?;
        let result = work(authority.clone()).await;
        server::close(authority, writer).await;
        result
    })
}

/// An operation by the operator.
pub(super) fn operation(kind: &'static str) -> Operation {
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    let user = user.unwrap_or_else(|_| "unknown".to_owned());
    Operation::by(kind, Actor::new("operator", user))
}

/// A problem as an operator reads it.
pub(super) fn told(problem: &Problem) -> anyhow::Error {
    let document = problem.document();
    match document.detail() {
        Some(detail) => anyhow::anyhow!("{}: {detail} ({})", document.title(), problem.code()),
        None => anyhow::anyhow!("{} ({})", document.title(), problem.code()),
    }
}

/// Says the result, a line of JSON.
pub(super) fn say(result: &impl Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(result)?;
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
