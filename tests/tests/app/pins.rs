//! The PIN in the window: changed, typed wrong, suspended, blocked, unblocked; and where it is not.
//! Req 18.1.

use lichna_tests::app::App;
use lichna_tests::display::{Desktop, PIN_WINDOW};
use lichna_tests::memory::in_memory_of;
use lichna_tests::scheme::{EidCard, Face, Scheme};
use lichna_tests::server::Server;
use lichna_tests::until;
use serde_json::json;

use crate::desk::at_a_desk;

/// What is ticked before the last try of a PIN.
const LAST_TRY: &str = "I understand, and want to spend the last try";
/// No PIN of any card here.
const WRONG: &str = "192837";
/// A PIN that stands in memory for no other reason.
const RARE: &str = "975318";

/// A holder with a card before the window.
struct Holder<'a> {
    desktop: &'a Desktop,
    scheme: &'a Scheme,
    app: &'a App,
}

impl Holder<'_> {
    /// Takes the card out and puts it in again.
    fn puts_in_again(&self, card: &mut EidCard) {
        self.scheme.remove(card);
        self.app.says("There is no card that Lichna knows");
        self.scheme.insert(card);
    }

    /// Types the CAN, which a suspended PIN has the card ask for, and waits for the question for the
    /// PIN: a window of its own.
    fn types_can(&self, card: &EidCard) {
        self.desktop.in_front(PIN_WINDOW);
        self.desktop.does(&["type", "--delay", "20", &card.can]);
        self.desktop.does(&["key", "Return"]);
        until("the question for the PIN", || {
            self.desktop.read().contains("password text|PIN|")
        });
        self.desktop.in_front(PIN_WINDOW);
    }

    /// Types a wrong PIN where the old one is wanted.
    fn types_wrong(&self) {
        self.app.press("Change the PIN");
        self.desktop.answers(&[WRONG, RARE, RARE]);
    }

    fn logs_in(&self, server: &Server) {
        self.app.press("Log in");
        let address = server.url();
        let address = address.strip_prefix("https://").unwrap();
        self.app.write("Address of the service", address);
        self.app.press("Next");
        self.app.says("Login to localhost:");
        self.app.press_in_screen("Log in");
    }
}

#[test]
fn a_pin_typed_wrong_is_suspended_wants_the_can_is_blocked_and_is_unblocked() {
    let (desktop, scheme, mut card) = at_a_desk(Face::Contact);
    let server = scheme.relying_party();
    let app = App::start(&desktop, &scheme.home);
    let holder = Holder {
        desktop: &desktop,
        scheme: &scheme,
        app: &app,
    };
    app.press("PIN");
    app.says("The PIN is set and works.");
    holder.types_wrong();
    app.says("wrong-pin");
    app.says("2 tries are left");
    holder.puts_in_again(&mut card);
    holder.types_wrong();
    app.says("The PIN is suspended before its last try.");
    app.says("the six digits on its face");
    app.says("Where the CAN is");

    holder.puts_in_again(&mut card);
    holder.logs_in(&server);
    holder.types_can(&card);
    desktop.does(&["type", "--delay", "20", &card.pin]);
    desktop.press(&[LAST_TRY, "Log in"]);
    desktop.is_answered();
    app.says("You logged in to localhost.");
    app.press("Done");
    app.press("PIN");
    app.says("3 tries are left");

    // Whoever else spends a try, it is seen; and the app may not have the PIN asked for in vain
    // three times in a row.
    let refused = scheme.with_pin(&["history"], &card, WRONG);
    let said = [refused.stdout, refused.stderr].concat();
    assert!(said.contains("wrong-pin"), "{said}");
    app.says("2 tries are left");
    holder.puts_in_again(&mut card);
    holder.types_wrong();
    app.says("The PIN is suspended");
    holder.puts_in_again(&mut card);
    app.press("Change the PIN");
    holder.types_can(&card);
    for word in [WRONG, RARE] {
        desktop.does(&["type", "--delay", "20", word]);
        desktop.does(&["key", "Tab"]);
    }
    desktop.does(&["type", "--delay", "20", RARE]);
    desktop.press(&[LAST_TRY, "Change"]);
    desktop.is_answered();
    app.says("The PIN is blocked.");
    holder.puts_in_again(&mut card);
    app.press("Unblock with the PUK");
    desktop.answers(&[&card.puk, RARE, RARE]);
    app.says("The PIN is unblocked, and the new one is set.");
    app.says("3 tries are left");
    holder.logs_in(&server);
    desktop.answers(&[RARE]);
    app.says("You logged in to localhost.");
}

#[test]
fn a_contactless_card_says_nothing_before_its_can_is_typed() {
    let (desktop, scheme, mut card) = at_a_desk(Face::Contactless);
    let app = App::start(&desktop, &scheme.home);
    app.says("All is well with the card.");
    scheme.remove(&card);
    scheme.insert(&mut card);
    app.says("The card wants its CAN before it says anything.");
    assert!(!app.text().contains("Мария"));
    app.press("Type the CAN");
    desktop.answers(&[&card.can]);
    app.says("All is well with the card.");
}

#[test]
fn after_a_login_the_memory_of_the_app_and_of_its_web_view_holds_no_pin() {
    let (desktop, scheme, card) = at_a_desk(Face::Contact);
    let server = scheme.relying_party();
    let app = App::start(&desktop, &scheme.home);
    let holder = Holder {
        desktop: &desktop,
        scheme: &scheme,
        app: &app,
    };
    // Not in the agent's: a practice card, which knows its own PIN, lives there. That the agent has
    // none after a login is tried with a card that does not (`agent secrets`).
    let found = || {
        let all = app.web_views().into_iter().chain([app.pid()]);
        all.map(|pid| in_memory_of(pid, RARE)).sum::<usize>()
    };
    app.press("PIN");
    app.press("Change the PIN");
    desktop.answers(&[&card.pin, RARE, RARE]);
    app.says("The PIN is changed.");
    holder.logs_in(&server);
    desktop.answers(&[RARE]);
    app.says("You logged in to localhost.");
    assert_eq!(found(), 0);
    // Were it in a page, it would be found.
    app.run("window.kept = arguments[0]", &json!(RARE));
    assert!(found() > 0);
}
