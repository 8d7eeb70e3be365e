//! A task at work: one action after the other, each state on the disk before the next.

mod actions;
mod speaking;
mod vouching;

use std::{sync::Arc, time::Duration};

use lichna_card::KeyRef;
use lichna_ipc::{
    ConsentRoute, Failure, Step, TaskInfo, TaskKind, TaskOutcome, TaskResumeRequest, TaskState,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    card,
    core::{self, Event, Next, Part},
    record::Record,
    shelf::Running,
    two_cards,
};
use crate::{
    Agent,
    authority::{Authority, Code, Introduced, Line, watch_journal},
    cards::{Chosen, Hold, Tally},
    connections::Dialogue,
    consent::Prompter,
    flows::{certificates, clock::Clock, listing::is_practice, task_pin::TaskPin},
};

/// How long a person has to put the task's card in.
pub const PUT_IN: Duration = Duration::from_secs(120);

/// A card in its reader, supplied as long as this lives.
pub struct Place {
    /// The card.
    pub chosen: Chosen,
    /// Its supply.
    pub _hold: Hold,
}

/// A task at work.
pub struct Run<'a> {
    pub agent: &'a Arc<Agent>,
    pub dialogue: &'a Dialogue,
    pub record: Record,
    pub introduced: Introduced,
    pub place: Place,
    pub route: ConsentRoute,
    /// The code of the application, where it is known. It is in memory alone.
    pub code: Option<Code>,
    /// The holder's PIN, while it is kept.
    pub pin: Option<TaskPin>,
    /// The line without a certificate.
    pub plain: Line,
    /// The line with the key that the card has used until now: of a renewal.
    pub old: Option<Line>,
    /// The line with the new key.
    pub new: Option<Line>,
    pub tally: Tally,
    pub clock: Clock,
    /// It has begun again already.
    again: bool,
    _running: Running,
}

impl<'a> Run<'a> {
    /// Makes a task that can be put to work.
    pub fn new(
        (agent, dialogue): (&'a Arc<Agent>, &'a Dialogue),
        (record, running): (Record, Running),
        introduced: Introduced,
        place: Place,
        route: ConsentRoute,
    ) -> Self {
        Self {
            agent,
            dialogue,
            record,
            plain: Line::anonymous(introduced.clone()),
            introduced,
            place,
            route,
            code: None,
            pin: None,
            old: None,
            new: None,
            tally: Tally::default(),
            clock: Clock::default(),
            again: false,
            _running: running,
        }
    }

    /// Works until the task has ended.
    ///
    /// # Errors
    /// Why it did not; it can be resumed, unless the authority or the holder did not want it any
    /// more. Then it was taken back.
    pub async fn work(mut self) -> Result<TaskOutcome, Failure> {
        watch_journal(self.agent, &mut self.plain).await?;
        let insertion = self.place.chosen.card.insertion.clone();
        let agent = Arc::clone(self.agent);
        let worked = tokio::select! {
            worked = self.steps() => worked,
            () = agent.cards.removed(&insertion) => Err(Failure::CardRemoved),
        };
        let ended = match worked {
            Ok(ended) => ended,
            Err(failure) => {
                // Nothing was done yet that anybody has to go on with.
                let of_officer = self.record.kind == TaskKind::Enrol && !self.record.invited;
                if self.record.is_blank() && !of_officer {
                    agent.tasks.remove(&self.record.id)?;
                }
                return Err(agent.cards.or_removed(&insertion, failure).await);
            }
        };
        self.outcome(ended).await
    }

    async fn steps(&mut self) -> Result<TaskState, Failure> {
        let mut refusal = None;
        loop {
            let action = core::action(self.record.course(), self.record.state);
            tracing::info!(task = self.record.id, state = ?self.record.state, ?action, "task");
            let event = match self.act(action).await {
                Ok(event) => event,
                Err(failure) => {
                    let event = if is_denial(&failure) {
                        Event::Denied
                    } else if failure == Failure::Refused {
                        Event::Dropped
                    } else {
                        return Err(failure);
                    };
                    if core::after(self.record.course(), self.record.state, event).is_err() {
                        return Err(failure);
                    }
                    refusal = Some(failure);
                    event
                }
            };
            match core::after(self.record.course(), self.record.state, event) {
                Ok(Next::State(TaskState::Prepared)) => self.begin_again(refusal.take())?,
                Ok(Next::State(state)) => {
                    self.record.state = state;
                    self.agent.tasks.write(&self.record)?;
                }
                Ok(Next::Part(part)) => self.begin_part(part)?,
                Ok(Next::Ended(ended)) => {
                    self.agent.tasks.remove(&self.record.id)?;
                    return match refusal {
                        Some(failure) => Err(failure),
                        None => Ok(ended),
                    };
                }
                Err(misplaced) => {
                    return Err(Failure::TaskUnwritable {
                        task: self.record.id.clone(),
                        reason: misplaced.to_string(),
                    });
                }
            }
        }
    }

    /// With another application, for what the card had before is overwritten; once, for what fails
    /// again is for a person to look at.
    fn begin_again(&mut self, refusal: Option<Failure>) -> Result<(), Failure> {
        self.record.begin_again();
        self.agent.tasks.write(&self.record)?;
        self.code = None;
        self.new = None;
        if self.again {
            let lost = || Failure::CertificateKeyMismatch { key: String::new() };
            return Err(refusal.unwrap_or_else(lost));
        }
        self.again = true;
        Ok(())
    }

    /// Goes on with the other key.
    fn begin_part(&mut self, part: Part) -> Result<(), Failure> {
        self.record.begin_part(part);
        self.agent.tasks.write(&self.record)?;
        self.dialogue.progress(Step::RenewSigning);
        self.code = None;
        // What was new a moment ago is the card's key from now on.
        self.old = self.new.take();
        Ok(())
    }

    async fn outcome(self, ended: TaskState) -> Result<TaskOutcome, Failure> {
        let mut task = self.record.info(false);
        task.state = ended;
        let chosen = &self.place.chosen;
        let mut found = Vec::new();
        let mut subject = None;
        if ended == TaskState::Confirmed {
            subject = self.record.subject.clone();
            // They are in force, whatever becomes of the card now.
            if let Err(failure) = certificates::of_card(chosen, &mut found).await {
                tracing::warn!(%failure, "the new certificates cannot be shown");
            }
            // What was renewed may still be on the card, in the other places.
            let places = match &self.record.keys {
                Some(keys) if self.record.part.is_none() => Ok(keys.places.map(KeyRef::new)),
                _ => card::places(chosen),
            };
            if let Ok(places) = places {
                found.retain(|one| places.each().any(|(_, key)| key.to_string() == one.key));
            }
        }
        Ok(TaskOutcome {
            task,
            reader: chosen.thread.reader().to_owned(),
            practice: is_practice(&chosen.card),
            subject,
            certificates: found,
            timings: self.clock.timings(),
            apdus: self.tally.count(),
        })
    }
}

/// Whether the authority will not go on with it, whenever it is asked.
fn is_denial(failure: &Failure) -> bool {
    match failure {
        Failure::ApplicationLapsed { .. }
        | Failure::ApplicationUnknown { .. }
        | Failure::CertificateRevoked
        | Failure::KeyAlgorithmNotOffered { .. }
        | Failure::KeyAlgorithmNotCertified { .. }
        | Failure::WeakKey { .. }
        | Failure::WrongCertificateIssued { .. } => true,
        Failure::AuthorityRefused { problem, .. } => {
            !(problem == "internal"
                || problem == "too-slow"
                || problem == "not-identified"
                || problem.starts_with("http-5"))
        }
        _ => false,
    }
}

/// This moment, as records have it.
pub fn now() -> String {
    let now = OffsetDateTime::now_utc();
    // Years beyond 9999 have no such form.
    now.format(&Rfc3339).unwrap_or_default()
}

/// Goes on with a task that was interrupted.
///
/// # Errors
/// Why not.
pub async fn resume(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: TaskResumeRequest,
) -> Result<TaskOutcome, Failure> {
    let record = agent.tasks.read(&request.id)?;
    let running = agent.tasks.begin(&record.id, &record.card)?;
    // What was read before it was at work may have been changed since.
    let record = agent.tasks.read(&record.id)?;
    let authority = Authority::of(agent, Some(&record.authority))?;
    let introduced = authority.introduce(dialogue).await?;
    let reader = request.reader.as_deref();
    let mut code = None;
    if two_cards::wants_code(&record) {
        let again = two_cards::code_again(agent, dialogue, &record, &introduced, &request).await;
        if record.state == TaskState::Prepared
            && matches!(again, Err(Failure::ApplicationUnknown { .. }))
        {
            // It never arrived, so there is nothing to go on with.
            agent.tasks.remove(&record.id)?;
        }
        code = again?;
    }
    let place = two_cards::card_of(agent, dialogue, reader, &record.card, request.consent).await?;
    let (kind, pair) = (record.kind, (record, running));
    let mut run = Run::new((agent, dialogue), pair, introduced, place, request.consent);
    run.code = code.map(Code::from);
    if kind == TaskKind::Renew {
        super::renew::find_vouching(&run).await?;
    }
    run.work().await
}

/// Gives a task up that is not at work. The authority finds out by its deadline.
///
/// # Errors
/// [`Failure::TaskUnknown`], [`Failure::TaskRunning`]; [`Failure::NotConfirmed`] when the
/// certificates may be in force already, and the authority is still waiting;
/// [`Failure::TaskUnfinished`] when the card has a new key that nobody knows: it must be resumed.
pub fn drop_task(agent: &Agent, id: &str) -> Result<TaskInfo, Failure> {
    let mut record = agent.tasks.read(id)?;
    let _running = agent.tasks.begin(&record.id, &record.card)?;
    let (course, state) = (record.course(), record.state);
    if core::is_overwritten(course, state) {
        return Err(Failure::TaskUnfinished { task: record.id });
    }
    if core::may_be_in_force(course, state) && !is_over(record.deadline.as_deref()) {
        return Err(Failure::NotConfirmed);
    }
    record.state = TaskState::RolledBack;
    agent.tasks.remove(&record.id)?;
    Ok(record.info(false))
}

/// Whether a deadline of the authority's has passed.
fn is_over(deadline: Option<&str>) -> bool {
    let deadline = deadline.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    deadline.is_some_and(|deadline| deadline < OffsetDateTime::now_utc())
}

/// Tells a person what is done, and takes the time of it.
macro_rules! timed {
    ($run:expr, $step:expr, $work:expr) => {{
        use $crate::consent::Prompter;
        $run.dialogue.progress($step);
        let began = tokio::time::Instant::now();
        let done = $work;
        $run.clock.took($step, began.elapsed());
        done
    }};
}
pub(in crate::tasks) use timed;

/// The card of a task is not what it is about.
///
/// # Errors
/// [`Failure::OtherCard`].
pub fn same_card(chosen: &Chosen, expected: &str) -> Result<(), Failure> {
    let found = card::number(chosen)?;
    if found == expected {
        return Ok(());
    }
    Err(Failure::OtherCard {
        expected: expected.to_owned(),
        found,
    })
}
