//! PACE, Chip Authentication and secure messaging: what the card does with what `pace` can.

use getrandom::SysRng;
use lichna_apdu::{Instruction, ReceivedCommand};
use lichna_pace::PasswordKind;
use lichna_pace::chip::{
    ChipAuthentication, Messaging, Refusal, Selection, Session as Pace, Stage,
};
use zeroize::Zeroizing;

use super::reply::{Done, Reply, Word};
use super::session::Session;
use super::{Face, Inserted};
use crate::Policy;
use crate::state::{PIN_TRIES, PUK_TRIES};

/// A channel that stands.
pub struct OpenChannel {
    pub messaging: Messaging,
    /// The password it was opened with; none, when Chip Authentication opened it.
    pub opened_by: Option<PasswordKind>,
    /// Protected answers that did not fit Le, for GET RESPONSE outside the protection.
    rest: Zeroizing<Vec<u8>>,
}

/// What the next GENERAL AUTHENTICATE goes on with.
pub enum Authentication {
    Pace { run: Pace, password: PasswordKind },
    Chip(ChipAuthentication),
}

/// What begins when the answer has gone out.
pub struct Successor {
    messaging: Messaging,
    opened_by: Option<PasswordKind>,
}

impl Inserted {
    /// A command that says that it is protected.
    pub(super) fn protected(&mut self, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        let Some(channel) = &mut self.session.channel else {
            let word = match self.face {
                Face::Contact => Word::SECURE_MESSAGING_NOT_SUPPORTED,
                Face::Contactless => Word::SECURITY_STATUS_NOT_SATISFIED,
            };
            return Reply::from(word).encode();
        };
        channel.rest.clear();
        let plain = match channel.messaging.open(bytes) {
            Ok(plain) => plain,
            Err(refused) => {
                self.reset();
                return Reply::from(Word(refused.status())).encode();
            }
        };
        let reply = match ReceivedCommand::parse(&plain) {
            Ok(command) => self.plain(&command, true),
            Err(_) => Word::WRONG_LENGTH.into(),
        };
        let Some(channel) = &mut self.session.channel else {
            return reply.encode();
        };
        let answer = channel.messaging.protect(&reply.data, reply.word.0);
        self.begin_successor();
        self.fit_protected(bytes, answer)
    }

    /// Cuts a protected answer where the command that it answers asks for less.
    fn fit_protected(&mut self, command: &[u8], answer: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
        let expected = ReceivedCommand::parse(command)
            .ok()
            .and_then(|c| c.expected);
        self.hold_rest(answer, expected)
    }

    fn hold_rest(
        &mut self,
        answer: Zeroizing<Vec<u8>>,
        expected: Option<usize>,
    ) -> Zeroizing<Vec<u8>> {
        let Some((data, word)) = answer.split_last_chunk::<2>() else {
            return answer;
        };
        let whole = Reply {
            data: Zeroizing::new(data.to_vec()),
            word: Word(u16::from_be_bytes(*word)),
        };
        // A case without Le carries data objects all the same, and fits always.
        let (now, rest) = whole.split(expected.unwrap_or(256));
        match (&mut self.session.channel, rest) {
            (Some(channel), Some(rest)) => {
                // The rest ends with the status word that the whole answer had.
                channel.rest = Zeroizing::new([rest.as_slice(), word].concat());
                now.encode()
            }
            _ => answer,
        }
    }

    /// GET RESPONSE outside the protection, for a protected answer that did not fit.
    pub(super) fn rest_of_protected(
        &mut self,
        command: &ReceivedCommand<'_>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let channel = self.session.channel.as_mut()?;
        let is_get_response = command.header() == [0, Instruction::GetResponse.byte(), 0, 0];
        if !is_get_response || channel.rest.is_empty() {
            return None;
        }
        let rest = core::mem::take(&mut channel.rest);
        Some(self.hold_rest(rest, command.expected))
    }

    /// The keys of the channel that was agreed on, from the next command on.
    pub(super) fn begin_successor(&mut self) {
        let Some(Successor {
            messaging,
            opened_by,
        }) = self.session.successor.take()
        else {
            return;
        };
        self.session.channel = Some(OpenChannel {
            messaging,
            opened_by,
            rest: Zeroizing::new(Vec::new()),
        });
    }

    /// MSE:SET AT for PACE.
    pub(super) fn set_pace(&mut self, data: &[u8]) -> Done {
        let selection = Selection::parse(data).map_err(|error| Word(error.status()))?;
        let info = self.card.pace_info();
        let password = selection
            .password(&info)
            .map_err(|error| Word(error.status()))?;
        let stranger = self.face == Face::Contactless && self.session.channel.is_none();
        if stranger
            && self.card.state.policy == Policy::CanFirst
            && matches!(password, PasswordKind::Pin | PasswordKind::Puk)
        {
            return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
        }
        let state = &self.card.state;
        let (digits, tries, all) = match password {
            PasswordKind::Can => (&state.can, 1, 1),
            PasswordKind::Pin if state.pin.transport => {
                return Err(Word::REFERENCE_DATA_NOT_USABLE);
            }
            PasswordKind::Pin => (&state.pin.digits, state.pin.tries, PIN_TRIES),
            PasswordKind::Puk => (&state.puk, state.puk_tries, PUK_TRIES),
            _ => return Err(Word::REFERENCED_DATA_NOT_FOUND),
        };
        if tries == 0 {
            return Err(Word::BLOCKED);
        }
        let run = Pace::begin(&info, digits.as_bytes());
        self.session.authentication = Some(Authentication::Pace { run, password });
        // A warning, or success: PACE may go on.
        Ok(if tries < all {
            Word::tries(tries).into()
        } else {
            Reply::success()
        })
    }

    /// GENERAL AUTHENTICATE: a step of PACE, or Chip Authentication.
    pub(super) fn general_authenticate(&mut self, command: &ReceivedCommand<'_>) -> Done {
        if (command.p1, command.p2) != (0, 0) {
            return Err(Word::WRONG_PARAMETERS);
        }
        match self.session.authentication.take() {
            None => Err(Word::CONDITIONS_NOT_SATISFIED),
            Some(Authentication::Pace { run, password }) => {
                self.step_pace(run, password, command.data)
            }
            Some(Authentication::Chip(run)) => self.authenticate_chip(run, command.data),
        }
    }

    fn step_pace(&mut self, mut run: Pace, password: PasswordKind, data: &[u8]) -> Done {
        match password {
            PasswordKind::Pin => self.may_try_pin()?,
            PasswordKind::Puk => self.may_try_puk()?,
            _ => {}
        }
        match run.stage() {
            Stage::Nonce if password == PasswordKind::Can => {
                self.slow_down(self.card.state.can_failures);
            }
            Stage::Authenticate => self.spend(password)?,
            _ => {}
        }
        let answer = match run.general_authenticate(data, &mut SysRng) {
            Ok(answer) => answer,
            // The try is spent whatever was wrong with the token.
            Err(Refusal::WrongToken) => return Err(self.wrong(password)),
            Err(refusal) => return Err(Word(refusal.status())),
        };
        match answer.channel {
            Some(messaging) => self.opened(messaging, password)?,
            None => self.session.authentication = Some(Authentication::Pace { run, password }),
        }
        Ok(Reply::data(answer.data))
    }

    /// Writes down, before the comparison, that it failed.
    fn spend(&mut self, password: PasswordKind) -> Result<(), Word> {
        match password {
            PasswordKind::Pin => self.spend_pin_try(),
            PasswordKind::Puk => self.spend_puk_try(),
            _ => self.write(|state| state.can_failures = state.can_failures.saturating_add(1)),
        }
    }

    fn wrong(&self, password: PasswordKind) -> Word {
        match password {
            PasswordKind::Pin => Word::tries(self.card.state.pin.tries),
            PasswordKind::Puk => Word::tries(self.card.state.puk_tries),
            _ => Word::VERIFICATION_FAILED,
        }
    }

    /// The password was right: its counter is as new, and the channel begins after the answer.
    fn opened(&mut self, messaging: Messaging, password: PasswordKind) -> Result<(), Word> {
        self.write(|state| match password {
            PasswordKind::Pin => state.pin.tries = PIN_TRIES,
            PasswordKind::Puk => state.puk_tries = PUK_TRIES,
            _ => state.can_failures = 0,
        })?;
        // What an older channel had verified ends with it; its keys protect one more answer.
        let before = self.session.channel.take();
        self.session = Session {
            channel: before,
            successor: Some(Successor {
                messaging,
                opened_by: Some(password),
            }),
            ..Session::default()
        };
        if password == PasswordKind::Pin {
            self.session.remember_pin();
        }
        Ok(())
    }

    /// MSE:SET AT for Chip Authentication.
    pub(super) fn set_chip_authentication(&mut self, data: &[u8]) -> Done {
        let cipher = self.card.pace_info().cipher();
        let run = ChipAuthentication::select(data, cipher).map_err(|e| Word(e.status()))?;
        self.session.authentication = Some(Authentication::Chip(run));
        Ok(Reply::success())
    }

    /// The channel gets new keys, which only the holder of the chip's key has. What was verified
    /// stays.
    fn authenticate_chip(&mut self, run: ChipAuthentication, data: &[u8]) -> Done {
        let key = self.card.chip_key().ok_or(Word::CONDITIONS_NOT_SATISFIED)?;
        let (messaging, answer) = run
            .agree(&key, data)
            .map_err(|refusal| Word(refusal.status()))?;
        self.session.successor = Some(Successor {
            messaging,
            opened_by: self.opened_by(),
        });
        Ok(Reply::data(answer))
    }

    /// The last try of the PIN may be taken here.
    pub(super) fn has_can_channel(&self) -> bool {
        self.opened_by() == Some(PasswordKind::Can)
    }

    /// The PUK is verified.
    pub(super) fn has_puk_channel(&self) -> bool {
        self.opened_by() == Some(PasswordKind::Puk)
    }

    fn opened_by(&self) -> Option<PasswordKind> {
        self.session.channel.as_ref()?.opened_by
    }
}
