//! The agent with nothing to do: a card in the reader, nobody who asks.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::thread;
use std::time::Duration;

use super::ours::Ours;
use super::peers::GnuPg;
use super::stage::Stage;
use super::{Goal, Peer, Row};

const BENCH: &str = "idle";
const TIME: Duration = Duration::from_secs(60);
const MEMORY: f64 = 16.0;

pub fn run() -> Vec<Row> {
    let [own, theirs] = [Stage::openpgp(), Stage::openpgp()];
    let ours = Ours::start(&own);
    ours.login();
    let peer = GnuPg::start(&theirs);
    let processes = [vec![ours.agent()], peer.processes.clone()];
    // What was set in motion comes to rest; idle workers end after 10 s.
    thread::sleep(TIME / 4);
    let before = processes.clone().map(switches);
    thread::sleep(TIME);
    let after = processes.clone().map(switches);
    let [our_memory, their_memory] = processes.map(|those| mebibytes(&those));
    let beside = |metric: String, ours, their_figure, goal| {
        let peer = Peer {
            name: GnuPg::name(),
            figure: their_figure,
        };
        Row::beside((BENCH, metric), ours, &peer, goal)
    };
    let woken = |which: usize| wake_ups(&before[which], &after[which]);
    vec![
        beside(
            format!("wake-ups of all threads in {} s", TIME.as_secs()),
            (woken(0), "switches"),
            woken(1),
            Goal::Exactly(0.0),
        ),
        beside(
            "resident memory".to_owned(),
            (our_memory, "MiB"),
            their_memory,
            Goal::AtMost(MEMORY),
        ),
    ]
}

/// The voluntary context switches of each thread: how often it went to sleep.
fn switches(processes: Vec<i32>) -> BTreeMap<OsString, f64> {
    let threads = processes
        .into_iter()
        .flat_map(|process| fs::read_dir(format!("/proc/{process}/task")).expect("it runs"));
    threads
        .flatten()
        .filter_map(|thread| {
            let status = fs::read_to_string(thread.path().join("status")).ok()?;
            Some((
                thread.file_name(),
                field(&status, "voluntary_ctxt_switches:"),
            ))
        })
        .collect()
}

/// How often a thread was woken in between, to go to sleep again or to end.
fn wake_ups(before: &BTreeMap<OsString, f64>, after: &BTreeMap<OsString, f64>) -> f64 {
    let slept = after
        .iter()
        .map(|(thread, count)| count - before.get(thread).unwrap_or(&0.0));
    let ended = before.keys().filter(|thread| !after.contains_key(*thread));
    slept.chain(ended.map(|_| 1.0)).sum()
}

fn mebibytes(processes: &[i32]) -> f64 {
    let memory = processes.iter().map(|process| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        field(&status, "VmRSS:") / 1024.0
    });
    memory.sum()
}

fn field(status: &str, name: &str) -> f64 {
    let mut lines = status.lines();
    lines
        .find_map(|line| {
            line.strip_prefix(name)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or_else(|| panic!("{name} in {status}"))
}
