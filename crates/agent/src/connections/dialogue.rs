//! One request's way to its client.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lichna_ipc::{
    AgentMessage, ApduTrace, Consent, Failure, Peer, Requester, SecretKind, State, Step, Tokens,
    Writer,
};
use tokio::sync::mpsc;

use super::Answered;
use crate::{
    consent::{Agreed, Asker, Boxed, Program, Prompter},
    tokens::Accesses,
    window::Windows,
};

/// Speaks with the client of one request.
pub struct Dialogue {
    id: u32,
    writer: Writer,
    peer: Arc<Peer>,
    accesses: Arc<Accesses>,
    expects: Arc<Mutex<Vec<SecretKind>>>,
    answers: tokio::sync::Mutex<mpsc::Receiver<Answered>>,
    window: OnceLock<String>,
}

impl Dialogue {
    pub(super) fn new(
        id: u32,
        writer: Writer,
        peer: Arc<Peer>,
        accesses: Arc<Accesses>,
        (expects, answers): (Arc<Mutex<Vec<SecretKind>>>, mpsc::Receiver<Answered>),
    ) -> Self {
        Self {
            id,
            writer,
            peer,
            accesses,
            expects,
            answers: tokio::sync::Mutex::new(answers),
            window: OnceLock::new(),
        }
    }

    /// The process at the other end.
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// What its connection has to do with keys.
    pub fn accesses(&self) -> &Accesses {
        &self.accesses
    }

    /// Who asks, for whoever decides.
    pub fn asker(&self) -> Asker<'_> {
        Asker {
            prompter: self,
            peer: &self.peer,
            program: Program::of(&self.peer),
        }
    }

    /// Looks for the title of the asking program's window, to be shown from now on.
    pub async fn look_for_window(&self, windows: &Windows) {
        if let Some(title) = windows.title(&self.peer).await {
            // It was looked for before, and found.
            let _ = self.window.set(title);
        }
    }

    /// Who asks, for people.
    pub fn requester(&self) -> Requester {
        Requester {
            pid: self.peer.pid(),
            executable: self
                .peer
                .executable_path()
                .map(|path| path.display().to_string()),
            window: self.window.get().cloned(),
        }
    }

    /// Shows one exchange with a card.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] when the client is gone.
    pub fn trace(&self, exchange: ApduTrace) -> Result<(), Failure> {
        self.send(&AgentMessage::Trace {
            id: self.id,
            exchange,
        })
    }

    /// Says what tokens there are.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] when the client is gone.
    pub fn tokens(&self, tokens: &Tokens) -> Result<(), Failure> {
        self.send(&AgentMessage::Tokens {
            id: self.id,
            tokens: Box::new(tokens.clone()),
        })
    }

    /// Says what there is.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] when the client is gone.
    pub fn state(&self, state: &State) -> Result<(), Failure> {
        self.send(&AgentMessage::State {
            id: self.id,
            state: Box::new(state.clone()),
        })
    }

    fn send(&self, message: &AgentMessage) -> Result<(), Failure> {
        // A slow client must not stop the others.
        let sent = tokio::task::block_in_place(|| self.writer.send(message));
        sent.map_err(|_| Failure::Cancelled)
    }
}

impl Prompter for Dialogue {
    fn ask<'a>(&'a self, consent: &'a Consent) -> Boxed<'a, Result<Agreed, Failure>> {
        Box::pin(async move {
            let mut answers = self.answers.lock().await;
            // An answer to nothing is no answer to this.
            while answers.try_recv().is_ok() {}
            *self.expects.lock().unwrap_or_else(PoisonError::into_inner) =
                consent.secrets.iter().map(|field| field.kind).collect();
            self.send(&AgentMessage::Ask {
                id: self.id,
                consent: Box::new(consent.clone()),
            })?;
            match answers.recv().await {
                Some(Answered::Typed { secrets, choices }) => Ok(Agreed {
                    secrets: secrets?,
                    choices,
                }),
                Some(Answered::Refused) => Err(Failure::Refused),
                None => Err(Failure::Cancelled),
            }
        })
    }

    fn progress(&self, step: Step) {
        // If the client is gone, the request is about to be cancelled.
        let _ = self.send(&AgentMessage::Progress { id: self.id, step });
    }
}
