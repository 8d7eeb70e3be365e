//! `lichna trace`: what is said to the cards, without a byte of it.

use std::ops::ControlFlow;

use lichna_i18n::plain;
use lichna_ipc::{ApduTrace, Reply, Request};
use serde_json::json;

use super::{ask_with, unexpected};
use crate::face::Face;
use crate::output::Output;
use crate::problem::Problem;

pub fn run(count: Option<u32>, out: &Output) -> Result<(), Problem> {
    let mut left = count;
    let mut failed = None;
    if !out.json {
        out.say(&out.text("trace-begins"));
    }
    let on_trace = |exchange: &ApduTrace| {
        if left == Some(0) {
            return ControlFlow::Break(());
        }
        left = left.map(|left| left.saturating_sub(1));
        if let Err(problem) = show(exchange, out) {
            failed = Some(problem);
            return ControlFlow::Break(());
        }
        match left {
            Some(0) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let reply = ask_with(Request::Trace, Face::tracing(out, Box::new(on_trace)));
    if let Some(problem) = failed {
        return Err(problem);
    }
    match reply {
        Ok(Reply::TraceEnded) => Ok(()),
        Ok(_) => Err(unexpected()),
        // Cancelled as it was asked to be, after so many exchanges.
        Err(Problem::Agent(lichna_ipc::Failure::Cancelled)) if count.is_some() => Ok(()),
        Err(problem) => Err(problem),
    }
}

fn show(exchange: &ApduTrace, out: &Output) -> Result<(), Problem> {
    if out.json {
        let mut value = json!(exchange);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("instruction".into(), instruction(&exchange.ins).into());
        }
        return out.print_json(&value);
    }
    let tenths = exchange.microseconds / 100;
    out.print(&format!(
        "{}  {} {:<32} P1P2 {}  →{:>5}  ←{:>5}  {}  {:>6}.{} ms",
        plain(&exchange.reader),
        plain(&exchange.ins),
        instruction(&exchange.ins).unwrap_or_default(),
        plain(&exchange.p1p2),
        exchange.sent,
        exchange.received,
        exchange
            .status
            .as_deref()
            .map_or_else(|| "----".into(), plain),
        tenths / 10,
        tenths % 10,
    ))
}

/// Names of the instructions, ISO/IEC 7816-4 and -8, and of PIV where it has its own.
fn instruction(ins: &str) -> Option<&'static str> {
    Some(match ins.to_ascii_uppercase().as_str() {
        "20" | "21" => "VERIFY",
        "22" => "MANAGE SECURITY ENVIRONMENT",
        "24" => "CHANGE REFERENCE DATA",
        "2A" => "PERFORM SECURITY OPERATION",
        "2C" => "RESET RETRY COUNTER",
        "44" => "ACTIVATE FILE",
        "46" | "47" => "GENERATE ASYMMETRIC KEY PAIR",
        "70" => "MANAGE CHANNEL",
        "82" => "EXTERNAL AUTHENTICATE",
        "84" => "GET CHALLENGE",
        "86" | "87" => "GENERAL AUTHENTICATE",
        "88" => "INTERNAL AUTHENTICATE",
        "A4" => "SELECT",
        "A5" => "SELECT DATA",
        "B0" | "B1" => "READ BINARY",
        "B2" | "B3" => "READ RECORD",
        "C0" => "GET RESPONSE",
        "CA" | "CB" => "GET DATA",
        "CC" => "GET NEXT DATA",
        "D6" | "D7" => "UPDATE BINARY",
        "DA" | "DB" => "PUT DATA",
        "E6" => "TERMINATE DF",
        _ => return None,
    })
}
