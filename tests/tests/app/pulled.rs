//! A card that is pulled, on whichever screen, and whatever is going on.

use lichna_tests::app::App;
use lichna_tests::display::PIN_WINDOW;
use lichna_tests::scheme::Face;
use serde_json::{Value, json};

use crate::desk::at_a_desk;

/// Each screen, what it says with the card, and what it says without.
const SCREENS: [(&str, &str, &str); 8] = [
    (
        "Home",
        "All is well with the card.",
        "The program that talks to card readers",
    ),
    ("Log in", "Address of the service", "Address of the service"),
    (
        "My certificates",
        "For logging in",
        "There is no card that Lichna knows",
    ),
    (
        "PIN",
        "The PIN is set and works.",
        "There is no card that Lichna knows",
    ),
    ("Uses", "History of uses", "History of uses"),
    ("Practice", "It is in; Home shows it.", "It is not put in."),
    ("Check-up", "What was looked at", "What was looked at"),
    (
        "Settings",
        "What is kept on this computer",
        "What is kept on this computer",
    ),
];

#[test]
fn a_card_that_is_pulled_is_missed_on_every_screen_and_comes_back_by_itself() {
    let (desktop, scheme, mut card) = at_a_desk(Face::Contact);
    let app = App::start(&desktop, &scheme.home);
    for (screen, with, without) in SCREENS {
        app.press(screen);
        app.says(with);
        scheme.remove(&card);
        app.says(without);
        let heading = app.run(
            "return document.querySelector('h1').innerText",
            &Value::Null,
        );
        assert_eq!(heading, screen);
        assert_eq!(super::faults(&app), json!([]), "{screen}");
        scheme.insert(&mut card);
        app.says(with);
    }
}

#[test]
fn a_card_that_is_pulled_while_the_pin_is_asked_for_ends_what_was_begun() {
    let (desktop, scheme, mut card) = at_a_desk(Face::Contact);
    let app = App::start(&desktop, &scheme.home);
    for (screen, begin) in [
        ("PIN", &["Change the PIN"][..]),
        ("My certificates", &["Suspend", "Suspend"]),
        ("My certificates", &["Renew", "Renew"]),
    ] {
        app.press(screen);
        for button in begin {
            app.press(button);
        }
        desktop.in_front(PIN_WINDOW);
        scheme.remove(&card);
        desktop.is_answered();
        app.says("card-removed");
        app.press("Done");
        scheme.insert(&mut card);
    }
    app.press("My certificates");
    app.press("Check now: For logging in");
    app.says("The certificate is good.");
}
