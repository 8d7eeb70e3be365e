//! What the authority costs: issuing, OCSP, revocation lists, the journal. Beside OpenSSL, which has a
//! program for each of the first three, and SQLite, which waits for the same disk.

mod growth;
mod issuing;
mod journal;
mod lists;
mod measured;
mod ocsp;
mod plot;
mod register;

use crate::authority::{Authority, Database, Spec};

use super::Row;

pub use growth::run as growth;

const BENCH: &str = "authority";

pub fn run() -> Vec<Row> {
    let mut rows = issuing::rows();
    rows.extend(journal::rows());
    rows.extend(lists::rows());
    rows.extend(ocsp::rows());
    rows
}

/// An authority that turns nobody away for asking often.
fn authority() -> Authority {
    Authority::start(&spec())
}

fn spec() -> Spec {
    Spec::new(Database::Sqlite).settings("[limits]\nrequests_per_second = 1000000\nburst = 1000000")
}
