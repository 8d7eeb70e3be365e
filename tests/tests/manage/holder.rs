//! Naming, suspending, resuming, revoking, looking.

use lichna_tests::authority::people::Person;
use lichna_tests::ca::Ca;
use lichna_tests::key_store::KeyStore;
use lichna_tests::scheme::{EidCard, Face, Scheme};
use lichna_tests::until;
use lichna_tests::workspace::Output;
use serde_json::Value;

use crate::as_it_comes;
use crate::documents::{assert_documented, assert_fails, code_of};

/// A holder with a card, at home.
fn at_home(face: Face) -> (Scheme, EidCard) {
    let scheme = Scheme::new();
    let card = scheme.card(face);
    scheme
        .enrol_by_invitation(&card, &Person::maria())
        .success();
    (scheme, card)
}

/// Serial numbers of the identification and the signing certificate on a card.
fn serials(scheme: &Scheme, card: &EidCard) -> [String; 2] {
    let certificates = scheme
        .home
        .run(["certs", "--json", "--reader", &card.reader]);
    let certificates = certificates.json();
    ["authentication", "signing"].map(|role| {
        let all = certificates["certificates"].as_array().unwrap().iter();
        let mut ours = all.filter(|one| one["role"] == role);
        ours.next().unwrap()["serial"].as_str().unwrap().to_owned()
    })
}

fn states(printed: &Value) -> Vec<(String, String)> {
    let mut states: Vec<_> = printed["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            (text("role"), text("state"))
        })
        .collect();
    states.sort();
    states
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    expected.iter().map(owned).collect()
}

/// The PIN's tries that the card says are left.
fn tries(scheme: &Scheme, card: &EidCard) -> Value {
    let words = ["pin", "status", "--json", "--reader", &card.reader];
    scheme.home.run(words).json()["pins"][0]["tries_left"].clone()
}

// Req C.4
#[test]
fn every_use_of_a_key_before_the_authority_is_in_the_holders_record() {
    let session = KeyStore::start();
    let mut scheme = Scheme::new();
    for (name, value) in session.env() {
        scheme.home.set(name, value);
    }
    let card = scheme.card(Face::Contact);
    scheme
        .enrol_by_invitation(&card, &Person::maria())
        .success();
    scheme.with_card(&["suspend"], &card).success();
    scheme.with_card(&["resume"], &card).success();
    let expected = ["signed-request", "authority", "confirmation"];
    until("the uses to be written down", || {
        let uses = scheme.home.run(["uses", "--json"]).json();
        let uses = uses["uses"].as_array().unwrap();
        let signed = uses.iter().all(|one| one["failure"].is_null());
        let mut whats: Vec<_> = uses.iter().map(|one| one["what"].as_str()).collect();
        whats.dedup();
        signed && whats == expected.map(Some)
    });
}

// Req 18.5, 16.1, 16.5, 18.2, 18.3, 17.2
#[test]
fn a_certificate_is_named_suspended_resumed_and_revoked() {
    let (scheme, card) = at_home(Face::Contact);
    let server = scheme.relying_party();
    let managed = "`suspend`, `resume`, `revoke`, `name`";
    scheme.log_in(&server, &card).success();

    let named = scheme.with_card(&["name", "на работа"], &card);
    let named = assert_documented(managed, 0, &named);
    assert_eq!(named["certificates"][0]["name"], "на работа");
    for impossible in ["", "    ", &"я".repeat(31), "a\u{7}b"] {
        let refused = scheme.with_card(&["name", impossible], &card);
        assert_fails(&refused, "certificate-name-invalid", 2);
    }

    // Suspension strikes the certificate that identifies, not the one that signs.
    let words = ["suspend", "--reason", "на почивка"];
    let suspended = assert_documented(managed, 0, &scheme.with_card(&words, &card));
    assert_eq!(states(&suspended), pairs(&[("authentication", "stopped")]));
    let refused = scheme.log_in(&server, &card);
    assert_ne!(status(&refused), Some(200), "{refused:?}");
    assert_fails(
        &scheme.with_card(&["name", "друго"], &card),
        "certificate-suspended",
        4,
    );

    let resumed = assert_documented(managed, 0, &scheme.with_card(&["resume"], &card));
    assert_eq!(states(&resumed), pairs(&[("authentication", "active")]));
    assert_eq!(status(&scheme.log_in(&server, &card)), Some(200));

    let history = assert_documented("`history`", 0, &scheme.with_card(&["history"], &card));
    let events: Vec<_> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .filter(|event| !matches!(*event, "issued" | "confirmed"))
        .collect();
    assert_eq!(events, ["named", "suspended", "resumed"]);
    assert_eq!(
        history["entries"].to_string().matches("на почивка").count(),
        1
    );

    // Final, so a script must say that it means it.
    assert_fails(&scheme.with_card(&["revoke"], &card), "yes-missing", 2);
    let revoked = scheme.with_card(&["revoke", "--yes"], &card);
    let revoked = assert_documented(managed, 0, &revoked);
    assert_eq!(states(&revoked), pairs(&[("authentication", "revoked")]));
    assert_ne!(status(&scheme.log_in(&server, &card)), Some(200));
    assert_fails(
        &scheme.with_card(&["history"], &card),
        "certificate-revoked",
        4,
    );
    let never_again = scheme.with_card(&["resume"], &card);
    assert_eq!(never_again.code(), 4, "{never_again:?}");
}

/// The status that a server answered a login with, if it came to that.
fn status(login: &Output) -> Option<u64> {
    let printed: Value = serde_json::from_str(&login.stdout).unwrap();
    printed["status"].as_u64()
}

// Req 18.3, 14.5
#[test]
fn a_lost_card_is_resumed_by_an_officer_alone() {
    let scheme = Scheme::new();
    let officer = scheme.officer(Face::Contact);
    let card = scheme.card(Face::Contactless);
    let person = Person::maria();
    scheme.enrol(&officer, &card, &person).success();

    assert_fails(
        &scheme.with_card(&["suspend", "--lost"], &card),
        "yes-missing",
        2,
    );
    let lost = scheme
        .with_card(&["suspend", "--lost", "--yes"], &card)
        .json();
    let both = |state| pairs(&[("authentication", state), ("signing", state)]);
    assert_eq!(states(&lost), both("stopped"));
    let refused = scheme.with_card(&["resume"], &card);
    assert_fails(&refused, "certificate-suspended", 4);

    let by_officer = |words: &[&str], more: &str| {
        let words = words.iter().copied();
        let words = words.chain(["--for-egn", &person.number, "--reader", &officer.reader]);
        let words = words.chain(["--pin-stdin", "--json"]);
        let lines = format!("{}\n{more}", officer.pin);
        scheme.home.run_with_input(words, lines)
    };
    // Whom he has not seen, he does not resume.
    assert_fails(&by_officer(&["resume"], ""), "person-incomplete", 2);
    let resumed = by_officer(&["resume", "--appeared"], "").json();
    assert_eq!(states(&resumed), both("active"));
    scheme.with_card(&["history"], &card).success();

    // By telephone: nobody agreed on a password with this holder.
    let called = by_officer(&["suspend"], "сини лалета 7\n");
    assert_eq!(code_of(&called), "authority-refused", "{called:?}");
    assert_eq!(called.code(), 12);

    // With another, it goes by what they agreed on.
    let other = scheme.card(Face::Contact);
    let password = "сини лалета 7";
    let caller = Person::number(1);
    let enrolled = scheme.enrol_with(&officer, &other, &caller, Some(password));
    let enrolled = enrolled.json();
    let identifier = enrolled["subject"]["identifier"].as_str().unwrap();
    let call = |password: &str| {
        let words = ["suspend", "--for-identifier", identifier, "--json"];
        let words = words
            .into_iter()
            .chain(["--reader", &officer.reader, "--pin-stdin"]);
        let lines = format!("{}\n{password}\n", officer.pin);
        scheme.home.run_with_input(words, lines)
    };
    assert_fails(&call("бели лалета 7"), "wrong-telephone-password", 5);
    let suspended = call(password).json();
    assert_eq!(states(&suspended), pairs(&[("authentication", "stopped")]));
    let resumed = scheme.with_card(&["resume"], &other).json();
    assert_eq!(states(&resumed), pairs(&[("authentication", "active")]));

    // Somebody who is no officer does nothing for others, nor one of another administrator.
    let words = ["resume", "--appeared", "--for-egn", &person.number];
    assert_fails(&scheme.with_card(&words, &card), "not-an-officer", 12);
    let authority = &scheme.authority;
    let (elsewhere, _) = authority.new_administrator(&Ca::new("Others"), "Община Пловдив");
    let stranger = scheme.card(Face::Contact);
    let invited = Person::number(3).application(&stranger.number);
    let invited = authority.invite(&elsewhere, &invited);
    scheme.enrol_invited(&stranger, &invited).success();
    let refused = scheme.with_card(&words, &stranger);
    assert_fails(&refused, "other-administrator", 12);
}

// Req 16.7
#[test]
fn nobody_touches_the_certificates_of_somebody_else() {
    let scheme = Scheme::new();
    let [mine, theirs] = [Person::maria(), Person::georgi()].map(|person| {
        let card = scheme.card(Face::Contact);
        scheme.enrol_by_invitation(&card, &person).success();
        card
    });
    let [serial, _] = serials(&scheme, &theirs);
    for words in [
        &["name", "мое", "--serial", &serial][..],
        &["suspend", "--serial", &serial],
        &["resume", "--serial", &serial],
        &["revoke", "--yes", "--serial", &serial],
    ] {
        let refused = scheme.with_card(words, &mine);
        assert_fails(&refused, "authority-refused", 12);
    }
    for odd in [
        "0",
        "FFFF",
        "нула",
        "../../../v1/holder",
        "1'; DROP TABLE persons",
    ] {
        let refused = scheme.with_card(&["name", "мое", "--serial", odd], &mine);
        let code = code_of(&refused);
        let expected = ["authority-refused", "certificate-unknown"];
        assert!(expected.contains(&code.as_str()), "{odd}: {code}");
    }
    let history = scheme.with_card(&["history"], &theirs).json();
    let all = history["certificates"].as_array().unwrap().iter();
    assert!(all.clone().all(|one| one["state"] == "active"), "{history}");
    assert_eq!(all.count(), 2);
}

// Req C.2
#[test]
fn a_wrong_pin_costs_one_try_and_is_told() {
    let (scheme, card) = at_home(Face::Contact);
    let before = tries(&scheme, &card).as_u64().unwrap();
    for words in [&["history"][..], &["resume"]] {
        let left = tries(&scheme, &card).as_u64().unwrap();
        let wrong = if card.pin == "000000" {
            "111111"
        } else {
            "000000"
        };
        let refused = scheme.with_pin(words, &card, wrong);
        assert_fails(&refused, "wrong-pin", 5);
        assert_eq!(tries(&scheme, &card).as_u64().unwrap(), left - 1);
        // Another is taken only when the card was out.
        let again = scheme.with_card(words, &card);
        assert_fails(&again, "pin-locked-until-reinserted", 6);
        scheme.remove(&card);
        let mut card = card.clone();
        scheme.insert(&mut card);
        scheme.with_card(&["history"], &card).success();
        assert_eq!(tries(&scheme, &card).as_u64().unwrap(), before);
    }
}

#[test]
fn a_person_is_told_in_his_language_what_he_is_about_to_do() {
    let (mut scheme, card) = at_home(Face::Contactless);
    for (language, final_one, yes, done) in [
        ("bg", "НИКОГА", "да", "Прекратено завинаги"),
        ("en", "NEVER", "yes", "Revoked for good"),
    ] {
        scheme.home.set("LICHNA_LANGUAGE", language);
        let words = ["revoke", "--reader", &card.reader];
        let mut refusing = scheme.home.terminal(words);
        refusing.exp_string(&as_it_comes(final_one)).unwrap();
        refusing.send_line("").unwrap();
        refusing.exp_string("[refused]").unwrap();
        refusing.exp_eof().unwrap();

        if language == "en" {
            continue;
        }
        let mut revoking = scheme.home.terminal(words);
        revoking.exp_string(&as_it_comes(final_one)).unwrap();
        revoking.send_line(yes).unwrap();
        revoking.exp_string(&as_it_comes("ПИН код (")).unwrap();
        revoking.send_line(&card.pin).unwrap();
        revoking.exp_string(&as_it_comes(done)).unwrap();
        revoking.exp_eof().unwrap();
    }
}
