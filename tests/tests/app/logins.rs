//! Logging in by the window, links, the record of uses, and programs that ask less. Req C.2, C.4.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use lichna_tests::app::App;
use lichna_tests::display::{Desktop, PIN_WINDOW};
use lichna_tests::scheme::Face;
use lichna_tests::until;
use lichna_tests::workspace::Home;
use serde_json::{Value, json};

use crate::desk::at_a_desk;

fn uses(home: &Home) -> Vec<Value> {
    let uses = home.run(["uses", "--json"]).json();
    uses["uses"].as_array().unwrap().clone()
}

#[test]
fn a_holder_logs_in_with_the_pin_window_and_suspends_after_a_use_that_was_not_his() {
    let (desktop, scheme, card) = at_a_desk(Face::Contact);
    let server = scheme.relying_party();
    let app = App::start(&desktop, &scheme.home);
    app.says("All is well with the card.");
    app.press("Log in");
    let address = server.url();
    app.write(
        "Address of the service",
        address.strip_prefix("https://").unwrap(),
    );
    app.press("Next");
    app.says("Login to localhost:");
    app.says("3 tries are left");
    app.press_in_screen("Log in");
    app.says("Answer in the window of Lichna that opened.");
    desktop.answers(&[&card.pin]);
    app.says("You logged in to localhost.");
    app.says("subject=");
    app.says("Lichna logged in, not the browser");
    assert_eq!(super::faults(&app), json!([]));
    app.press("Done");
    // From now on it is one of the services, and on the list that is trusted.
    app.says("One login,");
    app.says("It is on your list of trusted services");

    let known = |one: &Value| one["what"] == "login" && one["failure"].is_null();
    until("the use to be written down", || {
        uses(&scheme.home).iter().any(known)
    });
    app.press("Uses");
    app.says("localhost:");
    assert_eq!(super::faults(&app), json!([]));
    app.press_in_screen("This was not me");
    app.says("somebody has both your card and your PIN");
    app.press("Suspend");
    desktop.answers(&[&card.pin]);
    app.says("The certificate is suspended.");
    app.press("Done");
    app.press("My certificates");
    app.press("Check now: For logging in");
    app.says("The certificate is SUSPENDED.");
}

#[test]
fn a_link_given_to_a_second_start_shows_in_the_first_window_and_does_nothing_by_itself() {
    let (desktop, scheme, _card) = at_a_desk(Face::Contact);
    let server = scheme.relying_party();
    let before = uses(&scheme.home).len();
    let app = App::start_with(&desktop, &scheme.home, &["https://first.example/"]);
    app.says("Login to first.example");
    app.says("A link asks for this login.");
    let link = format!("lichna:{}a?b=c#d", server.url());
    App::start_again(&desktop, &scheme.home, &[&link]);
    app.says("Login to localhost:");
    assert_eq!(super::faults(&app), json!([]));
    for refused in ["lichna:http://localhost/", "lichna:file:///etc/passwd"] {
        App::start_again(&desktop, &scheme.home, &[refused]);
        let named = refused.strip_prefix("lichna:").unwrap();
        app.says(&format!("“{refused}” is no address"));
        assert!(!app.text().contains(&format!("Login to {named}")));
    }
    // Nobody was asked.
    assert!(desktop.windows(PIN_WINDOW).is_empty());
    assert_eq!(uses(&scheme.home).len(), before);
}

#[test]
fn a_program_that_asks_less_is_revoked_in_the_window() {
    let home = Home::apart();
    let program = fs::canonicalize("/usr/bin/python3").unwrap();
    let file = fs::metadata(&program).unwrap();
    let kept = json!({ "programs": [
        { "path": program, "device": file.dev(), "inode": file.ino(),
          "since": "2026-10-01T08:00:00Z" },
        { "path": "/opt/gone", "device": 1, "inode": 2, "since": "2026-09-01T08:00:00Z" },
    ] });
    let place = lichna_ipc::Home::at(home.path()).unwrap();
    write_kept(&place.remembered_programs(), &kept);
    let desktop = Desktop::start();
    let app = App::start(&desktop, &home);
    app.press("Uses");
    app.says("Since 1 October 2026. The permission counts.");
    app.says("The permission no longer counts");
    app.press(&format!("Take the permission back: {}", program.display()));
    app.says("The permission was taken back.");
    let left = home.run(["programs", "list", "--json"]).json();
    assert_eq!(left["programs"].as_array().unwrap().len(), 1, "{left}");
    app.press("Take the permission back: /opt/gone");
    app.says("You have allowed this to no program.");
}

fn write_kept(file: &Path, kept: &Value) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, kept.to_string()).unwrap();
}
