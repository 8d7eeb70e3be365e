//! Practice from the first start on: a card, certificates, a login, and what goes wrong; every PIN is
//! typed in the real PIN window.

use lichna_tests::app::App;
use lichna_tests::built;
use lichna_tests::display::Desktop;
use lichna_tests::key_store::KeyStore;
use lichna_tests::until;
use lichna_tests::workspace::Home;

/// How the titles of the PIN window begin in English.
const TITLE: &str = "Lichna: ";
/// The name that a new card is proposed.
const CARD: &str = "My practice card";

/// What is ticked before a card gets certificates.
const NAMES_ARE_RIGHT: &str = "The names are right; put the certificates on the card";

/// A person before the window.
struct Person<'a> {
    desktop: &'a Desktop,
    app: &'a App,
}

impl Person<'_> {
    /// Waits for the PIN window.
    fn is_asked(&self) {
        until("the PIN window", || self.desktop.windows(TITLE).len() == 1);
        let window = self.desktop.windows(TITLE).remove(0);
        until("the PIN window to be in front", || {
            self.desktop.does(&["getactivewindow"]) == window
        });
    }

    /// Types these into the PIN window, one after the other, and waits until it is gone.
    fn types(&self, secrets: &[&str]) {
        self.is_asked();
        for secret in secrets {
            self.desktop.does(&["type", "--delay", "20", secret]);
            self.desktop.does(&["key", "Return"]);
        }
        self.window_goes();
    }

    fn window_goes(&self) {
        until("the PIN window to go", || {
            self.desktop.windows(TITLE).is_empty()
        });
    }

    /// Presses a button that is about the practice card.
    fn presses(&self, what: &str) {
        self.app.press(&format!("{what}: {CARD}"));
    }

    /// Presses a button of a mishap's.
    fn presses_for(&self, what: &str, mishap: &str) {
        self.app.press(&format!("{what}: {mishap}, {CARD}"));
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

#[test]
fn a_first_start_leads_to_a_login_with_a_practice_card_and_to_a_wrong_pin() {
    built::authority();
    built::agent();
    built::prompt();
    let desktop = Desktop::with(KeyStore::start());
    let home = Home::apart();
    let app = App::start(&desktop, &home);
    let person = Person {
        desktop: &desktop,
        app: &app,
    };

    app.press("Practice");
    app.says("You have no practice card yet");
    app.press("New practice card");
    app.press("Make it");
    let letter = desktop.dialog("lichna-app");
    let pin = code(&letter, "PIN");
    desktop.does(&["key", "Return"]);
    app.says("The practice card is ready.");
    app.press("Done");
    app.choose("With contacts: at once");
    person.presses("Put it in");

    person.presses("Get certificates");
    person.is_asked();
    desktop.does(&["type", "--delay", "20", &pin]);
    desktop.press(&[NAMES_ARE_RIGHT, "Go on"]);
    person.window_goes();
    app.says("There is no such person.");
    person.presses("Log in to the practice service");
    person.types(&[&pin]);
    app.says("Здравейте, ");

    app.press("A wrong PIN");
    person.presses_for("Log in with a wrong PIN", "A wrong PIN");
    person.types(&[&other(&pin)]);
    app.says("wrong-pin");
    app.says("2 tries are left");
}
