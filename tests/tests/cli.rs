//! The command `lichna`, with the real agent, service, cards and servers behind it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "cli/approve.rs"]
mod approve;
#[path = "cli/browsers.rs"]
mod browsers;
#[path = "shared/documents.rs"]
mod documents;
#[path = "cli/key_store.rs"]
mod key_store;
#[path = "cli/practice.rs"]
mod practice;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use documents::{assert_documented, assert_fails, assert_shape, documented};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::server::{Program, Server, ServerSpec};
use lichna_tests::vpicc::Card;
use lichna_tests::workspace::{Home, at_terminal, finish};
use lichna_tests::{built, until};
use rexpect::session::PtySession;
use serde_json::{Value, json};

const PIN: &str = "123456";
const PUK: &str = "12345678";
const WRONG: &str = "654321";

/// A reader with a PIV card that can log in, a server that takes it, and a home.
struct Desk {
    home: Home,
    card: Card,
    server: Server,
    ca: Ca,
    pcscd: Pcscd,
}

impl Desk {
    fn new() -> Self {
        let ca = Ca::new("Test CA");
        let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
        let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, "Иван Иванов");
        let card = pcscd.reader(0).insert(applet);
        Self {
            home: Home::new(&pcscd),
            card,
            server: ServerSpec::new(Program::Nginx, &ca).start(),
            ca,
            pcscd,
        }
    }

    fn login(&self) -> Vec<String> {
        let ca = self.ca.root().path.display().to_string();
        ["login", &self.server.url(), "--ca", &ca]
            .map(str::to_owned)
            .to_vec()
    }

    fn login_and(&self, more: &str) -> Vec<String> {
        let mut arguments = self.login();
        arguments.extend(more.split_whitespace().map(str::to_owned));
        arguments
    }

    fn reinsert(&self) {
        self.card.remove();
        self.pcscd.wait_for_card(self.pcscd.reader(0), false);
        self.card.insert();
        self.pcscd.wait_for_card(self.pcscd.reader(0), true);
    }
}

/// Presses keys at a terminal.
fn press(terminal: &mut PtySession, keys: &str) {
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

// Req C.1
#[test]
fn every_command_prints_what_the_documents_say() {
    let desk = Desk::new();
    let run = |arguments: &str| desk.home.run(arguments.split_whitespace());
    let typed = |arguments: &str, lines: &str| {
        desk.home
            .run_with_input(arguments.split_whitespace(), lines)
    };

    assert_documented("`readers`", 0, &run("readers --json"));
    until("the card to be read", || {
        run("cards --json").json()["cards"][0]["card"]["card"] == "known"
    });
    assert_documented("`cards`", 0, &run("cards --json"));
    assert_documented("`certs`", 0, &run("certs --json"));
    let watched = assert_documented("`watch`", 0, &run("watch --json --count 1"));
    assert_eq!(watched["certificates"][0]["common_name"], "Иван Иванов");

    let shown = assert_documented("`cert show`", 0, &run("cert show --json"));
    assert_eq!(shown["certificate"]["common_name"], "Иван Иванов");
    let exported = assert_documented("`cert export`", 0, &run("cert export --json"));
    assert_eq!(exported["fingerprint"], shown["certificate"]["fingerprint"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("card.pem").display().to_string();
    let written = run(&format!("cert export --json --output {file}"));
    assert_documented("`cert export`", 1, &written);
    let pem = fs::read_to_string(&file).unwrap();
    assert_eq!(run("cert export").success(), pem);
    let judge = finish(
        {
            let mut openssl = Command::new("openssl");
            openssl.args([
                "x509", "-noout", "-subject", "-nameopt", "utf8", "-in", &file,
            ]);
            openssl
        },
        b"",
    );
    assert!(judge.success().contains("Иван Иванов"), "{judge:?}");

    assert_documented("`pin status`", 0, &run("pin status --json"));
    assert_documented("`approve`", 0, &run("approve --json"));
    let profiles = assert_documented("`profiles list`", 0, &run("profiles list --json"));
    assert!(profiles["profiles"].as_array().unwrap().len() >= 2);
    let doctor = assert_documented("`doctor`", 0, &run("doctor --json"));
    assert_eq!(doctor["healthy"], true, "{doctor}");

    let login = desk.login_and("--pin-stdin --json").join(" ");
    let outcome = assert_documented("`login`", 0, &typed(&login, &format!("{PIN}\n")));
    assert_eq!(outcome["status"], 200);

    let change = typed(
        "pin change --pin-stdin --json",
        &format!("{PIN}\n{WRONG}\n"),
    );
    assert_documented("`pin change`", 0, &change);
    let unblock = typed("pin unblock --pin-stdin --json", &format!("{PUK}\n{PIN}\n"));
    assert_documented("`pin unblock`", 0, &unblock);

    let wrong = typed(&login, &format!("{WRONG}\n"));
    assert_fails(&wrong, "wrong-pin", 5);
    let failure: Value = serde_json::from_str(&wrong.stdout).unwrap();
    assert_shape(&documented("Failures")[0], &failure, "Failures");
}

#[test]
fn a_trace_shows_every_exchange_and_no_byte() {
    let desk = Desk::new();
    desk.home.run(["readers"]).success();
    let trace = desk
        .home
        .lichna(["trace", "--json", "--count", "3"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The agent listens to the card for the trace from some moment on; by then three come along.
    let mut trace = trace;
    until("the trace to end", || {
        let login = desk.login_and("--pin-stdin --json");
        desk.home
            .run_with_input(login, format!("{PIN}\n"))
            .success();
        trace.try_wait().unwrap().is_some()
    });
    let output = trace.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_shape(&documented("`trace`")[0], &line, "trace");
    }
    assert!(!text.contains(&hex::encode(PIN)) && !text.contains(PIN));
}

#[test]
fn each_kind_of_failure_has_its_exit_code() {
    let desk = Desk::new();
    let run = |arguments: &str| desk.home.run(arguments.split_whitespace());
    let typed = |arguments: Vec<String>, lines: String| desk.home.run_with_input(arguments, lines);

    assert_fails(&run("nonsense --json"), "usage", 2);
    assert_eq!(run("nonsense").code(), 2);
    assert_fails(&run("login http://localhost --json"), "url-invalid", 2);
    let other = run("pin status --reader Elsewhere --json");
    assert_fails(&other, "reader-unknown", 3);
    assert_fails(&run("cert show --key other --json"), "key-unknown", 4);
    let none = run("profiles check /nowhere.toml --json");
    assert_fails(&none, "file-unreadable", 1);
    let folder = tempfile::tempdir().unwrap();
    let faulty = folder.path().join("faulty.toml");
    fs::write(&faulty, "nonsense = true\n").unwrap();
    let faulty = run(&format!("profiles check {} --json", faulty.display()));
    assert_fails(&faulty, "profile-invalid", 1);
    // A port that nobody listens at.
    let gone = run("login https://localhost:1/ --pin-stdin --json");
    assert_eq!(gone.code(), 8, "{gone:?}");
    // Neither a terminal nor --pin-stdin.
    assert_fails(&run("pin change --json"), "terminal", 1);
    assert_fails(&run("approve 7 --json"), "no-terminal", 7);
    let short = typed(desk.login_and("--pin-stdin --json"), String::new());
    assert_fails(&short, "pin-input-missing", 2);
    let bad = typed(desk.login_and("--pin-stdin --json"), "12\u{7}456\n".into());
    assert_fails(&bad, "pin-input-invalid", 5);
    let wrong = typed(desk.login_and("--pin-stdin --json"), format!("{WRONG}\n"));
    assert_fails(&wrong, "wrong-pin", 5);
    let again = typed(desk.login_and("--pin-stdin --json"), format!("{PIN}\n"));
    assert_fails(&again, "pin-locked-until-reinserted", 6);
    desk.reinsert();
    typed(desk.login_and("--pin-stdin"), format!("{PIN}\n")).success();

    // For a person: what happened with its code, and what to do.
    let said = run("pin status --reader Elsewhere");
    assert_eq!(said.stdout, "");
    assert!(
        said.stderr
            .contains("no card reader named “Elsewhere”. [reader-unknown]")
    );
    assert!(said.stderr.contains("“lichna readers” shows the names"));
}

#[test]
fn a_command_without_its_agent_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("lichna");
    fs::copy(built::lichna(), &alone).unwrap();
    let home = Home::apart();
    let mut command = home.command(&alone);
    command.args(["readers", "--json"]);
    assert_fails(&finish(command, b""), "agent-not-installed", 9);
}

// Req C.2
#[test]
fn a_pin_typed_at_a_terminal_is_never_shown() {
    let desk = Desk::new();
    let mut terminal = desk.home.terminal(desk.login());
    let consent = terminal.exp_string("PIN (Enter alone to refuse):").unwrap();
    for wanted in [
        "localhost",
        "not on your trust list",
        "Certificate:",
        "tries left",
    ] {
        assert!(consent.contains(wanted), "{wanted} in {consent}");
    }
    // Two too many, and all taken back once.
    press(&mut terminal, "99\u{15}12345678\u{7f}\u{7f}\r");
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("Logged in to localhost"), "{rest}");
    assert!(!rest.contains(PIN) && !rest.contains("99"), "{rest}");
}

#[test]
fn ctrl_c_at_the_prompt_cancels_and_leaves_the_terminal_as_it_was() {
    let desk = Desk::new();
    let mut command = desk.home.command("sh");
    let login = desk.login().join(" ");
    let lichna = built::lichna();
    built::agent();
    command.arg("-c").arg(format!(
        "stty -a > before; {} {login}; echo ended with $?; stty -a > after; cmp before after && echo the same",
        lichna.display()
    ));
    command.current_dir(desk.home.path());
    let mut terminal = at_terminal(command);
    terminal.exp_string("PIN (Enter alone to refuse):").unwrap();
    press(&mut terminal, "12\u{3}");
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("[cancelled]"), "{rest}");
    assert!(rest.contains("ended with 7"), "{rest}");
    assert!(rest.contains("the same"), "{rest}");
}

#[test]
fn a_prompt_ends_when_the_card_or_the_agent_goes() {
    let desk = Desk::new();
    let mut terminal = desk.home.terminal(desk.login());
    terminal.exp_string("PIN (Enter alone to refuse):").unwrap();
    desk.card.remove();
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("[card-removed]"), "{rest}");

    desk.card.insert();
    desk.pcscd.wait_for_card(desk.pcscd.reader(0), true);
    let mut terminal = desk.home.terminal(desk.login());
    terminal.exp_string("PIN (Enter alone to refuse):").unwrap();
    desk.home.kill_agent();
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("[agent-gone]"), "{rest}");
    // The next command starts it again, over the socket that the killed one left.
    assert_eq!(
        desk.home.run(["readers", "--json"]).json()["service"],
        "running"
    );
}

#[test]
fn many_clients_at_once_start_one_agent() {
    let home = Home::apart();
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let mut client = home.lichna(["profiles", "list", "--json"]);
            client.stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for client in clients {
        let output = client.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    until("the other agents to end", || home.agents().len() == 1);
}

#[test]
fn an_agent_whose_socket_the_system_made_is_used() {
    let home = Home::apart();
    let socket = home.path().join("run/agent.sock");
    fs::create_dir(socket.parent().unwrap()).unwrap();
    let mut manager = home.command("systemd-socket-activate");
    manager.arg("-l").arg(&socket);
    for (name, value) in home.environment() {
        let mut pair = name.clone();
        pair.push("=");
        pair.push(value);
        manager.arg("-E").arg(pair);
    }
    let mut manager = manager.arg(built::agent()).spawn().unwrap();
    until("the socket", || socket.exists());
    assert!(home.run(["profiles", "list"]).success().contains("piv"));
    // The manager became the agent.
    let agents: Vec<_> = home.agents().iter().map(|pid| pid.as_raw_pid()).collect();
    assert_eq!(agents, [i32::try_from(manager.id()).unwrap()]);
    home.stop_agent();
    manager.wait().unwrap();
}

#[test]
fn enter_alone_refuses_and_a_new_pin_is_typed_twice() {
    let desk = Desk::new();
    let mut refused = desk.home.terminal(desk.login());
    refused.exp_string("PIN (Enter alone to refuse):").unwrap();
    press(&mut refused, "\r");
    assert!(refused.exp_eof().unwrap().contains("[refused]"));

    let mut change = desk.home.terminal(["pin", "change"]);
    change.exp_string("PIN (Enter alone to refuse):").unwrap();
    press(&mut change, "123456\r");
    change
        .exp_string("New PIN (Enter alone to refuse):")
        .unwrap();
    press(&mut change, "12\r");
    change.exp_string("no try was spent").unwrap();
    change
        .exp_string("New PIN (Enter alone to refuse):")
        .unwrap();
    press(&mut change, "111111\r");
    change.exp_string("once more:").unwrap();
    press(&mut change, "222222\r");
    change.exp_string("not typed the same way twice").unwrap();
    change
        .exp_string("New PIN (Enter alone to refuse):")
        .unwrap();
    press(&mut change, "222222\r");
    change.exp_string("once more:").unwrap();
    press(&mut change, "222222\r");
    let rest = change.exp_eof().unwrap();
    assert!(rest.contains("The PIN was changed."), "{rest}");
    let login = desk.login_and("--pin-stdin");
    desk.home.run_with_input(login, "222222\n").success();
}

#[test]
fn stops_before_the_last_pin_try_unless_the_person_says_yes() {
    let desk = Desk::new();
    for left in [2, 1] {
        let login = desk.login_and("--pin-stdin --json");
        let wrong = desk.home.run_with_input(login, format!("{WRONG}\n"));
        let error: Value = serde_json::from_str(&wrong.stdout).unwrap();
        assert_eq!(error["error"]["tries_left"], json!(left), "{wrong:?}");
        desk.reinsert();
    }
    // A script cannot say yes.
    let login = desk.login_and("--pin-stdin --json");
    let script = desk.home.run_with_input(login, format!("{PIN}\n"));
    assert_fails(&script, "last-try-refused", 6);

    let mut no = desk.home.terminal(desk.login());
    no.exp_string("LAST try").unwrap();
    press(&mut no, "no\r");
    assert!(no.exp_eof().unwrap().contains("[refused]"));

    let mut yes = desk.home.terminal(desk.login());
    yes.exp_string("LAST try").unwrap();
    press(&mut yes, "yes\r");
    yes.exp_string("PIN (Enter alone to refuse):").unwrap();
    press(&mut yes, "123456\r");
    assert!(yes.exp_eof().unwrap().contains("Logged in to localhost"));
}

#[test]
fn a_request_without_a_terminal_waits_for_a_person_at_another() {
    let desk = Desk::new();
    let waiting = desk
        .home
        .lichna(desk.login_and("--json"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    until("the request to wait", || {
        let listed = desk.home.run(["approve", "--json"]);
        let listed = listed.json();
        let one = listed["pending"].as_array().unwrap().first().cloned();
        one.is_some_and(|one| {
            assert_shape(&documented("`approve`")[0]["pending"][0], &one, "pending");
            true
        })
    });
    // rexpect gives its program a session and a terminal of its own; but this test started both.
    let mut person = desk.home.terminal(["approve"]);
    person.exp_string("PIN (Enter alone to refuse):").unwrap();
    press(&mut person, "123456\r");
    let rest = person.exp_eof().unwrap();
    assert!(rest.contains("Answered."), "{rest}");
    let output = waiting.wait_with_output().unwrap();
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_shape(&documented("`login`")[0], &outcome, "login");
}

#[test]
fn manual_and_completions_are_made_in_both_languages() {
    let mut home = Home::apart();
    for (language, word) in [("bg", "четците на карти"), ("en", "card readers")] {
        home.set("LICHNA_LANGUAGE", language);
        let help = home.run(["--help"]);
        assert!(help.success().contains(word), "{help:?}");
        let page = home.run(["man"]);
        assert!(page.success().contains(".TH lichna 1"), "{page:?}");
        assert!(page.stdout.contains(word), "{page:?}");
        let folder = tempfile::tempdir().unwrap();
        home.run(["man".as_ref(), folder.path().as_os_str()])
            .success();
        assert!(folder.path().join("lichna-cert-export.1").is_file());
        for shell in ["bash", "zsh", "fish"] {
            let text = home.run(["completions", shell]);
            assert!(text.success().contains("login"), "{text:?}");
        }
    }
    let bash = home.run(["completions", "bash"]);
    let file = home.path().join("completions.bash");
    fs::write(&file, bash.success()).unwrap();
    let mut judge = Command::new("bash");
    judge.arg("-n").arg(&file);
    finish(judge, b"").success();
}

#[test]
fn the_authority_and_the_judge_of_journals_have_manual_pages_too() {
    for (package, page) in [
        ("lichna-authority", "lichna-authority-officer-invite.1"),
        ("lichna-journal", "lichna-journal-verify.1"),
    ] {
        let program = built::program(package, package);
        let mut man = Command::new(&program);
        man.arg("man");
        let title = format!(".TH {package} 1");
        assert!(finish(man, b"").success().contains(&title), "{package}");
        let folder = tempfile::tempdir().unwrap();
        let mut man = Command::new(program);
        man.arg("man").arg(folder.path());
        finish(man, b"").success();
        assert!(folder.path().join(page).is_file(), "{page}");
    }
}

#[test]
fn the_help_and_the_document_name_the_same_exit_codes() {
    let page = fs::read_to_string(built::root().join("docs/exit-codes.md")).unwrap();
    let mut home = Home::apart();
    home.set("LICHNA_LANGUAGE", "en");
    let help = home.run(["--help"]);
    for code in 0..=13 {
        let row = page
            .lines()
            .find_map(|line| line.strip_prefix(&format!("| {code} | ")))
            .unwrap_or_else(|| panic!("no row for {code}"));
        let what = row.split(" |").next().unwrap();
        let said = help.success().replace('\n', " ");
        assert!(
            said.contains(&format!("{code} {what}")),
            "{code} {what} in {said}"
        );
    }
}

#[test]
fn both_languages_are_spoken() {
    let mut home = Home::apart();
    home.set("LICHNA_LANGUAGE", "bg");
    let said = home.run(["cards"]);
    assert!(said.stderr.contains("[service-"), "{said:?}");
    assert!(said.stderr.contains("Програмата") || said.stderr.contains("инсталирана"));
    assert_eq!(said.code(), 3);
    home.set("LICHNA_LANGUAGE", "en");
    assert!(home.run(["cards"]).stderr.contains("card readers"));
    assert!(Path::new(home.path()).join("run/agent.sock").exists());
}
