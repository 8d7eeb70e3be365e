//! Many at the same time, over several instances and one database.

use std::collections::BTreeSet;
use std::thread;

use lichna_tests::authority::call::{Call, Method};
use lichna_tests::authority::people::{Enrolled, Person, request, subject, uuid};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::{Ca, Identity};
use serde_json::{Value, json};

use super::{CARD, Desk, journal, path, records};

crate::on_both! {
    two_officers_with_the_same_person_find_one_identifier;
    the_same_requests_at_once_get_the_same_certificates;
}

/// All of it at once.
fn together<T: Send, R: Send>(all: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = all
            .into_iter()
            .map(|one| scope.spawn(move || work(one)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn two_officers_with_the_same_person_find_one_identifier(database: Database) {
    let desk = Desk::new(&Spec::new(database).instances(2));
    let cards: Vec<String> = (10..18).map(|n| format!("P000000{n}")).collect();
    for card in &cards {
        desk.authority.new_carrier(card);
    }
    let sent = together(cards.iter().enumerate().collect(), |(n, card)| {
        let call = Call::new(&desk.authority, Method::Put, &path(&uuid()));
        let call = call
            .json(&Person::maria().application(card))
            .instance(n % 2);
        call.by(&desk.officer.identification).send().expect(201)
    });
    let of = |sent: &Value| sent["application"]["subject"]["identifier"].to_string();
    let identifiers: BTreeSet<String> = sent.iter().map(of).collect();
    assert_eq!(identifiers.len(), 1, "{identifiers:?}");

    // And many officers with one card: it is in one hand.
    desk.authority.new_carrier(CARD);
    let answers = together((0..8).collect(), |n| {
        let call = Call::new(&desk.authority, Method::Put, &path(&uuid()));
        let call = call.json(&Person::number(n).application(CARD));
        let call = call.instance(usize::try_from(n).unwrap() % 2);
        call.by(&desk.officer.identification).send()
    });
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status == 409);
    assert_eq!(taken, 1);
    assert!(
        refused
            .clone()
            .all(|answer| answer.code() == "carrier-in-use")
    );
    assert_eq!(refused.count(), 7);
}

fn the_same_requests_at_once_get_the_same_certificates(database: Database) {
    let desk = Desk::new(&Spec::new(database).instances(2));
    let (id, code) = desk.authority.apply(&desk.officer, &Person::maria(), CARD);
    let requests = desk.requests(&desk.read(&id, &code)["subject"]);
    let post = |n: usize, requests: &Value| {
        let call = Call::new(
            &desk.authority,
            Method::Post,
            &format!("{}/requests", path(&id)),
        );
        call.code(&code).json(requests).instance(n % 2).send()
    };
    let issued = together((0..8).collect(), |n| {
        post(n, &requests).expect(200).to_string()
    });
    assert_eq!(issued.iter().collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(desk.certificates(&id).len(), 2);

    // Different ones at once: one of them is first, and stays it.
    let (id, code) = desk
        .authority
        .apply(&desk.officer, &Person::number(1), "P00000010");
    let of = desk.read(&id, &code)["subject"].clone();
    let all: Vec<_> = (0..4).map(|n| (n, desk.requests(&of))).collect();
    let answers = together(all, |(n, requests)| {
        let call = Call::new(
            &desk.authority,
            Method::Post,
            &format!("{}/requests", path(&id)),
        );
        call.code(&code).json(&requests).instance(n % 2).send()
    });
    let issued = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(issued, 1);
    let others = answers.iter().filter(|answer| answer.status != 200);
    assert!(
        others
            .into_iter()
            .all(|answer| answer.code() == "requests-differ")
    );
    assert_eq!(desk.certificates(&id).len(), 2);

    // One key in two applications at once: certified in one of them.
    let key = desk.authority.new_key();
    let applications: Vec<_> = [(2, "P00000011"), (3, "P00000012")]
        .into_iter()
        .map(|(n, card)| {
            desk.authority
                .apply(&desk.officer, &Person::number(n), card)
        })
        .map(|(id, code)| {
            let subject = subject(&desk.read(&id, &code)["subject"]);
            let signing = request(&desk.authority.new_key(), &subject);
            let both = json!({ "identification": request(&key, &subject), "signing": signing });
            (id, code, both)
        })
        .enumerate()
        .collect();
    let answers = together(applications, |(n, (id, code, both))| {
        let call = Call::new(
            &desk.authority,
            Method::Post,
            &format!("{}/requests", path(&id)),
        );
        call.code(&code).json(&both).instance(n).send()
    });
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

/// Each is invited, gets his card, and then issues one, at three instances.
#[test]
fn sixty_four_officers_at_once_against_three_instances() {
    const OFFICERS: u32 = 64;
    let settings = "[limits]\nrequests_per_second = 10000\nburst = 10000";
    let spec = Spec::new(Database::Postgres)
        .instances(3)
        .settings(settings);
    let authority = Authority::start(&spec);
    let ca = Ca::new("Administrators");
    let (administrator, _) = authority.new_administrator(&ca, "Столична община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
    let carriers: String = (0..2 * OFFICERS)
        .map(|n| format!("P1{n:07} {}\n", "C4".repeat(32)))
        .collect();
    let batch = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(batch.path(), carriers).unwrap();
    authority.admin(&["carrier", "add", "--batch", batch.path().to_str().unwrap()]);

    // Their own cards; then they are made officers by the register's own means.
    let numbers: Vec<u32> = (0..OFFICERS).collect();
    let officers = together(numbers, |n| (n, enrol(&authority, &officer, n, n)));
    for (_, officer) in &officers {
        authority.query(&format!(
            "INSERT INTO officers (identifier, administrator, from_at) \
             VALUES ('{}', '{administrator}', 0)",
            officer.identifier
        ));
    }
    let holders = together(officers, |(n, officer)| {
        enrol(&authority, &officer, OFFICERS + n, OFFICERS + n)
    });

    let identifiers: BTreeSet<_> = holders.iter().map(|holder| &holder.identifier).collect();
    assert_eq!(identifiers.len(), 64);
    let certificates = authority.query(
        "SELECT state, count(*), count(DISTINCT serial), count(DISTINCT key_hash) \
         FROM certificates GROUP BY state",
    );
    // Two for each holder and officer, and for the first one.
    assert_eq!(certificates, [["ACTIVE", "258", "258", "258"]]);
    let numbers = authority.query("SELECT count(DISTINCT rnu), count(*) FROM applications");
    assert_eq!(numbers, [["129", "129"]]);

    // Nobody was issued anything that the journals do not tell of, and they are sound.
    let mut certified = BTreeSet::new();
    for index in 0..3 {
        let key = authority.journal_key();
        let arguments = ["verify", "--key", key.to_str().unwrap()];
        let verified = journal(&arguments, &authority.journal(index));
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stdout)
        );
        for record in records(&authority, index) {
            if record["kind"] == "application.certify" && record["outcome"] == "done" {
                let serials = record["detail"]["certificates"].as_array().cloned();
                certified.extend(
                    serials
                        .into_iter()
                        .flatten()
                        .map(|serial| serial.to_string()),
                );
            }
        }
    }
    assert_eq!(certified.len(), 258);
}

/// A card for the nth person, at one of the instances.
fn enrol(authority: &Authority, officer: &Enrolled, person: u32, card: u32) -> Enrolled {
    let instance = usize::try_from(person % 3).unwrap();
    let person = Person::number(person);
    let id = uuid();
    let mut application = person.application(&format!("P1{card:07}"));
    // What it costs to hash one is not the matter here.
    application["telephone_password"] = Value::Null;
    let call = Call::new(authority, Method::Put, &path(&id)).instance(instance);
    let submitted = call
        .by(&officer.identification)
        .json(&application)
        .send()
        .expect(201);
    let code = submitted["code"].as_str().unwrap();
    let call = |method, step: &str| {
        let call = Call::new(authority, method, &format!("{}{step}", path(&id)));
        call.instance(instance).code(code)
    };
    let challenge = json!({ "challenge": "00".repeat(16) });
    call(Method::Post, "/answer")
        .json(&challenge)
        .send()
        .expect(200);
    let of = &submitted["application"]["subject"];
    let keys = [0, 1].map(|_| authority.new_key());
    let [first, second] = [0, 1].map(|n| request(&keys[n], &subject(of)));
    let requests = json!({ "identification": first, "signing": second });
    let issued = call(Method::Post, "/requests")
        .json(&requests)
        .send()
        .expect(200);
    let [first, second] = keys;
    let identity = |role: &str, key| Identity {
        certificate: authority.certificate(issued[role].as_str().unwrap()),
        key,
    };
    let enrolled = Enrolled {
        identifier: of["identifier"].as_str().unwrap().to_owned(),
        application: id.clone(),
        card: format!("P1{card:07}"),
        identification: identity("identification", first),
        signing: identity("signing", second),
    };
    let call = Call::new(authority, Method::Post, "/v1/confirmation").instance(instance);
    let confirmed = call.by(&enrolled.identification).send().expect(200);
    assert_eq!(confirmed["state"], "COMPLETED");
    enrolled
}
