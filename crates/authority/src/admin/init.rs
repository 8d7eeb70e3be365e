//! `init`: a new authority.

use std::fs;

use super::office::say;
use crate::{
    config::{Config, Data},
    keys, server,
};

/// Makes the keys and certificates, and says where what others need is.
pub(super) fn run(data: &Data, config: &Config) -> anyhow::Result<()> {
    fs::create_dir_all(data.folder())?;
    let http = match &config.urls.http {
        Some(url) => Some(url.clone()),
        // A port that the system is to choose is not known yet.
        None if config.listen.http.port() == 0 => None,
        None => Some(server::listening(config.listen.http)),
    };
    let names: Vec<&str> = if config.urls.names.is_empty() {
        vec!["localhost", "127.0.0.1", "::1"]
    } else {
        config.urls.names.iter().map(String::as_str).collect()
    };
    let made = keys::make(data, config, http.as_ref(), &names)?;
    say(&serde_json::json!({ "root": made.root, "journal_key": made.journal }))
}
