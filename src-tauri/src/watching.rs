//! The one long connection: all that the agent tells of itself, whenever it changes.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use lichna_ipc::{ClientProblem, Consent, Decision, Dialogue, Ended, Failure, Request, State};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager};

use crate::agent::Agent;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::{notifications, tray};

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

/// Tells the web view until it is gone, or the agent is; and the tray, and whoever shows
/// notifications. Id of the request: its channel's.
pub fn watch(app: &AppHandle, agent: &Agent, links: &Channel<Link>) {
    loop {
        let began = Instant::now();
        let mut telling = Telling { app, links };
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
    app: &'a AppHandle,
    links: &'a Channel<Link>,
}

impl Dialogue for Telling<'_> {
    fn ask(&mut self, _consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        Decision::Cancelled
    }

    fn state(&mut self, state: &State) -> ControlFlow<()> {
        let mut state = Box::new(state.clone());
        // What this program asks for itself, the page knows.
        let own = std::process::id();
        state.pending.retain(|one| one.requester.pid != own);
        let language = state.settings.look.language;
        if self.app.state::<Outside>().speak(language) {
            tray::refresh(self.app);
        }
        tray::tell(self.app, &state);
        notifications::tell(self.app, &state);
        match self.links.send(Link::Connected { state }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
