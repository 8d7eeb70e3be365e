//! The reader's side of the vpcd protocol, and what its keypad does.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use super::structure::{Refusal, Structure};
use super::{Keypad, Press, Properties};

/// A slot at a TCP port, with or without a keypad.
#[derive(Debug)]
pub struct SoftReader {
    listener: TcpListener,
    card: Option<TcpStream>,
    atr: Vec<u8>,
    keypad: Keypad,
    properties: Properties,
}

/// The vpcd protocol's control messages that have an answer or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// 0: power off.
    Off,
    /// 1: power on.
    On,
    /// 2: reset.
    Reset,
}

impl SoftReader {
    /// Plugs the reader in: listens for cards.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn plug_in(port: u16, keypad: Keypad) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let properties = keypad.properties();
        Ok(Self {
            listener,
            card: None,
            atr: Vec::new(),
            keypad,
            properties,
        })
    }

    /// What the reader tells of itself.
    pub fn properties(&self) -> Properties {
        self.properties
    }

    /// The answer to reset of the powered card; empty without.
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// Whether a card is in the slot.
    pub fn present(&mut self) -> bool {
        if self.card.as_ref().is_some_and(gone) {
            self.card = None;
        }
        if self.card.is_none()
            && let Ok((stream, _)) = self.listener.accept()
        {
            let ready = stream
                .set_nonblocking(false)
                .and_then(|()| stream.set_nodelay(true));
            self.card = ready.ok().map(|()| stream);
        }
        self.card.is_some()
    }

    /// Changes the card's supply.
    ///
    /// # Errors
    /// When there is no card, or it leaves.
    pub fn supply(&mut self, supply: Supply) -> io::Result<()> {
        self.atr.clear();
        let message = match supply {
            Supply::Off => 0,
            Supply::On => 1,
            Supply::Reset => 2,
        };
        self.send(&[message])?;
        if supply != Supply::Off {
            self.send(&[GET_ATR])?;
            self.atr = self.receive()?;
            // ISO/IEC 7816-3 §8.2: 33 bytes at most, and at least TS and T0.
            if !(2..=33).contains(&self.atr.len()) {
                self.atr.clear();
                return Err(ErrorKind::InvalidData.into());
            }
        }
        Ok(())
    }

    /// Sends a command to the card.
    ///
    /// # Errors
    /// When there is no card, or it leaves.
    pub fn transmit(&mut self, command: &[u8]) -> io::Result<Vec<u8>> {
        self.send(command)?;
        self.receive()
    }

    /// FEATURE_VERIFY_PIN_DIRECT.
    ///
    /// # Errors
    /// When there is no card, or it leaves.
    pub fn verify_pin(&mut self, structure: &[u8]) -> io::Result<Vec<u8>> {
        match Structure::verify(structure) {
            Ok(structure) => self.with_pins(&structure, 1, |reader, structure, pins| {
                let [pin] = pins else {
                    return Err(Refusal::Structure);
                };
                reader.check(structure, pin)?;
                structure.verify_command(pin)
            }),
            Err(refusal) => Ok(status(refusal)),
        }
    }

    /// FEATURE_MODIFY_PIN_DIRECT.
    ///
    /// # Errors
    /// When there is no card, or it leaves.
    pub fn modify_pin(&mut self, structure: &[u8]) -> io::Result<Vec<u8>> {
        let (structure, modify) = match Structure::modify(structure) {
            Ok(
                structure @ Structure {
                    modify: Some(modify),
                    ..
                },
            ) => (structure, modify),
            Ok(_) => return Ok(status(Refusal::Structure)),
            Err(refusal) => return Ok(status(refusal)),
        };
        let asked = 1 + usize::from(modify.ask_old) + usize::from(modify.confirm);
        self.with_pins(&structure, asked, |reader, structure, pins| {
            for pin in pins {
                reader.check(structure, pin)?;
            }
            let (old, new) = match pins {
                [old, new, ..] if modify.ask_old => (Some(old.as_slice()), new),
                [new, ..] => (None, new),
                [] => return Err(Refusal::Structure),
            };
            if modify.confirm && pins.last() != Some(new) {
                return Err(Refusal::Mismatch);
            }
            structure.modify_command(old, new)
        })
    }

    /// Asks for so many PINs, makes the command of them, and sends it.
    fn with_pins(
        &mut self,
        structure: &Structure,
        asked: usize,
        command: impl FnOnce(&Self, &Structure, &[Vec<u8>]) -> Result<Vec<u8>, Refusal>,
    ) -> io::Result<Vec<u8>> {
        let time = match structure.time_out {
            0 => DEFAULT_TIME_OUT,
            seconds => Duration::from_secs(seconds.into()),
        };
        let mut pins = Vec::new();
        for _ in 0..asked {
            let keypad = self.keypad.clone();
            match keypad.ask(time, || self.present()) {
                Press::Digits(digits) => pins.push(digits.into_bytes()),
                Press::Cancel => return Ok(CANCELLED.to_vec()),
                Press::TimeOut | Press::Wait => return Ok(TIMED_OUT.to_vec()),
            }
        }
        match command(self, structure, &pins) {
            Ok(command) => self.transmit(&command),
            Err(refusal) => Ok(status(refusal)),
        }
    }

    fn check(&self, structure: &Structure, pin: &[u8]) -> Result<(), Refusal> {
        let own = usize::from(self.properties.digits_at_least)
            ..=usize::from(self.properties.digits_at_most);
        structure.check(pin)?;
        if own.contains(&pin.len()) {
            Ok(())
        } else {
            Err(Refusal::Digits)
        }
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len()).map_err(io::Error::other)?;
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend_from_slice(message);
        self.talk(|card| card.write_all(&framed))
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        self.talk(|card| {
            let mut length = [0; 2];
            card.read_exact(&mut length)?;
            let mut message = vec![0; u16::from_be_bytes(length).into()];
            card.read_exact(&mut message)?;
            Ok(message)
        })
    }

    fn talk<R>(&mut self, talk: impl FnOnce(&mut TcpStream) -> io::Result<R>) -> io::Result<R> {
        let card = self.card.as_mut().ok_or(ErrorKind::NotConnected)?;
        talk(card).inspect_err(|_| {
            self.card = None;
            self.atr.clear();
        })
    }
}

/// Whether the card's end of the stream is closed; a card says nothing unasked.
fn gone(card: &TcpStream) -> bool {
    let mut byte = [0];
    let looked = card
        .set_nonblocking(true)
        .and_then(|()| card.peek(&mut byte));
    let blocking_again = card.set_nonblocking(false);
    match looked {
        Ok(read) => read == 0 || blocking_again.is_err(),
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

fn status(refusal: Refusal) -> Vec<u8> {
    match refusal {
        Refusal::Mismatch => vec![0x64, 0x02],
        Refusal::Digits => vec![0x64, 0x03],
        Refusal::Structure => vec![0x6B, 0x80],
    }
}

const GET_ATR: u8 = 4;
const TIMED_OUT: [u8; 2] = [0x64, 0x00];
const CANCELLED: [u8; 2] = [0x64, 0x01];
const DEFAULT_TIME_OUT: Duration = Duration::from_secs(30);
