//! The module as OpenSC's pkcs11-tool calls it, with an agent that is made up: what there is with a
//! card that nobody here has, and what must not come from any card. Req C.3
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

mod fake;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use fake::card::{Card, HOLDER};
use fake::{FakeAgent, Holder};
use lichna_ipc::{Failure, KeyRole, PinState, Request, Tokens};

/// The built module: cargo builds it for these tests, and puts it beside them.
fn library() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.with_file_name("liblichna_pkcs11.so")
}

/// pkcs11-tool, about to call the module.
fn pkcs11_tool(agent: &FakeAgent, arguments: &[&str]) -> Command {
    let (name, value) = agent.environment();
    let mut command = Command::new("pkcs11-tool");
    command.env(name, value).arg("--module").arg(library());
    command.args(arguments);
    command
}

/// What it prints.
fn prints(mut command: Command) -> String {
    let output = command.output().expect("opensc is installed");
    assert!(output.status.success(), "{}", all(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// How it fails.
fn fails(mut command: Command) -> String {
    let output = command.output().expect("opensc is installed");
    assert!(!output.status.success(), "{}", all(&output));
    all(&output)
}

fn all(output: &Output) -> String {
    [output.stdout.as_slice(), &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

fn is_signature(request: &Request) -> bool {
    matches!(request, Request::TokenSign(_))
}

fn is_unlocking(request: &Request) -> bool {
    matches!(request, Request::TokenUnlock { .. })
}

#[test]
fn pkcs11_tool_shows_slots_mechanisms_and_objects() {
    let agent = FakeAgent::with(Card::p256());
    let shown = prints(pkcs11_tool(&agent, &["-L", "-M", "-O"]));
    for expected in [
        "Slot 0 (0x0): Fake Reader 00 00\n",
        "Slot 1 (0x1): Fake Reader 00 00 (sign)\n",
        // 32 bytes, and no half of a letter.
        "token label        : Fake card Мария Ивано\n",
        "token flags        : token initialized, PIN initialized, readonly\n",
        "serial num         : 123456789\n",
        "ECDSA, keySize={256,256}, hw, sign",
        "ECDSA-SHA256, keySize={256,256}, sign",
        "Certificate Object; type = X.509 cert\n",
        "Public Key Object; EC  EC_POINT 256 bits\n",
        "Private Key Object; EC\n",
        "Access:     sensitive\n",
        "CKP_PUBLIC_CERTIFICATES_TOKEN",
        HOLDER,
    ] {
        assert!(shown.contains(expected), "no {expected} in:\n{shown}");
    }
    assert_eq!(agent.heard(is_signature), 0);
}

/// Signs with pkcs11-tool and has openssl verify it.
fn signs_what_openssl_verifies(card: Card, mechanisms: &[(&str, &[&str])]) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, signature, key) = (at("data"), at("signature"), at("key.der"));
    fs::write(&data, "what is signed, and a little longer than a hash").unwrap();
    fs::write(&key, &card.token().certificate.public_key).unwrap();
    let agent = FakeAgent::with(card);
    for (mechanism, options) in mechanisms {
        let sign = ["--sign", "-m", mechanism, "-i", &data, "-o", &signature];
        let format = ["--signature-format", "openssl"];
        prints(pkcs11_tool(&agent, &[sign.as_slice(), &format].concat()));
        let mut openssl = Command::new("openssl");
        openssl.args(["dgst", "-keyform", "DER", "-verify", &key]);
        openssl.args(["-signature", &signature]).args(*options);
        let verified = prints({
            openssl.arg(&data);
            openssl
        });
        assert!(verified.contains("Verified OK"), "{mechanism}: {verified}");
    }
    assert_eq!(agent.heard(is_signature), mechanisms.len());
}

#[test]
fn a_key_on_a_curve_signs_with_each_hash() {
    let mechanisms: [(&str, &[&str]); 3] = [
        ("ECDSA-SHA256", &["-sha256"]),
        ("ECDSA-SHA384", &["-sha384"]),
        ("ECDSA-SHA512", &["-sha512"]),
    ];
    signs_what_openssl_verifies(Card::p256(), &mechanisms);
}

#[test]
fn an_rsa_key_signs_with_each_hash_and_padding() {
    let pss = [
        "-sha256",
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:digest",
    ];
    let mechanisms: [(&str, &[&str]); 4] = [
        ("SHA256-RSA-PKCS", &["-sha256"]),
        ("SHA384-RSA-PKCS", &["-sha384"]),
        ("SHA512-RSA-PKCS", &["-sha512"]),
        ("SHA256-RSA-PKCS-PSS", &pss),
    ];
    signs_what_openssl_verifies(Card::rsa(), &mechanisms);
}

#[test]
fn a_refusal_is_told_by_its_code() {
    let agent = FakeAgent::with(Card::p256());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::write(&data, [7; 32]).unwrap();
    let data = data.to_str().unwrap();
    for (failure, code) in [
        (Failure::Refused, "CKR_FUNCTION_CANCELED"),
        (Failure::Cancelled, "CKR_FUNCTION_CANCELED"),
        (Failure::PromptTimeout, "CKR_FUNCTION_FAILED"),
        (Failure::WrongPin { tries_left: 2 }, "CKR_PIN_INCORRECT"),
        (Failure::PinBlocked, "CKR_PIN_LOCKED"),
        (Failure::LastTryRefused, "CKR_PIN_LOCKED"),
        (Failure::CardRemoved, "CKR_DEVICE_REMOVED"),
        (Failure::CardReset, "CKR_DEVICE_ERROR"),
        (Failure::NotLoggedIn, "CKR_USER_NOT_LOGGED_IN"),
        (Failure::Busy, "CKR_FUNCTION_FAILED"),
    ] {
        agent.holder(Holder::Fails(failure.clone()));
        let sign = ["--sign", "-m", "ECDSA", "-i", data, "-o", "/dev/null"];
        let said = fails(pkcs11_tool(&agent, &sign));
        assert!(said.contains(code), "{failure:?}: {said}");
    }
}

#[test]
fn a_signature_of_the_wrong_length_is_no_signature() {
    // The agent says that the key is smaller than it is.
    let card = Card::p256().but(|token| token.key = Card::p384_point());
    let agent = FakeAgent::with(card);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::write(&data, [7; 32]).unwrap();
    let data = data.to_str().unwrap();
    let sign = ["--sign", "-m", "ECDSA", "-i", data, "-o", "/dev/null"];
    let said = fails(pkcs11_tool(&agent, &sign));
    assert!(said.contains("CKR_GENERAL_ERROR"), "{said}");
}

#[test]
fn the_holder_of_a_sealed_card_is_asked_for_its_can_once() {
    let agent = FakeAgent::with(Card::p256());
    agent.says(|tokens| {
        for reader in &mut tokens.readers {
            reader.wants_can = true;
            reader.tokens.clear();
        }
    });
    let shown = prints(pkcs11_tool(&agent, &["--list-slots"]));
    assert!(shown.contains("Fake Reader 00 00\n  (empty)"), "{shown}");
    agent.hears(is_unlocking);
    assert_eq!(agent.heard(is_unlocking), 1);
}

#[test]
fn a_signing_key_is_in_the_second_slot() {
    let card = Card::p256().but(|token| {
        token.role = KeyRole::Signing;
        token.certificate.label = "Somebody whose name is much too long".into();
        token.pin.state = PinState::Blocked;
        token.number = None;
    });
    let identifier = hex::encode(&card.token().certificate.key_identifier);
    let agent = FakeAgent::with(card);
    let shown = prints(pkcs11_tool(&agent, &["--list-slots"]));
    for expected in [
        "Slot 0 (0x0): Fake Reader 00 00\n  (empty)",
        "token label        : Fake card Somebody whose  (sign)\n",
        "user PIN locked",
        identifier.get(..16).unwrap(),
    ] {
        assert!(shown.contains(expected), "no {expected} in:\n{shown}");
    }
}

#[test]
fn a_change_of_the_pin_is_the_agents_own_to_ask_for() {
    let agent = FakeAgent::with(Card::p256());
    let change = ["--change-pin", "--pin", "123456", "--new-pin", "654321"];
    let said = fails(pkcs11_tool(&agent, &change));
    let not = ["CKR_FUNCTION_NOT_SUPPORTED", "not supported"];
    assert!(not.iter().any(|word| said.contains(word)), "{said}");
    let is_change = |request: &Request| matches!(request, Request::PinChange { .. });
    assert_eq!(agent.heard(is_change), 0);
}

#[test]
fn an_agent_that_ends_while_the_holder_is_asked_ends_the_signature() {
    let agent = FakeAgent::with(Card::p256());
    agent.holder(Holder::Sleeps);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::write(&data, [7; 32]).unwrap();
    let data = data.to_str().unwrap();
    let sign = ["--sign", "-m", "ECDSA", "-i", data, "-o", "/dev/null"];
    let command = pkcs11_tool(&agent, &sign);
    let said = thread::scope(|scope| {
        let signs = scope.spawn(|| fails(command));
        agent.hears(is_signature);
        let next = agent.restarts();
        next.says(|tokens| *tokens = Tokens::default());
        signs.join().unwrap()
    });
    assert!(said.contains("CKR_DEVICE_REMOVED"), "{said}");
}

/// What a module exports, besides what it may.
fn exported(library: &Path) -> Vec<String> {
    let mut nm = Command::new("nm");
    nm.args(["--dynamic", "--defined-only", "--format=posix"]);
    nm.arg(library);
    let lines = prints(nm);
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn nothing_is_exported_but_the_functions_of_the_standard() {
    let exported = exported(&library());
    assert_eq!(exported.len(), 92, "68 of 2.40, 24 of 3.0");
    for name in exported {
        assert!(name.starts_with("C_"), "{name}");
    }
}

/// A program may hold another module's symbols where all of the process sees them.
#[test]
fn another_modules_symbols_do_not_take_the_place_of_ours() {
    let other = "/usr/lib/softhsm/libsofthsm2.so";
    assert!(Path::new(other).exists(), "softhsm2 is installed");
    let agent = FakeAgent::with(Card::p256());
    let mut command = pkcs11_tool(&agent, &["--show-info", "--list-slots"]);
    command.env("LD_PRELOAD", other);
    let shown = prints(command);
    assert!(shown.contains("Manufacturer     Lichna\n"), "{shown}");
    assert!(shown.contains("Fake Reader 00 00"), "{shown}");
}
