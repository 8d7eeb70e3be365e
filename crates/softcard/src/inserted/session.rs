//! All that the card forgets without power.

use lichna_apdu::ReceivedCommand;
use zeroize::Zeroizing;

use super::files::FileId;
use super::keys::Environment;
use super::reply::Word;
use super::secure::{Authentication, OpenChannel, Successor};

/// From a reset to the next.
#[derive(Default)]
pub struct Session {
    /// The current folder is DF.CIA, else the MF.
    pub in_cia: bool,
    pub current_file: Option<FileId>,
    /// The PIN is verified: identification keys sign.
    pub pin_verified: bool,
    /// The signing keys sign once.
    pub signature_allowed: bool,
    pub administrator: bool,
    pub challenge: Option<[u8; 16]>,
    pub environment: Option<Environment>,
    pub chain: Option<Chain>,
    /// What GET RESPONSE gives.
    pub pending: Zeroizing<Vec<u8>>,
    pub authentication: Option<Authentication>,
    pub channel: Option<OpenChannel>,
    /// The channel that begins when the answer has gone out.
    pub successor: Option<Successor>,
}

impl Session {
    /// The PIN is no longer verified.
    pub const fn forget_pin(&mut self) {
        self.pin_verified = false;
        self.signature_allowed = false;
    }

    /// The PIN is verified.
    pub const fn remember_pin(&mut self) {
        self.pin_verified = true;
        self.signature_allowed = true;
    }
}

/// The links of a command chain so far, ISO/IEC 7816-4 §5.3.3.
pub struct Chain {
    instruction: u8,
    p1: u8,
    p2: u8,
    pub data: Zeroizing<Vec<u8>>,
}

impl Chain {
    /// The chain with this link, and whether more come.
    pub fn link(chain: Option<Self>, command: &ReceivedCommand<'_>) -> Result<(Self, bool), Word> {
        let begun = match chain {
            Some(chain) => chain,
            None => Self {
                instruction: command.instruction,
                p1: command.p1,
                p2: command.p2,
                data: Zeroizing::new(Vec::new()),
            },
        };
        let header = (begun.instruction, begun.p1, begun.p2);
        if header != (command.instruction, command.p1, command.p2) {
            return Err(Word::LAST_COMMAND_OF_CHAIN_EXPECTED);
        }
        if begun.data.len() + command.data.len() > LONGEST {
            return Err(Word::WRONG_LENGTH);
        }
        let data = Zeroizing::new([begun.data.as_slice(), command.data].concat());
        Ok((Self { data, ..begun }, command.is_linked()))
    }
}

/// As much as one extended command carries.
const LONGEST: usize = 65_535;
