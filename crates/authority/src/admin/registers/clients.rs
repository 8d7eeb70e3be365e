//! Centres and named officials.

use std::path::PathBuf;

use clap::Subcommand;

use super::{certificate, ended, entered, text};
use crate::{
    admin::office::{at_work, operation, say, told},
    caller::fingerprint,
    clock,
    config::{Config, Data},
    registers::{ClientKind, ClientRow},
};

/// What is done with clients.
#[derive(Debug, Subcommand)]
pub(in crate::admin) enum ClientCommand {
    /// Register one.
    Add {
        /// What kind it is.
        #[arg(long)]
        kind: ClientKind,
        /// Its name.
        #[arg(long, value_parser = text)]
        name: String,
        /// Its certificate (PEM or DER).
        #[arg(long)]
        certificate: PathBuf,
    },
    /// End a registration.
    End {
        /// SHA-256 of its certificate, in hexadecimal digits.
        fingerprint: String,
    },
    /// Show all, also those that have ended.
    List,
}

pub(in crate::admin) fn run(
    data: &Data,
    config: Config,
    command: ClientCommand,
) -> anyhow::Result<()> {
    match command {
        ClientCommand::Add {
            kind,
            name,
            certificate: file,
        } => {
            let der = certificate(&file)?.der().to_vec();
            let row = ClientRow {
                fingerprint: fingerprint(&der),
                kind,
                name,
                der,
                registered_at: clock::now(),
                ended_at: None,
            };
            at_work(data, config, async |authority| {
                let operation = operation("client.register")
                    .about(&row.fingerprint)
                    .with("kind", kind.text());
                let work = async { entered(row.insert(authority.store.pool()).await) };
                let done = operation.carry_out(&authority, work).await;
                done.map_err(|problem| told(&problem))?;
                say(&serde_json::json!({ "fingerprint": row.fingerprint }))
            })
        }
        ClientCommand::End { fingerprint } => at_work(data, config, async |authority| {
            let operation = operation("client.end").about(&fingerprint);
            let pool = authority.store.pool();
            let work = async { ended(ClientRow::end(pool, &fingerprint, clock::now()).await) };
            let done = operation.carry_out(&authority, work).await;
            done.map_err(|problem| told(&problem))?;
            say(&serde_json::json!({ "fingerprint": fingerprint }))
        }),
        ClientCommand::List => at_work(data, config, async |authority| {
            for row in ClientRow::all(authority.store.pool()).await? {
                say(&serde_json::json!({
                    "fingerprint": row.fingerprint,
                    "kind": row.kind.text(),
                    "name": row.name,
                    "registered_at": clock::time(row.registered_at).to_string(),
                    "ended_at": row.ended_at.map(|at| clock::time(at).to_string()),
                }))?;
            }
            Ok(())
        }),
    }
}
