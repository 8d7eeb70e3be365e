//! An agent that goes, comes back, or hangs.

use std::time::{Duration, Instant};

use cryptoki_sys::{
    CKA_ID, CKF_DONT_BLOCK, CKM_ECDSA, CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID,
};
use lichna_tests::approver::{Answers, Approver};
use lichna_tests::module::{FUNCTIONS, Kind, Mechanism, Module, Rv, Template};
use lichna_tests::until;
use rustix::process::Signal;

use crate::client::{PIN, agent, cards_are_read};
use crate::general::harmless;
use crate::program::{
    IDENTIFICATION, Program, hear, initialized, module, say, session_and_key, until_token,
};
use crate::scene::{person, the_pending};
use crate::signing::signs;
use crate::stage::Stage;

// Req C.3
#[test]
fn an_agent_that_is_killed_takes_the_tokens_with_it_and_the_next_brings_them_back() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, outlives_agents);
    for _ in 0..2 {
        program.says_that("there");
        stage.home.kill_agent();
        program.tell("killed");
        program.says_that("gone");
        let new = agent(&stage.home);
        cards_are_read(&stage.home, 1);
        // It is ended by name, with the home.
        std::mem::forget(new);
    }
    let _person = person(&stage.home);
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn outlives_agents() {
    let module = initialized();
    let ecdsa = Mechanism::plain(CKM_ECDSA);
    for _ in 0..2 {
        until_token(&module, IDENTIFICATION);
        let (session, key) = session_and_key(&module, IDENTIFICATION);
        say("there");
        hear("killed");
        let signed = module.signature(session, key, &ecdsa, &[1; 32]).map(drop);
        let gone = [CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID];
        assert!(signed.is_err_and(|rv| gone.contains(&rv.0)), "{signed:?}");
        assert!(module.slots(true).unwrap().is_empty());
        assert!(module.slots(false).unwrap().contains(&IDENTIFICATION));
        say("gone");
    }
    until_token(&module, IDENTIFICATION);
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    module.signature(session, key, &ecdsa, &[1; 32]).unwrap();
    module.finalize().unwrap();
}

// Req C.3
#[test]
fn an_agent_killed_while_the_holder_is_asked_ends_the_signature() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, signs_until_the_agent_is_gone);
    the_pending(&stage.home);
    stage.home.kill_agent();
    program.says_that("removed");
    let _agent = agent(&stage.home);
    cards_are_read(&stage.home, 1);
    let _person = person(&stage.home);
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn signs_until_the_agent_is_gone() {
    let module = initialized();
    let ecdsa = Mechanism::plain(CKM_ECDSA);
    let sign = || {
        let (session, key) = session_and_key(&module, IDENTIFICATION);
        module.signature(session, key, &ecdsa, &[1; 32]).map(drop)
    };
    assert_eq!(sign(), Err(Rv(CKR_DEVICE_REMOVED)));
    say("removed");
    until_token(&module, IDENTIFICATION);
    sign().unwrap();
    module.finalize().unwrap();
}

/// What a call may take that needs nobody, and what one that needs a person may.
const BRIEF: Duration = Duration::from_secs(2);
const PATIENT: Duration = Duration::from_secs(45);
/// A busy computer.
const MARGIN: Duration = Duration::from_secs(3);

// Promise: no call blocks longer than its deadline, even when the agent hangs.
// Req C.3
#[test]
fn no_call_outlives_its_deadline_when_the_agent_hangs() {
    let stage = Stage::piv();
    let mut program = Program::start(&stage.home, calls_while_the_agent_hangs);
    program.says_that("ready");
    stage.home.signal_agents(Signal::STOP);
    program.tell("hangs");
    program.says_that("in time");
    stage.home.signal_agents(Signal::CONT);
    let _person = person(&stage.home);
    program.tell("goes on");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn calls_while_the_agent_hangs() {
    let module = initialized();
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    say("ready");
    hear("hangs");
    everything_in_time(&module, session, key);
    let ecdsa = Mechanism::plain(CKM_ECDSA);
    // A new beginning meets an agent that takes connections and never greets.
    in_time("C_Finalize", BRIEF, || module.finalize().unwrap());
    in_time("C_Initialize", BRIEF, || module.initialize().unwrap());
    in_time("C_GetSlotList", BRIEF, || drop(module.slots(true)));
    say("in time");
    hear("goes on");
    until_token(&module, IDENTIFICATION);
    let (session, key) = session_and_key(&module, IDENTIFICATION);
    module.signature(session, key, &ecdsa, &[1; 32]).unwrap();
    module.finalize().unwrap();
}

fn in_time<T>(what: &str, limit: Duration, call: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = call();
    let took = began.elapsed();
    assert!(took < limit + MARGIN, "{what} took {took:?}");
    result
}

fn everything_in_time(module: &Module, session: u64, key: u64) {
    for function in FUNCTIONS {
        let wanting = [
            "C_Finalize",
            "C_Initialize",
            "C_WaitForSlotEvent",
            "C_CloseSession",
        ];
        let closes = function.name == "C_CloseAllSessions";
        // Those that a person must act for have a deadline of their own, below.
        let patient = [
            "C_Login",
            "C_LoginUser",
            "C_SetPIN",
            "C_Sign",
            "C_SignFinal",
        ];
        if wanting.contains(&function.name) || closes || patient.contains(&function.name) {
            continue;
        }
        let mut arguments = harmless(function);
        for (argument, kind) in arguments.iter_mut().zip(function.kinds()) {
            match kind {
                Kind::Session => *argument = lichna_tests::module::Argument::Number(session),
                Kind::Object => *argument = lichna_tests::module::Argument::Number(key),
                _ => {}
            }
        }
        in_time(function.name, BRIEF, || {
            module.call(function, &mut arguments)
        });
    }
    in_time("C_WaitForSlotEvent", BRIEF, || {
        module.wait_for_slot_event(CKF_DONT_BLOCK).ok()
    });
    let other = in_time("C_OpenSession", BRIEF, || {
        module.open_session(IDENTIFICATION)
    });
    // The token is as it was last told of: searches are answered from memory.
    if let Ok(other) = other {
        in_time("a search", BRIEF, || {
            module.find(other, &Template::all()).ok()
        });
        in_time("an attribute", BRIEF, || {
            module.attribute(other, key, CKA_ID).ok()
        });
        // There is no connection for it yet, and none is made.
        let signed = in_time("C_Sign", BRIEF, || {
            module.signature(other, key, &Mechanism::plain(CKM_ECDSA), &[1; 32])
        });
        assert!(signed.is_err(), "nobody signed");
        module.close_session(other).ok();
    }
}

// Promise: a signature gives up after its deadline, and what comes too late is no other's.
// Req C.3
#[test]
fn a_signature_outlives_no_deadline_and_gets_no_other_ones_answer() {
    let stage = Stage::piv();
    let _person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    let mut program = Program::start(&stage.home, signs_while_the_agent_hangs);
    program.says_that("granted");
    stage.home.signal_agents(Signal::STOP);
    program.tell("hangs");
    program.says_that("gave up");
    stage.home.signal_agents(Signal::CONT);
    program.tell("goes on");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn signs_while_the_agent_hangs() {
    let module = initialized();
    // Checks each signature against what was signed.
    signs(&module, IDENTIFICATION, b"granted").unwrap();
    say("granted");
    hear("hangs");
    std::thread::scope(|scope| {
        let late = || {
            in_time("C_Sign", PATIENT, || {
                signs(&module, IDENTIFICATION, b"late")
            })
        };
        for waiting in [scope.spawn(late), scope.spawn(late)] {
            assert!(waiting.join().unwrap().is_err(), "nobody signed");
        }
    });
    say("gave up");
    hear("goes on");
    // The first may still meet what is left of those that came too late.
    for message in [b"one", b"two", b"six"] {
        until("a signature", || {
            signs(&module, IDENTIFICATION, message).is_ok()
        });
    }
    module.finalize().unwrap();
}

/// Where the agent's socket is there and nobody serves it, or it is somebody else's.
// Req C.3
#[test]
fn what_stands_where_the_agent_should_be_is_not_believed() {
    use std::io::Write;
    use std::os::unix::net::UnixListener;
    let home = lichna_tests::workspace::Home::apart();
    let place = lichna_ipc::Home::at(home.path()).unwrap();
    std::fs::create_dir_all(place.socket().parent().unwrap()).unwrap();
    let listener = UnixListener::bind(place.socket()).unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut program = Program::start(&home, initializes_among_impostors);
    let mut nonsense = [
        &b"\xff\xff\xff\xff\xff\xff\xff\xff"[..],
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x05hello",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"",
    ]
    .into_iter()
    .cycle();
    let mut connections = Vec::new();
    let mut served = 0;
    until("the program to be done", || {
        if let Ok((mut stream, _)) = listener.accept() {
            stream.write_all(nonsense.next().unwrap()).ok();
            served += 1;
            // Every other one is left hanging.
            if served % 2 == 0 {
                connections.push(stream);
            }
        }
        !program.is_silent()
    });
    assert!(served > 1, "nobody asked");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn initializes_among_impostors() {
    let module = module();
    for _ in 0..4 {
        in_time("C_Initialize", BRIEF, || module.initialize().unwrap());
        in_time("C_GetSlotList", BRIEF, || {
            assert!(module.slots(true).unwrap().is_empty());
        });
        module.finalize().unwrap();
    }
    say("done");
}
