//! TLS with a key that is elsewhere, against servers nobody here wrote. Req C.3, 20.1.
//!
//! A key in memory stands for the card; what a card adds is proven with cards.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "tls/hostile.rs"]
mod hostile;
#[path = "tls/logins.rs"]
mod logins;
#[path = "tls/probing.rs"]
mod probing;
#[path = "tls/refusals.rs"]
mod refusals;
#[path = "tls/soft_key.rs"]
mod soft_key;
#[path = "tls/trust.rs"]
mod trust;

use std::{sync::Arc, time::Duration};

use lichna_tests::{ca::Ca, server::Server};
use lichna_tls::{
    CardKey, Explanation, Observation, ServerDemand, ServerTrust, client_config, explain,
    probe_for_key,
};
use soft_key::SoftKey;

/// Longer than any of these servers takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of a login.
struct Outcome {
    status: Option<u16>,
    body: String,
    observation: Observation,
    explanation: Option<Explanation>,
    error: Option<reqwest::Error>,
}

fn trust(ca: &Ca) -> ServerTrust {
    ServerTrust::nobody().with_file(&ca.root().path).unwrap()
}

/// Probes the server and logs in to the page at `path`.
fn log_in(server: &Server, ca: &Ca, key: &Arc<SoftKey>, path: &str) -> Outcome {
    let demand = probe_for_key(
        "localhost",
        server.port(),
        &trust(ca),
        PATIENCE,
        key.as_ref(),
    )
    .unwrap_or_else(|error| panic!("{error}: {}", server.log()));
    log_in_as_demanded(&server.url(), ca, key, path, &demand)
}

fn log_in_as_demanded(
    url: &str,
    ca: &Ca,
    key: &Arc<SoftKey>,
    path: &str,
    demand: &ServerDemand,
) -> Outcome {
    let key: Arc<dyn CardKey> = key.clone();
    let (config, observation) = client_config(&trust(ca), key, demand).unwrap();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let answer = runtime.block_on(async {
        let answer = client.get(format!("{url}{path}")).send().await?;
        Ok::<_, reqwest::Error>((answer.status().as_u16(), answer.text().await?))
    });
    let (status, body, error) = match answer {
        Ok((status, body)) => (Some(status), body, None),
        Err(error) => (None, String::new(), Some(error)),
    };
    let explanation = explain(
        &observation,
        status,
        error
            .as_ref()
            .map(|error| -> &(dyn std::error::Error + 'static) { error }),
    );
    Outcome {
        status,
        body,
        observation,
        explanation,
        error,
    }
}

impl Outcome {
    /// What happened, for the message of a test that fails.
    fn told(&self) -> String {
        format!(
            "status {:?}, {:?}, {:?}, explained {:?}, body {}",
            self.status, self.error, self.observation, self.explanation, self.body
        )
    }
}
