//! Secure messaging, the card's side.

use lichna_apdu::{ReceivedCommand, tlv};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::session::{CHECKSUM, Fault, Objects, STATUS, Session};

/// The card's end of a secure channel. It is over after a fault; the keys are wiped then.
pub struct Messaging {
    session: Result<Session, Fault>,
    /// Whether the command that is being answered has an odd INS: its data is in BER-TLV.
    odd: bool,
}

/// Why a command was not taken. The channel is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the command is refused by secure messaging: {fault}")]
pub struct OpenError {
    /// What was wrong.
    pub fault: Fault,
}

impl OpenError {
    /// SW1 SW2 for it, to be sent without protection: 6988, or 6987 when there is no MAC.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self.fault {
            Fault::MissingMac | Fault::PlainCommand => 0x6987,
            _ => 0x6988,
        }
    }
}

impl Messaging {
    /// The channel of a shared secret, the first coordinate of the point that PACE or Chip
    /// Authentication agreed on, before its first message.
    #[must_use]
    pub fn derive(cipher: Cipher, shared: &[u8]) -> Self {
        Self::new(Session::derive(cipher, shared))
    }

    pub(crate) const fn new(session: Session) -> Self {
        Self {
            session: Ok(session),
            odd: false,
        }
    }

    /// Why the channel is closed; `None` while it stands.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.session.as_ref().err().copied()
    }

    /// Whether a command with this class byte claims to be protected.
    #[must_use]
    pub const fn is_protected(class: u8) -> bool {
        match class & 0xC0 {
            0x40 => class & 0x20 != 0,
            _ => class & 0x0C == 0x0C,
        }
    }

    /// Checks a protected command and returns the plain one in it, as bytes, class without the
    /// bits of secure messaging. Short where Lc and Le allow, as they stand in the data objects.
    ///
    /// # Errors
    /// [`OpenError`]: the channel is closed, then and for ever after.
    pub fn open(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.take(command).map_err(|fault| {
            let fault = self.fault().unwrap_or(fault);
            self.session = Err(fault);
            OpenError { fault }
        })
    }

    fn take(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let session = self.session.as_mut().map_err(|fault| *fault)?;
        let command = ReceivedCommand::parse(command).map_err(|_| Fault::Malformed)?;
        if !Self::is_protected(command.class) {
            return Err(Fault::PlainCommand);
        }
        session.advance();
        let objects = Objects::parse(command.data)?;
        session.check(Some(command.header()), &objects)?;
        if objects.status.is_some() {
            return Err(Fault::Malformed);
        }
        let plain = match objects.cryptogram {
            Some(cryptogram) => session.decrypt(cryptogram)?,
            None => Zeroizing::new(Vec::new()),
        };
        self.odd = command.instruction & 1 == 1;
        encode(&command, &plain, objects.expected)
    }

    /// Protects the answer to the command that was opened last: data object 87 (85 when INS is
    /// odd), 99 and 8E, then SW1 SW2. Nothing but the status word when the channel is closed.
    pub fn protect(&mut self, data: &[u8], status: u16) -> Zeroizing<Vec<u8>> {
        let word = status.to_be_bytes();
        let Ok(session) = self.session.as_mut() else {
            return Zeroizing::new(word.to_vec());
        };
        session.advance();
        let mut answer = Zeroizing::new(session.encrypt(self.odd, data));
        answer.extend_from_slice(&tlv::encode(STATUS, &word));
        let mac = session.mac(None, &answer);
        answer.extend_from_slice(&tlv::encode(CHECKSUM, &mac));
        answer.extend_from_slice(&word);
        answer
    }
}

/// The plain command: short when its data and Le are.
fn encode(
    command: &ReceivedCommand<'_>,
    data: &[u8],
    expected: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let (le, long) = match expected {
        None => (None, false),
        Some([low]) => (Some([0, *low]), false),
        Some([high, low]) => (Some([*high, *low]), true),
        Some(_) => return Err(Fault::Malformed),
    };
    let class = match command.class & 0xC0 {
        0x40 => command.class & !0x20,
        _ => command.class & !0x0C,
    };
    let mut plain = Zeroizing::new(Vec::with_capacity(data.len() + 9));
    plain.extend_from_slice(&[class, command.instruction, command.p1, command.p2]);
    let length = u16::try_from(data.len()).map_err(|_| Fault::Malformed)?;
    let [high, low] = length.to_be_bytes();
    if high > 0 || long {
        // One byte of Le says 256 with 00; two say it with 0100.
        let le = le.map(|le| if !long && le == [0, 0] { [1, 0] } else { le });
        plain.push(0);
        if length > 0 {
            plain.extend_from_slice(&[high, low]);
            plain.extend_from_slice(data);
        }
        plain.extend(le.into_iter().flatten());
    } else {
        if length > 0 {
            plain.push(low);
            plain.extend_from_slice(data);
        }
        plain.extend(le.map(|[_, low]| low));
    }
    Ok(plain)
}
