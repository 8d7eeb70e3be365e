//! The desktop app in its real window, on a display that nobody sees, driven by WebKit's own
//! driver; what the driver is told goes through curl.
//!
//! ```no_run
//! use lichna_tests::app::App;
//! use lichna_tests::display::Desktop;
//! use lichna_tests::workspace::Home;
//!
//! let (desktop, home) = (Desktop::start(), Home::apart());
//! let app = App::start(&desktop, &home);
//! app.says("Connect a card reader");
//! app.press("To the check-up");
//! ```

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::display::Desktop;
use crate::ports::Ports;
use crate::workspace::{Home, finish};
use crate::{DEADLINE, built, until};

/// The app, until this is dropped.
#[derive(Debug)]
pub struct App {
    driver: Child,
    session: String,
    _ports: Ports,
}

impl App {
    /// Starts it, in that home.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(desktop: &Desktop, home: &Home) -> Self {
        Self::start_with(desktop, home, &[])
    }

    /// The same, with these arguments.
    ///
    /// # Panics
    /// As [`App::start`].
    pub fn start_with(desktop: &Desktop, home: &Home, arguments: &[&str]) -> Self {
        let ports = Ports::take(1);
        let place = format!("http://127.0.0.1:{}", ports.first());
        let driver = home
            .command("WebKitWebDriver")
            .arg(format!("--port={}", ports.first()))
            .envs(desktop.env())
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // What the web view keeps is this test's alone.
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("webkit2gtk-driver is installed");
        let mut app = Self {
            driver,
            session: place.clone(),
            _ports: ports,
        };
        until("the driver", || {
            app.tell("GET", "/status", None)["ready"] == true
        });
        let binary = json!({ "binary": built::app(), "args": arguments });
        let wanted = json!({ "alwaysMatch": { "webkitgtk:browserOptions": binary } });
        let said = app.tell("POST", "/session", Some(json!({ "capabilities": wanted })));
        let id = said["sessionId"].as_str();
        let id = id.unwrap_or_else(|| panic!("no session: {said}"));
        app.session = format!("{place}/session/{id}");
        app
    }

    /// Starts it once more, where it runs already.
    ///
    /// # Panics
    /// When the second one does not end by itself.
    pub fn start_again(desktop: &Desktop, home: &Home, arguments: &[&str]) {
        let mut again = home.command(built::app());
        again.args(arguments).envs(desktop.env());
        again.env("HOME", home.path());
        finish(again, b"").success();
    }

    /// Its process.
    ///
    /// # Panics
    /// When it has none.
    pub fn pid(&self) -> i32 {
        let app = children(self.driver.id().cast_signed()).into_iter().next();
        app.expect("the driver started it").0
    }

    /// The processes of its web view: of the page, and of its network.
    pub fn web_views(&self) -> Vec<i32> {
        let all = children(self.pid()).into_iter();
        let web = all.filter(|(_, name)| name.starts_with("WebKit"));
        web.map(|(pid, _)| pid).collect()
    }

    /// Runs a function's body in the page; `arguments[0]` is `argument`.
    pub fn run(&self, script: &str, argument: &Value) -> Value {
        let body = json!({ "script": script, "args": [argument] });
        self.tell("POST", "/execute/sync", Some(body))
    }

    /// The same, for a script that calls the last of its arguments with what it has found.
    pub fn wait_for(&self, script: &str, argument: &Value) -> Value {
        let body = json!({ "script": script, "args": [argument] });
        self.tell("POST", "/execute/async", Some(body))
    }

    /// All that is to be read in the window.
    pub fn text(&self) -> String {
        let text = self.run("return document.body.innerText", &Value::Null);
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until that is to be read in the window.
    ///
    /// # Panics
    /// When it is not, within the deadline.
    pub fn says(&self, words: &str) {
        self.waits(words, true);
    }

    /// Waits until that is no longer to be read in the window.
    ///
    /// # Panics
    /// When it still is at the deadline.
    pub fn says_no_more(&self, words: &str) {
        self.waits(words, false);
    }

    /// Waits until that is to be read, or is not.
    fn waits(&self, words: &str, there: bool) {
        let end = Instant::now() + DEADLINE;
        let wanted = json!([words, there]);
        while self.wait_for(SAYS, &wanted) != true {
            let said = self.text();
            assert!(
                Instant::now() < end,
                "“{words}” should be there: {there}; the window says {said}"
            );
        }
    }

    /// Presses the first button or link of that name, once it is there and can be pressed.
    ///
    /// # Panics
    /// When it is not, within the deadline.
    pub fn press(&self, name: &str) {
        let name = Value::from(name);
        until(&format!("{name} to press"), || {
            self.run(PRESS, &name) == true
        });
    }

    /// Presses the first button in the screen, not in the menu, whose name begins so.
    ///
    /// # Panics
    /// When there is none, within the deadline.
    pub fn press_in_screen(&self, beginning: &str) {
        let name = Value::from(beginning);
        until(&format!("{name} in the screen"), || {
            self.run(PRESS_IN_SCREEN, &name) == true
        });
    }

    /// Writes into the field of that label.
    ///
    /// # Panics
    /// When there is none.
    pub fn write(&self, label: &str, text: &str) {
        let what = json!([label, text]);
        until(&format!("the field “{label}”"), || {
            self.run(WRITE, &what) == true
        });
    }

    /// Chooses what has a label that begins so.
    ///
    /// # Panics
    /// When there is none, within the deadline.
    pub fn choose(&self, beginning: &str) {
        let what = json!([beginning, true]);
        until(&format!("the choice “{beginning}”"), || {
            self.run(CHOICE, &what) == true
        });
    }

    /// Whether what has a label that begins so is chosen.
    pub fn has_chosen(&self, beginning: &str) -> bool {
        self.run(CHOICE, &json!([beginning, false])) == true
    }

    fn tell(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let mut curl = Command::new("curl")
            .args(["--silent", "--max-time", "30", "--request", method])
            .args(["--data-binary", "@-", &format!("{}{path}", self.session)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl is installed");
        let body = body.map_or_else(String::new, |body| body.to_string());
        let mut to = curl.stdin.take().expect("it is piped");
        to.write_all(body.as_bytes()).ok();
        drop(to);
        let said = curl.wait_with_output().expect("own child").stdout;
        let said: Value = serde_json::from_slice(&said).unwrap_or_default();
        said["value"].clone()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // The window goes with its session.
        self.tell("DELETE", "", None);
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// The processes that this one started, with their names.
fn children(parent: i32) -> Vec<(i32, String)> {
    let all = fs::read_dir("/proc").expect("a system with processes");
    let child = |pid: i32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let field = |name: &str| {
            let mut lines = status.lines();
            lines.find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
        };
        (field("PPid:")? == parent.to_string()).then(|| Some((pid, field("Name:")?)))?
    };
    all.flatten()
        .filter_map(|one| child(one.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// Waits for a second at most; the page is asked seldom, for each question is a program's start.
const SAYS: &str = "
    const [[words, there], done] = arguments;
    const end = Date.now() + 1000;
    const look = () => {
        if (document.body.innerText.includes(words) === there) done(true);
        else if (Date.now() > end) done(false);
        else setTimeout(look, 30);
    };
    look();";

/// Presses what is named so, by its label or its text. The frontmost dialogue is looked at first.
const PRESS: &str = "
    const place = document.querySelector('dialog[open]') ?? document;
    const all = [...place.querySelectorAll('button, a, summary')];
    const named = (one) => one.getAttribute('aria-label') ?? one.innerText.trim();
    const found = all.find((one) => named(one) === arguments[0] && !one.disabled);
    found?.click();
    return found !== undefined;";

const PRESS_IN_SCREEN: &str = "
    const named = (one) => one.getAttribute('aria-label') ?? one.innerText.trim();
    const found = [...document.querySelectorAll('main button')]
        .find((one) => named(one).startsWith(arguments[0]) && !one.disabled);
    found?.click();
    return found !== undefined;";

const WRITE: &str = "
    const [label, text] = arguments[0];
    const field = [...document.querySelectorAll('label')]
        .find((one) => one.innerText.trim() === label)?.querySelector('input');
    if (!field) return false;
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return true;";

const CHOICE: &str = "
    const [beginning, choose] = arguments[0];
    const choice = [...document.querySelectorAll('label')]
        .find((one) => one.innerText.trim().startsWith(beginning))?.querySelector('input');
    if (choose) choice?.click();
    return choice?.checked ?? false;";
