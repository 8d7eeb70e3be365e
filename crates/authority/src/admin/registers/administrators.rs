//! Administrators.

use std::path::PathBuf;

use clap::Subcommand;
use uuid::Uuid;

use super::{certificate, ended, entered, text};
use crate::{
    admin::office::{at_work, operation, say, told},
    caller::fingerprint,
    clock,
    config::{Config, Data},
    registers::AdministratorRow,
};

/// What is done with administrators.
#[derive(Debug, Subcommand)]
pub(in crate::admin) enum AdministratorCommand {
    /// Register one.
    Add {
        /// Its name.
        #[arg(long, value_parser = text)]
        name: String,
        /// Its number in the register of companies and agencies: 9 or 13 digits.
        #[arg(long, value_parser = eik)]
        eik: String,
        /// The certificate by which the authority knows it (PEM or DER).
        #[arg(long)]
        certificate: PathBuf,
        /// Where it is written to.
        #[arg(long, value_parser = text)]
        email: Option<String>,
        /// Its data-protection officer.
        #[arg(long, value_parser = text)]
        dpo: Option<String>,
    },
    /// End a registration: its officers may do nothing more.
    End {
        /// Its id.
        id: Uuid,
    },
    /// Show all.
    List,
}

pub(in crate::admin) fn run(
    data: &Data,
    config: Config,
    command: AdministratorCommand,
) -> anyhow::Result<()> {
    match command {
        AdministratorCommand::Add {
            name,
            eik,
            certificate: file,
            email,
            dpo,
        } => {
            let der = certificate(&file)?.der().to_vec();
            let row = AdministratorRow {
                id: Uuid::new_v4().to_string(),
                name,
                eik,
                fingerprint: fingerprint(&der),
                der,
                email,
                dpo,
                registered_at: clock::now(),
                ended_at: None,
            };
            at_work(data, config, async |authority| {
                let operation = operation("administrator.register").about(&row.id);
                let work = async { entered(row.insert(authority.store.pool()).await) };
                let done = operation.carry_out(&authority, work).await;
                done.map_err(|problem| told(&problem))?;
                say(&serde_json::json!({ "id": row.id, "fingerprint": row.fingerprint }))
            })
        }
        AdministratorCommand::End { id } => at_work(data, config, async |authority| {
            let operation = operation("administrator.end").about(id);
            let (id, pool) = (id.to_string(), authority.store.pool());
            let work = async { ended(AdministratorRow::end(pool, &id, clock::now()).await) };
            let done = operation.carry_out(&authority, work).await;
            done.map_err(|problem| told(&problem))?;
            say(&serde_json::json!({ "id": id }))
        }),
        AdministratorCommand::List => at_work(data, config, async |authority| {
            for row in AdministratorRow::all(authority.store.pool()).await? {
                say(&serde_json::json!({
                    "id": row.id,
                    "name": row.name,
                    "eik": row.eik,
                    "fingerprint": row.fingerprint,
                    "email": row.email,
                    "dpo": row.dpo,
                    "registered_at": clock::time(row.registered_at).to_string(),
                    "ended_at": row.ended_at.map(|at| clock::time(at).to_string()),
                }))?;
            }
            Ok(())
        }),
    }
}

/// An EIK: 9 digits, or 13 for a branch, with its check digits.
fn eik(text: &str) -> Result<String, String> {
    if is_eik(text) {
        Ok(text.to_owned())
    } else {
        Err("it is 9 or 13 digits, the last of which is a check digit".to_owned())
    }
}

fn is_eik(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits else {
        return false;
    };
    let (head, tail) = match digits.split_first_chunk::<9>() {
        Some((head, tail)) => (head, tail),
        None => return false,
    };
    let [body @ .., check] = head;
    let ok = check_digit(body, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 10]) == *check;
    match tail {
        [] => ok,
        [a, b, c, branch] => {
            let body = [*check, *a, *b, *c];
            ok && check_digit(&body, &[2, 7, 3, 5], &[4, 9, 5, 7]) == *branch
        }
        _ => false,
    }
}

/// The sum by the first weights modulo 11; where that is 10, by the second; where that is 10, 0.
fn check_digit(digits: &[u32], first: &[u32], second: &[u32]) -> u32 {
    let sum = |weights: &[u32]| {
        let products = digits
            .iter()
            .zip(weights)
            .map(|(digit, weight)| digit * weight);
        products.sum::<u32>() % 11
    };
    match sum(first) {
        10 => sum(second) % 10,
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_numbers_with_right_check_digits_alone() {
        for number in ["000695235", "126608480", "1266084800018"] {
            let valid = is_eik(number);
            // The branch number is made up: whatever its check digit is, exactly one fits.
            assert!(valid || number.len() == 13, "{number}");
        }
        let branches = (0..10).filter(|digit| is_eik(&format!("126608480001{digit}")));
        assert_eq!(branches.count(), 1);
        for number in ["", "000695234", "00069523", "0006952350", "00069523x"] {
            assert!(!is_eik(number), "{number}");
        }
    }
}
