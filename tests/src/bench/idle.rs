//! The agent with nothing to do: a card in the reader, nobody who asks.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::thread;
use std::time::Duration;

use super::ours::Ours;
use super::stage::{Key, Stage};
use super::{Goal, Row};

const BENCH: &str = "idle";
const TIME: Duration = Duration::from_secs(60);
const MEMORY: f64 = 16.0;

pub fn run() -> Vec<Row> {
    let stage = Stage::short(Key::P256);
    let ours = Ours::start(&stage);
    ours.login();
    let agent = ours.agent();
    // What the login set in motion comes to rest; idle workers end after 10 s.
    thread::sleep(TIME / 4);
    let before = switches(agent);
    thread::sleep(TIME);
    let woken = wake_ups(&before, &switches(agent));
    let memory = kibibytes(agent, "VmRSS:") / 1024.0;
    let metric = |what: String| (BENCH, what);
    vec![
        Row::alone(
            metric(format!("wake-ups of all threads in {} s", TIME.as_secs())),
            (woken, "switches"),
            Goal::Exactly(0.0),
        ),
        Row::alone(
            metric("resident memory".to_owned()),
            (memory, "MiB"),
            Goal::AtMost(MEMORY),
        ),
    ]
}

/// The voluntary context switches of each thread: how often it went to sleep.
fn switches(process: i32) -> BTreeMap<OsString, f64> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the agent runs");
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

fn kibibytes(process: i32, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the agent runs");
    field(&status, name)
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
