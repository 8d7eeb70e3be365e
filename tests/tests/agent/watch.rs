//! What the agent tells whoever watches: everything at once, then only what has changed.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lichna_ipc::{
    CardPin, CardState, Consent, ConsentRoute, Decision, Dialogue, Ended, Failure, KeyRole, Notice,
    PinState, Request, ServiceState, SlotState, State, Waiter,
};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::workspace::Home;
use time::OffsetDateTime;

use crate::client::{PIN, Person, WRONG, connect, login_request};
use crate::stage::{HOLDER, Stage};

/// How long a change may take to be told.
const LIMIT: Duration = Duration::from_secs(30);

/// A program that shows what there is.
pub struct Watcher {
    states: Receiver<State>,
    connection: Waiter,
    reader: Option<JoinHandle<()>>,
}

impl Watcher {
    pub fn begin(home: &Home) -> Self {
        let mut client = connect(home);
        let connection = client.waiter().unwrap();
        let (told, states) = channel();
        let reader = std::thread::spawn(move || {
            // It ends when this side hangs up.
            client.call(Request::Watch, &mut Listener(told)).ok();
        });
        Self {
            states,
            connection,
            reader: Some(reader),
        }
    }

    /// Waits until that is told.
    pub fn until(&self, what: &str, is_it: impl Fn(&State) -> bool) -> State {
        let end = Instant::now() + LIMIT;
        let mut last = None;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(state) = self.states.recv_timeout(left) else {
                panic!("waited in vain for {what}; the last state was {last:#?}");
            };
            assert_ne!(last.as_ref(), Some(&state), "told twice");
            if is_it(&state) {
                return state;
            }
            last = Some(state);
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.connection.hang_up();
        if let Some(reader) = self.reader.take() {
            reader.join().ok();
        }
    }
}

struct Listener(Sender<State>);

impl Dialogue for Listener {
    fn ask(&mut self, _: &Consent, _: &mut Ended<'_>) -> Decision {
        Decision::Cancelled
    }

    fn state(&mut self, state: &State) -> ControlFlow<()> {
        match self.0.send(state.clone()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

fn tries(state: &State) -> Option<u8> {
    state.cards.first()?.pin?.tries_left
}

// Req C.1, C.4
#[test]
fn a_watch_tells_everything_of_a_card_and_when_it_comes_and_goes() {
    let stage = Stage::piv();
    let watcher = Watcher::begin(&stage.home);
    let state = watcher.until("the card", |state| state.settled);
    assert_eq!(state.service, ServiceState::Running);
    assert!(matches!(state.readers[0].slot, SlotState::Card { .. }));
    let card = &state.cards[0];
    assert!(matches!(card.card, CardState::Known { .. }));
    let ready = CardPin {
        state: PinState::Ready,
        tries_left: Some(3),
    };
    assert_eq!(card.pin, Some(ready));
    let certificate = &state.certificates[0];
    assert_eq!(certificate.common_name.as_deref(), Some(HOLDER));
    assert_eq!(
        (certificate.role, &certificate.reader),
        (KeyRole::Authentication, &card.reader)
    );
    assert!(state.tasks.is_empty() && state.pending.is_empty() && state.problems.is_empty());

    stage.card.remove();
    let state = watcher.until("the card to be gone", |state| state.cards.is_empty());
    assert_eq!(state.readers[0].slot, SlotState::Empty);
    assert!(state.certificates.is_empty());
    stage.card.insert();
    watcher.until("the card again", |state| {
        state.settled && state.certificates.len() == 1
    });
}

// Req C.2
#[test]
fn a_watch_tells_of_a_try_that_was_spent_and_asks_the_card_nothing_for_it() {
    let stage = Stage::piv();
    let server = stage.server();
    let watcher = Watcher::begin(&stage.home);
    watcher.until("the card", |state| state.settled && tries(state) == Some(3));
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
    let refused = stage.login(&server, &mut Person::who_types(&[WRONG]));
    assert_eq!(refused, Err(Failure::WrongPin { tries_left: 2 }));
    let asked = stage.card.log().len();
    watcher.until("the try to be gone", |state| {
        assert!(
            tries(state).is_some(),
            "after a right PIN they are as many as before"
        );
        tries(state) == Some(2)
    });
    assert_eq!(stage.card.log().len(), asked);
}

#[test]
fn a_watch_tells_of_requests_that_wait_for_a_person() {
    let stage = Stage::piv();
    let server = stage.server();
    let watcher = Watcher::begin(&stage.home);
    let mut asker = connect(&stage.home);
    let connection = asker.waiter().unwrap();
    let mut request = login_request(&server.url(), &stage.ca);
    request.consent = ConsentRoute::Prompter;
    let asking = std::thread::spawn(move || {
        // It ends when this side hangs up.
        asker
            .call(Request::Login(request), &mut Person::nobody())
            .ok();
    });
    let state = watcher.until("the request", |state| !state.pending.is_empty());
    assert_eq!(state.pending[0].server.as_deref(), Some("localhost"));
    connection.hang_up();
    watcher.until("it to be gone", |state| state.pending.is_empty());
    asking.join().unwrap();
}

// Req C.4
#[test]
fn a_watch_tells_of_a_certificate_that_ends_soon() {
    let ca = Ca::new("Test CA");
    let (applet, sound) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let sound = lichna_pki::Certificate::parse(&sound.der).unwrap();
    let ending = ca.client_with(sound.spki_der(), HOLDER, |params| {
        params.not_after = OffsetDateTime::now_utc() + time::Duration::days(30);
    });
    let applet = applet.with_certificate(Kind::Piv, &ending.der);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::vpcd("Reader"));
    let watcher = Watcher::begin(&stage.home);
    let state = watcher.until("the notice", |state| !state.notices.is_empty());
    let certificate = &state.certificates[0];
    let ends = Notice::CertificateEnds {
        reader: certificate.reader.clone(),
        serial: certificate.serial.clone(),
        not_after: certificate.not_after.clone(),
    };
    assert_eq!(state.notices, [ends]);
    // Not again in the same week.
    stage.reinsert();
    let state = watcher.until("the card again", |state| {
        state.settled && state.certificates.len() == 1 && state.notices.is_empty()
    });
    assert!(!state.cards.is_empty());
}
