//! `lichna readers` and `lichna cards`.

use lichna_i18n::plain;
use lichna_ipc::{
    CardInfo, CardPin, CardState, Failure, ReaderInfo, Reply, Request, ServiceState, SlotState,
};
use serde_json::json;

use super::{ask, ask_with, can, unexpected};
use crate::arguments::OfReader;
use crate::face::Face;
use crate::output::Output;
use crate::problem::Problem;

pub fn readers(out: &Output) -> Result<(), Problem> {
    let Reply::Readers { service, readers } = ask(Request::Readers, out)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "service": service, "readers": readers }));
    }
    if service != ServiceState::Running {
        return out.print(&out.word("service", &service));
    }
    if readers.is_empty() {
        return out.print(&out.text("err-no-reader"));
    }
    let row = |reader: &ReaderInfo| {
        let slot = slot(&reader.slot, out);
        vec![plain(&reader.name), slot, out.yes_no(reader.pinpad)]
    };
    out.print_table(
        &["title-reader", "title-content", "title-pinpad"],
        readers.iter().map(row).collect(),
    )
}

pub fn cards(out: &Output) -> Result<(), Problem> {
    let Reply::Cards(cards) = ask(Request::Cards, out)? else {
        return Err(unexpected());
    };
    let why_none = if cards.is_empty() {
        Some(why_no_card(out)?)
    } else {
        None
    };
    if out.json {
        return out.print_json(&json!({ "cards": cards }));
    }
    if let Some(why) = why_none {
        return out.print(&why.message(&out.messages));
    }
    table(&cards, out)
}

/// Asks a card whether it is genuine. A forgery is a failure.
pub fn check(of: OfReader, out: &Output) -> Result<(), Problem> {
    let face = Face::new(out, can(of.can_stdin));
    let request = Request::CheckCard { reader: of.reader };
    let Reply::CardChecked(card) = ask_with(request, face)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "card": card }));
    }
    table(std::slice::from_ref(&*card), out)?;
    match &card.genuineness_reason {
        Some(reason) => out.print(&plain(reason)),
        None => Ok(()),
    }
}

fn table(cards: &[CardInfo], out: &Output) -> Result<(), Problem> {
    let row = |card: &CardInfo| {
        vec![
            plain(&card.reader),
            state(card, out),
            out.word("interface", &card.interface),
            out.word("pace", &card.pace),
            out.word("genuineness", &card.genuineness),
            card.pin
                .map_or_else(|| out.text("word-unknown"), |one| pin(one, out)),
        ]
    };
    out.print_table(
        &[
            "title-reader",
            "title-card",
            "title-interface",
            "title-channel",
            "title-genuine",
            "title-pin",
        ],
        cards.iter().map(row).collect(),
    )
}

/// `ready (3)`: the state, and the tries left.
pub fn pin(pin: CardPin, out: &Output) -> String {
    let state = out.word("pin-state", &pin.state);
    match pin.tries_left {
        Some(left) => format!("{state} ({left})"),
        None => state,
    }
}

/// No card is no failure; no service, which could know of one, is.
fn why_no_card(out: &Output) -> Result<Problem, Problem> {
    let Reply::Readers { service, readers } = ask(Request::Readers, out)? else {
        return Err(unexpected());
    };
    let failure = match service {
        ServiceState::NotInstalled => Failure::ServiceNotInstalled,
        ServiceState::NotRunning => Failure::ServiceNotRunning,
        ServiceState::NoPermission => Failure::ServiceNoPermission,
        ServiceState::ProtocolMismatch => Failure::ServiceProtocolMismatch,
        ServiceState::Running if readers.is_empty() => return Ok(Failure::NoReader.into()),
        ServiceState::Running => return Ok(Failure::NoCard.into()),
    };
    Err(failure.into())
}

/// What is in a reader.
pub fn slot(slot: &SlotState, out: &Output) -> String {
    match slot {
        SlotState::Empty => out.text("slot-empty"),
        SlotState::Card { .. } => out.text("slot-card"),
        SlotState::Mute => out.text("slot-mute"),
        SlotState::Unavailable => out.text("slot-unavailable"),
        SlotState::InUse { holders } => {
            let names: Vec<String> = holders
                .iter()
                .map(|holder| format!("{} ({})", plain(&holder.name), holder.pid))
                .collect();
            if names.is_empty() {
                out.text("slot-in-use")
            } else {
                let names = names.join(", ");
                out.text_with("slot-in-use-by", &[("programs", names.into())])
            }
        }
    }
}

/// What is known of a card.
pub fn state(card: &CardInfo, out: &Output) -> String {
    let name = match &card.card {
        CardState::Reading => out.text("card-reading"),
        CardState::Unknown => format!("{} ({})", out.text("card-unknown"), plain(&card.atr)),
        CardState::Failed { failure } => {
            Problem::from(failure.as_ref().clone()).message(&out.messages)
        }
        CardState::Known {
            name,
            unsigned_profile: true,
            ..
        } => format!("{} ({})", plain(name), out.text("card-unsigned")),
        CardState::Known { name, .. } => plain(name),
    };
    if card.practice {
        format!("{} – {name}", out.text("card-practice"))
    } else {
        name
    }
}
