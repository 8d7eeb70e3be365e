//! A client that watches tokens, and one that waits no longer than it says.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use lichna_ipc::*;

#[allow(dead_code, reason = "each test binary uses its part")]
mod agent;

use agent::{Agent, connect};

/// Whoever looks at what a started program found around it.
const CHILD: &str = "LICHNA_TEST_CHILD_SHOWS";

/// The next client, and its first request with its number.
fn served(agent: &Agent) -> (Connection, u32, Request) {
    let mut connection = agent.accept().unwrap();
    let (id, request) = requested(&mut connection);
    (connection, id, request)
}

fn requested(connection: &mut Connection) -> (u32, Request) {
    match connection.read().unwrap() {
        ClientMessage::Request { id, request } => (id, request),
        other => panic!("{other:?}"),
    }
}

struct Nobody;

impl Dialogue for Nobody {
    fn ask(&mut self, _consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        Decision::Refused
    }
}

fn one_reader(name: &str) -> Tokens {
    Tokens {
        settled: true,
        readers: vec![TokenReader {
            name: name.to_owned(),
            wants_can: false,
            tokens: vec![],
        }],
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

// Req C.3
#[test]
fn a_watch_tells_the_last_of_what_was_said_and_waits_for_nothing() {
    let agent = Agent::start();
    let (said, hears) = std::sync::mpsc::channel::<()>();
    let serves = &agent;
    thread::scope(|scope| {
        scope.spawn(move || {
            let (connection, id, request) = served(serves);
            assert_eq!(request, Request::WatchTokens);
            let tell = |name| {
                let tokens = Box::new(one_reader(name));
                let message = AgentMessage::Tokens { id, tokens };
                connection.writer().send(&message).unwrap();
            };
            tell("first");
            hears.recv().unwrap();
            tell("second");
            tell("third");
            hears.recv().unwrap();
        });
        let mut watch = TokenWatch::begin(connect(&agent.home).unwrap()).unwrap();
        assert_eq!(watch.next(soon()).unwrap(), Some(one_reader("first")));
        assert_eq!(watch.latest().unwrap(), None);
        assert_eq!(watch.next(Instant::now()).unwrap(), None);
        let waiter = watch.waiter().unwrap();
        said.send(()).unwrap();
        let mut last = None;
        while last != Some(one_reader("third")) {
            assert!(waiter.wait(Duration::from_secs(10)));
            last = watch.latest().unwrap().or(last);
        }
        said.send(()).unwrap();
        assert!(waiter.wait(Duration::from_secs(10)));
        assert!(matches!(watch.next(soon()), Err(ClientError::Gone)));
    });
}

// Req C.3
#[test]
fn a_call_ends_when_its_time_is_up_and_the_connection_serves_the_next() {
    let agent = Agent::start();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut connection, first, _) = served(&agent);
            assert_eq!(
                connection.read().unwrap(),
                ClientMessage::Cancel { id: first }
            );
            let reply = |id, failure| {
                let outcome = Outcome::Failed(Box::new(failure));
                let message = AgentMessage::Reply { id, outcome };
                connection.writer().send(&message).unwrap();
            };
            reply(first, Failure::Cancelled);
            let (second, _) = requested(&mut connection);
            let connection = connection.writer();
            let outcome = Outcome::Failed(Box::new(Failure::NoCard));
            let message = AgentMessage::Reply {
                id: second,
                outcome,
            };
            connection.send(&message).unwrap();
        });
        let mut client = connect(&agent.home).unwrap();
        let limit = Duration::from_millis(50);
        let silent = client.call_within(Request::Cards, &mut Nobody, limit);
        assert!(matches!(silent, Err(ClientError::Silent)), "{silent:?}");
        let limit = Duration::from_secs(10);
        let next = client.call_within(Request::Cards, &mut Nobody, limit);
        assert_eq!(next.unwrap(), Err(Failure::NoCard));
    });
}

// Req C.3
#[test]
fn a_call_that_waits_is_ended_from_another_thread() {
    let agent = Agent::start();
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let (mut connection, ..) = served(&agent);
            connection.read()
        });
        let mut client = connect(&agent.home).unwrap();
        let waiter = client.waiter().unwrap();
        let calling = scope.spawn(move || client.call(Request::Cards, &mut Nobody));
        waiter.hang_up();
        let ended = calling.join().unwrap();
        assert!(matches!(ended, Err(ClientError::Gone)), "{ended:?}");
        let hung_up = serving.join();
        // It may have been hung up before the request was read.
        assert!(!matches!(hung_up, Ok(Ok(_))), "{hung_up:?}");
    });
}

/// Not a test of its own: the program that is started apart shows what it was given.
#[test]
fn child() {
    let Some(file) = std::env::var_os(CHILD) else {
        return;
    };
    let names: Vec<_> = std::env::vars().map(|(name, _)| name).collect();
    std::fs::write(PathBuf::from(file), names.join("\n")).unwrap();
}

// Req C.3
#[test]
fn an_agent_that_is_started_apart_gets_nothing_of_what_changes_how_programs_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().join("shown");
    // A program of its own, in whose environment the variables are that must not come through.
    let program = folder.path().join("agent");
    let script = format!(
        "#!/bin/sh\nexec {} --exact child\n",
        std::env::current_exe().unwrap().display()
    );
    std::fs::write(&program, script).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).unwrap();
    let mut test = std::process::Command::new(std::env::current_exe().unwrap());
    let status = test
        .args(["--exact", "starts_apart", "--nocapture"])
        .env("LICHNA_TEST_STARTS", &program)
        .env(CHILD, &shown)
        .env("LICHNA_HOME", folder.path())
        .env("LD_LIBRARY_PATH", "/tmp/somewhere")
        .env("GIO_MODULE_DIR", "/tmp/somewhere")
        .env("MOZ_CRASHREPORTER", "1")
        .status()
        .unwrap();
    assert!(status.success());
    let names = std::fs::read_to_string(&shown).unwrap();
    let names: Vec<_> = names.lines().collect();
    assert!(names.contains(&"LICHNA_HOME"), "{names:?}");
    for stranger in ["LD_LIBRARY_PATH", "GIO_MODULE_DIR", "MOZ_CRASHREPORTER"] {
        assert!(!names.contains(&stranger), "{names:?}");
    }
}

/// Not a test of its own: starts a program in the place of an agent.
#[test]
fn starts_apart() {
    let Some(program) = std::env::var_os("LICHNA_TEST_STARTS") else {
        return;
    };
    let home = Home::from_environment().unwrap();
    let start = Start::Apart(program.into());
    let limit = Duration::from_secs(10);
    // It is no agent: it ends without listening.
    Client::connect_within(&home, &start, "test", "0", limit).unwrap_err();
}
