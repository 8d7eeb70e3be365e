//! What is answered to one question at a time: OCSP, timestamps, the list of suspensions. Req 6.4,
//! 16.4, 16.6.

use std::fs;
use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Authority, Database, Spec};

use crate::judged::{file, ocsp, openssl, serial, text, try_openssl};
use crate::status::{NO_FULL_LISTS, Scene};

crate::on_both! {
    ocsp_answers_by_get_and_post_with_and_without_a_nonce;
}

fn ocsp_answers_by_get_and_post_with_and_without_a_nonce(database: Database) {
    let scene = Scene::new(&Spec::new(database).settings(NO_FULL_LISTS));
    let authority = &scene.authority;
    let certificate = &scene.holder.identification;
    assert!(ocsp(authority, 0, certificate, &["-nonce"]).contains(": good"));
    assert!(ocsp(authority, 0, certificate, &["-sha256"]).contains(": good"));
    let unknown = ocsp(
        authority,
        0,
        certificate,
        &["-serial", "0x4142434445464748"],
    );
    assert!(
        unknown.contains(": good") && unknown.contains(": unknown"),
        "{unknown}"
    );

    let question = authority.data().join("question");
    openssl(&[
        "ocsp",
        "-no_nonce",
        "-issuer",
        text(&authority.issuing()),
        "-cert",
        text(&certificate.certificate.path),
        "-reqout",
        text(&question),
    ]);
    let question = fs::read(question).expect("own file");
    let encoded = BASE64_STANDARD.encode(&question);
    // As the standard wants it, and as some write it.
    let escaped = encoded
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let ask = |encoded: &str| authority.get(&format!("/ocsp/{encoded}")).plain().send();
    let answers = [ask(&escaped), ask(encoded.trim_end_matches('='))];
    for answer in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some("application/ocsp-response")
        );
        assert!(
            answer
                .header("cache-control")
                .is_some_and(|kept| kept.contains("max-age"))
        );
        assert_eq!(answer.body, answers[0].body, "signed once, given twice");
    }
    let read = |body: &[u8]| {
        let path = file(authority, body);
        let output = try_openssl(&["ocsp", "-noverify", "-resp_text", "-respin", text(&path)]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(read(&answers[0].body).contains("Cert Status: good"));

    scene.suspend();
    let after = ask(&escaped);
    assert!(
        read(&after.body).contains("Cert Status: revoked"),
        "no old answer is given"
    );

    for (what, answer) in [
        ("not base64", ask("%3F%3F")),
        ("not DER", ask("AAAA")),
        ("not DER, in a body", post_ocsp(authority, b"hello")),
    ] {
        assert_eq!(answer.status, 200, "{what}");
        // OCSPResponse { malformedRequest }
        assert_eq!(answer.body, [0x30, 3, 0x0A, 1, 1], "{what}");
    }
    let wrong = authority
        .post("/ocsp")
        .plain()
        .body("text/plain", &question)
        .send();
    assert_eq!(wrong.code(), "unsupported-media-type");
    let tls = authority
        .post("/ocsp")
        .body("application/ocsp-request", &question)
        .send();
    assert!(
        read(&tls.body).contains("Cert Status: revoked"),
        "over TLS as well"
    );
}

fn post_ocsp(authority: &Authority, body: &[u8]) -> lichna_tests::authority::call::Answer {
    let call = authority.post("/ocsp").plain();
    call.body("application/ocsp-request", body).send()
}

#[test]
fn openssl_verifies_timestamps() {
    let authority = Authority::start(&Spec::new(Database::Sqlite));
    let data = file(&authority, b"what is stamped");
    let (query, reply) = (
        authority.data().join("query"),
        authority.data().join("reply"),
    );
    for hash in ["-sha256", "-sha512"] {
        openssl(&[
            "ts",
            "-query",
            "-data",
            text(&data),
            hash,
            "-cert",
            "-out",
            text(&query),
        ]);
        let asked = fs::read(&query).expect("own file");
        let call = authority.post("/tsa").plain();
        let answer = call.body("application/timestamp-query", &asked).send();
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some("application/timestamp-reply")
        );
        fs::write(&reply, &answer.body).expect("own folder");
        openssl(&[
            "ts",
            "-verify",
            "-queryfile",
            text(&query),
            "-in",
            text(&reply),
            "-CAfile",
            text(&authority.root()),
        ]);
    }
    let refused = authority.post("/tsa").plain();
    let refused = refused.body("application/timestamp-query", b"hello").send();
    fs::write(&reply, &refused.body).expect("own folder");
    let said = openssl(&["ts", "-reply", "-text", "-in", text(&reply)]).stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        said.contains("Rejected") && said.contains("format"),
        "{said}"
    );
    let weak = try_openssl(&["ts", "-query", "-data", text(&data), "-sha1"]).stdout;
    let weak = authority
        .post("/tsa")
        .plain()
        .body("application/timestamp-query", &weak)
        .send();
    fs::write(&reply, &weak.body).expect("own folder");
    let said = openssl(&["ts", "-reply", "-text", "-in", text(&reply)]).stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        said.contains("Rejected") && said.contains("algorithm"),
        "{said}"
    );
}

/// Req 16.4, 16.6: every beginning and every end has a timestamp that openssl verifies.
#[test]
fn every_suspension_has_a_timestamp_at_its_beginning_and_its_end() {
    let scene = Scene::new(&Spec::new(Database::Sqlite));
    let authority = &scene.authority;
    scene.suspend();
    scene.resume();
    scene.suspend();
    let serial = serial(&scene.holder.identification);
    let path = format!("/v1/register/suspensions?serial={serial}");
    let said = authority
        .get(&path)
        .by(&scene.officer.identification)
        .send()
        .expect(200);
    let entries = said["suspensions"].as_array().expect("a list");
    assert_eq!(entries.len(), 2, "{said}");
    assert_eq!(entries[0]["outcome"], "resumed");
    assert!(entries[1]["end"].is_null());
    let stamped = [
        &entries[0]["start"],
        &entries[0]["end"],
        &entries[1]["start"],
    ];
    for one in stamped {
        let statement = one["statement"].as_str().expect("text");
        assert!(statement.contains(&serial), "{statement}");
        let token = BASE64_STANDARD.decode(one["token"].as_str().expect("text"));
        let (statement, token) = (
            file(authority, statement.as_bytes()),
            file(authority, &token.expect("base64")),
        );
        assert!(is_stamped(authority, &statement, &token));
        fs::write(&statement, "something else").expect("own file");
        assert!(
            !is_stamped(authority, &statement, &token),
            "the check can fail"
        );
    }
    let anonymous = authority.get(&path).send();
    assert_eq!(anonymous.code(), "not-identified");
    let holder = authority.get(&path).by(&authority_holder(&scene)).send();
    assert_eq!(holder.code(), "not-permitted");
}

/// Somebody with an active certificate who is no officer.
fn authority_holder(scene: &Scene) -> lichna_tests::ca::Identity {
    let person = Person::number(7);
    scene
        .authority
        .holder(&scene.officer, &person, "P7")
        .identification
}

fn is_stamped(authority: &Authority, data: &Path, token: &Path) -> bool {
    let output = try_openssl(&[
        "ts",
        "-verify",
        "-data",
        text(data),
        "-in",
        text(token),
        "-token_in",
        "-CAfile",
        text(&authority.root()),
    ]);
    output.status.success()
}
