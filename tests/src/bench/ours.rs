//! Lichna, doing what is measured.

use super::stage::{HOLDER, PIN, Stage};
use crate::server::{Program, Server, ServerSpec};
use crate::until;
use crate::workspace::Home;

/// An agent at work, and a server that demands a certificate.
pub struct Ours {
    home: Home,
    server: Server,
    authority: String,
}

impl Ours {
    /// Starts the agent, with the card in the reader and read.
    pub fn start(stage: &Stage) -> Self {
        let ours = Self {
            home: Home::new(&stage.pcscd),
            server: ServerSpec::new(Program::Nginx, &stage.ca).start(),
            authority: stage.ca.root().path.display().to_string(),
        };
        ours.wait_for_card(true);
        ours
    }

    /// Waits until the agent has read the card, or knows that there is none.
    pub fn wait_for_card(&self, present: bool) {
        until("the agent to have read the card", || {
            let known = known_cards(&self.home);
            known == usize::from(present)
        });
    }

    /// A whole login, as a person starts it.
    pub fn login(&self) {
        let url = self.url();
        let words = ["login", &url, "--ca", &self.authority, "--pin-stdin"];
        let output = self.home.run_with_input(words, format!("{PIN}\n"));
        assert!(output.success().contains(HOLDER), "{}", output.stdout);
    }

    /// Where the agent is at home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Where it logs in.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The agent's process.
    pub fn agent(&self) -> i32 {
        let agents = self.home.agents();
        let [agent] = agents.as_slice() else {
            panic!("one agent, not {agents:?}");
        };
        agent.as_raw_pid()
    }
}

/// Cards that the agent has read, and knows.
pub fn known_cards(home: &Home) -> usize {
    let cards = home.run(["cards", "--json"]).json();
    let cards = cards["cards"].as_array().cloned().unwrap_or_default();
    cards
        .iter()
        .filter(|card| card["card"]["card"] == "known")
        .count()
}
