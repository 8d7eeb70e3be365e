//! Wall time of a whole login, from the start of the program to the server's page, with a card that
//! takes the time of a real one for its signature. The agent, as always, runs and knows the card.

use std::time::{Duration, Instant};

use super::ours::Ours;
use super::peers::{self, Module};
use super::stage::{Key, Stage};
use super::{Goal, Peer, Row, median};

const BENCH: &str = "login";
/// Of each, in turn, so that all meet the same weather.
const RUNS: usize = 9;
/// The same work without a card may be this much faster, beside the time of the signature: we have
/// a second handshake, before anyone is asked for a PIN, and two programs.
const ABOVE_KEY_FILE: f64 = 60.0;

pub fn run() -> Vec<Row> {
    Key::ALL.into_iter().flat_map(of_key).collect()
}

fn of_key(key: Key) -> Vec<Row> {
    let stage = Stage::short(key);
    stage.at_real_speed();
    let ours = Ours::start(&stage);
    let url = ours.url();
    let file = stage.ca.client("File Holder", key.kind());
    let (mut of_ours, mut of_opensc, mut of_file) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        of_ours.push(timed(|| ours.login()));
        of_opensc.push(timed(|| Module::OpenSc.curl(&stage, &url)));
        of_file.push(timed(|| {
            peers::curl_with_key_file(&stage, &url, &file.certificate.path, &file.key);
        }));
    }
    let figure = (median(of_ours), "ms");
    let metric = (BENCH, format!("{}, median of {RUNS}", key.name()));
    let curl = peers::curl_name();
    let opensc = Peer {
        name: format!("{curl}, {}", Module::OpenSc.name()),
        figure: median(of_opensc),
    };
    let in_file = Peer {
        name: format!("{curl}, key in a file"),
        figure: median(of_file),
    };
    let above = milliseconds(key.signing_time()) + ABOVE_KEY_FILE;
    vec![
        Row::beside(metric.clone(), figure, &opensc, Goal::TimesPeer(1.0)),
        Row::beside(metric, figure, &in_file, Goal::AbovePeer(above)),
    ]
}

/// How long it takes, in ms.
fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    milliseconds(began.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
