//! How the window ends without an answer, and what is done where it cannot open.

use std::process::{Command, Stdio};

use lichna_ipc::Failure;
use lichna_tests::approver::pending;
use lichna_tests::{built, until};
use rustix::process::{Pid, Signal, kill_process};

use crate::client::{PIN, cards_are_read};
use crate::desk::{Desk, ask, change_pin, configure};

#[test]
fn to_close_the_window_is_to_refuse() {
    let desk = Desk::new();
    for keys in ["Escape", "alt+F4"] {
        let asked = desk.change_pin();
        desk.window();
        desk.types(PIN);
        desk.presses(&[keys]);
        assert_eq!(asked.join().unwrap(), Err(Failure::Refused));
        desk.window_is_gone();
    }
    assert_eq!(desk.tries_left(), Some(3));
}

#[test]
fn a_window_that_is_killed_has_answered_nothing() {
    let desk = Desk::new();
    let asked = desk.change_pin();
    let window = Pid::from_raw(desk.window_process()).unwrap();
    desk.types(PIN);
    kill_process(window, Signal::KILL).unwrap();
    assert_eq!(asked.join().unwrap(), Err(Failure::WindowGone));
}

#[test]
fn the_window_goes_with_the_card_and_with_the_agent() {
    let desk = Desk::new();
    let asked = desk.change_pin();
    desk.window();
    desk.stage.card.remove();
    assert_eq!(asked.join().unwrap(), Err(Failure::CardRemoved));
    desk.window_is_gone();
    desk.stage.card.insert();
    cards_are_read(&desk.stage.home, 1);
    let asked = desk.change_pin();
    desk.window();
    desk.stage.home.kill_agent();
    desk.window_is_gone();
    // Its connection is gone with it.
    assert!(asked.join().is_err());
}

#[test]
fn where_no_window_opens_the_question_waits_at_another_terminal() {
    let Desk { stage, desktop } = Desk::new();
    let waits = || {
        let asked = ask(&stage, change_pin());
        until("the question to wait", || pending(&stage.home).len() == 1);
        stage.card.remove();
        assert_eq!(asked.join().unwrap(), Err(Failure::CardRemoved));
        stage.card.insert();
        cards_are_read(&stage.home, 1);
    };
    configure(stage.home.path(), "[prompt]\nwindow = false\n");
    waits();
    configure(stage.home.path(), "[prompt]\nwindow = true\n");
    drop(desktop);
    waits();
}

#[test]
fn nobody_but_the_agent_opens_the_window() {
    let mut by_hand = Command::new(built::prompt());
    by_hand.env("DISPLAY", ":0").stdin(Stdio::null());
    let said = by_hand.output().unwrap();
    assert!(!said.status.success());
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("opened by the agent"), "{said}");
    // Nor does a program that knows how the agent does it.
    let (own, other) = std::os::unix::net::UnixStream::pair().unwrap();
    let other = std::os::fd::OwnedFd::from(other);
    let mut alike = Command::new(built::prompt());
    alike.stdin(other.try_clone().unwrap()).stdout(other);
    let said = alike.stderr(Stdio::piped()).spawn().unwrap();
    let said = said.wait_with_output().unwrap();
    assert!(!said.status.success());
    drop(own);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("opened by the agent"), "{said}");
}
