//! The key store of a desktop session: keys of practice cards, remembered CANs.

use std::process::Command;

use lichna_tests::key_store::KeyStore;
use lichna_tests::until;
use lichna_tests::workspace::Home;
use serde_json::json;

use super::practice::{Made, is_seen};
use super::{assert_fails, press};

fn home_in(session: &KeyStore) -> Home {
    let mut home = Home::apart();
    for (name, value) in session.env() {
        home.set(name, value);
    }
    home
}

fn card_in(home: &Home) -> Made {
    let new = ["practice-card", "new", "--json"];
    let made = Made::of(&home.run(new).json());
    home.run(["practice-card", "insert"]).success();
    is_seen(home);
    made
}

// Req C.7
#[test]
fn the_key_of_a_practice_card_is_kept_in_the_key_store_and_nowhere_else() {
    let mut session = KeyStore::start();
    let home = home_in(&session);
    let made = card_in(&home);
    // Also by another agent, later.
    home.stop_agent();
    home.run(["practice-card", "insert"]).success();
    home.run(["practice-card", "remove"]).success();
    // Without the store the card stays closed, and that is said at once.
    session.stop();
    let closed = home.run(["practice-card", "insert", "--json"]);
    assert_fails(&closed, "key-store-unavailable", 10);
    // It can be deleted all the same.
    home.run(["practice-card", "delete", &made.number, "--yes"])
        .success();
}

#[test]
fn a_card_whose_key_was_deleted_says_so() {
    let session = KeyStore::start();
    let home = home_in(&session);
    let made = card_in(&home);
    home.run(["practice-card", "remove"]).success();
    let file = format!("{}.card", made.number);
    let file = home.path().join("state/practice-cards").join(file);
    let bytes = std::fs::read(&file).unwrap();
    home.run(["practice-card", "delete", &made.number, "--yes"])
        .success();
    std::fs::write(&file, bytes).unwrap();
    let missing = home.run(["practice-card", "insert", "--json"]);
    assert_fails(&missing, "practice-key-missing", 10);
}

// Req 15.3
#[test]
fn a_can_is_remembered_only_if_the_holder_says_yes_and_until_he_says_forget() {
    let session = KeyStore::start();
    let home = home_in(&session);
    let made = card_in(&home);
    let answers = |answer: &str| {
        let mut terminal = home.terminal(["certs"]);
        terminal.exp_string("CAN (six digits").unwrap();
        press(&mut terminal, &format!("{}\r", made.can));
        terminal.exp_string("Remember the CAN").unwrap();
        press(&mut terminal, answer);
        terminal.exp_eof().unwrap();
    };
    let reinsert = || {
        home.run(["practice-card", "remove"]).success();
        home.run(["practice-card", "insert"]).success();
        is_seen(&home);
    };
    answers("\r");
    reinsert();
    assert_fails(&home.run(["certs", "--json"]), "can-needed", 4);
    answers("yes\r");
    reinsert();
    // Nobody is asked.
    home.run(["certs", "--json"]).success();
    let index = home.path().join("state/remembered-cans.json");
    let index = std::fs::read_to_string(index).unwrap();
    assert!(index.contains(&made.number), "{index}");
    assert!(!index.contains(&made.can), "{index}");
    let disk = session.on_disk();
    let found = disk
        .windows(made.can.len())
        .any(|part| part == made.can.as_bytes());
    assert!(!found, "the key store keeps it sealed");

    let forgotten = home.run(["can", "forget", "--json"]).json();
    assert_eq!(forgotten, json!({ "forgotten": 1 }));
    let forgotten = home.run(["can", "forget", "--json"]).json();
    assert_eq!(forgotten, json!({ "forgotten": 0 }));
    reinsert();
    assert_fails(&home.run(["certs", "--json"]), "can-needed", 4);
}

#[test]
fn a_bus_without_a_key_store_is_no_reason_to_wait() {
    let session = KeyStore::bus_alone();
    let home = home_in(&session);
    let new = home.run(["practice-card", "new", "--json"]);
    assert_fails(&new, "key-store-unavailable", 10);
    // The test's own: without it the one above proves nothing.
    until("the bus to answer", || {
        let address = &session.env()[0].1;
        let mut asked = Command::new("dbus-send");
        asked.args(["--print-reply", "--dest=org.freedesktop.DBus", "/"]);
        asked.arg("org.freedesktop.DBus.ListNames");
        asked.env("DBUS_SESSION_BUS_ADDRESS", address);
        asked.output().is_ok_and(|said| said.status.success())
    });
}
