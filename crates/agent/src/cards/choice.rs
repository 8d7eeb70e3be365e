//! Which card a request means.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_ipc::{Failure, Step};
use lichna_reader::SlotState;

use super::{
    CardThread, CardView, Cards, FIRST_LOOK, KnownCard, READING, ReaderView, Stage, View, hex,
};
use crate::{consent::Prompter, pin_policy::Insertion};

/// A card that can be worked with.
#[derive(Clone)]
pub struct Chosen {
    /// Its thread.
    pub thread: CardThread,
    /// Which card.
    pub card: Arc<CardView>,
    /// What was read from it.
    pub known: Arc<KnownCard>,
}

impl Cards {
    /// The card that is meant: the one in `reader`, or the only one there is. A forged one is
    /// none.
    ///
    /// Where there is none, a person is asked for one and has `patience` to put it in.
    ///
    /// # Errors
    /// Why there is no card to work with.
    pub async fn choose(
        &self,
        reader: Option<&str>,
        patience: Duration,
        prompter: &dyn Prompter,
    ) -> Result<Chosen, Failure> {
        let mut view = self.view.subscribe();
        let patient = Instant::now() + patience;
        self.view().await;
        self.read_failed_again(reader);
        let mut told = None;
        loop {
            let now = view.borrow_and_update().clone();
            let (waits_for, deadline, failure) = match choice(&now, reader) {
                Choice::Ready(card, known) => {
                    let name = card.insertion.reader.clone();
                    known.may_be_used(&name)?;
                    let thread = self.thread_of(&name);
                    let thread = thread.ok_or(Failure::ReaderGone { reader: name })?;
                    return Ok(Chosen {
                        thread,
                        card,
                        known,
                    });
                }
                Choice::Reading(reader) => (
                    Step::ReadCard,
                    Instant::now() + READING + FIRST_LOOK,
                    Failure::CardTimeout { reader },
                ),
                Choice::None => (Step::WaitForCard, patient, Failure::NoCard),
                Choice::Impossible(failure) => return Err(failure),
            };
            if deadline <= Instant::now() {
                return Err(failure);
            }
            if told != Some(waits_for) {
                prompter.progress(waits_for);
                told = Some(waits_for);
            }
            if tokio::time::timeout_at(deadline.into(), view.changed())
                .await
                .is_err()
            {
                return Err(failure);
            }
        }
    }

    /// Name of the only reader with a card.
    pub fn only_with_card(&self) -> Option<String> {
        let view = self.view.borrow();
        let mut all = view.readers.iter().filter(|reader| reader.card.is_some());
        match (all.next(), all.next()) {
            (Some(one), None) => Some(one.name.clone()),
            _ => None,
        }
    }

    /// The card of this very insertion.
    ///
    /// # Errors
    /// [`Failure::CardRemoved`] when it is over; [`Failure::CardForged`].
    pub fn of_insertion(&self, insertion: &Insertion) -> Result<Chosen, Failure> {
        let card = {
            let view = self.view.borrow();
            let reader = view.reader(&insertion.reader);
            reader.and_then(|reader| reader.card.clone())
        };
        let card = card.filter(|card| card.insertion == *insertion);
        let card = card.ok_or(Failure::CardRemoved)?;
        let Stage::Known(known) = &card.stage else {
            return Err(Failure::CardRemoved);
        };
        known.may_be_used(&insertion.reader)?;
        let thread = self.thread_of(&insertion.reader);
        Ok(Chosen {
            thread: thread.ok_or(Failure::CardRemoved)?,
            known: Arc::clone(known),
            card,
        })
    }
}

enum Choice {
    Ready(Arc<CardView>, Arc<KnownCard>),
    Reading(String),
    None,
    Impossible(Failure),
}

/// Which card is meant, and whether it can be worked with.
fn choice(view: &View, wanted: Option<&str>) -> Choice {
    if let Some(failure) = view.service_failure() {
        return Choice::Impossible(failure);
    }
    let readers: Vec<&ReaderView> = match wanted {
        Some(name) => match view.reader(name) {
            Some(reader) => vec![reader],
            None => {
                return Choice::Impossible(Failure::ReaderUnknown {
                    reader: name.to_owned(),
                });
            }
        },
        None => view.readers.iter().collect(),
    };
    if readers.is_empty() {
        return Choice::Impossible(Failure::NoReader);
    }
    let mut known = Vec::new();
    let mut reading = None;
    let mut failure = None;
    for reader in readers {
        let name = reader.name.clone();
        match (reader.card.as_ref(), &reader.slot) {
            (Some(card), _) => match &card.stage {
                Stage::Known(one) => known.push((Arc::clone(card), Arc::clone(one))),
                Stage::Reading => reading = Some(name),
                Stage::Unknown => {
                    failure = Some(Failure::CardUnknown {
                        reader: name,
                        atr: hex(&card.atr),
                    });
                }
                Stage::Failed(why) => failure = Some(why.clone()),
            },
            (None, SlotState::Mute) => failure = Some(Failure::CardMute { reader: name }),
            (None, SlotState::Unavailable) => {
                failure = Some(Failure::ReaderUnavailable { reader: name });
            }
            (None, _) => {}
        }
    }
    match (known.pop(), reading, failure) {
        (Some((card, one)), _, _) if known.is_empty() => Choice::Ready(card, one),
        (Some((last, _)), _, _) => {
            let mut names: Vec<_> = known
                .iter()
                .map(|(card, _)| card.insertion.reader.clone())
                .collect();
            names.push(last.insertion.reader.clone());
            Choice::Impossible(Failure::SeveralCards {
                readers: names.join(", "),
            })
        }
        (None, Some(reader), _) => Choice::Reading(reader),
        (None, None, Some(failure)) => Choice::Impossible(failure),
        (None, None, None) => Choice::None,
    }
}
