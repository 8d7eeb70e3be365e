//! What there is, now and whenever it changes. A watch sleeps until something changes; many changes
//! while a client is being told are one for him.

use std::{sync::Arc, time::Instant};

use lichna_card::Key;
use lichna_ipc::{CertificateInfo, Failure, Reply, Settings, State};
use tokio::task::block_in_place;

use super::{certificates, listing, token};
use crate::{
    Agent,
    cards::{CardView, Stage, View},
    config::Config,
    connections::Dialogue,
    practice,
};

/// Tells what there is until the client cancels.
///
/// # Errors
/// [`Failure::Cancelled`] when the client is gone.
pub async fn watch(agent: &Arc<Agent>, dialogue: &Dialogue) -> Result<Reply, Failure> {
    let mut cards = agent.cards.changes();
    let mut others = agent.changes.listen();
    let mut told = None;
    agent.cards.view().await;
    agent.cards.read_failed_again(None);
    loop {
        others.mark_unchanged();
        let view = cards.borrow_and_update().clone();
        token::have_read(agent, &view, told.is_none());
        // Reads small files.
        let (state, look_again) = block_in_place(|| state(agent, &view));
        if told.as_ref() != Some(&state) {
            dialogue.state(&state)?;
            told = Some(state);
        }
        let stopped = tokio::select! {
            changed = cards.changed() => changed.is_err(),
            changed = others.changed() => changed.is_err(),
            () = until(look_again) => false,
        };
        if stopped {
            return Ok(Reply::Watched);
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

/// What there is at this moment, from what is known: no card is asked. And when there may be more
/// without anything having changed.
fn state(agent: &Agent, view: &View) -> (State, Option<Instant>) {
    let mut problems = Vec::new();
    let mut listed = |failure| problems.push(failure);
    let (service, readers) = listing::readers_in(view);
    let cards = || view.readers.iter().filter_map(|one| one.card.as_deref());
    let certificates: Vec<_> = cards().flat_map(known_certificates).collect();
    let settings = Config::read(&agent.home.configuration_file());
    let decided = agent.notices.now(&agent.cards, view, &certificates);
    let state = State {
        settled: view.service.is_some() && view.readers.iter().all(token::is_settled),
        service,
        readers,
        cards: cards().map(listing::card_info).collect(),
        certificates,
        practice_cards: practice::list(agent).unwrap_or_else(|failure| {
            listed(failure);
            Vec::new()
        }),
        tasks: agent.tasks.list().unwrap_or_else(|failure| {
            listed(failure);
            Vec::new()
        }),
        pending: agent.consents.queue.list(),
        notices: decided.notices,
        settings: settings.map_or_else(
            |failure| {
                listed(failure);
                Settings::default()
            },
            |config| config.settings(),
        ),
        problems,
    };
    (state, decided.look_again)
}

/// The certificates of a card that were read already.
fn known_certificates(card: &CardView) -> Vec<CertificateInfo> {
    let Stage::Known(known) = &card.stage else {
        return Vec::new();
    };
    let keys = known.profile().keys().iter();
    let read = keys.filter_map(|key: &Key| {
        let certificate = known.certificate(key.reference())?.ok()??;
        Some(certificates::info(card, key, &certificate.parsed))
    });
    read.collect()
}
