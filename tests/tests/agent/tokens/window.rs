//! Whose window it is that asks: on a display of the test's own.

use lichna_tests::approver::pending;
use lichna_tests::display::Display;
use lichna_tests::ports::Ports;
use lichna_tests::until;
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, CreateWindowAux, PropMode, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::program::Program;
use super::{MESSAGE, hash, with_token};
use crate::stage::Stage;

/// Windows, each with a title, of these processes, the topmost last.
fn show(on: &Display, windows: &[(u32, &str)]) -> RustConnection {
    let (display, screen) = RustConnection::connect(Some(on.name())).unwrap();
    let root = display.setup().roots[screen].root;
    let atom = |name: &str| {
        let asked = display.intern_atom(false, name.as_bytes()).unwrap();
        asked.reply().unwrap().atom
    };
    let mut list = Vec::new();
    for (process, title) in windows {
        let window = display.generate_id().unwrap();
        let shape = (0, 0, 10, 10, 0);
        display
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                root,
                shape.0,
                shape.1,
                shape.2,
                shape.3,
                shape.4,
                WindowClass::INPUT_OUTPUT,
                x11rb::COPY_FROM_PARENT,
                &CreateWindowAux::new(),
            )
            .unwrap();
        let (name, utf8) = (atom("_NET_WM_NAME"), atom("UTF8_STRING"));
        let replace = PropMode::REPLACE;
        display
            .change_property8(replace, window, name, utf8, title.as_bytes())
            .unwrap();
        let (pid, kind) = (atom("_NET_WM_PID"), AtomEnum::CARDINAL);
        display
            .change_property32(replace, window, pid, kind, &[*process])
            .unwrap();
        list.push(window);
    }
    let (stacking, kind) = (atom("_NET_CLIENT_LIST_STACKING"), AtomEnum::WINDOW);
    display
        .change_property32(PropMode::REPLACE, root, stacking, kind, &list)
        .unwrap();
    display.sync().unwrap();
    display
}

/// With that display, and questions that wait for another terminal all the same.
fn on_display(name: &str) -> Stage {
    Stage::piv_in(|home| {
        home.set("DISPLAY", name);
        let text = "[prompt]\nwindow = false\n";
        std::fs::write(home.path().join("config.toml"), text).unwrap();
    })
}

/// The title that is shown for what the program asks.
fn shown(stage: &Stage, program: &mut Program, on: usize, token: &lichna_ipc::Token) -> String {
    let asked = program.sign(on, token, &hash(MESSAGE));
    until("the prompt", || pending(&stage.home).len() == 1);
    let title = pending(&stage.home).remove(0).requester.window;
    program.cancel(asked);
    until("the prompt to go", || pending(&stage.home).is_empty());
    title.unwrap_or_default()
}

#[test]
fn the_title_of_the_asking_programs_window_is_shown() {
    let display = Display::start();
    let stage = on_display(display.name());
    let (mut program, token) = with_token(&stage);
    let (other, own) = (std::os::unix::process::parent_id(), program.pid());
    assert_eq!(shown(&stage, &mut program, 1, &token), "");
    let started_it = std::process::id();
    // Another's window; the one of the program that started it; then two of its own.
    let parents = show(&display, &[(started_it, "Терминал"), (u32::MAX, "Банка")]);
    assert_eq!(shown(&stage, &mut program, 2, &token), "Терминал");
    drop(parents);
    let evil = format!("Вход в система\u{1b}[2J\u{202e}{}", "x".repeat(200));
    let windows = show(&display, &[(own, "Стар"), (own, &evil), (other, "Друг")]);
    let title = shown(&stage, &mut program, 3, &token);
    assert!(title.starts_with("Вход в система"), "{title}");
    assert!(title.chars().count() <= 80, "{title}");
    assert!(!title.contains(['\u{1b}', '\u{202e}']), "{title:?}");
    drop(windows);
}

// Promise: a display that hangs holds nothing up.
#[test]
fn a_display_that_never_answers_holds_no_prompt_up() {
    // By TCP, display N is at port 6000 + N.
    let ports = Ports::take(1);
    let port = ports.first();
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let name = format!("127.0.0.1:{}", port - 6000);
    let stage = on_display(&name);
    let (mut program, token) = with_token(&stage);
    assert_eq!(shown(&stage, &mut program, 1, &token), "");
    // It is asked once, and not again while it owes the answer.
    assert_eq!(shown(&stage, &mut program, 2, &token), "");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_ok(), "nobody asked the display");
    assert!(listener.accept().is_err(), "it was asked twice");
}
