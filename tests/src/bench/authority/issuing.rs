//! Issuing: what the server computes for one holder by Art. 14 (the application, the carrier's
//! challenge, two requests, two certificates, registers, journal, confirmation; each step over a TLS
//! connection of its own), beside two certificates by `openssl ca`, which does the last of it alone.

use std::ops::Range;
use std::process::Command;

use super::lists::openssl_ca;
use super::measured::{self, openssl, processor};
use super::register::Revoked;
use super::{BENCH, authority};
use crate::authority::Authority;
use crate::authority::people::{Enrolled, Person};
use crate::bench::stage::run as run_command;
use crate::bench::{Goal, Peer, Row};
use crate::ca::Ca;

/// Holders.
const HOLDERS: u32 = 40;
/// Four connections with handshakes, two signatures with a larger key, and waiting for the disk ten
/// times, in the room of so many pairs of bare certificates.
const PAIRS: f64 = 12.0;

pub fn rows() -> Vec<Row> {
    let authority = authority();
    let ours = each(&authority, &officer(&authority), 0..HOLDERS);
    drop(authority);

    let peer = Peer {
        name: format!("{} ca, two certificates", openssl()),
        figure: by_openssl() * 1e3,
    };
    vec![Row::beside(
        (
            BENCH,
            "a holder issued: processor time of the server".to_owned(),
        ),
        (ours * 1e3, "ms"),
        &peer,
        Goal::TimesPeer(PAIRS),
    )]
}

/// Somebody who issues.
pub fn officer(authority: &Authority) -> Enrolled {
    let ca = Ca::new("Administrators");
    let (administrator, _) = authority.new_administrator(&ca, "Sofia");
    authority.officer(&administrator, &Person::maria(), "9000000001")
}

/// Seconds of processors that the server takes for each holder with one of these numbers.
pub fn each(authority: &Authority, officer: &Enrolled, numbers: Range<u32>) -> f64 {
    let count = f64::from(numbers.end - numbers.start);
    let began = processor(authority.pid(0));
    for number in numbers {
        let card = format!("{}", 1_000_000_000 + u64::from(number));
        authority.holder(officer, &Person::number(number), &card);
    }
    (processor(authority.pid(0)) - began) / count
}

/// Seconds of processors for two certificates.
fn by_openssl() -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = openssl_ca(folder.path(), "P-384", 0, Revoked::All);
    let mut requests = Vec::new();
    for number in 0..2 * HOLDERS {
        let name = format!("{number}.csr");
        let mut command = Command::new("openssl");
        command
            .current_dir(&ca)
            .args(["req", "-new", "-newkey", "ec", "-nodes"]);
        command.args([
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-keyout",
            "/dev/null",
        ]);
        run_command(command.args(["-subj", &format!("/CN={number}"), "-out", &name]));
        requests.push(name);
    }
    let mut arguments = vec!["ca", "-config", "ca.cnf", "-batch", "-notext", "-infiles"];
    arguments.extend(requests.iter().map(String::as_str));
    let took = measured::run(&ca, "openssl", &arguments);
    took.processor / f64::from(HOLDERS)
}
