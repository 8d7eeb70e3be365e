//! Enrolling, as the command shows it: what it asks, what it wants, what it prints. What happens in
//! between, and after a crash, is another test's matter. Req 13, 14.

use std::fs;

use lichna_tests::authority::people::Person;
use lichna_tests::scheme::{Face, Scheme};
use serde_json::Value;

use crate::as_it_comes;
use crate::documents::{assert_documented, assert_fails};

#[test]
fn an_officer_enrols_a_holder_who_renews_at_home() {
    let mut scheme = Scheme::new();
    let officer = scheme.officer(Face::Contactless);
    let card = scheme.card(Face::Contactless);
    let enrolled = scheme.enrol(&officer, &card, &Person::maria());
    let enrolled = assert_documented("`enrol`", 0, &enrolled);
    assert_eq!(enrolled["task"]["state"], "confirmed");
    assert_eq!(enrolled["task"]["card"], card.number);
    assert_eq!(enrolled["subject"]["cyrillic"]["first"], "Мария");
    assert_eq!(enrolled["certificates"].as_array().unwrap().len(), 2);
    // Nothing that tells who the person is stays behind.
    let none = scheme.home.run(["tasks", "--json"]).json();
    assert_eq!(none["tasks"], Value::Array(Vec::new()));

    let renewed = scheme.with_card(&["renew"], &card);
    let renewed = assert_documented("`renew`", 0, &renewed);
    let serial = |printed: &Value| printed["certificates"][0]["serial"].clone();
    assert_ne!(serial(&renewed), serial(&enrolled));
    assert_eq!(renewed["subject"], enrolled["subject"]);
    let status = scheme
        .home
        .run(["status", "--json", "--reader", &card.reader]);
    assert_eq!(status.json()["verdict"], "good");

    // What became of the old ones, and why, in the words of whoever reads it.
    scheme.home.set("LICHNA_LANGUAGE", "bg");
    let words = ["history", "--can-stdin", "--pin-stdin"];
    let words = words.into_iter().chain(["--reader", &card.reader]);
    let codes = format!("{}\n{}\n", card.can, card.pin);
    let history = scheme.home.run_with_input(words, codes);
    assert!(history.stdout.contains("заменено с друго"), "{history:?}");
    assert!(!history.stdout.contains("superseded"), "{history:?}");
}

#[test]
fn what_is_lacking_is_said_before_anything_happens() {
    let scheme = Scheme::new();
    let card = scheme.card(Face::Contact);
    let run = |words: &[&str], lines: &str| {
        let words = words.iter().copied().chain(["--pin-stdin", "--json"]);
        scheme.home.run_with_input(words, lines)
    };
    assert_fails(&run(&["enrol"], ""), "person-incomplete", 2);
    let names = [
        "enrol",
        "--egn",
        "8506258485",
        "--names",
        "Мария",
        "--appeared",
    ];
    assert_fails(&run(&names, ""), "person-incomplete", 2);
    let latin = ["--latin-names", "Maria Ivanova Petrova"];
    let words = [
        &[
            "enrol",
            "--egn",
            "8506258485",
            "--names",
            "Мария Иванова Петрова",
        ][..],
        &latin,
    ]
    .concat();
    assert_fails(&run(&words, ""), "person-incomplete", 2);

    let file = scheme.home.path().join("person.json");
    fs::write(&file, r#"{"kind": "egn", "number": 8506258485}"#).unwrap();
    let file = file.display().to_string();
    let unreadable = run(&["enrol", "--person", &file, "--appeared"], "");
    assert_fails(&unreadable, "file-unreadable", 1);
    assert!(!unreadable.stdout.contains("8506258485"), "{unreadable:?}");

    let application = "6b5c2f0e-0000-4000-8000-000000000000";
    let words = [
        "enrol",
        "--invitation",
        application,
        "--code-stdin",
        "--yes",
    ];
    let unknown = run(&words, &format!("not-the-code\n{}\n", card.pin));
    assert_eq!(unknown.code(), 12, "{unknown:?}");
    let dropped = scheme
        .home
        .run(["tasks", "drop", "none", "--yes", "--json"]);
    assert_fails(&dropped, "task-unknown", 12);
    let without = Scheme::new();
    fs::remove_file(without.home.path().join("config.toml")).unwrap();
    let card = without.card(Face::Contact);
    let nowhere = without.with_card(&["history"], &card);
    assert_fails(&nowhere, "authority-not-configured", 12);
}

#[test]
fn the_names_are_read_back_before_anything_is_written() {
    let mut scheme = Scheme::new();
    scheme.home.set("LICHNA_LANGUAGE", "bg");
    let card = scheme.card(Face::Contact);
    let (application, code) = scheme.invite(&Person::maria(), &card);
    let words = [
        "enrol",
        "--invitation",
        &application,
        "--reader",
        &card.reader,
    ];
    let mut refusing = scheme.home.terminal(words);
    refusing
        .exp_string(&as_it_comes("Код на поканата"))
        .unwrap();
    refusing.send_line(&code).unwrap();
    refusing
        .exp_string(&as_it_comes("Мария Иванова Петрова"))
        .unwrap();
    refusing.exp_string("Maria Ivanova Petrova").unwrap();
    refusing
        .exp_string(&as_it_comes("Верни ли са имената"))
        .unwrap();
    refusing.send_line("не").unwrap();
    refusing.exp_eof().unwrap();
    let words = ["certs", "--json", "--reader", &card.reader];
    let certificates = scheme.home.run(words).json();
    assert_eq!(certificates["certificates"], Value::Array(Vec::new()));
}
