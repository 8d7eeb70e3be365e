//! A client of the agent, with a person who answers as he was told.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::VecDeque;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use lichna_ipc::TypedSecret;
use lichna_ipc::client::{Client, Decision, Dialogue, Ended, Start};
use lichna_ipc::{
    CardState, CertificateChoice, Choices, Consent, ConsentRoute, Failure, LoginOutcome,
    LoginRequest, NamedPem, Reply, Request, SecretKind, Step,
};
use lichna_secret::{Can, Passphrase, Pin, Puk};
use lichna_tests::ca::Ca;
use lichna_tests::until;
use lichna_tests::workspace::Home;

/// The PIN of the applets.
pub const PIN: &str = "123456";
/// The PUK of the PIV applet.
pub const PUK: &str = "12345678";
/// A PIN that is not theirs.
pub const WRONG: &str = "654321";

/// An agent, ended when this is dropped.
pub struct Agent(pub Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the agent of a home and waits until it listens.
pub fn agent(home: &Home) -> Agent {
    let none: [&str; 0] = [];
    listening(home, home.agent(none))
}

/// The agent of a home, started by that command, when it listens.
pub fn listening(home: &Home, mut command: Command) -> Agent {
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut agent = Agent(command.spawn().expect("the agent"));
    until("the agent to listen", || {
        assert!(agent.0.try_wait().unwrap().is_none(), "the agent ended");
        try_connect(home).is_some()
    });
    agent
}

/// A connection to the agent that runs in this home.
pub fn connect(home: &Home) -> Client {
    try_connect(home).expect("a connection to the agent")
}

/// The same, if an agent listens.
pub fn try_connect(home: &Home) -> Option<Client> {
    let home = lichna_ipc::Home::at(home.path()).unwrap();
    Client::connect_with(&home, &Start::Never, "test", env!("CARGO_PKG_VERSION")).ok()
}

/// A person at the keyboard: what he types, in order, and what he was shown.
#[derive(Default)]
pub struct Person {
    /// What he types; with nothing left he refuses.
    pub types: VecDeque<&'static str>,
    /// He agrees to spend the last try.
    pub spends_last_try: bool,
    /// What he was shown.
    pub consents: Vec<Consent>,
    /// The steps he was told of.
    pub steps: Vec<Step>,
    /// He wants the CAN to be remembered.
    pub remembers_can: bool,
    /// He agrees without typing: the PIN is typed at the reader.
    pub at_pinpad: bool,
    /// What happens while he reads, before he types.
    pub meanwhile: Option<Box<dyn FnMut()>>,
    /// Where others see the steps while the request runs.
    pub told: Option<Arc<Mutex<Vec<Step>>>>,
    /// He reads until the request has ended without him.
    pub reads_for_ever: bool,
}

impl Person {
    /// Types these, one after the other.
    pub fn who_types(secrets: &[&'static str]) -> Self {
        Self {
            types: secrets.iter().copied().collect(),
            ..Self::default()
        }
    }

    /// Nobody is to be asked.
    pub fn nobody() -> Self {
        Self::default()
    }
}

impl Dialogue for Person {
    fn ask(&mut self, consent: &Consent, ended: &mut Ended<'_>) -> Decision {
        self.consents.push(consent.clone());
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile();
        }
        if self.reads_for_ever {
            until("the request to end", || ended.already());
            return Decision::Refused;
        }
        if consent.secrets.is_empty() && !self.at_pinpad {
            return Decision::Refused;
        }
        let mut secrets = Vec::new();
        for field in &consent.secrets {
            let Some(typed) = self.types.pop_front() else {
                return Decision::Refused;
            };
            let mut bytes = typed.as_bytes().to_vec();
            secrets.push(match field.kind {
                SecretKind::Puk => TypedSecret::Puk(Puk::take(&mut bytes).unwrap()),
                SecretKind::Can => TypedSecret::Can(Can::take(&mut bytes).unwrap()),
                SecretKind::Passphrase
                | SecretKind::ApplicationCode
                | SecretKind::TelephonePassword
                | SecretKind::NewTelephonePassword => {
                    TypedSecret::Passphrase(Passphrase::take(&mut bytes).unwrap())
                }
                _ => TypedSecret::Pin(Pin::take(&mut bytes).unwrap()),
            });
        }
        Decision::Typed {
            secrets,
            choices: Choices {
                spend_last_try: self.spends_last_try,
                remember_can: self.remembers_can,
                ..Choices::default()
            },
        }
    }

    fn progress(&mut self, step: Step) {
        self.steps.push(step);
        if let Some(told) = &self.told {
            told.lock().unwrap().push(step);
        }
    }
}

/// A login to that address, whose authority is given.
pub fn login_request(url: &str, ca: &Ca) -> LoginRequest {
    LoginRequest {
        url: url.to_owned(),
        certificate: CertificateChoice::default(),
        authorities: vec![NamedPem {
            file: "ca.pem".into(),
            pem: std::fs::read_to_string(&ca.root().path).unwrap(),
        }],
        consent: ConsentRoute::Caller,
    }
}

/// Logs in.
pub fn login(
    home: &Home,
    url: &str,
    ca: &Ca,
    person: &mut Person,
) -> Result<LoginOutcome, Failure> {
    let request = Request::Login(login_request(url, ca));
    match call(home, request, person)? {
        Reply::Login(outcome) => Ok(*outcome),
        other => panic!("{other:?}"),
    }
}

/// Waits until the agent has read the card in every reader that has one.
pub fn cards_are_read(home: &Home, count: usize) {
    until("the cards to be read", || {
        let reply = call(home, Request::Cards, &mut Person::nobody());
        let Ok(Reply::Cards(cards)) = reply else {
            panic!("{reply:?}");
        };
        cards.len() == count && cards.iter().all(|card| card.card != CardState::Reading)
    });
}

/// One request on a connection of its own.
pub fn call(home: &Home, request: Request, person: &mut Person) -> Result<Reply, Failure> {
    connect(home)
        .call(request, person)
        .expect("the agent answers")
}
