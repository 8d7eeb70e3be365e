//! Channels for tests.

use std::{collections::VecDeque, fs, path::PathBuf};

use lichna_apdu::{Channel, ChannelError, Interface};
use zeroize::Zeroizing;

/// A card that answers as a recorded one did, and to nothing else.
pub struct Transcript {
    name: String,
    interface: Interface,
    longest: usize,
    /// Line, command, answer.
    expected: VecDeque<(usize, String, String)>,
}

impl Transcript {
    /// The folder of all transcripts.
    pub fn folder() -> PathBuf {
        PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/transcripts"
        ))
    }

    pub fn open(card: &str, flow: &str, longest: usize) -> Self {
        let path = Self::folder().join(card).join(format!("{flow}.apdu"));
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self::parse(&format!("{card}/{flow}"), &text, longest)
    }

    pub fn parse(name: &str, text: &str, longest: usize) -> Self {
        let mut expected = VecDeque::new();
        let mut command: Option<(usize, String)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let hex = |line: &str| line.replace(' ', "").to_ascii_uppercase();
            match line.trim().split_at_checked(1) {
                None | Some(("#", _)) => {}
                Some((">", rest)) => {
                    assert!(command.is_none(), "{name}:{number}: an answer is missing");
                    command = Some((number, hex(rest)));
                }
                Some(("<", rest)) => {
                    let (at, command) = command.take().expect("an answer to a command");
                    expected.push_back((at, command, hex(rest)));
                }
                Some(_) => panic!("{name}:{number}: neither > nor < nor #"),
            }
        }
        assert!(command.is_none(), "{name}: the last answer is missing");
        Self {
            name: name.to_owned(),
            interface: Interface::Contact,
            longest,
            expected,
        }
    }

    /// The same, over the radio or on contacts.
    pub fn on(self, interface: Interface) -> Self {
        Self { interface, ..self }
    }

    /// Everything was said.
    pub fn finish(self) {
        if let Some((line, command, _)) = self.expected.front() {
            panic!("{}:{line}: never sent: {command}", self.name);
        }
    }
}

impl Channel for Transcript {
    fn interface(&self) -> Interface {
        self.interface
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let sent = hex::encode_upper(command);
        let Some((line, expected, answer)) = self.expected.pop_front() else {
            panic!("{}: sent after the end: {sent}", self.name);
        };
        assert_eq!(sent, expected, "{}:{line}", self.name);
        Ok(Zeroizing::new(hex::decode(answer).expect("hexadecimal")))
    }
}

/// Counts and keeps what passes through.
pub struct Observed<'c> {
    pub inner: &'c mut dyn Channel,
    pub exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<'c> Observed<'c> {
    pub fn new(inner: &'c mut dyn Channel) -> Self {
        Self {
            inner,
            exchanges: Vec::new(),
        }
    }

    /// How many commands passed since the last call.
    pub fn instructions(&mut self) -> Vec<u8> {
        self.exchanges
            .drain(..)
            .map(|(command, _)| command[1])
            .collect()
    }
}

impl Channel for Observed<'_> {
    fn interface(&self) -> Interface {
        self.inner.interface()
    }

    fn longest_command(&self) -> usize {
        self.inner.longest_command()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let answer = self.inner.transmit(command)?;
        self.exchanges.push((command.to_vec(), answer.to_vec()));
        Ok(answer)
    }
}

/// A card that answers with what it is given, one after the other, and then no more.
pub struct Scripted {
    pub interface: Interface,
    pub longest: usize,
    pub answers: VecDeque<Vec<u8>>,
    pub commands: Vec<Vec<u8>>,
}

impl Scripted {
    pub fn new<const N: usize>(answers: [&[u8]; N]) -> Self {
        Self {
            interface: Interface::Contact,
            longest: lichna_apdu::LONGEST_SHORT,
            answers: answers.into_iter().map(<[u8]>::to_vec).collect(),
            commands: Vec::new(),
        }
    }

    /// Commands that gave the card a PIN or a PUK.
    pub fn tries_spent(&self) -> usize {
        self.commands
            .iter()
            .filter(|command| {
                matches!(command.get(1), Some(0x20 | 0x24 | 0x2C)) && command.len() > 5
            })
            .count()
    }
}

impl Channel for Scripted {
    fn interface(&self) -> Interface {
        self.interface
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.commands.push(command.to_vec());
        self.answers
            .pop_front()
            .map(Zeroizing::new)
            .ok_or(ChannelError::CardRemoved)
    }
}
