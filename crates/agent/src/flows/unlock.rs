//! The card access number: from the key store, or from the holder; then the first secure channel
//! of a task, in which the card is read. Req 15.2, 15.3.

use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use lichna_card::read_card_access;
use lichna_ipc::{
    Alphabet, Consent, ConsentRoute, Failure, Purpose, SecretField, SecretKind, Step,
};

use super::{
    CARD,
    ask::{self, CanQuestion, Question},
};
use crate::{
    Agent,
    cards::{CardFault, CardSession, Chosen, Hold, Tally, Terms, insertion},
    connections::Dialogue,
    consent::{Agreed, Boxed, PROMPT_OPEN, Prompter, Secret},
};

/// How often a person may mistype the number for one task.
const MOST_ASKS: u8 = 3;
/// A card that takes longer than this to open a channel was made slow by a wrong number.
const NOTICEABLE: Duration = Duration::from_millis(900);
/// Digits of a CAN, BSI TR-03110-2 §3.3.
const DIGITS: u8 = 6;

/// For whom and for what the number is wanted.
pub struct Need<'a> {
    /// The task.
    pub purpose: Purpose,
    /// Who shows the question.
    pub route: ConsentRoute,
    /// For whom the commands count.
    pub tally: &'a Tally,
    /// How long the question stays open.
    pub open: Duration,
}

impl<'a> Need<'a> {
    /// To read what is on the card.
    pub const fn to_read(tally: &'a Tally) -> Self {
        Self {
            purpose: Purpose::ReadCard,
            route: ConsentRoute::Caller,
            tally,
            open: PROMPT_OPEN,
        }
    }
}

/// Makes sure that the card can be read: at once where it wants no channel, or its number is
/// known for this insertion; else with a number from the key store, or from the holder.
///
/// # Errors
/// [`Failure::WrongCan`], [`Failure::PaceUnsupported`], why nobody told the number, or what went
/// wrong with the card.
pub async fn unlock(
    agent: &Agent,
    dialogue: &Dialogue,
    chosen: &Chosen,
    need: Need<'_>,
) -> Result<(), Failure> {
    let known = &chosen.known;
    match known.guard(chosen.thread.reader()) {
        Ok(None) => return Ok(()),
        Ok(Some(_)) if known.is_read() => return Ok(()),
        Ok(Some(_)) => match open(agent, dialogue, chosen, need.tally, false).await {
            Err(Failure::WrongCan) => known.forget_can(),
            done => return done,
        },
        Err(Failure::CanNeeded { .. }) => {}
        Err(failure) => return Err(failure),
    }
    find_can(agent, dialogue, chosen, need).await
}

/// As [`unlock`], without asking anybody: with a number from the key store, or not at all. Says
/// whether the card can be read now.
///
/// # Errors
/// As [`unlock`].
pub async fn silently(agent: &Agent, chosen: &Chosen) -> Result<bool, Failure> {
    match chosen.known.guard(chosen.thread.reader()) {
        Ok(_) => Ok(true),
        Err(Failure::CanNeeded { .. }) => {
            let tally = Tally::default();
            remembered(agent, &Nobody, chosen, &tally, &mut Vec::new()).await
        }
        Err(failure) => Err(failure),
    }
}

/// There is no person to ask.
struct Nobody;

impl Prompter for Nobody {
    fn ask<'a>(&'a self, _consent: &'a Consent) -> Boxed<'a, Result<Agreed, Failure>> {
        Box::pin(std::future::ready(Err(Failure::Refused)))
    }

    fn progress(&self, _step: Step) {}
}

/// The card in `reader`, or the only one, kept supplied and ready to be read; the holder is asked
/// for its number where it tells nothing without.
///
/// # Errors
/// Why there is no card to work with; as [`unlock`].
pub async fn readable(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
    purpose: Purpose,
) -> Result<(Chosen, Hold), Failure> {
    readable_by(agent, dialogue, reader, purpose, ConsentRoute::Caller).await
}

/// As [`readable`], where the holder is asked by this route.
///
/// # Errors
/// As [`readable`].
pub async fn readable_by(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
    purpose: Purpose,
    route: ConsentRoute,
) -> Result<(Chosen, Hold), Failure> {
    let chosen = agent.cards.choose(reader, Duration::ZERO, dialogue).await?;
    let hold = chosen.thread.hold();
    let tally = Tally::default();
    let need = Need {
        purpose,
        route,
        ..Need::to_read(&tally)
    };
    unlock(agent, dialogue, &chosen, need).await?;
    Ok((chosen, hold))
}

/// Has the card of a suspended PIN spoken to over a channel that its number opens: then the last
/// try can be given. Over the radio it is so already.
///
/// # Errors
/// As [`unlock`]; [`Failure::PinSuspended`] when the card offers no channel.
pub async fn resume(
    agent: &Agent,
    dialogue: &Dialogue,
    chosen: &Chosen,
    need: Need<'_>,
) -> Result<(), Failure> {
    if chosen.known.can().is_some() {
        return Ok(());
    }
    if chosen.known.access().is_none() {
        read_access(chosen, need.tally).await?;
    }
    if chosen.known.access().is_none() {
        return Err(Failure::PinSuspended);
    }
    find_can(agent, dialogue, chosen, need).await
}

/// Opens the card with a number from the key store, or from the holder.
async fn find_can(
    agent: &Agent,
    dialogue: &Dialogue,
    chosen: &Chosen,
    need: Need<'_>,
) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    if remembered(agent, dialogue, chosen, need.tally, &mut wrong).await? {
        return Ok(());
    }
    tell_can(agent, dialogue, chosen, need).await?;
    let number = chosen.known.number();
    if let Some(number) = number.filter(|number| wrong.iter().any(|one| one == number)) {
        // It was this very card's, and is not any more.
        if let Err(failure) = agent.cans.forget(Some(number)).await {
            tracing::warn!(%failure, "a wrong number stays remembered");
        }
    }
    Ok(())
}

/// Tries the numbers that are remembered of cards like this one; of a card that told its own number
/// already, that one's alone. Whose were `wrong`.
async fn remembered(
    agent: &Agent,
    prompter: &dyn Prompter,
    chosen: &Chosen,
    tally: &Tally,
    wrong: &mut Vec<String>,
) -> Result<bool, Failure> {
    let known = &chosen.known;
    let candidates = match agent.cans.candidates(&chosen.card.atr).await {
        Ok(candidates) => candidates,
        Err(failure) => {
            // The holder has it before his eyes.
            tracing::warn!(%failure, "remembered numbers cannot be had");
            return Ok(false);
        }
    };
    for candidate in candidates {
        if known
            .number()
            .is_some_and(|number| number != candidate.number)
        {
            continue;
        }
        known.take_can(candidate.can);
        match open(agent, prompter, chosen, tally, !wrong.is_empty()).await {
            Err(Failure::WrongCan) => {
                known.forget_can();
                wrong.push(candidate.number);
            }
            Err(failure) => return Err(failure),
            Ok(()) if known.number() == Some(candidate.number.as_str()) => {
                if let Err(failure) = agent.cans.was_right(&candidate.number) {
                    tracing::warn!(%failure, "which card was used last is not noted");
                }
                return Ok(true);
            }
            // It opens by chance, but it was remembered of another card.
            Ok(()) => return Ok(true),
        }
    }
    Ok(false)
}

/// Remembers the number of the card that was opened with it. That it cannot be is no reason to
/// fail: the holder will be asked again.
async fn remember(agent: &Agent, chosen: &Chosen) {
    let (Some(number), Some(can)) = (chosen.known.number(), chosen.known.can()) else {
        return;
    };
    let kept = {
        let can = can.lock().unwrap_or_else(PoisonError::into_inner);
        agent.cans.remember(number, &chosen.card.atr, &can)
    };
    if let Err(failure) = kept.await {
        tracing::warn!(%failure, "the number is not remembered");
    }
}

/// Gets the number, and opens the first channel with it.
async fn tell_can(
    agent: &Agent,
    dialogue: &Dialogue,
    chosen: &Chosen,
    need: Need<'_>,
) -> Result<(), Failure> {
    let known = &chosen.known;
    let may_be_remembered = agent.cans.may_be_asked().await;
    let mut wrong = false;
    for _ in 0..MOST_ASKS {
        let question = Question {
            purpose: need.purpose.clone(),
            certificate: None,
            status: None,
            secrets: vec![can_field()],
            route: need.route,
            chosen,
            can: Some(CanQuestion {
                was_wrong: wrong,
                may_be_remembered,
            }),
            grant: None,
            open: need.open,
        };
        let (mut agreed, _turn) = match ask::ask(agent, dialogue, question).await {
            // Whoever has only one number to give has given it.
            Err(Failure::Refused) if wrong => return Err(Failure::WrongCan),
            answer => answer?,
        };
        let Some(Secret::Can(can)) = agreed.secrets.pop() else {
            return Err(Failure::RequestInvalid {
                reason: "no CAN was typed".into(),
            });
        };
        known.take_can(can);
        match open(agent, dialogue, chosen, need.tally, wrong).await {
            Err(Failure::WrongCan) => {
                known.forget_can();
                agent.consents.asked_in_vain(dialogue.asker().program);
                wrong = true;
            }
            Ok(()) => {
                if agreed.choices.remember_can && may_be_remembered {
                    remember(agent, chosen).await;
                }
                return Ok(());
            }
            failed => return failed,
        }
    }
    Err(Failure::WrongCan)
}

/// Opens a channel and reads the card in it: whoever watches may look at it from then on.
async fn open(
    agent: &Agent,
    prompter: &dyn Prompter,
    chosen: &Chosen,
    tally: &Tally,
    was_wrong: bool,
) -> Result<(), Failure> {
    prompter.progress(Step::OpenChannel);
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let job =
        move |session: &mut CardSession| insertion::read_inside(session, &known, deadline, &tally);
    let mut opened = std::pin::pin!(chosen.thread.run(deadline, job));
    let mut done = None;
    if was_wrong {
        tokio::select! {
            soon = &mut opened => done = Some(soon),
            () = tokio::time::sleep(NOTICEABLE) => prompter.progress(Step::WaitForSlowCard),
        }
    }
    match done {
        Some(done) => done,
        None => opened.await,
    }
    .inspect(|()| agent.cards.changed())
}

/// Asks a card with contacts, which was not sealed, for EF.CardAccess.
async fn read_access(chosen: &Chosen, tally: &Tally) -> Result<(), Failure> {
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let job = move |session: &mut CardSession| {
        // The file is found from the root, where a card is after a reset.
        session.plain(&Terms::resetting(deadline, &tally), &mut |_| Ok(()))?;
        session.plain(&Terms::resetting(deadline, &tally), &mut |held| {
            match read_card_access(held.channel()) {
                Ok(Some(access)) => known.offers(access),
                Ok(None) => {}
                Err(error) => return Err(CardFault::from(error)),
            }
            Ok(())
        })
    };
    chosen.thread.run(deadline, job).await
}

/// The field for a CAN.
fn can_field() -> SecretField {
    SecretField {
        kind: SecretKind::Can,
        label: "CAN".into(),
        shortest: DIGITS,
        longest: DIGITS,
        alphabet: Alphabet::Digits,
    }
}
