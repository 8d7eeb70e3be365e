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
    config::{Config, Data},
    registers::{CarrierRow, Scheme},
};

/// What is done with carriers.
#[derive(Debug, Subcommand)]
pub(in crate::admin) enum CarrierCommand {
    /// Register one, its key in hexadecimal digits on the standard input; or a whole batch.
    Add {
        /// Its number; of a PIV card the GUID of its CHUID, 32 hexadecimal digits.
        #[arg(required_unless_present = "batch", conflicts_with = "batch", value_parser = number)]
        number: Option<String>,
        /// A file with a line `NUMBER KEY` for each.
        #[arg(long)]
        batch: Option<PathBuf>,
        /// How such cards know the authority, which says what their keys are: practice (64
        /// digits), piv-3des (48), piv-aes-128 (32), piv-aes-192 (48), piv-aes-256 (64).
        #[arg(long, default_value = Scheme::Practice.text(), value_parser = scheme)]
        scheme: Scheme,
    },
}

/// Characters of the longest number: a GUID.
const LONGEST_NUMBER: usize = 32;
/// The management key that PIV cards leave the factory with: three times this.
const FACTORY: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

pub(in crate::admin) fn run(
    data: &Data,
    config: Config,
    command: CarrierCommand,
) -> anyhow::Result<()> {
    let CarrierCommand::Add {
        number,
        batch,
        scheme,
    } = command;
    let carriers = match (number, batch) {
        (Some(number), _) => {
            let mut line = Zeroizing::new(String::new());
            std::io::stdin().lock().read_line(&mut line)?;
            let key = key(scheme, &line).context("the key on the standard input")?;
            vec![(number, key)]
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
                parse(scheme, line).with_context(|| format!("{}:{}", file.display(), at + 1))
            });
            read.collect::<anyhow::Result<Vec<_>>>()?
        }
        // INVARIANT: clap asks for one of the two.
        (None, None) => bail!("a number or a batch is needed"),
    };
    at_work(data, config, async |authority| {
        for (number, key) in &carriers {
            let operation = operation("carrier.register").about(number);
            let work = add(&authority, scheme, number, key);
            let done = operation.carry_out(&authority, work).await;
            done.map_err(|problem| told(&problem).context(number.clone()))?;
        }
        say(&serde_json::json!({ "carriers": carriers.len() }))
    })
}

async fn add(
    authority: &Authority,
    scheme: Scheme,
    number: &str,
    key: &[u8],
) -> Result<(), Problem> {
    let row = CarrierRow::new(&authority.vault, scheme, number, key)?;
    entered(row.insert(authority.store.pool()).await)
}

fn parse(scheme: Scheme, line: &str) -> anyhow::Result<(String, Zeroizing<Vec<u8>>)> {
    let (text, digits) = line.split_once(' ').context("not a line `NUMBER KEY`")?;
    let number = number(text).map_err(anyhow::Error::msg)?;
    Ok((number, key(scheme, digits)?))
}

fn key(scheme: Scheme, digits: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let length = scheme.key_length();
    let mut bytes = Zeroizing::new(vec![0; length]);
    match hex::decode_to_slice(digits.trim(), &mut bytes) {
        Ok(()) if bytes.chunks(FACTORY.len()).all(|part| part == FACTORY) => {
            bail!("everybody has this key: cards leave the factory with it. Give the card its own")
        }
        Ok(()) => Ok(bytes),
        // What was read is not shown: it may be the key but for one digit.
        Err(_) => bail!("a key is {} hexadecimal digits", 2 * length),
    }
}

fn scheme(text: &str) -> Result<Scheme, String> {
    Scheme::read(text).ok_or_else(|| {
        let all = Scheme::ALL.map(Scheme::text).join(", ");
        format!("the schemes are {all}")
    })
}

fn number(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if (1..=LONGEST_NUMBER).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "a number is 1 to {LONGEST_NUMBER} capital letters and digits"
        ))
    }
}
