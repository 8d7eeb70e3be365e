//! The authority is killed in the middle of what it is asked for, started again, and asked as its
//! documentation says: nothing is lost, and nothing is done twice.

use std::process::Command;
use std::thread;
use std::time::Duration;

use lichna_tests::authority::call::{Answer, Call};
use lichna_tests::authority::people::{Enrolled, Person, request, subject, uuid};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Identity;
use serde_json::{Value, json};

use super::{Desk, journal, path};

crate::on_both! {
    a_killed_authority_goes_on_where_it_was;
}

/// When the authority is killed after curl was started, in milliseconds: about when the request
/// arrives, and while it is carried out.
const MOMENTS: [u64; 3] = [12, 20, 35];

impl Desk {
    /// Sends a request to an authority that dies meanwhile. The answer is there or not.
    fn killed<'a>(
        &'a self,
        moment: u64,
        call: impl FnOnce(&'a Authority) -> Call<'a>,
    ) -> Option<Answer> {
        let pid = self.authority.pid(0).to_string();
        let call = call(&self.authority);
        thread::scope(|scope| {
            let asked = scope.spawn(|| call.try_send().ok());
            thread::sleep(Duration::from_millis(moment));
            let killed = Command::new("kill").args(["-9", &pid]).status();
            assert!(killed.unwrap().success());
            asked.join().unwrap()
        })
    }

    fn start_again(&mut self) {
        self.authority.kill(0);
        self.authority.run(0);
    }
}

fn a_killed_authority_goes_on_where_it_was(database: Database) {
    let mut desk = Desk::new(&Spec::new(database));
    for (n, moment) in (1..).zip(MOMENTS) {
        let (person, card) = (Person::number(n), format!("P000001{n}"));
        desk.authority.new_carrier(&card);
        let enrolled = enrol(&mut desk, &person, &card, moment);
        // Both certificates are in force, and there are no others of this application or person.
        let states = desk.certificates(&enrolled.application);
        assert_eq!(states.len(), 2, "{states:?}");
        assert!(states.iter().all(|row| row[1] == "ACTIVE"), "{states:?}");
    }
    let persons = desk.authority.query("SELECT count(*) FROM persons");
    assert_eq!(persons, [["4"]]);
    let certificates = desk.authority.query("SELECT count(*) FROM certificates");
    assert_eq!(certificates, [["8"]]);
    let key = desk.authority.journal_key();
    let arguments = ["verify", "--key", key.to_str().unwrap()];
    let verified = journal(&arguments, &desk.authority.journal(0));
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{said}");
}

/// Each step is sent to an authority that is killed, and then sent again.
fn enrol(desk: &mut Desk, person: &Person, card: &str, moment: u64) -> Enrolled {
    let id = uuid();
    let application = person.application(card);
    let officer = desk.officer.identification.clone();
    let first = desk.killed(moment, |authority| {
        authority.put(&path(&id)).by(&officer).json(&application)
    });
    desk.start_again();
    if let Some(answer) = first {
        answer.expect(201);
    }
    // Whether it was there already or not: it is now, and its code may be lost.
    let sent = desk.put(&id, &application);
    assert!(matches!(sent.status, 200 | 201), "{sent:?}");
    let renew = desk.authority.post(&format!("{}/code", path(&id)));
    let renewed = renew.by(&officer).send().expect(200);
    let code = renewed["code"].as_str().unwrap().to_owned();

    let challenge = json!({ "challenge": "00".repeat(16) });
    let step = format!("{}/answer", path(&id));
    desk.killed(moment, |authority| {
        authority.post(&step).code(&code).json(&challenge)
    });
    desk.start_again();
    desk.step(&id, "answer", &code, &challenge).expect(200);

    let of = desk.read(&id, &code)["subject"].clone();
    let keys = [0, 1].map(|_| desk.authority.new_key());
    let [one, two] = [0, 1].map(|n| request(&keys[n], &subject(&of)));
    let requests = json!({ "identification": one, "signing": two });
    let step = format!("{}/requests", path(&id));
    let first = desk.killed(moment, |authority| {
        authority.post(&step).code(&code).json(&requests)
    });
    desk.start_again();
    let issued = desk.step(&id, "requests", &code, &requests).expect(200);
    if let Some(answer) = first {
        assert_eq!(answer.expect(200), issued);
    }

    let enrolled = kept(&desk.authority, &issued, keys, &of, id, card);
    let new = enrolled.identification.clone();
    desk.killed(moment, |authority| {
        authority.post("/v1/confirmation").by(&new)
    });
    desk.start_again();
    let confirmed = desk.authority.confirm(&enrolled).expect(200);
    assert_eq!(confirmed["state"], "COMPLETED");
    enrolled
}

fn kept(
    authority: &Authority,
    issued: &Value,
    [first, second]: [std::path::PathBuf; 2],
    of: &Value,
    application: String,
    card: &str,
) -> Enrolled {
    let identity = |role: &str, key| Identity {
        certificate: authority.certificate(issued[role].as_str().unwrap()),
        key,
    };
    Enrolled {
        identifier: of["identifier"].as_str().unwrap().to_owned(),
        application,
        card: card.to_owned(),
        identification: identity("identification", first),
        signing: identity("signing", second),
    }
}
