//! Whether a card is what its issuer made: its signed files, and the key that its chip proves to
//! have. Req 15.3.

use lichna_apdu::{Channel, Framing};
use lichna_pace::{
    Anchor, Evidence, Genuineness, LONGEST_SECURITY_OBJECT, SecureMessaging, TryCryptoRng,
};
use time::OffsetDateTime;

use crate::{
    CardAccess, CardError, Profile, dialect::iso7816::files, profile::GenuineFiles,
    session::Session,
};

/// EF.CardAccess, by its path from the MF (ICAO 9303-10 §3.11.3).
const CARD_ACCESS: [u8; 2] = [0x01, 0x1C];
/// Longest EF.DG14 and EF.CardAccess that are read, in bytes.
const LONGEST: usize = 4096;

/// Reads a card's signed files and has its chip prove its key: four commands and more for reading,
/// three for the proof.
///
/// `card_access` is what was read before the channel was opened; without it, it is read now. When
/// the chip proved its key, `messaging` has new keys, or is a channel where none stood; what was
/// verified stays. The card's application has to be selected again afterwards. A card of a
/// practice profile is never genuine.
///
/// # Errors
/// [`CardError::NotInProfile`] for cards that have no such proof; [`CardError`] when the card was
/// lost on the way. What is wrong with the card is the [`Genuineness`].
pub fn check_genuine<R: TryCryptoRng + ?Sized>(
    channel: &mut dyn Channel,
    messaging: &mut Option<SecureMessaging>,
    profile: &Profile,
    card_access: Option<&CardAccess>,
    (anchors, at): (&[Anchor], OffsetDateTime),
    rng: &mut R,
) -> Result<Genuineness, CardError> {
    let places = profile
        .genuine()
        .ok_or(CardError::NotInProfile { what: "proof" })?;
    let known = card_access.map(|known| known.as_bytes().to_vec());
    let files = match messaging {
        Some(messaging) => Files::read(&mut messaging.over(channel), profile, places, known)?,
        None => Files::read(channel, profile, places, known)?,
    };
    let evidence = Evidence {
        card_access: files.card_access.as_deref(),
        data_group_14: files.data_group_14.as_deref(),
        security_object: files.security_object.as_deref(),
    };
    let verdict = lichna_pace::check_genuine(channel, messaging, &evidence, (anchors, at), rng)?;
    Ok(match verdict {
        Genuineness::Genuine if profile.is_practice() => Genuineness::Practice,
        verdict => verdict,
    })
}

/// What the card has to show.
struct Files {
    card_access: Option<Vec<u8>>,
    data_group_14: Option<Vec<u8>>,
    security_object: Option<Vec<u8>>,
}

impl Files {
    fn read(
        channel: &mut dyn Channel,
        profile: &Profile,
        places: &GenuineFiles,
        card_access: Option<Vec<u8>>,
    ) -> Result<Self, CardError> {
        let mut framing: Framing = profile.framing();
        let mut session = Session {
            channel,
            profile,
            framing: &mut framing,
        };
        Ok(Self {
            card_access: match card_access {
                Some(known) => Some(known),
                None => files::read_object(&mut session, &CARD_ACCESS, LONGEST)?,
            },
            data_group_14: files::read_object(&mut session, places.chip_authentication(), LONGEST)?,
            security_object: files::read_object(
                &mut session,
                places.security_object(),
                LONGEST_SECURITY_OBJECT,
            )?,
        })
    }
}
