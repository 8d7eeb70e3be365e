//! Who works for administrators.

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::ended;
use crate::{
    Problem,
    admin::office::{at_work, operation, say, told},
    clock,
    config::{Config, Data},
    issuing::{Invitation, invite},
    problem::Code,
    registers::{AdministratorRow, OfficerRow},
};

/// What is done with officers.
#[derive(Debug, Subcommand)]
pub(in crate::admin) enum OfficerCommand {
    /// Make an application for somebody who becomes an officer when he has his card: prints its id
    /// and its code, once.
    Invite {
        /// The administrator's id.
        #[arg(long)]
        administrator: Uuid,
        /// Who it is, and the number of his card: JSON as in `PUT /v1/applications/{id}`; `-` is
        /// the standard input.
        #[arg(long)]
        person: PathBuf,
    },
    /// End somebody's work for an administrator.
    End {
        /// His electronic identifier.
        identifier: Uuid,
        /// The administrator's id.
        #[arg(long)]
        administrator: Uuid,
    },
    /// Show those of an administrator.
    List {
        /// The administrator's id.
        #[arg(long)]
        administrator: Uuid,
    },
}

pub(in crate::admin) fn run(
    data: &Data,
    config: Config,
    command: OfficerCommand,
) -> anyhow::Result<()> {
    match command {
        OfficerCommand::Invite {
            administrator,
            person,
        } => {
            let submission = {
                let text = read(&person)?;
                // What the parser says repeats what it has read.
                serde_json::from_str(&text).map_err(|error| {
                    let (line, column) = (error.line(), error.column());
                    anyhow::anyhow!("{}:{line}:{column}: not an application", person.display())
                })?
            };
            let invitation = Invitation {
                administrator: administrator.to_string(),
                submission,
            };
            at_work(data, config, async |authority| {
                let mut operation = operation("officer.invite");
                let pool = authority.store.pool();
                let result = async {
                    let of = AdministratorRow::by_id(pool, &invitation.administrator).await?;
                    let current = of.filter(|administrator| administrator.ended_at.is_none());
                    current.ok_or_else(|| Problem::new(Code::NotFound).detail("administrator"))?;
                    invite(&authority, &mut operation, invitation).await
                };
                let result = result.await;
                let invited = operation.finish(&authority, result).await;
                let invited = invited.map_err(|problem| told(&problem))?;
                say(&serde_json::json!({
                    "application": invited.application,
                    "code": invited.code,
                    "rnu": invited.rnu,
                }))
            })
        }
        OfficerCommand::End {
            identifier,
            administrator,
        } => at_work(data, config, async |authority| {
            let (who, of) = (identifier.to_string(), administrator.to_string());
            let operation = operation("officer.end")
                .about(&who)
                .with("administrator", &*of);
            let pool = authority.store.pool();
            let work = async { ended(OfficerRow::end(pool, &who, &of, clock::now()).await) };
            let done = operation.carry_out(&authority, work).await;
            done.map_err(|problem| told(&problem))?;
            say(&serde_json::json!({ "identifier": who }))
        }),
        OfficerCommand::List { administrator } => at_work(data, config, async |authority| {
            let of = administrator.to_string();
            for row in OfficerRow::of_administrator(authority.store.pool(), &of).await? {
                say(&serde_json::json!({
                    "identifier": row.identifier,
                    "from": clock::time(row.from_at).to_string(),
                    "until": row.until_at.map(|at| clock::time(at).to_string()),
                }))?;
            }
            Ok(())
        }),
    }
}

fn read(file: &std::path::Path) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_string(&mut text)?;
    } else {
        let mut opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
        opened.read_to_string(&mut text)?;
    }
    Ok(text)
}
