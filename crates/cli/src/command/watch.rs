//! `lichna watch`: what there is in the readers, and what waits, whenever that changes.

use std::ops::ControlFlow;

use lichna_consent::date;
use lichna_i18n::plain;
use lichna_ipc::{KeyRole, Notice, ReaderInfo, Reply, Request, ServiceState, State};

use super::{approve, ask_with, cards, tasks, unexpected};
use crate::face::Face;
use crate::output::Output;
use crate::problem::Problem;

pub fn run(count: Option<u32>, out: &Output) -> Result<(), Problem> {
    let mut left = count;
    let mut failed = None;
    if !out.json {
        out.say(&out.text("watch-begins"));
    }
    let on_state = |state: &State| {
        if left == Some(0) || failed.is_some() {
            return ControlFlow::Break(());
        }
        left = left.map(|left| left.saturating_sub(1));
        failed = show(state, out).err();
        if left == Some(0) || failed.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let reply = ask_with(Request::Watch, Face::watching(out, Box::new(on_state)));
    match (failed, reply?) {
        (Some(problem), _) => Err(problem),
        (None, Reply::Watched) => Ok(()),
        (None, _) => Err(unexpected()),
    }
}

fn show(state: &State, out: &Output) -> Result<(), Problem> {
    if out.json {
        return out.print_json(state);
    }
    if state.service != ServiceState::Running {
        out.print(&out.word("service", &state.service))?;
    } else if state.readers.is_empty() {
        out.print(&out.text("err-no-reader"))?;
    }
    out.print_table(
        &[
            "title-reader",
            "title-content",
            "title-subject",
            "title-until",
            "title-pin",
        ],
        state
            .readers
            .iter()
            .map(|one| row(one, state, out))
            .collect(),
    )?;
    tasks::table(&state.tasks, out)?;
    approve::table(&state.pending, out)?;
    for notice in &state.notices {
        out.print(&told(notice, out))?;
    }
    for failure in &state.problems {
        out.problem(&failure.clone().into());
    }
    // Between this and the next.
    out.print("")
}

/// A reader and what is in it: of a card, whose it is, until when, and its PIN.
fn row(reader: &ReaderInfo, state: &State, out: &Output) -> Vec<String> {
    let card = state.cards.iter().find(|card| card.reader == reader.name);
    let certificate = state
        .certificates
        .iter()
        .find(|one| one.reader == reader.name && one.role == KeyRole::Authentication);
    let name = certificate.map(|one| one.common_name.as_ref().unwrap_or(&one.subject));
    vec![
        plain(&reader.name),
        match card {
            Some(card) => cards::state(card, out),
            None => cards::slot(&reader.slot, out),
        },
        name.map(|name| plain(name)).unwrap_or_default(),
        certificate.map_or_else(String::new, |one| plain(date(&one.not_after))),
        card.and_then(|card| card.pin)
            .map_or_else(String::new, |pin| cards::pin(pin, out)),
    ]
}

fn told(notice: &Notice, out: &Output) -> String {
    match notice {
        Notice::CertificateEnds {
            reader, not_after, ..
        } => out.text_with(
            "watch-certificate-ends",
            &[
                ("reader", plain(reader).into()),
                ("date", plain(date(not_after)).into()),
            ],
        ),
        Notice::CardForgotten { reader } => {
            out.text_with("watch-card-forgotten", &[("reader", plain(reader).into())])
        }
    }
}
