//! OpenSC's pkcs11-tool, which looks at everything that a module has.

use std::fs;
use std::path::Path;
use std::process::Command;

use lichna_card::KeyAlgorithm;
use lichna_tests::approver::Approver;
use lichna_tests::ca::KeyKind;
use lichna_tests::programs::{Running, key_identifier};
use lichna_tests::until;
use lichna_tests::workspace::Output;

use crate::desk::Desk;
use crate::stage::HOLDER;

#[test]
fn lists_slots_mechanisms_and_objects_and_neither_card_nor_holder_notices() {
    let desk = Desk::piv(KeyKind::P256);
    let nobody = Approver::who_leaves_all(desk.home());
    // The first program that looks has the agent read the rest of the card; that is once.
    tool(&desk, &["-L"]).success();
    let commands = desk.stage.card.commands();

    let slots = tool(&desk, &["-L"]);
    assert!(slots.success().contains("token initialized"), "{slots:?}");
    assert!(!slots.stdout.contains("login required"), "{slots:?}");
    assert!(!slots.stdout.contains("PIN pad"), "{slots:?}");
    let mechanisms = tool(&desk, &["-M"]);
    let mechanisms = mechanisms.success();
    assert!(
        mechanisms.contains("ECDSA, keySize={256,256}"),
        "{mechanisms}"
    );
    for other in ["decrypt", "derive", "wrap", "generate", "encrypt"] {
        assert!(!mechanisms.contains(other), "{mechanisms}");
    }
    let objects = tool(&desk, &["-O"]);
    let objects = objects.success();
    let id = key_identifier(&desk.certificate).to_lowercase();
    for kind in [
        "Certificate Object",
        "Public Key Object",
        "Private Key Object",
    ] {
        assert_eq!(objects.matches(kind).count(), 1, "{kind} in {objects}");
    }
    assert!(objects.contains("Profile object"), "{objects}");
    let line = format!("ID:         {id}\n");
    assert_eq!(objects.matches(&line).count(), 3, "{objects}");
    assert!(objects.contains(HOLDER), "{objects}");
    assert!(objects.contains("sensitive"), "{objects}");

    let file = desk.folder().join("read.der");
    let file = file.to_str().unwrap();
    tool(&desk, &["-r", "--type", "cert", "--id", &id, "-o", file]).success();
    assert_eq!(fs::read(file).unwrap(), desk.certificate.der);

    assert_eq!(desk.stage.card.commands(), commands, "the card was asked");
    assert!(nobody.answered().is_empty());
}

#[test]
fn its_own_test_finds_no_fault() {
    for desk in [
        Desk::piv(KeyKind::Rsa2048),
        Desk::practice(KeyAlgorithm::Rsa3072),
    ] {
        let person = desk.holder();
        let said = tool(&desk, &["--test"]);
        let all = [&said.stdout, "\n", &said.stderr].concat();
        let faults: Vec<_> = all.lines().filter(|line| line.contains("ERR")).collect();
        assert!(faults.is_empty(), "{all}");
        assert!(all.contains("Signatures (currently only for RSA)"), "{all}");
        // Each PIN on the card is one that the holder gave, or his leave.
        until("the person to be done", || person.pins_asked() > 0);
        assert!(desk.pins_given() > 1, "{all}");
        assert_eq!(desk.tries_left(), 3);
    }
}

#[test]
fn its_test_of_a_fork_finds_no_fault() {
    let desk = Desk::piv(KeyKind::P256);
    let said = tool(&desk, &["--test-fork"]);
    let all = [said.success(), &said.stderr].concat();
    assert!(!all.contains("CKR_"), "{all}");
}

#[test]
fn openssl_verifies_what_a_p256_key_signs() {
    let desk = Desk::piv(KeyKind::P256);
    signs(&desk, "ECDSA", Input::Hash, &[]);
    signs(&desk, "ECDSA-SHA256", Input::Text, &[]);
}

#[test]
fn openssl_verifies_what_a_p384_key_signs() {
    let desk = Desk::practice(KeyAlgorithm::EcP384);
    signs(&desk, "ECDSA", Input::Hash, &[]);
    signs(&desk, "ECDSA-SHA256", Input::Text, &[]);
}

#[test]
fn openssl_verifies_what_an_rsa_key_signs() {
    for desk in [
        Desk::piv(KeyKind::Rsa2048),
        Desk::practice(KeyAlgorithm::Rsa3072),
    ] {
        signs(&desk, "SHA256-RSA-PKCS", Input::Text, &[]);
        let pss = ["--hash-algorithm", "SHA256"];
        signs(&desk, "RSA-PKCS-PSS", Input::Hash, &pss);
        signs(&desk, "SHA256-RSA-PKCS-PSS", Input::Text, &[]);
    }
}

/// What goes into a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    /// The text, which the module hashes.
    Text,
    /// SHA-256 of it.
    Hash,
}

/// Signs a text with that mechanism; the holder is asked once, and openssl finds it good.
fn signs(desk: &Desk, mechanism: &str, input: Input, more: &[&str]) {
    let person = desk.holder();
    let path = |name: &str| desk.folder().join(name).display().to_string();
    let (text, hash, signature) = (path("text"), path("hash"), path("signature"));
    // Longer than what is read at once, so that it comes in pieces.
    fs::write(&text, "what is to be signed\n".repeat(500)).unwrap();
    openssl(&["dgst", "-sha256", "-binary", "-out", &hash, &text]);
    let file = if input == Input::Hash { &hash } else { &text };
    let words = ["--sign", "--mechanism", mechanism, "-i", file, "-o"];
    let format = ["--signature-format", "openssl"];
    tool(desk, &[&words[..], &[&signature], &format, more].concat()).success();
    until("the person to be done", || person.pins_asked() == 1);

    let key = path("key.pem");
    let certificate = desk.certificate.path.display().to_string();
    openssl(&[
        "x509",
        "-in",
        &certificate,
        "-noout",
        "-pubkey",
        "-out",
        &key,
    ]);
    let pss = [
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:digest",
    ];
    let words = ["dgst", "-sha256", "-verify", &key, "-signature", &signature];
    let pss = if mechanism.contains("PSS") {
        &pss[..]
    } else {
        &[]
    };
    openssl(&[&words[..], pss, &[&text]].concat());
}

fn tool(desk: &Desk, words: &[&str]) -> Output {
    let mut command = desk.provider.command("pkcs11-tool", desk.folder());
    command.arg("--module").arg(&desk.provider.path).args(words);
    Running::start(&mut command, "").finish()
}

fn openssl(words: &[&str]) {
    let output = Command::new(Path::new("openssl")).args(words).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}
