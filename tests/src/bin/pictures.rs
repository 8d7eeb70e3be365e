//! Pictures of the real windows, with a practice card of a practice scheme, for people who read
//! about them: `cargo xtask pictures` builds and runs it.
#![forbid(unsafe_code)]

use std::fs;
use std::path::PathBuf;

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
const APP: &str = "Лична$";
const PIN_WINDOW: &str = "Лична: ";

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
    picture(&desktop, APP, "home");
    app.press("Моите удостоверения");
    app.says("Спрете");
    picture(&desktop, APP, "certificates");
    app.press("Спрете");
    app.says("Докато удостоверението е спряно");
    app.press("Спрете");
    picture(&desktop, PIN_WINDOW, "pin-window");
    let window = window(&desktop, PIN_WINDOW);
    desktop.does(&["windowactivate", "--sync", &window, "key", "Escape"]);
    until("the PIN window to go", || {
        desktop.windows(PIN_WINDOW).is_empty()
    });
}

/// The window of that title, once it is there.
fn window(desktop: &Desktop, title: &str) -> String {
    until("the window", || desktop.windows(title).len() == 1);
    desktop.windows(title).remove(0)
}

/// Takes a picture of the window of that title, when two in a row are the same.
fn picture(desktop: &Desktop, title: &str, name: &str) {
    let window = window(desktop, title);
    let folder = built::root().join("docs/pictures");
    fs::create_dir_all(&folder).expect("own folder");
    let place = |name: String| folder.join(name);
    let (picture, next) = (
        place(format!("{name}.png")),
        place(format!("{name}-next.png")),
    );
    let take = |file: &PathBuf| {
        let mut import = desktop.command("import");
        let import = import.args(["-window", &window, "-strip", "-colors", "256"]);
        let taken = import.arg(file).status().expect("imagemagick is installed");
        assert!(taken.success(), "no picture of {title}");
        fs::read(file).expect("it was taken")
    };
    let mut last = take(&picture);
    until("the window to be at rest", || {
        let now = take(&next);
        let same = now == last;
        last = now;
        same
    });
    fs::rename(&next, &picture).expect("own folder");
}
