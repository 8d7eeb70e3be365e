//! A PIN pad in software: the keys that a test presses, and the reader that waits for them
//! (the IFD handler `pinpad_ifd` among this package's examples).

pub mod reader;
pub mod structure;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{DEADLINE, until};

/// The keys of one PIN pad, and who presses them.
///
/// The keys wait in a file, one entry a line, in the order in which they will be pressed; the
/// reader takes one line for each PIN it asks for. As long as there is none, nobody presses a key.
#[derive(Clone, Debug)]
pub struct Keypad {
    keys: PathBuf,
}

/// What a person does at the keypad when a PIN is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// These digits, then OK.
    Digits(String),
    /// The cancel key: 6401.
    Cancel,
    /// Nothing until the reader gives up: 6400, at once.
    TimeOut,
    /// Nothing, for as long as nothing else is pressed.
    Wait,
}

impl Press {
    fn line(&self) -> &str {
        match self {
            Self::Digits(digits) => digits,
            Self::Cancel => "cancel",
            Self::TimeOut => "timeout",
            Self::Wait => "wait",
        }
    }

    fn read(line: &str) -> Self {
        match line {
            "cancel" => Self::Cancel,
            "timeout" => Self::TimeOut,
            "wait" => Self::Wait,
            digits => Self::Digits(digits.into()),
        }
    }
}

/// What the reader tells of itself (PC/SC part 10 §2.6.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Properties {
    /// Whether there is a keypad at all.
    pub pinpad: bool,
    /// Whether FEATURE_MODIFY_PIN_DIRECT is there.
    pub modify: bool,
    /// The fewest digits the reader can take.
    pub digits_at_least: u8,
    /// The most digits the reader can take.
    pub digits_at_most: u8,
    /// dwMaxAPDUDataSize: 0 for short commands only.
    pub max_apdu_data: u32,
}

impl Default for Properties {
    fn default() -> Self {
        Self {
            pinpad: true,
            modify: true,
            digits_at_least: 4,
            digits_at_most: 16,
            max_apdu_data: 0,
        }
    }
}

impl Properties {
    fn line(&self) -> String {
        let Self {
            pinpad,
            modify,
            digits_at_least,
            digits_at_most,
            max_apdu_data,
        } = self;
        format!("{pinpad} {modify} {digits_at_least} {digits_at_most} {max_apdu_data}")
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        Some(Self {
            pinpad: words.next()?.parse().ok()?,
            modify: words.next()?.parse().ok()?,
            digits_at_least: words.next()?.parse().ok()?,
            digits_at_most: words.next()?.parse().ok()?,
            max_apdu_data: words.next()?.parse().ok()?,
        })
    }
}

impl Keypad {
    /// A keypad with those files: the keys themselves, and beside them what belongs to them.
    pub fn new(keys: PathBuf) -> Self {
        Self { keys }
    }

    /// Where the keys wait.
    pub fn path(&self) -> &Path {
        &self.keys
    }

    /// Presses digits and OK, for the next PIN that is asked for and not pressed for yet.
    pub fn press(&self, digits: &str) {
        self.queue(&[Press::Digits(digits.into())]);
    }

    /// Presses all that, each for one PIN asked for. What waited is pressed first, but
    /// [`Press::Wait`], which ends.
    pub fn queue(&self, presses: &[Press]) {
        self.change(|waiting| {
            waiting.retain(|press| *press != Press::Wait);
            waiting.extend_from_slice(presses);
        })
        .expect("the keys are in a folder of ours");
    }

    /// Forgets all that waits to be pressed.
    pub fn clear(&self) {
        self.change(Vec::clear)
            .expect("the keys are in a folder of ours");
    }

    /// How many PINs were asked for so far.
    pub fn asked(&self) -> usize {
        fs::read(self.beside("asked")).map_or(0, |asked| asked.len())
    }

    /// Waits until the reader has asked for `count` PINs in all.
    pub fn wait_until_asked(&self, count: usize) {
        until("the reader to ask for a PIN", || self.asked() >= count);
    }

    /// Sets what the reader tells of itself when it is plugged in (the service is started).
    pub fn set_properties(&self, properties: Properties) {
        fs::write(self.beside("properties"), properties.line()).expect("a folder of ours");
    }

    /// What the reader tells of itself.
    pub fn properties(&self) -> Properties {
        fs::read_to_string(self.beside("properties"))
            .ok()
            .and_then(|line| Properties::read(&line))
            .unwrap_or_default()
    }

    /// The reader asks for a PIN: what is pressed within the time (or in the bench's deadline, if
    /// shorter), while `present` says that the card is there.
    fn ask(&self, time: Duration, mut present: impl FnMut() -> bool) -> Press {
        let asked = self.asked() + 1;
        if fs::write(self.beside("asked"), vec![b'.'; asked]).is_err() {
            return Press::Cancel;
        }
        let end = std::time::Instant::now() + time.min(LONGEST_WAIT);
        loop {
            let mut next = None;
            let taken = self.change(|waiting| {
                next = waiting.first().cloned();
                if next.as_ref().is_some_and(|press| *press != Press::Wait) {
                    waiting.remove(0);
                }
            });
            let waiting_on = next == Some(Press::Wait);
            match next {
                _ if taken.is_err() => return Press::Cancel,
                Some(press) if press != Press::Wait => return press,
                _ => {}
            }
            let over = std::time::Instant::now() >= end;
            if !present() || (over && !waiting_on) {
                return Press::TimeOut;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn beside(&self, what: &str) -> PathBuf {
        self.keys.with_extension(what)
    }

    /// Changes the waiting keys as one; the test and the reader are two processes.
    fn change(&self, change: impl FnOnce(&mut Vec<Press>)) -> io::Result<()> {
        let lock = File::create(self.beside("lock"))?;
        lock.lock()?;
        let text = match fs::read_to_string(&self.keys) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            text => text.unwrap_or_default(),
        };
        let before: Vec<_> = text.lines().map(Press::read).collect();
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            let lines: String = after
                .iter()
                .map(|press| format!("{}\n", press.line()))
                .collect();
            fs::write(&self.keys, lines)?;
        }
        Ok(())
    }
}

/// No reader waits longer than the test does.
const LONGEST_WAIT: Duration = DEADLINE;
