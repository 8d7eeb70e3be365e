//! How costs grow with the register and the journal, from ten thousand to a million certificates; to more
//! where `LICHNA_BENCH_LARGEST` says so. Each figure stands beside the same with the fewest.

use std::fmt::Write as _;
use std::process::Command;

use super::lists::published;
use super::measured::{number, seconds};
use super::register::{self, Revoked};
use super::{issuing, journal, ocsp, plot};
use crate::authority::Authority;
use crate::bench::stage::run as run_command;
use crate::bench::{Goal, Peer, Row};

const BENCH: &str = "growth";
const SMALLEST: u64 = 10_000;
const LARGEST: u64 = 1_000_000;
/// Of so many certificates one is on the revocation list.
const REVOKED: u64 = 10;
/// Holders that certificates are issued to at each size.
const HOLDERS: u32 = 10;
/// Questions at each size.
const QUESTIONS: u64 = 400;

/// What one thing costs at each size.
pub struct Line {
    pub what: &'static str,
    pub unit: &'static str,
    /// By size.
    pub figures: Vec<(u64, f64)>,
    /// How much more it may be at the largest than at the smallest.
    goal: f64,
}

pub fn run() -> Vec<Row> {
    let largest = std::env::var("LICHNA_BENCH_LARGEST").ok();
    let largest = largest
        .and_then(|text| text.parse().ok())
        .unwrap_or(LARGEST);
    let sizes: Vec<_> = std::iter::successors(Some(SMALLEST), |size| size.checked_mul(10))
        .take_while(|size| *size <= largest)
        .collect();
    let lines = [of_journal(&sizes), of_register(&sizes)].concat();
    if let Some(file) = std::env::var_os("LICHNA_BENCH_PLOT") {
        plot::draw(file.as_ref(), &lines);
    }
    lines.iter().filter_map(Line::row).collect()
}

impl Line {
    fn row(&self) -> Option<Row> {
        let ((smallest, few), (largest, many)) = (self.figures.first()?, self.figures.last()?);
        let peer = Peer {
            name: format!("the same with {smallest}"),
            figure: *few,
        };
        Some(Row::beside(
            (BENCH, format!("{}, with {largest}", self.what)),
            (*many, self.unit),
            &peer,
            Goal::TimesPeer(self.goal),
        ))
    }
}

impl Clone for Line {
    fn clone(&self) -> Self {
        Self {
            figures: self.figures.clone(),
            ..*self
        }
    }
}

fn of_journal(sizes: &[u64]) -> Vec<Line> {
    let folder = tempfile::tempdir().expect("a folder");
    let probed = journal::grow(&folder.path().join("journal"), sizes);
    let line = |what, unit, goal, figure: fn(&journal::Probed) -> f64| Line {
        what,
        unit,
        figures: probed.iter().map(|at| (at.size, figure(at))).collect(),
        goal,
    };
    vec![
        line("journal: a record of 64 together", "µs", 1.5, |at| {
            at.append
        }),
        line("journal: a checkpoint", "µs", 1.5, |at| at.checkpoint),
        // One more hash, and those below it, for each doubling.
        line("journal: a proof", "µs", 4.0, |at| at.proof),
        // The last segment is read: 64 MiB at most.
        line("journal: until it is open", "ms", 100.0, |at| at.open),
        line("journal: bytes a record", "B", 1.1, |at| at.bytes),
    ]
}

fn of_register(sizes: &[u64]) -> Vec<Line> {
    let mut authority = register::empty();
    let mut there = 0;
    let (mut answers, mut lists, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let (mut issued, mut officer) = (Vec::new(), None);
    for (round, size) in (0..).zip(sizes) {
        register::fill(&authority, there..*size, Revoked::One { of: REVOKED });
        register::want_list(&authority);
        there = *size;
        authority.run(0);
        let entries = size / REVOKED;
        let list = published(&authority, entries);
        lists.push((*size, list.seconds * 1e6 / number(entries)));
        memory.push((*size, list.memory));
        answers.push((*size, answer(&authority, *size)));
        let officer = officer.get_or_insert_with(|| issuing::officer(&authority));
        let holders = round * HOLDERS..(round + 1) * HOLDERS;
        issued.push((*size, issuing::each(&authority, officer, holders) * 1e3));
        authority.stop(0);
    }
    let line = |what, unit, goal, figures| Line {
        what,
        unit,
        figures,
        goal,
    };
    vec![
        line("a holder issued", "ms", 1.5, issued),
        line("OCSP: a new answer", "µs", 1.5, answers),
        line("revocation list: an entry", "µs", 1.5, lists),
        // A list is made in memory.
        line("memory of the server", "MB", 20.0, memory),
    ]
}

/// Microseconds of a signed answer about a certificate that nobody asked about lately.
fn answer(authority: &Authority, size: u64) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = authority.issuing();
    let url = format!("{}/ocsp", authority.http_url(0));
    let mut config = String::new();
    for question in 0..QUESTIONS {
        let path = folder.path().join(question.to_string());
        // All over the register.
        let serial = register::serial((question * 7919 + 13) * size / QUESTIONS % size);
        ocsp::ask(&issuer, &serial, true, &path);
        if question > 0 {
            config += "next\n";
        }
        writeln!(
            config,
            "url = \"{url}\"\nheader = \"Content-Type: application/ocsp-request\"\n\
             data-binary = \"@{}\"\noutput = \"/dev/null\"\nfail\nsilent",
            path.display()
        )
        .expect("memory");
    }
    let file = folder.path().join("curl");
    std::fs::write(&file, config).expect("own folder");
    let (seconds, _) = seconds(|| {
        let mut command = Command::new("curl");
        run_command(command.arg("--fail-early").arg("--config").arg(&file))
    });
    seconds * 1e6 / number(QUESTIONS)
}
