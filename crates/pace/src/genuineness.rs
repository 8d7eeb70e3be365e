//! Whether a card is genuine: its files are signed by a country, and it has the key that they name
//! (passive and chip authentication, ICAO 9303-11 §5.1 and §6.2).

use elliptic_curve::rand_core::TryCryptoRng;
use lichna_apdu::{
    Channel, ChannelError, Command, ExchangeError, Framing, Instruction, Status, exchange, tlv,
};
use thiserror::Error;
use time::OffsetDateTime;

use crate::security_infos::ID_PACE;
use crate::{
    Anchor, AnchorKind, ChipAuthenticationInfo, PaceError, SecureMessaging, SecurityInfo,
    SecurityInfos, SecurityObject, SecurityObjectError,
};

/// Data group 14: security options, ICAO 9303-10 §4.7.14.
const SECURITY_OPTIONS: u8 = 14;
/// Tag of its content.
pub(crate) const DATA_GROUP_14: u16 = 0x6E;
/// Tag of a SET: where the content stands without it.
const SET: u16 = 0x31;
/// EF.CardAccess by its short identifier, in P1 of READ BINARY.
const CARD_ACCESS: u8 = 0x80 | 0x1C;

/// What became of the question whether a card is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Genuineness {
    /// A country's authority stands behind it, and it is no copy.
    Genuine,
    /// A practice card, and no copy of one. It is never genuine.
    Practice,
    /// Nothing is wrong that could be seen, and nothing is proved.
    NotProven {
        /// What is missing.
        why: Doubt,
    },
    /// Something is wrong that is right on every genuine card.
    Forged {
        /// What is wrong.
        why: Forgery,
    },
}

/// Why a card is not proved genuine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Doubt {
    /// It has no EF.SOD, or no DG14.
    #[error("the card has no {file}")]
    NoFile {
        /// Which one it lacks.
        file: &'static str,
    },
    /// Its security object cannot be read, or relies on what is not known or trusted here.
    #[error(transparent)]
    SecurityObject(SecurityObjectError),
    /// DG14 cannot be read, or offers a Chip Authentication that is not spoken here.
    #[error(transparent)]
    DataGroup14(PaceError),
    /// Its files are signed, and nothing shows that they are not copied.
    #[error("the card has no chip authentication")]
    NoChipAuthentication,
    /// It offers Chip Authentication, and refused to run it.
    #[error("the card refused chip authentication")]
    Refused {
        /// What it said.
        status: Status,
    },
}

/// Why a card is not genuine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Forgery {
    /// Its security object was changed, or does not go with its files.
    #[error(transparent)]
    SecurityObject(SecurityObjectError),
    /// EF.CardAccess, which nobody signs, offers another PACE than DG14, which is signed: someone
    /// wants a weaker one to be used.
    #[error("downgrade: EF.CardAccess and DG14 do not offer the same PACE")]
    Downgrade,
    /// The chip does not have the private key that its files name: it is a copy.
    #[error("the chip does not have the key that its files name")]
    Copy,
}

/// The files of a card that say what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// EF.CardAccess as it was read before the channel; `None` when the card has none.
    pub card_access: Option<&'a [u8]>,
    /// EF.DG14; `None` when the card has none.
    pub data_group_14: Option<&'a [u8]>,
    /// EF.SOD; `None` when the card has none.
    pub security_object: Option<&'a [u8]>,
}

/// Signed files that name a key, which the chip has not shown yet that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    anchor: AnchorKind,
    chip: ChipAuthenticationInfo,
}

/// Answers the question: the files first, `at` that time, then the chip.
///
/// New keys for `messaging` come of it, or a channel where none stood. When the card is a forgery
/// the channel is dead, or is not to be used.
///
/// # Errors
/// [`PaceError`] when the card was lost on the way, or random numbers cannot be had: then nothing
/// is known.
pub fn check_genuine<R: TryCryptoRng + ?Sized>(
    channel: &mut dyn Channel,
    messaging: &mut Option<SecureMessaging>,
    evidence: &Evidence<'_>,
    (anchors, at): (&[Anchor], OffsetDateTime),
    rng: &mut R,
) -> Result<Genuineness, PaceError> {
    match evidence.examine(anchors, at) {
        Ok(vouched) => vouched.prove(channel, messaging, rng),
        Err(verdict) => Ok(verdict),
    }
}

impl Evidence<'_> {
    /// Passive authentication: who stands behind the files. The card is not asked.
    ///
    /// # Errors
    /// The verdict, when that is all there is to it: [`Genuineness::NotProven`] or
    /// [`Genuineness::Forged`].
    pub fn examine(&self, anchors: &[Anchor], at: OffsetDateTime) -> Result<Vouched, Genuineness> {
        let missing = |file| doubt(Doubt::NoFile { file });
        let signed = self.security_object.ok_or(missing("EF.SOD"))?;
        let options = self.data_group_14.ok_or(missing("DG14"))?;
        let signed = SecurityObject::parse(signed).map_err(of_security_object)?;
        let options =
            DataGroup14::parse(options).map_err(|error| doubt(Doubt::DataGroup14(error)))?;
        signed
            .check_data_group(SECURITY_OPTIONS, options.bytes)
            .map_err(of_security_object)?;
        let anchor = signed.verify(anchors, at).map_err(of_security_object)?;
        // From here on DG14 is what its maker wrote.
        if !options.offers_the_pace_of(self.card_access) {
            return Err(Genuineness::Forged {
                why: Forgery::Downgrade,
            });
        }
        let chip = ChipAuthenticationInfo::read(&options.infos)
            .map_err(|error| doubt(Doubt::DataGroup14(error)))?
            .ok_or_else(|| doubt(Doubt::NoChipAuthentication))?;
        Ok(Vouched { anchor, chip })
    }
}

impl Vouched {
    /// Chip Authentication, and one command more, whose answer is the proof.
    ///
    /// # Errors
    /// As [`check_genuine`].
    pub fn prove<R: TryCryptoRng + ?Sized>(
        self,
        channel: &mut dyn Channel,
        messaging: &mut Option<SecureMessaging>,
        rng: &mut R,
    ) -> Result<Genuineness, PaceError> {
        match self.chip.run(channel, messaging, rng) {
            Ok(()) => (),
            Err(PaceError::Refused { status, .. }) => return Ok(doubt(Doubt::Refused { status })),
            Err(error) => return Err(error),
        }
        let Some(messaging) = messaging else {
            return Ok(doubt(Doubt::NoChipAuthentication));
        };
        // Whatever the chip says to this, it says it with the new keys, or does not have them.
        let question = Command::new(Instruction::ReadBinary, CARD_ACCESS, 0).expect(1);
        match exchange(&mut messaging.over(channel), &question, Framing::Short) {
            Ok(_) => Ok(match self.anchor {
                AnchorKind::Country => Genuineness::Genuine,
                AnchorKind::Practice => Genuineness::Practice,
            }),
            Err(ExchangeError::Channel(ChannelError::SecureMessaging)) => {
                Ok(Genuineness::Forged { why: Forgery::Copy })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// EF.DG14: security infos that are signed.
struct DataGroup14<'a> {
    /// What the security object vouches for: the data object, without what follows it.
    bytes: &'a [u8],
    infos: SecurityInfos,
}

impl<'a> DataGroup14<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, PaceError> {
        let malformed = crate::SecurityInfosError::Der { offset: 0 };
        let split = tlv::split_first(file).map_err(|_| malformed.clone())?;
        let (tag, value, rest) = split;
        let bytes = file.strip_suffix(rest).unwrap_or_default();
        let infos = match tag {
            DATA_GROUP_14 => SecurityInfos::parse(value)?,
            SET => SecurityInfos::parse(bytes)?,
            _ => return Err(malformed.into()),
        };
        Ok(Self { bytes, infos })
    }

    /// Whether it has the same infos of PACE as EF.CardAccess.
    fn offers_the_pace_of(&self, card_access: Option<&[u8]>) -> bool {
        let unsigned = match card_access.map(SecurityInfos::parse) {
            None => SecurityInfos::default(),
            Some(Ok(infos)) => infos,
            Some(Err(_)) => return false,
        };
        let [signed, unsigned] = [&self.infos, &unsigned].map(|infos| {
            let pace = |info: &&SecurityInfo| info.arcs_below(&ID_PACE).is_some();
            infos.iter().filter(pace).collect::<Vec<_>>()
        });
        signed.iter().all(|info| unsigned.contains(info))
            && unsigned.iter().all(|info| signed.contains(info))
    }
}

const fn doubt(why: Doubt) -> Genuineness {
    Genuineness::NotProven { why }
}

/// What was changed is a forgery; what cannot be read, is not known or not trusted is a doubt.
fn of_security_object(error: SecurityObjectError) -> Genuineness {
    use SecurityObjectError as E;
    match error {
        E::DataGroupChanged { .. }
        | E::ContentChanged
        | E::WrongSignature
        | E::SignerNotIssued { .. }
        | E::NotASigner { .. } => Genuineness::Forged {
            why: Forgery::SecurityObject(error),
        },
        error => doubt(Doubt::SecurityObject(error)),
    }
}
