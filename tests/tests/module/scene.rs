//! Stages of these tests: a card with both keys, a person at another terminal.

use std::time::Instant;

use lichna_card::KeyAlgorithm;
use lichna_ipc::PendingRequest;
use lichna_ipc::client::TokenWatch;
use lichna_softcard::Face;
use lichna_tests::approver::{Answers, Approver, pending};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{IDENTIFICATION_A, PracticeCard, SIGNING_A};
use lichna_tests::workspace::Home;
use lichna_tests::{DEADLINE, until};

use crate::client::{PIN, connect};
use crate::stage::{HOLDER, Stage};

/// A stage whose card has a key for identification and one for signing: a practice card, on its
/// contacts. Its PIN is that of the other cards.
pub struct TwoKeys {
    pub stage: Stage,
    _file: PracticeCard,
}

impl TwoKeys {
    pub fn new() -> Self {
        let ca = Ca::new("Login Test CA");
        let file = PracticeCard::new();
        for key in [IDENTIFICATION_A, SIGNING_A] {
            file.personalise_key(key, KeyAlgorithm::EcP256, &ca, HOLDER);
        }
        let card = file.open().insert(Face::Contact);
        Self {
            stage: Stage::with_card(card, ca, &ReaderSpec::vpcd("Login Reader")),
            _file: file,
        }
    }
}

/// A person who types the PIN, and grants nothing.
pub fn person(home: &Home) -> Approver {
    Approver::new(home, Answers::pin(PIN))
}

/// Waits until the agent has read all there is to read; gives the commands so far.
pub fn quiet(stage: &Stage) -> u64 {
    let mut watch = TokenWatch::begin(connect(&stage.home)).unwrap();
    until("the agent to have read everything", || {
        let said = watch.next(Instant::now() + DEADLINE).unwrap();
        said.is_some_and(|tokens| tokens.settled)
    });
    stage.card.commands()
}

/// Waits until the person was asked for a PIN so often, in all; not more.
pub fn was_asked(person: &Approver, times: usize) {
    until("the person to be asked", || person.pins_asked() >= times);
    assert_eq!(person.pins_asked(), times);
}

/// Waits until a request waits for a person.
pub fn the_pending(home: &Home) -> PendingRequest {
    until("a request to wait", || !pending(home).is_empty());
    pending(home).remove(0)
}

/// Waits until none does.
pub fn none_pending(home: &Home) {
    until("the requests to lapse", || pending(home).is_empty());
}

/// Has programs take the PIN themselves, from the card's next insertion on.
pub fn classic(stage: &Stage) {
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    std::fs::write(home.configuration_file(), "[pkcs11]\nlogin = true\n").unwrap();
    stage.reinsert();
    quiet(stage);
}
