//! The clients: a thread for each connection reads, a task for each request answers.

mod clients;
mod dialogue;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use lichna_ipc::{
    Accept, AgentMessage, Answer, Choices, ClientMessage, Connection, ConnectionError, Failure,
    FrameError, Listener, Outcome, Peer, Reply, Request, SecretKind, Stream, Writer,
};
use tokio::sync::{mpsc, oneshot};

use crate::{Agent, consent::Secret, tokens::Accesses};
pub use clients::Clients;
pub use dialogue::Dialogue;

/// Most connections at a time.
const MOST_CONNECTIONS: usize = 64;
/// Most requests at a time on one connection.
const MOST_REQUESTS: usize = 16;
/// Most secrets in one answer: a new practice card has five; one more is a fault of the client.
const MOST_SECRETS: u8 = 6;
/// The id of a message that is about the connection and not about a request.
const CONNECTION: u32 = 0;

/// How long to wait after the system had no means for one more client.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves clients until the agent stops and the listener is shut.
pub fn serve(listener: &Listener, agent: &Arc<Agent>) {
    let count = Arc::new(AtomicUsize::new(0));
    loop {
        let stream = match listener.accept() {
            Ok(stream) => stream,
            Err(_) if agent.is_stopping() => return,
            Err(error) => {
                tracing::error!(%error, "a client cannot be accepted");
                thread::sleep(PAUSE);
                continue;
            }
        };
        let place = Place(Arc::clone(&count));
        if count.fetch_add(1, Ordering::AcqRel) >= MOST_CONNECTIONS {
            tracing::warn!("too many connections; one was refused");
            continue;
        }
        let agent = Arc::clone(agent);
        let started = thread::Builder::new()
            .name("client".into())
            .stack_size(256 * 1024)
            .spawn(move || {
                let _place = place;
                client(stream, &agent);
            });
        if let Err(error) = started {
            tracing::error!(%error, "no thread for a client");
        }
    }
}

/// One of the places for connections.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Reads what one client sends, to its end.
fn client(stream: Stream, agent: &Arc<Agent>) {
    let mut connection = match Connection::accept(stream, "lichna-agent", crate::VERSION) {
        Ok(connection) => connection,
        Err(ConnectionError::Frame(FrameError::Closed)) => return,
        Err(error) => {
            tracing::warn!(%error, "a client was not admitted");
            return;
        }
    };
    let peer = Arc::clone(connection.peer());
    let _there = agent.clients.came(&peer, connection.hello());
    tracing::debug!(pid = peer.pid(), "a client came");
    let requests = Arc::new(Requests {
        writer: connection.writer(),
        peer,
        running: Mutex::default(),
        accesses: Arc::default(),
    });
    let end = loop {
        let done = match connection.read() {
            Ok(message) => requests.take(message, &mut connection, agent),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            break error;
        }
    };
    if !matches!(end, FrameError::Closed) {
        tracing::warn!(error = %end, "a connection ended");
        requests.reply(
            CONNECTION,
            Err(Failure::RequestInvalid {
                reason: end.to_string(),
            }),
        );
    }
    // Whoever is not there to get an answer gets no card, either.
    requests.running().clear();
    requests.accesses.end();
}

/// The requests of one connection.
struct Requests {
    writer: Writer,
    peer: Arc<Peer>,
    running: Mutex<HashMap<u32, Running>>,
    accesses: Arc<Accesses>,
}

/// A request that runs. It is cancelled when this is dropped.
struct Running {
    answers: mpsc::Sender<Answered>,
    /// The secrets that it asked for.
    expects: Arc<Mutex<Vec<SecretKind>>>,
    _cancel: oneshot::Sender<()>,
}

/// What a person answered.
pub enum Answered {
    /// Agreed, and typed these; or what was typed cannot be used.
    Typed {
        /// The secrets.
        secrets: Result<Vec<Secret>, Failure>,
        /// What was said beside.
        choices: Choices,
    },
    /// Refused.
    Refused,
}

impl Requests {
    fn take(
        self: &Arc<Self>,
        message: ClientMessage,
        connection: &mut Connection,
        agent: &Arc<Agent>,
    ) -> Result<(), FrameError> {
        match message {
            ClientMessage::Request { id, request } => {
                if let Err(failure) = self.begin(id, request, agent) {
                    self.reply(id, Err(failure));
                }
            }
            ClientMessage::Answer { id, answer } => {
                let answered = self.answered(id, answer, connection)?;
                if let Some(running) = self.running().get(&id) {
                    // The request may just have ended. A second answer before the first was taken
                    // counts for nothing, and its secrets are wiped.
                    let _ = running.answers.try_send(answered);
                }
            }
            ClientMessage::Cancel { id } => {
                self.running().remove(&id);
            }
            ClientMessage::Hello(_) => {}
        }
        Ok(())
    }

    fn begin(
        self: &Arc<Self>,
        id: u32,
        request: Request,
        agent: &Arc<Agent>,
    ) -> Result<(), Failure> {
        let (answers, answered) = mpsc::channel(1);
        let (cancel, mut cancelled) = oneshot::channel();
        let expects = Arc::new(Mutex::new(Vec::new()));
        let running = Running {
            answers,
            expects: Arc::clone(&expects),
            _cancel: cancel,
        };
        {
            let mut all = self.running();
            if id == CONNECTION || all.contains_key(&id) {
                return Err(Failure::RequestInvalid {
                    reason: format!("the number {id} is taken"),
                });
            }
            if all.len() >= MOST_REQUESTS {
                return Err(Failure::Busy);
            }
            all.insert(id, running);
        }
        let dialogue = Dialogue::new(
            id,
            self.writer.clone(),
            Arc::clone(&self.peer),
            Arc::clone(&self.accesses),
            (expects, answered),
        );
        let (agent, requests) = (Arc::clone(agent), Arc::clone(self));
        let at_work = agent.at_work();
        agent.runtime.clone().spawn(async move {
            // What has no end of its own ends well when it is cancelled.
            let cancelled_is = match request {
                Request::Trace => Ok(Reply::TraceEnded),
                Request::Watch => Ok(Reply::Watched),
                Request::WatchTokens => Ok(Reply::TokensWatched),
                _ => Err(Failure::Cancelled),
            };
            let outcome = tokio::select! {
                outcome = crate::flows::run(&agent, &dialogue, request) => outcome,
                _ = &mut cancelled => cancelled_is,
                () = agent.stopping() => Err(Failure::Stopping),
            };
            requests.running().remove(&id);
            tokio::task::block_in_place(|| requests.reply(id, outcome));
            drop(at_work);
        });
        Ok(())
    }

    /// Reads the secrets that follow an answer, whoever still wants them.
    fn answered(
        &self,
        id: u32,
        answer: Answer,
        connection: &mut Connection,
    ) -> Result<Answered, FrameError> {
        let (count, choices) = match answer {
            Answer::Refused => return Ok(Answered::Refused),
            Answer::Typed { secrets, choices } => (secrets.min(MOST_SECRETS), choices),
        };
        let expected = match self.running().get(&id) {
            Some(running) => std::mem::take(&mut *lock(&running.expects)),
            None => Vec::new(),
        };
        let mut typed = Ok(Vec::new());
        for place in 0..count {
            let kind = expected.get(usize::from(place)).copied();
            let secret = connection.read_secret(kind.unwrap_or(SecretKind::Pin));
            match (secret, &mut typed) {
                (Ok(secret), Ok(all)) => all.push(secret),
                (Ok(_), Err(_)) => {}
                (Err(FrameError::Secret(fault)), _) => typed = Err(unusable(&fault)),
                (Err(error), _) => return Err(error),
            }
        }
        Ok(Answered::Typed {
            secrets: typed,
            choices,
        })
    }

    fn reply(&self, id: u32, outcome: Result<Reply, Failure>) {
        let outcome = match outcome {
            Ok(reply) => Outcome::Done(Box::new(reply)),
            Err(failure) => {
                tracing::info!(id, %failure, "a request failed");
                Outcome::Failed(Box::new(failure))
            }
        };
        if let Err(error) = self.writer.send(&AgentMessage::Reply { id, outcome }) {
            tracing::debug!(%error, "a client did not take its answer");
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<u32, Running>> {
        lock(&self.running)
    }
}

fn unusable(fault: &lichna_secret::SecretError) -> Failure {
    match fault {
        lichna_secret::SecretError::Character { .. } => Failure::PinAlphabet,
        _ => Failure::PinLength {
            shortest: 1,
            longest: u8::try_from(lichna_secret::LONGEST).unwrap_or(u8::MAX),
        },
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
