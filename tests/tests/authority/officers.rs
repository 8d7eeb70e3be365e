//! What officers do for holders: lost cards, telephone calls. Req 16.5, 18.3.

use lichna_tests::authority::people::{Enrolled, Person, TELEPHONE_PASSWORD, uuid};
use lichna_tests::authority::{Database, Spec};
use lichna_tests::ca::Ca;
use serde_json::{Value, json};

use crate::holder::{journal, signed, states, suspend};
use crate::judged::serial;
use crate::status::Scene;

crate::on_both! {
    a_lost_card_is_resumed_by_an_officer_of_its_administrator_alone;
    a_caller_with_the_telephone_password_has_his_certificates_suspended;
}

fn a_lost_card_is_resumed_by_an_officer_of_its_administrator_alone(database: Database) {
    let scene = Scene::new(&Spec::new(database));
    let (authority, holder) = (&scene.authority, &scene.holder);
    // He has another card, which nobody lost.
    let other = authority.holder(&scene.officer, &Person::maria(), "P00000003");
    assert_eq!(other.identifier, holder.identifier);
    let lost = suspend(
        authority,
        &other.identification,
        &json!({
            "serial": serial(&holder.identification),
            "lost": true,
        }),
    );
    let lost = lost.send().expect(200);
    assert_eq!(lost["certificates"].as_array().unwrap().len(), 2, "{lost}");
    assert_eq!(states(authority, holder), ["STOPPED", "STOPPED"]);
    assert_eq!(states(authority, &other), ["ACTIVE", "ACTIVE"]);

    let by_itself = signed(authority, "resume", &holder.identification, &holder.signing);
    assert_eq!(by_itself.code(), "certificate-suspended");
    let by_another = signed(authority, "resume", &holder.identification, &other.signing);
    assert_eq!(by_another.code(), "officer-only");

    let resume = |officer: &Enrolled, person: Value, appeared: bool| {
        let body = json!({ "person": person, "appeared": appeared });
        let call = authority
            .post("/v1/officer/resumptions")
            .by(&officer.identification);
        call.json(&body).send()
    };
    let person = json!({ "identifier": holder.identifier });
    assert_eq!(
        resume(&scene.officer, person.clone(), false).code(),
        "invalid-value"
    );
    assert_eq!(
        resume(&other, person.clone(), true).code(),
        "not-permitted",
        "no officer"
    );
    let ca = Ca::new("Others");
    let (elsewhere, _) = authority.new_administrator(&ca, "Община Пловдив");
    let stranger = authority.officer(&elsewhere, &Person::number(3), "P00000004");
    assert_eq!(
        resume(&stranger, person, true).code(),
        "other-administrator"
    );
    assert_eq!(states(authority, holder), ["STOPPED", "STOPPED"]);

    let by_number = json!({ "kind": "egn", "number": "8506258485" });
    let resumed = resume(&scene.officer, by_number, true).expect(200);
    assert_eq!(
        resumed["certificates"].as_array().unwrap().len(),
        2,
        "{resumed}"
    );
    assert_eq!(states(authority, holder), ["ACTIVE", "ACTIVE"]);
    for person in [
        json!({ "identifier": "8506258485" }),
        json!({ "kind": "egn", "number": "1" }),
    ] {
        assert_eq!(resume(&scene.officer, person, true).code(), "not-found");
    }
    // When its administrator is no more, another one does it.
    suspend(authority, &holder.identification, &json!({ "lost": true }))
        .send()
        .expect(200);
    let first = authority.query("SELECT id FROM administrators WHERE name = 'Столична община'");
    authority.admin(&["administrator", "end", &first[0][0]]);
    let person = json!({ "identifier": holder.identifier });
    assert_eq!(
        resume(&scene.officer, person.clone(), true).code(),
        "not-permitted"
    );
    resume(&stranger, person, true).expect(200);
    assert_eq!(states(authority, holder), ["ACTIVE", "ACTIVE"]);
}

fn a_caller_with_the_telephone_password_has_his_certificates_suspended(database: Database) {
    let settings = "[holder]\ntelephone_attempts = 3";
    let scene = Scene::new(&Spec::new(database).settings(settings));
    let (authority, holder) = (&scene.authority, &scene.holder);
    let call = |officer: &Enrolled, password: &str, more: Value| {
        let mut body = json!({
            "person": { "kind": "egn", "number": "8506258485" },
            "telephone_password": password,
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let call = authority
            .post("/v1/officer/suspensions")
            .by(&officer.identification);
        call.json(&body).send()
    };
    let nothing = json!({});
    let suspended = call(&scene.officer, TELEPHONE_PASSWORD, nothing.clone()).expect(200);
    assert_eq!(
        suspended["certificates"][0]["state"], "STOPPED",
        "{suspended}"
    );
    assert_eq!(states(authority, holder), ["STOPPED", "ACTIVE"]);
    // Not lost: the holder takes it back himself.
    signed(authority, "resume", &holder.identification, &holder.signing).expect(200);

    // A stranger with the right password, and somebody without an officer's rights.
    let ca = Ca::new("Others");
    let (elsewhere, _) = authority.new_administrator(&ca, "Община Пловдив");
    let stranger = authority.officer(&elsewhere, &Person::number(3), "P00000004");
    let refused = call(&stranger, TELEPHONE_PASSWORD, nothing.clone());
    assert_eq!(
        refused.code(),
        "other-administrator",
        "another administrator's officer"
    );
    assert_eq!(
        call(holder, TELEPHONE_PASSWORD, nothing.clone()).code(),
        "not-permitted"
    );

    for _ in 0..5 {
        let guess = call(&stranger, "червени лалета", nothing.clone());
        assert_eq!(
            guess.code(),
            "other-administrator",
            "and he has no try at it"
        );
    }

    // Three wrong ones, and the right one is not looked at any more.
    for _ in 0..3 {
        let wrong = call(&scene.officer, "червени лалета", nothing.clone());
        assert_eq!(wrong.code(), "wrong-telephone-password");
    }
    let locked = call(&scene.officer, TELEPHONE_PASSWORD, nothing.clone());
    assert_eq!(locked.code(), "telephone-locked");
    assert!(locked.header("retry-after").is_some());
    assert_eq!(states(authority, holder), ["ACTIVE", "ACTIVE"]);
    // An hour later.
    authority.query("UPDATE telephone_attempts SET until_at = 1");
    let lost = call(
        &scene.officer,
        TELEPHONE_PASSWORD,
        json!({ "lost": true, "reason": "кражба" }),
    );
    assert_eq!(
        lost.expect(200)["certificates"].as_array().unwrap().len(),
        2
    );
    assert_eq!(states(authority, holder), ["STOPPED", "STOPPED"]);

    // Somebody who agreed on none.
    authority.new_carrier("P00000005");
    let mut application = Person::number(5).application("P00000005");
    application
        .as_object_mut()
        .unwrap()
        .remove("telephone_password");
    let path = format!("/v1/applications/{}", uuid());
    let put = authority.put(&path).by(&scene.officer.identification);
    let submitted = put.json(&application).send().expect(201);
    let id = submitted["application"]["id"].as_str().unwrap();
    let silent = authority.complete(id, submitted["code"].as_str().unwrap());
    let person = json!({ "person": { "identifier": silent.identifier } });
    let missing = call(&scene.officer, TELEPHONE_PASSWORD, person);
    assert_eq!(missing.code(), "telephone-password-missing");

    let journal = journal(authority);
    for code in ["wrong-telephone-password", "telephone-locked"] {
        assert!(
            journal.contains(&format!("\"outcome\":\"{code}\"")),
            "{code}"
        );
    }
    for secret in [TELEPHONE_PASSWORD, "червени лалета", "8506258485", "кражба"]
    {
        assert!(!journal.contains(secret), "{secret}");
        assert!(!authority.log(0).contains(secret), "{secret}");
    }
}
