//! Renewal on a card that has no place for new keys beside the old ones: one key after the other,
//! an application each. openssl makes keys, requests and signatures, curl is the card's holder.
//! Req 13.6

use lichna_softcard::answer_challenge;
use lichna_tests::authority::call::Answer;
use lichna_tests::authority::people::{Enrolled, Person, request, subject};
use lichna_tests::authority::{Database, Spec};
use lichna_tests::ca::Identity;
use serde_json::{Value, json};
use time::Duration;

use super::{CARD, Desk, path, uuid};
use crate::judged::serial;
use crate::signed::Request;

crate::on_both! {
    each_key_is_renewed_while_the_other_vouches;
    what_is_not_in_force_is_not_renewed;
    who_vouches_does_so_for_his_own_card_alone;
    a_renewal_whose_time_is_over_begins_again_by_the_signing_key;
    a_signature_that_vouches_is_taken_once_at_its_time_by_the_right_key;
}

const CODE: &str = "/v1/holder/renewal/code";
const KEY: [u8; 32] = [0x1C; 32];

/// A renewal and its code.
struct Vouched {
    id: String,
    code: String,
    application: Value,
}

impl Desk {
    /// A holder whose card answers with [`KEY`].
    fn maria(&self) -> Enrolled {
        self.authority.carrier(CARD, &KEY);
        let id = uuid();
        let put = self.put(&id, &Person::maria().application(CARD));
        let code = put.expect(201)["code"].as_str().unwrap().to_owned();
        self.authority.complete(&id, &code)
    }

    /// The signing key asks for the renewal of the other.
    fn vouch(&self, by: &Identity) -> Answer {
        Request::renewal().sign(&self.authority, by).to(CODE).send()
    }

    fn vouched(&self, holder: &Enrolled) -> Vouched {
        let vouched = self.vouch(&holder.signing).expect(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Vouched {
            id: text(&vouched["application"]["id"]),
            code: text(&vouched["code"]),
            application: vouched["application"].clone(),
        }
    }

    /// A renewal of one certificate by the key that identifies.
    fn begin_one(&self, holder: &Enrolled, role: &str) -> Answer {
        let call = self.authority.post("/v1/holder/renewal");
        let call = call.json(&json!({ "role": role }));
        call.by(&holder.identification).send()
    }

    /// The new identification key with its certificate, which is not confirmed.
    fn new_identification(&self, vouched: &Vouched) -> Identity {
        let key = self.authority.new_key();
        let request = request(&key, &subject(&vouched.application["subject"]));
        let body = json!({ "identification": request });
        let issued = self.step(&vouched.id, "requests", &vouched.code, &body);
        let issued = issued.expect(200);
        assert_eq!(issued["signing"], Value::Null);
        assert_eq!(issued["chain"].as_array().map(Vec::len), Some(2));
        let certificate = issued["identification"].as_str().unwrap();
        Identity {
            certificate: self.authority.certificate(certificate),
            key,
        }
    }

    fn confirm(&self, by: &Identity, body: Option<Value>) -> Answer {
        let call = self.authority.post("/v1/confirmation").by(by);
        match body {
            Some(body) => call.json(&body).send(),
            None => call.send(),
        }
    }

    fn challenge(&self, vouched: &Vouched) -> Answer {
        let challenge = json!({ "challenge": "5A".repeat(16) });
        self.step(&vouched.id, "answer", &vouched.code, &challenge)
    }

    /// Role and state of all certificates on Maria's card, the oldest first.
    fn on_card(&self) -> Vec<(String, String)> {
        let rows = self.authority.query(&format!(
            "SELECT role, state FROM certificates WHERE carrier = '{CARD}' \
             ORDER BY issued_at, role"
        ));
        rows.into_iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect()
    }

    fn suspend(&self, holder: &Enrolled, lost: bool) {
        let call = self.authority.post("/v1/holder/suspensions");
        let call = call.json(&json!({ "lost": lost }));
        call.by(&holder.identification).send().expect(200);
    }
}

fn states<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
    let owned = |(role, state): &(&str, &str)| ((*role).to_owned(), (*state).to_owned());
    pairs.iter().map(owned).collect()
}

fn each_key_is_renewed_while_the_other_vouches(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let old = desk.maria();

    // The signing key vouches: the renewal begins once, its code is new each time.
    let first = desk.vouched(&old);
    assert_eq!(first.application["kind"], "RENEW_EID");
    assert_eq!(first.application["role"], "identification");
    assert_eq!(first.application["state"], "APPROVED");
    assert_eq!(first.application["card"], CARD);
    let vouched = desk.vouched(&old);
    assert_eq!(vouched.id, first.id);
    let with_old = desk.step(&first.id, "answer", &first.code, &json!({"challenge": ""}));
    assert_eq!(with_old.code(), "application-code-wrong");

    // The card is opened, its key replaced.
    let expected = hex::encode(answer_challenge(&KEY, CARD, &[0x5A; 16]));
    assert_eq!(desk.challenge(&vouched).expect(200)["answer"], expected);
    let both = desk.requests(&vouched.application["subject"]);
    let refused = desk.step(&vouched.id, "requests", &vouched.code, &both);
    assert_eq!(refused.code(), "request-invalid", "it is about one");
    let other = json!({ "signing": both["signing"] });
    let refused = desk.step(&vouched.id, "requests", &vouched.code, &other);
    assert_eq!(refused.code(), "request-invalid", "it is about the other");
    let identification = desk.new_identification(&vouched);
    let state = desk.read(&vouched.id, &vouched.code);
    assert_eq!(state["state"], "GENERATED_CERTIFICATE");
    assert_eq!(
        desk.on_card(),
        states(&[
            ("identification", "ACTIVE"),
            ("signing", "ACTIVE"),
            ("identification", "SIGNED"),
        ])
    );
    let confirmed = desk.confirm(&identification, None).expect(200);
    assert_eq!(confirmed["state"], "COMPLETED");
    assert_eq!(confirmed["certificates"].as_array().map(Vec::len), Some(1));
    // Its key is on the card no more: the old one ends with that.
    let after_first = states(&[
        ("identification", "REVOKED"),
        ("signing", "ACTIVE"),
        ("identification", "ACTIVE"),
    ]);
    assert_eq!(desk.on_card(), after_first);
    let again = desk.confirm(&identification, None).expect(200);
    assert_eq!(again, confirmed, "sent again");

    // Now the new key vouches for the other one.
    let half = Enrolled {
        identification,
        ..old.clone()
    };
    let renewal = desk.begin_one(&half, "signing").expect(200);
    assert_eq!(renewal["role"], "signing");
    assert_eq!(desk.begin_one(&half, "signing").expect(200), renewal);
    let challenge = json!({ "challenge": "5A".repeat(16) });
    let call = desk.authority.post("/v1/holder/card/answer");
    let answer = call.json(&challenge).by(&half.identification).send();
    assert_eq!(answer.expect(200)["answer"], expected);
    let est = |label: &str, key: &std::path::Path| {
        let request = request(key, &subject(&renewal["subject"]));
        let path = format!("/.well-known/est{label}/simplereenroll");
        let call = desk.authority.post(&path).by(&half.identification);
        call.body("application/pkcs10", request.as_bytes()).send()
    };
    assert_eq!(
        est("", &desk.authority.new_key()).code(),
        "request-invalid",
        "it is about the signing certificate"
    );
    assert_eq!(est("/signing", &old.signing.key).code(), "key-seen-before");
    let key = desk.authority.new_key();
    assert_eq!(est("/signing", &key).status, 200);
    let named = json!({ "application": renewal["id"] });
    let confirmed = desk.confirm(&half.identification, Some(named.clone()));
    let confirmed = confirmed.expect(200);
    assert_eq!(confirmed["application"], renewal["id"]);
    assert_eq!(confirmed["state"], "COMPLETED");
    assert_eq!(
        desk.on_card(),
        states(&[
            ("identification", "REVOKED"),
            ("signing", "REVOKED"),
            ("identification", "ACTIVE"),
            ("signing", "ACTIVE"),
        ])
    );
    let again = desk.confirm(&half.identification, Some(named));
    assert_eq!(again.expect(200), confirmed, "sent again");
    // RFC 5280 §5.3.1: superseded.
    assert!(
        desk.certificates(&old.application)
            .iter()
            .all(|row| row[2] == "4")
    );
    assert_eq!(desk.vouch(&old.signing).code(), "certificate-revoked");

    for (kind, about) in [
        ("renewal.code", &vouched.id),
        ("application.certify", &vouched.id),
        ("application.confirm", &vouched.id),
        ("renewal.begin", &renewal["id"].as_str().unwrap().to_owned()),
        (
            "application.confirm",
            &renewal["id"].as_str().unwrap().to_owned(),
        ),
    ] {
        let done = ("done".to_owned(), about.clone());
        assert!(desk.journal(kind).contains(&done), "{kind}");
    }
}

fn what_is_not_in_force_is_not_renewed(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let holder = desk.maria();
    let vouched = desk.vouched(&holder);
    let identification = desk.new_identification(&vouched);

    // In the middle of it the holder suspends what is renewed.
    desk.suspend(&holder, false);
    assert_eq!(desk.vouch(&holder.signing).code(), "certificate-suspended");
    assert_eq!(desk.challenge(&vouched).code(), "certificate-suspended");
    let confirmed = desk.confirm(&identification, None);
    assert_eq!(confirmed.code(), "certificate-suspended");
    assert_eq!(desk.on_card()[2].1, "SIGNED");
    // By his signature he resumes it, and goes on.
    let resume = Request::new("resume", &serial(&holder.identification));
    let resume = resume.sign(&desk.authority, &holder.signing);
    resume.send().expect(200);
    desk.confirm(&identification, None).expect(200);

    // A lost card has no key that vouches.
    let half = Enrolled {
        identification,
        ..holder
    };
    desk.suspend(&half, true);
    assert_eq!(desk.vouch(&half.signing).code(), "certificate-suspended");
    assert_eq!(
        desk.begin_one(&half, "signing").code(),
        "certificate-suspended"
    );

    // Of what was revoked nothing is renewed.
    let other = desk
        .authority
        .holder(&desk.officer, &Person::number(1), "P00000005");
    let revoke = Request::new("revoke", &serial(&other.signing));
    let revoke = revoke.sign(&desk.authority, &other.signing);
    revoke.send().expect(200);
    assert_eq!(desk.vouch(&other.signing).code(), "certificate-revoked");
    assert_eq!(
        desk.begin_one(&other, "signing").code(),
        "certificate-revoked"
    );
}

fn who_vouches_does_so_for_his_own_card_alone(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let maria = desk.maria();
    let vouched = desk.vouched(&maria);

    // Somebody else's signature is about his own card, and his code opens nothing of hers.
    let officers = desk.vouched(&desk.officer);
    assert_ne!(officers.id, vouched.id);
    let challenge = json!({ "challenge": "5A".repeat(16) });
    let refused = desk.step(&vouched.id, "answer", &officers.code, &challenge);
    assert_eq!(refused.code(), "application-code-wrong");

    // So is that of her own other card.
    let second = desk
        .authority
        .holder(&desk.officer, &Person::maria(), "P00000006");
    assert_eq!(second.identifier, maria.identifier);
    assert_ne!(desk.vouched(&second).id, vouched.id);

    // Nor does another card confirm what was issued to this one.
    let identification = desk.new_identification(&vouched);
    let half = Enrolled {
        identification,
        ..maria
    };
    desk.confirm(&half.identification, None).expect(200);
    let renewal = desk.begin_one(&half, "signing").expect(200);
    let named = json!({ "application": renewal["id"] });
    let confirm = |by: &Identity| desk.confirm(by, Some(named.clone())).code();
    assert_eq!(confirm(&second.identification), "not-permitted");
    assert_eq!(confirm(&desk.officer.identification), "not-permitted");
    assert_eq!(confirm(&half.identification), "application-state");
    let key = desk.authority.new_key();
    let request = request(&key, &subject(&renewal["subject"]));
    let certify = |by: &Identity| {
        let path = path(renewal["id"].as_str().unwrap());
        let call = desk.authority.post(&format!("{path}/requests")).by(by);
        call.json(&json!({ "signing": request })).send()
    };
    assert_eq!(certify(&second.identification).code(), "not-permitted");
    assert_eq!(
        certify(&desk.officer.identification).code(),
        "not-permitted"
    );
    certify(&half.identification).expect(200);

    // One renewal of a card at a time, and what it is about stays the same.
    let begin = desk.authority.post("/v1/holder/renewal");
    let begin = begin.by(&half.identification).send();
    assert_eq!(begin.code(), "carrier-in-use");
    assert_eq!(desk.vouch(&half.signing).code(), "carrier-in-use");
}

fn a_renewal_whose_time_is_over_begins_again_by_the_signing_key(database: Database) {
    let settings = "[issuing]\nsweep_seconds = 1";
    let desk = Desk::new(&Spec::new(database).settings(settings));
    let holder = desk.maria();
    let vouched = desk.vouched(&holder);
    let late = desk.new_identification(&vouched);
    desk.authority
        .query("UPDATE applications SET deadline = 0 WHERE kind = 'RENEW_EID'");
    let expected = states(&[
        ("identification", "ACTIVE"),
        ("signing", "ACTIVE"),
        ("identification", "FAILED"),
    ]);
    lichna_tests::until("the renewal to end", || desk.on_card() == expected);
    assert_eq!(desk.confirm(&late, None).code(), "certificate-revoked");

    // The old key is gone, the certificate stands: the signing key vouches for another one.
    let again = desk.vouched(&holder);
    assert_ne!(again.id, vouched.id);
    let identification = desk.new_identification(&again);
    desk.confirm(&identification, None).expect(200);
    assert_eq!(desk.on_card()[0].1, "REVOKED");

    // What was certified and is not wanted is given up with the code, and makes room.
    let half = Enrolled {
        identification,
        ..holder
    };
    let unwanted = desk.vouched(&half);
    desk.new_identification(&unwanted);
    let call = desk.authority.delete(&path(&unwanted.id));
    let call = call.json(&json!({ "reason": "given-up" }));
    let denied = call.code(&unwanted.code).send().expect(200);
    assert_eq!(denied["state"], "DENIED");
    assert_ne!(desk.vouched(&half).id, unwanted.id);
}

fn a_signature_that_vouches_is_taken_once_at_its_time_by_the_right_key(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    let holder = desk.maria();
    let sent = |request: &Request, by: &Identity| {
        let signed = request.sign(&desk.authority, by);
        signed.to(CODE).send().code()
    };
    assert_eq!(
        sent(&Request::renewal(), &holder.identification),
        "certificate-wrong-role"
    );
    let stale = Request::renewal().later(Duration::minutes(-20));
    assert_eq!(sent(&stale, &holder.signing), "request-stale");
    // A request for something else is not one for this, nor the other way round.
    let suspend = Request::new("suspend", &serial(&holder.identification));
    assert_eq!(sent(&suspend, &holder.signing), "bad-request");
    let renewal = Request::renewal().sign(&desk.authority, &holder.signing);
    assert_eq!(renewal.send().code(), "bad-request");

    renewal.to(CODE).send().expect(200);
    assert_eq!(renewal.to(CODE).send().code(), "request-replayed");
    let mut forged = renewal;
    let last = forged.der.len() - 1;
    forged.der[last] ^= 1;
    assert_eq!(forged.to(CODE).send().code(), "signature-wrong");
    let refused = desk.journal("request.refused");
    assert!(
        refused
            .iter()
            .any(|(outcome, _)| outcome == "signature-wrong")
    );
}
