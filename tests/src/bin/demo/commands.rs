//! The commands to the cards, as `lichna trace` shows them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context;
use lichna_tests::workspace::Home;
use serde_json::Value;

/// All commands since this was made.
pub struct Commands {
    names: Arc<Mutex<Vec<String>>>,
    trace: Child,
}

impl Commands {
    /// Of that home's agent, which is started.
    pub fn of(home: &Home) -> anyhow::Result<Self> {
        let mut command = home.lichna(["trace", "--json"]);
        let mut trace = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(trace.stdout.take().context("it is piped")?).lines();
        let names = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&names);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let exchange: Value = serde_json::from_str(&line).unwrap_or_default();
                let name = exchange["instruction"]
                    .as_str()
                    .or(exchange["ins"].as_str());
                let mut names = into.lock().unwrap_or_else(PoisonError::into_inner);
                names.push(name.unwrap_or_default().to_owned());
            }
        });
        Ok(Self { names, trace })
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.len()
    }

    /// Those from some number on: `VERIFY, GENERAL AUTHENTICATE × 4`.
    pub fn in_words(&self, from: usize) -> String {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut words: Vec<(&str, usize)> = Vec::new();
        for name in names.iter().skip(from) {
            match words.last_mut() {
                Some((last, count)) if last == name => *count += 1,
                _ => words.push((name, 1)),
            }
        }
        let words = words.into_iter().map(|(name, count)| match count {
            1 => name.to_owned(),
            count => format!("{name} × {count}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        // It ends with the agent, or now.
        self.trace.kill().ok();
        self.trace.wait().ok();
    }
}
