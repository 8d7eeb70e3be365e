//! A desk: a card, an agent, and a display on which its window opens.

use std::fs;
use std::path::Path;
use std::thread::{self, JoinHandle};

use lichna_ipc::{
    Consent, ConsentRoute, Decision, Dialogue, Ended, Failure, PinState, Reply, Request,
};
use lichna_tests::built;
use lichna_tests::ca::Ca;
use lichna_tests::display::{Desktop, PIN_WINDOW};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::server::Server;
use lichna_tests::until;
use lichna_tests::vpicc::VirtualCard;
use lichna_tests::workspace::Home;

use crate::client::{Person, call, connect, login_request};
use crate::stage::Stage;

const ENGLISH: &str = "[look]\nlanguage = \"en\"\n";

pub struct Desk {
    // Dropped in this order: the agent before its display.
    pub stage: Stage,
    pub desktop: Desktop,
}

/// What becomes of a request.
pub type Outcome = JoinHandle<Result<Reply, Failure>>;

impl Desk {
    pub fn new() -> Self {
        Self::with(ENGLISH)
    }

    /// With these settings of the window.
    pub fn with(settings: &str) -> Self {
        Self::set(settings, |prepare| Stage::piv_in(prepare))
    }

    /// With that card in that reader.
    pub fn with_card(card: impl VirtualCard + 'static, ca: Ca, reader: &ReaderSpec) -> Self {
        let begin = |prepare: &mut dyn FnMut(&mut Home)| Stage::begin(card, ca, reader, prepare);
        Self::set(ENGLISH, begin)
    }

    fn set(settings: &str, begin: impl FnOnce(&mut dyn FnMut(&mut Home)) -> Stage) -> Self {
        built::prompt();
        let desktop = Desktop::start();
        let stage = begin(&mut |home| {
            for (name, value) in desktop.env() {
                home.set(name, value);
            }
            configure(home.path(), settings);
        });
        Self { stage, desktop }
    }

    pub fn change_pin(&self) -> Outcome {
        ask(&self.stage, change_pin())
    }

    pub fn log_in(&self, server: &Server) -> Outcome {
        let mut request = login_request(&server.url(), &self.stage.ca);
        request.consent = ConsentRoute::Prompter;
        ask(&self.stage, Request::Login(request))
    }

    /// Waits for the window; comes back with its number.
    pub fn window(&self) -> String {
        self.window_titled(PIN_WINDOW)
    }

    /// The same, where its title begins so.
    pub fn window_titled(&self, title: &str) -> String {
        self.desktop.in_front(title)
    }

    pub fn window_is_gone(&self) {
        self.desktop.is_answered();
    }

    /// Types it, each key once.
    pub fn types(&self, text: &str) {
        self.desktop.does(&["type", "--delay", "20", text]);
    }

    pub fn presses(&self, keys: &[&str]) {
        let words: Vec<&str> = ["key"].iter().chain(keys).copied().collect();
        self.desktop.does(&words);
    }

    /// Waits until so many characters stand in the first field, and no more.
    pub fn has_typed(&self, count: usize) {
        until("the keys to arrive", || {
            let said = self.desktop.read();
            said.contains(&format!(
                "password text|PIN|6 to 8 characters, typed: {count}"
            ))
        });
    }

    pub fn tries_left(&self) -> Option<u8> {
        let request = Request::PinStatus { reader: None };
        match call(&self.stage.home, request, &mut Person::nobody()) {
            Ok(Reply::PinStatus(pins)) => {
                let pin = pins.iter().find(|pin| pin.state != PinState::Unknown);
                pin.and_then(|pin| pin.tries_left)
            }
            other => panic!("{other:?}"),
        }
    }

    /// Process id of the window.
    pub fn window_process(&self) -> i32 {
        let window = self.window();
        let pid = self.desktop.does(&["getwindowpid", &window]);
        pid.parse().unwrap()
    }
}

pub fn configure(home: &Path, settings: &str) {
    fs::write(home.join("config.toml"), settings).unwrap();
}

/// Asks for something. Whoever asks is not the one who is asked.
pub fn ask(stage: &Stage, request: Request) -> Outcome {
    let mut client = connect(&stage.home);
    thread::spawn(move || client.call(request, &mut NotHere).unwrap())
}

/// A new PIN for the only card.
pub const fn change_pin() -> Request {
    Request::PinChange {
        reader: None,
        pin: None,
        consent: ConsentRoute::Prompter,
    }
}

/// A program with no person at it.
struct NotHere;

impl Dialogue for NotHere {
    fn ask(&mut self, consent: &Consent, _: &mut Ended<'_>) -> Decision {
        panic!("the asking program was asked: {consent:?}");
    }
}
