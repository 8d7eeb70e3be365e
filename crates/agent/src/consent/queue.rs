//! Requests that wait for a person at another terminal: `lichna approve`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lichna_ipc::{Consent, Failure, Peer, PendingRequest, Purpose, same_tree};
use tokio::sync::oneshot;

use super::{Agreed, Program, Turn, seconds};
use crate::changes::Changes;

/// Most requests of one program that wait for a person: with more, he could not get at the others.
const MOST_OF_ONE: usize = 8;

type Answer = Result<(Agreed, Turn), Failure>;

/// The waiting requests, by number.
pub struct Queue {
    waiting: Arc<Mutex<Waiting>>,
    changes: Changes,
}

#[derive(Default)]
struct Waiting {
    last: u32,
    entries: BTreeMap<u32, Entry>,
}

struct Entry {
    consent: Consent,
    asker: Arc<Peer>,
    deadline: Instant,
    /// `None` while somebody is answering.
    answer: Option<oneshot::Sender<Answer>>,
}

impl Queue {
    /// Nothing waits yet.
    pub fn new(changes: Changes) -> Self {
        Self {
            waiting: Arc::default(),
            changes,
        }
    }

    /// Waits for so long until somebody has answered. The request is gone when the future is dropped.
    ///
    /// # Errors
    /// [`Failure::PromptTimeout`] when nobody did, [`Failure::Busy`] when too much of the same
    /// program waits already, and what the person decided.
    pub async fn wait(&self, mut consent: Consent, asker: Arc<Peer>, open: Duration) -> Answer {
        consent.seconds_left = seconds(open);
        let (answer, answered) = oneshot::channel();
        let deadline = Instant::now() + open;
        let place = {
            let mut waiting = self.waiting();
            let program = Program::of(&asker);
            let of_program = waiting.entries.values();
            let of_program = of_program.filter(|entry| Program::of(&entry.asker) == program);
            if of_program.count() >= MOST_OF_ONE {
                return Err(Failure::Busy);
            }
            waiting.last = waiting.last.wrapping_add(1);
            let id = waiting.last;
            let entry = Entry {
                consent,
                asker,
                deadline,
                answer: Some(answer),
            };
            waiting.entries.insert(id, entry);
            Place {
                queue: Arc::clone(&self.waiting),
                id,
                changes: self.changes.clone(),
            }
        };
        self.changes.tell();
        let answer = tokio::time::timeout_at(deadline.into(), answered).await;
        drop(place);
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(Failure::PromptTimeout),
        }
    }

    /// What waits.
    pub fn list(&self) -> Vec<PendingRequest> {
        let waiting = self.waiting();
        let entries = waiting.entries.iter();
        entries
            .map(|(id, entry)| PendingRequest {
                id: *id,
                requester: entry.consent.requester.clone(),
                server: match &entry.consent.purpose {
                    Purpose::Login { server } => Some(server.host.clone()),
                    _ => None,
                },
                signature: match &entry.consent.purpose {
                    Purpose::Signature { role } => Some(*role),
                    _ => None,
                },
                reader: entry
                    .consent
                    .card
                    .as_ref()
                    .map_or_else(String::new, |card| card.reader.clone()),
                seconds_left: seconds(entry.deadline.saturating_duration_since(Instant::now())),
            })
            .collect()
    }

    /// Takes a waiting request up, for a person at `approver`'s terminal.
    pub fn take_up(&self, pending: u32, approver: &Peer) -> Result<TakenUp, Failure> {
        let mut waiting = self.waiting();
        let unknown = Failure::PendingUnknown { pending };
        let entry = waiting.entries.get_mut(&pending).ok_or(unknown.clone())?;
        if same_tree(&entry.asker, approver) {
            return Err(Failure::OwnRequest);
        }
        if !approver.has_terminal() {
            return Err(Failure::NoTerminal);
        }
        let answer = entry.answer.take().ok_or(unknown)?;
        let mut consent = entry.consent.clone();
        consent.seconds_left = seconds(entry.deadline.saturating_duration_since(Instant::now()));
        Ok(TakenUp {
            queue: Arc::clone(&self.waiting),
            id: pending,
            consent,
            answer: tokio::sync::Mutex::new(Some(answer)),
        })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }
}

/// A place in the queue; the request is taken out of it with this.
struct Place {
    queue: Arc<Mutex<Waiting>>,
    id: u32,
    changes: Changes,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.queue).entries.remove(&self.id);
        self.changes.tell();
    }
}

/// A request that somebody is answering. Dropped without an answer, it waits again.
pub struct TakenUp {
    queue: Arc<Mutex<Waiting>>,
    id: u32,
    consent: Consent,
    answer: tokio::sync::Mutex<Option<oneshot::Sender<Answer>>>,
}

impl TakenUp {
    /// What is to be shown.
    pub fn consent(&self) -> Consent {
        self.consent.clone()
    }

    /// Ends when the request has: its program went away, or the time passed.
    pub async fn lapsed(&self) {
        match self.answer.lock().await.as_mut() {
            Some(answer) => answer.closed().await,
            None => std::future::pending().await,
        }
    }

    /// Tells the waiting request.
    pub fn answer(mut self, decision: Answer) {
        if let Some(answer) = self.answer.get_mut().take() {
            // The request may have lapsed at this very moment; then nothing is done.
            let _ = answer.send(decision);
        }
    }
}

impl Drop for TakenUp {
    fn drop(&mut self) {
        if let Some(answer) = self.answer.get_mut().take()
            && let Some(entry) = lock(&self.queue).entries.get_mut(&self.id)
        {
            entry.answer = Some(answer);
        }
    }
}

fn lock(queue: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
