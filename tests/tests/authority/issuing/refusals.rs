//! What issuing refuses, and by which code.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use lichna_tests::authority::people::{Person, request, subject, uuid};
use lichna_tests::authority::{Database, Spec};
use lichna_tests::ca::{Ca, KeyKind};
use serde_json::{Value, json};

use super::{CARD, Desk, OFFICERS_CARD, path};

crate::on_both! {
    takes_applications_from_officers_of_registered_administrators_alone;
    refuses_an_officer_whose_certificate_has_expired;
    refuses_data_that_cannot_be_and_repeats_none_of_it;
    refuses_requests_that_are_not_the_applicants_or_have_unfit_keys;
    opens_an_application_to_its_own_code_alone;
    answers_for_the_applications_card_and_not_for_ever;
    keeps_cards_apart;
}

/// Req 14.1.2, 37.4.
fn takes_applications_from_officers_of_registered_administrators_alone(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let authority = &desk.authority;
    authority.new_carrier(CARD);
    let application = Person::maria().application(CARD);
    let put = || authority.put(&path(&uuid())).json(&application);

    assert_eq!(put().send().code(), "not-identified");
    let ca = Ca::new("Others");
    let stranger = ca.client("Stranger", KeyKind::P256);
    assert_eq!(put().by(&stranger).send().code(), "certificate-unknown");
    let (_, system) = authority.new_administrator(&ca, "Другата администрация");
    assert_eq!(put().by(&system).send().code(), "not-permitted");
    let holder = authority.holder(&desk.officer, &Person::number(1), "P00000010");
    assert_eq!(
        put().by(&holder.identification).send().code(),
        "not-permitted"
    );

    // An officer of another administrator does not meddle with it.
    let (other, _) = authority.new_administrator(&ca, "Третата администрация");
    let colleague = authority.officer(&other, &Person::number(2), "P00000011");
    let id = uuid();
    desk.put(&id, &application).expect(201);
    let again = authority.put(&path(&id)).json(&application);
    assert_eq!(
        again.by(&colleague.identification).send().code(),
        "not-permitted"
    );
    for call in [
        authority.get(&path(&id)),
        authority.post(&format!("{}/code", path(&id))),
        authority
            .delete(&path(&id))
            .json(&json!({ "reason": "mine" })),
    ] {
        assert_eq!(
            call.by(&colleague.identification).send().code(),
            "not-permitted"
        );
    }

    // The administrator's registration ends, and with it what its officers may do.
    authority.admin(&["administrator", "end", &desk.administrator]);
    let refused = put().by(&desk.officer.identification).send();
    assert_eq!(refused.code(), "not-permitted");
    let outcomes = desk.journal("application.submit");
    assert!(
        outcomes
            .iter()
            .any(|(outcome, _)| outcome == "not-permitted"),
        "{outcomes:?}"
    );
}

fn refuses_an_officer_whose_certificate_has_expired(database: Database) {
    // As long as a slow computer takes to enrol the officer.
    let desk = Desk::new(&Spec::new(database).settings("[issuing]\nvalidity_seconds = 15"));
    desk.authority.new_carrier(CARD);
    let application = Person::maria().application(CARD);
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = desk.put(&uuid(), &application);
        if answer.status == 403 {
            assert_eq!(answer.code(), "certificate-expired");
            return;
        }
        assert!(Instant::now() < end, "it does not expire");
        thread::sleep(Duration::from_millis(200));
    }
}

/// Req 14.1.3.
fn refuses_data_that_cannot_be_and_repeats_none_of_it(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    desk.authority.new_carrier(CARD);
    let application = Person::maria().application(CARD);
    let with = |pointer: &str, value: Value| {
        let mut changed = application.clone();
        *changed.pointer_mut(pointer).expect("a field") = value;
        changed
    };
    for (pointer, value) in [
        ("/person/number", json!("850625848")),
        ("/person/number", json!("8513258485")),
        ("/person/number", json!("' OR 1=1 --")),
        ("/person/cyrillic/first", json!("Maria")),
        ("/person/cyrillic/first", json!("")),
        (
            "/person/cyrillic/last",
            json!("Петрова'; DROP TABLE persons; --"),
        ),
        ("/person/latin/last", json!("Петрова")),
        ("/person/latin/last", json!("P".repeat(65))),
        ("/person/latin/middle", Value::Null),
        ("/card", json!("")),
        ("/card", json!("P 0000\n0002")),
        ("/telephone_password", json!("12345")),
    ] {
        let changed = with(pointer, value);
        let answer = desk.put(&uuid(), &changed);
        assert_eq!(answer.code(), "invalid-value", "{pointer}");
        let text = String::from_utf8(answer.body).unwrap();
        for secret in ["850625848", "8513258485", "Petrova", "Петрова", "DROP"] {
            assert!(!text.contains(secret), "{pointer}: {text}");
        }
    }
    for email in ["nobody", "@example.bg", "a b@example.bg", "a@bg"] {
        let mut changed = application.clone();
        changed["person"]["email"] = json!(email);
        assert_eq!(
            desk.put(&uuid(), &changed).code(),
            "invalid-value",
            "{email}"
        );
    }
    for (pointer, value) in [("/appeared", json!("yes")), ("/person/kind", json!("eik"))] {
        let answer = desk.put(&uuid(), &with(pointer, value));
        assert_eq!(answer.code(), "bad-request", "{pointer}");
    }
    let mut unknown = application.clone();
    unknown["person"]["telephone_password"] = json!("$argon2id$mine");
    assert_eq!(desk.put(&uuid(), &unknown).code(), "bad-request");

    // Unusual is not wrong: an official sample has a wrong check digit, IVANOV may be Ivanoff.
    let mut unusual = with("/person/number", json!("7204021667"));
    unusual["person"]["latin"]["last"] = json!("Petroff");
    unusual["person"]["email"] = json!("maria@example.bg");
    let taken = desk.put(&uuid(), &unusual).expect(201);
    assert_eq!(
        taken["warnings"],
        json!(["number-checksum", "latin-names-differ"])
    );
    // Nobody who was refused is in the register.
    let persons = desk.authority.query("SELECT count(*) FROM persons");
    assert_eq!(persons, [["2"]]);
}

/// Req 14.1.7.
fn refuses_requests_that_are_not_the_applicants_or_have_unfit_keys(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let authority = &desk.authority;
    let (id, code) = authority.apply(&desk.officer, &Person::maria(), CARD);
    let application = desk.read(&id, &code);
    let subject = subject(&application["subject"]);
    let good = || request(&authority.new_key(), &subject);
    let refused = |identification: String, signing: String, expected: &str| {
        let requests = json!({ "identification": identification, "signing": signing });
        let answer = desk.step(&id, "requests", &code, &requests);
        assert_eq!(
            answer.code(),
            expected,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
        assert!(desk.certificates(&id).is_empty(), "nothing was entered");
    };

    let identifier = application["subject"]["identifier"].as_str().unwrap();
    for (from, to) in [
        (identifier, uuid().as_str()),
        ("GN=Maria", "GN=Mara"),
        ("SN=Petrova", "SN=Petrov"),
        ("Мария", "Мара"),
        ("/C=BG", "/C=DE"),
        ("/C=BG", "/C=BG/O=Bank"),
        ("/GN=Maria", ""),
    ] {
        let other = subject.replace(from, to);
        assert_ne!(other, subject);
        let theirs = request(&authority.new_key(), &other);
        refused(theirs.clone(), good(), "request-subject-differs");
        refused(good(), theirs, "request-subject-differs");
    }

    let key = |arguments: &[&str]| {
        let path = authority.data().join(format!("{}.key", uuid()));
        let mut openssl = Command::new("openssl");
        openssl
            .args(["genpkey", "-quiet"])
            .args(arguments)
            .arg("-out")
            .arg(&path);
        assert!(openssl.status().unwrap().success());
        request(&path, &subject)
    };
    for unfit in [
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"][..],
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        &[
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:secp256k1",
        ],
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    ] {
        refused(good(), key(unfit), "key-unfit");
    }

    // Signed by another key, cut off, no request at all, too much of it.
    let mut der = decode(&good());
    let last = der.len() - 1;
    der[last] ^= 1;
    refused(encode(&der), good(), "request-invalid");
    der.pop();
    refused(encode(&der), good(), "request-invalid");
    refused("AAAA".to_owned(), good(), "request-invalid");
    refused("!".to_owned(), good(), "request-invalid");
    refused("A".repeat(40_000), good(), "request-invalid");

    // A key is certified once, ever: not for both, and not again.
    let twice = authority.new_key();
    let (one, two) = (request(&twice, &subject), request(&twice, &subject));
    refused(one, two, "key-seen-before");
    let officers = request(&desk.officer.identification.key, &subject);
    refused(good(), officers, "key-seen-before");

    // And after all that the applicant gets his certificates.
    authority.complete(&id, &code);
    let outcomes = desk.journal("application.certify");
    for expected in [
        "request-subject-differs",
        "key-unfit",
        "key-seen-before",
        "done",
    ] {
        assert!(
            outcomes.iter().any(|(outcome, _)| outcome == expected),
            "{expected}"
        );
    }
}

fn opens_an_application_to_its_own_code_alone(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let (id, code) = desk.authority.apply(&desk.officer, &Person::maria(), CARD);
    let (_, other) = desk
        .authority
        .apply(&desk.officer, &Person::number(1), "P00000010");
    let challenge = json!({ "challenge": "00".repeat(16) });
    let requests = json!({ "identification": "", "signing": "" });
    for (step, body) in [("answer", &challenge), ("requests", &requests)] {
        for wrong in [&other, "", "x", &code[1..], &"A".repeat(4000)] {
            let refused = desk.step(&id, step, wrong, body);
            assert_eq!(refused.code(), "application-code-wrong", "{step} {wrong}");
        }
        let without = desk
            .authority
            .post(&format!("{}/{step}", path(&id)))
            .json(body);
        assert_eq!(without.send().code(), "not-identified", "{step}");
        // Having sent the application is not having its code.
        let officer = desk
            .authority
            .post(&format!("{}/{step}", path(&id)))
            .json(body);
        let refused = officer.by(&desk.officer.identification).send();
        assert_eq!(refused.code(), "not-identified", "{step}");
    }
    let nobody = desk.authority.get(&path(&id)).send();
    assert_eq!(nobody.code(), "not-identified");
    let nothing = desk.authority.get(&path(&uuid())).code(&code).send();
    assert_eq!(nothing.code(), "not-found");
    assert_eq!(
        desk.read(&id, &code)["state"],
        "APPROVED",
        "nothing has happened"
    );
    // The code is in no file of the authority's.
    let kept = desk.authority.query("SELECT code FROM applications");
    assert!(kept.iter().flatten().all(|kept| *kept != code), "{kept:?}");
    assert!(!desk.authority.log(0).contains(&code));
}

fn answers_for_the_applications_card_and_not_for_ever(database: Database) {
    let desk = Desk::new(&Spec::new(database).settings("[issuing]\nanswers = 3"));
    let (id, code) = desk.authority.apply(&desk.officer, &Person::maria(), CARD);
    let answer =
        |challenge: &str| desk.step(&id, "answer", &code, &json!({ "challenge": challenge }));
    for wrong in [
        "",
        "00",
        "zz",
        &"0".repeat(31),
        &"00".repeat(15),
        &"00".repeat(17),
        &"0".repeat(4000),
    ] {
        assert_eq!(answer(wrong).code(), "invalid-value", "{wrong}");
    }
    let first = answer(&"00".repeat(16)).expect(200);
    assert_eq!(answer(&"00".repeat(16)).expect(200), first);
    assert_ne!(answer(&"11".repeat(16)).expect(200), first);
    let refused = answer(&"22".repeat(16));
    assert_eq!(refused.code(), "too-many-answers");
    assert_eq!(refused.status, 429);
    // The card's key is sealed.
    let sealed = desk
        .authority
        .query("SELECT count(*) FROM carriers WHERE length(key_sealed) = 72");
    assert_eq!(sealed, [["2"]]);
}

fn keeps_cards_apart(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let put = |person: &Person, card: &str| desk.put(&uuid(), &person.application(card));
    assert_eq!(put(&Person::maria(), "P99999999").code(), "carrier-unknown");
    assert_eq!(
        put(&Person::maria(), OFFICERS_CARD).code(),
        "carrier-of-another"
    );
    desk.authority.new_carrier(CARD);
    put(&Person::maria(), CARD).expect(201);
    assert_eq!(put(&Person::maria(), CARD).code(), "carrier-in-use");
    assert_eq!(put(&Person::number(1), CARD).code(), "carrier-in-use");
    // The same person, once more on his own card.
    put(&Person::georgi(), OFFICERS_CARD).expect(201);
}

fn decode(text: &str) -> Vec<u8> {
    piped(&["base64", "-d", "-A"], text.as_bytes())
}

fn encode(bytes: &[u8]) -> String {
    String::from_utf8(piped(&["base64", "-A"], bytes)).unwrap()
}

fn piped(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), input).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(arguments).arg("-in").arg(file.path());
    openssl.output().unwrap().stdout
}
