//! The classic behaviour, which is off by default: programs ask for the PIN themselves and hand it
//! to the module.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use lichna_tests::approver::Approver;
use lichna_tests::ca::KeyKind;
use lichna_tests::module::{Mechanism, Module, Template};
use lichna_tests::programs::{Program, Running};
use lichna_tests::server::Versions;
use lichna_tests::workspace::Output;

use cryptoki_sys::{CKM_ECDSA, CKO_PRIVATE_KEY, CKU_USER};

use crate::client::{PIN, WRONG};
use crate::desk::{Desk, assert_is_page};

/// A desk where the switch is on.
fn desk() -> Desk {
    let desk = Desk::piv(KeyKind::P256);
    let settings = desk.home().path().join("config.toml");
    fs::write(settings, "[pkcs11]\nlogin = true\n").unwrap();
    desk
}

/// Signs with pkcs11-tool.
fn sign(desk: &Desk, words: &[&str]) -> Output {
    let hash = desk.folder().join("hash");
    fs::write(&hash, [7; 32]).unwrap();
    let mut command = desk.provider.command("pkcs11-tool", desk.folder());
    command.arg("--module").arg(&desk.provider.path);
    command.args(words).args(["--sign", "--mechanism", "ECDSA"]);
    command.arg("-i").arg(hash).arg("-o");
    command.arg(desk.folder().join("signature"));
    Running::start(&mut command, "").finish()
}

fn fails(said: &Output, word: &str) {
    assert!(!said.status.success(), "{said:?}");
    assert!(said.stderr.contains(word), "{said:?}");
}

#[test]
fn a_program_that_gives_the_pin_signs_and_nobody_is_asked() {
    let desk = desk();
    let nobody = Approver::who_leaves_all(desk.home());
    sign(&desk, &["--login", "--pin", PIN]).success();
    // The card is given it at the login, and once more with the signature: it is reset in between.
    assert_eq!(desk.pins_given(), 2);
    let module = desk.provider.clone().with_pin(PIN);
    let server = desk.server(Versions::Tls13);
    for program in Program::ALL {
        let said = desk.visit_with(program, &server, &module).finish();
        assert_is_page(&said, Versions::Tls13, &format!("{program:?}"));
    }
    assert!(nobody.answered().is_empty());
}

#[test]
fn without_the_switch_no_program_can_give_the_pin() {
    let desk = Desk::piv(KeyKind::P256);
    let said = sign(&desk, &["--login", "--pin", PIN]);
    // pkcs11-tool logs in only where that is asked for; it may go on without.
    assert_eq!(desk.pins_given(), 0, "{said:?}");
}

#[test]
fn an_empty_pin_never_reaches_the_card() {
    let desk = desk();
    let said = sign(&desk, &["--login", "--pin", ""]);
    assert!(!said.status.success(), "{said:?}");
    assert_eq!(desk.pins_given(), 0);
    assert_eq!(desk.tries_left(), 3);
}

#[test]
fn after_a_wrong_pin_no_program_may_try_another_until_the_card_was_taken_out() {
    let desk = desk();
    fails(
        &sign(&desk, &["--login", "--pin", WRONG]),
        "CKR_PIN_INCORRECT",
    );
    assert_eq!((desk.pins_given(), desk.tries_left()), (1, 2));
    // Not even the right one.
    let said = sign(&desk, &["--login", "--pin", PIN]);
    assert!(!said.status.success(), "{said:?}");
    assert_eq!((desk.pins_given(), desk.tries_left()), (1, 2));
    desk.stage.reinsert();
    sign(&desk, &["--login", "--pin", PIN]).success();
    assert_eq!(desk.tries_left(), 3);
}

#[test]
fn the_login_of_one_program_does_nothing_for_another() {
    let desk = desk();
    let nobody = Approver::who_leaves_all(desk.home());
    let [mut one, mut other] = [Other::start(&desk), Other::start(&desk)];
    // A program that is not logged in sees no private key.
    assert_eq!(one.told("sign"), "no key");
    assert_eq!(desk.pins_given(), 0);
    assert_eq!(one.told("login"), "Ok(())");
    assert_eq!(desk.pins_given(), 1);
    assert_eq!(other.told("sign"), "no key");
    assert_eq!(one.told("sign"), "Ok(64)");
    assert_eq!(other.told("sign"), "no key");
    assert!(nobody.answered().is_empty());
}

/// A program that does what it is told, and goes on running.
struct Other {
    running: Child,
    stdin: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(desk: &Desk) -> Self {
        let own = std::env::current_exe().unwrap();
        let mut command = desk.provider.command(own.to_str().unwrap(), desk.folder());
        let mut running = command
            .args(["--ignored", "--exact", "--nocapture", HELPER])
            .env("MODULE", &desk.provider.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(running.stdout.take().unwrap());
        Self {
            stdin: running.stdin.take().unwrap(),
            said: stdout.lines(),
            running,
        }
    }

    /// Tells it something, for its answer.
    fn told(&mut self, word: &str) -> String {
        writeln!(self.stdin, "{word}").unwrap();
        let mut lines = self.said.by_ref().map_while(Result::ok);
        let answer = lines.find_map(|line| Some(line.split_once(SAID)?.1.to_owned()));
        answer.expect("the program goes on")
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.running.kill().unwrap();
        self.running.wait().unwrap();
    }
}

const HELPER: &str = "classic::helper_does_what_it_is_told";
const SAID: &str = "said: ";

#[test]
#[ignore = "a process of the test above"]
fn helper_does_what_it_is_told() {
    let module = Module::load(std::env::var_os("MODULE").unwrap());
    module.initialize().unwrap();
    let slot = module.slots(true).unwrap()[0];
    let session = module.open_session(slot).unwrap();
    let private = Template::of_class(CKO_PRIVATE_KEY);
    let ecdsa = Mechanism::plain(CKM_ECDSA);
    for word in std::io::stdin().lines() {
        match word.unwrap().as_str() {
            "login" => println!("{SAID}{:?}", module.login(session, CKU_USER, Some(PIN))),
            _ => match module.find(session, &private).unwrap().as_slice() {
                [] => println!("{SAID}no key"),
                [key, ..] => {
                    let signature = module.signature(session, *key, &ecdsa, &[7; 32]);
                    println!("{SAID}{:?}", signature.map(|bytes| bytes.len()));
                }
            },
        }
    }
}
