//! Pictures of the real windows, with a practice card of a practice scheme, for people who read
//! about them: `cargo xtask pictures` builds and runs it.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    reason = "it takes the pictures, or ends and says why not"
)]
#![allow(clippy::print_stdout, reason = "what it prints is where they are")]

use std::fs;
use std::process::Command;

use lichna_i18n::VARIABLE;
use lichna_tests::app::App;
use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Database, Spec};
use lichna_tests::display::Desktop;
use lichna_tests::scheme::{Face, Scheme};
use lichna_tests::workspace::Home;
use lichna_tests::{built, until};

/// The language that people in the pictures speak.
const LANGUAGE: &str = "bg";
/// The app's windows are of this class.
const APP: &str = "lichna-app";
/// How the PIN window's title begins: Lichna's name, of whose letters xdotool knows none.
const PIN_WINDOW: &str = ".+: ";

fn main() {
    built::prompt();
    let (desktop, mut home) = (Desktop::start(), Home::apart());
    for (name, value) in desktop.env() {
        home.set(name, value);
    }
    home.set(VARIABLE, LANGUAGE);
    let scheme = Scheme::with(&Spec::new(Database::Sqlite), home, None);
    let card = scheme.card(Face::Contact);
    let person = Person::maria();
    scheme.enrol_by_invitation(&card, &person).success();

    let app = App::start(&desktop, &scheme.home);
    app.says("Всичко с картата е наред.");
    let app_window = one("the app's window", || desktop.windows_of(APP));
    // As high as what there is to see of the card.
    desktop.does(&["windowsize", "--sync", &app_window, "1040", "708"]);
    picture(&desktop, &app_window, "home");
    app.press("Моите удостоверения");
    app.says("Спрете");
    picture(&desktop, &app_window, "certificates");
    app.press("Спрете");
    app.says("Докато удостоверението е спряно");
    app.press("Спрете");
    let window = one("the PIN window", || desktop.windows(PIN_WINDOW));
    picture(&desktop, &window, "pin-window");
    desktop.does(&["windowactivate", "--sync", &window, "key", "Escape"]);
    until("the PIN window to go", || {
        desktop.windows(PIN_WINDOW).is_empty()
    });
}

/// The one window that is found, once it is there.
fn one(what: &str, find: impl Fn() -> Vec<String>) -> String {
    until(what, || find().len() == 1);
    find().remove(0)
}

/// Takes a picture of a window, when two in a row are the same.
fn picture(desktop: &Desktop, window: &str, name: &str) {
    let folder = built::root().join("docs/pictures");
    fs::create_dir_all(&folder).expect("own folder");
    let file = folder.join(format!("{name}.png"));
    let take = || {
        let mut import = desktop.command("import");
        import.args(["-window", window, "-strip", "+dither", "-colors", "128"]);
        succeeds(import.arg(&file));
        fs::read(&file).expect("it was taken")
    };
    let mut last = take();
    until("the window to be at rest", || {
        let now = take();
        std::mem::replace(&mut last, now) == last
    });
    succeeds(Command::new("optipng").args(["-quiet", "-o5"]).arg(&file));
    println!("{}", file.display());
}

fn succeeds(command: &mut Command) {
    let status = command.status().expect("it is installed");
    assert!(status.success(), "{command:?}: {status}");
}
