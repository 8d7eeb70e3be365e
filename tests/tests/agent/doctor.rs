//! Each cause that the doctor names is produced for real, and the fix that it prints, carried out,
//! makes it green.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use lichna_ipc::client::{Client, Start};
use lichna_ipc::{Failure, Finding, FindingState, Reply, Request};
use lichna_tests::applet::{Applet, Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::hostile::{Mute, Unknown};
use lichna_tests::pcscd::{Pcscd, ReaderSpec, without_pcscd};
use lichna_tests::personalise::personalise;
use lichna_tests::workspace::{Home, finish};
use lichna_tests::{DEADLINE, built, until};

use crate::client::{PIN, Person, WRONG, agent, call, cards_are_read, listening};
use crate::other::{self, OtherProgram};
use crate::stage::{HOLDER, Stage};

fn findings(home: &Home) -> Vec<Finding> {
    match call(home, Request::Doctor, &mut Person::nobody()) {
        Ok(Reply::Doctor(findings)) => findings,
        other => panic!("{other:?}"),
    }
}

/// The findings that are not good.
fn faults(home: &Home) -> Vec<Finding> {
    let all = findings(home).into_iter();
    all.filter(|one| matches!(one.state, FindingState::Bad | FindingState::Warning))
        // These are the browsers of whoever runs this.
        .filter(|one| !["firefox", "chromium", "p11-kit"].contains(&one.check.as_str()))
        .collect()
}

/// The one thing that is wrong.
#[track_caller]
fn the_fault(home: &Home, check: &str) -> (Failure, Option<String>) {
    let faults = faults(home);
    let [fault] = &faults[..] else {
        panic!("{faults:#?}");
    };
    assert_eq!(fault.check, check);
    (*fault.failure.clone().unwrap(), fault.fix.clone())
}

/// Waits until that is what is wrong. A look at the very moment of a change may find more.
fn notices(home: &Home, check: &str) {
    let end = Instant::now() + DEADLINE;
    loop {
        let found = faults(home);
        if found.iter().map(|one| one.check.as_str()).eq([check]) {
            return;
        }
        assert!(Instant::now() < end, "{found:#?}");
    }
}

#[track_caller]
fn all_is_well(home: &Home) {
    let faults = faults(home);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Carries out what the doctor printed, as root: as it stands, but for `sudo`.
fn carry_out(home: &Home, fix: &str) {
    let fix = fix.strip_prefix("sudo ").unwrap_or(fix);
    let mut words = fix.split_whitespace();
    let status = home.command(words.next().unwrap()).args(words).status();
    assert!(status.unwrap().success(), "{fix}");
}

#[test]
fn finds_nothing_wrong_where_nothing_is() {
    let stage = Stage::piv();
    all_is_well(&stage.home);
    let checks: Vec<_> = findings(&stage.home)
        .into_iter()
        .map(|one| one.check)
        .collect();
    for check in [
        "agent",
        "configuration",
        "trust",
        "profile",
        "service",
        "reader",
        "card",
        "certificate",
        "clock",
        "pin",
    ] {
        assert!(
            checks.iter().any(|one| one == check),
            "{check} in {checks:?}"
        );
    }
}

#[test]
fn names_a_service_that_stopped() {
    let mut stage = Stage::piv();
    stage.pcscd.stop();
    // While it goes, it may look as if it let nobody in.
    until("the agent to notice", || {
        let found = faults(&stage.home);
        let [fault] = &found[..] else { return false };
        fault.check == "service" && fault.failure.as_deref() == Some(&Failure::ServiceNotRunning)
    });
    let (failure, fix) = the_fault(&stage.home, "service");
    assert_eq!(failure, Failure::ServiceNotRunning);
    // The bench's service is not systemd's; what the command does, the bench does.
    assert_eq!(fix.as_deref(), Some("sudo systemctl start pcscd.socket"));
    stage.pcscd.start_again();
    until("the agent to notice", || faults(&stage.home).is_empty());
}

#[test]
fn names_a_service_that_is_not_installed() {
    let pcscd = Pcscd::stopped(&[]);
    let home = Home::new(&pcscd);
    let mut command = without_pcscd(built::agent());
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    let _agent = listening(&home, command);
    let (failure, fix) = the_fault(&home, "service");
    assert_eq!(failure, Failure::ServiceNotInstalled);
    assert_eq!(fix.as_deref(), Some("sudo apt install pcscd"));
}

#[test]
fn names_a_service_that_this_user_may_not_use() {
    let ca = Ca::new("Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Reader")]);
    let _card = pcscd.reader(0).insert(applet);
    pcscd.no_permission();
    let home = Home::new(&pcscd);
    give_to_nobody(&home);
    let doctor = || {
        let output = finish(as_nobody(&home, &["doctor", "--json"]), b"");
        let text = &output.stdout;
        serde_json::from_str::<serde_json::Value>(text).unwrap_or_else(|_| panic!("{output:?}"))
    };
    let fault = |report: &serde_json::Value| {
        let all = report
            .as_array()
            .or_else(|| report["findings"].as_array())
            .unwrap();
        let bad = all.iter().find(|one| one["state"] == "bad");
        bad.cloned()
    };
    let found = fault(&doctor()).expect("a fault");
    assert_eq!(found["failure"]["code"], "service-no-permission", "{found}");
    let fix = found["fix"].as_str().unwrap();
    carry_out(&home, fix);
    until("the agent to notice", || fault(&doctor()).is_none());
    let mut end = as_nobody(&home, &["doctor"]);
    end.stdout(Stdio::null()).stderr(Stdio::null());
}

/// Lets the user `nobody` have the home.
fn give_to_nobody(home: &Home) {
    let runtime = home.path().with_file_name("runtime");
    for folder in [home.path(), &runtime] {
        std::os::unix::fs::chown(folder, Some(65534), Some(65534)).unwrap();
    }
}

fn as_nobody(home: &Home, words: &[&str]) -> Command {
    built::agent();
    let mut command = home.command("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(built::lichna())
        .args(words);
    command
}

#[test]
fn names_a_reader_without_a_card() {
    let stage = Stage::piv();
    stage.card.remove();
    cards_are_read(&stage.home, 0);
    for fault in faults(&stage.home) {
        assert_eq!(
            fault.failure.as_deref(),
            Some(&Failure::NoCard),
            "{fault:?}"
        );
    }
    stage.card.insert();
    cards_are_read(&stage.home, 1);
    all_is_well(&stage.home);
}

#[test]
fn names_a_mute_card() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Reader")]);
    let card = pcscd.reader(0).insert(Mute::default());
    let home = Home::new(&pcscd);
    let _agent = agent(&home);
    let reader = pcscd.reader(0).name();
    until("the agent to see it", || {
        faults(&home).iter().any(|one| one.check == "reader")
    });
    let found = faults(&home);
    let mute = Failure::CardMute { reader };
    assert!(
        found
            .iter()
            .any(|one| one.failure.as_deref() == Some(&mute)),
        "{found:#?}"
    );
    // Turned over: the card as it should be.
    card.remove();
    let ca = Ca::new("Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let _card = pcscd.reader(0).insert(applet);
    cards_are_read(&home, 1);
    all_is_well(&home);
}

#[test]
fn names_an_unknown_card() {
    let card = Unknown::default();
    let atr: String = card.atr.iter().map(|byte| format!("{byte:02X}")).collect();
    let stage = Stage::with_card(card, Ca::new("Test CA"), &ReaderSpec::vpcd("Reader"));
    let reader = stage.pcscd.reader(0).name();
    let (failure, _) = the_fault(&stage.home, "card");
    assert_eq!(failure, Failure::CardUnknown { reader, atr });
}

const HELPER: &str = "doctor::helper_holds_the_card";

#[test]
#[ignore = "a process of the test below"]
fn helper_holds_the_card() {
    let (reader, context) = other::reader();
    let mut held = None;
    // The agent may be looking at the card at this moment.
    until("the card to be free", || {
        held = context
            .connect(&reader, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY)
            .ok();
        held.is_some()
    });
    other::stay();
}

#[test]
fn names_the_program_that_holds_the_card_and_what_makes_it_let_go() {
    let stage = Stage::piv();
    let mut holder = OtherProgram::running(HELPER, &stage);
    let pid = holder.0.id();
    notices(&stage.home, "reader");
    let (failure, fix) = the_fault(&stage.home, "reader");
    let Failure::CardInUse { holders, .. } = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(holders.iter().map(|one| one.pid).collect::<Vec<_>>(), [pid]);
    assert_eq!(fix.unwrap(), format!("kill {pid}"));
    // Carried out by the command itself, once the person has said so.
    let unasked = stage.home.run(["doctor", "--fix", "--json"]);
    assert!(unasked.stdout.contains("yes-missing"), "{unasked:?}");
    stage.home.run(["doctor", "--fix", "--yes", "--json"]);
    holder.0.wait().unwrap();
    until("the agent to notice", || faults(&stage.home).is_empty());
}

#[test]
fn names_a_card_without_a_certificate_and_sees_it_written() {
    let stage = Stage::with_card(
        Applet::piv(),
        Ca::new("Test CA"),
        &ReaderSpec::vpcd("Reader"),
    );
    let (failure, _) = the_fault(&stage.home, "certificate");
    assert_eq!(failure, Failure::CertificateMissing { key: "9A".into() });
    // Another program personalises the card, which stays where it is.
    let reader = stage.pcscd.reader(0).name();
    personalise(&stage.pcscd, &reader, &stage.ca, HOLDER).unwrap();
    all_is_well(&stage.home);
}

#[test]
fn names_a_certificate_whose_time_is_over_or_has_not_come() {
    for (begin, end, check) in [(2001, 2002, "certificate"), (2090, 2091, "clock")] {
        let ca = Ca::new("Test CA");
        let (applet, sound) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
        let spki = lichna_pki::Certificate::parse(&sound.der)
            .unwrap()
            .spki_der()
            .to_vec();
        let other = ca.client_with(&spki, HOLDER, |params| {
            params.not_before = rcgen::date_time_ymd(begin, 1, 1);
            params.not_after = rcgen::date_time_ymd(end, 1, 1);
        });
        let applet = applet.with_certificate(Kind::Piv, &other.der);
        let stage = Stage::with_card(applet, ca, &ReaderSpec::vpcd("Reader"));
        let (failure, fix) = the_fault(&stage.home, check);
        let expected = match check {
            "clock" => Failure::CertificateNotYetValid {
                date: "2090-01-01".into(),
            },
            _ => Failure::CertificateExpired {
                date: "2002-01-01".into(),
            },
        };
        assert_eq!(failure, expected);
        assert_eq!(fix.is_some(), check == "clock");
        // A login says the same, and asks nobody.
        let server = stage.server();
        let mut person = Person::who_types(&[PIN]);
        assert_eq!(stage.login(&server, &mut person).unwrap_err(), expected);
        assert!(person.consents.is_empty());
    }
}

#[test]
fn names_a_blocked_pin_and_the_command_that_unblocks_it() {
    let stage = Stage::piv();
    let server = stage.server();
    for tries in 0..3 {
        let mut person = Person::who_types(&[WRONG]);
        person.spends_last_try = tries == 2;
        stage.login(&server, &mut person).unwrap_err();
        stage.reinsert();
        if tries == 1 {
            // One try left is worth a word.
            let (failure, _) = the_fault(&stage.home, "pin");
            assert_eq!(failure, Failure::LastTryRefused);
        }
    }
    let (failure, fix) = the_fault(&stage.home, "pin");
    assert_eq!(failure, Failure::PinBlocked);
    assert_eq!(fix.as_deref(), Some("lichna pin unblock"));
    let words = ["pin", "unblock", "--pin-stdin"];
    stage
        .home
        .run_with_input(words, "12345678\n123456\n")
        .success();
    all_is_well(&stage.home);
}

#[test]
fn names_the_line_of_a_configuration_with_a_fault() {
    let stage = Stage::piv();
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let file = home.configuration_file();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "[servers]\ntrusted = []\ntrustd = []\n").unwrap();
    let (failure, _) = the_fault(&stage.home, "configuration");
    let Failure::ConfigurationInvalid { reason, .. } = failure else {
        panic!("{failure:?}");
    };
    assert!(
        reason.starts_with("line 3: unknown field `trustd`"),
        "{reason}"
    );
    fs::write(&file, "[servers]\nauthorities = [\"none.pem\"]\n").unwrap();
    let (failure, _) = the_fault(&stage.home, "trust");
    assert!(
        matches!(failure, Failure::AuthorityInvalid { .. }),
        "{failure:?}"
    );
    fs::write(&file, "[servers]\ntrusted = [\"*.egov.bg\"]\n").unwrap();
    all_is_well(&stage.home);
}

#[test]
fn names_a_profile_with_a_fault() {
    let stage = Stage::piv();
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    fs::create_dir_all(home.profiles()).unwrap();
    let file = home.profiles().join("mine.toml");
    fs::write(&file, "schema = 1\nnam = \"x\"\n").unwrap();
    let (failure, _) = the_fault(&stage.home, "profile");
    assert!(
        matches!(failure, Failure::ProfileInvalid { line: 1.., .. }),
        "{failure:?}"
    );
    fs::remove_file(&file).unwrap();
    all_is_well(&stage.home);
}

#[test]
fn names_a_program_that_runs_in_another_version() {
    let stage = Stage::piv();
    all_is_well(&stage.home);
    let place = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let old = Client::connect_with(&place, &Start::Never, "firefox", "0.0.9").unwrap();
    let (failure, fix) = the_fault(&stage.home, "versions");
    // Whatever it calls itself, it is told by its file.
    let own = std::env::current_exe().unwrap();
    let differ = Failure::VersionsDiffer {
        program: own.file_name().unwrap().to_str().unwrap().into(),
        version: "0.0.9".into(),
        agent: env!("CARGO_PKG_VERSION").into(),
    };
    assert_eq!((failure, fix), (differ, None));
    drop(old);
    until("it to be gone", || faults(&stage.home).is_empty());
}

#[test]
fn names_an_agent_that_runs_from_before_an_update() {
    let home = Home::apart();
    let of_agent = || faults(&home).into_iter().find(|one| one.check == "agent");
    let folder = tempfile::tempdir().unwrap();
    let installed = folder.path().join("lichna-agent");
    fs::copy(built::agent(), &installed).unwrap();
    let start = || {
        let mut command = Command::new(&installed);
        for (name, value) in home.environment() {
            command.env(name, value);
        }
        listening(&home, command)
    };
    let mut agent = start();
    assert_eq!(of_agent(), None);
    // As a package does it.
    let new = folder.path().join("lichna-agent.new");
    fs::copy(built::agent(), &new).unwrap();
    fs::rename(&new, &installed).unwrap();
    let found = of_agent().unwrap();
    assert_eq!(found.failure.as_deref(), Some(&Failure::AgentReplaced));
    carry_out(&home, found.fix.as_deref().unwrap());
    until("the old one to end", || {
        agent.0.try_wait().unwrap().is_some()
    });
    let _new = start();
    assert_eq!(of_agent(), None);
}
