//! What is asked of the agent: each request on a connection and a thread of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lichna_ipc::{Client, Consent, Decision, Dialogue, Ended, Failure, Home, Reply, Request, Step};
use lichna_ipc::{ClientError, ClientProblem, Waiter};
use tauri::ipc::Channel;

use crate::problem::Problem;
use crate::sandbox::Sandbox;

/// The agent of this home, and what is asked of it at this moment.
#[derive(Clone)]
pub struct Agent(Arc<Inner>);

struct Inner {
    home: Home,
    sandbox: Sandbox,
    /// By the id of the channel that a request's steps go through.
    asked: Mutex<HashMap<u32, Waiter>>,
}

/// A command's result, as the web view has it.
pub type Answer<T> = Result<T, Problem>;

impl Agent {
    /// The agent of a home.
    pub fn of(home: Home) -> Self {
        let asked = Mutex::default();
        let sandbox = Sandbox::of(home.clone());
        Self(Arc::new(Inner {
            home,
            sandbox,
            asked,
        }))
    }

    /// The authority for practice.
    pub fn sandbox(&self) -> &Sandbox {
        &self.0.sandbox
    }

    /// A connection; the agent is started where none runs.
    pub fn connect(&self) -> Result<Client, ClientError> {
        Client::connect(&self.0.home, "lichna-app", env!("CARGO_PKG_VERSION"))
    }

    /// Asks for something. Whom the agent has to ask, it asks in a window of its own.
    ///
    /// # Errors
    /// [`Problem`]: the agent's, or why there was no answer.
    pub async fn ask<T: Send + 'static>(
        &self,
        steps: Channel<Step>,
        request: Request,
        take: impl FnOnce(Reply) -> Option<T> + Send + 'static,
    ) -> Answer<T> {
        let agent = self.clone();
        tauri::async_runtime::spawn_blocking(move || {
            let id = steps.id();
            agent.sandbox().wake_for(&request)?;
            let reply = agent.call(id, request, &mut Steps(steps))?;
            take(reply).ok_or(ClientProblem::AnswerUnexpected.into())
        })
        .await?
    }

    /// Asks for something on this thread, with a dialogue.
    ///
    /// # Errors
    /// As [`Agent::ask`].
    pub fn call(&self, id: u32, request: Request, dialogue: &mut dyn Dialogue) -> Answer<Reply> {
        let mut client = self.connect()?;
        self.asked().insert(id, client.waiter()?);
        let outcome = client.call(request, dialogue);
        if self.asked().remove(&id).is_none() {
            return Err(Failure::Cancelled.into());
        }
        Ok(outcome??)
    }

    /// Gives up what goes through this channel.
    pub fn cancel(&self, id: u32) {
        if let Some(waiter) = self.asked().remove(&id) {
            waiter.hang_up();
        }
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<u32, Waiter>> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the web view how far a request has come.
pub struct Steps(pub Channel<Step>);

impl Dialogue for Steps {
    /// No secret passes this program: what the agent's own window does not ask is not asked.
    fn ask(&mut self, _consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        Decision::Cancelled
    }

    fn progress(&mut self, step: Step) {
        // Nobody looks any more when the page is gone.
        self.0.send(step).ok();
    }
}
