//! Renewal by the holder, Req 13.6: what our own agent does, beside EST.

use std::process::Command;

use lichna_softcard::answer_challenge;
use lichna_tests::authority::people::{Enrolled, Person};
use lichna_tests::authority::{Database, Spec};
use lichna_tests::ca::Identity;
use lichna_tests::until;
use serde_json::{Value, json};

use super::{CARD, Desk};
use crate::est::renewed;

crate::on_both! {
    a_holder_renews_and_the_old_certificates_end;
    the_old_certificates_end_by_themselves;
    a_suspended_certificate_is_not_renewed;
    a_suspension_ends_with_the_certificate_that_was_renewed;
}

impl Desk {
    fn begin(&self, holder: &Enrolled) -> Value {
        let call = self.authority.post("/v1/holder/renewal");
        call.by(&holder.identification).send().expect(200)
    }

    fn states(&self, holder: &Enrolled) -> Vec<String> {
        let rows = self.certificates(&holder.application);
        rows.into_iter().map(|mut row| row.remove(1)).collect()
    }
}

fn a_holder_renews_and_the_old_certificates_end(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let key = [0x1C; 32];
    desk.authority.carrier(CARD, &key);
    let put = desk.put(
        "11111111-1111-4111-8111-111111111111",
        &Person::maria().application(CARD),
    );
    let code = put.expect(201)["code"].as_str().unwrap().to_owned();
    let holder = desk
        .authority
        .complete("11111111-1111-4111-8111-111111111111", &code);
    let answer = |by: &Enrolled| {
        let challenge = json!({ "challenge": "5A".repeat(16) });
        let call = desk
            .authority
            .post("/v1/holder/card/answer")
            .json(&challenge);
        call.by(&by.identification).send()
    };
    assert_eq!(answer(&holder).code(), "no-renewal");

    // Begun once, however often it is asked for.
    let renewal = desk.begin(&holder);
    assert_eq!(renewal["kind"], "RENEW_EID");
    assert_eq!(renewal["state"], "APPROVED");
    assert_eq!(renewal["card"], CARD);
    assert_eq!(renewal["subject"]["identifier"], holder.identifier);
    assert_eq!(renewal["subject"]["cyrillic"]["middle"], "Иванова");
    assert_eq!(desk.begin(&holder), renewal);
    let expected = hex::encode(answer_challenge(&key, CARD, &[0x5A; 16]));
    assert_eq!(answer(&holder).expect(200)["answer"], expected);
    // Another holder's card is not opened by it.
    assert_eq!(answer(&desk.officer).code(), "no-renewal");
    let officers = desk.put(
        "22222222-2222-4222-8222-222222222222",
        &Person::maria().application(CARD),
    );
    assert_eq!(officers.code(), "carrier-in-use");

    // New keys, new certificates; the old ones are in force until the new ones are, and longer.
    let new = renewed(&desk.authority, &holder, &renewal);
    assert_eq!(new.identifier, holder.identifier);
    assert_eq!(desk.states(&holder), ["ACTIVE", "ACTIVE"]);
    assert_eq!(desk.states(&new), ["SIGNED", "SIGNED"]);
    let complete = |by: &Enrolled| {
        let call = desk.authority.post("/v1/holder/renewal/completed");
        call.by(&by.identification).send()
    };
    assert_eq!(complete(&new).code(), "certificate-pending");
    assert_eq!(complete(&holder).code(), "no-renewal");
    desk.authority.confirm(&new).expect(200);
    assert_eq!(desk.states(&holder), ["ACTIVE", "ACTIVE"]);
    assert_eq!(desk.states(&new), ["ACTIVE", "ACTIVE"]);

    // The card is opened once more, by either key, to make the new ones its current ones.
    assert_eq!(answer(&new).expect(200)["answer"], expected);
    assert_eq!(answer(&holder).expect(200)["answer"], expected);
    let completed = complete(&new).expect(200);
    assert_eq!(completed["revoked"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.states(&holder), ["REVOKED", "REVOKED"]);
    // RFC 5280 §5.3.1: superseded.
    assert!(
        desk.certificates(&holder.application)
            .iter()
            .all(|row| row[2] == "4")
    );
    assert_eq!(complete(&new).expect(200)["revoked"], json!([]));
    assert_eq!(answer(&new).code(), "no-renewal");
    let list = desk
        .authority
        .get("/v1/holder/certificates")
        .by(&holder.identification);
    assert_eq!(list.send().code(), "certificate-revoked");

    // And once again, from the renewed ones.
    let again = desk.begin(&new);
    assert_ne!(again["rnu"], renewal["rnu"]);
    let call = desk
        .authority
        .delete(&super::path(again["id"].as_str().unwrap()));
    let call = call.json(&json!({ "reason": "changed-mind" }));
    let denied = call.by(&new.identification).send().expect(200);
    assert_eq!(denied["state"], "DENIED");
    assert_eq!(desk.states(&new), ["ACTIVE", "ACTIVE"]);
}

fn the_old_certificates_end_by_themselves(database: Database) {
    let settings = "[issuing]\nsweep_seconds = 1";
    let desk = Desk::new(&Spec::new(database).settings(settings));
    let holder = desk.authority.holder(&desk.officer, &Person::maria(), CARD);
    let renewal = desk.begin(&holder);
    let new = renewed(&desk.authority, &holder, &renewal);
    desk.authority.confirm(&new).expect(200);
    // How long that takes does not matter: it is over now.
    desk.authority
        .query("UPDATE applications SET deadline = 0 WHERE kind = 'RENEW_EID'");
    until("the old certificates to end", || {
        desk.states(&holder) == ["REVOKED", "REVOKED"]
    });
    assert_eq!(desk.states(&new), ["ACTIVE", "ACTIVE"]);
    let done = ("done".to_owned(), new.application.clone());
    until("the record of it", || {
        desk.journal("renewal.overdue").contains(&done)
    });

    // A card that was put away till then is opened to take up the new ones all the same, once.
    let post = |path: &str, body: &Value| {
        let call = desk.authority.post(path).json(body);
        call.by(&new.identification).send()
    };
    let challenge = json!({ "challenge": "5A".repeat(16) });
    let answer = || post("/v1/holder/card/answer", &challenge);
    assert_eq!(answer().expect(200)["answer"].as_str().unwrap().len(), 32);
    let completed = desk.authority.post("/v1/holder/renewal/completed");
    let completed = completed.by(&new.identification).send().expect(200);
    assert_eq!(completed["revoked"], json!([]));
    assert_eq!(answer().code(), "no-renewal");
}

fn a_suspended_certificate_is_not_renewed(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let holder = desk.authority.holder(&desk.officer, &Person::maria(), CARD);
    let renewal = desk.begin(&holder);
    let suspend = desk.authority.post("/v1/holder/suspensions");
    let suspend = suspend.json(&json!({ "reason": "mislaid", "lost": false }));
    let suspended = suspend.by(&holder.identification).send();
    assert!(suspended.status < 300, "{suspended:?}");
    let begin = desk
        .authority
        .post("/v1/holder/renewal")
        .by(&holder.identification);
    assert_eq!(begin.send().code(), "certificate-suspended");
    let subject = lichna_tests::authority::people::subject(&renewal["subject"]);
    let request = lichna_tests::authority::people::request(&desk.authority.new_key(), &subject);
    let call = desk.authority.post("/.well-known/est/simplereenroll");
    let call = call.body("application/pkcs10", request.as_bytes());
    assert_eq!(
        call.by(&holder.identification).send().code(),
        "certificate-suspended"
    );
}

/// The old card's key is suspended after the new one is in force: it ends all the same.
fn a_suspension_ends_with_the_certificate_that_was_renewed(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let holder = desk.authority.holder(&desk.officer, &Person::maria(), CARD);
    let renewal = desk.begin(&holder);
    let new = renewed(&desk.authority, &holder, &renewal);
    desk.authority.confirm(&new).expect(200);
    let suspend = desk.authority.post("/v1/holder/suspensions");
    let serial = serial(&holder.identification);
    let suspend = suspend.json(&json!({ "reason": "mislaid", "lost": false, "serial": serial }));
    let suspended = suspend.by(&new.identification).send();
    assert!(suspended.status < 300, "{suspended:?}");
    assert_eq!(desk.states(&holder), ["STOPPED", "ACTIVE"]);

    let call = desk.authority.post("/v1/holder/renewal/completed");
    let completed = call.by(&new.identification).send().expect(200);
    assert_eq!(completed["revoked"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.states(&holder), ["REVOKED", "REVOKED"]);
    let open = "SELECT count(*) FROM suspensions WHERE ended_at IS NULL";
    assert_eq!(desk.authority.query(open), [["0"]]);
}

fn serial(identity: &Identity) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-serial", "-in"]);
    let printed = openssl.arg(&identity.certificate.path).output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    text.trim().trim_start_matches("serial=").to_owned()
}
