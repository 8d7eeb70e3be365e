//! By a screen reader alone: no keyboard, no mouse, no picture.

use lichna_ipc::Reply;

use crate::client::PIN;
use crate::desk::Desk;

#[test]
fn a_login_is_agreed_to_by_a_screen_reader_alone() {
    let desk = Desk::new();
    let server = desk.stage.server();
    let asked = desk.log_in(&server);
    let said = desk.desktop.read();
    for wanted in [
        "Lichna: Log in to localhost",
        "password text|PIN|6 to 8 characters, typed: 0",
        "not on your trust list",
        "PIN tries left",
        "push button|Refuse",
        "push button|Log in",
        "status bar|",
    ] {
        assert!(said.contains(wanted), "{wanted} in\n{said}");
    }
    let digits: Vec<String> = PIN.chars().map(String::from).collect();
    let mut names: Vec<&str> = digits.iter().map(String::as_str).collect();
    names.push("Log in");
    desk.desktop.press(&names);
    match asked.join().unwrap() {
        Ok(Reply::Login(outcome)) => assert_eq!(outcome.status, 200),
        other => panic!("{other:?}"),
    }
}
