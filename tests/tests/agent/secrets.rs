//! The PIN is seen by the card and by nobody else. Req C.2.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use lichna_ipc::{ConsentRoute, Request};
use lichna_tests::until;

use crate::client::{self, PIN, Person, call};
use crate::stage::Stage;

/// A PIN that stands in memory and logs for no other reason; shorter than its padded form.
pub const RARE: &str = "9753186";

/// The PIN in every form it could be written in.
fn forms() -> Vec<Vec<u8>> {
    let plain = RARE.as_bytes().to_vec();
    let padded = [RARE.as_bytes(), &[0xFF]].concat();
    let mut forms = vec![plain.clone()];
    for bytes in [&plain, &padded] {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimal: Vec<_> = bytes.iter().map(u8::to_string).collect();
        for written in [
            hex.concat(),
            hex.join(" "),
            hex.join(":"),
            decimal.join(", "),
        ] {
            forms.push(written.clone().into_bytes());
            forms.push(written.to_uppercase().into_bytes());
        }
        // base64 at each of the three places where it can begin; the first and last letters depend
        // on what stands beside.
        for before in 0..3 {
            let shifted = [&vec![0; before][..], bytes].concat();
            let text = base64(&shifted);
            let inner = &text.as_bytes()[if before == 0 { 0 } else { before + 1 }..];
            forms.push(inner[..inner.len() - 4].to_vec());
        }
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = [
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ];
        let all = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in (0..4).rev() {
            let letter = usize::try_from(all >> (6 * place) & 63).unwrap();
            text.push(char::from(LETTERS[letter]));
        }
    }
    text
}

/// How often a form of the PIN is in these bytes.
fn count(bytes: &[u8]) -> usize {
    let forms = forms();
    let starts: Vec<u8> = forms.iter().map(|form| form[0]).collect();
    (0..bytes.len())
        .filter(|at| starts.contains(&bytes[*at]))
        .filter(|at| forms.iter().any(|form| bytes[*at..].starts_with(form)))
        .count()
}

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
fn the_forms_of_the_pin_are_found_where_they_are() {
    let padded = [b"xx", RARE.as_bytes(), &[0xFF, 0x00]].concat();
    assert_eq!(count(&padded), 1);
    for before in 0..3 {
        let text = base64(&[&vec![7; before][..], RARE.as_bytes(), b"z"].concat());
        assert!(count(text.as_bytes()) > 0, "{text}");
    }
    assert!(
        count(format!("{:02X?}", RARE.as_bytes()).as_bytes()) == 0,
        "a form not looked for"
    );
    assert!(count(format!("{:?}", RARE.as_bytes()).as_bytes()) > 0);
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

/// Pages that are locked (`lo`) and left out of core dumps (`dd`), by `/proc/PID/smaps`.
pub fn locked_pages(pid: i32) -> usize {
    let smaps = fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap();
    let flags = smaps
        .lines()
        .filter_map(|line| line.strip_prefix("VmFlags:"));
    flags
        .filter(|flags| {
            let has = |flag| flags.split_whitespace().any(|one| one == flag);
            has("lo") && has("dd")
        })
        .count()
}

/// How often the PIN is in the private memory of a process.
pub fn in_memory(pid: i32) -> usize {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut found = 0;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        let file = fields.nth(3).unwrap_or_default();
        // Memory that nobody can write now was written when it was open: the page of a secret.
        if !rights.contains('w') && (!file.is_empty() || rights != "---p") {
            continue;
        }
        let (begin, end) = range.split_once('-').unwrap();
        let begin = u64::from_str_radix(begin, 16).unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        // Reserved and never used: gigabytes of it.
        if !rights.contains('w') && end - begin > 1 << 20 {
            continue;
        }
        found += count(&read(&mut memory, begin, end));
    }
    found
}

/// What can be read of that memory; guard pages cannot.
fn read(memory: &mut fs::File, begin: u64, end: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut page = [0; 4096];
    for at in (begin..end).step_by(page.len()) {
        if memory.seek(SeekFrom::Start(at)).is_ok() && memory.read_exact(&mut page).is_ok() {
            bytes.extend(page);
        }
    }
    bytes
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
