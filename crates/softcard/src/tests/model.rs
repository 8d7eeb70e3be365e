//! Any sequence of commands leaves the counters as a simple model says: both policies, both faces.

use proptest::prelude::*;

use super::*;

/// What may be done to a card. A password is right or wrong.
#[derive(Clone, Copy, Debug)]
enum Do {
    Verify(bool),
    AskTries,
    Change(bool),
    UnblockWithNew(bool),
    UnblockCounter(bool),
    NewPinInPukChannel,
    TransportPin,
    Activate(bool),
    Can(bool),
    Pin(bool),
    Puk(bool),
    PlainCommand,
    Reset,
    RemoveAndInsert,
    Administrator,
}

/// What a card should remember, in as few words as there are.
struct Model {
    radio: bool,
    can_first: bool,
    pin: u8,
    puk: u8,
    transport: bool,
    verified: bool,
    administrator: bool,
    /// Which password the channel was opened with.
    channel: Option<char>,
}

impl Model {
    /// The word of the answer, and what becomes of the model.
    fn next(&mut self, what: Do) -> u16 {
        let stranger = self.radio && self.channel.is_none();
        match what {
            Do::Reset | Do::RemoveAndInsert => {
                self.forget();
                return 0x9000;
            }
            // Past the channel: it is gone; over the radio nothing is said.
            Do::PlainCommand => {
                if self.channel.is_some() {
                    self.forget();
                }
                return if self.radio { 0x6982 } else { 0x9000 };
            }
            Do::Can(right) => {
                if right {
                    self.open('c');
                }
                return if right { 0x9000 } else { 0x6300 };
            }
            Do::Pin(_) | Do::Puk(_) if stranger && self.can_first => return 0x6982,
            Do::Pin(right) => {
                if self.transport {
                    return 0x6984;
                }
                let word = self.try_pin(right);
                if word == 0x9000 {
                    self.open('p');
                    self.verified = true;
                }
                return word;
            }
            Do::Puk(right) => {
                let word = self.try_puk(right);
                if word == 0x9000 {
                    self.open('u');
                }
                return word;
            }
            _ if stranger => return 0x6982,
            _ => {}
        }
        match what {
            Do::Verify(_) | Do::AskTries if self.transport => 0x6984,
            Do::AskTries => match self.pin {
                0 => 0x6983,
                1 => 0x63C1,
                _ if self.verified => 0x9000,
                tries => 0x63C0 + u16::from(tries),
            },
            Do::Verify(right) => {
                let word = self.try_pin(right);
                if word == 0x9000 {
                    self.verified = true;
                }
                word
            }
            // With a transport PIN in its place, the PIN is data of the wrong length.
            Do::Change(right) | Do::Activate(right) => {
                if let Some(word) = self.no_try() {
                    return word;
                }
                if matches!(what, Do::Activate(_)) != self.transport {
                    return 0x6A80;
                }
                let word = self.try_pin(right);
                if word == 0x9000 {
                    self.transport = false;
                }
                word
            }
            Do::UnblockWithNew(right) | Do::UnblockCounter(right) => {
                let word = self.try_puk(right);
                if word == 0x9000 {
                    self.pin = 3;
                    self.verified = false;
                    self.transport &= matches!(what, Do::UnblockCounter(_));
                }
                word
            }
            Do::NewPinInPukChannel => {
                if self.channel != Some('u') {
                    return 0x6982;
                }
                (self.pin, self.puk) = (3, 10);
                (self.transport, self.verified) = (false, false);
                0x9000
            }
            Do::TransportPin => {
                if !self.administrator {
                    return 0x6982;
                }
                self.pin = 3;
                (self.transport, self.verified) = (true, false);
                0x9000
            }
            Do::Administrator => {
                self.administrator = true;
                0x9000
            }
            // Answered above.
            _ => 0,
        }
    }

    /// Why no try of the PIN is spent now.
    fn no_try(&self) -> Option<u16> {
        match self.pin {
            0 => Some(0x6983),
            1 if self.channel != Some('c') => Some(0x6985),
            _ => None,
        }
    }

    fn try_pin(&mut self, right: bool) -> u16 {
        if let Some(word) = self.no_try() {
            return word;
        }
        self.verified = false;
        self.pin = if right { 3 } else { self.pin - 1 };
        if right {
            0x9000
        } else {
            0x63C0 + u16::from(self.pin)
        }
    }

    fn try_puk(&mut self, right: bool) -> u16 {
        if self.puk == 0 {
            return 0x6983;
        }
        self.puk = if right { 10 } else { self.puk - 1 };
        if right {
            0x9000
        } else {
            0x63C0 + u16::from(self.puk)
        }
    }

    fn open(&mut self, password: char) {
        self.forget();
        self.channel = Some(password);
    }

    fn forget(&mut self) {
        self.channel = None;
        self.verified = false;
        self.administrator = false;
    }
}

/// The same, to a card.
fn perform(terminal: &mut Terminal, disk: &Disk, what: Do) -> u16 {
    let face = terminal.card.face();
    let digits = |right: bool, digits: &str| {
        let wrong = "0".repeat(digits.len());
        if right { digits.to_owned() } else { wrong }
    };
    let hex = |text: String| hex::encode(text);
    let (pin, puk, transport) = (
        |right| digits(right, PIN),
        |right| digits(right, PUK),
        |right| digits(right, "54321"),
    );
    let stranger = face == Face::Contactless && terminal.channel.is_none();
    match what {
        Do::Verify(right) => terminal.word(&format!("00 20 00 03 06 {}", hex(pin(right)))),
        Do::AskTries => terminal.word("00 20 00 03"),
        // The new PIN is the old one, so that the model need not know which is right.
        Do::Change(right) => terminal.word(&format!(
            "00 24 00 03 0C {}{}",
            hex(pin(right)),
            hex(pin(true))
        )),
        Do::Activate(right) => terminal.word(&format!(
            "00 24 00 03 0B {}{}",
            hex(transport(right)),
            hex(pin(true))
        )),
        Do::UnblockWithNew(right) => terminal.word(&format!(
            "00 2C 00 03 0E {}{}",
            hex(puk(right)),
            hex(pin(true))
        )),
        Do::UnblockCounter(right) => terminal.word(&format!("00 2C 01 03 08 {}", hex(puk(right)))),
        Do::NewPinInPukChannel => terminal.word(&format!("00 2C 02 03 06 {}", hex(pin(true)))),
        Do::TransportPin => terminal.word(&format!("00 2C 02 03 05 {}", hex(transport(true)))),
        Do::Can(right) => outcome(terminal.pace(&Given::Can(digits(right, CAN)))),
        Do::Pin(right) => outcome(terminal.pace(&Given::Pin(pin(right)))),
        Do::Puk(right) => outcome(terminal.pace(&Given::Puk(puk(right)))),
        Do::PlainCommand => {
            let said = terminal.plain("00 B0 9E 00 00").1;
            terminal.channel = None;
            said
        }
        Do::Reset => {
            terminal.reset();
            0x9000
        }
        Do::RemoveAndInsert => {
            *terminal = Terminal::new(disk.open(), face);
            0x9000
        }
        Do::Administrator if stranger => terminal.word("00 84 00 00 10"),
        Do::Administrator => {
            terminal.become_administrator();
            0x9000
        }
    }
}

/// What the card said, by what the terminal makes of it.
fn outcome(result: Result<(), PaceError>) -> u16 {
    use lichna_apdu::Status;

    match result {
        Ok(()) => 0x9000,
        Err(PaceError::WrongPassword { tries_left, .. }) => {
            tries_left.map_or(0x6300, |tries| 0x63C0 + u16::from(tries))
        }
        Err(PaceError::Suspended { .. }) => 0x6985,
        Err(PaceError::Blocked { .. }) => 0x6983,
        Err(PaceError::NotActivated { .. }) => 0x6984,
        Err(PaceError::Refused {
            status: Status::SecurityStatusNotSatisfied,
            ..
        }) => 0x6982,
        Err(other) => panic!("{other}"),
    }
}

fn anything() -> impl Strategy<Value = Do> {
    // Wrong ones more often than right ones, or nothing is ever blocked.
    let right = || prop::bool::weighted(0.35);
    prop_oneof![
        6 => right().prop_map(Do::Verify),
        2 => Just(Do::AskTries),
        2 => right().prop_map(Do::Change),
        1 => right().prop_map(Do::UnblockWithNew),
        1 => right().prop_map(Do::UnblockCounter),
        1 => Just(Do::NewPinInPukChannel),
        1 => Just(Do::TransportPin),
        2 => right().prop_map(Do::Activate),
        4 => prop::bool::weighted(0.8).prop_map(Do::Can),
        2 => right().prop_map(Do::Pin),
        1 => right().prop_map(Do::Puk),
        1 => Just(Do::PlainCommand),
        1 => Just(Do::Reset),
        1 => Just(Do::RemoveAndInsert),
        2 => Just(Do::Administrator),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn counters_are_as_the_model_says(
        radio: bool,
        can_first: bool,
        sequence in prop::collection::vec(anything(), 1..40),
    ) {
        let policy = if can_first { Policy::CanFirst } else { Policy::PinFirst };
        let face = if radio { Face::Contactless } else { Face::Contact };
        let disk = Disk::default();
        let mut terminal = Terminal::new(disk.make(&making(policy)), face);
        let mut model = Model {
            radio,
            can_first,
            pin: 3,
            puk: 10,
            transport: false,
            verified: false,
            administrator: false,
            channel: None,
        };
        for (place, what) in sequence.into_iter().enumerate() {
            let expected = model.next(what);
            let said = perform(&mut terminal, &disk, what);
            prop_assert_eq!(said, expected, "{}: {:?}", place, what);
            let state = &terminal.card.card_for_tests().state;
            prop_assert_eq!((state.pin.tries, state.puk_tries), (model.pin, model.puk));
            prop_assert_eq!(state.pin.transport, model.transport);
        }
        // What is on the disk is what was in memory.
        let kept = disk.open().state;
        prop_assert_eq!((kept.pin.tries, kept.puk_tries), (model.pin, model.puk));
    }
}
