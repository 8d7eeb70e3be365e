//! The daemon that owns the card: consent, PIN, flows.
//!
//! One for each user. Clients come over [`lichna_ipc`]; cards are spoken to on one thread for
//! each reader ([`cards`]); what a client asks for is a flow ([`flows`]), which asks a person
//! ([`consent`]) before a key or a PIN is used.
#![forbid(unsafe_code)]

pub mod authority;
pub mod cards;
pub mod changes;
pub mod config;
pub mod connections;
pub mod consent;
pub mod doctor;
pub mod flows;
pub mod keystore;
pub mod notices;
pub mod pin_policy;
pub mod practice;
pub mod profiles;
mod state_file;
pub mod tasks;
pub mod tokens;
pub mod uses;
pub mod window;

use std::sync::Arc;

use lichna_ipc::Home;
use tokio::{runtime::Handle, sync::watch};

use authority::SeenJournals;
use cards::Cards;
use changes::Changes;
use connections::Clients;
use consent::Consents;
use keystore::{KeyStore, RememberedCans};
use notices::Notices;
use pin_policy::PinPolicy;
use practice::Practice;
use tasks::Shelf;
use tokens::RememberedPrograms;
use uses::Uses;
use window::Windows;

/// Version of the agent.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What all flows share.
pub struct Agent {
    /// Where files are.
    pub home: Home,
    /// Readers and cards.
    pub cards: Arc<Cards>,
    /// Word for those who watch.
    pub changes: Changes,
    /// Programs that are connected.
    pub clients: Clients,
    /// Whoever waits for a person.
    pub consents: Consents,
    /// Cards that no PIN is taken for over IPC.
    pub policy: PinPolicy,
    /// The key store of the operating system.
    pub keystore: KeyStore,
    /// CANs that the holder wanted remembered.
    pub cans: RememberedCans,
    /// Practice cards that are put in.
    pub practice: Practice,
    /// The windows of programs.
    pub windows: Windows,
    /// Programs that the holder wants to be asked less for.
    pub programs: RememberedPrograms,
    /// Enrolments and renewals.
    pub tasks: Shelf,
    /// What was seen of authorities' journals.
    pub journals: SeenJournals,
    /// What a person is told without having asked.
    pub notices: Notices,
    /// What keys were used for.
    pub uses: Uses,
    /// Where tasks run.
    pub runtime: Handle,
    stopping: watch::Sender<bool>,
}

impl Agent {
    /// An agent for these cards.
    pub fn new(home: Home, cards: Arc<Cards>, runtime: Handle) -> Arc<Self> {
        let keystore = KeyStore::default();
        let changes = Changes::default();
        Arc::new(Self {
            cans: RememberedCans::new(home.remembered_cans(), keystore.clone()),
            notices: Notices::new(home.notices()),
            uses: Uses::new(home.uses(), keystore.clone(), &runtime),
            keystore,
            practice: Practice::default(),
            windows: Windows::default(),
            programs: RememberedPrograms::new(home.remembered_programs()),
            tasks: Shelf::new(home.tasks(), changes.clone()),
            journals: SeenJournals::new(home.journal_checkpoints()),
            consents: Consents::new(changes.clone(), home.configuration_file()),
            home,
            clients: Clients::default(),
            cards,
            changes,
            policy: PinPolicy::default(),
            runtime,
            stopping: watch::Sender::new(false),
        })
    }

    /// Ends all requests.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether [`Self::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Ends when [`Self::stop`] was called.
    pub async fn stopping(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as `self`.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    /// Stands for a request until it is dropped: when the request has been answered.
    pub fn at_work(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Ends when no request is at work.
    pub async fn idle(&self) {
        self.stopping.closed().await;
    }
}
