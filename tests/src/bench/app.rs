//! The desktop app and the PIN window beside an empty window by the app's own toolkit, on the same
//! display in the same run. A person's card is there and the agent has read it, as always.

use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use lichna_ipc::client::{Client, Start};
use lichna_ipc::{Consent, ConsentRoute, Decision, Dialogue, Ended, Request};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

use super::{Goal, Peer, Row, median};
use crate::display::Desktop;
use crate::workspace::Home;
use crate::{built, until};

const BENCH: &str = "app";
/// Of each, in turn, so that all meet the same weather.
const RUNS: usize = 7;
/// The app, until the card is shown, takes so many times what an empty window takes.
const START: f64 = 1.3;
/// The same for what it has in memory.
const MEMORY: f64 = 1.3;
/// The PIN window is there so soon after a program asks, in ms.
const PROMPT_START: f64 = 300.0;
/// What it has in memory, in MiB.
const PROMPT_MEMORY: f64 = 40.0;
/// The drawing of a practice card has this colour, and nothing else of that size in the window; the
/// empty window is all of it (blue, green, red).
const COLOUR: [u8; 3] = [0xf9, 0xe9, 0xf3];
/// At least so many pixels.
const PIXELS: usize = 10_000;
const PASSPHRASE: &str = "only for practice\n";

pub fn run() -> Vec<Row> {
    let (desktop, mut home) = (Desktop::start(), Home::apart());
    for (name, value) in desktop.env() {
        home.set(name, value);
    }
    built::prompt();
    let screen = Screen::of(&desktop);
    put_in_card(&home);
    let (mut ours, mut empty, mut prompt) = <(Vec<_>, Vec<_>, Vec<_>)>::default();
    for run in 0..=RUNS {
        let measured = [
            (built::app(), &mut ours),
            (built::empty_window(), &mut empty),
        ]
        .map(|(program, figures)| (Shown::start(&screen, &home, &program), figures));
        let prompted = prompted(&desktop, &home);
        // The first of each finds nothing in the caches, and what it finds is not the same.
        if run > 0 {
            for (shown, figures) in measured {
                figures.push(shown);
            }
            prompt.push(prompted);
        }
    }
    let beside = |what: &str, unit, figures: &[Shown], goal| {
        let pick = |shown: &Shown| {
            if unit == "ms" {
                shown.time
            } else {
                shown.memory
            }
        };
        let middle = |figures: &[Shown]| median(figures.iter().map(pick));
        let peer = Peer {
            name: "empty Tauri window".to_owned(),
            figure: middle(&empty),
        };
        let metric = (BENCH, format!("{what}, median of {RUNS}"));
        Row::beside(metric, (middle(figures), unit), &peer, goal)
    };
    vec![
        beside("start to card shown", "ms", &ours, Goal::TimesPeer(START)),
        beside(
            "memory (PSS), web view and all",
            "MiB",
            &ours,
            Goal::TimesPeer(MEMORY),
        ),
        beside(
            "request to PIN window",
            "ms",
            &prompt,
            Goal::AtMost(PROMPT_START),
        ),
        beside(
            "memory (PSS) of the PIN window",
            "MiB",
            &prompt,
            Goal::AtMost(PROMPT_MEMORY),
        ),
    ]
}

/// A practice card, in a reader of Lichna's own.
fn put_in_card(home: &Home) {
    let practice = |words: &[&str]| {
        let words = ["practice-card"].iter().chain(words);
        let words = words.chain(&["--json", "--passphrase-stdin"]);
        home.run_with_input(words, PASSPHRASE).json()
    };
    let made = practice(&["new"]);
    let number = made["practice_card"]["number"].as_str().expect("a number");
    practice(&["insert", number, "--face", "contact"]);
    until("the agent to have read the card", || {
        super::known_cards(home) == 1
    });
}

/// A window that was shown: after how many ms, and with how many MiB.
struct Shown {
    time: f64,
    memory: f64,
}

impl Shown {
    /// Starts a program, and waits until what it has to show is on the screen; ends it.
    fn start(screen: &Screen, home: &Home, program: &Path) -> Self {
        until("the screen to be empty", || screen.coloured() == 0);
        let began = Instant::now();
        let mut program = Running::start(home.command(program).env("HOME", home.path()));
        while screen.coloured() < PIXELS {
            program.still_runs(began);
        }
        let time = milliseconds(began);
        let memory = of_all(program.0.id(), &memory);
        Self { time, memory }
    }
}

/// A program, ended when this is dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null());
        Self(command.stderr(Stdio::null()).spawn().expect("it is built"))
    }

    fn still_runs(&mut self, since: Instant) {
        let ended = self.0.try_wait().expect("own child");
        assert!(ended.is_none(), "it ended: {ended:?}");
        assert!(since.elapsed() < crate::DEADLINE, "it shows nothing");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Has the PIN window opened by a request, and ends it.
fn prompted(desktop: &Desktop, home: &Home) -> Shown {
    let place = lichna_ipc::Home::at(home.path()).expect("its path is absolute");
    let mut client =
        Client::connect_with(&place, &Start::Never, "bench", "0").expect("the agent runs");
    let request = Request::PinChange {
        reader: None,
        pin: None,
        consent: ConsentRoute::Prompter,
    };
    let asker = client.waiter().expect("it is connected");
    let began = Instant::now();
    let asked = thread::spawn(move || client.call(request, &mut NotHere).ok());
    until("the PIN window", || !windows(desktop).is_empty());
    let time = milliseconds(began);
    let window = windows(desktop).remove(0);
    let process = desktop.does(&["getwindowpid", &window]);
    let memory = memory(process.parse().expect("a process"));
    // Who refuses five times within a minute is not asked any more; who is gone has not refused.
    asker.hang_up();
    until("the PIN window to go", || windows(desktop).is_empty());
    asked.join().expect("it answers");
    Shown { time, memory }
}

fn windows(desktop: &Desktop) -> Vec<String> {
    desktop.windows("(Lichna|Лична): ")
}

/// The program that asks has no person.
struct NotHere;

impl Dialogue for NotHere {
    fn ask(&mut self, consent: &Consent, _: &mut Ended<'_>) -> Decision {
        panic!("the asking program was asked: {consent:?}");
    }
}

/// What is to be seen on a display.
struct Screen(RustConnection);

impl Screen {
    fn of(desktop: &Desktop) -> Self {
        let display = desktop
            .env()
            .into_iter()
            .find(|(name, _)| *name == "DISPLAY");
        let display = display.expect("a desktop has a display").1;
        Self(
            x11rb::connect(Some(&display))
                .expect("the display is there")
                .0,
        )
    }

    /// How many pixels have the colour that is waited for.
    fn coloured(&self) -> usize {
        let root = &self.0.setup().roots[0];
        let (width, height) = (root.width_in_pixels, root.height_in_pixels);
        let format = ImageFormat::Z_PIXMAP;
        let image = self.0.get_image(format, root.root, 0, 0, width, height, !0);
        let image = image
            .expect("the display is there")
            .reply()
            .expect("it is seen");
        let pixels = image.data.chunks_exact(4);
        pixels.filter(|pixel| pixel[..3] == COLOUR).count()
    }
}

/// The figure of a process and all that it started, together.
fn of_all(process: u32, figure: &impl Fn(u32) -> f64) -> f64 {
    let children = fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    let children = children
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let children: String = children.collect();
    let children = children.split_whitespace().filter_map(|id| id.parse().ok());
    figure(process) + children.map(|child| of_all(child, figure)).sum::<f64>()
}

/// What is in memory because of a process: its proportional set size, in MiB.
fn memory(process: u32) -> f64 {
    let path = PathBuf::from(format!("/proc/{process}/smaps_rollup"));
    let Ok(lines) = fs::read(path) else {
        // It ended.
        return 0.0;
    };
    let pss = lines.lines().map_while(Result::ok).find_map(|line| {
        let kibibytes = line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?;
        kibibytes.parse::<f64>().ok()
    });
    pss.unwrap_or_default() / 1024.0
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
