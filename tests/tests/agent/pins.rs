//! A new PIN for the old one, a new PIN for the PUK. Req C.2.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use lichna_ipc::{
    AgentMessage, Answer, Choices, ClientMessage, ConsentRoute, Failure, Hello, PinState, Reply,
    Request, VERSION, frame,
};
use lichna_secret::Pin;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::pinpad::Press;
use lichna_tests::until;
use lichna_tests::vpicc::Latency;

use crate::client::{PIN, PUK, Person, WRONG, call, login_request};
use crate::stage::{HOLDER, Stage};

const NEW: &str = "868686";

fn change(stage: &Stage, person: &mut Person) -> Result<Reply, Failure> {
    let request = Request::PinChange {
        reader: None,
        pin: None,
        consent: ConsentRoute::Caller,
    };
    call(&stage.home, request, person)
}

fn unblock(stage: &Stage, person: &mut Person) -> Result<Reply, Failure> {
    let request = Request::PinUnblock {
        reader: None,
        pin: None,
        consent: ConsentRoute::Caller,
    };
    call(&stage.home, request, person)
}

fn pin_state(stage: &Stage) -> (PinState, Option<u8>) {
    let request = Request::PinStatus { reader: None };
    match call(&stage.home, request, &mut Person::nobody()) {
        Ok(Reply::PinStatus(pins)) => (pins[0].state, pins[0].tries_left),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pin_is_changed_and_the_new_one_logs_in() {
    let stage = Stage::piv();
    let server = stage.server();
    change(&stage, &mut Person::who_types(&[PIN, NEW])).unwrap();
    stage
        .login(&server, &mut Person::who_types(&[NEW]))
        .unwrap();
}

#[test]
fn a_wrong_old_pin_changes_nothing_and_locks_the_card() {
    let stage = Stage::piv();
    let failure = change(&stage, &mut Person::who_types(&[WRONG, NEW])).unwrap_err();
    assert_eq!(failure, Failure::WrongPin { tries_left: 2 });
    let mut person = Person::who_types(&[PIN, NEW]);
    let failure = change(&stage, &mut person).unwrap_err();
    assert_eq!(failure, Failure::PinLockedUntilReinserted);
    assert!(person.consents.is_empty());
    stage.reinsert();
    change(&stage, &mut Person::who_types(&[PIN, NEW])).unwrap();
}

/// A program that guesses, and is gone before the card has answered, does not escape.
#[test]
fn a_guess_counts_for_a_client_that_hangs_up_at_once() {
    let stage = Stage::piv();
    let server = stage.server();
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let mut socket = UnixStream::connect(home.socket()).unwrap();
    let mut say = |message: &ClientMessage| {
        frame::write_message(&mut socket, message, frame::LONGEST_FROM_CLIENT).unwrap();
    };
    say(&ClientMessage::Hello(Hello {
        protocol: VERSION,
        program: "guesser".into(),
        version: "0".into(),
    }));
    say(&ClientMessage::Request {
        id: 1,
        request: Request::Login(login_request(&server.url(), &stage.ca)),
    });
    while !matches!(
        frame::read_agent_message(&mut socket).unwrap(),
        AgentMessage::Ask { .. }
    ) {}
    let answer = ClientMessage::Answer {
        id: 1,
        answer: Answer::Typed {
            secrets: 1,
            choices: Choices::default(),
        },
    };
    stage
        .card
        .set_latency(Latency::default().with(0x20, Duration::from_millis(500)));
    frame::write_message(&mut socket, &answer, frame::LONGEST_FROM_CLIENT).unwrap();
    frame::write_secret(
        &mut socket,
        &Pin::take(&mut WRONG.as_bytes().to_vec()).unwrap(),
    )
    .unwrap();
    // The card has the guess, and takes its time.
    until("the card to get the guess", || {
        let sent = stage.card.log();
        sent.iter()
            .any(|one| one.command.get(5..11) == Some(WRONG.as_bytes()))
            || stage.card.commands() > u64::try_from(sent.len()).unwrap()
    });
    drop(socket);
    stage.card.set_latency(Latency::default());
    until("the try to be spent", || {
        pin_state(&stage) == (PinState::Ready, Some(2))
    });
    let mut person = Person::who_types(&[PIN]);
    let failure = stage.login(&server, &mut person).unwrap_err();
    assert_eq!(failure, Failure::PinLockedUntilReinserted);
    assert!(person.consents.is_empty());
}

#[test]
fn a_blocked_pin_is_unblocked_with_the_puk() {
    let stage = Stage::piv();
    let server = stage.server();
    for tries in 0..3 {
        let mut person = Person::who_types(&[WRONG]);
        person.spends_last_try = tries == 2;
        stage.login(&server, &mut person).unwrap_err();
        stage.reinsert();
    }
    assert_eq!(pin_state(&stage), (PinState::Blocked, Some(0)));
    unblock(&stage, &mut Person::who_types(&[PUK, NEW])).unwrap();
    assert_eq!(pin_state(&stage), (PinState::Ready, Some(3)));
    stage
        .login(&server, &mut Person::who_types(&[NEW]))
        .unwrap();
}

#[test]
fn a_wrong_puk_is_told() {
    let stage = Stage::piv();
    let failure = unblock(&stage, &mut Person::who_types(&["87654321", NEW])).unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::WrongPuk { .. } | Failure::WrongPukTriesUnknown
        ),
        "{failure:?}"
    );
}

#[test]
fn a_pin_that_the_card_does_not_take_costs_no_try() {
    let stage = Stage::piv();
    let server = stage.server();
    for bad in ["12345", "123456789"] {
        let failure = stage
            .login(&server, &mut Person::who_types(&[bad]))
            .unwrap_err();
        let limits = Failure::PinLength {
            shortest: 6,
            longest: 8,
        };
        assert_eq!(failure, limits);
    }
    assert_eq!(pin_state(&stage), (PinState::Ready, Some(3)));
}

#[test]
fn a_card_whose_puk_was_never_set_asks_for_none() {
    let stage = Stage::with(Making::new(Kind::OpenPgp), KeyKind::P256);
    let failure = unblock(&stage, &mut Person::who_types(&[PUK, NEW])).unwrap_err();
    // OpenPGP 3.4 §4.3.4: a resetting code that was never set has no tries left, either.
    assert_eq!(failure, Failure::PukBlocked);
}

#[test]
fn a_pin_is_changed_at_the_keypad() {
    let ca = Ca::new("Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::pinpad("Keypad"));
    let keypad = stage.pcscd.reader(0).keypad();
    let digits = |digits: &str| Press::Digits(digits.into());
    keypad.queue(&[digits(PIN), digits(NEW), digits(NEW)]);
    let mut person = Person {
        at_pinpad: true,
        ..Person::default()
    };
    change(&stage, &mut person).unwrap();
    let server = stage.server();
    keypad.queue(&[digits(NEW)]);
    stage.login(&server, &mut person).unwrap();
    keypad.queue(&[digits(NEW), digits(PIN), digits(WRONG)]);
    assert_eq!(change(&stage, &mut person), Err(Failure::PinsDiffer));
}

// Req C.4
#[test]
fn the_day_of_birth_that_a_certificate_tells_is_no_new_pin() {
    let ca = Ca::new("Test CA");
    let (applet, sound) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let parsed = lichna_pki::Certificate::parse(&sound.der).unwrap();
    let citizen = ca.client_with(parsed.spki_der(), HOLDER, |params| {
        let serial_number = rcgen::DnType::CustomDnType(vec![2, 5, 4, 5]);
        params
            .distinguished_name
            .push(serial_number, "PNOBG-8506258485");
    });
    let applet = applet.with_certificate(Kind::Piv, &citizen.der);
    let stage = Stage::with_card(applet, ca, &ReaderSpec::vpcd("Reader"));
    for birthday in ["250685", "850625", "25061985"] {
        let failure = change(&stage, &mut Person::who_types(&[PIN, birthday])).unwrap_err();
        assert_eq!(failure, Failure::PinIsBirthDate, "{birthday}");
    }
    assert_eq!(pin_state(&stage), (PinState::Ready, Some(3)));
    change(&stage, &mut Person::who_types(&[PIN, NEW])).unwrap();
}
