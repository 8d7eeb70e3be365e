//! An agent with cards in memory: it tells of tokens and signs with keys of its own. What it does
//! with a request for a signature is up to the test.

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lichna_ipc::{
    Accept, AgentMessage, Answer, ClientMessage, Connect, Connection, Failure, Home, Listener,
    Outcome, Reply, Request, Single, Stream, Tokens, Writer,
};
use tempfile::TempDir;

pub mod card;

use card::Card;

/// How long a test waits for what must happen.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What becomes of a request for a signature.
#[derive(Clone, Debug)]
pub enum Holder {
    /// It is signed.
    Agrees,
    /// It is not, and why.
    Fails(Failure),
    /// Nothing, until the connection ends.
    Sleeps,
}

/// The agent. It ends with this.
pub struct FakeAgent {
    shared: Arc<Shared>,
    folder: Option<TempDir>,
    home: Home,
    accepts: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    news: Condvar,
    ended: AtomicBool,
}

struct State {
    tokens: Tokens,
    cards: Vec<Card>,
    holder: Holder,
    writers: Vec<Writer>,
    watchers: Vec<(Writer, u32)>,
    requests: Vec<Request>,
}

impl FakeAgent {
    /// One with this card in its reader.
    pub fn with(card: Card) -> Self {
        let tokens = Tokens {
            settled: true,
            readers: vec![card.in_reader("Fake Reader 00 00")],
        };
        Self::begin(tempfile::tempdir().unwrap(), vec![card], tokens)
    }

    fn begin(folder: TempDir, cards: Vec<Card>, tokens: Tokens) -> Self {
        let home = Home::at(folder.path()).unwrap();
        home.prepare().unwrap();
        let single = Single::acquire(&home).unwrap();
        let listener = Listener::bind(home.socket(), &single).unwrap();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                tokens,
                cards,
                holder: Holder::Agrees,
                writers: Vec::new(),
                watchers: Vec::new(),
                requests: Vec::new(),
            }),
            news: Condvar::new(),
            ended: AtomicBool::new(false),
        });
        let to = Arc::clone(&shared);
        let accepts = thread::spawn(move || {
            let _single = single;
            while let Ok(stream) = listener.accept() {
                if to.ended.load(Ordering::SeqCst) {
                    break;
                }
                let to = Arc::clone(&to);
                thread::spawn(move || to.serve(stream));
            }
        });
        Self {
            shared,
            folder: Some(folder),
            home,
            accepts: Some(accepts),
        }
    }

    /// The variable that leads a program here.
    pub fn environment(&self) -> (&'static str, OsString) {
        self.home.environment().unwrap()
    }

    /// This agent ends, and another begins in its place, with the same card.
    pub fn restarts(mut self) -> Self {
        self.end();
        let (cards, tokens) = {
            let mut state = self.shared.state();
            (std::mem::take(&mut state.cards), state.tokens.clone())
        };
        Self::begin(self.folder.take().unwrap(), cards, tokens)
    }

    /// From now on the holder does this.
    pub fn holder(&self, holder: Holder) {
        self.shared.state().holder = holder;
    }

    /// Tells all who watch that there is this now.
    pub fn says(&self, change: impl FnOnce(&mut Tokens)) {
        let mut state = self.shared.state();
        change(&mut state.tokens);
        for (writer, id) in &state.watchers {
            let (id, tokens) = (*id, Box::new(state.tokens.clone()));
            // Who hung up wants to know nothing.
            let _ = writer.send(&AgentMessage::Tokens { id, tokens });
        }
    }

    /// Waits until such a request came.
    pub fn hears(&self, such: impl Fn(&Request) -> bool) {
        let none = |state: &mut State| !state.requests.iter().any(&such);
        let state = self.shared.state();
        let waited = self.shared.news.wait_timeout_while(state, DEADLINE, none);
        assert!(!waited.unwrap().1.timed_out(), "no such request came");
    }

    /// How many of such requests came.
    pub fn heard(&self, such: impl Fn(&Request) -> bool) -> usize {
        let state = self.shared.state();
        state.requests.iter().filter(|one| such(one)).count()
    }

    fn end(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for writer in self.shared.state().writers.drain(..) {
            writer.hang_up();
        }
        drop(Stream::connect(self.home.socket()));
        if let Some(accepts) = self.accepts.take() {
            accepts.join().unwrap();
        }
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, stream: Stream) {
        let Ok(mut connection) = Connection::accept(stream, "lichna-agent", "0") else {
            return;
        };
        self.state().writers.push(connection.writer());
        while let Ok(message) = connection.read() {
            let done = match message {
                ClientMessage::Request { id, request } => {
                    self.state().requests.push(request.clone());
                    self.news.notify_all();
                    self.request(&connection.writer(), id, request)
                }
                ClientMessage::Answer {
                    id,
                    answer: Answer::Typed { secrets: 0, .. },
                } => Some((id, Err(Failure::Refused))),
                _ => None,
            };
            if let Some((id, done)) = done {
                let outcome = match done {
                    Ok(reply) => Outcome::Done(Box::new(reply)),
                    Err(failure) => Outcome::Failed(Box::new(failure)),
                };
                let _ = connection
                    .writer()
                    .send(&AgentMessage::Reply { id, outcome });
            }
        }
    }

    fn request(
        &self,
        writer: &Writer,
        id: u32,
        request: Request,
    ) -> Option<(u32, Result<Reply, Failure>)> {
        let mut state = self.state();
        match request {
            Request::WatchTokens => {
                let tokens = Box::new(state.tokens.clone());
                let _ = writer.send(&AgentMessage::Tokens { id, tokens });
                state.watchers.push((writer.clone(), id));
                None
            }
            Request::TokenSign(request) => match state.holder.clone() {
                Holder::Sleeps => None,
                Holder::Fails(failure) => Some((id, Err(failure))),
                Holder::Agrees => {
                    let card = state.cards.iter().find(|card| card.has(&request.token));
                    let signature = card.map(|card| card.signs(&request));
                    let reply = signature.map(|signature| Reply::Signature { signature });
                    Some((id, reply.ok_or(Failure::CardRemoved)))
                }
            },
            Request::TokenUnlock { .. } => Some((id, Ok(Reply::TokenUnlocked))),
            Request::PinChange { .. } => Some((id, Ok(Reply::PinChanged))),
            _ => Some((id, Err(Failure::ProgramLoginOff))),
        }
    }
}
