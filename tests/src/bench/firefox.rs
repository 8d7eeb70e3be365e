//! What a page costs in Firefox that wants a certificate: calls of the module, time, commands to the
//! card. With the PIN typed and, where somebody is asked, his leave for the next signatures given.

use std::time::Instant;

use super::stage::{PIN, Stage};
use super::{Goal, Peer, Row, median};
use crate::approver::{Answers, Approver};
use crate::browser::{Browser, Firefox, Spy};
use crate::ca::Ca;
use crate::programs::Provider;
use crate::server::{Asks, Program, Server, ServerSpec};
use crate::workspace::Home;

/// Pages that count. Firefox opens two connections for a page, if it feels like it, and the holder's
/// leave is good for eight signatures.
const PAGES: usize = 3;
/// SELECT, VERIFY, GENERAL AUTHENTICATE.
const COMMANDS: f64 = 3.0;
/// Beside a peer: Firefox makes some of its calls when it feels like it.
const CALLS: f64 = 1.5;
/// Milliseconds that a page may take beside one without a certificate.
const ABOVE_PLAIN: f64 = 100.0;

/// What pages cost with a module.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// Calls of the module, for each signature.
    calls: f64,
    /// Milliseconds, from asking for a page until it is there.
    time: f64,
    /// Commands to the card, for each signature.
    commands: f64,
    /// Milliseconds of a page that wants no certificate.
    plain: f64,
}

impl Costs {
    /// With our module: the holder types the PIN at another terminal.
    pub fn of_ours(stage: &Stage, home: &Home, module: &Provider) -> Self {
        let holder = Approver::new(home, Answers::pin(PIN).grants());
        let costs = Self::of(stage, module, |_| ());
        assert_eq!(holder.pins_asked(), 1, "the holder was asked again");
        costs
    }

    /// With a module that wants the PIN for itself: Firefox asks for it, once.
    pub fn of_other(stage: &Stage, module: &Provider) -> Self {
        Self::of(stage, module, |firefox| firefox.types_at_prompts(PIN))
    }

    fn of(stage: &Stage, module: &Provider, prepare: impl FnOnce(&mut Firefox)) -> Self {
        // Each page from a server that the browser does not know yet, so nothing is resumed.
        let servers: Vec<_> = (0..=PAGES)
            .map(|_| server(&stage.ca, Asks::Always))
            .collect();
        let plain: Vec<_> = (0..=PAGES)
            .map(|_| server(&stage.ca, Asks::Never))
            .collect();
        let spy = Spy::before(module);
        let mut firefox = Box::new(Firefox::start(spy.module(), &stage.ca.root().path));
        prepare(&mut firefox);
        // What is done once in a browser's life is done by the first of each.
        load(&mut firefox, &plain[0], false);
        let pages = plain[1..].iter();
        let plain = median(pages.map(|server| load(&mut firefox, server, false)));
        load(&mut firefox, &servers[0], true);
        spy.clear();
        let (log, time) = stage.pcscd.logged(|| {
            let pages = servers[1..].iter();
            median(pages.map(|server| load(&mut firefox, server, true)))
        });
        let calls = spy.calls();
        firefox.quit();
        let signatures = ["C_Sign", "C_SignFinal"];
        let signatures = signatures.iter().filter_map(|name| calls.get(*name)).sum();
        Self {
            calls: ratio(calls.values().sum(), signatures),
            time,
            commands: ratio(log.len(), signatures),
            plain,
        }
    }
}

/// Ours beside others, each with its name.
pub fn rows(bench: &'static str, ours: &Costs, others: &[(String, Costs)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |what: &str, (figure, unit), name: &str, theirs, goal| {
        let peer = Peer {
            name: name.to_owned(),
            figure: theirs,
        };
        let metric = (bench, format!("Firefox, {what}"));
        rows.push(Row::beside(metric, (figure, unit), &peer, goal));
    };
    for (name, theirs) in others {
        let times = Goal::TimesPeer(CALLS);
        row(
            "calls for a signature",
            (ours.calls, "calls"),
            name,
            theirs.calls,
            times,
        );
        row(
            "time of a page",
            (ours.time, "ms"),
            name,
            theirs.time,
            Goal::AbovePeer(ABOVE_PLAIN),
        );
        if theirs.commands > 0.0 {
            let exactly = Goal::Exactly(COMMANDS);
            row(
                "commands for a signature",
                (ours.commands, "APDUs"),
                name,
                theirs.commands,
                exactly,
            );
        }
    }
    let above = Goal::AbovePeer(ABOVE_PLAIN);
    row(
        "time of a page",
        (ours.time, "ms"),
        "a page without a certificate",
        ours.plain,
        above,
    );
    rows
}

fn server(ca: &Ca, asks: Asks) -> Server {
    ServerSpec::new(Program::Nginx, ca).asks(asks).start()
}

/// Milliseconds until the page is there.
fn load(firefox: &mut Firefox, server: &Server, with_certificate: bool) -> f64 {
    let began = Instant::now();
    let page = firefox.load(&server.url());
    let time = began.elapsed().as_secs_f64() * 1e3;
    assert_eq!(page.subject().is_some(), with_certificate, "{page:?}");
    time
}

#[allow(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "counts are small"
)]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}
