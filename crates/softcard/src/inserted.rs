//! The card in a reader: commands in, answers out.

mod administrator;
mod files;
mod keys;
mod pins;
mod reply;
mod secure;
mod session;

use std::thread;
use std::time::Duration;

use lichna_apdu::{
    Channel, ChannelError, Instruction, Interface, LONGEST_EXTENDED, ReceivedCommand,
};
use zeroize::Zeroizing;

pub use self::administrator::answer_challenge;
use self::reply::{Reply, Word};
use self::session::{Chain, Session};
use crate::card::SoftCard;

/// The side of a card that a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// ISO/IEC 7816-3 contacts, T=1.
    Contact,
    /// ISO/IEC 14443 radio, as PC/SC part 3 shows it.
    Contactless,
}

impl Face {
    /// What the card answers to a reset.
    #[must_use]
    pub fn atr(self) -> Vec<u8> {
        let protocols: &[u8] = match self {
            Self::Contact => &[0x01],
            Self::Contactless => &[0x80, 0x01],
        };
        // T0: TD1 follows, eight historical bytes.
        let atr = [&[0x3B, 0x88], protocols, HISTORICAL].concat();
        let check = atr.iter().skip(1).fold(0, |check, byte| check ^ byte);
        [atr.as_slice(), &[check]].concat()
    }

    /// As the agent calls it.
    #[must_use]
    pub const fn interface(self) -> Interface {
        match self {
            Self::Contact => Interface::Contact,
            Self::Contactless => Interface::Contactless,
        }
    }
}

/// A practice card in a reader. It is a [`Channel`]; dropping it is pulling it out.
pub struct Inserted {
    card: SoftCard,
    face: Face,
    session: Session,
}

impl Inserted {
    pub(crate) fn new(card: SoftCard, face: Face) -> Self {
        Self {
            card,
            face,
            session: Session::default(),
        }
    }

    /// Which face is in the reader.
    #[must_use]
    pub const fn face(&self) -> Face {
        self.face
    }

    /// The answer to reset.
    #[must_use]
    pub fn atr(&self) -> Vec<u8> {
        self.face.atr()
    }

    /// Resets the card: everything verified and every channel is gone.
    pub fn reset(&mut self) {
        self.session = Session::default();
    }

    /// Takes the card out again.
    #[must_use]
    pub fn remove(self) -> SoftCard {
        self.card
    }

    #[cfg(test)]
    pub(crate) const fn card_for_tests(&self) -> &SoftCard {
        &self.card
    }

    /// The answer to one command, with its status word. A card that was slowed down takes its time.
    #[must_use]
    pub fn answer(&mut self, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        let Ok(command) = ReceivedCommand::parse(bytes) else {
            self.end_channel();
            return Reply::from(Word::WRONG_LENGTH).encode();
        };
        if command.class & SECURE_MESSAGING == SECURE_MESSAGING {
            return self.protected(bytes);
        }
        if let Some(rest) = self.rest_of_protected(&command) {
            return rest;
        }
        self.end_channel();
        let reply = self.plain(&command, false);
        self.begin_successor();
        reply.encode()
    }

    /// One command, from a channel or without one.
    fn plain(&mut self, command: &ReceivedCommand<'_>, protected: bool) -> Reply {
        let radio = self.face == Face::Contactless;
        if radio && !protected && !self.may_come_before_channel(command) {
            return Word::SECURITY_STATUS_NOT_SATISFIED.into();
        }
        if command.class & !CHAINING != 0 {
            return Word::CLASS_NOT_SUPPORTED.into();
        }
        if command.instruction != Instruction::GetResponse.byte() {
            self.session.pending.clear();
        }
        // The links of GENERAL AUTHENTICATE are steps, not pieces.
        let is_step = command.instruction == Instruction::GeneralAuthenticate.byte();
        if is_step || (!command.is_linked() && self.session.chain.is_none()) {
            let reply = self.dispatch(command);
            return self.fit(reply, command.expected);
        }
        match Chain::link(self.session.chain.take(), command) {
            Ok((chain, true)) => {
                self.session.chain = Some(chain);
                Word::SUCCESS.into()
            }
            Ok((chain, false)) => {
                let whole = ReceivedCommand {
                    class: 0,
                    data: &chain.data,
                    ..*command
                };
                let reply = self.dispatch(&whole);
                self.fit(reply, command.expected)
            }
            Err(word) => word.into(),
        }
    }

    fn dispatch(&mut self, command: &ReceivedCommand<'_>) -> Reply {
        // What a step of PACE leaves is for the next step alone.
        if command.instruction != Instruction::GeneralAuthenticate.byte() {
            self.session.authentication = None;
        }
        let done = match command.instruction {
            SELECT => self.select(command),
            READ_BINARY => self.read_binary(command),
            READ_BINARY_ODD => self.read_binary_odd(command),
            UPDATE_BINARY => self.update_binary(command),
            UPDATE_BINARY_ODD => self.update_binary_odd(command),
            VERIFY => self.verify(command),
            CHANGE_REFERENCE_DATA => self.change_reference_data(command),
            RESET_RETRY_COUNTER => self.reset_retry_counter(command),
            MANAGE_SECURITY_ENVIRONMENT => self.manage_security_environment(command),
            PERFORM_SECURITY_OPERATION => self.compute_signature(command),
            INTERNAL_AUTHENTICATE => self.internal_authenticate(command),
            GENERATE_KEY_PAIR => self.generate_key_pair(command),
            ACTIVATE_FILE => self.activate_file(command),
            GET_CHALLENGE => self.get_challenge(command),
            EXTERNAL_AUTHENTICATE => self.external_authenticate(command),
            GENERAL_AUTHENTICATE => self.general_authenticate(command),
            GET_RESPONSE => return self.get_response(),
            _ => Err(Word::INSTRUCTION_NOT_SUPPORTED),
        };
        done.unwrap_or_else(Reply::from)
    }

    fn get_response(&mut self) -> Reply {
        if self.session.pending.is_empty() {
            return Word::CONDITIONS_NOT_SATISFIED.into();
        }
        Reply::data(core::mem::take(&mut self.session.pending))
    }

    /// Gives what Le asks for, and keeps the rest for GET RESPONSE.
    fn fit(&mut self, reply: Reply, expected: Option<usize>) -> Reply {
        let (now, rest) = reply.split(expected.unwrap_or(0));
        if let Some(rest) = rest {
            self.session.pending = rest;
        }
        now
    }

    /// A channel, its keys and everything verified are gone; then the card is as just put in.
    fn end_channel(&mut self) {
        if self.session.channel.is_some() {
            self.reset();
        }
    }

    /// Takes the time that wrong attempts cost.
    fn slow_down(&self, failures: u32) {
        let unit = Duration::from_millis(self.card.state.slow_down.into());
        thread::sleep(delay(unit, failures));
    }

    /// Writes a change down, or says that the memory failed.
    fn write(&mut self, change: impl FnOnce(&mut crate::state::State)) -> Result<(), Word> {
        self.card.change(change).map_err(|_| Word::MEMORY_FAILURE)
    }
}

/// What wrong attempts cost: one unit for each, five at most.
fn delay(unit: Duration, failures: u32) -> Duration {
    unit * failures.min(MOST_UNITS)
}

impl Channel for Inserted {
    fn interface(&self) -> Interface {
        self.face.interface()
    }

    fn longest_command(&self) -> usize {
        LONGEST_EXTENDED
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        Ok(self.answer(command))
    }
}

/// "LICHNA-P" in capital letters.
const HISTORICAL: &[u8] = b"LICHNA-P";
/// Bits of CLA that say that secure messaging is used, header authenticated.
const SECURE_MESSAGING: u8 = 0x0C;
const CHAINING: u8 = 0x10;
/// The card is never slower than so many wrong attempts make it.
const MOST_UNITS: u32 = 5;

const SELECT: u8 = Instruction::Select.byte();
const READ_BINARY: u8 = Instruction::ReadBinary.byte();
const READ_BINARY_ODD: u8 = Instruction::ReadBinaryOdd.byte();
const UPDATE_BINARY: u8 = Instruction::UpdateBinary.byte();
const UPDATE_BINARY_ODD: u8 = Instruction::UpdateBinaryOdd.byte();
const VERIFY: u8 = Instruction::Verify.byte();
const CHANGE_REFERENCE_DATA: u8 = Instruction::ChangeReferenceData.byte();
const RESET_RETRY_COUNTER: u8 = Instruction::ResetRetryCounter.byte();
const MANAGE_SECURITY_ENVIRONMENT: u8 = Instruction::ManageSecurityEnvironment.byte();
const PERFORM_SECURITY_OPERATION: u8 = Instruction::PerformSecurityOperation.byte();
const INTERNAL_AUTHENTICATE: u8 = Instruction::InternalAuthenticate.byte();
const GENERATE_KEY_PAIR: u8 = Instruction::GenerateAsymmetricKeyPair.byte();
const ACTIVATE_FILE: u8 = Instruction::ActivateFile.byte();
const GET_CHALLENGE: u8 = Instruction::GetChallenge.byte();
const EXTERNAL_AUTHENTICATE: u8 = Instruction::ExternalAuthenticate.byte();
const GENERAL_AUTHENTICATE: u8 = Instruction::GeneralAuthenticate.byte();
const GET_RESPONSE: u8 = Instruction::GetResponse.byte();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_attempt_costs_a_unit_more_and_five_at_most() {
        let costs =
            [0, 1, 2, 5, 6, u32::MAX].map(|failures| delay(Duration::from_secs(1), failures));
        assert_eq!(costs, [0, 1, 2, 5, 5, 5].map(Duration::from_secs));
    }
}
