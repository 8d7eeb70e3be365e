//! The tokens, now and whenever they change. A watch sleeps until something changes, and keeps no
//! card from anybody.

use std::sync::Arc;

use lichna_card::KeyRef;
use lichna_ipc::{Failure, Reply};
use tokio::task::block_in_place;

use super::{described, found};
use crate::{
    Agent,
    cards::{Attempt, Chosen, Stage, Tally, View},
    connections::Dialogue,
    flows::{certificates, unlock},
};

/// Tells what tokens there are until the client cancels.
///
/// # Errors
/// [`Failure::Cancelled`] when the client is gone.
pub async fn watch(agent: &Arc<Agent>, dialogue: &Dialogue) -> Result<Reply, Failure> {
    let mut changes = agent.cards.changes();
    let mut told = None;
    loop {
        let view = changes.borrow_and_update().clone();
        have_read(agent, &view, told.is_none());
        // Reads the configuration.
        let tokens = block_in_place(|| described::tokens(agent, &view));
        if told.as_ref() != Some(&tokens) {
            dialogue.tokens(&tokens)?;
            told = Some(tokens);
        }
        if changes.changed().await.is_err() {
            return Ok(Reply::TokensWatched);
        }
    }
}

/// Has the certificates of tokens read that were not yet, once for all who watch. `again`: also
/// where that failed before.
pub fn have_read(agent: &Arc<Agent>, view: &View, again: bool) {
    for card in view.readers.iter().filter_map(|one| one.card.as_ref()) {
        let Stage::Known(known) = &card.stage else {
            continue;
        };
        if !known.for_programs().begin(known.is_read(), again) {
            continue;
        }
        let (agent, insertion) = (Arc::clone(agent), card.insertion.clone());
        agent.runtime.clone().spawn(async move {
            // Without it, the card is gone.
            if let Ok(chosen) = agent.cards.of_insertion(&insertion) {
                let attempt = read(&agent, &chosen).await.unwrap_or_else(|failure| {
                    tracing::info!(%failure, "the tokens of a card are not known");
                    Attempt::Failed
                });
                chosen.known.for_programs().ended(attempt);
                agent.cards.changed();
            }
        });
    }
}

/// Reads them, in a transaction that takes no longer than it must.
async fn read(agent: &Agent, chosen: &Chosen) -> Result<Attempt, Failure> {
    let _hold = chosen.thread.hold();
    if !unlock::silently(agent, chosen).await? {
        return Ok(Attempt::Sealed);
    }
    let keys: Vec<KeyRef> = found::keys(&chosen.known)
        .map(|(key, _)| key.reference())
        .collect();
    certificates::read_unknown(chosen, &keys, &Tally::default()).await?;
    Ok(Attempt::Done)
}
