//! The command `lichna-journal`, and what it says that others can check: with openssl and jq.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::stage::{DAY, NOON, Stage, fill, key_files};

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_lichna-journal"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn verify_says_whole_or_what_is_wrong_and_ends_so() {
    let stage = Stage::new();
    let (_, key) = key_files(stage.home.path(), 1);
    let checkpoint = stage.filled(4);
    let kept = stage.home.path().join("kept");
    fs::write(&kept, checkpoint.to_line() + "\n").unwrap();
    let folder = stage.folder();
    let verify = [
        "verify",
        shown(&folder),
        "--key",
        shown(&key),
        "--checkpoint",
        shown(&kept),
    ];

    let (code, out, _) = run(&verify);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.ends_with("they vouch for all up to 4\nwhole\n"),
        "{out}"
    );

    let bytes = fs::read(stage.segment(1)).unwrap();
    let mut changed = bytes.clone();
    let last = changed.len() - 40;
    changed[last] ^= 1;
    fs::write(stage.segment(1), changed).unwrap();
    let (code, out, _) = run(&[&verify[..], &["--json"]].concat());
    assert_eq!(code, 1, "{out}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["faults"][0]["file"], "records-000001.log");
    assert_eq!(report["faults"][0]["damage"], "changed");
    let (code, out, _) = run(&verify);
    assert_eq!(code, 1);
    assert!(out.starts_with("records-000001.log, at "), "{out}");
    assert!(out.ends_with("NOT whole\n"), "{out}");

    let nowhere = stage.home.path().join("nowhere");
    let (code, _, error) = run(&["verify", shown(&nowhere), "--key", shown(&key)]);
    assert_eq!(code, 2);
    assert!(error.contains("nowhere"), "{error}");
    assert_eq!(run(&["verify", shown(&folder)]).0, 2, "without a key");
    assert_eq!(
        run(&["verify", shown(&folder), "--key", shown(&kept)]).0,
        2,
        "with no key"
    );
}

#[test]
fn show_shows_records_by_number_and_by_date_and_obeys_none_of_them() {
    let stage = Stage::new();
    let mut journal = stage.open();
    fill(&mut journal, 3);
    journal.append(NOON + DAY, &["\u{1B}[2J\u{202E}x"]).unwrap();
    let folder = stage.folder();
    let (code, out, _) = run(&["show", shown(&folder), "--from", "2", "--to", "3"]);
    assert_eq!((code, out.lines().count()), (0, 2), "{out}");
    assert!(out.starts_with("2 2026-11-22T"), "{out}");
    let (_, out, _) = run(&["show", shown(&folder), "--from", "2026-11-23"]);
    assert_eq!(out.lines().count(), 1);
    assert!(out.ends_with("\\u{1b}[2J\\u{202e}x\n"), "{out}");
    let (_, out, _) = run(&["show", shown(&folder), "--to", "2026-11-23", "--json"]);
    assert_eq!(out.lines().count(), 3);
    let first: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(first["sequence"], 1);
    assert_eq!(run(&["show", shown(&folder), "--from", "yesterday"]).0, 2);
}

#[test]
fn an_archive_and_an_export_are_made_and_checked() {
    let stage = Stage::new();
    let (private, key) = key_files(stage.home.path(), 1);
    let mut journal = stage.open();
    // October 2025.
    journal.append(1_760_000_000_000, &["{}", "{}"]).unwrap();
    stage.checkpoint(&mut journal);
    drop(journal);
    let (folder, home) = (stage.folder(), stage.home.path());
    let (archive, export) = (home.join("2025.tar"), home.join("export"));
    let to = ["--before", "2026-01-01", "--output", shown(&archive)];
    let with = |key| [&["archive", shown(&folder), "--key", key][..], &to].concat();
    let (code, out, error) = run(&with(shown(&private)));
    assert_eq!((code, out.as_str()), (0, "records 1 to 2\n"), "{error}");
    assert_eq!(run(&with(shown(&private))).0, 2, "it is there already");
    let (code, out, error) = run(&["verify", shown(&archive), "--key", shown(&key)]);
    assert_eq!(code, 0, "{out}{error}");

    let command = [
        "export",
        shown(&folder),
        "--to",
        "2026-01-01",
        "--output",
        shown(&export),
    ];
    let (code, out, error) = run(&command);
    assert_eq!(
        (code, out.as_str()),
        (0, "records 1 to 2, 1 checkpoints\n"),
        "{error}"
    );
    let (code, out, error) = run(&["verify", shown(&export), "--key", shown(&key)]);
    assert_eq!(code, 0, "{out}{error}");

    // As the text beside them says, without this program.
    let script = r#"set -e
        sed -n 1p export/checkpoints.jsonl | jq -cj .body > body
        sed -n 1p export/checkpoints.jsonl | jq -rj .signature | base64 -d > signature
        openssl dgst -sha256 -verify key.pem -signature signature body
        tar -xf 2025.tar
        openssl dgst -sha256 -verify key.pem -signature manifest.sig manifest.json
        jq -r '.files[] | "\(.sha256)  \(.name)"' manifest.json | sha256sum --check --strict
    "#;
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(home)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.matches("Verified OK").count(), 2, "{said}");
    assert_eq!(said.matches(": OK").count(), 3, "{said}");
}

#[test]
fn an_archive_is_signed_with_an_encrypted_key_on_p384() {
    let stage = Stage::new();
    let mut journal = stage.open();
    journal.append(1_760_000_000_000, &["{}"]).unwrap();
    stage.checkpoint(&mut journal);
    drop(journal);
    let home = stage.home.path();
    key_files(home, 1);
    let script = r#"set -e
        openssl ecparam -name secp384r1 -genkey -noout -out plain.pem
        openssl ec -in plain.pem -pubout -out key384.pem
        echo correct horse > passphrase
        openssl pkcs8 -topk8 -in plain.pem -passout file:passphrase -out sealed.pem
    "#;
    let made = Command::new("bash")
        .args(["-c", script])
        .current_dir(home)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let path = |name| home.join(name).to_str().unwrap().to_owned();
    let folder = stage.folder();
    let (sealed, output) = (path("sealed.pem"), path("2025.tar"));
    let mut command = vec![
        "archive",
        shown(&folder),
        "--before",
        "2026-01-01",
        "--key",
        &sealed,
        "--output",
        &output,
    ];
    assert_eq!(run(&command).0, 2, "without the passphrase");
    let passphrase = path("passphrase");
    command.extend(["--passphrase", &passphrase]);
    let (code, _, error) = run(&command);
    assert_eq!(code, 0, "{error}");
    let (key, key384) = (path("key.pem"), path("key384.pem"));
    let (code, out, _) = run(&["verify", &output, "--key", &key, "--key", &key384]);
    assert_eq!(code, 0, "{out}");
    let (code, out, _) = run(&["verify", &output, "--key", &key]);
    assert_eq!(code, 1, "{out}");
}
