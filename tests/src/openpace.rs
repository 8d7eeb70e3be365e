//! The other side of PACE: a chip and a terminal on libeac (OpenPACE), each a process of its own.
//! Their programs are in `tests/openpace`; nothing of libeac is linked into anything of ours.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use lichna_apdu::{Channel, ChannelError, Interface, LONGEST_EXTENDED, LONGEST_SHORT};
use lichna_pace::{Cipher, Curve, PasswordKind};
use zeroize::Zeroizing;

use crate::built;

/// The chip's card access number.
pub const CAN: &str = "123456";
/// The chip's PIN, with three tries.
pub const PIN: &str = "654321";
/// The chip's PUK.
pub const PUK: &str = "98765432";
/// READ BINARY of EF.CardAccess by its short identifier.
pub const READ_CARD_ACCESS: [u8; 5] = [0x00, 0xB0, 0x9C, 0x00, 0x00];

/// A process that is spoken to in lines.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(program: &str, words: &[String]) -> Self {
        let mut command = Command::new(built::openpace(program));
        command.args(words).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("own build");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            child,
            input,
            output,
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("the process reads");
    }

    /// # Panics
    /// When the process has ended.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        let length = self.output.read_line(&mut line).expect("lines of text");
        assert!(
            length > 0,
            "a program on libeac ended: {:?}",
            self.child.wait()
        );
        line.truncate(line.trim_end().len());
        line
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A chip: EF.CardAccess, PACE, Chip Authentication version 1, secure messaging; E0 and E1 answer
/// with their data, EF 0101 has 64 KiB.
pub struct Chip {
    process: Process,
    short: bool,
    /// Commands that it was sent.
    pub commands: usize,
    /// Bytes of these and of its answers.
    pub bytes: usize,
}

impl Chip {
    /// One that speaks PACE on this curve with this cipher.
    pub fn start(curve: Curve, cipher: Cipher) -> Self {
        let numbers = [
            curve.parameter_id().to_string(),
            (cipher.key_length() * 8).to_string(),
        ];
        let secrets = [CAN, PIN, PUK].map(str::to_owned);
        Self {
            process: Process::start("chip", &[&numbers[..], &secrets].concat()),
            short: false,
            commands: 0,
            bytes: 0,
        }
    }

    /// The same in a reader that carries short commands only.
    pub fn short(mut self) -> Self {
        self.short = true;
        self
    }

    /// A new key pair for Chip Authentication; its public point. Without a channel, or through one.
    pub const NEW_KEY: [u8; 5] = [0x00, 0xE2, 0x00, 0x00, 0x00];
}

impl Channel for Chip {
    fn interface(&self) -> Interface {
        Interface::Contactless
    }

    fn longest_command(&self) -> usize {
        if self.short {
            LONGEST_SHORT
        } else {
            LONGEST_EXTENDED
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.process.say(&hex::encode_upper(command));
        let answer = hex::decode(self.process.hear()).expect("hexadecimal");
        self.commands += 1;
        self.bytes += command.len() + answer.len();
        Ok(Zeroizing::new(answer))
    }
}

/// Why the terminal stopped: its own word, or the chip's status word in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped(pub String);

/// A terminal, whose chip is reached over a channel that is lent to it.
pub struct Terminal {
    process: Process,
}

impl Terminal {
    /// One for cards with this EF.CardAccess.
    pub fn start(card_access: &[u8]) -> Self {
        let mut terminal = Self {
            process: Process::start("terminal", &[]),
        };
        terminal
            .process
            .say(&format!("access {}", hex::encode(card_access)));
        assert_eq!(terminal.process.hear(), "ok");
        terminal
    }

    /// Opens a channel.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn open(
        &mut self,
        chip: &mut dyn Channel,
        kind: PasswordKind,
        password: &str,
    ) -> Result<(), Stopped> {
        let line = format!("open {} {password}", kind.reference());
        self.ask(chip, &line).map(drop)
    }

    /// Sends a command through the channel; the whole answer.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn send(&mut self, chip: &mut dyn Channel, command: &[u8]) -> Result<Vec<u8>, Stopped> {
        let answer = self.ask(chip, &format!("send {}", hex::encode(command)))?;
        Ok(hex::decode(answer).expect("hexadecimal"))
    }

    /// Chip Authentication version 1 with the chip's public point.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn authenticate(&mut self, chip: &mut dyn Channel, point: &[u8]) -> Result<(), Stopped> {
        let line = format!("authenticate {}", hex::encode(point));
        self.ask(chip, &line).map(drop)
    }

    /// Processor time that it has used.
    pub fn time(&mut self) -> Duration {
        self.process.say("time");
        let said = self.process.hear();
        let nanoseconds = said.strip_prefix("ok ").and_then(|time| time.parse().ok());
        Duration::from_nanos(nanoseconds.expect("a number of nanoseconds"))
    }

    /// Carries what it has for the chip, until it is done.
    fn ask(&mut self, chip: &mut dyn Channel, line: &str) -> Result<String, Stopped> {
        self.process.say(line);
        loop {
            let said = self.process.hear();
            if let Some(command) = said.strip_prefix("> ") {
                let command = hex::decode(command).expect("hexadecimal");
                let answer = chip.transmit(&command).expect("a chip in a process");
                self.process.say(&hex::encode_upper(&*answer));
            } else if let Some(answer) = said.strip_prefix("ok") {
                return Ok(answer.trim_start().to_owned());
            } else {
                let why = said.strip_prefix("fail ").unwrap_or(&said);
                return Err(Stopped(why.to_owned()));
            }
        }
    }
}
