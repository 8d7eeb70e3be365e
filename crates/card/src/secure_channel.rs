//! The secure channel of a card: PACE before anything else is said to it. Req 15.2, 15.3.
//!
//! Over the radio anyone near may speak to a card, so what it may be asked there is its
//! EF.CardAccess, which is the same on all such cards; then the holder's CAN opens the channel.

use lichna_apdu::{Channel, Command, Framing, Instruction, Response, Status, exchange, tlv};
use lichna_pace::{
    Pace, PaceError, PaceInfo, Password, PasswordKind, SecureMessaging, SecurityInfos, TryCryptoRng,
};

use crate::{CardError, LastTry};

/// P1 of READ BINARY: short file identifier 1C, EF.CardAccess (ICAO 9303-11 §9.2.11).
const CARD_ACCESS: u8 = 0x80 | 0x1C;
/// Longest EF.CardAccess that is read, in bytes: real ones have 20 to 200.
const LONGEST: usize = 2048;
const WHAT: &str = "EF.CardAccess";

/// EF.CardAccess: which PACE a card speaks. It is not signed; EF.DG14 repeats it, and is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardAccess {
    // INVARIANT: what `infos` was read from.
    bytes: Vec<u8>,
    infos: SecurityInfos,
}

impl CardAccess {
    /// Reads its content.
    ///
    /// # Errors
    /// [`CardError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CardError> {
        let (_, _, rest) = tlv::split_first(bytes).map_err(CardError::tlv(WHAT))?;
        // What follows fills the file up.
        let bytes = bytes.strip_suffix(rest).unwrap_or(bytes);
        let infos = SecurityInfos::parse(bytes).map_err(|_| CardError::malformed(WHAT))?;
        Ok(Self {
            bytes: bytes.to_vec(),
            infos,
        })
    }

    /// The bytes of the file, without what fills it up.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    #[must_use]
    pub const fn infos(&self) -> &SecurityInfos {
        &self.infos
    }

    /// The best PACE in it that is spoken here.
    ///
    /// # Errors
    /// [`CardError::ChannelUnsupported`] names what the card wants instead.
    pub fn pace(&self) -> Result<PaceInfo, CardError> {
        self.infos.pace().map_err(CardError::from)
    }
}

/// Reads EF.CardAccess: one command, the only one that is sent to a strange card over the radio.
/// `None`: the card has none, so it speaks no PACE.
///
/// The card must have been reset, or its MF be current.
///
/// # Errors
/// [`CardError`] when the card gives no answer, [`CardError::Malformed`] when the file is none.
pub fn read_card_access(channel: &mut dyn Channel) -> Result<Option<CardAccess>, CardError> {
    let mut bytes = Vec::new();
    let first = Command::new(Instruction::ReadBinary, CARD_ACCESS, 0x00).expect(256);
    let mut next = Some(first);
    while let Some(command) = next.take() {
        // Short: whether the card takes extended commands is not known before it is recognised.
        let response = exchange(channel, &command, Framing::Short)?;
        match response.status() {
            Status::Success | Status::Warning(_) => {}
            _ if bytes.is_empty() => return Ok(None),
            _ => return Err(CardError::malformed(WHAT)),
        }
        bytes.extend_from_slice(response.data());
        next = rest_of(&bytes, &response)?;
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    CardAccess::parse(&bytes).map(Some)
}

/// The command for what is still missing of the file; `None` when all of it is there.
fn rest_of(bytes: &[u8], last: &Response) -> Result<Option<Command>, CardError> {
    let Err(tlv::TlvError::CutOff { announced, .. }) = tlv::split_first(bytes) else {
        return Ok(None);
    };
    if announced > LONGEST || last.data().is_empty() {
        return Err(CardError::malformed(WHAT));
    }
    let offset = u16::try_from(bytes.len()).map_err(|_| CardError::malformed(WHAT))?;
    let [high, low] = offset.to_be_bytes();
    Ok(Some(
        Command::new(Instruction::ReadBinary, high, low).expect(256),
    ))
}

/// Opens a secure channel with PACE: one MSE:SET AT and four GENERAL AUTHENTICATE. The last try of
/// a PIN or a PUK is not spent: see [`open_channel_spending`].
///
/// What comes back is kept by whoever holds the card, and lent a channel for each task:
/// [`SecureMessaging::over`].
///
/// # Errors
/// [`CardError::CanWrong`], [`CardError::WrongPin`], [`CardError::PinSuspended`],
/// [`CardError::PinBlocked`], [`CardError::PinNotActivated`], [`CardError::PukWrong`],
/// [`CardError::PukBlocked`] by the password that was given;
/// [`CardError::ChannelUnsupported`], [`CardError::ChannelRefused`] and others.
pub fn open_channel<R: TryCryptoRng + ?Sized>(
    channel: &mut dyn Channel,
    card_access: &CardAccess,
    password: Password<'_>,
    rng: &mut R,
) -> Result<SecureMessaging, CardError> {
    open_channel_spending(channel, card_access, password, LastTry::Refuse, rng)
}

/// As [`open_channel`]; `policy` says whether the last try of a PIN or a PUK may be spent.
///
/// # Errors
/// As [`open_channel`], and [`CardError::LastTryRefused`].
pub fn open_channel_spending<R: TryCryptoRng + ?Sized>(
    channel: &mut dyn Channel,
    card_access: &CardAccess,
    password: Password<'_>,
    policy: LastTry,
    rng: &mut R,
) -> Result<SecureMessaging, CardError> {
    let info = card_access.pace()?;
    let pace = Pace::select(channel, &info, password.kind())?;
    let tries_left = pace.tries_left();
    if tries_left == Some(1) && policy == LastTry::Refuse {
        // TR-03110-2 §2.4.2.3: the last try of a PIN is for whoever has given the CAN.
        return Err(match password.kind() {
            PasswordKind::Pin if !channel.is_protected() => CardError::PinSuspended,
            _ => CardError::LastTryRefused { tries_left },
        });
    }
    let agreed = pace
        .read_nonce(channel, password)?
        .map(channel, rng)?
        .agree(channel, rng)?;
    Ok(agreed.authenticate(channel)?)
}

impl From<PaceError> for CardError {
    fn from(error: PaceError) -> Self {
        match error {
            PaceError::Exchange(error) => Self::Exchange(error),
            PaceError::Unsupported { what } => Self::ChannelUnsupported { what },
            PaceError::WrongPassword { kind, tries_left } => match kind {
                PasswordKind::Pin => Self::WrongPin {
                    retries_left: tries_left,
                },
                PasswordKind::Puk => Self::PukWrong {
                    retries_left: tries_left,
                },
                _ => Self::CanWrong,
            },
            PaceError::Blocked {
                kind: PasswordKind::Pin,
            } => Self::PinBlocked,
            PaceError::Blocked {
                kind: PasswordKind::Puk,
            } => Self::PukBlocked,
            PaceError::Suspended {
                kind: PasswordKind::Pin,
            } => Self::PinSuspended,
            PaceError::NotActivated {
                kind: PasswordKind::Pin,
            } => Self::PinNotActivated,
            other => Self::ChannelRefused(other),
        }
    }
}
