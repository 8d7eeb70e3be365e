//! Whether a card is genuine. Asked once an insertion, because a person wants to know. Req 15.3.

use std::{sync::Arc, time::Instant};

use lichna_card::{Anchor, CardError, Genuineness as Verdict};
use lichna_ipc::{Failure, Genuineness, Purpose, Reply, Step};
use time::OffsetDateTime;

use super::{CARD, listing::card_info, unlock::readable};
use crate::{
    Agent,
    cards::{CardSession, Chosen, Proof, Tally, Terms},
    connections::Dialogue,
    consent::Prompter,
    practice,
};

/// Asks the card.
pub async fn card(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
) -> Result<Reply, Failure> {
    let (chosen, _hold) = readable(agent, dialogue, reader, Purpose::CheckCard).await?;
    if chosen.known.proof().is == Genuineness::NotChecked {
        dialogue.progress(Step::CheckCard);
        let proof = prove(&chosen, practice::anchors(agent).await).await?;
        chosen.known.proved(proof);
    }
    Ok(Reply::CardChecked(Box::new(card_info(&chosen.card))))
}

async fn prove(chosen: &Chosen, anchors: Vec<Anchor>) -> Result<Proof, Failure> {
    if chosen.known.profile().genuine().is_none() {
        return Ok(Proof {
            is: Genuineness::NotProven,
            reason: Some(CardError::NotInProfile { what: "proof" }.to_string()),
        });
    }
    let deadline = Instant::now() + CARD;
    let (known, own) = (Arc::clone(&chosen.known), chosen.card.own);
    let job = move |session: &mut CardSession| {
        let tally = Tally::default();
        let terms = Terms::resetting(deadline, &tally);
        session.prove(&known, &terms, (&anchors, OffsetDateTime::now_utc()))
    };
    let verdict = chosen.thread.run(deadline, job).await?;
    tracing::info!(
        reader = chosen.thread.reader(),
        ?verdict,
        "is the card genuine"
    );
    Ok(match verdict {
        // Software has no business being genuine, whatever it can prove.
        Verdict::Genuine if !own => Proof {
            is: Genuineness::Genuine,
            reason: None,
        },
        Verdict::Genuine | Verdict::Practice => Proof {
            is: Genuineness::Practice,
            reason: None,
        },
        Verdict::Forged { why } => Proof {
            is: Genuineness::Forged,
            reason: Some(why.to_string()),
        },
        Verdict::NotProven { why } => Proof {
            is: Genuineness::NotProven,
            reason: Some(why.to_string()),
        },
        _ => Proof {
            is: Genuineness::NotProven,
            reason: None,
        },
    })
}
