//! `lichna approve`: a person answers the requests of other programs, at a terminal of his own.

use lichna_ipc::{Entry, PendingRequest, Reply, Request, Terminal};
use serde_json::json;

use super::{call, connect, unexpected};
use crate::consent::requester;
use crate::face::{Face, Secrets};
use crate::output::Output;
use crate::plain::plain;
use crate::problem::{Here, Problem};

pub fn run(id: Option<u32>, out: &Output) -> Result<(), Problem> {
    let mut client = connect()?;
    let chosen = match id {
        Some(id) => Some(id),
        None => {
            let nobody = Face::new(out, Secrets::Nobody);
            let Reply::Pending(pending) = call(&mut client, Request::Pending, nobody)? else {
                return Err(unexpected());
            };
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
        return Err(lichna_ipc::Failure::NoTerminal.into());
    }
    let face = Face::new(out, Secrets::Terminal);
    match call(&mut client, Request::Approve { pending }, face)? {
        Reply::Approved if out.json => out.print_json(&json!({ "approved": pending })),
        Reply::Approved => out.print(&out.text("approve-done")),
        _ => Err(unexpected()),
    }
}

fn list(pending: &[PendingRequest], out: &Output) -> Result<(), Problem> {
    if pending.is_empty() {
        return out.print(&out.text("approve-none"));
    }
    let row = |one: &PendingRequest| {
        vec![
            one.id.to_string(),
            requester(&one.requester, out),
            one.server.as_deref().map(plain).unwrap_or_default(),
            plain(&one.reader),
            one.seconds_left.to_string(),
        ]
    };
    out.print_table(
        &[
            "title-number",
            "title-requester",
            "title-server",
            "title-reader",
            "title-seconds",
        ],
        pending.iter().map(row).collect(),
    )
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
