//! A holder at a desk.

use std::fs::OpenOptions;
use std::io::Write;

use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Database, Spec};
use lichna_tests::built;
use lichna_tests::display::Desktop;
use lichna_tests::key_store::KeyStore;
use lichna_tests::scheme::{EidCard, Face, Scheme};
use lichna_tests::workspace::Home;

/// A holder with an enrolled card at a desk, where the PIN window opens and uses are kept.
pub fn at_a_desk(face: Face) -> (Desktop, Scheme, EidCard) {
    built::prompt();
    let desktop = Desktop::with(KeyStore::start());
    let mut home = Home::apart();
    for (name, value) in desktop.env() {
        home.set(name, value);
    }
    let scheme = Scheme::with(&Spec::new(Database::Sqlite), home, None);
    let configuration = scheme.home.path().join("config.toml");
    let mut file = OpenOptions::new().append(true).open(configuration).unwrap();
    let root = &scheme.ca.root().path;
    write!(
        file,
        "[servers]\ntrusted = [\"localhost\"]\nauthorities = [\"{}\"]\n",
        root.display()
    )
    .unwrap();
    let card = scheme.card(face);
    scheme
        .enrol_by_invitation(&card, &Person::maria())
        .success();
    (desktop, scheme, card)
}
