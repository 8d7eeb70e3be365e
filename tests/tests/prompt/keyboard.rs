//! At the keyboard and with the mouse.

use std::thread;
use std::time::Duration;

use lichna_ipc::{Failure, Reply};
use lichna_tests::memory::{RARE, in_memory};
use lichna_tests::until;

use crate::client::{PIN, WRONG};
use crate::desk::Desk;

/// How long a slow hand presses.
const SLOW: Duration = Duration::from_millis(1500);

#[test]
fn a_login_is_agreed_to_with_the_pin_and_enter() {
    let desk = Desk::new();
    let server = desk.stage.server();
    let asked = desk.log_in(&server);
    desk.window();
    desk.types(PIN);
    desk.presses(&["Return"]);
    match asked.join().unwrap() {
        Ok(Reply::Login(outcome)) => assert_eq!(outcome.status, 200),
        other => panic!("{other:?}"),
    }
    desk.window_is_gone();
}

#[test]
fn a_wrong_pin_costs_one_try_and_the_last_one_wants_a_tick() {
    let desk = Desk::new();
    let server = desk.stage.server();
    for left in [2, 1] {
        let asked = desk.log_in(&server);
        desk.window();
        desk.types(WRONG);
        desk.presses(&["Return"]);
        let wrong = Failure::WrongPin { tries_left: left };
        assert_eq!(asked.join().unwrap().unwrap_err(), wrong);
        desk.window_is_gone();
        desk.stage.reinsert();
    }
    let asked = desk.log_in(&server);
    desk.window();
    desk.types(PIN);
    // Nothing is done before the tick: Tab goes to it, the blank sets it, Shift+Tab goes back.
    desk.presses(&["Return", "Tab", "space", "shift+Tab", "Return"]);
    assert!(matches!(asked.join().unwrap(), Ok(Reply::Login(_))));
    assert_eq!(desk.tries_left(), Some(3));
}

#[test]
fn a_new_pin_is_typed_twice_and_a_weak_one_is_not_taken() {
    let desk = Desk::new();
    let asked = desk.change_pin();
    desk.window();
    desk.types(PIN);
    desk.presses(&["Return"]);
    // 111111 is refused where it is typed; taken back, another is.
    desk.types("111111");
    desk.presses(&["Return"]);
    desk.presses(&["BackSpace"; 6]);
    desk.types(RARE);
    desk.presses(&["Return"]);
    desk.types(RARE);
    desk.presses(&["Return"]);
    assert_eq!(asked.join().unwrap(), Ok(Reply::PinChanged));
    // The new one is the card's.
    let server = desk.stage.server();
    let asked = desk.log_in(&server);
    desk.window();
    desk.types(RARE);
    desk.presses(&["Return"]);
    assert!(matches!(asked.join().unwrap(), Ok(Reply::Login(_))));
    let agent = desk.stage.home.agents()[0].as_raw_pid();
    until("the PIN to be nowhere in the agent", || {
        in_memory(agent) == 0
    });
}

#[test]
fn the_pin_is_in_one_place_of_the_window_and_what_was_taken_back_is_nowhere() {
    let desk = Desk::new();
    let asked = desk.change_pin();
    let window = desk.window_process();
    desk.types(RARE);
    desk.has_typed(7);
    assert_eq!(in_memory(window), 1);
    desk.presses(&["BackSpace"; 7]);
    until("the PIN to be nowhere", || in_memory(window) == 0);
    desk.presses(&["Escape"]);
    assert_eq!(asked.join().unwrap(), Err(Failure::Refused));
}

#[test]
fn the_keypad_types_what_is_pressed() {
    let desk = Desk::with("[look]\nlanguage = \"en\"\nkeypad = \"shuffled\"\n");
    let asked = desk.change_pin();
    let window = desk.window();
    // The key is found wherever it is.
    let (x, y) = desk.desktop.key("1", &window);
    let (x, y) = (x.to_string(), y.to_string());
    desk.desktop.does(&["mousemove", &x, &y]);
    for _ in 1..RARE.len() {
        desk.desktop.does(&["click", "1"]);
    }
    // A slow hand is a hand too, and one that slips.
    desk.desktop.does(&["mousedown", "1"]);
    thread::sleep(SLOW);
    desk.desktop.does(&["mousemove_relative", "8", "4"]);
    desk.desktop.does(&["mouseup", "1"]);
    desk.has_typed(7);
    desk.presses(&["Escape"]);
    assert_eq!(asked.join().unwrap(), Err(Failure::Refused));
}

#[test]
fn nothing_is_pasted() {
    let desk = Desk::new();
    let asked = desk.change_pin();
    desk.window();
    desk.presses(&["ctrl+v", "shift+Insert"]);
    desk.desktop.does(&["click", "2"]);
    desk.types("12");
    desk.has_typed(2);
    desk.presses(&["Escape"]);
    assert_eq!(asked.join().unwrap(), Err(Failure::Refused));
}
