//! Third-party card applets as cards: `piv-authenticator` (NIST SP 800-73-4, with Yubico's
//! extensions) and `opcard` (OpenPGP card 3.4), the applets of the Nitrokey 3, over the software
//! Trussed platform.

mod management;
mod personal;
mod platform;
mod transport;

use std::fmt;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

pub use self::management::ManagementKey;
use self::transport::Transport;
use crate::vpicc::{Power, VirtualCard};

/// The answer to reset of a Nitrokey 3 on USB: T=1, historical bytes "Nitrokey".
pub const NITROKEY_3_ATR: [u8; 19] = [
    0x3B, 0x8F, 0x01, 0x80, 0x5D, 0x4E, 0x69, 0x74, 0x72, 0x6F, 0x6B, 0x65, 0x79, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x6A,
];

/// Which applet is on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PIV: PIN 123456 (3 tries), PUK 12345678 (3 tries), administration key 3DES
    /// 0102030405060708 three times.
    Piv,
    /// OpenPGP card 3.4: user PIN 123456 (3 tries), administrator PIN 12345678 (3 tries), no
    /// resetting code.
    OpenPgp,
}

impl Kind {
    /// The full application identifier, without what is this card's own (its serial number).
    fn aid(self) -> &'static [u8] {
        match self {
            Self::Piv => &[
                0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
            ],
            Self::OpenPgp => &[0xD2, 0x76, 0x00, 0x01, 0x24, 0x01],
        }
    }
}

/// A card's making.
#[derive(Clone, Debug)]
pub struct Making {
    kind: Kind,
    uuid: Option<[u8; 16]>,
    atr: Vec<u8>,
    extended_length: bool,
}

impl Making {
    /// A card as the factory makes it, with random keys and serial number.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            uuid: None,
            atr: NITROKEY_3_ATR.to_vec(),
            extended_length: true,
        }
    }

    /// Gives the card this identity: PIV's card UUID (in the CHUID), OpenPGP's serial number (the
    /// first four bytes). All that is random on it follows from this, so two runs are alike.
    #[must_use]
    pub fn uuid(mut self, uuid: [u8; 16]) -> Self {
        self.uuid = Some(uuid);
        self
    }

    /// Gives the card another answer to reset.
    #[must_use]
    pub fn atr(mut self, atr: impl Into<Vec<u8>>) -> Self {
        self.atr = atr.into();
        self
    }

    /// Makes the card refuse extended length (6700), so that only chaining gets through. An
    /// OpenPGP card goes on saying that it takes it (OpenSC believes that, and reads no
    /// certificate); a PIV card says nothing about it.
    #[must_use]
    pub fn short_only(mut self) -> Self {
        self.extended_length = false;
        self
    }

    /// Makes the card.
    pub fn make(self) -> Applet {
        Applet::new(self)
    }
}

/// A card with one applet. Its memory lives as long as this value, whatever its supply does.
pub struct Applet {
    atr: Vec<u8>,
    requests: Sender<Request>,
}

enum Request {
    /// The supply changed: all that is volatile is gone.
    Reset,
    Command(Vec<u8>, Sender<Vec<u8>>),
}

impl Applet {
    /// A factory-new PIV card.
    pub fn piv() -> Self {
        Making::new(Kind::Piv).make()
    }

    /// A factory-new OpenPGP card.
    pub fn openpgp() -> Self {
        Making::new(Kind::OpenPgp).make()
    }

    fn new(making: Making) -> Self {
        let (requests, received) = mpsc::channel();
        let atr = making.atr.clone();
        // Trussed moves its large messages over the stack.
        thread::Builder::new()
            .name("applet".into())
            .stack_size(16 << 20)
            .spawn(move || run(&making, &received))
            .expect("a thread for the applet");
        Self { atr, requests }
    }
}

impl VirtualCard for Applet {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn power(&mut self, _: Power) {
        self.requests
            .send(Request::Reset)
            .expect("the applet's thread lives");
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let (reply, answer) = mpsc::channel();
        self.requests
            .send(Request::Command(command.to_vec(), reply))
            .expect("the applet's thread lives");
        answer.recv().expect("the applet answers every command")
    }
}

impl fmt::Debug for Applet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applet").finish_non_exhaustive()
    }
}

/// The card's life; each reset begins a new session on the memory that outlives it.
fn run(making: &Making, requests: &Receiver<Request>) {
    let uuid = making.uuid.unwrap_or_else(|| {
        let mut uuid = [0; 16];
        getrandom::fill(&mut uuid).expect("the system's random numbers");
        uuid
    });
    let mut memory = platform::Memory::new();
    memory.with(&uuid, |sessions| {
        loop {
            let mut transport = Transport::new(making.kind.aid(), making.extended_length);
            let ended = sessions.start(making.kind, &uuid, |handle| {
                loop {
                    match requests.recv() {
                        Ok(Request::Reset) => return false,
                        Ok(Request::Command(command, reply)) => {
                            // Nobody waits any more if the card was pulled out.
                            reply.send(transport.transmit(&command, handle)).ok();
                        }
                        Err(_) => return true,
                    }
                }
            });
            if ended {
                return;
            }
        }
    });
}
