//! What holders ask for. Req 16, 17, 18.

use std::fs;

use lichna_tests::authority::call::{Answer, Call};
use lichna_tests::authority::people::Enrolled;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::{Ca, Identity};
use serde_json::{Value, json};
use time::Duration;

use crate::judged::serial;
use crate::signed::Request;
use crate::status::Scene;

crate::on_both! {
    a_holder_sees_and_names_his_own_certificates;
    a_suspended_certificate_opens_nothing_and_a_signature_lifts_it;
    a_signed_request_is_taken_once_in_its_time_from_the_holder_himself;
    revocation_is_final;
}

/// The states of a holder's certificates by his history: identification, then signing.
pub fn states(authority: &Authority, holder: &Enrolled) -> [String; 2] {
    [&holder.identification, &holder.signing].map(|identity| {
        let sql = format!(
            "SELECT state FROM certificates WHERE serial = '{}'",
            serial(identity)
        );
        authority.query(&sql)[0][0].clone()
    })
}

pub fn suspend<'a>(authority: &'a Authority, by: &Identity, body: &Value) -> Call<'a> {
    authority.post("/v1/holder/suspensions").by(by).json(body)
}

pub fn signed(authority: &Authority, action: &str, of: &Identity, by: &Identity) -> Answer {
    Request::new(action, &serial(of)).sign(authority, by).send()
}

fn a_holder_sees_and_names_his_own_certificates(database: Database) {
    let scene = Scene::new(&Spec::new(database));
    let (authority, holder) = (&scene.authority, &scene.holder);
    let list = || {
        let call = authority
            .get("/v1/holder/certificates")
            .by(&holder.identification);
        call.send().expect(200)["certificates"].clone()
    };
    let mine = list();
    let mine = mine.as_array().expect("a list");
    assert_eq!(mine.len(), 2);
    for one in mine {
        assert_eq!(
            (&one["state"], &one["carrier"]),
            (&json!("ACTIVE"), &json!("P00000002"))
        );
        assert!(one["name"].is_null());
    }

    let name = |of: &str, name: &str| {
        let call = authority.put(&format!("/v1/holder/certificates/{of}/name"));
        call.by(&holder.identification)
            .json(&json!({ "name": name }))
            .send()
    };
    let (own, signing) = (serial(&holder.identification), serial(&holder.signing));
    let thirty = "Служебна карта, зелената 12345";
    assert_eq!(thirty.chars().count(), 30);
    assert_eq!(name(&own, thirty).expect(200)["name"], thirty);
    // Letters of either case are the same number.
    let sql = "'; DROP TABLE persons; --";
    assert_eq!(name(&signing.to_lowercase(), sql).expect(200)["name"], sql);
    let named: Vec<Value> = list()
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].clone())
        .collect();
    assert!(
        named.contains(&json!(thirty)) && named.contains(&json!(sql)),
        "{named:?}"
    );

    for refused in [
        &format!("{thirty}6"),
        "",
        " \n",
        "a\u{202E}b",
        "\u{7}",
        "ЕГН 8506258485",
    ] {
        assert_eq!(name(&own, refused).code(), "invalid-value", "{refused:?}");
    }
    let officers = serial(&scene.officer.identification);
    for unknown in [&officers, "1234", "%27%20OR%201=1", &"F".repeat(40)] {
        assert_eq!(name(unknown, "mine").code(), "not-found", "{unknown}");
    }

    let history = authority
        .get("/v1/holder/history")
        .by(&holder.identification);
    let history = history.send().expect(200);
    let events: Vec<&str> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["serial"] == own)
        .map(|entry| entry["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["issued", "confirmed", "named"]);
    for path in ["/v1/holder/certificates", "/v1/holder/history"] {
        assert_eq!(authority.get(path).send().code(), "not-identified");
    }
}

fn a_suspended_certificate_opens_nothing_and_a_signature_lifts_it(database: Database) {
    let scene = Scene::new(&Spec::new(database));
    let (authority, holder) = (&scene.authority, &scene.holder);
    let reason = "забравена в таксито";
    let suspended = suspend(
        authority,
        &holder.identification,
        &json!({ "reason": reason }),
    );
    let suspended = suspended.send().expect(200);
    assert_eq!(suspended["certificates"].as_array().unwrap().len(), 1);
    assert_eq!(states(authority, holder), ["STOPPED", "ACTIVE"]);

    for path in ["/v1/holder/certificates", "/v1/holder/history"] {
        let refused = authority.get(path).by(&holder.identification).send();
        assert_eq!(refused.code(), "certificate-suspended", "{path}");
    }
    let again = suspend(authority, &holder.identification, &json!({})).send();
    assert_eq!(again.code(), "certificate-suspended");
    let by_signing = suspend(authority, &holder.signing, &json!({})).send();
    assert_eq!(by_signing.code(), "certificate-wrong-role");

    // Twice the same is no fault: an answer may be lost.
    for _ in 0..2 {
        let resumed = signed(authority, "resume", &holder.identification, &holder.signing);
        assert_eq!(resumed.expect(200)["certificates"][0]["state"], "ACTIVE");
    }
    let history = authority
        .get("/v1/holder/history")
        .by(&holder.identification);
    let history = history.send().expect(200);
    let entries = history["entries"].as_array().unwrap();
    let last: Vec<_> = entries[entries.len() - 2..]
        .iter()
        .map(|entry| (&entry["event"], &entry["by"], &entry["reason"]))
        .collect();
    assert_eq!(
        last[0],
        (&json!("suspended"), &json!("holder"), &json!(reason))
    );
    assert_eq!(last[1], (&json!("resumed"), &json!("holder"), &Value::Null));

    // The other way to suspend: by a signed request, Art. 18 (3).
    let by_signature = signed(
        authority,
        "suspend",
        &holder.identification,
        &holder.signing,
    );
    assert_eq!(
        by_signature.expect(200)["certificates"][0]["state"],
        "STOPPED"
    );
    let alone = signed(authority, "suspend", &holder.signing, &holder.signing);
    assert_eq!(alone.code(), "signing-certificate-alone");
    let refused = suspend(
        authority,
        &scene.officer.identification,
        &json!({
            "serial": serial(&holder.identification),
        }),
    );
    assert_eq!(
        refused.send().code(),
        "not-found",
        "somebody else's certificate"
    );
    for reason in ["", "ЕГН 8506258485", &"x".repeat(201)] {
        let refused = suspend(
            authority,
            &scene.officer.identification,
            &json!({
                "reason": reason,
            }),
        );
        assert_eq!(refused.send().code(), "invalid-value", "{reason}");
    }
}

fn a_signed_request_is_taken_once_in_its_time_from_the_holder_himself(database: Database) {
    let scene = Scene::new(&Spec::new(database));
    let (authority, holder) = (&scene.authority, &scene.holder);
    let own = serial(&holder.identification);
    let resume = || Request::new("resume", &own);
    let code = |request: &Request, by: &Identity| request.sign(authority, by).send().code();
    suspend(authority, &holder.identification, &json!({}))
        .send()
        .expect(200);

    // Resumed by somebody else's signature.
    assert_eq!(code(&resume(), &scene.officer.signing), "not-permitted");
    assert_eq!(
        code(&resume(), &holder.identification),
        "certificate-wrong-role"
    );
    let others = Ca::new("Others");
    let foreign = others.client("Мария Иванова", lichna_tests::ca::KeyKind::P256);
    assert_eq!(code(&resume(), &foreign), "signature-wrong");
    let two = resume().sign_with(authority, &[&holder.signing, &scene.officer.signing]);
    assert_eq!(two.send().code(), "signature-wrong");
    let claimed = Identity {
        certificate: holder.signing.certificate.clone(),
        key: holder.signing.key.clone(),
    };
    let mut changed = resume().sign(authority, &claimed);
    let at = changed
        .der
        .windows(6)
        .position(|six| six == b"resume")
        .expect("the content");
    changed.der[at..at + 6].copy_from_slice(b"revoke");
    assert_eq!(changed.send().code(), "signature-wrong", "another content");

    for seconds in [-310, 310, -86_400, 86_400] {
        let request = resume().later(Duration::seconds(seconds));
        assert_eq!(
            code(&request, &holder.signing),
            "request-stale",
            "{seconds} s"
        );
    }
    for (name, value, expected) in [
        ("nonce", json!("00112233"), "invalid-value"),
        ("nonce", json!("xyz"), "bad-request"),
        ("time", json!("yesterday"), "bad-request"),
        ("action", json!("destroy"), "bad-request"),
        ("more", json!(1), "bad-request"),
        ("serial", json!("F".repeat(40)), "not-found"),
        ("serial", json!("' OR 1=1 --"), "not-found"),
        ("reason", json!("ЕГН 8506258485"), "invalid-value"),
    ] {
        let request = resume().with(name, value.clone());
        assert_eq!(code(&request, &holder.signing), expected, "{name} {value}");
    }
    assert_eq!(
        states(authority, holder),
        ["STOPPED", "ACTIVE"],
        "nothing of it had an effect"
    );

    let request = resume().sign(authority, &holder.signing);
    request.send().expect(200);
    assert_eq!(request.send().code(), "request-replayed");
    suspend(authority, &holder.identification, &json!({}))
        .send()
        .expect(200);
    assert_eq!(
        request.send().code(),
        "request-replayed",
        "also when it would do something"
    );
    assert_eq!(states(authority, holder)[0], "STOPPED");
    let many = authority.post("/v1/requests");
    assert_eq!(
        many.body("application/json", &request.der).send().code(),
        "unsupported-media-type"
    );
    let garbage = authority
        .post("/v1/requests")
        .body("application/cms", b"0\x03\x02\x01\x01");
    assert_eq!(garbage.send().code(), "signature-wrong");

    // Req 5.5: refusals are in the journal, and nobody's number is.
    let journal = journal(authority);
    for code in [
        "not-permitted",
        "request-replayed",
        "request-stale",
        "signature-wrong",
    ] {
        assert!(
            journal.contains(&format!("\"outcome\":\"{code}\"")),
            "{code}"
        );
    }
    assert!(!journal.contains("8506258485"));
}

/// What the journal of the first instance has, as text.
pub fn journal(authority: &Authority) -> String {
    let files = fs::read_dir(authority.journal(0)).expect("a journal");
    let bytes: Vec<u8> = files
        .flatten()
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "log")
        })
        .flat_map(|entry| fs::read(entry.path()).expect("a file"))
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn revocation_is_final(database: Database) {
    let scene = Scene::new(&Spec::new(database));
    let (authority, holder) = (&scene.authority, &scene.holder);
    suspend(authority, &holder.identification, &json!({}))
        .send()
        .expect(200);
    let by_officer = signed(
        authority,
        "revoke",
        &holder.identification,
        &scene.officer.signing,
    );
    assert_eq!(by_officer.code(), "not-permitted");
    for _ in 0..2 {
        let revoked = signed(authority, "revoke", &holder.identification, &holder.signing);
        assert_eq!(revoked.expect(200)["certificates"][0]["state"], "REVOKED");
    }
    for action in ["resume", "suspend"] {
        let refused = signed(authority, action, &holder.identification, &holder.signing);
        assert_eq!(refused.code(), "certificate-revoked", "{action}");
    }
    let path = "/v1/holder/certificates";
    let refused = authority.get(path).by(&holder.identification).send();
    assert_eq!(refused.code(), "certificate-revoked");
    let open = authority.query("SELECT id FROM suspensions WHERE ended_at IS NULL");
    assert_eq!(
        open,
        Vec::<Vec<String>>::new(),
        "the suspension ended with it"
    );

    // The last thing that a signing certificate signs.
    signed(authority, "revoke", &holder.signing, &holder.signing).expect(200);
    let after = signed(authority, "revoke", &holder.signing, &holder.signing);
    assert_eq!(after.code(), "certificate-revoked");
    assert_eq!(states(authority, holder), ["REVOKED", "REVOKED"]);
}
