//! Practice from the first start on: a card, certificates, a login, in the window and in Firefox, and
//! all that a holder does with certificates; every PIN is typed in the real PIN window.

use std::fs;
use std::path::PathBuf;

use lichna_tests::app::App;
use lichna_tests::browser::{Browser, Firefox};
use lichna_tests::built;
use lichna_tests::display::{Desktop, PIN_WINDOW};
use lichna_tests::key_store::KeyStore;
use lichna_tests::programs::Provider;
use lichna_tests::workspace::Home;

/// The name that a new card is proposed.
const CARD: &str = "My practice card";

/// What is ticked before a card gets certificates.
const NAMES_ARE_RIGHT: &str = "The names are right; put the certificates on the card";

/// A person before the window, with a practice card.
struct Person<'a> {
    desktop: &'a Desktop,
    app: &'a App,
    pin: String,
}

impl Person<'_> {
    /// Presses a button that is about the practice card.
    fn presses(&self, what: &str) {
        self.app.press(&format!("{what}: {CARD}"));
    }

    fn logs_in(&self) {
        self.app.press("Practice");
        self.presses("Log in to the practice service");
        self.desktop.answers(&[&self.pin]);
    }

    /// Does something to the card's certificates: its name on the button, the same in the dialogue.
    fn manages(&self, button: &str, and: &str, done: &str) {
        self.app.press("My certificates");
        self.app.press(button);
        self.app.press(and);
        self.desktop.answers(&[&self.pin]);
        self.app.says(done);
        self.app.press("Done");
    }
}

/// The code of that name in the letter of a new card.
fn code(letter: &str, name: &str) -> String {
    let line = letter.lines().find_map(|line| line.strip_prefix(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in {letter}"));
    line.trim_start_matches(':').trim().to_owned()
}

/// Another code of the same length.
fn other(pin: &str) -> String {
    let turned = |digit: char| if digit == '9' { '0' } else { '9' };
    pin.chars().map(turned).collect()
}

/// The folder of the sandbox.
fn sandbox(home: &Home) -> PathBuf {
    lichna_ipc::Home::at(home.path()).unwrap().sandbox()
}

/// The service of the sandbox, by its settings.
fn service(home: &Home) -> String {
    let settings = fs::read_to_string(sandbox(home).join("authority.toml")).unwrap();
    let mut lines = settings.lines();
    let url = lines.find_map(|line| line.strip_prefix("https = \"https://")?.strip_suffix('"'));
    format!("https://{}practice/", url.expect("its address"))
}

#[test]
fn a_first_start_leads_to_a_login_with_a_practice_card_and_to_all_that_holders_do() {
    built::authority();
    built::agent();
    built::prompt();
    let desktop = Desktop::with(KeyStore::start());
    let home = Home::apart();
    let app = App::start(&desktop, &home);

    app.press("Practice");
    app.says("You have no practice card yet");
    app.press("New practice card");
    app.press("Make it");
    let letter = desktop.dialog("lichna-app");
    desktop.does(&["key", "Return"]);
    let person = Person {
        desktop: &desktop,
        app: &app,
        pin: code(&letter, "PIN"),
    };
    app.says("The practice card is ready.");
    app.press("Done");
    app.choose("With contacts: at once");
    person.presses("Put it in");

    person.presses("Get certificates");
    desktop.in_front(PIN_WINDOW);
    desktop.does(&["type", "--delay", "20", &person.pin]);
    desktop.press(&[NAMES_ARE_RIGHT, "Go on"]);
    desktop.is_answered();
    app.says("There is no such person.");
    person.logs_in();
    app.says("Здравейте, ");

    let root = sandbox(&home).join("keys/root.pem");
    let mut firefox = Firefox::start(&Provider::ours(&home), &root);
    firefox.begin(&service(&home));
    desktop.answers(&[&person.pin]);
    let page = firefox.end();
    assert!(page.text.contains("Здравейте, "), "{page:?}");
    Box::new(firefox).quit();

    app.press("My certificates");
    app.press("Name it: For logging in");
    app.write("Name, up to 30 characters", "на синята карта");
    app.press("Save the name");
    desktop.answers(&[&person.pin]);
    app.says("The name is saved.");
    app.press("Done");
    person.manages("Suspend", "Suspend", "The certificate is suspended.");
    person.logs_in();
    app.says("certificate-suspended");
    person.manages("Resume", "Resume", "The certificate is good again.");
    person.manages("Renew", "Renew", "The certificates are renewed.");
    app.press("Show what happened");
    desktop.answers(&[&person.pin]);
    app.says("на синята карта");
    person.logs_in();
    app.says("Здравейте, ");

    app.press("A wrong PIN");
    app.press(&format!("Log in with a wrong PIN: A wrong PIN, {CARD}"));
    desktop.answers(&[&other(&person.pin)]);
    app.says("wrong-pin");
    app.says("2 tries are left");

    app.press("Settings");
    app.press("Forget: Practice authority");
    app.press("Forget");
    app.says_no_more("Practice authority");
    assert!(!sandbox(&home).exists());
}
