//! What an authority keeps, and what keeps it: restarts, several instances, keys, the journal.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::built;
use lichna_tests::ca::Ca;
use lichna_tests::until;
use serde_json::{Value, json};

crate::on_both! {
    what_was_answered_is_there_after_a_kill;
    two_instances_are_one_authority_with_two_journals;
}

fn what_was_answered_is_there_after_a_kill(database: Database) {
    let mut authority = Authority::start(&Spec::new(database));
    let ca = Ca::new("Organisations");
    let (administrator, _) = authority.new_administrator(&ca, "Община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
    authority.kill(0);
    authority.run(0);
    let list = authority
        .get("/v1/holder/certificates")
        .by(&officer.identification);
    let list = list.send().expect(200);
    assert_eq!(list["certificates"].as_array().unwrap().len(), 2);
    // The vault is the same one.
    let holder = authority.holder(&officer, &Person::maria(), "P00000002");
    assert!(authority.stop(0), "{}", authority.log(0));
    authority.run(0);
    let list = authority
        .get("/v1/holder/certificates")
        .by(&holder.identification);
    list.send().expect(200);
    verify(&authority.journal(0), &authority.journal_key(), None);
    verify(
        &authority.operators_journal(),
        &authority.journal_key(),
        None,
    );
}

fn two_instances_are_one_authority_with_two_journals(database: Database) {
    let settings = "[journal]\ncheckpoint_seconds = 1";
    let spec = Spec::new(database).instances(2).settings(settings);
    let mut authority = Authority::start(&spec);
    let ca = Ca::new("Organisations");
    let (administrator, _) = authority.new_administrator(&ca, "Община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
    let list = |instance: usize| {
        let call = authority.get("/v1/holder/certificates").instance(instance);
        call.by(&officer.identification).send()
    };
    list(1).expect(200);

    // Suspended at one, refused at the other at once.
    let body = json!({ "reason": "misplaced", "lost": false });
    let suspension = authority
        .post("/v1/holder/suspensions")
        .instance(1)
        .json(&body);
    suspension.by(&officer.identification).send().expect(200);
    assert_eq!(list(0).code(), "certificate-suspended");

    // Checkpoints of both are told by both, and each names the other's in time.
    until("checkpoints that name each other", || {
        // A record each, so that there is something to make a checkpoint over.
        list(0);
        list(1);
        let all = latest(&authority, 0);
        let names = |mine: &str, other: &str| {
            let (_, body) = all.iter().find(|(_, body)| body["instance"] == mine)?;
            Some(body["others"].to_string().contains(other))
        };
        names("i1", "i2") == Some(true) && names("i2", "i1") == Some(true)
    });
    let kept = latest(&authority, 1);
    let of = |name: &str| {
        kept.iter()
            .find(|(_, body)| body["instance"] == name)
            .unwrap()
            .clone()
    };
    let size = of("i1").1["size"].as_u64().unwrap();
    let path = format!("/v1/journal/i1/consistency?from={}&to={size}", size - 1);
    let proof = authority.get(&path).send().expect(200);
    assert_eq!(
        (&proof["to"], &proof["instance"]),
        (&json!(size), &json!("i1"))
    );
    let beyond = format!("/v1/journal/i1/consistency?from=1&to={}", size + 1_000_000);
    assert_eq!(authority.get(&beyond).send().code(), "not-found");

    assert!(authority.stop(0) && authority.stop(1));
    for (index, name) in [(0, "i1"), (1, "i2")] {
        let checkpoint = authority.data().join("kept");
        fs::write(&checkpoint, of(name).0 + "\n").unwrap();
        verify(
            &authority.journal(index),
            &authority.journal_key(),
            Some(&checkpoint),
        );
    }
    // One byte changed is found.
    let records = authority.journal(1).join("records-000001.log");
    let mut bytes = fs::read(&records).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&records, bytes).unwrap();
    let said = verified(&authority.journal(1), &authority.journal_key(), None);
    assert!(!said.0, "{}", said.1);
}

/// The latest checkpoints, as one of the instances tells them: each line, and its body.
fn latest(authority: &Authority, instance: usize) -> Vec<(String, Value)> {
    let answer = authority
        .get("/v1/journal/checkpoints")
        .instance(instance)
        .send();
    let lines = answer.expect(200)["checkpoints"].clone();
    let lines = lines.as_array().unwrap().iter();
    let read = |line: &Value| {
        let line = line.as_str().unwrap();
        let checkpoint: Value = serde_json::from_str(line).unwrap();
        (line.to_owned(), checkpoint["body"].clone())
    };
    lines.map(read).collect()
}

/// `lichna-journal verify`: whether all is well, and what it says.
fn verified(journal: &Path, key: &Path, checkpoint: Option<&Path>) -> (bool, String) {
    let mut command = Command::new(built::program("lichna-journal", "lichna-journal"));
    command.arg("verify").arg(journal).arg("--key").arg(key);
    if let Some(checkpoint) = checkpoint {
        command.arg("--checkpoint").arg(checkpoint);
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn verify(journal: &Path, key: &Path, checkpoint: Option<&Path>) {
    let (well, said) = verified(journal, key, checkpoint);
    assert!(well, "{said}");
}

#[test]
fn keys_may_be_in_a_key_store_of_others() {
    let store = tempfile::tempdir().unwrap();
    let tokens = store.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let configuration = store.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        tokens.display()
    );
    fs::write(&configuration, text).unwrap();
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "Authority",
            "--so-pin",
            "87654321",
        ])
        .args(["--pin", "123456"])
        .env("SOFTHSM2_CONF", &configuration)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let pin = store.path().join("pin");
    fs::write(&pin, "123456\n").unwrap();
    fs::set_permissions(&pin, Permissions::from_mode(0o600)).unwrap();
    let place = |name: &str| {
        format!(
            "{name} = \"pkcs11:token=Authority;object={name}\
             ?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:{}\"",
            pin.display()
        )
    };
    let places: Vec<String> = ["root", "issuing", "ocsp", "tsa", "journal"]
        .iter()
        .map(|name| place(name))
        .collect();
    let settings = format!("[keys]\n{}", places.join("\n"));
    let spec = Spec::new(Database::Sqlite)
        .settings(&settings)
        .environment("SOFTHSM2_CONF", configuration.to_str().unwrap());
    let mut authority = Authority::start(&spec);
    for name in ["root", "issuing", "ocsp", "tsa", "journal"] {
        assert!(
            !authority.data().join(format!("keys/{name}.key")).exists(),
            "{name}"
        );
    }
    let ca = Ca::new("Organisations");
    let (administrator, _) = authority.new_administrator(&ca, "Община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
    let checked = Command::new("openssl")
        .args(["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile"])
        .arg(authority.root())
        .arg("-untrusted")
        .arg(authority.issuing())
        .arg(&officer.identification.certificate.path)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
    assert!(authority.stop(0), "{}", authority.log(0));
    verify(&authority.journal(0), &authority.journal_key(), None);
    // The same keys at the next start.
    authority.run(0);
    authority
        .get("/v1/holder/certificates")
        .by(&officer.identification)
        .send()
        .expect(200);
}

#[test]
fn a_stop_finishes_what_is_under_way() {
    let mut authority = Authority::start(&Spec::new(Database::Sqlite));
    let address = authority.http_url(0).replace("http://", "");
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "POST /tsa HTTP/1.1\r\nHost: x\r\nContent-Type: application/timestamp-query\r\n\
                Content-Length: 3\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let address = authority.internal_url(0);
    until("the request to be under way", || {
        let metrics = Command::new("curl")
            .args(["--silent", &format!("{address}/metrics")])
            .output();
        let text = String::from_utf8(metrics.unwrap().stdout).unwrap();
        text.contains("lichna_authority_connections 2")
    });
    let stopping = std::thread::spawn(move || (authority.stop(0), authority));
    stream.write_all(b"abc").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 "), "{said}");
    let (well, authority) = stopping.join().unwrap();
    assert!(well, "{}", authority.log(0));
    assert!(!authority.data().join("i1.addresses.json").exists());
}

#[test]
fn what_is_wrong_with_settings_and_keys_is_named() {
    let authority = Authority::make(&Spec::new(Database::Sqlite));
    let refused = |authority: &Authority| authority.try_admin(&["check"], "").unwrap_err();
    assert!(
        authority
            .try_admin(&["init"], "")
            .unwrap_err()
            .contains("is there already")
    );
    authority.admin(&["check"]);

    let config = authority.config(0);
    let good = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{good}[limits]\nbody = 5\nboddy = 5\n")).unwrap();
    let line = good.lines().count() + 3;
    let said = refused(&authority);
    assert!(
        said.contains("boddy") && said.contains(&format!("line {line}")),
        "{said}"
    );
    fs::write(&config, good.replace("i1", "I 1")).unwrap();
    assert!(refused(&authority).contains("instance"));
    fs::write(&config, &good).unwrap();

    let passphrase = authority.data().join("keys/passphrase");
    fs::set_permissions(&passphrase, Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&authority).contains("can be read by others"));
    fs::set_permissions(&passphrase, Permissions::from_mode(0o600)).unwrap();
    let right = fs::read(&passphrase).unwrap();
    fs::write(&passphrase, "another\n").unwrap();
    assert!(refused(&authority).contains("does not open with the passphrase"));
    fs::write(&passphrase, right).unwrap();

    let keys = authority.data().join("keys");
    fs::copy(keys.join("tsa.pem"), keys.join("kept.pem")).unwrap();
    fs::copy(keys.join("ocsp.pem"), keys.join("tsa.pem")).unwrap();
    assert!(refused(&authority).contains("does not belong to its certificate"));
    fs::rename(keys.join("kept.pem"), keys.join("tsa.pem")).unwrap();
    fs::remove_file(keys.join("root.key")).unwrap();
    // The root's key is not needed any more.
    authority.admin(&["check"]);
}

#[test]
fn private_keys_are_encrypted_and_for_their_owner_alone() {
    let authority = Authority::make(&Spec::new(Database::Sqlite));
    let mut count = 0;
    for entry in fs::read_dir(authority.data().join("keys"))
        .unwrap()
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "key") {
            continue;
        }
        count += 1;
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
            "{text}"
        );
    }
    assert_eq!(count, 7);
    // They are as openssl has them, too.
    let passphrase = format!(
        "file:{}",
        authority.data().join("keys/passphrase").display()
    );
    let shown = Command::new("openssl")
        .args(["pkey", "-noout", "-text", "-passin", &passphrase, "-in"])
        .arg(authority.data().join("keys/issuing.key"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&shown.stdout);
    assert!(text.contains("384 bit"), "{shown:?}");
}
