//! The status of certificates, as everybody can ask for it: revocation lists. Req 5.4, 6.4, 16.3, 17.2.

use std::thread;

use lichna_tests::authority::people::{Enrolled, Person};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Ca;
use lichna_tests::until;
use serde_json::json;

use crate::judged::{
    Verdict, by_delta_list, by_full_list, by_ocsp, list, list_number, list_text, ocsp, serial,
};
use crate::signed::Request;

crate::on_both! {
    every_verdict_of_openssl_is_right_from_hold_to_release_to_revocation;
    a_full_list_follows_a_change_by_itself;
    a_change_that_nobody_published_is_published_by_the_next_look;
    a_certificate_that_is_not_confirmed_is_on_hold;
}

/// Full lists only when a test wants one.
pub const NO_FULL_LISTS: &str =
    "[status]\nfull_after_change_seconds = 10000\nlook_milliseconds = 50";

/// An authority with an officer and a holder.
pub struct Scene {
    pub authority: Authority,
    pub officer: Enrolled,
    pub holder: Enrolled,
}

impl Scene {
    pub fn new(spec: &Spec) -> Self {
        let authority = Authority::start(spec);
        let ca = Ca::new("Administrators");
        let (administrator, _) = authority.new_administrator(&ca, "Столична община");
        let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
        let holder = authority.holder(&officer, &Person::maria(), "P00000002");
        Self {
            authority,
            officer,
            holder,
        }
    }

    pub fn suspend(&self) {
        let call = self.authority.post("/v1/holder/suspensions");
        let call = call.by(&self.holder.identification).json(&json!({}));
        let answer = call.send().expect(200);
        assert_eq!(answer["certificates"][0]["state"], "STOPPED", "{answer}");
    }

    pub fn resume(&self) {
        let serial = serial(&self.holder.identification);
        let request = Request::new("resume", &serial).sign(&self.authority, &self.holder.signing);
        let answer = request.send().expect(200);
        assert_eq!(answer["certificates"][0]["state"], "ACTIVE", "{answer}");
    }

    /// Time passes: the full list is old, and there is a new one.
    fn next_full_list(&self) {
        let number = list_number(&list(&self.authority, 0, "full"));
        self.authority.query("UPDATE crl_state SET base_at = 0");
        until("a new full list and its delta list", || {
            let full = list_number(&list(&self.authority, 0, "full"));
            full > number && list_number(&list(&self.authority, 0, "delta")) > full
        });
    }

    /// By the full list, by both lists, by OCSP.
    fn verdicts(&self) -> [Verdict; 3] {
        let certificate = &self.holder.identification;
        [
            by_full_list(&self.authority, certificate),
            by_delta_list(&self.authority, 0, certificate),
            by_ocsp(&self.authority, 0, certificate),
        ]
    }
}

fn every_verdict_of_openssl_is_right_from_hold_to_release_to_revocation(database: Database) {
    use Verdict::{Good, Revoked};
    let scene = Scene::new(&Spec::new(database).settings(NO_FULL_LISTS));
    assert_eq!(scene.verdicts(), [Good, Good, Good], "confirmed");

    scene.suspend();
    assert_eq!(
        scene.verdicts(),
        [Good, Revoked, Revoked],
        "hold: the delta list has it at once"
    );
    let held = list_text(&list(&scene.authority, 0, "delta"));
    assert!(held.contains("Certificate Hold"), "{held}");

    scene.next_full_list();
    assert_eq!(
        scene.verdicts(),
        [Revoked, Revoked, Revoked],
        "hold, next full list"
    );

    scene.resume();
    assert_eq!(
        scene.verdicts(),
        [Revoked, Good, Good],
        "release: the delta list takes it back"
    );
    let released = list_text(&list(&scene.authority, 0, "delta"));
    assert!(released.contains("Remove From CRL"), "{released}");

    scene.next_full_list();
    assert_eq!(
        scene.verdicts(),
        [Good, Good, Good],
        "release, next full list"
    );

    scene.suspend();
    scene.resume();
    assert_eq!(
        scene.verdicts(),
        [Good, Good, Good],
        "hold and release between two full lists"
    );

    let serial = serial(&scene.holder.identification);
    let request = Request::new("revoke", &serial).sign(&scene.authority, &scene.holder.signing);
    request.send().expect(200);
    assert_eq!(
        scene.verdicts(),
        [Good, Revoked, Revoked],
        "revoked: at once (17.2)"
    );
    scene.next_full_list();
    assert_eq!(
        scene.verdicts(),
        [Revoked, Revoked, Revoked],
        "revoked, next full list"
    );
    let signing = &scene.holder.signing;
    assert_eq!(
        by_delta_list(&scene.authority, 0, signing),
        Good,
        "the other one is untouched"
    );
}

fn a_full_list_follows_a_change_by_itself(database: Database) {
    let settings = "[status]\nfull_after_change_seconds = 0\nlook_milliseconds = 50";
    let scene = Scene::new(&Spec::new(database).settings(settings));
    scene.suspend();
    until("a full list with the certificate", || {
        by_full_list(&scene.authority, &scene.holder.identification) == Verdict::Revoked
    });
}

/// As after a crash between the change and its publication.
fn a_change_that_nobody_published_is_published_by_the_next_look(database: Database) {
    let mut scene = Scene::new(&Spec::new(database).settings(NO_FULL_LISTS));
    let serial = serial(&scene.holder.identification);
    scene.authority.kill(0);
    scene.authority.query(&format!(
        "UPDATE certificates SET state = 'STOPPED' WHERE serial = '{serial}'"
    ));
    scene.authority.query(&format!(
        "INSERT INTO status_changes (id, serial, identifier, at, event, state, actor, urgent) \
         VALUES ('by-hand', '{serial}', '{}', 1, 'suspended', 'STOPPED', 'holder', 1)",
        scene.holder.identifier
    ));
    scene.authority.run(0);
    until("a delta list with the certificate", || {
        by_delta_list(&scene.authority, 0, &scene.holder.identification) == Verdict::Revoked
    });
}

fn a_certificate_that_is_not_confirmed_is_on_hold(database: Database) {
    let scene = Scene::new(&Spec::new(database).settings(NO_FULL_LISTS));
    let (application, code) = scene
        .authority
        .apply(&scene.officer, &Person::number(1), "P3");
    let pending = scene.authority.issue(&application, &code);
    let said = ocsp(&scene.authority, 0, &pending.identification, &[]);
    assert!(
        said.contains(": revoked") && said.contains("certificateHold"),
        "{said}"
    );
    // It makes no list of its own, but is on the next one.
    scene.next_full_list();
    for certificate in [&pending.identification, &pending.signing] {
        assert_eq!(
            by_full_list(&scene.authority, certificate),
            Verdict::Revoked
        );
    }
    scene.authority.confirm(&pending).expect(200);
    assert_eq!(
        by_ocsp(&scene.authority, 0, &pending.identification),
        Verdict::Good
    );
    until("a delta list that takes it back", || {
        by_delta_list(&scene.authority, 0, &pending.identification) == Verdict::Good
    });
}

#[test]
fn a_list_that_a_caller_has_is_not_sent_again() {
    let authority = Authority::start(&Spec::new(Database::Sqlite));
    until("a list", || {
        authority.get("/crl/delta.crl").plain().send().status == 200
    });
    for kind in ["full", "delta"] {
        let path = format!("/crl/{kind}.crl");
        let first = authority.get(&path).plain().send();
        let tag = first.header("etag").expect("an ETag");
        let modified = first.header("last-modified").expect("a date");
        for header in [
            format!("If-None-Match: {tag}"),
            format!("If-Modified-Since: {modified}"),
        ] {
            let again = authority.get(&path).plain().header(&header).send();
            assert_eq!(
                (again.status, again.body.len()),
                (304, 0),
                "{kind}: {header}"
            );
        }
        let other = authority
            .get(&path)
            .plain()
            .header("If-None-Match: \"0\"")
            .send();
        assert_eq!(other.body, first.body);
    }
}

/// Req 5.4: the list of all instances is one list, and what one of them answers, all know.
#[test]
fn three_instances_publish_one_sequence_of_lists() {
    const HOLDERS: u32 = 6;
    let settings = "[status]\nfull_after_change_seconds = 0\nlook_milliseconds = 20";
    let spec = Spec::new(Database::Postgres)
        .instances(3)
        .settings(settings);
    let scene = Scene::new(&spec);
    let holders: Vec<Enrolled> = (0..HOLDERS)
        .map(|n| {
            let card = format!("Q{n}");
            scene
                .authority
                .holder(&scene.officer, &Person::number(n), &card)
        })
        .collect();
    let authority = &scene.authority;
    thread::scope(|scope| {
        for (n, holder) in holders.iter().enumerate() {
            scope.spawn(move || {
                let (asked, looked) = (n % 3, (n + 1) % 3);
                let call = authority.post("/v1/holder/suspensions").instance(asked);
                call.by(&holder.identification)
                    .json(&json!({}))
                    .send()
                    .expect(200);
                // The answer is there, so every instance has it on its lists.
                let certificate = &holder.identification;
                let verdict = by_delta_list(authority, looked, certificate);
                assert_eq!(verdict, Verdict::Revoked, "holder {n}");
                assert_eq!(by_ocsp(authority, looked, certificate), Verdict::Revoked);
            });
        }
        // Meanwhile the numbers that anybody sees only grow.
        for instance in 0..3 {
            scope.spawn(move || {
                let mut last = (0, 0);
                for _ in 0..20 {
                    let full = list_number(&list(authority, instance, "full"));
                    let delta = list_number(&list(authority, instance, "delta"));
                    assert!(full >= last.0 && delta >= last.1, "{last:?} {full} {delta}");
                    last = (full, delta);
                }
            });
        }
    });
}

/// Whoever was to publish a full list is gone in the middle of it.
#[test]
fn another_instance_goes_on_with_the_lists_when_one_is_killed() {
    let spec = Spec::new(Database::Postgres)
        .instances(2)
        .settings(NO_FULL_LISTS);
    let mut scene = Scene::new(&spec);
    // As if the first instance were at it, until now.
    scene.authority.kill(0);
    scene.authority.query(
        "INSERT INTO jobs (name, instance, until_at) VALUES ('crl-full', 'i1', 1) \
         ON CONFLICT (name) DO UPDATE SET instance = 'i1', until_at = 1",
    );
    let number = list_number(&list(&scene.authority, 1, "full"));
    scene
        .authority
        .query("UPDATE crl_state SET number = number + 1, base_at = 0");
    until("a full list by the other instance", || {
        list_number(&list(&scene.authority, 1, "full")) > number
    });
    let call = scene.authority.post("/v1/holder/suspensions").instance(1);
    call.by(&scene.holder.identification)
        .json(&json!({}))
        .send()
        .expect(200);
    let verdict = by_delta_list_of(&scene.authority, 1, &scene.holder);
    assert_eq!(verdict, Verdict::Revoked);
}

fn by_delta_list_of(authority: &Authority, instance: usize, holder: &Enrolled) -> Verdict {
    by_delta_list(authority, instance, &holder.identification)
}
