//! Browsers without a window, as a person has them who registered a PKCS#11 module: Firefox, driven
//! over Marionette, and Chromium, driven over its debugging pipe.
//!
//! ```no_run
//! use lichna_tests::browser::{Browser, Firefox};
//! use lichna_tests::ca::Ca;
//! use lichna_tests::programs::Provider;
//! use lichna_tests::workspace::Home;
//!
//! let home = Home::apart();
//! let ca = Ca::new("Bench CA");
//! let mut firefox = Firefox::start(&Provider::ours(&home), &ca.root().path);
//! let page = firefox.load("https://localhost:20000/");
//! println!("{}", page.text);
//! ```

mod calls;
mod chromium;
mod database;
mod firefox;
mod process;

use std::time::Duration;

use serde::Deserialize;

pub use self::calls::{Spy, calls_of};
pub use self::chromium::Chromium;
pub use self::database::Database;
pub use self::firefox::Firefox;

/// What a browser does for a test.
pub trait Browser {
    /// Begins to load a page, and does not wait for it.
    fn begin(&mut self, url: &str);

    /// Waits until the page that was begun is there, with all that is on it, or the browser said
    /// why it is not.
    ///
    /// # Panics
    /// When the browser says neither: it hangs.
    fn end(&mut self) -> Page;

    /// Loads a page.
    fn load(&mut self, url: &str) -> Page {
        self.begin(url);
        self.end()
    }

    /// Forgets what it decided for servers so far, as a new private window does.
    fn forget(&mut self);

    /// Closes the browser as a person does.
    ///
    /// # Panics
    /// When it does not go.
    fn quit(self: Box<Self>);
}

/// What stands in the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The text.
    pub text: String,
    /// How many pictures were loaded.
    pub pictures: usize,
    /// What the browser calls the reason why there is no page of the server's.
    pub failure: Option<String>,
}

impl Page {
    /// What the server says that it saw: a line `name=…`.
    pub fn line(&self, name: &str) -> Option<&str> {
        let mut lines = self.text.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whose certificate the server saw, if any.
    pub fn subject(&self) -> Option<&str> {
        self.line("subject").filter(|subject| !subject.is_empty())
    }
}

/// What a page says of itself, by [`LOOK`].
#[derive(Debug, Deserialize)]
struct Looked {
    href: String,
    state: String,
    text: String,
    pictures: usize,
}

/// Says what stands in the window.
const LOOK: &str = "JSON.stringify({href: location.href, state: document.readyState, \
    text: document.body ? document.body.innerText : '', \
    pictures: Array.from(document.images).filter(one => one.complete && one.naturalWidth > 0).length})";

/// A page is there after that time, or has failed: a person has 45 s for the PIN, and everything
/// else is quick. Chromium tries once more by itself.
const PATIENCE: Duration = Duration::from_secs(110);
