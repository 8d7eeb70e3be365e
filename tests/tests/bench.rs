//! The bench itself, judged by programs that nobody here wrote.
#![forbid(unsafe_code)]
#![allow(clippy::panic, reason = "the helpers of a test fail as the test does")]

use std::process::Command;

use lichna_tests::applet::{Applet, Kind, Making};
use lichna_tests::ca::{Ca, Identity, KeyKind};
use lichna_tests::hostile::{Hostile, Mute, Sickness, Unknown};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::pinpad::{Press, Properties};
use lichna_tests::server::{Asks, Program, ServerSpec, Versions};
use lichna_tests::vpicc::{Answer, Card, VirtualCard};
use lichna_tests::workspace::{Home, at_terminal};
use lichna_tests::{built, until};

/// Runs a program to its end and gives back all it said.
fn said(command: &mut Command) -> String {
    let (succeeded, text) = outcome(command);
    assert!(succeeded, "{command:?}: {text}");
    text
}

/// Runs a program to its end: whether it succeeded, and all it said.
fn outcome(command: &mut Command) -> (bool, String) {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// What pcsc_scan says about the readers, once.
fn scanned(pcscd: &Pcscd) -> String {
    // It is made to run for ever; its own time limit is one second at least.
    outcome(pcscd.command("pcsc_scan").args(["-c", "-t", "1"])).1
}

#[test]
fn opensc_and_yubico_see_the_piv_applet() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Yubico Test")]);
    let card = pcscd.reader(0).insert(Applet::piv());
    let list = said(pcscd.command("opensc-tool").arg("-l"));
    assert!(list.contains("Yes             Yubico Test 00 00"), "{list}");
    let atr = said(pcscd.command("opensc-tool").args(["-r", "0", "-a"]));
    assert!(
        atr.contains("3b:8f:01:80:5d:4e:69:74:72:6f:6b:65:79"),
        "{atr}"
    );
    let name = said(pcscd.command("opensc-tool").args(["-r", "0", "-n"]));
    assert!(name.contains("Personal Identity Verification"), "{name}");
    let (log, status) = pcscd.logged(|| {
        said(
            pcscd
                .command("yubico-piv-tool")
                .args(["-r", "Yubico", "-a", "status"]),
        )
    });
    assert!(status.contains("PIN tries left:\t3"), "{status}");
    assert!(
        log.iter()
            .any(|apdu| apdu.instruction() == 0x20 && apdu.status() == Some(0x63C3))
    );
    // The service's log and the card's own agree.
    let seen: Vec<_> = card
        .log()
        .into_iter()
        .map(|exchange| exchange.command)
        .collect();
    let logged: Vec<_> = pcscd.log().into_iter().map(|apdu| apdu.command).collect();
    assert_eq!(seen, logged);
}

#[test]
fn the_piv_applet_makes_keys_and_signs_with_them() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Yubico Test")]);
    let _card = pcscd.reader(0).insert(Applet::piv());
    let ca = Ca::new("Test CA");
    let public = ca.folder().join("card.pub");
    let certificate = ca.folder().join("card.crt");
    for algorithm in ["ECCP256", "ECCP384", "RSA2048"] {
        let piv = |arguments: &[&str]| {
            said(
                pcscd
                    .command("yubico-piv-tool")
                    .args(["-r", "Yubico", "-s", "9a"])
                    .args(arguments),
            )
        };
        piv(&[
            "-a",
            "generate",
            "-A",
            algorithm,
            "-o",
            public.to_str().unwrap(),
        ]);
        let key = Command::new("openssl")
            .args(["pkey", "-pubin", "-outform", "DER", "-in"])
            .arg(&public)
            .output();
        let made = ca.client_for(&key.unwrap().stdout, "Holder");
        std::fs::copy(&made.path, &certificate).unwrap();
        piv(&[
            "-a",
            "import-certificate",
            "-i",
            certificate.to_str().unwrap(),
        ]);
        let input = Command::new("yubico-piv-tool")
            .envs(pcscd.env())
            .args([
                "-r",
                "Yubico",
                "-a",
                "verify-pin",
                "-P",
                "123456",
                "-a",
                "test-signature",
                "-s",
                "9a",
            ])
            .stdin(std::fs::File::open(&certificate).unwrap())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&input.stderr).into_owned();
        assert!(text.contains("Successful"), "{algorithm}: {text}");
    }
}

#[test]
fn opensc_sees_the_openpgp_applet() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let _card = pcscd.reader(0).insert(Applet::openpgp());
    let name = said(pcscd.command("opensc-tool").args(["-r", "0", "-n"]));
    assert!(name.contains("OpenPGP"), "{name}");
    let pins = said(pcscd.command("openpgp-tool").args(["-r", "0", "-C", "-K"]));
    assert!(
        pins.contains("3.4") && pins.contains("Aut Algorithm:   RSA2048"),
        "{pins}"
    );
}

#[test]
fn tries_and_verification_live_as_on_a_card() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let reader = pcscd.reader(0);
    for (applet, select, status, wrong) in [
        (
            Applet::piv(),
            "00A4040009A00000030800001000",
            "00200080",
            "0020008008393939393939FFFF",
        ),
        (
            Applet::openpgp(),
            "00A4040006D2760001240100",
            "00200082",
            "0020008206393939393939",
        ),
    ] {
        let right = wrong.replace("393939393939", "313233343536");
        let card = reader.insert(applet);
        let send = |commands: &[&str]| {
            let mut tool = pcscd.command("opensc-tool");
            tool.args(["-r", "0", "-c", "default", "-s", select]);
            for command in commands {
                tool.args(["-s", command]);
            }
            let (log, _) = pcscd.logged(|| said(&mut tool));
            // opensc-tool asks for the serial number of some cards first.
            let last = log.len() - commands.len();
            log[last..]
                .iter()
                .map(|apdu| apdu.status().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(send(&[status, wrong, status]), [0x63C3, 0x63C2, 0x63C2]);
        // The tries outlive the power, what was verified does not.
        assert_eq!(send(&[&right, status]), [0x9000, 0x9000]);
        said(pcscd.command("opensc-tool").args(["--reset", "cold"]));
        assert_eq!(send(&[status, wrong]), [0x63C3, 0x63C2]);
        card.remove();
        pcscd.wait_for_card(reader, false);
        card.insert();
        pcscd.wait_for_card(reader, true);
        assert_eq!(send(&[status]), [0x63C2]);
        card.remove();
        pcscd.wait_for_card(reader, false);
    }
}

#[test]
fn opensc_verifies_and_changes_the_pin_at_the_pinpad() {
    let pcscd = Pcscd::start(&[
        ReaderSpec::pinpad("Pin Reader"),
        ReaderSpec::pinpad_with(
            "Plain Reader",
            Properties {
                pinpad: false,
                ..Properties::default()
            },
        ),
    ]);
    let reader = pcscd.reader(0);
    let keypad = reader.keypad();
    let list = said(pcscd.command("opensc-tool").arg("-l"));
    assert!(list.contains("No    PIN pad   Pin Reader 00 00"), "{list}");
    assert!(
        list.contains("No              Plain Reader 00 00"),
        "{list}"
    );
    let verify = || {
        outcome(
            pcscd
                .command("pkcs15-tool")
                .args(["--verify-pin", "--auth-id", "01"]),
        )
    };
    for (applet, command) in [
        (Applet::piv(), "0020008008313233343536ffff"),
        (Applet::openpgp(), "0020008106313233343536"),
    ] {
        let card = reader.insert(applet);
        keypad.press("123456");
        let (succeeded, text) = verify();
        assert!(succeeded, "{text}");
        let command = hex::decode(command).unwrap();
        assert!(
            card.log()
                .iter()
                .any(|exchange| exchange.command == command)
        );
        for (press, words) in [
            (Press::Cancel, "cancelled by user"),
            (Press::TimeOut, "Timed out"),
            (Press::Digits("999999".into()), "PIN code or key incorrect"),
        ] {
            keypad.queue(&[press]);
            let (succeeded, text) = verify();
            assert!(!succeeded && text.contains(words), "{text}");
        }
        card.remove();
        pcscd.wait_for_card(reader, false);
    }
    let asked = keypad.asked();
    let card = reader.insert(Applet::openpgp());
    for digits in ["123456", "654321", "654321"] {
        keypad.press(digits);
    }
    said(
        pcscd
            .command("pkcs15-tool")
            .args(["--change-pin", "--auth-id", "01"]),
    );
    assert!(keypad.asked() > asked);
    assert!(card.log().iter().any(|exchange| {
        exchange.command == hex::decode("002400810c313233343536363534333231").unwrap()
            && exchange.answer == Answer::Bytes(vec![0x90, 0x00])
    }));
}

#[test]
fn pcsc_sees_cards_mute_unknown_removed_and_back() {
    let mut pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    assert!(scanned(&pcscd).contains("Card removed"));
    let mute = pcscd.reader(0).insert(Mute::default());
    until("the card to be mute", || {
        scanned(&pcscd).contains("Unresponsive card")
    });
    drop(mute);
    until("the mute card to be gone", || {
        !scanned(&pcscd).contains("Unresponsive card")
    });
    let card = pcscd.reader(0).insert(Unknown::default());
    let seen = scanned(&pcscd);
    assert!(seen.contains("3B 86 01 6E 6F 62 6F 64 79 96"), "{seen}");
    // The service goes and comes back: the card is still in.
    pcscd.stop();
    let (succeeded, _) = outcome(pcscd.command("opensc-tool").args(["-r", "0", "-a"]));
    assert!(!succeeded);
    pcscd.start_again();
    pcscd.wait_for_card(pcscd.reader(0), true);
    let list = said(pcscd.command("opensc-tool").arg("-l"));
    assert!(list.contains("Yes             Test Reader 00 00"), "{list}");
    card.remove();
    pcscd.wait_for_card(pcscd.reader(0), false);
    let list = said(pcscd.command("opensc-tool").arg("-l"));
    assert!(list.contains("No              Test Reader 00 00"), "{list}");
}

#[test]
fn a_service_without_readers_runs() {
    let pcscd = Pcscd::start(&[]);
    let list = outcome(pcscd.command("opensc-tool").arg("-l")).1;
    assert!(list.contains("No smart card readers found"), "{list}");
}

#[test]
fn another_user_is_kept_out_and_let_in() {
    use std::os::unix::process::CommandExt;
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    if lichna_tests::workspace::owner(&pcscd.socket()) != Some(0) {
        // Only root can be somebody else; for everybody else `no_permission` is enough.
        return;
    }
    let list = || {
        outcome(
            pcscd
                .command("opensc-tool")
                .arg("-l")
                .env("HOME", "/nonexistent")
                .uid(65534)
                .gid(65534),
        )
        .1
    };
    assert!(list().contains("Test Reader"), "{}", list());
    pcscd.no_permission();
    assert!(!list().contains("Test Reader"), "{}", list());
    pcscd.permission();
    assert!(list().contains("Test Reader"), "{}", list());
}

#[test]
fn a_card_can_be_a_process_of_its_own() {
    use std::io::Write;
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let reader = pcscd.reader(0);
    let mut process = Command::new(built::applet())
        .args(["piv", "--port", &reader.port().to_string()])
        .args(["--uuid", "000102030405060708090a0b0c0d0e0f"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut orders = process.stdin.take().unwrap();
    pcscd.wait_for_card(reader, true);
    writeln!(orders, "remove").unwrap();
    pcscd.wait_for_card(reader, false);
    writeln!(orders, "insert").unwrap();
    pcscd.wait_for_card(reader, true);
    writeln!(orders, "quit").unwrap();
    assert!(process.wait().unwrap().success());
    pcscd.wait_for_card(reader, false);
}

#[test]
fn sick_cards_are_sick_as_said() {
    let select = hex::decode("00A4040009A0000003080000100000").unwrap();
    let get_response = [0x00, 0xC0, 0x00, 0x00, 0x00];
    let sick = |sickness| Hostile::new(Applet::piv(), sickness);
    assert_eq!(sick(Sickness::Silence).answer(&select), Answer::Silence);
    assert_eq!(sick(Sickness::Truncated(1)).transmit(&select).len(), 1);
    let mut endless = sick(Sickness::EndlessData(vec![0x53])).at(&[0xCB]);
    let sound = endless.transmit(&select);
    assert!(sound.ends_with(&[0x90, 0x00]));
    let first = endless.transmit(&hex::decode("00CB3FFF055C035FC10500").unwrap());
    assert_eq!((first.len(), first[0]), (258, 0x53));
    for _ in 0..1000 {
        assert!(endless.transmit(&get_response).ends_with(&[0x61, 0xFF]));
    }
    let long = sick(Sickness::LengthTooLong).transmit(&select);
    assert_eq!(long[1], sound[1] + 1);
    let deep = sick(Sickness::DeepTlv(3)).transmit(&select);
    assert_eq!(deep, [0x30, 4, 0x30, 2, 0x30, 0, 0x90, 0x00]);
}

#[test]
fn a_silent_card_is_silent_until_it_is_removed() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let reader = pcscd.reader(0);
    let card = reader.insert(Hostile::new(Applet::piv(), Sickness::Silence).at(&[0xCB]));
    let mut tool = pcscd
        .command("opensc-tool")
        .args([
            "-r",
            "0",
            "-c",
            "default",
            "-s",
            "00A4040009A00000030800001000",
        ])
        .args(["-s", "00CB3FFF055C035FC10500"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("the command", || {
        card.log()
            .iter()
            .any(|exchange| exchange.answer == Answer::Silence)
    });
    assert!(tool.try_wait().unwrap().is_none());
    card.remove();
    assert!(!tool.wait().unwrap().success());
}

#[test]
fn a_slow_card_takes_its_time() {
    use lichna_tests::vpicc::Latency;
    use std::time::Duration;
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let card: Card = pcscd.reader(0).insert(Applet::piv());
    card.set_latency(Latency::default().with(0xA4, Duration::from_millis(30)));
    let mut tool = pcscd.command("opensc-tool");
    tool.args([
        "-r",
        "0",
        "-c",
        "default",
        "-s",
        "00A4040009A00000030800001000",
    ]);
    let (log, _) = pcscd.logged(|| said(&mut tool));
    let select = log.iter().find(|apdu| apdu.instruction() == 0xA4).unwrap();
    assert!(select.microseconds >= 30_000, "{select:?}");
}

/// What curl gets with that client certificate.
fn curl(ca: &Ca, url: &str, identity: Option<&Identity>) -> (bool, String) {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20", "--cacert"]);
    command.arg(&ca.root().path).arg(url);
    if let Some(identity) = identity {
        command.arg("--cert").arg(&identity.certificate.path);
        command.arg("--key").arg(&identity.key);
    }
    outcome(&mut command)
}

#[test]
fn all_servers_know_the_holder_and_no_stranger() {
    let (ca, other) = (Ca::new("Test CA"), Ca::new("Other CA"));
    let stranger = other.client("Stranger", KeyKind::P256);
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa2048] {
        let holder = ca.client("The Holder", kind);
        for program in [Program::Nginx, Program::OpenSsl, Program::Apache] {
            for (versions, protocol) in [
                (Versions::Tls12, "TLSv1.2"),
                (Versions::Tls13, "TLSv1.3"),
                (Versions::Both, "TLSv1.3"),
            ] {
                let server = ServerSpec::new(program, &ca).versions(versions).start();
                let (_, text) = curl(&ca, &server.url(), Some(&holder));
                assert!(
                    text.contains("CN=The Holder") && text.contains(protocol),
                    "{program:?} {versions:?}: {text}"
                );
                for nobody in [Some(&stranger), None] {
                    let (succeeded, text) = curl(&ca, &server.url(), nobody);
                    assert!(
                        !succeeded || text.contains("400 Bad Request"),
                        "{program:?} {versions:?}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn apache_asks_late_and_s_server_is_choosy() {
    let ca = Ca::new("Test CA");
    let holder = ca.client("The Holder", KeyKind::P256);
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = ServerSpec::new(Program::Apache, &ca)
            .versions(versions)
            .asks(Asks::Late)
            .start();
        assert!(curl(&ca, &server.url(), None).0);
        let late = format!("{}late/", server.url());
        assert!(!curl(&ca, &late, None).0);
        let (succeeded, text) = curl(&ca, &late, Some(&holder));
        assert!(succeeded && text.contains("CN=The Holder"), "{text}");
    }
    for program in [Program::OpenSsl, Program::Apache] {
        let server = ServerSpec::new(program, &ca)
            .client_schemes("rsa_pss_rsae_sha256")
            .start();
        let (succeeded, text) = curl(&ca, &server.url(), Some(&holder));
        assert!(!succeeded, "{program:?}: {text}");
        let rsa = ca.client("The Holder", KeyKind::Rsa2048);
        let (succeeded, text) = curl(&ca, &server.url(), Some(&rsa));
        assert!(
            succeeded && text.contains("The Holder"),
            "{program:?}: {text}"
        );
    }
}

#[test]
fn opensc_signs_with_a_personalised_card_and_its_certificate_verifies() {
    let ca = Ca::new("Test CA");
    let mechanism = |key| {
        if key == KeyKind::Rsa2048 {
            "RSA-PKCS"
        } else {
            "ECDSA"
        }
    };
    for (kind, id) in [(Kind::Piv, "01"), (Kind::OpenPgp, "03")] {
        for key in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa2048] {
            let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
            let making = Making::new(kind).uuid([7; 16]);
            let making = if key == KeyKind::P384 && kind == Kind::Piv {
                making.short_only()
            } else {
                making
            };
            let (applet, certificate) = making.personalised(key, &ca, "The Holder");
            let _card = pcscd.reader(0).insert(applet);
            let folder = ca.folder();
            let (read, hash) = (folder.join("read.der"), folder.join("hash"));
            let signature = folder.join("signature");
            let length = if key == KeyKind::P384 { 48 } else { 32 };
            std::fs::write(&hash, vec![0x5A; length]).unwrap();
            let pkcs11 = |arguments: &[&str]| {
                let mut command = pcscd.command("pkcs11-tool");
                command.args(["--module", "opensc-pkcs11.so", "--id", id]);
                command.args(arguments);
                command
            };
            said(pkcs11(&["--read-object", "--type", "cert", "--output-file"]).arg(&read));
            assert_eq!(std::fs::read(&read).unwrap(), certificate.der);
            let mut sign = pkcs11(&["--login", "--pin", "123456", "--sign", "--mechanism"]);
            sign.args([mechanism(key), "--signature-format", "openssl"]);
            sign.arg("--input-file")
                .arg(&hash)
                .arg("--output-file")
                .arg(&signature);
            said(&mut sign);
            let mut verify = Command::new("openssl");
            verify.args(["pkeyutl", "-verify", "-certin", "-inkey"]);
            verify.arg(&certificate.path).arg("-in").arg(&hash);
            let verified = said(verify.arg("-sigfile").arg(&signature));
            assert!(verified.contains("Successfully"), "{verified}");
        }
    }
}

#[test]
fn opensc_reads_a_certificate_whose_key_is_not_on_the_card() {
    let ca = Ca::new("Test CA");
    let foreign = ca.client("Somebody Else", KeyKind::P256).certificate;
    for (kind, id) in [(Kind::Piv, "01"), (Kind::OpenPgp, "03")] {
        let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
        let (applet, _) = Making::new(kind).personalised(KeyKind::P256, &ca, "The Holder");
        let _card = pcscd
            .reader(0)
            .insert(applet.with_certificate(kind, &foreign.der));
        let read = ca.folder().join("read.der");
        let mut tool = pcscd.command("pkcs11-tool");
        tool.args(["--module", "opensc-pkcs11.so", "--id", id, "--read-object"]);
        said(tool.args(["--type", "cert", "--output-file"]).arg(&read));
        assert_eq!(std::fs::read(&read).unwrap(), foreign.der);
    }
}

#[test]
fn a_home_knows_its_agent_and_no_other() {
    let homes = [Home::apart(), Home::below("deep/down")];
    let start = |home: &Home| {
        // What the agent is called is what counts here, not what it does.
        let agent = home.path().join("lichna-agent");
        std::fs::copy("/bin/sleep", &agent).unwrap();
        home.command(agent).arg("600").spawn().unwrap()
    };
    let mut children = homes.each_ref().map(start);
    for (home, child) in homes.iter().zip(&children) {
        until("the agent", || home.agents().len() == 1);
        assert_eq!(home.agents(), [rustix::process::Pid::from_child(child)]);
    }
    homes[0].signal_agents(rustix::process::Signal::TERM);
    assert!(!children[0].wait().unwrap().success());
    assert_eq!(homes[0].agents(), []);
    assert_eq!(homes[1].agents().len(), 1);
    drop(homes);
    assert!(!children[1].wait().unwrap().success());
}

#[test]
fn a_terminal_is_a_terminal() {
    let home = Home::apart();
    let mut shell = home.command("sh");
    shell.args([
        "-c",
        "test -t 0 && stty -echo && printf 'PIN: ' && read pin && echo \"<$pin>\"",
    ]);
    let mut session = at_terminal(shell);
    session.exp_string("PIN: ").unwrap();
    session.send_line("123456").unwrap();
    assert_eq!(session.exp_string("<123456>").unwrap(), "");
}
