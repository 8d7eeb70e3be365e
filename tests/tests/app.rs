//! The desktop app in its real window, with a real agent, authority and practice cards.
//! Req C.2, C.4, 18.1.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test; its names say it"
)]

#[path = "shared/client.rs"]
mod client;
#[path = "app/desk.rs"]
mod desk;
#[path = "app/desktop.rs"]
mod desktop;
#[path = "app/logins.rs"]
mod logins;
#[path = "app/pins.rs"]
mod pins;
#[path = "app/practice.rs"]
mod practice;
#[path = "app/pulled.rs"]
mod pulled;

use std::fs;

use lichna_tests::app::App;
use lichna_tests::approver::{Answers, Approver};
use lichna_tests::authority::people::Person;
use lichna_tests::built;
use lichna_tests::display::Desktop;
use lichna_tests::scheme::{Face, Scheme};
use lichna_tests::workspace::Home;
use serde_json::{Value, json};

const SCREENS: [&str; 8] = [
    "Home",
    "Log in",
    "My certificates",
    "PIN",
    "Uses",
    "Practice",
    "Check-up",
    "Settings",
];

/// Names of the rules that the window breaks, as axe-core finds them.
fn faults(app: &App) -> Value {
    let axe = built::root().join("ui/node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(axe).expect("npm ci was run in ui");
    app.run(&axe, &Value::Null);
    let look = "const done = arguments[1];
        axe.run().then((found) => done(found.violations.map((one) => one.id)), (e) => done(`${e}`))";
    app.wait_for(look, &Value::Null)
}

#[test]
fn a_holder_sees_suspends_and_resumes_his_certificate_in_the_window() {
    let scheme = Scheme::new();
    let mut card = scheme.card(Face::Contact);
    let desktop = Desktop::start();
    let app = App::start(&desktop, &scheme.home);
    app.says("There is no certificate on the card.");
    app.says("3 tries are left");
    scheme
        .enrol_by_invitation(&card, &Person::maria())
        .success();
    app.says("All is well with the card.");

    app.press("See the certificates");
    app.press("Check now: For logging in");
    app.says("The certificate is good.");

    let pin = card.pin.clone();
    let person = Approver::new(&scheme.home, Answers::pin(&pin));
    app.press("Suspend");
    app.write("Why (if you like)", "looking for my bag");
    app.press("Suspend");
    app.says("The certificate is suspended.");
    app.press("Done");
    app.press("Check now: For logging in");
    app.says("The certificate is SUSPENDED.");
    app.press("Resume");
    app.press("Resume");
    app.says("The certificate is good again.");
    app.press("Done");
    assert_eq!(person.answered().len(), 2);
    let history = scheme.with_card(&["history"], &card).json();
    let events: Vec<_> = history["entries"].as_array().unwrap().iter().collect();
    let suspended = events.iter().find(|one| one["event"] == "suspended");
    assert_eq!(suspended.unwrap()["reason"], "looking for my bag");
    assert_eq!(events.last().unwrap()["event"], "resumed");

    scheme.remove(&card);
    app.says("There is no card that Lichna knows");
    scheme.insert(&mut card);
    app.says("For logging in");
}

#[test]
fn every_screen_in_the_window_is_there_for_everybody() {
    let scheme = Scheme::new();
    let card = scheme.card(Face::Contact);
    scheme
        .enrol_by_invitation(&card, &Person::maria())
        .success();
    let desktop = Desktop::start();
    let app = App::start(&desktop, &scheme.home);
    app.says("All is well with the card.");
    for screen in SCREENS {
        app.press(screen);
        let heading = "return document.querySelector('h1').innerText";
        assert_eq!(app.run(heading, &Value::Null), screen);
        assert_eq!(faults(&app), json!([]), "{screen}");
    }
}

#[test]
fn the_web_view_may_ask_for_nothing_but_the_commands_and_loads_nothing_from_elsewhere() {
    let home = Home::apart();
    let desktop = Desktop::start();
    let app = App::start(&desktop, &home);
    app.says("Home");
    let ask = "const done = arguments[1];
        window.__TAURI_INTERNALS__.invoke(arguments[0])
            .then(() => done('done'), (refusal) => done(`${refusal}`))";
    for command in [
        "plugin:dialog|open",
        "plugin:event|emit",
        "plugin:fs|read_file",
    ] {
        let said = app.wait_for(ask, &json!(command));
        assert!(
            said.as_str().unwrap().contains("not allowed"),
            "{command}: {said}"
        );
    }
    let load = "const done = arguments[1];
        fetch('https://127.0.0.1:9/').then(() => done('loaded'), () => done('refused'))";
    assert_eq!(app.wait_for(load, &Value::Null), "refused");
    let inject = "const done = arguments[1];
        document.addEventListener('securitypolicyviolation',
            (event) => done(event.effectiveDirective), { once: true });
        const script = document.createElement('script');
        script.textContent = 'document.title = `injected`';
        document.body.append(script)";
    let refused = app.wait_for(inject, &Value::Null);
    assert!(
        refused.as_str().unwrap().starts_with("script-src"),
        "{refused}"
    );
}
