//! The client's side of a connection.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::frame::{self, FrameError, LONGEST_FROM_CLIENT};
use crate::home::{Home, HomeError};
use crate::peer::PeerError;
use crate::transport::{Connect, Stream};
use crate::{
    AgentMessage, Answer, ApduTrace, CONNECTION, Choices, ClientMessage, Consent, Failure, Hello,
    Outcome, Reply, Request, State, Step, TypedSecret, VERSION,
};

pub mod problem;
mod start;
mod watch;

pub use start::Start;
pub use watch::{TokenWatch, Waiter};

/// How long the agent may take for its greeting.
const GREETING: Duration = Duration::from_secs(5);

/// How long the agent may say nothing while a request runs. It has deadlines of its own, the
/// longest of which is two minutes; this one is for an agent that hangs.
const SILENCE: Duration = Duration::from_secs(300);

/// How long the rest of a message may take that has begun to come.
const REST: Duration = Duration::from_secs(2);

/// The least time that a greeting is given.
const SHORTEST: Duration = Duration::from_millis(50);

/// Why the agent gave no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// There is no place for the socket.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// No agent runs, and this client does not start one.
    #[error("no agent runs")]
    NotRunning,
    /// The agent's program is not where it was installed.
    #[error("the agent is not installed: there is no {}", program.display())]
    NotInstalled {
        /// Where it should be.
        program: PathBuf,
    },
    /// The agent was started and ended, or did not listen in time.
    #[error("the agent could not be started: {reason}")]
    NotStarted {
        /// What it said on its way up, or what the system says.
        reason: String,
    },
    /// The socket cannot be used.
    #[error("the agent's socket {} cannot be used", socket.display())]
    Unreachable {
        /// Which.
        socket: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What listens there is not this user's agent.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The agent is of another version.
    #[error("this program speaks version {client} of the protocol, the agent {agent}")]
    VersionMismatch {
        /// Ours.
        client: u16,
        /// The agent's.
        agent: u16,
    },
    /// The agent ended, or closed the connection, in the middle of a request.
    #[error("the agent is gone")]
    Gone,
    /// The agent says nothing any more.
    #[error("the agent does not answer")]
    Silent,
    /// The agent does not do what was asked.
    #[error(transparent)]
    Refused(Box<Failure>),
    /// The agent sent something that cannot be read or is out of place.
    #[error("the agent sent something that cannot be read")]
    Malformed(#[source] FrameError),
    /// The request is too long to be sent.
    #[error("a request of {length} bytes is longer than the {limit} that the agent takes")]
    TooLarge {
        /// Its bytes.
        length: usize,
        /// Most bytes.
        limit: usize,
    },
}

impl From<FrameError> for ClientError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Closed | FrameError::CutOff | FrameError::Connection(_) => Self::Gone,
            FrameError::Silent => Self::Silent,
            error => Self::Malformed(error),
        }
    }
}

/// What a person decided.
pub enum Decision {
    /// Agreed.
    Typed {
        /// The secrets, in the order of [`Consent::secrets`]; none with a pinpad.
        secrets: Vec<TypedSecret>,
        /// What was said beside.
        choices: Choices,
    },
    /// Said no.
    Refused,
    /// Gave up, or could not be asked. The request is cancelled.
    Cancelled,
}

/// Whoever speaks with the person while a request runs.
pub trait Dialogue {
    /// Shows who asks for what, and takes the secrets. Should come back when `ended` says that
    /// nobody waits for the answer any more; its answer then counts for nothing.
    fn ask(&mut self, consent: &Consent, ended: &mut Ended<'_>) -> Decision;

    /// A step began.
    fn progress(&mut self, _step: Step) {}

    /// A card was spoken to. [`ControlFlow::Break`] ends the trace.
    fn trace(&mut self, _exchange: &ApduTrace) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// What there is now. [`ControlFlow::Break`] ends the watch.
    fn state(&mut self, _state: &State) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Tells whether the request that a person is asked for has ended meanwhile: it lapsed, the card
/// was taken out, the agent is gone.
#[derive(Debug)]
pub struct Ended<'a> {
    stream: &'a mut Stream,
    early: &'a mut VecDeque<Result<AgentMessage, FrameError>>,
    request: u32,
}

impl Ended<'_> {
    /// It has. Looks at what the agent sent meanwhile, and waits for nothing.
    pub fn already(&mut self) -> bool {
        loop {
            let request = self.request;
            let ended = self.early.iter().any(|message| match message {
                Ok(AgentMessage::Reply { id, .. }) => *id == request || *id == CONNECTION,
                Ok(_) => false,
                Err(_) => true,
            });
            if ended || !self.stream.is_readable() {
                return ended;
            }
            let message = frame::read_agent_message(self.stream);
            self.early.push_back(message);
        }
    }
}

/// Readable when [`Ended::already`] is worth asking.
#[cfg(unix)]
impl std::os::fd::AsFd for Ended<'_> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// A connection to the agent.
#[derive(Debug)]
pub struct Client {
    stream: Stream,
    /// What came while a person was asked.
    early: VecDeque<Result<AgentMessage, FrameError>>,
    agent: Hello,
    next: u32,
}

impl Client {
    /// Connects to the agent of this home, and starts it where none runs.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn connect(home: &Home, program: &str, version: &str) -> Result<Self, ClientError> {
        Self::connect_with(home, &Start::Installed, program, version)
    }

    /// As [`Client::connect`], with a say in which agent is started.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn connect_with(
        home: &Home,
        start: &Start,
        program: &str,
        version: &str,
    ) -> Result<Self, ClientError> {
        Self::connect_within(home, start, program, version, start::DEADLINE)
    }

    /// As [`Client::connect_with`], and takes no longer than `limit`. An agent that was started
    /// and does not listen by then goes on starting; the next attempt finds it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn connect_within(
        home: &Home,
        start: &Start,
        program: &str,
        version: &str,
        limit: Duration,
    ) -> Result<Self, ClientError> {
        let end = Instant::now() + limit;
        let mut stream = start::connect(home, start, end)?;
        // The PIN goes here: it must be this user's own agent that listens.
        stream.peer()?;
        let left = end.saturating_duration_since(Instant::now());
        stream
            .wait_reading(Some(left.clamp(SHORTEST, GREETING)))
            .map_err(|_| ClientError::Gone)?;
        let hello = ClientMessage::Hello(Hello {
            protocol: VERSION,
            program: program.to_owned(),
            version: version.to_owned(),
        });
        frame::write_message(&mut stream, &hello, LONGEST_FROM_CLIENT)?;
        let AgentMessage::Hello(agent) = frame::read_agent_message(&mut stream)? else {
            return Err(ClientError::Malformed(OUT_OF_PLACE));
        };
        if agent.protocol != VERSION {
            return Err(ClientError::VersionMismatch {
                client: VERSION,
                agent: agent.protocol,
            });
        }
        Ok(Self {
            stream,
            early: VecDeque::new(),
            agent,
            next: FIRST,
        })
    }

    /// What the agent said of itself.
    #[must_use]
    pub fn agent(&self) -> &Hello {
        &self.agent
    }

    /// Asks the agent for something, and waits for its end. `dialogue` speaks with the person
    /// meanwhile.
    ///
    /// # Errors
    /// The outer error is the connection's, which is of no more use then; the inner one the
    /// agent's.
    pub fn call(
        &mut self,
        request: Request,
        dialogue: &mut dyn Dialogue,
    ) -> Result<Result<Reply, Failure>, ClientError> {
        self.call_until(request, dialogue, None)
    }

    /// As [`Client::call`], and waits no longer than `limit`: then the request is cancelled, and
    /// the connection is good for the next one.
    ///
    /// # Errors
    /// As [`Client::call`]; [`ClientError::Silent`] when the time is up.
    pub fn call_within(
        &mut self,
        request: Request,
        dialogue: &mut dyn Dialogue,
        limit: Duration,
    ) -> Result<Result<Reply, Failure>, ClientError> {
        self.call_until(request, dialogue, Some(Instant::now() + limit))
    }

    /// Ends this connection from another thread: a call that waits then returns
    /// [`ClientError::Gone`].
    ///
    /// # Errors
    /// When the system has no handle left.
    pub fn waiter(&self) -> Result<Waiter, ClientError> {
        Waiter::of(&self.stream)
    }

    fn call_until(
        &mut self,
        request: Request,
        dialogue: &mut dyn Dialogue,
        end: Option<Instant>,
    ) -> Result<Result<Reply, Failure>, ClientError> {
        let id = self.next;
        self.next = self.next.checked_add(1).unwrap_or(FIRST);
        let endless = matches!(request, Request::Trace | Request::Watch);
        self.stream
            .wait_reading((!endless).then_some(SILENCE))
            .map_err(|_| ClientError::Gone)?;
        self.send(&ClientMessage::Request { id, request })?;
        loop {
            if let Some(end) = end.filter(|_| self.early.is_empty()) {
                let left = end.saturating_duration_since(Instant::now());
                if !self.stream.is_readable_within(left) {
                    self.send(&ClientMessage::Cancel { id })?;
                    return Err(ClientError::Silent);
                }
                // What has begun to come is read whole: half a frame would spoil the next.
                self.stream
                    .wait_reading(Some(REST))
                    .map_err(|_| ClientError::Gone)?;
            }
            let message = match self.early.pop_front() {
                Some(message) => message,
                None => frame::read_agent_message(&mut self.stream),
            };
            match message? {
                AgentMessage::Reply { id: of, outcome } if of == id || of == CONNECTION => {
                    return Ok(match outcome {
                        Outcome::Done(reply) => Ok(*reply),
                        Outcome::Failed(failure) => Err(*failure),
                    });
                }
                AgentMessage::Ask { id: of, consent } if of == id => {
                    let mut ended = Ended {
                        stream: &mut self.stream,
                        early: &mut self.early,
                        request: id,
                    };
                    let decision = dialogue.ask(&consent, &mut ended);
                    self.answer(id, decision)?;
                }
                AgentMessage::Progress { id: of, step } if of == id => dialogue.progress(step),
                AgentMessage::Trace { id: of, exchange }
                    if of == id && dialogue.trace(&exchange).is_break() =>
                {
                    self.send(&ClientMessage::Cancel { id })?;
                }
                AgentMessage::State { id: of, state }
                    if of == id && dialogue.state(&state).is_break() =>
                {
                    self.send(&ClientMessage::Cancel { id })?;
                }
                AgentMessage::Hello(_) => return Err(ClientError::Malformed(OUT_OF_PLACE)),
                // The rest of a request that was cancelled before.
                _ => {}
            }
        }
    }

    fn answer(&mut self, id: u32, decision: Decision) -> Result<(), ClientError> {
        let (secrets, choices) = match decision {
            Decision::Typed { secrets, choices } => (secrets, choices),
            Decision::Refused => {
                let answer = Answer::Refused;
                return self.send(&ClientMessage::Answer { id, answer });
            }
            Decision::Cancelled => return self.send(&ClientMessage::Cancel { id }),
        };
        let answer = Answer::Typed {
            secrets: u8::try_from(secrets.len()).unwrap_or(u8::MAX),
            choices,
        };
        self.send(&ClientMessage::Answer { id, answer })?;
        for secret in secrets.iter().take(usize::from(u8::MAX)) {
            secret.write(&mut self.stream)?;
        }
        Ok(())
    }

    fn send(&mut self, message: &ClientMessage) -> Result<(), ClientError> {
        frame::write_message(&mut self.stream, message, LONGEST_FROM_CLIENT).map_err(|error| {
            match error {
                FrameError::TooLarge { length, limit } => ClientError::TooLarge { length, limit },
                error => error.into(),
            }
        })
    }
}

/// The first id of a request.
const FIRST: u32 = CONNECTION + 1;

const OUT_OF_PLACE: FrameError = FrameError::NotAMessage {
    line: 1,
    column: 0,
    reason: "it is out of place",
};
