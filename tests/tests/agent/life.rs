//! Starting, ending, being killed, and what the agent survives.

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use lichna_ipc::{Failure, Reply, Request, ServiceState};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::until;
use lichna_tests::workspace::{Home, finish};

use crate::client::{PIN, Person, agent, call, cards_are_read, connect};
use crate::stage::Stage;

#[test]
fn a_second_agent_leaves_the_first_alone() {
    let stage = Stage::piv();
    let none: [&str; 0] = [];
    let second = finish(stage.home.agent(none), b"");
    assert_eq!(second.code(), 0, "{second:?}");
    assert_eq!(stage.home.agents().len(), 1);
    let server = stage.server();
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
}

#[test]
fn an_agent_that_was_killed_leaves_nothing_in_the_way_of_the_next() {
    let stage = Stage::piv();
    let server = stage.server();
    stage.home.kill_agent();
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    assert!(
        home.socket().exists(),
        "a stale socket is what this is about"
    );
    let _again = agent(&stage.home);
    cards_are_read(&stage.home, 1);
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
}

#[test]
fn an_agent_that_is_told_to_end_takes_its_socket_away_and_answers_who_waits() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut person = Person {
        reads_for_ever: true,
        ..Person::default()
    };
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    let pid = stage.home.agents()[0];
    person.meanwhile = Some(Box::new(move || {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }));
    let ca = &stage.ca;
    let request = Request::Login(crate::client::login_request(&server.url(), ca));
    let ended = connect(&stage.home).call(request, &mut person);
    assert!(
        matches!(
            ended,
            Ok(Err(Failure::Stopping)) | Err(lichna_ipc::ClientError::Gone)
        ),
        "{ended:?}"
    );
    until("the agent to end", || stage.home.agents().is_empty());
    assert!(!home.socket().exists());
}

#[test]
fn a_home_longer_than_a_socket_path_works() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Reader")]);
    let mut home = Home::below("long/".repeat(30));
    for (name, value) in pcscd.env() {
        home.set(name, value);
    }
    let output = home.run(["readers", "--json"]);
    let readers = output.json();
    assert!(readers.to_string().contains("Reader 00 00"), "{readers}");
}

#[test]
fn the_service_stops_and_comes_back_without_a_restart_of_the_agent() {
    let mut stage = Stage::piv();
    let server = stage.server();
    let state = |stage: &Stage| {
        let reply = call(&stage.home, Request::Readers, &mut Person::nobody());
        match reply {
            Ok(Reply::Readers { service, .. }) => service,
            other => panic!("{other:?}"),
        }
    };
    stage.pcscd.stop();
    until("the agent to notice", || {
        state(&stage) == ServiceState::NotRunning
    });
    let failure = stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap_err();
    assert_eq!(failure, Failure::ServiceNotRunning);
    stage.pcscd.start_again();
    until("the agent to notice", || {
        state(&stage) == ServiceState::Running
    });
    cards_are_read(&stage.home, 1);
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
}

#[test]
fn two_readers_with_cards_are_told_apart() {
    let ca = Ca::new("Test CA");
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("First"), ReaderSpec::vpcd("Second")]);
    let card = |kind| {
        Making::new(kind)
            .personalised(KeyKind::P256, &ca, "Holder")
            .0
    };
    let _first = pcscd.reader(0).insert(card(Kind::Piv));
    let _second = pcscd.reader(1).insert(card(Kind::OpenPgp));
    let home = Home::new(&pcscd);
    let _agent = agent(&home);
    cards_are_read(&home, 2);
    let request = |reader: Option<&str>| Request::PinStatus {
        reader: reader.map(str::to_owned),
    };
    let mut nobody = Person::nobody();
    let several = call(&home, request(None), &mut nobody).unwrap_err();
    assert!(
        matches!(several, Failure::SeveralCards { .. }),
        "{several:?}"
    );
    for name in [pcscd.reader(0).name(), pcscd.reader(1).name()] {
        let reply = call(&home, request(Some(&name)), &mut nobody).unwrap();
        let Reply::PinStatus(pins) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!(pins[0].reader, name);
    }
    let unknown = call(&home, request(Some("Third")), &mut nobody).unwrap_err();
    assert_eq!(
        unknown,
        Failure::ReaderUnknown {
            reader: "Third".into()
        }
    );
}

// Promise 5: an idle agent never wakes up.
#[test]
fn an_idle_agent_never_wakes_up() {
    let stage = Stage::piv();
    let server = stage.server();
    stage
        .login(&server, &mut Person::who_types(&[PIN]))
        .unwrap();
    let pid = stage.home.agents()[0].as_raw_pid();
    // What the login left behind ends first: no thread has been awake for a second.
    let quiet = Duration::from_secs(1);
    let end = Instant::now() + Duration::from_secs(30);
    let mut before = switches(pid);
    loop {
        thread::sleep(quiet);
        let now = switches(pid);
        if now == before {
            break;
        }
        assert!(Instant::now() < end, "never quiet: {before:?} {now:?}");
        before = now;
    }
    thread::sleep(3 * quiet);
    assert_eq!(switches(pid), before);
}

/// Voluntary context switches of each thread.
fn switches(pid: i32) -> HashMap<String, String> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    tasks
        .flatten()
        .filter_map(|task| {
            let status = fs::read_to_string(task.path().join("status")).ok()?;
            let field = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name))?;
                Some(line.split_whitespace().last()?.to_owned())
            };
            Some((field("Pid:")?, field("voluntary_ctxt_switches:")?))
        })
        .collect()
}
