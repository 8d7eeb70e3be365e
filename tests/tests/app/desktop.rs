//! The app beside its window: notifications, the tray, and starting with the computer. Req C.4.

use lichna_ipc::{ConsentRoute, Request};
use lichna_tests::app::App;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::display::Desktop;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::scheme::{Face, Scheme};
use lichna_tests::server::{Program, ServerSpec};
use lichna_tests::session::Session;
use lichna_tests::workspace::Home;
use lichna_tests::{built, until};
use time::OffsetDateTime;

use crate::client::{Person as Asker, connect, login_request};

/// What the window manager knows the app's window by.
const APP: &str = "lichna-app";

#[test]
fn what_is_to_be_known_is_notified_once_and_a_press_on_it_opens_the_window() {
    let ca = Ca::new("Test CA");
    let (applet, sound) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, "Иван Иванов");
    let sound = lichna_pki::Certificate::parse(&sound.der).unwrap();
    let ending = ca.client_with(sound.spki_der(), "Иван Иванов", |params| {
        params.not_after = OffsetDateTime::now_utc() + time::Duration::days(30);
    });
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Reader")]);
    let card = pcscd
        .reader(0)
        .insert(applet.with_certificate(Kind::Piv, &ending.der));
    let home = Home::new(&pcscd);
    let configuration = home.path().join("config.toml");
    std::fs::write(configuration, "[prompt]\nwindow = false\n").unwrap();
    let desktop = Desktop::start();
    let session = Session::start(&desktop);
    let app = App::start(&desktop, &home);
    app.says("Иван Иванов");
    let title = "Your certificate ends soon";
    until("the notification", || session.notified(title).is_some());
    assert!(
        session
            .notified(title)
            .unwrap()
            .contains("It is good until 20")
    );

    // Another program asks, and waits: no PIN window is wanted here.
    let server = ServerSpec::new(Program::Nginx, &ca).start();
    let mut request = login_request(&server.url(), &ca);
    request.consent = ConsentRoute::Prompter;
    let mut asker = connect(&home);
    let connection = asker.waiter().unwrap();
    let asking = std::thread::spawn(move || {
        // It ends when this side hangs up.
        asker
            .call(Request::Login(request), &mut Asker::nobody())
            .ok();
    });
    let title = "A program waits for your answer";
    until("the notification", || session.notified(title).is_some());
    let text = session.notified(title).unwrap();
    assert!(text.contains(" wants to use the card."), "{text}");
    app.says("A program waits for you");
    app.says("It wants you to log in to localhost.");
    let window = desktop.windows_of(APP).remove(0);
    desktop.does(&["windowminimize", "--sync", &window]);
    session.press(title);
    until("the window to be in front", || {
        desktop.does(&["getactivewindow"]) == window
    });
    connection.hang_up();
    asking.join().unwrap();
    until("nobody to wait any more", || {
        !app.text().contains("A program waits for you")
    });

    // The same card again in the same week: nobody is told anew.
    card.remove();
    app.says("Put your card in");
    card.insert();
    app.says("Иван Иванов");
    assert!(session.notified("Your certificate ends soon").is_some());
}

#[test]
fn the_tray_shows_the_card_and_the_app_waits_there_when_it_starts_with_the_computer() {
    let scheme = Scheme::new();
    let desktop = Desktop::start();
    let session = Session::start(&desktop);
    let app = App::start_with(&desktop, &scheme.home, &["--background"]);
    until("the tray", || session.tray().is_some());
    app.says("Home");
    assert!(desktop.windows_of(APP).is_empty());
    assert_eq!(session.tray().unwrap(), ["No card", "Open Lichna", "Quit"]);
    let _card = scheme.card(Face::Contact);
    until("the tray to show the card", || {
        session
            .tray()
            .is_some_and(|said| said[0] == "Practice card")
    });
    session.choose("Open Lichna");
    until("the window", || desktop.windows_of(APP).len() == 1);
    // Closed, it goes on waiting.
    let window = desktop.windows_of(APP).remove(0);
    desktop.does(&["windowactivate", "--sync", &window, "key", "alt+F4"]);
    until("the window to go", || desktop.windows_of(APP).is_empty());
    App::start_again(&desktop, &scheme.home, &[]);
    until("the window again", || desktop.windows_of(APP).len() == 1);
    session.choose("Quit");
    until("the app to go", || session.tray().is_none());
}

#[test]
fn whether_the_app_starts_with_the_computer_is_chosen_in_the_settings() {
    let home = Home::apart();
    let desktop = Desktop::start();
    let app = App::start(&desktop, &home);
    app.press("Settings");
    app.says("When the computer starts");
    assert_eq!(started_with_computer(&home), None);
    let (starts, waits) = ("Lichna starts too", "Lichna waits to be opened");
    app.choose(starts);
    until("an entry", || started_with_computer(&home).is_some());
    let entry = started_with_computer(&home).unwrap();
    let command = format!("Exec={} --background", built::app().display());
    assert!(entry.lines().any(|line| line == command), "{entry}");
    until("it to be shown", || app.has_chosen(starts));
    app.choose(waits);
    until("no entry", || started_with_computer(&home).is_none());
    until("it to be shown", || app.has_chosen(waits));
}

/// The entry that has the desktop start the app.
fn started_with_computer(home: &Home) -> Option<String> {
    let folder = home.path().join(".config/autostart");
    let entry = std::fs::read_dir(folder).ok()?.next()?;
    std::fs::read_to_string(entry.ok()?.path()).ok()
}
