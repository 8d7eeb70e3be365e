//! What a process took of time and memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::param::clock_ticks_per_second;
use serde::Deserialize;

use crate::bench::stage::run as run_command;

/// What a command took.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Measured {
    /// Seconds from beginning to end.
    pub seconds: f64,
    /// Seconds of processors.
    pub processor: f64,
    /// Megabytes that it had at most.
    pub memory: f64,
}

/// The system tells of a child only when it ended, and only its parent.
const MEASURE: &str = r#"
import json, resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
seconds = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": seconds, "processor": used.ru_utime + used.ru_stime,
                  "memory": used.ru_maxrss * 1024 / 1e6}))
"#;

/// Runs a program of others to its end in that folder.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Measured {
    let mut command = Command::new("python3");
    command
        .current_dir(folder)
        .args(["-c", MEASURE, program])
        .args(arguments);
    let said = run_command(&mut command);
    serde_json::from_slice(&said).expect("what was measured")
}

/// Seconds of processors that a process took until now.
pub fn processor(pid: u32) -> f64 {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).expect("a process that runs");
    // Behind the name, which may have blanks: utime is field 14, stime field 15.
    let (_, fields) = text.rsplit_once(')').expect("a name in brackets");
    let fields: Vec<_> = fields.split_whitespace().collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().expect("a number");
    let a_second = f64::from(u32::try_from(clock_ticks_per_second()).expect("a small number"));
    (ticks(14) + ticks(15)) / a_second
}

/// Megabytes of memory that a process had at most.
pub fn memory(pid: u32) -> f64 {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).expect("a process that runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes = kilobytes.and_then(|number| number.parse::<f64>().ok());
    kilobytes.expect("the most memory it had") * 1024.0 / 1e6
}

/// Seconds that it took.
pub fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed().as_secs_f64(), done)
}

/// A program and its version, from the first line that it says of itself.
pub fn version(program: &str, argument: &str, words: usize) -> String {
    let output = Command::new(program)
        .arg(argument)
        .stderr(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next().unwrap_or_default();
    line.split_whitespace()
        .take(words)
        .collect::<Vec<_>>()
        .join(" ")
}

/// OpenSSL and its version.
pub fn openssl() -> String {
    version("openssl", "version", 2)
}

#[allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts and sizes are far below 2^52"
)]
pub fn number(count: u64) -> f64 {
    count as f64
}
