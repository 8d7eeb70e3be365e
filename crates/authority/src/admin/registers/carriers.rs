//! Cards that certificates may be written to, with the key that each is personalised under.

use std::io::BufRead;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Subcommand;
use zeroize::Zeroizing;

use super::entered;
use crate::{
    Authority, Problem,
    admin::office::{at_work, operation, say, told},
    clock,
    config::{Config, Data},
    problem::internal,
    registers::{CarrierRow, PRACTICE},
};

/// What is done with carriers.
#[derive(Debug, Subcommand)]
pub(in crate::admin) enum CarrierCommand {
    /// Register one, its key (64 hexadecimal digits) on the standard input; or a whole batch.
    Add {
        /// Its number.
        #[arg(required_unless_present = "batch", conflicts_with = "batch", value_parser = number)]
        number: Option<String>,
        /// A file with a line `NUMBER KEY` for each.
        #[arg(long)]
        batch: Option<PathBuf>,
    },
}

/// The state of a carrier that nothing was written to.
const NEW: &str = "new";
/// Bytes of a key.
const KEY: usize = 32;

pub(in crate::admin) fn run(
    data: &Data,
    config: Config,
    command: CarrierCommand,
) -> anyhow::Result<()> {
    let CarrierCommand::Add { number, batch } = command;
    let carriers = match (number, batch) {
        (Some(number), _) => {
            let mut line = Zeroizing::new(String::new());
            std::io::stdin().lock().read_line(&mut line)?;
            vec![(number, key(&line).context("the key on the standard input")?)]
        }
        (None, Some(file)) => {
            let text = Zeroizing::new(
                std::fs::read_to_string(&file).with_context(|| file.display().to_string())?,
            );
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.is_empty());
            let read = lines.map(|(at, line)| {
                parse(line).with_context(|| format!("{}:{}", file.display(), at + 1))
            });
            read.collect::<anyhow::Result<Vec<_>>>()?
        }
        // INVARIANT: clap asks for one of the two.
        (None, None) => bail!("a number or a batch is needed"),
    };
    at_work(data, config, async |authority| {
        for (number, key) in &carriers {
            let operation = operation("carrier.register").about(number);
            let work = add(&authority, number, key);
            let done = operation.carry_out(&authority, work).await;
            done.map_err(|problem| told(&problem).context(number.clone()))?;
        }
        say(&serde_json::json!({ "carriers": carriers.len() }))
    })
}

async fn add(authority: &Authority, number: &str, key: &[u8]) -> Result<(), Problem> {
    let sealed = authority.vault.seal(&CarrierRow::belongs_to(number), key);
    let row = CarrierRow {
        number: number.to_owned(),
        scheme: PRACTICE.to_owned(),
        key_sealed: sealed.map_err(internal)?,
        state: NEW.to_owned(),
        identifier: None,
        registered_at: clock::now(),
    };
    entered(row.insert(authority.store.pool()).await)
}

fn parse(line: &str) -> anyhow::Result<(String, Zeroizing<Vec<u8>>)> {
    let (text, digits) = line.split_once(' ').context("not a line `NUMBER KEY`")?;
    let number = number(text).map_err(anyhow::Error::msg)?;
    Ok((number, key(digits)?))
}

fn key(digits: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; KEY]);
    match hex::decode_to_slice(digits.trim(), &mut bytes) {
        Ok(()) => Ok(bytes),
        // What was read is not shown: it may be the key but for one digit.
        Err(_) => bail!("a key is 64 hexadecimal digits"),
    }
}

fn number(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if (1..=20).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("a number is 1 to 20 capital letters and digits".to_owned())
    }
}
