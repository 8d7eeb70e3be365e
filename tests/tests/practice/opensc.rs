//! OpenSC reads the contact face as any PKCS #15 card, and signs with it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use der::asn1::UintRef;
use der::{Any, Encode, Tag};
use lichna_card::KeyAlgorithm;
use lichna_softcard::Face;
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{IDENTIFICATION_A, NUMBER, PIN, PUK, PracticeCard, SIGNING_A};
use lichna_tests::vpicc::{Answer, Card};
use sha2::{Digest, Sha256};

/// OpenSC has no driver of its own for such a card: its default one speaks ISO 7816, and signs with
/// nothing. A driver that adds nothing to ISO 7816 but that it has RSA is `MaskTech`.
const DEFAULT: &str = "enable_default_driver = true; card_drivers = default;";
const WITH_RSA: &str =
    "card_atr 3b:88:01:4c:49:43:48:4e:41:2d:50:f5 { driver = \"MaskTech\"; name = \"Practice\"; }";

struct Stage {
    pcscd: Pcscd,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new(driver: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = format!(
            "app default {{\n{driver}\nframework pkcs15 {{ use_file_caching = no; }}\n}}\n"
        );
        fs::write(folder.path().join("opensc.conf"), configuration).unwrap();
        Self {
            pcscd: Pcscd::start(&[ReaderSpec::vpcd("Practice")]),
            folder,
        }
    }

    /// Runs a program of OpenSC, which has to succeed.
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.output(program, arguments);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(
            output.status.success(),
            "{program} {arguments:?}\n{out}\n{err}"
        );
        out.into_owned()
    }

    fn output(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = self.pcscd.command(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("OPENSC_CONF", self.folder.path().join("opensc.conf"))
            .output()
            .expect("OpenSC is installed")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("openssl is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}\n{said}");
}

#[test]
fn opensc_reads_the_card_as_any_pkcs15_card() {
    let stage = Stage::new(DEFAULT);
    let ca = Ca::new("Bench CA");
    let card = PracticeCard::new();
    let certificate = card.personalise(&ca, "Мария Иванова");
    card.personalise_key(SIGNING_A, KeyAlgorithm::EcP384, &ca, "Мария Иванова");
    let _inserted = stage.insert(&card);

    let atr = stage.run("opensc-tool", &["--atr"]);
    assert!(atr.contains("3b:88:01:4c:49:43:48:4e:41:2d:50:f5"), "{atr}");
    let listed = stage.run("pkcs15-tool", &["--dump"]);
    for said in [
        "PKCS#15 Card [Lichna practice card]",
        &format!("Serial number  : {}", hex::encode(NUMBER)),
        "PIN [PIN]",
        "PIN [PUK]",
        "Private EC Key [Identification]",
        "Private EC Key [Signing]",
        "X.509 Certificate [Identification]",
        "X.509 Certificate [Signing]",
    ] {
        assert!(listed.contains(said), "{said} is not in\n{listed}");
    }
    assert_eq!(stage.read_certificate("01"), certificate.der);
}

// Req 14.1.8
#[test]
fn opensc_finds_the_authorities_on_the_card() {
    let stage = Stage::new(DEFAULT);
    let ca = Ca::new("Bench CA");
    let other = Ca::new("Above It");
    let card = PracticeCard::new();
    card.personalise(&ca, "Мария Иванова");
    card.write_chain(&[&ca.root().der, &other.root().der]);
    let _inserted = stage.insert(&card);

    let listed = stage.run("pkcs15-tool", &["--list-certificates"]);
    let authorities = listed.matches("Authority      : yes").count();
    assert_eq!(authorities, 2, "{listed}");
    assert_eq!(stage.read_certificate("c1"), ca.root().der);
    assert_eq!(stage.read_certificate("c2"), other.root().der);
}

#[test]
fn opensc_signs_with_ecdsa() {
    let stage = Stage::new(DEFAULT);
    let card = PracticeCard::new();
    card.personalise(&Ca::new("Bench CA"), "Мария Иванова");
    let _inserted = stage.insert(&card);
    stage.read_certificate("01");

    // Its default driver has no algorithms, so it sends what a driver would.
    fs::write(stage.path("message"), MESSAGE).unwrap();
    let hash = Sha256::digest(MESSAGE);
    let sign = format!("002A9E9A20{}00", hex::encode(hash));
    let said = stage.run(
        "opensc-tool",
        &[
            "--send-apdu",
            "0020000306313233343536",
            "--send-apdu",
            "00A4080C025015",
            "--send-apdu",
            "002241B60781025015840101",
            "--send-apdu",
            &sign,
        ],
    );
    let signature = answered(&said);
    assert_eq!(signature.len(), 64, "{said}");
    fs::write(stage.path("signature"), in_der(&signature)).unwrap();
    stage.verify();
}

#[test]
fn opensc_signs_with_rsa() {
    let stage = Stage::new(WITH_RSA);
    let card = PracticeCard::new();
    let ca = Ca::new("Bench CA");
    card.personalise_key(
        IDENTIFICATION_A,
        KeyAlgorithm::Rsa2048,
        &ca,
        "Мария Иванова",
    );
    let _inserted = stage.insert(&card);
    stage.read_certificate("01");
    fs::write(stage.path("message"), MESSAGE).unwrap();
    stage.run(
        "pkcs11-tool",
        &[
            "--sign",
            "--login",
            "--pin",
            PIN,
            "--id",
            "01",
            "--mechanism",
            "SHA256-RSA-PKCS",
            "--input-file",
            "message",
            "--output-file",
            "signature",
        ],
    );
    stage.verify();
}

#[test]
fn opensc_changes_the_pin_and_unblocks_it() {
    let stage = Stage::new(DEFAULT);
    let card = PracticeCard::new();
    card.personalise(&Ca::new("Bench CA"), "Мария Иванова");
    let inserted = stage.insert(&card);
    let verify = |pin: &str| stage.run("pkcs15-tool", &["--verify-pin", "--pin", pin]);
    let wrong = stage.output("pkcs15-tool", &["--verify-pin", "--pin", "000000"]);
    assert!(!wrong.status.success());
    verify(PIN);
    stage.run(
        "pkcs15-tool",
        &["--change-pin", "--pin", PIN, "--new-pin", "654321"],
    );
    verify("654321");
    for _ in 0..2 {
        stage.output("pkcs15-tool", &["--verify-pin", "--pin", "000000"]);
    }
    // Suspended, not blocked: without the CAN not even the right one is taken.
    let suspended = stage.output("pkcs15-tool", &["--verify-pin", "--pin", "654321"]);
    assert!(!suspended.status.success());
    assert_eq!(
        inserted.log().last().unwrap().answer,
        Answer::Bytes(vec![0x69, 0x85])
    );
    stage.run(
        "pkcs15-tool",
        &["--unblock-pin", "--puk", PUK, "--new-pin", PIN],
    );
    verify(PIN);
}

impl Stage {
    fn insert(&self, card: &PracticeCard) -> Card {
        self.pcscd
            .reader(0)
            .insert(card.open().insert(Face::Contact))
    }

    /// Of the key with that id; also as `card.pem`.
    fn read_certificate(&self, id: &str) -> Vec<u8> {
        self.run(
            "pkcs15-tool",
            &["--read-certificate", id, "--output", "card.pem"],
        );
        openssl(
            self.folder.path(),
            &[
                "x509", "-in", "card.pem", "-outform", "DER", "-out", "card.der",
            ],
        );
        fs::read(self.path("card.der")).unwrap()
    }

    /// `signature` is of `message` by the key in `card.pem`, says openssl.
    fn verify(&self) {
        let folder = self.folder.path();
        openssl(
            folder,
            &[
                "x509", "-in", "card.pem", "-pubkey", "-noout", "-out", "key.pem",
            ],
        );
        openssl(
            folder,
            &[
                "dgst",
                "-sha256",
                "-verify",
                "key.pem",
                "-signature",
                "signature",
                "message",
            ],
        );
    }
}

/// The bytes that opensc-tool shows after the last command: hexadecimal, then the same in ASCII.
fn answered(said: &str) -> Vec<u8> {
    let (_, last) = said
        .rsplit_once("Received (SW1=0x90, SW2=0x00):")
        .expect(said);
    let lines = last.lines().filter(|line| !line.is_empty());
    let bytes = lines.flat_map(|line| line.get(..48).unwrap_or(line).split_whitespace());
    bytes
        .map(|byte| u8::from_str_radix(byte, 16).expect(said))
        .collect()
}

/// r and s as openssl wants them.
fn in_der(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(signature.len() / 2);
    let number = |bytes: &[u8]| UintRef::new(bytes).unwrap().to_der().unwrap();
    let both = [number(r), number(s)].concat();
    Any::new(Tag::Sequence, both).unwrap().to_der().unwrap()
}

const MESSAGE: &str = "Здравей, свят";
