//! The one long connection: all that the agent tells of itself, whenever it changes.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use lichna_ipc::{ClientProblem, Consent, Decision, Dialogue, Ended, Failure, Request, State};
use serde::Serialize;
use tauri::ipc::Channel;

use crate::agent::Agent;
use crate::problem::Problem;

/// What the web view is told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "link", rename_all = "kebab-case")]
pub enum Link {
    /// The agent is there, and this is how things are.
    Connected {
        /// All of it.
        state: Box<State>,
    },
    /// It is not, and nobody looks for it until the person says so.
    Lost {
        /// Why.
        problem: Problem,
    },
}

/// An agent that was there for less than this is not started again by itself.
const LASTED: Duration = Duration::from_secs(10);

/// Tells the web view until it is gone, or the agent is. Id of the request: its channel's.
pub fn watch(agent: &Agent, links: &Channel<Link>) {
    loop {
        let began = Instant::now();
        let mut telling = Telling { links };
        let outcome = agent.call(links.id(), Request::Watch, &mut telling);
        let problem = match outcome {
            // The page is gone, or watches anew.
            Ok(_) => return,
            Err(Problem::Agent(failure)) if *failure == Failure::Cancelled => return,
            Err(problem) => problem,
        };
        let gone = matches!(&problem, Problem::Client(ClientProblem::AgentGone))
            || matches!(&problem, Problem::Agent(f) if **f == Failure::Stopping);
        if gone && began.elapsed() > LASTED {
            continue;
        }
        links.send(Link::Lost { problem }).ok();
        return;
    }
}

struct Telling<'a> {
    links: &'a Channel<Link>,
}

impl Dialogue for Telling<'_> {
    fn ask(&mut self, _consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        Decision::Cancelled
    }

    fn state(&mut self, state: &State) -> ControlFlow<()> {
        let state = Box::new(state.clone());
        match self.links.send(Link::Connected { state }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
