//! Whether a certificate is good, and who says so. Req 6.4, 20.3.

use std::fs;
use std::process::Command;

use lichna_tests::authority::people::Person;
use lichna_tests::scheme::{EidCard, Face, Scheme};
use lichna_tests::workspace::Output;
use serde_json::Value;

use crate::documents::{assert_fails, assert_shape, documented};

fn of_card(scheme: &Scheme, card: &EidCard) -> Output {
    scheme
        .home
        .run(["status", "--json", "--reader", &card.reader])
}

/// Verdict and exit code, after the document was compared with what was printed.
fn verdict(output: &Output) -> (String, i32) {
    let printed: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_shape(&documented("`status`")[0], &printed, "status");
    let verdict = printed["verdict"].as_str().unwrap().to_owned();
    (verdict, output.code())
}

/// What each source says.
fn said(output: &Output) -> Vec<(String, String)> {
    let printed: Value = serde_json::from_str(&output.stdout).unwrap();
    let sources = printed["sources"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    sources
        .map(|one| (text(&one["source"]), text(&one["verdict"])))
        .collect()
}

fn everybody_says(verdict: &str) -> Vec<(String, String)> {
    let all = [
        ("chain", "good"),
        ("crl", verdict),
        ("delta-crl", verdict),
        ("ocsp", verdict),
    ];
    all.map(|(source, verdict)| (source.to_owned(), verdict.to_owned()))
        .to_vec()
}

#[test]
fn a_certificate_is_good_suspended_good_again_and_revoked() {
    let mut scheme = Scheme::new();
    let card = scheme.card(Face::Contact);
    scheme
        .enrol_by_invitation(&card, &Person::maria())
        .success();

    let good = of_card(&scheme, &card);
    assert_eq!(verdict(&good), ("good".into(), 0), "{good:?}");
    assert_eq!(said(&good), everybody_says("good"));
    // The authority is reached, and its clock is ours.
    let doctor = scheme.home.run(["doctor", "--json"]);
    let doctor: Value = serde_json::from_str(&doctor.stdout).unwrap();
    let about = |check: &str| {
        let mut all = doctor["findings"].as_array().unwrap().iter();
        let found = all.find(|one| one["check"] == check);
        found.map(|one| one["state"].clone())
    };
    assert_eq!(about("authority"), Some("good".into()), "{doctor}");
    assert_eq!(about("clock"), Some("good".into()), "{doctor}");

    scheme.with_card(&["suspend"], &card).success();
    let suspended = of_card(&scheme, &card);
    assert_eq!(verdict(&suspended), ("suspended".into(), 13));
    let of = |source: &str| {
        let said = said(&suspended);
        let one = said.into_iter().find(|(one, _)| one == source);
        one.map(|(_, verdict)| verdict)
    };
    assert_eq!(of("ocsp").as_deref(), Some("suspended"), "{suspended:?}");
    assert_eq!(of("delta-crl").as_deref(), Some("suspended"));

    scheme.with_card(&["resume"], &card).success();
    assert_eq!(verdict(&of_card(&scheme, &card)), ("good".into(), 0));

    // A file tells the same as a card.
    let file = scheme.home.path().join("mine.pem").display().to_string();
    let words = [
        "cert",
        "export",
        "--reader",
        &card.reader,
        "--output",
        &file,
    ];
    scheme.home.run(words).success();
    let of_file = scheme.home.run(["status", &file, "--json"]);
    assert_eq!(verdict(&of_file), ("good".into(), 0));
    assert_eq!(of_file.json()["practice"], true);
    let said_so = scheme.home.run(["status", &file]);
    assert!(said_so.stdout.contains("PRACTICE"), "{said_so:?}");

    scheme.with_card(&["revoke", "--yes"], &card).success();
    assert_eq!(verdict(&of_card(&scheme, &card)), ("revoked".into(), 13));
    let revoked = scheme.home.run(["status", &file]);
    assert!(revoked.stdout.contains("REVOKED"), "{revoked:?}");
    assert!(revoked.stdout.contains("not stated"), "{revoked:?}");
    assert_eq!(revoked.code(), 13);

    // Where nobody can be asked, nobody says that it is good.
    let untrusted = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Nobody"])
        .args(["-keyout", "/dev/null", "-days", "2"])
        .output()
        .unwrap();
    assert!(untrusted.status.success());
    let stranger = scheme.home.path().join("stranger.pem");
    fs::write(&stranger, untrusted.stdout).unwrap();
    let stranger = stranger.display().to_string();
    let of_stranger = scheme.home.run(["status", &stranger, "--json"]);
    assert_eq!(verdict(&of_stranger), ("untrusted".into(), 13));
    let stranger: Value = serde_json::from_str(&of_stranger.stdout).unwrap();
    assert_eq!(stranger["practice"], false);

    assert!(scheme.authority.stop(0));
    let unknown = scheme.home.run(["status", &file, "--json"]);
    assert_eq!(unknown.code(), 13, "{unknown:?}");
    let (verdict, _) = verdict(&unknown);
    assert!(["untrusted", "unknown"].contains(&verdict.as_str()));
    fs::write(&file, "neither PEM nor DER").unwrap();
    let unreadable = scheme.home.run(["status", &file, "--json"]);
    assert_fails(&unreadable, "file-unreadable", 1);
}
