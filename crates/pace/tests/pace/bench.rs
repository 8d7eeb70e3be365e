//! Cards, random numbers and passwords for the tests.

use std::collections::VecDeque;
use std::convert::Infallible;

use elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use lichna_apdu::{Channel, ChannelError, Interface, LONGEST_EXTENDED, ReceivedCommand};
use lichna_pace::chip::{Messaging, Selection, Session};
use lichna_pace::{PaceInfo, Password, PasswordKind};
use lichna_secret::{Can, Pin, Puk};
use zeroize::Zeroizing;

/// Gives the numbers of a vector, one at each call; panics when a call wants another length.
pub struct Scripted(pub VecDeque<Vec<u8>>);

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unimplemented!("keys and nonces are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unimplemented!("keys and nonces are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let next = self
            .0
            .pop_front()
            .expect("more random numbers than the vector has");
        bytes.copy_from_slice(&next);
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}

/// Fails, as a generator without a source of entropy does.
pub struct Broken;

impl TryRng for Broken {
    type Error = std::fmt::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(std::fmt::Error)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(std::fmt::Error)
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        Err(std::fmt::Error)
    }
}

impl TryCryptoRng for Broken {}

/// Zeros without end: no private key can be made of them.
pub struct Stuck;

impl TryRng for Stuck {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

impl TryCryptoRng for Stuck {}

pub fn random() -> getrandom::SysRng {
    getrandom::SysRng
}

/// The secrets of the cards here.
pub struct Secrets {
    pub can: Can,
    pub pin: Pin,
    pub puk: Puk,
}

pub const CAN: &[u8] = b"500540";
pub const PIN: &[u8] = b"123456";
pub const PUK: &[u8] = b"87654321";

impl Secrets {
    pub fn right() -> Self {
        Self {
            can: Can::take(&mut CAN.to_vec()).unwrap(),
            pin: Pin::take(&mut PIN.to_vec()).unwrap(),
            puk: Puk::take(&mut PUK.to_vec()).unwrap(),
        }
    }

    pub fn password(&self, kind: PasswordKind) -> Password<'_> {
        match kind {
            PasswordKind::Can => Password::Can(&self.can),
            PasswordKind::Pin => Password::Pin(&self.pin),
            PasswordKind::Puk => Password::Puk(&self.puk),
            other => panic!("no {other} on these cards"),
        }
    }
}

/// What a card does with a plain command once the channel stands.
type Application = Box<dyn FnMut(&[u8]) -> (Vec<u8>, u16)>;

/// Changes an answer on its way: number of the command, from 0; the answer.
type Tamper = Box<dyn FnMut(usize, Vec<u8>) -> Vec<u8>>;

/// A card of our chip role: PACE, then an application behind secure messaging.
pub struct PaceCard {
    info: PaceInfo,
    pace: Option<Session>,
    pub channel: Option<Messaging>,
    pub application: Application,
    pub tamper: Tamper,
    pub longest: usize,
    /// Most bytes of an answer that go out at once; the rest waits for GET RESPONSE.
    pub piece: usize,
    waiting: Vec<u8>,
    /// The status word that the whole answer ends with.
    last: Vec<u8>,
    /// What came and went, for a look from outside.
    pub log: Vec<(Vec<u8>, Vec<u8>)>,
    /// What MSE:SET AT answers when it is taken: a warning may stand here.
    pub selected: u16,
}

impl PaceCard {
    pub fn new(info: PaceInfo) -> Self {
        Self {
            info,
            pace: None,
            channel: None,
            // Echoes the data.
            application: Box::new(|command| {
                let command = ReceivedCommand::parse(command).unwrap();
                (command.data.to_vec(), 0x9000)
            }),
            tamper: Box::new(|_, answer| answer),
            longest: LONGEST_EXTENDED,
            piece: 65_536,
            waiting: Vec::new(),
            last: Vec::new(),
            log: Vec::new(),
            selected: 0x9000,
        }
    }

    fn answer(&mut self, bytes: &[u8]) -> Vec<u8> {
        if bytes.starts_with(&[0, 0xC0]) && !self.waiting.is_empty() {
            return self.next_piece();
        }
        self.waiting.clear();
        if let Some(channel) = &mut self.channel {
            let plain = match channel.open(bytes) {
                Ok(plain) => plain,
                Err(error) => {
                    self.channel = None;
                    return error.status().to_be_bytes().to_vec();
                }
            };
            let (data, status) = (self.application)(&plain);
            let mut answer = channel.protect(&data, status).to_vec();
            if answer.len() > self.piece + 2 {
                self.last = answer.split_off(answer.len() - 2);
                self.waiting = answer;
                return self.next_piece();
            }
            return answer;
        }
        let Ok(command) = ReceivedCommand::parse(bytes) else {
            return vec![0x67, 0x00];
        };
        match (command.instruction, command.p1, command.p2) {
            (0x22, 0xC1, 0xA4) => self.select(command.data),
            (0x86, 0, 0) => self.general_authenticate(command.data),
            _ => vec![0x69, 0x82],
        }
    }

    fn select(&mut self, data: &[u8]) -> Vec<u8> {
        let kind = Selection::parse(data).and_then(|selection| selection.password(&self.info));
        let password = match kind {
            Ok(PasswordKind::Can) => CAN,
            Ok(PasswordKind::Pin) => PIN,
            Ok(PasswordKind::Puk) => PUK,
            Ok(_) => return vec![0x6A, 0x88],
            Err(error) => return error.status().to_be_bytes().to_vec(),
        };
        self.pace = Some(Session::begin(&self.info, password));
        self.selected.to_be_bytes().to_vec()
    }

    fn general_authenticate(&mut self, data: &[u8]) -> Vec<u8> {
        let Some(pace) = &mut self.pace else {
            return vec![0x69, 0x85];
        };
        match pace.general_authenticate(data, &mut random()) {
            Ok(answer) => {
                self.channel = answer.channel;
                [answer.data.as_slice(), &[0x90, 0x00]].concat()
            }
            Err(refusal) => refusal.status().to_be_bytes().to_vec(),
        }
    }

    fn next_piece(&mut self) -> Vec<u8> {
        let rest = self.waiting.split_off(self.piece.min(self.waiting.len()));
        let mut piece = std::mem::replace(&mut self.waiting, rest);
        match self.waiting.len() {
            0 => piece.extend_from_slice(&self.last),
            more => piece.extend([0x61, u8::try_from(more).unwrap_or(0)]),
        }
        piece
    }
}

impl Channel for PaceCard {
    fn interface(&self) -> Interface {
        Interface::Contactless
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        assert!(command.len() <= self.longest, "{} bytes", command.len());
        let answer = self.answer(command);
        let answer = (self.tamper)(self.log.len(), answer);
        self.log.push((command.to_vec(), answer.clone()));
        Ok(Zeroizing::new(answer))
    }
}

/// A recorded card: it gives its answers in order, and where `exact`, only to the recorded command.
pub struct Recorded {
    pub log: VecDeque<(Vec<u8>, Vec<u8>)>,
    pub exact: bool,
}

impl Channel for Recorded {
    fn interface(&self) -> Interface {
        Interface::Contactless
    }

    fn longest_command(&self) -> usize {
        LONGEST_EXTENDED
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let (expected, answer) = self.log.pop_front().ok_or(ChannelError::CardMute)?;
        if self.exact {
            assert_eq!(hex::encode_upper(command), hex::encode_upper(expected));
        }
        Ok(Zeroizing::new(answer))
    }
}
