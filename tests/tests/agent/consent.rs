//! Consent cannot be answered by the one who asks, and one prompt is open at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lichna_ipc::{ConsentRoute, Failure, Reply, Request, Step};
use lichna_tests::server::Server;
use lichna_tests::{practice, until, workspace};

use crate::client::{self, PIN, Person, call, connect, login_request};
use crate::radio::Radio;
use crate::stage::Stage;

fn pending(stage: &Stage) -> Vec<u32> {
    match call(&stage.home, Request::Pending, &mut Person::nobody()) {
        Ok(Reply::Pending(all)) => all.iter().map(|one| one.id).collect(),
        other => panic!("{other:?}"),
    }
}

/// The number of the one request that waits.
fn the_pending(stage: &Stage) -> u32 {
    until("a request to wait", || pending(stage).len() == 1);
    pending(stage)[0]
}

/// The words of `lichna` for a login that is answered elsewhere.
fn asks_elsewhere(stage: &Stage, server: &Server) -> [String; 6] {
    let ca = stage.ca.root().path.display().to_string();
    ["login", &server.url(), "--ca", &ca, "--prompt", "agent"].map(str::to_owned)
}

#[test]
fn a_person_at_another_terminal_answers() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut asker = stage.home.terminal(asks_elsewhere(&stage, &server));
    let id = the_pending(&stage);
    let mut approver = stage.home.terminal(["approve", &id.to_string()]);
    // The whole consent is shown: the server by its name.
    approver.exp_string("localhost").unwrap();
    approver.exp_string("PIN").unwrap();
    approver.send_line(PIN).unwrap();
    approver.exp_eof().unwrap();
    asker.exp_string("200").unwrap();
    asker.exp_eof().unwrap();
}

/// The number of a contactless card first, then the PIN: two questions, each answered there.
// Req 15.3
#[test]
fn a_person_at_another_terminal_answers_for_a_contactless_card() {
    let radio = Radio::new();
    let stage = &radio.stage;
    let server = stage.server();
    let mut asker = stage.home.terminal(asks_elsewhere(stage, &server));
    for (wanted, typed) in [("CAN", practice::CAN), ("PIN", practice::PIN)] {
        let id = the_pending(stage);
        let mut approver = stage.home.terminal(["approve", &id.to_string()]);
        approver.exp_string("localhost").unwrap();
        approver.exp_string(wanted).unwrap();
        approver.send_line(typed).unwrap();
        approver.exp_eof().unwrap();
        until("the answer to be taken", || !pending(stage).contains(&id));
    }
    asker.exp_string("200").unwrap();
    asker.exp_eof().unwrap();
}

// Promise: what a program asks for, it cannot grant itself.
#[test]
fn refuses_a_program_that_answers_its_own_request() {
    let stage = Stage::piv();
    let server = stage.server();
    thread::scope(|scope| {
        let asker = scope.spawn(|| {
            let mut request = login_request(&server.url(), &stage.ca);
            request.consent = ConsentRoute::Prompter;
            let mut client = connect(&stage.home);
            client
                .call(Request::Login(request), &mut Person::nobody())
                .unwrap()
        });
        let pending = the_pending(&stage);
        // Over another connection of the same process.
        let mut person = Person::who_types(&[PIN]);
        let refused = call(&stage.home, Request::Approve { pending }, &mut person);
        assert_eq!(refused, Err(Failure::OwnRequest));
        assert!(person.consents.is_empty());
        // By a child, even one with a terminal and a session of its own.
        let mut child = stage.home.terminal(["approve", &pending.to_string()]);
        let said = child.exp_eof().unwrap();
        assert!(said.contains("own-request"), "{said}");
        // The request still waits. It lapses with the agent.
        stage.home.stop_agent();
        assert!(asker.join().unwrap().is_err());
    });
}

/// What a process says that tries to answer without a terminal.
#[test]
fn refuses_an_answer_from_where_nobody_sits() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut asker = stage.home.terminal(asks_elsewhere(&stage, &server));
    let id = the_pending(&stage);
    // This very program, in a session of its own: no terminal, and not the asker's tree.
    let mut command = stage.home.command("setsid");
    command
        .arg("--wait")
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", HELPER])
        .env("PENDING", id.to_string());
    let output = workspace::finish(command, b"");
    assert!(output.success().contains("NoTerminal"), "{output:?}");
    drop(asker.send_control('c'));
    until("the request to lapse", || pending(&stage).is_empty());
}

const HELPER: &str = "consent::helper_answers_without_a_terminal";

#[test]
#[ignore = "a process of the test above"]
fn helper_answers_without_a_terminal() {
    let home = std::env::var_os("LICHNA_HOME").unwrap();
    let home = lichna_ipc::Home::at(home.as_ref()).unwrap();
    let start = lichna_ipc::client::Start::Never;
    let mut client = lichna_ipc::Client::connect_with(&home, &start, "helper", "0").unwrap();
    let pending = std::env::var("PENDING").unwrap().parse().unwrap();
    let request = Request::Approve { pending };
    let answer = client
        .call(request, &mut Person::who_types(&[PIN]))
        .unwrap();
    println!("{answer:?}");
}

#[test]
fn a_request_lapses_with_its_program() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut asker = stage.home.lichna(asks_elsewhere(&stage, &server));
    let mut asker = asker.stderr(std::process::Stdio::null()).spawn().unwrap();
    let pending_id = the_pending(&stage);
    asker.kill().unwrap();
    asker.wait().unwrap();
    until("the request to lapse", || pending(&stage).is_empty());
    let request = Request::Approve {
        pending: pending_id,
    };
    let answer = call(&stage.home, request, &mut Person::nobody());
    let unknown = Failure::PendingUnknown {
        pending: pending_id,
    };
    assert_eq!(answer, Err(unknown));
}

#[test]
fn one_prompt_is_open_at_a_time_however_many_clients_ask() {
    const CLIENTS: usize = 8;
    let stage = Stage::piv();
    let server = stage.server();
    let open = Arc::new(AtomicUsize::new(0));
    let waited = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let open = Arc::clone(&open);
                let (stage, server) = (&stage, &server);
                scope.spawn(move || {
                    let mut person = Person::who_types(&[PIN]);
                    person.meanwhile = Some(Box::new(move || {
                        assert_eq!(open.fetch_add(1, Ordering::SeqCst), 0, "two prompts");
                        // Time enough for another to open, if another could.
                        thread::yield_now();
                        open.fetch_sub(1, Ordering::SeqCst);
                    }));
                    let outcome = client::login(&stage.home, &server.url(), &stage.ca, &mut person);
                    outcome.unwrap();
                    person.steps.contains(&Step::WaitForTurn)
                })
            })
            .collect();
        let waited = clients.into_iter().map(|client| client.join().unwrap());
        waited.filter(|waited| *waited).count()
    });
    assert!(waited > 0, "nobody had to wait");
}

#[test]
fn slows_down_a_program_that_has_people_asked_in_vain() {
    let stage = Stage::piv();
    let server = stage.server();
    let failures: Vec<_> = (0..7)
        .map(|_| {
            stage
                .login(&server, &mut Person::nobody())
                .unwrap_err()
                .code()
        })
        .collect();
    let codes: BTreeSet<_> = failures.iter().map(String::as_str).collect();
    assert_eq!(
        codes,
        BTreeSet::from(["refused", "rate-limited"]),
        "{failures:?}"
    );
    assert_eq!(failures[0], "refused");
    assert_eq!(failures[6], "rate-limited");
}
