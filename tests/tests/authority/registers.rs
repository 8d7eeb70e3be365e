//! The registers: who may look into which, and what is told (Req 3, 4, 5, 6, 37).

use std::process::Command;

use lichna_tests::authority::call::Call;
use lichna_tests::authority::people::{Person, uuid};
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::built;
use lichna_tests::ca::{Ca, Identity, KeyKind};
use serde_json::{Value, json};

mod town;

use town::{Town, expired_centre};

crate::on_both! {
    every_caller_gets_what_is_his_and_nothing_else;
    a_certificate_is_told_whole_to_some_and_its_key_to_all;
    a_person_is_found_by_number_and_by_identifier;
    places_of_registered_administrators_are_open_data;
    every_access_is_in_the_journal_and_no_number_is_anywhere;
}

fn every_caller_gets_what_is_his_and_nothing_else(database: Database) {
    let town = Town::new(database);
    let Town { authority, .. } = &town;

    // Some whose certificates are no longer, or not yet, good for anything here.
    let suspended = authority.holder(&town.officer, &Person::number(1), "P00000003");
    let body = json!({ "reason": "misplaced", "lost": false });
    let suspension = authority.post("/v1/holder/suspensions").json(&body);
    suspension.by(&suspended.identification).send().expect(200);
    let (application, code) = authority.apply(&town.officer, &Person::number(2), "P00000004");
    let pending = authority.issue(&application, &code);
    let stranger = town.ca.client("Stranger", KeyKind::P256);
    let ended = town.ca.client("Ended", KeyKind::P256);
    authority.client("centre", "Бивш център", &ended.certificate);
    let said = authority.admin(&["client", "list"]);
    let mine = said.iter().find(|client| client["name"] == "Бивш център");
    let fingerprint = mine.unwrap()["fingerprint"].as_str().unwrap();
    authority.admin(&["client", "end", fingerprint]);
    let expired = expired_centre(&town);
    let (ended_id, _) = authority.new_administrator(&town.ca, "Бивша община");
    let no_officer = authority.officer(&ended_id, &Person::number(3), "P00000005");
    authority.admin(&["administrator", "end", &ended_id]);

    let callers: [(&str, Option<&Identity>); 13] = [
        ("anonymous", None),
        ("holder", Some(&town.holder.identification)),
        ("officer", Some(&town.officer.identification)),
        ("administrator", Some(&town.administrator)),
        ("centre", Some(&town.centre)),
        ("official", Some(&town.official)),
        ("no officer any more", Some(&no_officer.identification)),
        ("suspended", Some(&suspended.identification)),
        ("pending", Some(&pending.identification)),
        ("stranger", Some(&stranger)),
        ("ended", Some(&ended)),
        ("expired", Some(&expired)),
        ("signing key", Some(&town.holder.signing)),
    ];
    let serial = town.serial();
    let one = |path: String| (path, None::<Value>);
    let endpoints: [(&str, (String, Option<Value>)); 6] = [
        (
            "certificate",
            one(format!("/v1/register/certificates/{serial}")),
        ),
        (
            "certificates",
            ("/v1/register/certificates/search".into(), Some(json!({}))),
        ),
        (
            "identifier",
            one(format!(
                "/v1/register/identifiers/{}",
                town.holder.identifier
            )),
        ),
        (
            "number",
            (
                "/v1/register/identifiers/search".into(),
                Some(json!({ "kind": "egn", "number": Person::maria().number })),
            ),
        ),
        ("suspensions", one("/v1/register/suspensions".into())),
        ("key", one(format!("/v1/public/certificates/{serial}"))),
    ];
    let mut wrong = Vec::new();
    for (who, identity) in callers {
        for (what, (path, body)) in &endpoints {
            let mut call = match body {
                Some(body) => authority.post(path).json(body),
                None => authority.get(path),
            };
            if let Some(identity) = identity {
                call = call.by(identity);
            }
            let answer = call.send();
            let got = if answer.status == 200 {
                "200".to_owned()
            } else {
                answer.code()
            };
            let wanted = expected(who, what);
            if got != wanted {
                wrong.push(format!("{who}, {what}: {got}, not {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What this caller gets there.
fn expected(who: &str, what: &str) -> &'static str {
    match (who, what) {
        // Req 6.2: free for everyone, whoever it is.
        (_, "key") => "200",
        ("suspended", _) => "certificate-suspended",
        ("pending", _) => "certificate-pending",
        ("stranger" | "ended", _) => "certificate-unknown",
        ("expired", _) => "certificate-expired",
        ("signing key", _) => "certificate-wrong-role",
        ("anonymous", _) => "not-identified",
        // Req 4.2, 4.3.
        ("centre" | "official", _) => "200",
        (_, "identifier" | "number") => "not-permitted",
        // Req 6.1.
        ("administrator" | "officer", _) => "200",
        _ => "not-permitted",
    }
}

fn a_certificate_is_told_whole_to_some_and_its_key_to_all(database: Database) {
    let town = Town::new(database);
    let Town { authority, .. } = &town;
    let serial = town.serial();
    let path = format!("/v1/register/certificates/{serial}");
    let name = authority.put(&format!("/v1/holder/certificates/{serial}/name"));
    let named = name
        .by(&town.holder.identification)
        .json(&json!({ "name": "моята" }));
    named.send().expect(200);

    let by_centre = authority.get(&path).by(&town.centre).send().expect(200);
    let der = std::fs::read(&town.holder.identification.certificate.path).unwrap();
    let pem = String::from_utf8(der).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(by_centre["certificate"], base64);
    assert_eq!(by_centre["identifier"], town.holder.identifier);
    assert_eq!(by_centre["state"], "ACTIVE");
    assert_eq!(by_centre["role"], "identification");
    // Req 18.5: names are not for centres.
    assert!(by_centre["name"].is_null() && by_centre["carrier"].is_null());
    let by_officer = authority
        .get(&path)
        .by(&town.officer.identification)
        .send()
        .expect(200);
    assert_eq!(by_officer["name"], "моята");
    assert_eq!(by_officer["carrier"], town.holder.card);

    let public = authority
        .get(&format!("/v1/public/certificates/{serial}"))
        .send();
    let public = public.expect(200);
    let key = Command::new("sh")
        .arg("-c")
        .arg("openssl x509 -pubkey -noout -in \"$0\" | openssl pkey -pubin -outform DER | base64 -w0")
        .arg(&town.holder.identification.certificate.path)
        .output()
        .unwrap();
    assert_eq!(public["public_key"], String::from_utf8(key.stdout).unwrap());
    // Nothing else: a public key and the certificate's own number.
    assert_eq!(public.as_object().unwrap().len(), 2);

    for none in [
        "0".repeat(40),
        "x".to_owned(),
        "%27%20OR%201=1".to_owned(),
        "%00".to_owned(),
    ] {
        let answer = authority
            .get(&format!("/v1/public/certificates/{none}"))
            .send();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not-found"),
            "{none}"
        );
    }

    // All certificates, two at a time, each once.
    let mut after = Value::Null;
    let mut all = Vec::new();
    loop {
        let body = json!({ "limit": 3, "after": after });
        let search = authority
            .post("/v1/register/certificates/search")
            .json(&body);
        let found = search.by(&town.administrator).send().expect(200);
        let some = found["certificates"].as_array().unwrap();
        all.extend(
            some.iter()
                .map(|one| one["serial"].as_str().unwrap().to_owned()),
        );
        after = found["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(all.len(), 4, "two of the officer, two of the holder");
    assert!(all.is_sorted() && all.contains(&serial));
    let body = json!({ "identifier": town.holder.identifier, "role": "signing" });
    let search = authority
        .post("/v1/register/certificates/search")
        .json(&body);
    let found = search.by(&town.official).send().expect(200);
    assert_eq!(found["certificates"].as_array().unwrap().len(), 1);
    let body = json!({ "issued_from": "2999-01-01T00:00:00Z" });
    let search = authority
        .post("/v1/register/certificates/search")
        .json(&body);
    let found = search.by(&town.official).send().expect(200);
    assert_eq!(found["certificates"], json!([]));
}

fn a_person_is_found_by_number_and_by_identifier(database: Database) {
    let town = Town::new(database);
    let Town { authority, .. } = &town;
    let number = Person::maria().number;
    let search = |kind: &str, number: &str| {
        let body = json!({ "kind": kind, "number": number });
        let search = authority
            .post("/v1/register/identifiers/search")
            .json(&body);
        search.by(&town.centre).send()
    };
    let found = search("egn", &number).expect(200);
    assert_eq!(found["identifier"], town.holder.identifier);
    let path = format!("/v1/register/identifiers/{}", town.holder.identifier);
    assert_eq!(
        authority.get(&path).by(&town.official).send().expect(200),
        found
    );
    assert_eq!(found["number"], number);

    assert_eq!(search("lnch", &number).code(), "not-found");
    assert_eq!(search("egn", "7501020018").code(), "not-found");
    assert_eq!(search("egn", "850625848").code(), "invalid-value");
    assert_eq!(search("egn", "' OR 1=1--").code(), "invalid-value");
    let nobody = authority.get(&format!("/v1/register/identifiers/{}", uuid()));
    assert_eq!(nobody.by(&town.centre).send().code(), "not-found");
}

fn places_of_registered_administrators_are_open_data(database: Database) {
    let authority = Authority::start(&Spec::new(database));
    let ca = Ca::new("Organisations");
    let (id, _) = authority.new_administrator(&ca, "Столична община");
    let (other, _) = authority.new_administrator(&ca, "Община Пловдив");
    for (administrator, name, latitude, longitude) in [
        (&id, "Район Средец", "42.6903", "23.3301"),
        (&other, "Център", "42.1421", "24.7497"),
    ] {
        authority.admin(&[
            "place",
            "add",
            "--administrator",
            administrator,
            "--name",
            name,
            "--address",
            "ул. Леге 6",
            "--latitude",
            latitude,
            "--longitude",
            longitude,
            "--hours",
            "Mo-Fr 09:00-17:30",
        ]);
    }
    let answer = authority.get("/v1/public/places").send();
    assert_eq!(
        answer.header("content-type").unwrap(),
        "application/geo+json"
    );
    let places = answer.expect(200);
    assert_eq!(places["type"], "FeatureCollection");
    assert_eq!(places["features"].as_array().unwrap().len(), 2);
    authority.admin(&["administrator", "end", &other]);
    let places = authority.get("/v1/public/places").send().expect(200);
    let [place] = places["features"].as_array().unwrap().as_slice() else {
        panic!("{places}");
    };
    // RFC 7946 §3.1.1: longitude first.
    assert_eq!(place["geometry"]["coordinates"], json!([23.3301, 42.6903]));
    assert_eq!(place["properties"]["administrator"], "Столична община");

    let nowhere = ["--latitude", "91", "--longitude", "0"];
    let fixed = [
        "place",
        "add",
        "--administrator",
        &id,
        "--name",
        "x",
        "--address",
        "x",
    ];
    let arguments = [&fixed[..], &nowhere, &["--hours", "x"]].concat();
    assert!(
        authority
            .try_admin(&arguments, "")
            .unwrap_err()
            .contains("-90 to 90")
    );
}

fn every_access_is_in_the_journal_and_no_number_is_anywhere(database: Database) {
    let mut town = Town::new(database);
    let number = Person::maria().number;
    search(&town.authority, &number)
        .by(&town.centre)
        .send()
        .expect(200);
    search(&town.authority, &number)
        .by(&town.holder.identification)
        .send()
        .expect(403);
    search(&town.authority, &number).send().expect(401);
    let stranger = town.ca.client("Stranger", KeyKind::P256);
    search(&town.authority, &number)
        .by(&stranger)
        .send()
        .expect(403);
    assert!(town.authority.stop(0), "{}", town.authority.log(0));

    let records = records(&town.authority);
    let searches: Vec<(&str, &str)> = records
        .iter()
        .filter(|record| record["kind"] == "register.identifier.search")
        .map(|record| {
            let text =
                |value: &Value| -> &'static str { value.as_str().unwrap().to_owned().leak() };
            (text(&record["actor"]["kind"]), text(&record["outcome"]))
        })
        .collect();
    assert_eq!(
        searches,
        [
            ("centre", "done"),
            ("holder", "not-permitted"),
            ("anonymous", "not-identified")
        ]
    );
    let refused = records
        .iter()
        .find(|record| record["kind"] == "caller.refused");
    assert_eq!(refused.unwrap()["outcome"], "certificate-unknown");
    let by_centre = records.iter().find(|record| {
        record["kind"] == "register.identifier.search" && record["outcome"] == "done"
    });
    assert_eq!(by_centre.unwrap()["subject"], town.holder.identifier);

    let verified = Command::new(journal())
        .arg("verify")
        .arg(town.authority.journal(0))
        .arg("--key")
        .arg(town.authority.journal_key())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{said}");

    // The number is searched for in the bytes of everything that was written.
    let georgi = Person::georgi().number;
    for number in [&number, &georgi] {
        let found = holds(town.authority.data(), number.as_bytes());
        assert!(found.is_empty(), "{number} is in {found:?}");
    }
    if database == Database::Postgres {
        let dump = Command::new("pg_dump")
            .arg(town.authority.database_url())
            .output()
            .unwrap();
        assert!(dump.status.success());
        let text = String::from_utf8_lossy(&dump.stdout);
        assert!(text.contains(&town.holder.identifier));
        assert!(!text.contains(&number) && !text.contains(&hex::encode(&number)));
    } else {
        assert!(!holds(town.authority.data(), town.holder.identifier.as_bytes()).is_empty());
    }
}

fn search<'a>(authority: &'a Authority, number: &str) -> Call<'a> {
    let call = authority.post("/v1/register/identifiers/search");
    call.json(&json!({ "kind": "egn", "number": number }))
}

/// The payloads of an instance's journal.
fn records(authority: &Authority) -> Vec<Value> {
    let output = Command::new(journal())
        .arg("show")
        .arg(authority.journal(0))
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| serde_json::from_str(line["payload"].as_str().unwrap()).unwrap())
        .collect()
}

fn journal() -> std::path::PathBuf {
    built::program("lichna-journal", "lichna-journal")
}

/// The files of a folder that hold these bytes.
fn holds(folder: &std::path::Path, bytes: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holds(&path, bytes));
        } else if let Ok(text) = std::fs::read(&path)
            && text.windows(bytes.len()).any(|window| window == bytes)
        {
            found.push(path);
        }
    }
    found
}
