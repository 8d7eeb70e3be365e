//! A practice card in the agent itself, where another card's reader stands: no smart card service
//! is there at all.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lichna_card::KeyAlgorithm;
use lichna_ipc::{
    Failure, FindingState, Genuineness, InterfaceKind, PaceState, PracticeFace, Reply, Request,
    ServiceState, SlotState, State,
};
use lichna_softcard::{Face, FirstPin, Lock, Making, SoftCard};
use lichna_tests::ca::Ca;
use lichna_tests::key_store::KeyStore;
use lichna_tests::practice::{ADMINISTRATOR_KEY, IDENTIFICATION_A, NUMBER, PUK, personalise};
use lichna_tests::server::{Program, Server, ServerSpec};
use lichna_tests::workspace::Home;
use zeroize::Zeroizing;

use crate::client::{self, Agent, Person, agent, call, cards_are_read};
use crate::stage::HOLDER;
use crate::watch::Watcher;

const PASSPHRASE: &str = "correct horse";
pub const PIN: &str = "864209";
const CAN: &str = "975318";
const OTHER: &str = "P00000043";

/// An agent with practice cards in its folder.
pub struct Own {
    agent: Agent,
    pub home: Home,
    ca: Ca,
}

impl Own {
    /// One that can log in, and one that is empty.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// The same, in that environment.
    pub fn with(environment: &[(&str, OsString)]) -> Self {
        let mut home = Home::apart();
        home.set("LICHNA_LOG", "trace");
        for (name, value) in environment {
            home.set(*name, value.clone());
        }
        let ca = Ca::new("Login Test CA");
        for number in [NUMBER, OTHER] {
            let path = make(&home, number, CAN);
            if number == NUMBER {
                let card = SoftCard::open(&path, &lock()).unwrap();
                let mut card = card.insert(Face::Contact);
                let (key, kind) = (IDENTIFICATION_A, KeyAlgorithm::EcP256);
                personalise(&mut card, key, kind, &ca, HOLDER);
            }
        }
        let agent = agent(&home);
        Self { agent, home, ca }
    }

    /// The same with another agent, which begins after this one was ended.
    pub fn restarted(self) -> Self {
        let Self { agent, home, ca } = self;
        drop(agent);
        Self {
            agent: client::agent(&home),
            home,
            ca,
        }
    }

    pub fn insert(&self, number: &str, interface: InterfaceKind) -> String {
        let request = Request::PracticeCardInsert {
            number: Some(number.to_owned()),
            face: PracticeFace {
                interface,
                vpcd: None,
            },
        };
        let mut person = Person::who_types(&[PASSPHRASE]);
        match call(&self.home, request, &mut person) {
            Ok(Reply::PracticeCardInserted(card)) => card.inserted.unwrap().reader.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub fn remove(&self, number: &str) {
        let number = Some(number.to_owned());
        let request = Request::PracticeCardRemove { number };
        call(&self.home, request, &mut Person::nobody()).unwrap();
    }

    pub fn server(&self) -> Server {
        ServerSpec::new(Program::Nginx, &self.ca).start()
    }

    pub fn login(&self, server: &Server, person: &mut Person) -> Result<u32, Failure> {
        let outcome = client::login(&self.home, &server.url(), &self.ca, person)?;
        assert_eq!(outcome.status, 200);
        Ok(outcome.apdus)
    }
}

fn lock() -> Lock {
    Lock::Passphrase(Zeroizing::new(PASSPHRASE.to_owned()))
}

/// Makes a card in the folder of the agent of that home.
fn make(home: &Home, number: &str, can: &str) -> PathBuf {
    let folder = lichna_ipc::Home::at(home.path()).unwrap().practice_cards();
    fs::create_dir_all(&folder).unwrap();
    let mut making = Making::made_up().unwrap();
    making.number = number.to_owned();
    making.can = Zeroizing::new(can.to_owned());
    making.pin = FirstPin::Pin(Zeroizing::new(PIN.to_owned()));
    making.puk = Zeroizing::new(PUK.to_owned());
    making.administrator_key = Zeroizing::new(ADMINISTRATOR_KEY);
    making.slow_down = Duration::ZERO;
    let path = folder.join(format!("{number}.card"));
    drop(SoftCard::make(&path, &making, &lock()).unwrap());
    path
}

/// Makes it anew with another CAN.
fn replace(home: &Home, number: &str, can: &str) {
    let folder = lichna_ipc::Home::at(home.path()).unwrap().practice_cards();
    lichna_softcard::delete(&folder.join(format!("{number}.card"))).unwrap();
    make(home, number, can);
}

#[test]
fn a_card_of_the_agents_own_needs_no_service_and_logs_in() {
    let own = Own::new();
    let server = own.server();
    let none = own.login(&server, &mut Person::nobody()).unwrap_err();
    assert_eq!(none, Failure::ServiceNotRunning);
    let reader = own.insert(NUMBER, InterfaceKind::Contactless);
    let readers = call(&own.home, Request::Readers, &mut Person::nobody());
    let Ok(Reply::Readers { service, readers }) = readers else {
        panic!("{readers:?}");
    };
    assert_eq!(service, ServiceState::NotRunning);
    assert_eq!(readers[0].name, reader);
    assert!(matches!(readers[0].slot, SlotState::Card { .. }));

    cards_are_read(&own.home, 1);
    let mut person = Person::who_types(&[CAN, PIN]);
    own.login(&server, &mut person).unwrap();
    let card = person.consents[1].card.as_ref().unwrap();
    assert!(card.practice);
    assert_eq!(card.number.as_deref(), Some(NUMBER));
    assert_eq!(card.pace, PaceState::Open);
    // PACE 5, SELECT, the tries left, VERIFY, the signature.
    let mut person = Person::who_types(&[PIN]);
    assert_eq!(own.login(&server, &mut person), Ok(9));

    own.remove(NUMBER);
    cards_are_read(&own.home, 0);
    let gone = own.login(&server, &mut Person::nobody()).unwrap_err();
    assert_eq!(gone, Failure::ServiceNotRunning);
}

#[test]
fn a_card_of_the_agents_own_proves_that_it_is_practice() {
    let own = Own::new();
    for interface in [InterfaceKind::Contactless, InterfaceKind::Contact] {
        let reader = own.insert(NUMBER, interface);
        cards_are_read(&own.home, 1);
        let request = Request::CheckCard {
            reader: Some(reader),
        };
        let mut person = Person::who_types(&[CAN]);
        let checked = call(&own.home, request, &mut person);
        let Ok(Reply::CardChecked(card)) = checked else {
            panic!("{checked:?}");
        };
        assert_eq!(
            (card.genuineness, card.genuineness_reason),
            (Genuineness::Practice, None)
        );
        own.remove(NUMBER);
        cards_are_read(&own.home, 0);
    }
}

#[test]
fn a_card_taken_out_while_its_pin_is_typed_ends_the_login() {
    let own = Own::new();
    let server = own.server();
    own.insert(NUMBER, InterfaceKind::Contact);
    cards_are_read(&own.home, 1);
    let home = lichna_ipc::Home::at(own.home.path()).unwrap();
    let mut person = Person {
        meanwhile: Some(Box::new(move || {
            let start = lichna_ipc::client::Start::Never;
            let client = lichna_ipc::client::Client::connect_with(&home, &start, "test", "0");
            let request = Request::PracticeCardRemove { number: None };
            let removed = client.unwrap().call(request, &mut Person::nobody());
            removed.unwrap().unwrap();
        })),
        reads_for_ever: true,
        ..Person::default()
    };
    let failure = own.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::CardRemoved);
}

#[test]
fn with_two_cards_the_reader_says_which_is_meant() {
    let own = Own::new();
    let first = own.insert(NUMBER, InterfaceKind::Contactless);
    let second = own.insert(OTHER, InterfaceKind::Contactless);
    cards_are_read(&own.home, 2);
    let request = |reader| Request::PinStatus { reader };
    let failure = call(&own.home, request(None), &mut Person::nobody()).unwrap_err();
    let readers = format!("{first}, {second}");
    assert_eq!(failure, Failure::SeveralCards { readers });
    for reader in [first, second] {
        let mut person = Person::who_types(&[CAN]);
        let answer = call(&own.home, request(Some(reader.clone())), &mut person);
        let Ok(Reply::PinStatus(pins)) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(
            (pins[0].reader.as_str(), pins[0].tries_left),
            (&*reader, Some(3))
        );
    }
}

#[test]
fn the_doctor_looks_at_a_practice_card_although_no_service_runs() {
    let own = Own::new();
    own.insert(NUMBER, InterfaceKind::Contact);
    cards_are_read(&own.home, 1);
    let answer = call(&own.home, Request::Doctor, &mut Person::nobody());
    let Ok(Reply::Doctor(findings)) = answer else {
        panic!("{answer:?}");
    };
    let state = |check: &str| {
        findings
            .iter()
            .find(|one| one.check == check)
            .unwrap()
            .state
    };
    assert_eq!(state("service"), FindingState::Warning);
    assert_eq!(state("card"), FindingState::Good);
    assert_eq!(state("certificate"), FindingState::Good);
    assert_eq!(state("pin"), FindingState::Good);
}

// Req 15.3
#[test]
fn a_remembered_can_opens_its_own_card_only_and_is_forgotten_when_it_is_wrong() {
    const OTHER_CAN: &str = "313131";
    let session = KeyStore::start();
    let own = Own::with(&session.env());
    replace(&own.home, OTHER, OTHER_CAN);
    // Asks for the state of the PIN of the only card that is in, and tells how often it was asked
    // for the number.
    let asked = |types: &[&'static str]| {
        let mut person = Person::who_types(types);
        person.remembers_can = true;
        call(&own.home, Request::PinStatus { reader: None }, &mut person).unwrap();
        person.consents.len()
    };
    let put_in = |number: &str| {
        own.insert(number, InterfaceKind::Contactless);
        cards_are_read(&own.home, 1);
    };
    let take_out = |number: &str| {
        own.remove(number);
        cards_are_read(&own.home, 0);
    };
    put_in(NUMBER);
    assert_eq!(asked(&[CAN]), 1);
    take_out(NUMBER);
    put_in(NUMBER);
    assert_eq!(asked(&[]), 0, "it was remembered");
    take_out(NUMBER);
    // A card like that one, with another number.
    put_in(OTHER);
    assert_eq!(asked(&[OTHER_CAN]), 1);
    take_out(OTHER);
    for number in [NUMBER, OTHER] {
        put_in(number);
        assert_eq!(asked(&[]), 0, "both are remembered");
        take_out(number);
    }
    // The first card was replaced by one with the same number and another CAN.
    replace(&own.home, NUMBER, "272727");
    put_in(NUMBER);
    let mut person = Person::who_types(&["272727"]);
    call(&own.home, Request::PinStatus { reader: None }, &mut person).unwrap();
    assert_eq!(person.consents.len(), 1);
    let request = Request::ForgetCan { number: None };
    let forgotten = call(&own.home, request, &mut Person::nobody());
    assert_eq!(forgotten, Ok(Reply::CanForgotten(1)));
}

// Req C.4, C.7
#[test]
fn a_watch_tells_of_practice_cards_and_of_the_number_that_a_card_wants() {
    let own = Own::new();
    let watcher = Watcher::begin(&own.home);
    let state = watcher.until("both cards", |state| state.practice_cards.len() == 2);
    assert_eq!(state.service, ServiceState::NotRunning);
    assert!(state.cards.is_empty());
    let reader = own.insert(NUMBER, InterfaceKind::Contactless);
    let put_in = |state: &State| {
        let mut all = state.practice_cards.iter();
        all.find_map(|one| one.inserted.as_ref()?.reader.clone())
    };
    let state = watcher.until("its number to be wanted", |state| {
        let card = state.cards.first();
        let wants_can = card.is_some_and(|card| card.pace == PaceState::NeedsCan);
        state.settled && wants_can && put_in(state).as_ref() == Some(&reader)
    });
    assert!(state.cards[0].practice);
    let mut person = Person::who_types(&[CAN]);
    call(&own.home, Request::PinStatus { reader: None }, &mut person).unwrap();
    let state = watcher.until("whose it is", |state| !state.certificates.is_empty());
    assert!(state.certificates[0].practice);
    assert_eq!(state.cards[0].number.as_deref(), Some(NUMBER));
    own.remove(NUMBER);
    watcher.until("it to be gone", |state| {
        state.readers.is_empty() && put_in(state).is_none()
    });
}

// Req 15.2, C.2
#[test]
fn the_log_of_a_login_over_the_radio_has_neither_pin_nor_can() {
    let own = Own::new();
    let server = own.server();
    own.insert(NUMBER, InterfaceKind::Contactless);
    cards_are_read(&own.home, 1);
    own.login(&server, &mut Person::who_types(&[CAN, PIN]))
        .unwrap();
    let mut logs = 0;
    look(own.home.path(), &mut |file| {
        let bytes = fs::read(file).unwrap();
        for secret in [PIN, CAN, PASSPHRASE] {
            for form in forms(secret) {
                let found = bytes.windows(form.len()).any(|part| part == form);
                assert!(!found, "{}", file.display());
            }
        }
        // The log is there, and names VERIFY and PACE.
        let text = String::from_utf8_lossy(&bytes);
        logs += usize::from(text.contains("ins=\"20\"") && text.contains("p1p2=\"C1A4\""));
    });
    assert!(logs > 0, "no trace log was written");
}

/// As text, in hexadecimal, as numbers.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let hex: Vec<_> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let upper: Vec<_> = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    let numbers: Vec<_> = secret.bytes().map(|byte| byte.to_string()).collect();
    let written = [
        secret.to_owned(),
        hex.concat(),
        hex.join(" "),
        upper.concat(),
        upper.join(" "),
        numbers.join(", "),
    ];
    written.into_iter().map(String::into_bytes).collect()
}

fn look(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            look(&entry.path(), see);
        } else if kind.is_file() {
            see(&entry.path());
        }
    }
}
