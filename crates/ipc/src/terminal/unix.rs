//! `/dev/tty`, termios(3).

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};

use lichna_secret::Line;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use zeroize::Zeroizing;

use super::Entry;
use crate::client::Ended;

/// The terminal that controls this process, whatever its input and output lead to.
#[derive(Debug)]
pub struct Terminal(File);

impl Terminal {
    /// A person may be asked: there is a terminal, and the input comes from one.
    #[must_use]
    pub fn is_there() -> bool {
        io::stdin().is_terminal() && Self::open().is_ok()
    }

    /// Opens it.
    ///
    /// # Errors
    /// As the system says, when there is none.
    pub fn open() -> io::Result<Self> {
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        Ok(Self(tty))
    }

    /// Shows a text.
    ///
    /// # Errors
    /// As the system says.
    pub fn show(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())
    }

    /// Reads a line that nobody sees, after `prompt`. What was typed before the prompt is thrown
    /// away. Backspace and Ctrl-U take back; Ctrl-C, Ctrl-D and the end of the terminal cancel.
    /// The terminal is as before when this returns.
    ///
    /// # Errors
    /// As the system says.
    pub fn read_hidden(
        &mut self,
        prompt: &str,
        ended: Option<&mut Ended<'_>>,
    ) -> io::Result<Entry<Line>> {
        let quiet = Quiet::begin(&self.0)?;
        (&self.0).write_all(prompt.as_bytes())?;
        let entry = read_keys(&self.0, ended, None);
        drop(quiet);
        (&self.0).write_all(b"\n")?;
        entry
    }

    /// Reads a line that is shown as it is typed, as [`Terminal::read_hidden`] does otherwise.
    ///
    /// # Errors
    /// As the system says.
    pub fn read_answer(
        &mut self,
        prompt: &str,
        ended: Option<&mut Ended<'_>>,
    ) -> io::Result<Entry<String>> {
        let quiet = Quiet::begin(&self.0)?;
        (&self.0).write_all(prompt.as_bytes())?;
        let mut echo = self.0.try_clone()?;
        let entry = read_keys(&self.0, ended, Some(&mut echo));
        drop(quiet);
        (&self.0).write_all(b"\n")?;
        Ok(match entry? {
            Entry::Typed(line) => {
                let text = line.expose(|typed| String::from_utf8_lossy(typed).trim().to_owned());
                if text.is_empty() {
                    Entry::Empty
                } else {
                    Entry::Typed(text)
                }
            }
            Entry::Empty => Entry::Empty,
            Entry::Cancelled => Entry::Cancelled,
            Entry::Ended => Entry::Ended,
        })
    }
}

fn read_keys(
    mut tty: &File,
    mut ended: Option<&mut Ended<'_>>,
    mut echo: Option<&mut File>,
) -> io::Result<Entry<Line>> {
    let mut line = Line::new().map_err(io::Error::other)?;
    let mut key = Zeroizing::new([0]);
    loop {
        if let Some(ended) = ended.as_deref_mut()
            && !wait_for_key(tty, ended)?
        {
            return Ok(Entry::Ended);
        }
        match tty.read(&mut key[..]) {
            Ok(0) => return Ok(Entry::Cancelled),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        let [pressed] = *key;
        match pressed {
            CTRL_C | CTRL_D => return Ok(Entry::Cancelled),
            b'\n' | b'\r' if line.is_empty() => return Ok(Entry::Empty),
            b'\n' | b'\r' => return Ok(Entry::Typed(line)),
            BACKSPACE | DELETE => {
                if !line.is_empty() {
                    line.pop_character();
                    show(&mut echo, b"\x08 \x08")?;
                }
            }
            CTRL_U => {
                while !line.is_empty() {
                    line.pop_character();
                    show(&mut echo, b"\x08 \x08")?;
                }
            }
            // Other control keys mean nothing in a PIN and in an answer.
            0..=0x1F => {}
            byte => {
                line.push(byte);
                show(&mut echo, &[byte])?;
            }
        }
    }
}

fn show(echo: &mut Option<&mut File>, bytes: &[u8]) -> io::Result<()> {
    match echo {
        Some(echo) => echo.write_all(bytes),
        None => Ok(()),
    }
}

/// Waits for a key; `false` when the request ended first.
fn wait_for_key(tty: &File, ended: &mut Ended<'_>) -> io::Result<bool> {
    loop {
        if ended.already() {
            return Ok(false);
        }
        let mut fds = [
            PollFd::new(tty, PollFlags::IN),
            PollFd::new(&*ended, PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let [key, _] = &fds;
        if !key.revents().is_empty() {
            return Ok(true);
        }
    }
}

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const DELETE: u8 = 0x7F;

/// While it lives the terminal shows nothing of what is typed and hands over every key at once,
/// Ctrl-C too: so nothing can end this program before the terminal is as it was.
struct Quiet<'a> {
    tty: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn begin(tty: &'a File) -> io::Result<Self> {
        let before = tcgetattr(tty)?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN;
        quiet.input_modes -= InputModes::IXON;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(tty, OptionalActions::Flush, &quiet)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(self.tty, OptionalActions::Drain, &self.before);
    }
}
