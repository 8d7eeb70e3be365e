//! `check`: whether everything is as it should be, before the server is started.

use super::office::{at_work, say};
use crate::config::{Config, Data};

/// Opens everything as the server does, and says what there is.
pub(super) fn run(data: &Data, config: Config) -> anyhow::Result<()> {
    at_work(data, config, async |authority| {
        authority.store.ping().await?;
        let issuing = authority.keys.issuer.certificate();
        say(&serde_json::json!({
            "store": format!("{:?}", authority.store.database()).to_lowercase(),
            "issuer": issuing.subject(),
            "https": authority.urls.https,
            "http": authority.urls.http,
        }))
    })
}
