//! Agent's side and client's side together, over a real socket, with real other processes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lichna_ipc::*;
use lichna_secret::Pin;

mod agent;

use agent::{Agent, connect};

/// Names the socket for the child process that a test starts of this very program.
const CHILD: &str = "LICHNA_TEST_CHILD_CONNECTS_TO";

/// Types a PIN, and remembers what it was shown.
#[derive(Default)]
struct Types {
    asked: u32,
    steps: Vec<Step>,
}

impl Dialogue for Types {
    fn ask(&mut self, _consent: &Consent, ended: &mut Ended<'_>) -> Decision {
        assert!(!ended.already());
        self.asked += 1;
        Decision::Typed {
            secrets: vec![TypedSecret::Pin(
                Pin::take(&mut b"123456".to_vec()).unwrap(),
            )],
            choices: Choices {
                spend_last_try: false,
                remember_can: true,
                ..Choices::default()
            },
        }
    }

    fn progress(&mut self, step: Step) {
        self.steps.push(step);
    }
}

fn consent() -> Consent {
    Consent {
        purpose: Purpose::PinChange,
        requester: Requester {
            pid: 1,
            executable: None,
            window: None,
        },
        card: Some(CardInfo {
            reader: "Reader".into(),
            atr: "3B00".into(),
            interface: InterfaceKind::Contact,
            card: CardState::Unknown,
            practice: false,
            number: None,
            pace: PaceState::NotNeeded,
            genuineness: Genuineness::NotChecked,
            genuineness_reason: None,
            pin: None,
        }),
        wrong_suspends: false,
        can_was_wrong: false,
        can_may_be_remembered: false,
        grant: None,
        certificate: None,
        tries_left: Some(3),
        entry: PinEntry::Typed,
        secrets: vec![],
        seconds_left: 60,
    }
}

#[test]
fn a_request_is_asked_about_and_answered() {
    let agent = Agent::start();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut connection = agent.accept().unwrap();
            assert_eq!(connection.peer().pid(), std::process::id());
            let ClientMessage::Request { id, request } = connection.read().unwrap() else {
                panic!("no request");
            };
            assert_eq!(request, Request::Cards);
            let writer = connection.writer();
            let step = Step::AskHolder;
            writer.send(&AgentMessage::Progress { id, step }).unwrap();
            let consent = Box::new(consent());
            writer.send(&AgentMessage::Ask { id, consent }).unwrap();
            assert_eq!(
                connection.read().unwrap(),
                ClientMessage::Answer {
                    id,
                    answer: Answer::Typed {
                        secrets: 1,
                        choices: Choices {
                            spend_last_try: false,
                            remember_can: true,
                            ..Choices::default()
                        },
                    }
                }
            );
            let pin = connection.read_secret(SecretKind::Pin).unwrap();
            pin.expose(|pin| assert_eq!(pin, b"123456"));
            let outcome = Outcome::Done(Box::new(Reply::Cards(vec![])));
            writer.send(&AgentMessage::Reply { id, outcome }).unwrap();
        });
        let mut client = connect(&agent.home).unwrap();
        assert_eq!(client.agent().program, "lichna-agent");
        let mut types = Types::default();
        let reply = client.call(Request::Cards, &mut types).unwrap();
        assert_eq!(reply, Ok(Reply::Cards(vec![])));
        assert_eq!((types.asked, types.steps), (1, vec![Step::AskHolder]));
    });
}

#[test]
fn an_agent_that_goes_in_the_middle_is_named() {
    let agent = Agent::start();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut connection = agent.accept().unwrap();
            connection.read().unwrap();
            // Dropped: the connection ends without an answer.
        });
        let mut client = connect(&agent.home).unwrap();
        let error = client
            .call(Request::Cards, &mut Types::default())
            .unwrap_err();
        assert!(matches!(error, ClientError::Gone), "{error:?}");
    });
}

#[test]
fn a_client_that_hangs_up_is_noticed_by_a_waiting_read() {
    let agent = Agent::start();
    thread::scope(|scope| {
        let reads = scope.spawn(|| agent.accept().unwrap().read());
        drop(connect(&agent.home).unwrap());
        assert!(matches!(reads.join().unwrap(), Err(FrameError::Closed)));
    });
}

#[test]
fn refuses_a_frame_that_is_too_large_from_a_client() {
    let agent = Agent::start();
    thread::scope(|scope| {
        let reads = scope.spawn(|| agent.accept().unwrap().read());
        let mut stream = Stream::connect(agent.home.socket()).unwrap();
        let hello = ClientMessage::Hello(Hello {
            protocol: VERSION,
            program: String::new(),
            version: String::new(),
        });
        frame::write_message(&mut stream, &hello, 1000).unwrap();
        frame::read_agent_message(&mut stream).unwrap();
        std::io::Write::write_all(&mut stream, b"J\xFF\xFF\xFF\xFF").unwrap();
        let error = reads.join().unwrap().unwrap_err();
        assert!(matches!(error, FrameError::TooLarge { .. }), "{error:?}");
    });
}

#[test]
fn a_client_of_another_version_is_told_so() {
    let agent = Agent::start();
    thread::scope(|scope| {
        let accepts = scope.spawn(|| agent.accept());
        let mut stream = Stream::connect(agent.home.socket()).unwrap();
        let hello = ClientMessage::Hello(Hello {
            protocol: VERSION + 1,
            program: String::new(),
            version: String::new(),
        });
        frame::write_message(&mut stream, &hello, 1000).unwrap();
        let AgentMessage::Hello(agent) = frame::read_agent_message(&mut stream).unwrap() else {
            panic!("no greeting");
        };
        assert_eq!(agent.protocol, VERSION);
        let refused = accepts.join().unwrap().unwrap_err();
        assert!(matches!(refused, ConnectionError::Version { .. }));
    });
}

#[test]
fn a_second_agent_is_refused_and_a_stale_socket_replaced() {
    let agent = Agent::start();
    let second = Single::acquire(&agent.home).unwrap_err();
    assert!(matches!(second, SingleError::AlreadyRunning));
    let Agent {
        home,
        folder: _folder,
        listener,
        single,
    } = agent;
    // As after kill -9: the lock is free, the socket's file is there, and nobody listens.
    drop(listener);
    drop(std::os::unix::net::UnixListener::bind(home.socket()).unwrap());
    drop(single);
    assert!(matches!(connect(&home), Err(ClientError::NotRunning)));
    let single = Single::acquire(&home).unwrap();
    let listener = Listener::bind(home.socket(), &single).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| Connection::accept(listener.accept().unwrap(), "agent", "0").unwrap());
        connect(&home).unwrap();
    });
}

#[test]
fn refuses_to_replace_what_is_no_socket() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path()).unwrap();
    home.prepare().unwrap();
    std::fs::write(home.socket(), "a file of somebody's").unwrap();
    let single = Single::acquire(&home).unwrap();
    assert!(Listener::bind(home.socket(), &single).is_err());
    assert!(home.socket().is_file());
}

#[test]
fn a_home_longer_than_a_socket_path_works() {
    let agent = Agent::start_below(&"long/".repeat(40));
    assert!(!agent.home.socket().starts_with(agent.folder.path()));
    thread::scope(|scope| {
        scope.spawn(|| agent.accept().unwrap());
        connect(&agent.home).unwrap();
    });
    let folder = agent.home.socket().parent().unwrap().to_owned();
    drop(agent);
    std::fs::remove_dir(folder).unwrap();
}

/// Runs this test program once more, as a child that does what [`child`] says.
fn as_child(socket: &Path, user: Option<u32>) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, socket)
        .stdout(Stdio::piped());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.spawn().unwrap()
}

/// Not a test of its own: what the children of other tests do.
#[test]
fn child() {
    let Some(socket) = std::env::var_os(CHILD) else {
        return;
    };
    match Stream::connect(Path::new(&socket)) {
        Ok(mut stream) => {
            println!("connected");
            let end = frame::read_agent_message(&mut stream);
            println!("served: {}", !matches!(end, Err(FrameError::Closed)));
        }
        Err(error) => println!("no connection: {:?}", error.kind()),
    }
}

#[test]
fn another_users_process_cannot_reach_the_agent() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not root: no process of another user can be made");
        return;
    }
    let agent = Agent::start();
    std::fs::set_permissions(agent.folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let socket = agent.home.socket();
    let said = |child: std::process::Child| {
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    let refused = said(as_child(socket, Some(65534)));
    assert!(refused.contains("PermissionDenied"), "{refused}");

    // Even through an open door.
    std::fs::set_permissions(socket.parent().unwrap(), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(socket, PermissionsExt::from_mode(0o666)).unwrap();
    thread::scope(|scope| {
        let accepts = scope.spawn(|| agent.accept());
        let refused = said(as_child(socket, Some(65534)));
        assert!(refused.contains("served: false"), "{refused}");
        let error = accepts.join().unwrap().unwrap_err();
        assert!(
            matches!(
                error,
                ConnectionError::Peer(PeerError::AnotherUser { theirs: 65534, .. })
            ),
            "{error:?}"
        );
    });
}

#[test]
fn a_peer_that_ended_is_not_alive_and_a_child_is_of_the_same_tree() {
    let agent = Agent::start();
    let mut child = as_child(agent.home.socket(), None);
    let stream = agent.listener.accept().unwrap();
    let peer = stream.peer().unwrap();
    assert_eq!(peer.pid(), child.id());
    assert!(peer.is_alive());
    thread::scope(|scope| {
        scope.spawn(|| connect(&agent.home).err());
        let me = agent.listener.accept().unwrap().peer().unwrap();
        assert!(same_tree(&peer, &me));
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let end = Instant::now() + Duration::from_secs(5);
    while peer.is_alive() {
        assert!(Instant::now() < end);
    }
    drop(stream);
}

#[test]
fn an_agent_that_cannot_be_started_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path()).unwrap();
    let start = |program: &str| {
        let start = Start::Program(program.into());
        Client::connect_with(&home, &start, "test", "0").unwrap_err()
    };
    assert!(matches!(
        start("/nowhere/lichna-agent"),
        ClientError::NotInstalled { .. }
    ));
    assert!(matches!(start("cat"), ClientError::NotInstalled { .. }));
    let ended = start("/bin/false");
    assert!(matches!(ended, ClientError::NotStarted { .. }), "{ended:?}");
}
