//! The programs that `cargo xtask demo` and `cargo xtask bench` run.
#![forbid(unsafe_code)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn the_demo_goes_to_its_end_and_leaves_nothing_behind() {
    demo_goes_to_its_end(&[]);
}

#[test]
fn the_demo_does_the_same_through_the_smart_card_service() {
    demo_goes_to_its_end(&["--pcsc"]);
}

fn demo_goes_to_its_end(arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    // Which ports are taken, all tests have to know of each other.
    let ports = format!("lichna-test-ports-{}", rustix::process::getuid().as_raw());
    let shared = std::env::temp_dir().join(&ports);
    fs::create_dir_all(&shared).unwrap();
    symlink(shared, folder.path().join(&ports)).unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_lichna-demo"));
    demo.env("TMPDIR", folder.path())
        .env("LICHNA_LANGUAGE", "en");
    let output = demo.args(arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    // PACE, SELECT, VERIFY, one signature: the tries left are known from the renewal.
    assert!(
        said.contains("GENERAL AUTHENTICATE × 4, SELECT, VERIFY, INTERNAL AUTHENTICATE\n"),
        "{said}"
    );
    // The old certificate, by the name that its holder gave it, and the one that took its place.
    let certificates = |state: &str| {
        let of_state = said
            .lines()
            .filter(|line| line.contains(&format!("logging in         {state} ")));
        of_state.map(str::to_owned).collect::<Vec<_>>()
    };
    let named = certificates("REVOKED")
        .iter()
        .any(|line| line.ends_with("at home"));
    assert!(named, "{said}");
    assert_eq!(certificates("good").len(), 1, "{said}");
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| *name != ports)
        .collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(processes_in(folder.path()), Vec::<String>::new());
}

#[test]
fn the_bench_counts_commands_beside_its_peers_and_meets_its_goals() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_lichna-bench"));
    // Making RSA keys takes the cards a time of their own.
    let output = bench.args(["apdus", "--json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    let keys = [
        "bench",
        "metric",
        "unit",
        "ours",
        "peer",
        "peer_name",
        "ratio",
        "goal",
        "met",
    ];
    for row in rows {
        assert!(keys.iter().all(|key| !row[*key].is_null()), "{row}");
        assert_eq!(row["met"], true, "{row}");
    }
    for peer in ["OpenSC", "ykcs11"] {
        let named = |row: &&serde_json::Value| row["peer_name"].as_str().unwrap().contains(peer);
        assert_eq!(rows.iter().filter(named).count(), 15, "{peer}");
    }
}

/// What takes time is for optimised programs on a quiet computer; what is counted holds everywhere.
#[test]
fn the_bench_of_the_pkcs11_module_runs_beside_its_peers_and_counts() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_lichna-bench"));
    let output = bench.args(["pkcs11", "--json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let rows: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let rows = rows.as_array().unwrap();
    for (metric, count) in [
        ("C_Initialize to the first certificate", 2),
        ("search for certificates", 3),
        ("C_GetAttributeValue", 2),
        ("size of the library", 1),
        ("Firefox, calls for a signature", 2),
        ("Firefox, time of a page", 3),
    ] {
        let of_metric = rows.iter().filter(|row| row["metric"] == metric);
        assert_eq!(of_metric.count(), count, "{metric}");
    }
    let commands = "Firefox, commands for a signature";
    let mut commands = rows.iter().filter(|row| row["metric"] == commands);
    assert_eq!(commands.next().unwrap()["met"], true, "{rows:?}");
}

/// Processes that were told of this folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap().as_bytes();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| {
            let environment = fs::read(process.path().join("environ")).ok()?;
            let told = environment.windows(folder.len()).any(|part| part == folder);
            told.then(|| fs::read_to_string(process.path().join("comm")).unwrap_or_default())
        })
        .collect()
}
