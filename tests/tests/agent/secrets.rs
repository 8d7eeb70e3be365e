//! The PIN is seen by the card and by nobody else. Req C.2.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use lichna_ipc::{ConsentRoute, Request};
use lichna_tests::memory::{count, in_memory, locked_pages};
use lichna_tests::until;

use crate::client::{self, PIN, Person, call};
use crate::stage::Stage;

pub use lichna_tests::memory::RARE;

/// Gives the card of the stage the rare PIN.
pub fn change_pin(stage: &Stage) {
    let request = Request::PinChange {
        reader: None,
        pin: None,
        consent: ConsentRoute::Caller,
    };
    call(&stage.home, request, &mut Person::who_types(&[PIN, RARE])).unwrap();
}

#[test]
fn the_log_of_a_whole_login_has_the_pin_in_no_form() {
    let stage = Stage::traced();
    let server = stage.server();
    change_pin(&stage);
    let ca = stage.ca.root().path.display().to_string();
    let words = ["login", &server.url(), "--ca", &ca, "--pin-stdin"];
    let output = stage.home.run_with_input(words, format!("{RARE}\n"));
    output.success();
    let words = ["pin", "status"];
    let status = stage.home.run(words);
    for said in [&output, &status] {
        assert_eq!(count(said.stdout.as_bytes()), 0, "{said:?}");
        assert_eq!(count(said.stderr.as_bytes()), 0, "{said:?}");
    }
    assert!(no_file_has_the_pin(&stage) > 0, "no trace log was written");
}

/// How many files of the home are complete trace logs; in no file is the PIN.
pub fn no_file_has_the_pin(stage: &Stage) -> usize {
    let mut logs = 0;
    every_file(stage.home.path(), &mut |file| {
        let text = fs::read(file).unwrap();
        assert_eq!(count(&text), 0, "{}", file.display());
        // It names the commands, VERIFY among them.
        logs += usize::from(String::from_utf8_lossy(&text).contains("ins=\"20\""));
    });
    logs
}

fn every_file(folder: &Path, look: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            every_file(&path, look);
        } else if kind.is_file() {
            look(&path);
        }
    }
}

/// While the PIN waits for the server it is in one page, locked and left out of dumps; a second
/// after the login it is nowhere.
#[test]
fn the_pin_waits_in_a_locked_page_and_is_nowhere_after_the_login() {
    let stage = Stage::piv();
    let server = stage.server();
    change_pin(&stage);
    let gate = Gate::before(server.port());
    let pid = stage.home.agents()[0].as_raw_pid();
    thread::scope(|scope| {
        let login = scope.spawn(|| {
            let mut person = Person::who_types(&[RARE]);
            client::login(&stage.home, &gate.url, &stage.ca, &mut person)
        });
        gate.wait_for_second();
        let pages = locked_pages(pid);
        assert!(pages > 0, "no locked page that dumps leave out");
        let found = in_memory(pid);
        assert_eq!(
            found, 1,
            "the PIN is in the memory of the agent {found} times"
        );
        gate.open();
        login.join().unwrap().unwrap();
    });
    // Not a sleep for something to happen: the promise is about this very second.
    thread::sleep(Duration::from_secs(1));
    assert_eq!(in_memory(pid), 0);
    assert_eq!(locked_pages(pid), 0);
}

/// A way to a server that lets the first connection pass at once, and the second when it is
/// opened.
struct Gate {
    url: String,
    second: mpsc::Receiver<()>,
    opened: mpsc::Sender<()>,
}

impl Gate {
    fn before(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!(
            "https://localhost:{}/",
            listener.local_addr().unwrap().port()
        );
        let (came, second) = mpsc::channel();
        let (opened, is_opened) = mpsc::channel();
        thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                let client = client.unwrap();
                if number == 1 {
                    came.send(()).unwrap();
                    is_opened.recv().unwrap();
                }
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
                pass(&client, &server);
                pass(&server, &client);
            }
        });
        Self {
            url,
            second,
            opened,
        }
    }

    fn wait_for_second(&self) {
        self.second.recv_timeout(lichna_tests::DEADLINE).unwrap();
    }

    fn open(&self) {
        self.opened.send(()).unwrap();
    }
}

fn pass(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        // Either side may go first.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
}

#[test]
fn an_agent_that_crashes_leaves_no_core_file() {
    let stage = Stage::piv();
    stage.home.stop_agent();
    let folder = tempfile::tempdir().unwrap();
    // What crashes with these limits does leave one.
    let control = Command::new("sh")
        .args(["-c", "ulimit -c unlimited && kill -ABRT $$"])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(
        control.core_dumped(),
        "this system writes no core files: {control}"
    );
    let mut command = stage.home.command("sh");
    command
        .args(["-c", "ulimit -c unlimited && exec \"$0\""])
        .arg(lichna_tests::built::agent())
        .current_dir(folder.path());
    let mut agent = command.spawn().unwrap();
    until("the agent to listen", || {
        client::try_connect(&stage.home).is_some()
    });
    client::cards_are_read(&stage.home, 1);
    let pid = rustix::process::Pid::from_child(&agent);
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).unwrap();
    let status = agent.wait().unwrap();
    assert_eq!(status.signal(), Some(6), "{status}");
    assert!(!status.core_dumped(), "{status}");
}
