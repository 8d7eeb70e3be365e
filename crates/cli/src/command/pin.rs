//! `lichna pin status`, `change` and `unblock`.

use lichna_i18n::plain;
use lichna_ipc::{ConsentRoute, PinInfo, Reply, Request};
use serde_json::json;

use super::{ask_with, can, secrets, unexpected};
use crate::arguments::{OfPin, OfReader, Pin};
use crate::face::{Face, Given};
use crate::output::Output;
use crate::problem::Problem;

pub fn run(pin: Pin, out: &Output) -> Result<(), Problem> {
    match pin {
        Pin::Status(of) => status(of, out),
        Pin::Change(of) => {
            let face = Face::new(out, secrets(given(&of))?);
            let (reader, pin) = (of.reader, of.pin);
            match ask_with(
                Request::PinChange {
                    reader,
                    pin,
                    consent: ConsentRoute::Caller,
                },
                face,
            )? {
                Reply::PinChanged => done("changed", "pin-changed", out),
                _ => Err(unexpected()),
            }
        }
        Pin::Unblock(of) => {
            let face = Face::new(out, secrets(given(&of))?);
            let (reader, pin) = (of.reader, of.pin);
            let request = Request::PinUnblock {
                reader,
                pin,
                consent: ConsentRoute::Caller,
            };
            match ask_with(request, face)? {
                Reply::PinUnblocked => done("unblocked", "pin-unblocked", out),
                _ => Err(unexpected()),
            }
        }
    }
}

fn given(of: &OfPin) -> Given {
    Given {
        can: of.can_stdin,
        pins: of.pin_stdin,
        ..Given::default()
    }
}

fn status(of: OfReader, out: &Output) -> Result<(), Problem> {
    let face = Face::new(out, can(of.can_stdin));
    let request = Request::PinStatus { reader: of.reader };
    let Reply::PinStatus(pins) = ask_with(request, face)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "pins": pins }));
    }
    let row = |pin: &PinInfo| {
        vec![
            out.reader(&pin.reader, pin.practice),
            plain(&pin.pin),
            out.word("pin-state", &pin.state),
            out.number(pin.tries_left),
            out.number(pin.puk_tries_left),
            out.word("entry", &pin.entry),
        ]
    };
    out.print_table(
        &[
            "title-reader",
            "title-pin",
            "title-state",
            "title-tries",
            "title-puk-tries",
            "title-entry",
        ],
        pins.iter().map(row).collect(),
    )
}

fn done(what: &str, message: &str, out: &Output) -> Result<(), Problem> {
    if out.json {
        out.print_json(&json!({ what: true }))
    } else {
        out.print(&out.text(message))
    }
}
