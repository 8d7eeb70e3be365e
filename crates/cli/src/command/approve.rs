//! `lichna approve`: a person answers the requests of other programs, at a terminal of his own.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use lichna_consent::{requester, signature};
use lichna_i18n::plain;
use lichna_ipc::{
    Client, ClientProblem, Entry, Failure, PendingRequest, Reply, Request, State, Terminal,
};
use serde_json::json;

use super::{call, connect, unexpected};
use crate::face::{Face, Secrets};
use crate::output::Output;
use crate::problem::{Here, Problem};

pub fn run(id: Option<u32>, out: &Output) -> Result<(), Problem> {
    let mut client = connect()?;
    let chosen = match id {
        Some(id) => Some(id),
        None => {
            let pending = waiting(&mut client, out)?;
            if out.json {
                return out.print_json(&json!({ "pending": pending }));
            }
            list(&pending, out)?;
            choose(&pending, out)?
        }
    };
    let Some(pending) = chosen else {
        return Ok(());
    };
    // The agent refuses it without a terminal; here is where that is said best.
    if !Terminal::is_there() {
        return Err(Failure::NoTerminal.into());
    }
    answer(&mut client, pending, out)
}

/// Answers one request after the other as they come, so that the window can stay open beside a
/// browser. Ctrl-C at a question, or between them, ends it.
pub fn wait(out: &Output) -> Result<(), Problem> {
    if !Terminal::is_there() {
        return Err(Failure::NoTerminal.into());
    }
    let mut client = connect()?;
    if !out.json {
        out.say(&out.text("approve-waits"));
    }
    // Whatever was tried once is not tried again: it was answered, or cannot be answered here.
    let mut seen = BTreeSet::new();
    loop {
        let next = match next(&mut client, &mut seen, out) {
            // It was ended or replaced; its successor has its own requests.
            Err(Problem::Client(ClientProblem::AgentGone)) => {
                client = connect()?;
                seen.clear();
                continue;
            }
            other => other?,
        };
        seen.insert(next);
        match answer(&mut client, next, out) {
            // Said no, or was too late, or the card did: the next one may fare better.
            Err(Problem::Agent(failure)) if failure != Failure::Cancelled => {
                out.problem(&failure.into());
            }
            other => other?,
        }
    }
}

/// Waits for a request that was not seen yet, and forgets those that wait no more.
fn next(client: &mut Client, seen: &mut BTreeSet<u32>, out: &Output) -> Result<u32, Problem> {
    let mut next = None;
    let on_state = |state: &State| {
        seen.retain(|id| state.pending.iter().any(|one| one.id == *id));
        let mut ids = state.pending.iter().map(|one| one.id);
        next = next.or_else(|| ids.find(|id| !seen.contains(id)));
        match next {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    };
    let face = Face::watching(out, Box::new(on_state));
    call(client, Request::Watch, face)?;
    next.ok_or_else(unexpected)
}

/// Takes a request up, and says how it ended.
fn answer(client: &mut Client, pending: u32, out: &Output) -> Result<(), Problem> {
    let face = Face::new(out, Secrets::Terminal);
    match call(client, Request::Approve { pending }, face)? {
        Reply::Approved if out.json => out.print_json(&json!({ "approved": pending })),
        Reply::Approved => out.print(&out.text("approve-done")),
        _ => Err(unexpected()),
    }
}

/// The requests that wait for a person.
fn waiting(client: &mut Client, out: &Output) -> Result<Vec<PendingRequest>, Problem> {
    let nobody = Face::new(out, Secrets::Nobody);
    match call(client, Request::Pending, nobody)? {
        Reply::Pending(pending) => Ok(pending),
        _ => Err(unexpected()),
    }
}

fn list(pending: &[PendingRequest], out: &Output) -> Result<(), Problem> {
    if pending.is_empty() {
        return out.print(&out.text("approve-none"));
    }
    table(pending, out)
}

/// Prints them; nothing at all where there are none.
pub fn table(pending: &[PendingRequest], out: &Output) -> Result<(), Problem> {
    let row = |one: &PendingRequest| {
        vec![
            one.id.to_string(),
            requester(&one.requester, &out.messages),
            purpose(one, out),
            plain(&one.reader),
            one.seconds_left.to_string(),
        ]
    };
    out.print_table(
        &[
            "title-number",
            "title-requester",
            "title-purpose",
            "title-reader",
            "title-seconds",
        ],
        pending.iter().map(row).collect(),
    )
}

/// What is asked for, as far as a list has room for it.
fn purpose(pending: &PendingRequest, out: &Output) -> String {
    match (&pending.server, pending.signature) {
        (Some(server), _) => {
            let server = plain(server);
            out.text_with("consent-login", &[("server", server.into())])
        }
        (None, Some(role)) => out.text(signature(role)),
        (None, None) => String::new(),
    }
}

/// The only one there is, or the one whose number is typed.
fn choose(pending: &[PendingRequest], out: &Output) -> Result<Option<u32>, Problem> {
    let [_, _, ..] = pending else {
        return Ok(pending.first().map(|one| one.id));
    };
    if !Terminal::is_there() {
        return Ok(None);
    }
    let broken = |error: std::io::Error| Here::terminal(&error);
    let prompt = format!("{} ", out.text("ask-which"));
    let answer = Terminal::open()
        .and_then(|mut terminal| terminal.read_answer(&prompt, None))
        .map_err(broken)?;
    match answer {
        Entry::Typed(number) => {
            let id = number.parse().map_err(|_| Here::Usage {
                reason: plain(&number),
            })?;
            Ok(Some(id))
        }
        _ => Ok(None),
    }
}
