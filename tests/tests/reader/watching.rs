//! The states of the service, its readers and its cards. Req C.1

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::{Duration, Instant};

use lichna_reader::{ServiceState, SlotState};
use lichna_tests::applet::Applet;
use lichna_tests::hostile::Mute;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::until;

use crate::ATR;
use crate::probe::{Probe, text};

fn without_readers(service: ServiceState) -> String {
    text(service, &[])
}

/// What one reader with one slot amounts to.
fn one(slot: SlotState) -> String {
    text(ServiceState::Running, &[("Test 00 00", slot)])
}

fn card() -> SlotState {
    SlotState::Card {
        atr: hex::decode(ATR).unwrap(),
    }
}

/// A service with a reader of one slot.
fn one_reader() -> Pcscd {
    Pcscd::start(&[ReaderSpec::pinpad("Test")])
}

#[test]
fn sees_the_service_start_crash_start_and_stop() {
    let mut pcscd = Pcscd::stopped(&[ReaderSpec::pinpad("Test")]);
    let mut probe = Probe::new(&pcscd);
    probe.must(&["watch"]);
    probe.sees(&without_readers(ServiceState::NotRunning));
    pcscd.start_again();
    probe.sees(&one(SlotState::Empty));
    pcscd.kill(); // the socket stays behind
    probe.sees(&without_readers(ServiceState::NotRunning));
    pcscd.start_again();
    probe.sees(&one(SlotState::Empty));
    pcscd.stop();
    probe.sees(&without_readers(ServiceState::NotRunning));
}

#[test]
fn tells_a_service_that_is_not_installed() {
    let pcscd = Pcscd::stopped(&[]);
    let mut probe = Probe::without_service(&pcscd);
    assert_eq!(
        probe.must(&["take"]),
        without_readers(ServiceState::NotInstalled)
    );
    let mut beside = Probe::new(&pcscd);
    assert_eq!(
        beside.must(&["take"]),
        without_readers(ServiceState::NotRunning)
    );
}

#[test]
fn tells_a_service_that_another_user_may_not_use_and_sees_the_right_given() {
    let pcscd = one_reader();
    pcscd.no_permission();
    if !rustix::process::geteuid().is_root() {
        // Then the probe is the owner too.
        let none = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        std::fs::set_permissions(pcscd.socket(), none).unwrap();
    }
    let mut probe = Probe::of_another_user(&pcscd);
    let thread = watch(&mut probe);
    probe.sees(&without_readers(ServiceState::NoPermission));
    lies_down(probe.pid(), &thread);
    pcscd.permission();
    probe.sees(&one(SlotState::Empty));
}

/// Stands in for pcscd at its socket: `answer` is given the number of a command and its body,
/// and changes the body into the answer (pcsc-lite's winscard_msg.h: words of four bytes).
fn in_place_of_service(listener: UnixListener, answer: fn(u32, &mut [u32])) {
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || serve(client, answer));
        }
    });
}

fn serve(mut client: UnixStream, answer: fn(u32, &mut [u32])) -> std::io::Result<()> {
    let word = |client: &mut UnixStream| {
        let mut bytes = [0; 4];
        client.read_exact(&mut bytes)?;
        std::io::Result::Ok(u32::from_ne_bytes(bytes))
    };
    loop {
        let length = word(&mut client)?;
        let command = word(&mut client)?;
        let mut body = Vec::new();
        for _ in 0..length / 4 {
            body.push(word(&mut client)?);
        }
        answer(command, &mut body);
        client.write_all(
            &body
                .into_iter()
                .flat_map(u32::to_ne_bytes)
                .collect::<Vec<_>>(),
        )?;
    }
}

/// CMD_VERSION: major, minor, return code.
const VERSION: u32 = 0x11;
/// SCARD_ESTABLISH_CONTEXT: scope, context, return code.
const ESTABLISH_CONTEXT: u32 = 0x01;
const NO_SERVICE: u32 = 0x8010_001D;
const SECURITY_VIOLATION: u32 = 0x8010_006A;

#[test]
fn tells_a_service_of_another_protocol_version() {
    let pcscd = Pcscd::stopped(&[]);
    let listener = UnixListener::bind(pcscd.socket()).unwrap();
    in_place_of_service(listener, |command, body| {
        if command == VERSION {
            body.copy_from_slice(&[9, 7, NO_SERVICE]);
        }
    });
    let mut probe = Probe::new(&pcscd);
    probe.must(&["watch"]);
    probe.sees(&without_readers(ServiceState::ProtocolMismatch {
        major: 9,
        minor: 7,
    }));
    assert_eq!(
        probe.ask(&["open", "Test 00 00", "5000"]),
        "error Service(ProtocolMismatch { major: 9, minor: 7 })"
    );
}

#[test]
fn tells_a_service_that_refuses_this_user() {
    // As pcscd does when polkit does not let the user in.
    let pcscd = Pcscd::stopped(&[]);
    let listener = UnixListener::bind(pcscd.socket()).unwrap();
    in_place_of_service(listener, |command, body| {
        if command == ESTABLISH_CONTEXT {
            body[2] = SECURITY_VIOLATION;
        }
    });
    let mut probe = Probe::new(&pcscd);
    probe.must(&["watch"]);
    probe.sees(&without_readers(ServiceState::NoPermission));
    assert_eq!(
        probe.ask(&["open", "Test 00 00", "5000"]),
        "error Service(NoPermission)"
    );
}

#[test]
fn finds_a_service_that_listens_some_time_after_its_socket_appeared() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket};
    let pcscd = Pcscd::stopped(&[]);
    let mut probe = Probe::new(&pcscd);
    let thread = watch(&mut probe);
    probe.sees(&without_readers(ServiceState::NotRunning));
    let before = lies_down(probe.pid(), &thread);
    let early = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&early, &SocketAddrUnix::new(pcscd.socket()).unwrap()).unwrap();
    until("it to try the socket in vain", || {
        waits(probe.pid(), &thread) > before
    });
    // Nothing in the file system tells of this.
    listen(&early, 8).unwrap();
    in_place_of_service(early.into(), |command, body| {
        if command == ESTABLISH_CONTEXT {
            body[2] = SECURITY_VIOLATION;
        }
    });
    probe.sees(&without_readers(ServiceState::NoPermission));
}

#[test]
fn a_service_without_readers_is_one_that_runs() {
    let pcscd = Pcscd::start(&[]);
    let mut probe = Probe::new(&pcscd);
    probe.must(&["watch"]);
    probe.sees(&without_readers(ServiceState::Running));
}

#[test]
fn sees_cards_come_and_go_and_each_slot_for_itself() {
    let pcscd = Pcscd::start(&[ReaderSpec::pinpad("Test"), ReaderSpec::pinpad("Second")]);
    let mut probe = Probe::new(&pcscd);
    probe.must(&["watch"]);
    let both = |first: SlotState, second: SlotState| {
        text(
            ServiceState::Running,
            &[("Test 00 00", first), ("Second 00 00", second)],
        )
    };
    probe.sees(&both(SlotState::Empty, SlotState::Empty));
    let first = pcscd.reader(0).insert(Applet::piv());
    probe.sees(&both(card(), SlotState::Empty));
    let second = pcscd.reader(1).insert(Applet::openpgp());
    probe.sees(&both(card(), card()));
    first.remove();
    probe.sees(&both(SlotState::Empty, card()));
    second.remove();
    probe.sees(&both(SlotState::Empty, SlotState::Empty));
}

#[test]
fn tells_a_mute_card_from_no_card() {
    let pcscd = one_reader();
    let mut probe = Probe::new(&pcscd);
    probe.must(&["watch"]);
    probe.sees(&one(SlotState::Empty));
    let mute = pcscd.reader(0).insert(Mute::default());
    probe.sees(&one(SlotState::Mute));
    assert_eq!(probe.ask(&["open", "Test 00 00", "5000"]), "error CardMute");
    mute.remove();
    probe.sees(&one(SlotState::Empty));
    assert_eq!(probe.ask(&["open", "Test 00 00", "5000"]), "error NoCard");
}

#[test]
fn tells_a_card_in_use_and_one_held_alone() {
    let pcscd = one_reader();
    let _card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    let mut other = Probe::new(&pcscd);
    let in_use = |exclusive| {
        one(SlotState::InUse {
            atr: hex::decode(ATR).unwrap(),
            exclusive,
        })
    };
    until("the card", || probe.must(&["take"]) == one(card()));
    other.must(&["open", "Test 00 00", "5000"]);
    assert_eq!(probe.must(&["take"]), in_use(false));
    other.must(&["close"]);
    until("the card to be free", || {
        probe.must(&["take"]) == one(card())
    });
    other.must(&["open-alone", "Test 00 00"]);
    assert_eq!(probe.must(&["take"]), in_use(true));
    other.kill();
    until("the card to be free", || {
        probe.must(&["take"]) == one(card())
    });
}

/// How often the thread gave up the processor of its own accord: every wait is one.
fn waits(pid: u32, thread: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/task/{thread}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
        .unwrap();
    line.trim().parse().unwrap()
}

/// Waits until the thread sleeps; says how often it gave up the processor so far.
fn lies_down(pid: u32, thread: &str) -> u64 {
    let mut last = waits(pid, thread);
    let mut since = Instant::now();
    until("the thread to lie down", || {
        let now = waits(pid, thread);
        if now != last {
            last = now;
            since = Instant::now();
        }
        since.elapsed() > Duration::from_secs(1)
    });
    last
}

/// Lets time pass and asserts that the thread slept all the while.
fn assert_sleeps(pid: u32, thread: &str) {
    let before = lies_down(pid, thread);
    thread::sleep(Duration::from_secs(3));
    assert_eq!(waits(pid, thread), before, "it woke up");
}

/// Starts to watch, and says in which thread.
fn watch(probe: &mut Probe) -> String {
    let thread = probe.must(&["watch"]);
    thread
        .trim_matches(|digit: char| !digit.is_ascii_digit())
        .to_owned()
}

#[test]
fn sleeps_while_nothing_happens_and_while_the_service_is_not_there() {
    let mut pcscd = one_reader();
    let _card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    let thread = watch(&mut probe);
    probe.sees(&one(card()));
    assert_sleeps(probe.pid(), &thread);
    pcscd.kill();
    probe.sees(&without_readers(ServiceState::NotRunning));
    assert_sleeps(probe.pid(), &thread);
    pcscd.start_again();
    probe.sees(&one(card()));
    assert_eq!(probe.unseen(), Vec::<String>::new());
}

#[test]
fn a_watch_ends_when_it_is_cancelled_wherever_it_waits() {
    let mut pcscd = one_reader();
    for started in [true, false] {
        if !started {
            pcscd.stop();
        }
        let mut probe = Probe::new(&pcscd);
        probe.must(&["watch"]);
        // At once, while it may not wait yet …
        probe.must(&["cancel"]);
        probe.sees("over");
        // … and when it does.
        probe.must(&["watch"]);
        probe.sees(&if started {
            one(SlotState::Empty)
        } else {
            without_readers(ServiceState::NotRunning)
        });
        probe.must(&["cancel"]);
        probe.sees("over");
    }
}
