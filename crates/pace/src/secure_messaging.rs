//! Secure messaging, the terminal's side: a channel over a channel.

use lichna_apdu::{
    Channel, ChannelError, Command, Framing, Instruction, Interface, LONGEST_EXTENDED,
    LONGEST_SHORT, ReceivedCommand, Response, Status, tlv,
};
use zeroize::Zeroizing;

use crate::cipher::{BLOCK, Cipher, MAC};
use crate::session::{CHECKSUM, EXPECTED, Fault, Objects, Session};

/// Longest answer: the longest that a command can ask for, and what protects it.
const LONGEST_ANSWER: usize = 65_536 + 64;
/// Most data in a short command.
const LONGEST_SHORT_DATA: usize = 255;
/// Most data in an extended command.
const LONGEST_EXTENDED_DATA: usize = 65_535;
/// Most GET RESPONSE commands for one protected answer: [`LONGEST_ANSWER`] in pieces of 256.
const MOST_PIECES: usize = LONGEST_ANSWER / 256 + 2;
/// Bytes around the data of an extended command: header, Lc, Le.
const AROUND_EXTENDED: usize = 4 + 3 + 2;
/// Data objects 99 and 8E, which every answer has.
const STATUS_AND_CHECKSUM: usize = 4 + 2 + MAC;
/// Answer to bytes that are no command, or whose class cannot be protected, as a card's would be.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// The keys and the counter of a secure channel, kept from one transaction to the next.
///
/// [`over`](Self::over) lays it over a channel to the card. After a fault it is dead: every later
/// command fails with [`ChannelError::SecureMessaging`], and [`fault`](Self::fault) says why.
/// The keys are wiped when it is dropped, and when it dies.
pub struct SecureMessaging {
    session: Result<Session, Fault>,
    framing: Framing,
}

impl SecureMessaging {
    /// The channel of a shared secret, the first coordinate of the point that PACE or Chip
    /// Authentication agreed on, before its first message.
    #[must_use]
    pub fn derive(cipher: Cipher, shared: &[u8]) -> Self {
        Self::new(Session::derive(cipher, shared))
    }

    pub(crate) const fn new(session: Session) -> Self {
        Self {
            session: Ok(session),
            framing: Framing::Extended,
        }
    }

    /// The same for a card that takes only short commands, whatever the reader carries.
    #[must_use]
    pub const fn with_framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Which commands the card takes.
    pub(crate) const fn framing(&self) -> Framing {
        self.framing
    }

    /// Why the channel is dead; `None` while it stands.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.session.as_ref().err().copied()
    }

    /// A channel whose commands go over `inner`, protected.
    pub fn over<'a>(&'a mut self, inner: &'a mut dyn Channel) -> SecureChannel<'a> {
        SecureChannel {
            messaging: self,
            inner,
        }
    }

    /// Most bytes of answer that one command can bring over a channel of `longest_command` bytes
    /// without GET RESPONSE: what a card that cannot chain its answers may be asked for.
    #[must_use]
    pub const fn longest_answer(&self, longest_command: usize) -> usize {
        if self.extends(longest_command) {
            // Data object 87 with a length of four bytes, in whole blocks.
            longest_plain(65_536 - STATUS_AND_CHECKSUM - 6)
        } else {
            longest_plain(256 - STATUS_AND_CHECKSUM - 4)
        }
    }

    const fn extends(&self, longest_command: usize) -> bool {
        matches!(self.framing, Framing::Extended) && longest_command > LONGEST_SHORT
    }

    /// Longest plain command that, protected, fits a command of `longest` bytes.
    fn longest_plain_command(&self, longest: usize) -> usize {
        let (room, length, around) = if self.extends(longest) {
            let room = longest.saturating_sub(AROUND_EXTENDED);
            (room.min(LONGEST_EXTENDED_DATA), 3, AROUND_EXTENDED)
        } else {
            let room = longest.saturating_sub(6);
            (room.min(LONGEST_SHORT_DATA), 2, 6)
        };
        // Tag, length, padding indicator; the MAC. With Le, or without it and its data object.
        let room = room.saturating_sub(1 + length + 1 + 2 + MAC);
        let le = around - if around == AROUND_EXTENDED { 7 } else { 5 };
        let with_le = longest_plain(room.saturating_sub(2 + le)) + around;
        let without_le = longest_plain(room) + around - le;
        with_le.min(without_le)
    }

    /// Protects one command; nothing is sent, and nothing changes, when it does not fit.
    fn protect(
        &mut self,
        plain: ReceivedCommand<'_>,
        longest: usize,
    ) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let extends = self.extends(longest);
        let session = self.session()?;
        let before = session.counter();
        session.advance();
        let header = [
            protected_class(plain.class),
            plain.instruction,
            plain.p1,
            plain.p2,
        ];
        let odd = plain.instruction & 1 == 1;
        let mut objects = Zeroizing::new(session.encrypt(odd, plain.data));
        if let Some(expected) = plain.expected {
            objects.extend_from_slice(&tlv::encode(EXPECTED, &le(expected)));
        }
        let mac = session.mac(Some(header), &objects);
        objects.extend_from_slice(&tlv::encode(CHECKSUM, &mac));

        let answer = plain.expected.map_or(0, |expected| {
            (expected / BLOCK + 1) * BLOCK + 4 + STATUS_AND_CHECKSUM
        });
        let command = if objects.len() > LONGEST_SHORT_DATA || extends && answer > 256 {
            extended(header, &objects)
        } else {
            short(header, &objects)
        };
        if command.len() > longest || !extends && command.len() > LONGEST_SHORT {
            session.rewind(before);
            return Err(ChannelError::CommandTooLong {
                length: command.len(),
                longest,
            });
        }
        Ok(command)
    }

    /// Takes the protection off an answer: data, then SW1 SW2.
    fn unprotect(&mut self, answer: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let session = self.session.as_mut().map_err(|fault| *fault)?;
        session.advance();
        let (body, word) = answer.split_last_chunk::<2>().ok_or(Fault::TooShort)?;
        let outer = u16::from_be_bytes(*word);
        if body.is_empty() {
            return Err(Fault::NotProtected { status: outer });
        }
        let objects = Objects::parse(body)?;
        session.check(None, &objects)?;
        if objects.expected.is_some() {
            return Err(Fault::Malformed);
        }
        let protected = objects.status.ok_or(Fault::MissingStatus)?;
        if protected != outer {
            return Err(Fault::StatusDiffers { protected, outer });
        }
        let mut plain = match objects.cryptogram {
            Some(cryptogram) => session.decrypt(cryptogram)?,
            None => Zeroizing::new(Vec::new()),
        };
        // Grown in a buffer of its own, so that no unwiped copy stays behind.
        let mut whole = Zeroizing::new(Vec::with_capacity(plain.len() + 2));
        whole.append(&mut plain);
        whole.extend_from_slice(word);
        Ok(whole)
    }

    fn session(&mut self) -> Result<&mut Session, ChannelError> {
        self.session
            .as_mut()
            .map_err(|_| ChannelError::SecureMessaging)
    }

    fn die(&mut self, fault: Fault) {
        if self.session.is_ok() {
            self.session = Err(fault);
        }
    }
}

/// Secure messaging over another channel, for one transaction.
pub struct SecureChannel<'a> {
    messaging: &'a mut SecureMessaging,
    inner: &'a mut dyn Channel,
}

impl SecureChannel<'_> {
    /// Why the channel is dead; `None` while it stands.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.messaging.fault()
    }

    /// Sends a protected command and returns the whole protected answer.
    fn carry(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let answer = self.inner.transmit(command)?;
        if is_complete(&answer) {
            return Ok(answer);
        }
        // A channel of short commands carries a long protected answer in pieces, below secure
        // messaging (ISO/IEC 7816-4 §5.3.4): GET RESPONSE is plain, what it brings is checked
        // when it is whole. A protected 61xx is an answer of its own.
        let mut piece = parsed(answer)?;
        let mut whole = joined(&[], piece.data());
        for _ in 0..MOST_PIECES {
            let so_far = joined(&whole, &piece.word().to_be_bytes());
            let Status::MoreData(more) = piece.status() else {
                return Ok(so_far);
            };
            if is_complete(&so_far) {
                return Ok(so_far);
            }
            let get = Command::new(Instruction::GetResponse, 0, 0).expect(usize::from(more));
            let get = get
                .encode_short()
                .map_err(|_| ChannelError::SecureMessaging)?;
            piece = parsed(self.inner.transmit(&get)?)?;
            whole = joined(&whole, piece.data());
            // A card that announces more and brings nothing would go on for ever.
            let announces = matches!(piece.status(), Status::MoreData(_));
            if announces && piece.data().is_empty() || whole.len() > LONGEST_ANSWER {
                break;
            }
        }
        self.messaging.die(Fault::EndlessAnswer);
        Err(ChannelError::SecureMessaging)
    }
}

/// One piece of an answer; one that is shorter than a status word ends the channel later.
fn parsed(answer: Zeroizing<Vec<u8>>) -> Result<Response, ChannelError> {
    Response::parse(answer).ok_or(ChannelError::SecureMessaging)
}

impl Channel for SecureChannel<'_> {
    fn interface(&self) -> Interface {
        self.inner.interface()
    }

    fn longest_command(&self) -> usize {
        self.messaging
            .longest_plain_command(self.inner.longest_command())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let Ok(plain) = ReceivedCommand::parse(command) else {
            return Ok(Zeroizing::new(WRONG_LENGTH.to_vec()));
        };
        let longest = self.inner.longest_command().min(LONGEST_EXTENDED);
        let protected = self.messaging.protect(plain, longest)?;
        let answer = match self.carry(&protected) {
            Ok(answer) => answer,
            Err(error) => {
                // Whether the card counted the command is not known.
                self.messaging.die(Fault::NoAnswer);
                return Err(error);
            }
        };
        self.messaging.unprotect(&answer).map_err(|fault| {
            self.messaging.die(fault);
            ChannelError::SecureMessaging
        })
    }

    fn is_protected(&self) -> bool {
        true
    }
}

/// Whether an answer needs no GET RESPONSE below secure messaging.
fn is_complete(answer: &[u8]) -> bool {
    let Some((body, word)) = answer.split_last_chunk::<2>() else {
        return true;
    };
    let word = u16::from_be_bytes(*word);
    if !matches!(Status::from(word), Status::MoreData(_)) {
        return true;
    }
    Objects::parse(body).is_ok_and(|objects| objects.mac.is_some() && objects.status == Some(word))
}

fn joined(whole: &[u8], piece: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([whole, piece].concat())
}

/// Most bytes that, padded, fit `room`.
const fn longest_plain(room: usize) -> usize {
    (room / BLOCK * BLOCK).saturating_sub(1)
}

/// The class byte that says: secured by ISO/IEC 7816-4 §10, header authenticated.
const fn protected_class(class: u8) -> u8 {
    match class & 0xC0 {
        // Further interindustry classes have one bit for it.
        0x40 => class | 0x20,
        _ => class | 0x0C,
    }
}

/// Le as data object 97 holds it.
fn le(expected: usize) -> Vec<u8> {
    match u16::try_from(expected % 65_536).unwrap_or(0).to_be_bytes() {
        [0, low] if expected < 256 => vec![low],
        [1, 0] => vec![0],
        long => long.to_vec(),
    }
}

fn short(header: [u8; 4], data: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut command = Zeroizing::new(Vec::with_capacity(data.len() + 6));
    command.extend_from_slice(&header);
    command.extend(u8::try_from(data.len()));
    command.extend_from_slice(data);
    command.push(0);
    command
}

fn extended(header: [u8; 4], data: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = u16::try_from(data.len());
    let mut command = Zeroizing::new(Vec::with_capacity(data.len() + AROUND_EXTENDED));
    command.extend_from_slice(&header);
    command.push(0);
    command.extend_from_slice(&length.unwrap_or(0).to_be_bytes());
    command.extend_from_slice(data);
    command.extend_from_slice(&[0, 0]);
    command
}
