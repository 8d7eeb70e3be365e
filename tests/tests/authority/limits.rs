//! What a caller may not do: too much, too slowly, too often, in the wrong form, or with words that
//! mean something to a database.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::until;
use serde_json::{Map, Value, json};

crate::on_both! {
    words_for_a_database_are_words_like_others;
}

/// What is put into every text field.
const WORDS: [&str; 2] = [
    "'; DROP TABLE persons; --\" OR \"\"=\"",
    "Robert\u{0}'); DELETE FROM certificates;",
];

fn words_for_a_database_are_words_like_others(database: Database) {
    // A rate that this test does not reach.
    let spec = Spec::new(database).settings("[limits]\nrequests_per_second = 5000\nburst = 5000");
    let authority = Authority::start(&spec);
    let ca = Ca::new("Organisations");
    let (administrator, _) = authority.new_administrator(&ca, "Община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
    let centre = ca.client("Centre", KeyKind::P256);
    authority.client("centre", "Център", &centre.certificate);

    let document = authority.get("/v1/openapi.json").send().expect(200);
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for words in WORDS {
                let path = filled(path, &escaped(words));
                let query = match operation["parameters"].as_array() {
                    Some(all) => query(all, &escaped(words)),
                    None => String::new(),
                };
                let body = body(&document, operation, words);
                for identity in [&officer.identification, &centre] {
                    let target = format!("{path}{query}");
                    let mut call = match method.as_str() {
                        "get" => authority.get(&target),
                        "post" => authority.post(&target),
                        "put" => authority.put(&target),
                        "delete" => authority.delete(&target),
                        other => panic!("{other} {path}"),
                    };
                    call = match &body {
                        Some(Value::String(text)) => {
                            call.body("application/octet-stream", text.as_bytes())
                        }
                        Some(body) => call.json(body),
                        None => call,
                    };
                    // No header has a zero in it.
                    let code = words.replace('\u{0}', "");
                    let answer = call.by(identity).code(&code).send();
                    assert!(answer.status < 500, "{method} {target}: {answer:?}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 100, "{asked} requests");

    // Everything is still there, and works.
    authority.holder(&officer, &Person::maria(), "P00000002");
    assert_eq!(authority.query("SELECT COUNT(*) FROM persons"), [["2"]]);
    assert_eq!(
        authority.query("SELECT COUNT(*) FROM certificates"),
        [["4"]]
    );
}

/// A path whose placeholders all have this value.
fn filled(path: &str, value: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(value);
        rest = after.split_once('}').unwrap().1;
    }
    filled + rest
}

fn query(parameters: &[Value], value: &str) -> String {
    let names = parameters.iter().filter(|one| one["in"] == "query");
    let pairs: Vec<String> = names
        .map(|one| format!("{}={value}", one["name"].as_str().unwrap()))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

/// A body with these words in each of its texts; where it is no JSON, the words alone.
fn body(document: &Value, operation: &Value, words: &str) -> Option<Value> {
    let content = operation["requestBody"]["content"].as_object()?;
    match content.get("application/json") {
        Some(json) => Some(made_up(document, &json["schema"], words)),
        None => Some(Value::String(words.to_owned())),
    }
}

fn made_up(document: &Value, schema: &Value, words: &str) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').unwrap();
        return made_up(document, document.pointer(pointer).unwrap(), words);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[several].as_array() {
            let one = all.iter().find(|one| one["type"] != "null").unwrap();
            return made_up(document, one, words);
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if let Some(one) = schema["enum"].as_array().and_then(|all| all.first()) {
        return one.clone();
    }
    if kinds.contains(&"object") {
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            object.insert(name.clone(), made_up(document, property, words));
        }
        Value::Object(object)
    } else if kinds.contains(&"array") {
        json!([made_up(document, &schema["items"], words)])
    } else if kinds.contains(&"boolean") {
        json!(true)
    } else if kinds.contains(&"integer") || kinds.contains(&"number") {
        json!(1)
    } else {
        json!(words)
    }
}

/// Percent-encoded, all of it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn every_route_is_in_the_document_and_every_one_there_answers() {
    let authority = Authority::start(&Spec::new(Database::Sqlite));
    let document = authority.get("/v1/openapi.json").send().expect(200);
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = filled(path, nobody);
            let call = match method.as_str() {
                "get" => authority.get(&path),
                "post" => authority.post(&path),
                "put" => authority.put(&path),
                "delete" => authority.delete(&path),
                other => panic!("{other} {path}"),
            };
            let answer = call.send();
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(answer.status < 500, "{method} {path}: {answer:?}");
        }
    }
    // The counters name the route that each request found: none of them found none, and all that
    // there are have been asked.
    let metrics = Command::new("curl")
        .args([
            "--silent",
            &format!("{}/metrics", authority.internal_url(0)),
        ])
        .output()
        .unwrap();
    let metrics = String::from_utf8(metrics.stdout).unwrap();
    let routes: BTreeSet<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("lichna_authority_requests_total"))
        .filter_map(|line| line.split("route=\"").nth(1)?.split('"').next())
        .collect();
    assert!(!routes.contains("none"), "{routes:?}");
    let documented: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let found: BTreeSet<String> = routes
        .iter()
        .map(|route| route.replace("{*", "{"))
        .collect();
    let documented: BTreeSet<String> = documented
        .iter()
        .map(|path| path.replace("{*", "{"))
        .collect();
    assert_eq!(found, documented);

    // Every code that a problem may have is described.
    let codes = document["components"]["schemas"]["Code"]["enum"]
        .as_array()
        .unwrap();
    for code in [
        "not-found",
        "certificate-revoked",
        "key-seen-before",
        "another-instance",
    ] {
        assert!(codes.contains(&json!(code)), "{code} is not described");
    }
}

#[test]
fn refuses_what_is_too_long_without_reading_it() {
    let authority = Authority::start(&Spec::new(Database::Sqlite));
    let file = authority.data().join("long");
    let long = std::fs::File::create(&file).unwrap();
    long.set_len(100 << 20).unwrap();
    for (path, version) in [("/v1/requests", "--http1.1"), ("/ocsp", "--http2")] {
        let output = Command::new("curl")
            .args(["--silent", "--request", "POST", version, "--cacert"])
            .arg(authority.root())
            .args([
                "--header",
                "Content-Type: application/json",
                "--header",
                "Expect:",
            ])
            .args([
                "--write-out",
                "\n%{http_code} %{size_upload}",
                "--data-binary",
            ])
            .arg(format!("@{}", file.display()))
            .arg(format!("{}{path}", authority.url(0)))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.lines().last().unwrap();
        let (status, sent) = last.split_once(' ').unwrap();
        assert_eq!(status, "413", "{text}");
        assert!(text.contains("too-large"), "{text}");
        let sent: u64 = sent.parse().unwrap();
        assert!(sent < 20 << 20, "{sent} bytes were taken");
    }
    // A body that does not say how long it is is cut off where it is too long.
    let chunked = authority
        .post("/v1/register/identifiers/search")
        .arguments(&["--http1.1", "--header", "Transfer-Encoding: chunked"])
        .body("application/json", &vec![b' '; 100_000]);
    assert_eq!(chunked.send().code(), "too-large");
}

#[test]
fn refuses_requests_of_the_wrong_form_with_a_code() {
    let authority = Authority::start(&Spec::new(Database::Sqlite));
    let search = || authority.post("/v1/register/certificates/search");
    let answer = search().body("text/plain", b"{}").send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (415, "unsupported-media-type")
    );
    let answer = search().body("application/json", b"{").send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "bad-request")
    );
    let answer = search().json(&json!({ "limits": 1 })).send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "bad-request")
    );
    let answer = authority.get("/v2").send();
    assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"));
    let answer = authority.delete("/v1/openapi.json").send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (405, "method-not-allowed")
    );
    assert!(
        answer.header("allow").unwrap().contains("GET"),
        "{answer:?}"
    );
    let answer = authority
        .get("/v1/journal/i1/consistency?from=x&to=2")
        .send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "bad-request")
    );
    let answer = authority
        .get("/v1/journal/i2/consistency?from=0&to=0")
        .send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (421, "another-instance")
    );
    // What is not signed itself is not served without TLS.
    let answer = authority.get("/v1/openapi.json").plain().send();
    assert_eq!(answer.code(), "not-found");
    let answer = authority.get("/ca/root.cer").plain().send();
    assert_eq!(
        answer.header("content-type").unwrap(),
        "application/pkix-cert"
    );

    for answer in [answer, authority.get("/v2").send()] {
        assert_eq!(answer.header("x-content-type-options").unwrap(), "nosniff");
        assert!(answer.header("strict-transport-security").is_some());
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .contains("'none'")
        );
        assert_eq!(answer.header("x-request-id").unwrap().len(), 16);
    }
}

#[test]
fn speaks_no_tls_before_1_2() {
    let authority = Authority::start(&Spec::new(Database::Sqlite));
    let at = authority.url(0).replace("https://", "");
    for (version, taken) in [
        ("-tls1", false),
        ("-tls1_1", false),
        ("-tls1_2", true),
        ("-tls1_3", true),
    ] {
        let output = Command::new("openssl")
            .args([
                "s_client",
                version,
                "-cipher",
                "DEFAULT:@SECLEVEL=0",
                "-connect",
                &at,
                "-CAfile",
            ])
            .arg(authority.root())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            !text.contains("Cipher is (NONE)"),
            taken,
            "{version}: {text}"
        );
    }
}

#[test]
fn slow_callers_are_let_go() {
    let settings = "[limits]\nhandshake_seconds = 1\nheader_seconds = 1\nrequest_seconds = 1";
    let authority = Authority::start(&Spec::new(Database::Sqlite).settings(settings));
    let plain = |url: &str| {
        let stream = TcpStream::connect(url.split("//").nth(1).unwrap()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    };
    // Says nothing: neither a handshake nor a request.
    let mut silent = plain(&authority.url(0).replace("localhost", "127.0.0.1"));
    assert_eq!(silent.read(&mut [0; 1]).unwrap_or(0), 0);
    // Never comes to the end of its head.
    let mut endless = plain(&authority.http_url(0));
    endless
        .write_all(b"GET /ca/root.cer HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    let mut said = Vec::new();
    endless.read_to_end(&mut said).unwrap();
    assert!(!said.starts_with(b"HTTP/1.1 200"));
    // Never comes to the end of its body.
    let mut unfinished = plain(&authority.http_url(0));
    let head = b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: 100\r\n\r\n0";
    unfinished.write_all(head).unwrap();
    let mut said = String::new();
    let _ = unfinished.read_to_string(&mut said);
    assert!(
        said.starts_with("HTTP/1.1 408") && said.contains("too-slow"),
        "{said}"
    );
    // Asks once, and then holds the connection.
    let mut idle = plain(&authority.http_url(0));
    idle.write_all(b"GET /ca/root.cer HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut said = Vec::new();
    idle.read_to_end(&mut said).unwrap();
    assert!(said.starts_with(b"HTTP/1.1 200"));
    // Says nothing at all where there is no handshake.
    let mut mute = plain(&authority.http_url(0));
    assert_eq!(mute.read(&mut [0; 1]).unwrap_or(0), 0);
    // Speaks HTTP/2, answers whatever it is asked, and asks for nothing.
    let mut polite = plain(&authority.http_url(0));
    polite
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .unwrap();
    assert!(is_let_go(&mut polite));
    // Meanwhile, and afterwards, others are served.
    authority.get("/v1/openapi.json").send().expect(200);
}

/// Whether the server says that it ends the connection (GOAWAY), and does so, although its pings are
/// answered. RFC 9113 §6.
fn is_let_go(stream: &mut TcpStream) -> bool {
    const PING: u8 = 6;
    const GO_AWAY: u8 = 7;
    let mut told = false;
    let mut head = [0; 9];
    loop {
        match stream.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(_) => return told,
        }
        let [_, high, low, kind, flags, ..] = head;
        let mut payload = vec![0; usize::from(u16::from_be_bytes([high, low]))];
        stream.read_exact(&mut payload).unwrap();
        told |= kind == GO_AWAY;
        if kind == PING && flags == 0 {
            head[4] = 1;
            // It may be gone already.
            let _ = stream.write_all(&[&head[..], &payload].concat());
        }
    }
}

#[test]
fn refuses_who_asks_too_often_and_who_holds_too_many_connections() {
    let settings = "[limits]\nrequests_per_second = 1\nburst = 5\nconnections = 3";
    let authority = Authority::start(&Spec::new(Database::Sqlite).settings(settings));
    let answers: Vec<_> = (0..8).map(|_| authority.get("/v2").send()).collect();
    let refused: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 429)
        .collect();
    assert!((1..=3).contains(&refused.len()), "{answers:?}");
    assert_eq!(refused[0].code(), "too-many-requests");
    assert_eq!(refused[0].header("retry-after").unwrap(), "1");

    let address = authority.http_url(0).replace("http://", "");
    let held: Vec<TcpStream> = (0..3)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    until("the next connection to be turned away", || {
        let mut next = TcpStream::connect(&address).unwrap();
        next.set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        matches!(next.read(&mut [0; 1]), Ok(0)) || next.write_all(b"x").is_err()
    });
    drop(held);
    // The operator's listener is not one of them.
    until("a connection to be free", || {
        authority.get("/ca/root.cer").plain().try_send().is_ok()
    });
}
