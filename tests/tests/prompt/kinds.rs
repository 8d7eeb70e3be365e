//! What else it asks for than a PIN for a login: the PUK, the number on the card, a keypad at the
//! reader, a program's signature. And as the holder has set that it looks.

use std::fs;
use std::process::Output;
use std::thread::{self, JoinHandle};

use lichna_ipc::{
    ConsentRoute, Failure, Look, Reply, Request, SettingChange, TextSize, WindowLanguage,
};
use lichna_softcard::Face;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::memory::{RARE, in_memory};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::pinpad::Press;
use lichna_tests::practice::{self, PracticeCard};
use lichna_tests::programs::Provider;
use lichna_tests::until;
use tempfile::TempDir;

use crate::client::{PIN, PUK, Person, WRONG, call, login};
use crate::desk::{Desk, ask, change_pin};
use crate::stage::HOLDER;

const fn unblock_pin() -> Request {
    Request::PinUnblock {
        reader: None,
        pin: None,
        consent: ConsentRoute::Prompter,
    }
}

#[test]
fn a_blocked_pin_is_unblocked_with_the_puk_in_the_window() {
    let desk = Desk::new();
    let server = desk.stage.server();
    for tries in 0..3 {
        let mut person = Person::who_types(&[WRONG]);
        person.spends_last_try = tries == 2;
        login(&desk.stage.home, &server.url(), &desk.stage.ca, &mut person).unwrap_err();
        desk.stage.reinsert();
    }
    let asked = ask(&desk.stage, unblock_pin());
    desk.window();
    let said = desk.desktop.read();
    assert!(said.contains("password text|PUK|"), "{said}");
    for word in [PUK, RARE, RARE] {
        desk.types(word);
        desk.presses(&["Return"]);
    }
    assert_eq!(asked.join().unwrap(), Ok(Reply::PinUnblocked));
    assert_eq!(desk.tries_left(), Some(3));
}

#[test]
fn the_number_on_a_contactless_card_is_asked_for_before_the_pin() {
    let ca = Ca::new("Login Test CA");
    let file = PracticeCard::with(|_| ());
    file.personalise(&ca, HOLDER);
    let card = file.open().insert(Face::Contactless);
    let desk = Desk::with_card(card, ca, &ReaderSpec::vpcd("Radio Reader"));
    let server = desk.stage.server();
    let asked = desk.log_in(&server);
    desk.window();
    let said = desk.desktop.read();
    assert!(said.contains("CAN"), "{said}");
    desk.types(practice::CAN);
    desk.presses(&["Return"]);
    // The second question is a window of its own.
    until("the question for the PIN", || {
        desk.desktop.read().contains("password text|PIN|")
    });
    desk.window();
    desk.types(practice::PIN);
    desk.presses(&["Return"]);
    assert!(matches!(asked.join().unwrap(), Ok(Reply::Login(_))));
}

#[test]
fn with_a_keypad_at_the_reader_the_window_takes_no_digit() {
    let ca = Ca::new("Login Test CA");
    let (card, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let desk = Desk::with_card(card, ca, &ReaderSpec::pinpad("Keypad"));
    let server = desk.stage.server();
    let asked = desk.log_in(&server);
    let process = desk.window_process();
    let said = desk.desktop.read();
    assert!(!said.contains("password text"), "{said}");
    assert!(said.contains("at the reader"), "{said}");
    desk.types(RARE);
    assert_eq!(in_memory(process), 0);
    let keypad = desk.stage.pcscd.reader(0).keypad();
    keypad.queue(&[Press::Digits(PIN.into())]);
    desk.desktop.press(&["Log in"]);
    assert!(matches!(asked.join().unwrap(), Ok(Reply::Login(_))));
}

const SIGNATURE: &str = "signature";

/// A program that wants a signature.
fn sign(desk: &Desk, folder: &TempDir) -> JoinHandle<Output> {
    let data = folder.path().join("data");
    fs::write(&data, "what is signed").unwrap();
    let module = Provider::ours(&desk.stage.home);
    let mut tool = module.command("pkcs11-tool", folder.path());
    tool.arg("--module").arg(&module.path).arg("--sign");
    tool.args(["--mechanism", "ECDSA-SHA256"]);
    tool.arg("--input-file").arg(&data);
    tool.arg("--output-file").arg(folder.path().join(SIGNATURE));
    thread::spawn(move || tool.output().unwrap())
}

#[test]
fn a_signature_for_a_program_is_agreed_to_in_the_window() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let tool = sign(&desk, &folder);
    desk.window();
    let said = desk.desktop.read();
    assert!(said.contains("pkcs11-tool"), "{said}");
    desk.types(PIN);
    desk.presses(&["Return"]);
    let said = tool.join().unwrap();
    assert!(said.status.success(), "{said:?}");
    assert!(!fs::read(folder.path().join(SIGNATURE)).unwrap().is_empty());
}

/// What a program waits for has an end, and the window goes with it.
#[test]
fn when_the_time_is_over_the_window_goes_and_nothing_was_done() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let tool = sign(&desk, &folder);
    desk.window();
    desk.types(RARE);
    assert!(!tool.join().unwrap().status.success());
    desk.window_is_gone();
    assert_eq!(desk.tries_left(), Some(3));
    let agent = desk.stage.home.agents()[0].as_raw_pid();
    assert_eq!(in_memory(agent), 0);
}

#[test]
fn the_window_looks_as_was_set_a_moment_ago() {
    let desk = Desk::new();
    let look = Look {
        language: Some(WindowLanguage::Bg),
        text: TextSize::Largest,
        ..Look::default()
    };
    let size = |window: &str| desk.desktop.does(&["getwindowgeometry", window]);
    let asked = desk.change_pin();
    let usual = size(&desk.window());
    desk.presses(&["Escape"]);
    assert_eq!(asked.join().unwrap(), Err(Failure::Refused));
    desk.window_is_gone();

    let change = Request::Set(SettingChange::Look(look));
    assert_eq!(
        call(&desk.stage.home, change, &mut Person::nobody()),
        Ok(Reply::Set)
    );
    let asked = ask(&desk.stage, change_pin());
    // Only what is ASCII is found by name.
    let window = desk.window_titled(".*: ");
    assert_ne!(size(&window), usual);
    let said = desk.desktop.read();
    assert!(said.contains("dialog|Лична: "), "{said}");
    assert!(said.contains("push button|Отказ|"), "{said}");
    desk.presses(&["Escape"]);
    assert_eq!(asked.join().unwrap(), Err(Failure::Refused));
}
