//! A key and its certificate for a card that is in its reader, by our own crates.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, ensure};

use crate::built;
use crate::ca::Ca;
use crate::pcscd::Pcscd;

/// Has the card make a key and takes its certificate there: `lichna-personalise`, since only a
/// process of its own can be told which service is meant.
///
/// # Errors
/// What that program could not do.
pub fn personalise(pcscd: &Pcscd, reader: &str, ca: &Ca, holder: &str) -> anyhow::Result<()> {
    let mut child = pcscd
        .command(built::program("lichna-tests", "lichna-personalise"))
        .args(["--reader", reader])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut public_key = String::new();
    let stdout = child.stdout.take().context("no standard output")?;
    BufReader::new(stdout).read_line(&mut public_key)?;
    let certificate = ca.client_for(&hex::decode(public_key.trim())?, holder);
    let mut stdin = child.stdin.take().context("no standard input")?;
    writeln!(stdin, "{}", hex::encode(&certificate.der))?;
    let status = child.wait()?;
    ensure!(status.success(), "lichna-personalise ended with {status}");
    Ok(())
}
