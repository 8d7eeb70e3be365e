//! Issuing, Art. 14: openssl makes the keys and requests, curl is the officer and the holder.

mod at_once;
mod endings;
mod killed;
mod one_by_one;
mod refusals;
mod renewal;

use std::path::Path;
use std::process::{Command, Output};

use lichna_softcard::answer_challenge;
use lichna_tests::authority::call::Answer;
use lichna_tests::authority::people::{Enrolled, Person, request, subject, uuid};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::built;
use lichna_tests::ca::Ca;
use serde_json::{Value, json};

crate::on_both! {
    a_card_is_issued_step_by_step;
    what_is_sent_again_changes_nothing;
    an_online_application_waits_for_the_applicant;
}

/// An authority with an administrator and its officer.
struct Desk {
    authority: Authority,
    administrator: String,
    officer: Enrolled,
}

/// The officer's card.
const OFFICERS_CARD: &str = "P00000001";
/// Another card.
const CARD: &str = "P00000002";

impl Desk {
    fn new(spec: &Spec) -> Self {
        let authority = Authority::start(spec);
        let ca = Ca::new("Administrators");
        let (administrator, _) = authority.new_administrator(&ca, "Столична община");
        let officer = authority.officer(&administrator, &Person::georgi(), OFFICERS_CARD);
        Self {
            authority,
            administrator,
            officer,
        }
    }

    /// What the officer sends.
    fn put(&self, id: &str, application: &Value) -> Answer {
        let call = self.authority.put(&path(id)).json(application);
        call.by(&self.officer.identification).send()
    }

    /// A step of an application, by its code.
    fn step(&self, id: &str, step: &str, code: &str, body: &Value) -> Answer {
        let call = self.authority.post(&format!("{}/{step}", path(id)));
        call.code(code).json(body).send()
    }

    /// An application, for whoever has its code.
    fn read(&self, id: &str, code: &str) -> Value {
        self.authority.get(&path(id)).code(code).send().expect(200)
    }

    /// Requests for new keys; the keys are in the authority's folder.
    fn requests(&self, of: &Value) -> Value {
        let subject = subject(of);
        let [identification, signing] =
            [0, 1].map(|_| request(&self.authority.new_key(), &subject));
        json!({ "identification": identification, "signing": signing })
    }

    /// State and reason of the certificates of an application.
    fn certificates(&self, id: &str) -> Vec<Vec<String>> {
        self.authority.query(&format!(
            "SELECT role, state, revocation_reason FROM certificates \
             WHERE application = '{id}' ORDER BY role"
        ))
    }

    /// Records of a kind in the journal of an instance: outcome and subject of each.
    fn journal(&self, kind: &str) -> Vec<(String, String)> {
        let records = records(&self.authority, 0);
        let of_kind = records.iter().filter(|record| record["kind"] == kind);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        of_kind
            .map(|record| (text(&record["outcome"]), text(&record["subject"])))
            .collect()
    }
}

/// All records in the journal of an instance.
fn records(authority: &Authority, index: usize) -> Vec<Value> {
    let shown = journal(&["show", "--json"], &authority.journal(index));
    assert!(
        shown.status.success(),
        "{}",
        String::from_utf8_lossy(&shown.stderr)
    );
    let text = String::from_utf8(shown.stdout).unwrap();
    let record = |line| serde_json::from_str::<Value>(line).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(record(line)["payload"].as_str().unwrap()).unwrap())
        .collect()
}

fn journal(arguments: &[&str], folder: &Path) -> Output {
    let program = built::program("lichna-journal", "lichna-journal");
    let mut command = Command::new(program);
    command.args(arguments).arg(folder).output().unwrap()
}

fn path(id: &str) -> String {
    format!("/v1/applications/{id}")
}

/// Req 14.1.1–14.1.9.
fn a_card_is_issued_step_by_step(database: Database) {
    const CHALLENGE: [u8; 16] = [0x5A; 16];
    let desk = Desk::new(&Spec::new(database));
    let key = [0x1C; 32];
    desk.authority.carrier(CARD, &key);
    let (id, maria) = (uuid(), Person::maria());

    // 1 to 4: the officer sends the application, the identifier comes back.
    let submitted = desk.put(&id, &maria.application(CARD)).expect(201);
    let code = submitted["code"].as_str().expect("a code");
    let application = &submitted["application"];
    assert_eq!(application["state"], "APPROVED");
    assert_eq!(application["kind"], "ISSUE_EID");
    assert_eq!(application["card"], CARD);
    assert_eq!(submitted["warnings"], json!([]));
    let rnu = application["rnu"].as_str().expect("a reference number");
    let identifier = application["subject"]["identifier"]
        .as_str()
        .expect("an identifier");
    assert_eq!(identifier.len(), 36);
    assert_eq!(&identifier[14..15], "4", "a UUID by chance: {identifier}");
    let hidden = submitted.to_string();
    assert!(!hidden.contains(&maria.number), "{hidden}");

    // 5: the card is opened for its keys, by an answer that a card takes.
    let challenge = json!({ "challenge": hex::encode(CHALLENGE) });
    let answer = desk.step(&id, "answer", code, &challenge).expect(200);
    assert_eq!(
        answer["answer"],
        hex::encode(answer_challenge(&key, CARD, &CHALLENGE))
    );
    assert_eq!(desk.read(&id, code)["state"], "KEYS");

    // 6, 7: requests, certificates, chain.
    let enrolled = desk.authority.issue(&id, code);
    let state = desk.read(&id, code);
    assert_eq!(state["state"], "GENERATED_CERTIFICATE");
    assert_eq!(state["rnu"], rnu);
    for (identity, purpose) in [
        (&enrolled.identification, "sslclient"),
        (&enrolled.signing, "smimesign"),
    ] {
        let verified = Command::new("openssl")
            .args(["verify", "-x509_strict", "-purpose", purpose, "-CAfile"])
            .arg(desk.authority.root())
            .arg("-untrusted")
            .arg(desk.authority.issuing())
            .arg(&identity.certificate.path)
            .output()
            .unwrap();
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
    }

    // Not confirmed: good for that alone.
    let list = || {
        let call = desk.authority.get("/v1/holder/certificates");
        call.by(&enrolled.identification).send()
    };
    assert_eq!(list().code(), "certificate-pending");

    // 9: the confirmation, with the new key.
    let confirmed = desk.authority.confirm(&enrolled).expect(200);
    assert_eq!(confirmed["state"], "COMPLETED");
    assert_eq!(confirmed["rnu"], rnu);
    assert_eq!(confirmed["certificates"].as_array().map(Vec::len), Some(2));
    assert_eq!(list().status, 200);
    let states = desk.certificates(&id);
    assert!(states.iter().all(|row| row[1] == "ACTIVE"), "{states:?}");

    // Every step is in the journal, and the journal is sound.
    for (kind, times) in [
        ("application.submit", 2),
        ("application.answer", 4),
        ("application.certify", 2),
        ("application.confirm", 2),
    ] {
        let all = desk.journal(kind);
        let mine: Vec<_> = all.iter().filter(|(_, about)| *about == id).collect();
        assert_eq!(mine.len(), times, "{kind}: {all:?}");
        assert!(
            mine.iter().any(|(outcome, _)| outcome == "done"),
            "{kind}: {all:?}"
        );
    }
    assert!(
        desk.journal("caller.refused")
            .iter()
            .any(|(outcome, _)| outcome == "certificate-pending")
    );
    let key = desk.authority.journal_key();
    let arguments = ["verify", "--key", key.to_str().unwrap()];
    let verified = journal(&arguments, &desk.authority.journal(0));
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}

/// A client whose answer was lost sends what it sent before.
fn what_is_sent_again_changes_nothing(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    desk.authority.new_carrier(CARD);
    let (id, application) = (uuid(), Person::maria().application(CARD));
    let first = desk.put(&id, &application).expect(201);

    // The application: its code was told once, another one takes its place.
    let again = desk.put(&id, &application).expect(200);
    assert_eq!(again["application"], first["application"]);
    assert_eq!(again["code"], Value::Null);
    let call = desk.authority.post(&format!("{}/code", path(&id)));
    let renewed = call.by(&desk.officer.identification).send().expect(200);
    let (old, code) = (
        first["code"].as_str().unwrap(),
        renewed["code"].as_str().unwrap(),
    );
    let read = desk.authority.get(&path(&id)).code(old).send();
    assert_eq!(read.code(), "application-code-wrong");
    let mut other = application.clone();
    other["card"] = json!("P00000003");
    assert_eq!(desk.put(&id, &other).code(), "application-differs");

    // The requests.
    let requests = desk.requests(&first["application"]["subject"]);
    let issued = desk.step(&id, "requests", code, &requests).expect(200);
    assert_eq!(
        desk.step(&id, "requests", code, &requests).expect(200),
        issued
    );
    assert_eq!(desk.certificates(&id).len(), 2);
    let others = desk.requests(&first["application"]["subject"]);
    let refused = desk.step(&id, "requests", code, &others);
    assert_eq!(refused.code(), "requests-differ");
    assert_eq!(desk.certificates(&id).len(), 2);
    // One of two is not the same, either.
    let mixed =
        json!({ "identification": requests["identification"], "signing": others["signing"] });
    assert_eq!(
        desk.step(&id, "requests", code, &mixed).code(),
        "requests-differ"
    );

    // The confirmation.
    let (id, code) = desk
        .authority
        .apply(&desk.officer, &Person::number(1), "P00000004");
    let enrolled = desk.authority.issue(&id, &code);
    let confirmed = desk.authority.confirm(&enrolled).expect(200);
    assert_eq!(desk.authority.confirm(&enrolled).expect(200), confirmed);
    // An application that is over takes no step.
    let requests = desk.requests(&json!({"country": "BG", "identifier": enrolled.identifier,
        "cyrillic": {"first": "Иван", "last": "Колев"}, "latin": {"first": "Ivan", "last": "Kolev"}}));
    let refused = desk.step(&id, "requests", &code, &requests);
    assert_eq!(refused.code(), "application-state");
}

/// Req 14.5, 14.6.
fn an_online_application_waits_for_the_applicant(database: Database) {
    let desk = Desk::new(&Spec::new(database));
    desk.authority.new_carrier(CARD);
    let id = uuid();
    let mut application = Person::maria().application(CARD);
    application["appeared"] = json!(false);
    let submitted = desk.put(&id, &application).expect(201);
    assert_eq!(submitted["application"]["state"], "SUBMITTED");
    assert_eq!(
        submitted["application"]["subject"],
        Value::Null,
        "no identifier yet"
    );
    let code = submitted["code"].as_str().unwrap();

    let challenge = json!({ "challenge": "00".repeat(16) });
    let refused = desk.step(&id, "answer", code, &challenge);
    assert_eq!(refused.code(), "application-state");
    let nobody = json!({"country": "BG", "identifier": uuid(),
        "cyrillic": {"first": "Мария", "last": "Петрова"}, "latin": {"first": "Maria", "last": "Petrova"}});
    let refused = desk.step(&id, "requests", code, &desk.requests(&nobody));
    assert_eq!(refused.code(), "application-state");
    assert_eq!(
        desk.put(&id, &application).expect(200)["application"]["state"],
        "SUBMITTED"
    );

    application["appeared"] = json!(true);
    let approved = desk.put(&id, &application).expect(200);
    assert_eq!(approved["application"]["state"], "APPROVED");
    assert_eq!(
        approved["application"]["rnu"],
        submitted["application"]["rnu"]
    );
    desk.authority.complete(&id, code);
}
