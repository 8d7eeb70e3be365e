//! Practice cards by the command: made, put in, logged in with, taken out, deleted; no smart card
//! service, no desktop.

use std::fs;
use std::path::{Path, PathBuf};

use lichna_card::KeyAlgorithm;
use lichna_softcard::{Face, Lock, SoftCard};
use lichna_tests::ca::Ca;
use lichna_tests::practice::{IDENTIFICATION_A, personalise_as};
use lichna_tests::server::{Program, Server, ServerSpec};
use lichna_tests::until;
use lichna_tests::workspace::{Home, Output};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{assert_documented, assert_fails, press};

const PASSPHRASE: &str = "вярната дума 7";

/// A practice card that the command made.
pub struct Made {
    pub number: String,
    pub can: String,
    pub pin: String,
    pub puk: String,
}

impl Made {
    /// What `practice-card new --json` printed.
    pub fn of(printed: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            number: text(&printed["practice_card"]["number"]),
            can: text(&printed["can"]),
            pin: text(&printed["pin"]),
            puk: text(&printed["puk"]),
        }
    }
}

/// The agent has seen the one card.
pub fn is_seen(home: &Home) -> Value {
    let mut card = Value::Null;
    until("the card to be seen", || {
        let cards: Value =
            serde_json::from_str(&home.run(["cards", "--json"]).stdout).unwrap_or_default();
        card = cards["cards"][0].clone();
        card["card"]["card"] == "known"
    });
    card
}

/// A home without anything, and a server that takes the card that is made in it.
struct Desk {
    home: Home,
    ca: Ca,
    server: Server,
    card: Made,
}

impl Desk {
    fn new() -> Self {
        Self::with("")
    }

    /// With a card made so, a certificate on it, and the card put in over the radio.
    fn with(more: &str) -> Self {
        let home = Home::apart();
        let ca = Ca::new("Test CA");
        let key = home.path().join("key");
        let new = format!(
            "practice-card new --json --passphrase-stdin --administrator-key {} {more}",
            key.display()
        );
        let card = Made::of(&typed(&home, &new, &[PASSPHRASE]).json());
        personalise(&home, &card, &key, &ca);
        let insert = "practice-card insert --json --passphrase-stdin";
        typed(&home, insert, &[PASSPHRASE]).success();
        is_seen(&home);
        Self {
            server: ServerSpec::new(Program::Nginx, &ca).start(),
            home,
            ca,
            card,
        }
    }

    fn login(&self, more: &str) -> String {
        let ca = self.ca.root().path.display();
        format!("login {} --ca {ca} {more}", self.server.url())
    }
}

fn typed(home: &Home, words: &str, lines: &[&str]) -> Output {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    home.run_with_input(words.split_whitespace(), input)
}

fn file_of(home: &Home, number: &str) -> PathBuf {
    let folder = home.path().join("state/practice-cards");
    folder.join(format!("{number}.card"))
}

fn open(home: &Home, number: &str) -> SoftCard {
    let lock = Lock::Passphrase(Zeroizing::new(PASSPHRASE.to_owned()));
    SoftCard::open(&file_of(home, number), &lock).unwrap()
}

fn personalise(home: &Home, card: &Made, key: &Path, ca: &Ca) {
    let mut administrator_key = [0; 32];
    let digits = fs::read_to_string(key).unwrap();
    hex::decode_to_slice(digits.trim(), &mut administrator_key).unwrap();
    let mut inserted = open(home, &card.number).insert(Face::Contact);
    let administrator = (card.number.as_str(), &administrator_key);
    let which = (IDENTIFICATION_A, KeyAlgorithm::EcP256);
    personalise_as(&mut inserted, administrator, which, ca, "Иван Иванов");
}

// Req C.7
#[test]
fn every_practice_card_command_prints_what_the_documents_say() {
    let home = Home::apart();
    let run = |words: &str| home.run(words.split_whitespace());
    let empty = run("practice-card list --json").json();
    assert_eq!(empty["practice_cards"], serde_json::json!([]));

    let new = "practice-card new --json --passphrase-stdin";
    let made = typed(&home, new, &[PASSPHRASE]);
    let made = Made::of(&assert_documented("`practice-card new`", 0, &made));
    assert_eq!((made.can.len(), made.pin.len(), made.puk.len()), (6, 6, 8));

    let insert = "practice-card insert --json --passphrase-stdin";
    let inserted = typed(&home, insert, &[PASSPHRASE]);
    assert_documented("`practice-card insert`", 0, &inserted);
    let listed = run("practice-card list --json");
    let listed = assert_documented("`practice-card list`", 0, &listed);
    assert_eq!(listed["practice_cards"][0]["number"], *made.number);

    // No smart card service stands in the way.
    let card = is_seen(&home);
    assert_eq!(card["practice"], true);
    assert_eq!(card["interface"], "contactless");
    assert_eq!(card["pace"], "needs-can");
    assert_documented("`cards`", 0, &run("cards --json"));
    let checked = typed(&home, "check --json --can-stdin", &[&made.can]);
    let checked = assert_documented("`check`", 0, &checked);
    assert_eq!(checked["card"]["genuineness"], "practice");

    let removed = run("practice-card remove --json");
    assert_documented("`practice-card remove`", 0, &removed);
    let delete = format!("practice-card delete {} --yes --json", made.number);
    assert_documented("`practice-card delete`", 0, &run(&delete));
    assert!(!file_of(&home, &made.number).exists());
    assert_documented("`can forget`", 0, &run("can forget --json"));
}

// Req 15.2, C.7
#[test]
fn a_practice_card_logs_in_over_the_air_without_any_smart_card_service() {
    let desk = Desk::new();
    let card = &desk.card;
    let login = desk.login("--json --can-stdin --pin-stdin");
    let outcome = typed(&desk.home, &login, &[&card.can, &card.pin]);
    let outcome = assert_documented("`login`", 0, &outcome);
    assert_eq!(outcome["status"], 200);
    assert_eq!(outcome["apdus_after_pin"], 2, "{outcome}");
}

// Req 15.3
#[test]
fn what_is_not_the_can_never_goes_to_the_card_as_one() {
    let desk = Desk::new();
    let card = &desk.card;
    // The PIN alone: it is not taken for the CAN.
    let without = typed(&desk.home, &desk.login("--json --pin-stdin"), &[&card.pin]);
    assert_fails(&without, "can-needed", 4);
    let nobody = desk.home.run(["certs", "--json"]);
    assert_fails(&nobody, "can-needed", 4);
    let other = if card.can == "000000" {
        "000001"
    } else {
        "000000"
    };
    let login = desk.login("--json --can-stdin --pin-stdin");
    let wrong = typed(&desk.home, &login, &[other, &card.pin]);
    assert_fails(&wrong, "wrong-can", 5);
    typed(&desk.home, &login, &[&card.can, &card.pin]).success();
}

// Req C.2, C.7
#[test]
fn a_person_types_the_can_and_the_pin_and_reads_that_it_is_a_practice_card() {
    let desk = Desk::new();
    let login = desk.login("");
    let mut terminal = desk.home.terminal(login.split_whitespace());
    let consent = terminal
        .exp_string("CAN (six digits, printed on the card) (Enter alone to refuse):")
        .unwrap();
    assert!(consent.contains("PRACTICE"), "{consent}");
    press(&mut terminal, &format!("{}\r", desk.card.can));
    // There is no key store here, so nobody is asked whether it is to be remembered.
    let consent = terminal
        .exp_string("\nPIN (Enter alone to refuse):")
        .unwrap();
    assert!(!consent.contains("Remember the CAN"), "{consent}");
    assert!(consent.contains("PRACTICE"), "{consent}");
    assert!(
        consent.contains("proves nothing about anybody"),
        "{consent}"
    );
    press(&mut terminal, &format!("{}\r", desk.card.pin));
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("Logged in to localhost"), "{rest}");
    for secret in [&desk.card.can, &desk.card.pin] {
        assert!(!consent.contains(secret.as_str()) && !rest.contains(secret.as_str()));
    }
    let table = desk.home.run(["cards"]);
    assert!(table.success().contains("PRACTICE – "), "{table:?}");
}

#[test]
fn a_card_with_a_transport_pin_gets_the_holders_own_first() {
    let home = Home::apart();
    let new = "practice-card new --json --transport-pin --passphrase-stdin";
    let made = typed(&home, new, &[PASSPHRASE]).json();
    let transport = made["transport_pin"].as_str().unwrap().to_owned();
    assert_eq!(transport.len(), 5);
    let card = Made::of(&made);
    let insert = "practice-card insert --face contact --passphrase-stdin";
    typed(&home, insert, &[PASSPHRASE]).success();
    assert_eq!(is_seen(&home)["interface"], "contact");
    let status = home.run(["pin", "status", "--json"]).json();
    assert_eq!(status["pins"][0]["state"], "not-activated", "{status}");
    let change = "pin change --pin-stdin --json";
    typed(&home, change, &[&transport, "135790"]).success();
    let status = home.run(["pin", "status", "--json"]).json();
    assert_eq!(status["pins"][0]["state"], "ready", "{status}");
    assert!(card.pin.is_empty());
}

#[test]
fn each_failure_of_practice_cards_has_its_code() {
    let home = Home::apart();
    let run = |words: &str| home.run(words.split_whitespace());
    assert_fails(
        &run("practice-card insert --json"),
        "practice-card-none",
        10,
    );
    assert_fails(
        &run("practice-card remove --json"),
        "practice-card-none",
        10,
    );
    // There is no desktop session, and that is said at once.
    let new = run("practice-card new --json");
    assert_fails(&new, "key-store-unavailable", 10);
    let short = typed(
        &home,
        "practice-card new --json --passphrase-stdin",
        &["short"],
    );
    assert_fails(&short, "passphrase-unusable", 5);
    let mut label = home.lichna(["practice-card", "new", "--json", "--passphrase-stdin"]);
    label.args(["--label", "<b>"]);
    let label = lichna_tests::workspace::finish(label, b"correct horse\n");
    assert_fails(&label, "practice-label-invalid", 2);
    let key = home.path().join("no-key");
    fs::write(&key, "0123").unwrap();
    let new = format!(
        "practice-card new --json --passphrase-stdin --administrator-key {}",
        key.display()
    );
    let no_key = typed(&home, &new, &[PASSPHRASE]);
    assert_fails(&no_key, "administrator-key-invalid", 2);
    assert_eq!(
        run("practice-card list --json").json()["practice_cards"],
        serde_json::json!([]),
        "nothing is left of what was refused"
    );

    let new = "practice-card new --json --passphrase-stdin";
    let made = Made::of(&typed(&home, new, &[PASSPHRASE]).json());
    let insert = "practice-card insert --json --passphrase-stdin";
    assert_fails(
        &typed(&home, insert, &["wrong horse"]),
        "wrong-passphrase",
        5,
    );
    assert_fails(&run("practice-card insert --json"), "terminal", 1);
    for unknown in ["P00000000", "../../config"] {
        let words = format!("practice-card remove {unknown} --json");
        assert_fails(&run(&words), "practice-card-unknown", 10);
    }
    let words = format!("practice-card remove {} --json", made.number);
    assert_fails(&run(&words), "practice-card-not-inserted", 10);
    let words = format!("practice-card delete {} --json", made.number);
    assert_fails(&run(&words), "no-terminal", 7);
    let vpcd = "practice-card insert --vpcd 1 --json --passphrase-stdin";
    let vpcd = typed(&home, vpcd, &[PASSPHRASE]);
    assert_fails(&vpcd, "virtual-reader-unreachable", 3);

    // Another program has it: this one.
    let held = open(&home, &made.number);
    let in_use = typed(&home, insert, &[PASSPHRASE]);
    assert_fails(&in_use, "practice-card-in-use", 10);
    drop(held);
    typed(&home, insert, &[PASSPHRASE]).success();
    let again = typed(&home, insert, &[PASSPHRASE]);
    assert_fails(&again, "practice-card-inserted", 10);
    let words = format!("practice-card delete {} --yes --json", made.number);
    assert_fails(&run(&words), "practice-card-inserted", 10);

    // One more, whose file is damaged: it is shown with what is wrong, and can be deleted.
    fs::write(file_of(&home, "P1"), "what is this?").unwrap();
    let damaged = "practice-card insert P1 --json --passphrase-stdin";
    let damaged = typed(&home, damaged, &[PASSPHRASE]);
    assert_fails(&damaged, "practice-file-damaged", 10);
    let listed = run("practice-card list --json").json();
    let all = listed["practice_cards"].as_array().unwrap();
    let damaged = all.iter().find(|one| one["number"] == "P1").unwrap();
    assert_eq!(damaged["failure"]["code"], "practice-file-damaged");
    assert!(damaged["advice"].is_string());
    run("practice-card delete P1 --yes").success();
    let listed = run("practice-card list --json").json();
    assert_eq!(listed["practice_cards"].as_array().unwrap().len(), 1);
}

#[test]
fn a_person_is_asked_before_a_card_is_deleted() {
    let home = Home::apart();
    let new = "practice-card new --json --passphrase-stdin";
    let made = Made::of(&typed(&home, new, &[PASSPHRASE]).json());
    for (answer, left) in [("\r", true), ("yes\r", false)] {
        let mut terminal = home.terminal(["practice-card", "delete", &made.number]);
        terminal.exp_string("Delete it?").unwrap();
        press(&mut terminal, answer);
        let rest = terminal.exp_eof().unwrap();
        assert_eq!(rest.contains("[refused]"), left, "{rest}");
        assert_eq!(file_of(&home, &made.number).exists(), left);
    }
}

#[test]
fn the_codes_of_a_new_card_are_shown_once_and_are_in_no_file() {
    let mut home = Home::apart();
    home.set("RUST_LOG", "trace");
    home.set("LICHNA_LOG", "trace");
    let new = "practice-card new --passphrase-stdin";
    let said = typed(&home, new, &[PASSPHRASE]);
    let said = said.success();
    assert!(said.contains("proves nothing about anybody"), "{said}");
    let codes: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_once(": "))
        .map(|(_, code)| code)
        .collect();
    assert_eq!(codes.len(), 3, "{said}");
    let listed = home.run(["practice-card", "list"]);
    let insert = "practice-card insert --passphrase-stdin";
    let inserted = typed(&home, insert, &[PASSPHRASE]);
    let shown = [listed.success(), inserted.success()].concat();
    home.stop_agent();
    let files = files_below(home.path());
    assert!(files.len() > 1);
    for secret in codes.into_iter().chain([PASSPHRASE]) {
        assert!(!shown.contains(secret));
        for (path, bytes) in &files {
            let there = has(bytes, secret) || has(bytes, &hex::encode(secret));
            assert!(!there, "{secret} in {}", path.display());
        }
    }
}

/// The text is there, and no digit beside it: it is not a part of a time or a length.
fn has(bytes: &[u8], text: &str) -> bool {
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let places = bytes.windows(text.len()).enumerate();
    let mut found = places.filter(|(_, part)| *part == text.as_bytes());
    found.any(|(at, _)| !is_digit(at.checked_sub(1)) && !is_digit(Some(at + text.len())))
}

fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(files_below(&path));
        } else if kind.is_file() {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files
}
