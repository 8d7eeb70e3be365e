//! A display that nobody sees, with a window manager, and what stands on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::key_store::KeyStore;
use crate::until;

/// How the titles of the PIN window begin in English.
pub const PIN_WINDOW: &str = "Lichna: ";

/// A display of the test's own.
#[derive(Debug)]
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// With nothing on it.
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", "1280x1024x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("xvfb is installed");
        let mut number = String::new();
        let stdout = server.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("it says its number");
        Self {
            server,
            name: format!(":{}", number.trim()),
        }
    }

    /// Its name, for `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        end(&mut self.server);
    }
}

/// A display with a window manager and a bus on which screen readers are told of windows.
#[derive(Debug)]
pub struct Desktop {
    windows: Child,
    readers: Child,
    bus: KeyStore,
    display: Display,
}

impl Desktop {
    /// With nothing on it, and no key store.
    pub fn start() -> Self {
        Self::with(KeyStore::bus_alone())
    }

    /// The same, on the bus of that session.
    pub fn with(bus: KeyStore) -> Self {
        let display = Display::start();
        let start = |program: &str, arguments: &[&str]| {
            Command::new(program)
                .args(arguments)
                .env("DISPLAY", display.name())
                .env("GSETTINGS_BACKEND", "memory")
                .envs(bus.env())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("it is installed")
        };
        let windows = start("openbox", &["--sm-disable"]);
        let readers = "/usr/libexec/at-spi-bus-launcher";
        let readers = start(
            readers,
            &["--launch-immediately", "--a11y=1", "--screen-reader=1"],
        );
        let desktop = Self {
            windows,
            readers,
            bus,
            display,
        };
        until("the window manager", || {
            let said = desktop.command("xdotool").arg("get_desktop").output();
            said.is_ok_and(|said| said.status.success())
        });
        until("the bus of screen readers", || {
            let asked = desktop.command("dbus-send").args(ASK_FOR_BUS).output();
            asked.is_ok_and(|said| said.status.success())
        });
        desktop
    }

    /// What a program on it has in its environment.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let bus = self.bus.env().into_iter();
        let bus = bus.map(|(name, value)| (name, value.to_string_lossy().into_owned()));
        bus.chain([("DISPLAY", self.display.name().to_owned())])
            .collect()
    }

    /// A program on it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.env()).env("NO_AT_BRIDGE", "1");
        command
    }

    /// Does something at the keyboard or with the mouse, as `xdotool` says it.
    ///
    /// # Panics
    /// When it cannot be done.
    pub fn does(&self, what: &[&str]) -> String {
        let said = self
            .command("xdotool")
            .args(what)
            .output()
            .expect("xdotool is installed");
        assert!(said.status.success(), "xdotool {what:?}: {said:?}");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// The windows that are visible and whose title begins so.
    pub fn windows(&self, title: &str) -> Vec<String> {
        self.find(&["--name", &format!("^{title}")])
    }

    /// The windows of that class that are visible.
    pub fn windows_of(&self, class: &str) -> Vec<String> {
        self.find(&["--class", class])
    }

    fn find(&self, what: &[&str]) -> Vec<String> {
        let mut command = self.command("xdotool");
        command.args(["search", "--onlyvisible"]).args(what);
        let found = command.output().expect("xdotool is installed").stdout;
        let found = String::from_utf8_lossy(&found).into_owned();
        found.lines().map(str::to_owned).collect()
    }

    /// All that a screen reader finds in the PIN window: a line each, with role, name and
    /// description.
    pub fn read(&self) -> String {
        self.screen_reader(&["read"])
    }

    /// Waits until the one window whose title begins so is in front; its number.
    pub fn in_front(&self, title: &str) -> String {
        until("the window", || self.windows(title).len() == 1);
        let window = self.windows(title).remove(0);
        until("the window to be in front", || {
            self.does(&["getactivewindow"]) == window
        });
        window
    }

    /// Types these into the PIN window, each with Return after it, and waits until it is gone.
    pub fn answers(&self, secrets: &[&str]) {
        self.in_front(PIN_WINDOW);
        for secret in secrets {
            self.does(&["type", "--delay", "20", secret]);
            self.does(&["key", "Return"]);
        }
        self.is_answered();
    }

    /// Waits until there is no PIN window.
    pub fn is_answered(&self) {
        until("the PIN window to go", || {
            self.windows(PIN_WINDOW).is_empty()
        });
    }

    /// The words of the dialogue that this program shows, as a screen reader finds them.
    pub fn dialog(&self, program: &str) -> String {
        self.screen_reader(&["dialog", program])
    }

    /// Presses buttons and boxes of the PIN window by their names, as a screen reader does.
    pub fn press(&self, names: &[&str]) {
        let words: Vec<&str> = ["press"].iter().chain(names).copied().collect();
        self.screen_reader(&words);
    }

    /// The middle of the button of that name in that window, in pixels of the screen. Waits until
    /// screen readers are told where the window manager put the window.
    pub fn key(&self, name: &str, window: &str) -> (i32, i32) {
        let mut found = (0, 0);
        until("screen readers to know where the window is", || {
            let said = self.screen_reader(&["where", name]);
            let geometry = self.does(&["getwindowgeometry", "--shell", window]);
            let (on_screen, in_frame) = said.split_once('\n').expect("two places");
            let (in_frame, content) = (pair(in_frame), |axis: &str| {
                let line = geometry.lines().find_map(|line| line.strip_prefix(axis));
                number(line.expect("it is somewhere"))
            });
            found = pair(on_screen);
            // What the window manager draws around the window.
            let around = |axis: &str, frame: i32| (0..FRAME).contains(&(content(axis) - frame));
            around("X=", found.0 - in_frame.0) && around("Y=", found.1 - in_frame.1)
        });
        found
    }

    /// # Panics
    /// When it does not find or cannot do what it is told.
    fn screen_reader(&self, arguments: &[&str]) -> String {
        let program = crate::built::root().join("tests/desktop/screen_reader.py");
        let mut command = self.command("/usr/bin/python3");
        let said = command.arg(program).args(arguments).output();
        let said = said.expect("python3 is installed, and gi for it");
        assert!(said.status.success(), "{arguments:?}: {said:?}");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // Killed, it would leave the bus that it started.
        kill_process(Pid::from_child(&self.readers), Signal::TERM).ok();
        self.readers.wait().ok();
        end(&mut self.windows);
    }
}

/// How wide the frame around a window is at most, in pixels.
const FRAME: i32 = 50;

fn pair(text: &str) -> (i32, i32) {
    let (x, y) = text.split_once(' ').expect("two numbers");
    (number(x), number(y))
}

fn number(text: &str) -> i32 {
    text.trim().parse().expect("a number")
}

fn end(child: &mut Child) {
    child.kill().ok();
    child.wait().ok();
}

const ASK_FOR_BUS: [&str; 5] = [
    "--session",
    "--print-reply",
    "--dest=org.a11y.Bus",
    "/org/a11y/bus",
    "org.a11y.Bus.GetAddress",
];
