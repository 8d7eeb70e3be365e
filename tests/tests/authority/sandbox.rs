//! The authority for practice, asked by curl and openssl.

use std::fs;
use std::path::Path;
use std::process::Command;

use lichna_tests::sandbox::Sandbox;
use serde_json::{Value, json};

fn curl(sandbox: &Sandbox, url: &str, body: Option<&Value>) -> (String, u16) {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--write-out", "\n%{http_code}", "--cacert"])
        .args([sandbox.root.as_os_str(), url.as_ref()]);
    if let Some(body) = body {
        curl.args(["--json", &body.to_string()]);
    }
    let said = String::from_utf8(curl.output().unwrap().stdout).unwrap();
    let (text, status) = said.rsplit_once('\n').unwrap();
    (text.to_owned(), status.parse().unwrap())
}

/// The addresses that a process listens on, as the kernel tells.
fn listens_on(sandbox: &Sandbox) -> Vec<String> {
    let port = |url: &str| -> u16 {
        let authority = url.split('/').nth(2).unwrap();
        authority.rsplit_once(':').unwrap().1.parse().unwrap()
    };
    let port = format!(":{:04X}", port(&sandbox.authority));
    let table = fs::read_to_string("/proc/net/tcp").unwrap()
        + &fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    let listening = table.lines().filter(|line| line.contains(" 0A "));
    let local = listening.filter_map(|line| line.split_whitespace().nth(1));
    local
        .filter(|local| local.ends_with(&port))
        .map(str::to_owned)
        .collect()
}

fn subject(file: &Path) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-subject", "-in"]);
    let said = openssl.arg(file).output().unwrap();
    String::from_utf8(said.stdout).unwrap()
}

#[test]
fn a_sandbox_makes_itself_says_where_it_is_and_ends_with_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("sandbox");
    let first = Sandbox::start(&home);
    // Loopback alone: 127.0.0.1, in the order of the kernel's bytes.
    let places = listens_on(&first);
    assert!(!places.is_empty());
    assert!(
        places.iter().all(|place| place.starts_with("0100007F:")),
        "{places:?}"
    );
    assert!(subject(&first.root).contains("Lichna practice authority"));
    let (text, status) = curl(&first, &first.service, None);
    assert_eq!(status, 401, "{text}");
    let authority = first.authority.clone();
    assert!(first.end());

    // What certificates and cards remember stays where it was.
    let again = Sandbox::start(&home);
    assert_eq!(again.authority, authority);
    let (_, status) = curl(&again, &again.service, None);
    assert_eq!(status, 401);
}

#[test]
fn a_sandbox_invites_whoever_has_a_practice_card_and_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(folder.path());
    let url = format!("{}practice/applications", sandbox.authority);
    let card = json!({ "card": "P00000042", "key": "ad".repeat(32) });
    let (text, status) = curl(&sandbox, &url, Some(&card));
    assert_eq!(status, 200, "{text}");
    let said: Value = serde_json::from_str(&text).unwrap();
    let application = said["application"].as_str().unwrap();
    let code = said["code"].as_str().unwrap().to_owned();
    assert_eq!(code.len(), 43);

    // Whoever was interrupted gets another code.
    let (text, status) = curl(
        &sandbox,
        &format!("{url}/{application}/code"),
        Some(&json!({})),
    );
    assert_eq!(status, 200, "{text}");
    let another: Value = serde_json::from_str(&text).unwrap();
    assert_ne!(another["code"], code.as_str());

    for wrong in [
        json!({ "card": "../P1", "key": "ad".repeat(32) }),
        json!({ "card": "P00000043", "key": "ad" }),
        json!({ "card": "P00000043" }),
    ] {
        let (text, status) = curl(&sandbox, &url, Some(&wrong));
        assert!((400..500).contains(&status), "{wrong}: {text}");
    }
}

#[test]
fn a_start_that_was_cut_off_is_made_good() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(folder.path());
    assert!(sandbox.end());
    let keys = folder.path().join("keys");
    fs::remove_file(keys.join("registers.key")).unwrap();
    fs::remove_file(folder.path().join("authority.db")).unwrap();
    let sandbox = Sandbox::start(folder.path());
    assert!(keys.join("registers.key").exists());
    let (_, status) = curl(&sandbox, &sandbox.service, None);
    assert_eq!(status, 401);
}
