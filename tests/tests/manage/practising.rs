//! A practice card with certificates of a sandbox: it goes with that authority alone.

use lichna_tests::authority::people::Person;
use lichna_tests::sandbox::Sandbox;
use lichna_tests::scheme::{EidCard, Face, Scheme};

use crate::documents::code_of;

/// A practice card of a sandbox, in a home whose configuration names another authority.
fn practising(scheme: &Scheme, sandbox: &Sandbox) -> EidCard {
    let card = scheme.card(Face::Contact);
    let root = sandbox.root.display().to_string();
    let authority = ["--authority", &sandbox.authority, "--root", &root];
    let words = [&["enrol", "--practice", "--yes"], &authority[..]].concat();
    let enrolled = scheme.with_card(&words, &card).json();
    assert_eq!(enrolled["task"]["state"], "confirmed");
    assert_eq!(enrolled["practice"], true);
    let issuer = enrolled["certificates"][0]["issuer"].as_str().unwrap();
    assert!(issuer.contains("Lichna practice authority"), "{issuer}");
    card
}

#[test]
fn a_practice_card_is_served_by_its_sandbox_whatever_the_configuration_says() {
    let scheme = Scheme::new();
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(folder.path());
    let card = practising(&scheme, &sandbox);
    let root = sandbox.root.display().to_string();
    let log_in = || scheme.with_card(&["login", &sandbox.service, "--ca", &root], &card);

    let page = log_in().json();
    assert_eq!(page["status"], 200);
    assert!(page["body"].as_str().unwrap().contains("Здравейте, "));

    let suspended = scheme.with_card(&["suspend"], &card).json();
    assert!(suspended.to_string().contains("stopped"), "{suspended}");
    let refused = log_in().json();
    assert_eq!(refused["status"], 403);
    assert!(
        refused["body"]
            .as_str()
            .unwrap()
            .contains("certificate-suspended")
    );
    scheme.with_card(&["resume"], &card).success();
    assert_eq!(log_in().json()["status"], 200);

    let history = scheme.with_card(&["history"], &card).json();
    assert_eq!(
        history["entries"].as_array().unwrap().last().unwrap()["event"],
        "resumed"
    );
    let renewed = scheme.with_card(&["renew", "--yes"], &card).json();
    assert_eq!(renewed["task"]["authority"], sandbox.authority.as_str());
}

#[test]
fn neither_a_practice_card_reaches_another_authority_nor_another_card_the_sandbox() {
    let scheme = Scheme::new();
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(folder.path());
    let card = practising(&scheme, &sandbox);
    let real = scheme.authority.root().display().to_string();
    let elsewhere = [
        "suspend",
        "--authority",
        &scheme.authority.url(0),
        "--root",
        &real,
    ];
    assert_eq!(
        code_of(&scheme.with_card(&elsewhere, &card)),
        "other-authority"
    );
    let known = scheme.authority.query("SELECT count(*) FROM certificates");
    assert_eq!(known, [["0"]]);

    let mut other = scheme.card(Face::Contact);
    scheme.remove(&card);
    scheme
        .enrol_by_invitation(&other, &Person::maria())
        .success();
    let root = sandbox.root.display().to_string();
    let there = [
        "suspend",
        "--authority",
        &sandbox.authority,
        "--root",
        &root,
    ];
    assert_eq!(
        code_of(&scheme.with_card(&there, &other)),
        "certificate-unknown"
    );
    scheme.remove(&other);
    other = card;
    scheme.insert(&mut other);
    let card = other;

    // Once the sandbox is gone, nobody stands in for it.
    assert!(sandbox.end());
    let nobody = scheme.with_card(&["suspend"], &card);
    assert_eq!(code_of(&nobody), "server-unreachable");
}
