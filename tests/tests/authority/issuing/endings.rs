//! Applications that fail, Req 14.2: what is deleted, what stays, and who is told.

use lichna_tests::authority::people::{Enrolled, Person};
use lichna_tests::authority::{Database, Spec};
use lichna_tests::until;
use serde_json::{Value, json};

use super::{CARD, Desk, path};

crate::on_both! {
    a_withdrawn_application_leaves_nothing_of_the_person;
    what_nobody_confirms_is_revoked_at_the_deadline;
}

/// That nothing is known of the person any more, but what keeps identifier, keys and serial numbers
/// from being used again.
fn is_forgotten(desk: &Desk, id: &str, identifier: &str) {
    let person = format!("SELECT length(sealed) FROM persons WHERE identifier = '{identifier}'");
    assert_eq!(
        desk.authority.query(&person),
        [["0"]],
        "the identifier is spent"
    );
    let application = format!(
        "SELECT coalesce(length(sealed), 0), coalesce(identifier, '-'), coalesce(carrier, '-'), \
         content FROM applications WHERE id = '{id}'"
    );
    assert_eq!(desk.authority.query(&application), [["0", "-", "-", ""]]);
    let certificates = format!("SELECT length(der) FROM certificates WHERE application = '{id}'");
    for row in desk.authority.query(&certificates) {
        assert_eq!(row, ["0"]);
    }
}

fn a_withdrawn_application_leaves_nothing_of_the_person(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let withdraw = |id: &str, code: &str, reason: &str| {
        let call = desk.authority.delete(&path(id)).code(code);
        call.json(&json!({ "reason": reason })).send()
    };

    // Before there are certificates.
    let (id, code) = desk.authority.apply(&desk.officer, &Person::maria(), CARD);
    let before = desk.read(&id, &code);
    let identifier = before["subject"]["identifier"].as_str().unwrap().to_owned();
    for wrong in ["", "Мария", "no blanks", &"x".repeat(65)] {
        assert_eq!(
            withdraw(&id, &code, wrong).code(),
            "invalid-value",
            "{wrong}"
        );
    }
    let denied = withdraw(&id, &code, "card-broken").expect(200);
    assert_eq!(denied["state"], "DENIED");
    assert_eq!(denied["reason"], "card-broken");
    assert_eq!(denied["rnu"], before["rnu"]);
    assert_eq!(denied["subject"], Value::Null);
    assert_eq!(
        withdraw(&id, &code, "again").expect(200),
        denied,
        "it ended once"
    );
    is_forgotten(&desk, &id, &identifier);
    let challenge = json!({ "challenge": "00".repeat(16) });
    let refused = desk.step(&id, "answer", &code, &challenge);
    assert_eq!(refused.code(), "application-state");
    let again = desk.put(&id, &Person::maria().application(CARD));
    assert_eq!(again.code(), "application-state");

    // After that: the same card and person, with another identifier and other keys.
    let (id, code) = again_with(&desk);
    let issued = desk.authority.issue(&id, &code);
    assert_ne!(issued.identifier, identifier, "an identifier is given once");
    withdraw(&id, &code, "write-failed").expect(200);
    is_forgotten(&desk, &id, &issued.identifier);
    assert_failed(&desk, &id, &issued);

    // By the officer, without the code. What was completed does not end so.
    let (id, _) = again_with(&desk);
    let call = desk
        .authority
        .delete(&path(&id))
        .json(&json!({ "reason": "changed-mind" }));
    let denied = call.by(&desk.officer.identification).send().expect(200);
    assert_eq!(denied["state"], "DENIED");
    let (id, code) = again_with(&desk);
    let holder = desk.authority.complete(&id, &code);
    assert_eq!(withdraw(&id, &code, "too-late").code(), "application-state");

    // A second application of a holder fails: he stays who he is.
    let (id, code) = desk
        .authority
        .apply(&desk.officer, &Person::maria(), "P00000010");
    let second = desk.authority.issue(&id, &code);
    assert_eq!(second.identifier, holder.identifier);
    withdraw(&id, &code, "card-broken").expect(200);
    let list = desk
        .authority
        .get("/v1/holder/certificates")
        .by(&holder.identification);
    assert_eq!(list.send().status, 200);
    let person = format!(
        "SELECT count(*) FROM persons WHERE identifier = '{}' AND length(sealed) > 0",
        holder.identifier
    );
    assert_eq!(desk.authority.query(&person), [["1"]]);
}

/// The carrier is registered already.
fn again_with(desk: &Desk) -> (String, String) {
    let id = lichna_tests::authority::people::uuid();
    let submitted = desk
        .put(&id, &Person::maria().application(CARD))
        .expect(201);
    (id, submitted["code"].as_str().unwrap().to_owned())
}

fn assert_failed(desk: &Desk, id: &str, issued: &Enrolled) {
    let states = desk.certificates(id);
    // RFC 5280 §5.3.1: cessationOfOperation.
    let expected = [
        ["identification", "FAILED", "5"],
        ["signing", "FAILED", "5"],
    ];
    assert_eq!(states, expected);
    assert_eq!(desk.authority.confirm(issued).code(), "certificate-revoked");
}

fn what_nobody_confirms_is_revoked_at_the_deadline(database: Database) {
    let settings = "[issuing]\nsweep_seconds = 1";
    let desk = Desk::new(&Spec::new(database).settings(settings).instances(2));
    let (id, code) = desk.authority.apply(&desk.officer, &Person::maria(), CARD);
    let issued = desk.authority.issue(&id, &code);
    let rnu = desk.read(&id, &code)["rnu"].clone();
    // How long that takes does not matter: it is over now.
    desk.authority.query(&format!(
        "UPDATE applications SET deadline = 0 WHERE id = '{id}'"
    ));
    until("the application to be denied", || {
        desk.read(&id, &code)["state"] == "DENIED"
    });

    let denied = desk.read(&id, &code);
    assert_eq!(denied["reason"], "deadline");
    assert_eq!(denied["rnu"], rnu);
    is_forgotten(&desk, &id, &issued.identifier);
    assert_failed(&desk, &id, &issued);
    // One of the instances did it, and recorded it.
    let recorded = || {
        let all = [0, 1].map(|index| super::records(&desk.authority, index));
        all.into_iter()
            .flatten()
            .filter(|record| record["kind"] == "application.overdue" && record["outcome"] == "done")
            .count()
    };
    until("the record of it", || recorded() > 0);
    assert_eq!(recorded(), 1);
}
