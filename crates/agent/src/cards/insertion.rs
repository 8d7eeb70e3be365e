//! What is read from a card: when it is put in, in the background; and once more inside its secure
//! channel, where it wants one before it tells anything.

use std::{sync::Arc, time::Instant};

use lichna_apdu::{Channel, Interface};
use lichna_card::{
    Atr, Card, Key, KeyRef, KeyRole, PinRef, PinRole, PinRules, Profiles, Selected,
    read_card_access,
};
use lichna_ipc::Failure;
use lichna_pki::Certificate;

use super::{
    failure::CardFault,
    meter::Tally,
    session::{CardSession, Held, Terms},
    view::{CardCertificate, CertificateRead, KnownCard},
};

/// Recognises the card, and reads the certificate of the key for logging in and the tries left
/// of its PIN. `None`: no profile knows it.
///
/// Over the radio a card with PACE is asked for EF.CardAccess and nothing else; what it is, its
/// ATR says. Req 15.2, 15.3.
pub fn read(
    session: &mut CardSession,
    profiles: &Profiles,
    atr: &[u8],
    deadline: Instant,
) -> Result<Option<KnownCard>, Failure> {
    let atr = Atr::parse(atr).map_err(|error| Failure::CardMalformed {
        what: error.to_string(),
    })?;
    let tally = Tally::default();
    session.plain(&Terms::keeping(deadline, &tally), &mut |held| {
        let channel = held.channel();
        let pinpad = channel.pinpad().is_some();
        if channel.interface() == Interface::Contactless {
            match sealed(channel, profiles, &atr)? {
                Seal::None => {}
                Seal::Known(known) => return Ok(Some(*known)),
                Seal::Unknown => return Ok(None),
            }
        }
        let Some(profile) = profiles.recognise(channel, &atr)? else {
            return Ok(None);
        };
        held.is_selected();
        let known = KnownCard::new(profile, pinpad);
        learn(held, &known)?;
        Ok(Some(known))
    })
}

/// Whether a card wants a channel before anything else.
enum Seal {
    /// No.
    None,
    /// Yes, and a profile knows it by its ATR.
    Known(Box<KnownCard>),
    /// Yes, and none does.
    Unknown,
}

fn sealed(channel: &mut dyn Channel, profiles: &Profiles, atr: &Atr) -> Result<Seal, CardFault> {
    let by_atr = profiles.by_atr_alone(atr, Interface::Contactless);
    let access = read_card_access(channel)?;
    Ok(match (by_atr, access) {
        (Some(profile), Some(access)) => {
            Seal::Known(Box::new(KnownCard::sealed(Arc::clone(profile), access)))
        }
        (Some(_), None) => {
            return Err(Failure::PaceUnsupported {
                what: "a card without EF.CardAccess".into(),
            }
            .into());
        }
        (None, Some(_)) => Seal::Unknown,
        (None, None) => Seal::None,
    })
}

/// Reads inside the channel what could not be read before: which keys are current, the number of
/// the card, the certificate for logging in, the tries left.
///
/// # Errors
/// Why the channel was not opened, or what the card said.
pub fn read_inside(
    session: &mut CardSession,
    known: &KnownCard,
    deadline: Instant,
    tally: &Tally,
) -> Result<(), Failure> {
    session.transaction(known, &Terms::keeping(deadline, tally), |held| {
        learn(held, known)
    })
}

/// What every card is asked that may be asked at all.
fn learn(held: &mut Held<'_>, known: &KnownCard) -> Result<(), CardFault> {
    let mut card = held.card(known)?;
    if !known.is_read() {
        if known.profile().number_is_apart() {
            number(&mut card, known)?;
        }
        if let Some(cia) = card.read_cia()? {
            known.is_described_by(Arc::new(known.profile().refined(&cia)));
            if cia.has_chain() {
                known.has_chain(chain(&mut card)?);
            }
        }
    }
    let mut card = held.card(known)?;
    let profile = Arc::clone(known.profile());
    let key = profile.login_keys().next();
    if let Some(key) = key.filter(|key| known.certificate(key.reference()).is_none()) {
        let certificate = certificate(&mut card, key.reference())?;
        known.read_certificate(key.reference(), certificate);
    }
    // A card without a certificate has a PIN all the same.
    let pins = profile.pins().iter();
    let mut pins = pins.filter(|rules| rules.role() == PinRole::User);
    let pin = key
        .and_then(Key::pin)
        .or_else(|| pins.next().map(PinRules::reference));
    if let Some(pin) = pin {
        known.pin_is(Some(card.pin_status(pin)?));
    }
    known.was_read();
    Ok(())
}

/// Reads the number of a card that was not asked for it when it was put in.
pub fn read_number(
    session: &mut CardSession,
    known: &KnownCard,
    deadline: Instant,
    tally: &Tally,
) -> Result<(), Failure> {
    session.transaction(known, &Terms::keeping(deadline, tally), |held| {
        number(&mut held.card(known)?, known)
    })
}

fn number(card: &mut Card<'_, Selected>, known: &KnownCard) -> Result<(), CardFault> {
    if let Some(number) = card.read_card_number()? {
        known.is_numbered(number);
    }
    Ok(())
}

/// Reads the certificates of these keys.
pub fn certificates(
    session: &mut CardSession,
    known: &KnownCard,
    keys: &[KeyRef],
    deadline: Instant,
    tally: &Tally,
) -> Result<(), Failure> {
    session.transaction(known, &Terms::keeping(deadline, tally), |held| {
        let mut card = held.card(known)?;
        for key in keys {
            let certificate = certificate(&mut card, *key)?;
            known.read_certificate(*key, certificate);
        }
        Ok(())
    })
}

/// Reads one certificate. That it cannot be understood is a result; that the card cannot be
/// reached is an error.
fn certificate(card: &mut Card<'_, Selected>, key: KeyRef) -> Result<CertificateRead, CardFault> {
    let der = match card.read_certificate(key) {
        Ok(Some(der)) => der,
        Ok(None) => return Ok(Ok(None)),
        Err(error @ lichna_card::CardError::Malformed { .. }) => {
            return Ok(Err(Failure::CertificateUnreadable {
                key: key.to_string(),
                reason: error.to_string(),
            }));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(match Certificate::parse(&der) {
        Ok(parsed) => Ok(Some(Arc::new(CardCertificate { der, parsed }))),
        Err(error) => Err(Failure::CertificateUnreadable {
            key: key.to_string(),
            reason: error.to_string(),
        }),
    })
}

/// Reads the authorities above the card's certificates. That they cannot be understood keeps nobody
/// from his card. Req 14.1.8.
fn chain(card: &mut Card<'_, Selected>) -> Result<Vec<Certificate>, CardFault> {
    let chain = match card.read_chain() {
        Ok(chain) => chain,
        Err(error @ lichna_card::CardError::Malformed { .. }) => {
            tracing::warn!(%error, "the authorities on the card are left out");
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let parsed = chain.iter().map(|der| Certificate::parse(der));
    Ok(parsed
        .filter_map(|one| {
            one.inspect_err(|error| tracing::warn!(%error, "an authority on the card is left out"))
                .ok()
        })
        .collect())
}

/// The key that is meant: the one named so, or the first one for logging in.
///
/// # Errors
/// [`Failure::KeyUnknown`]; without a name, [`Failure::CertificateMissing`].
pub fn key<'a>(known: &'a KnownCard, name: Option<&str>) -> Result<&'a Key, Failure> {
    let profile = known.profile();
    let Some(name) = name else {
        let key = profile.login_keys().next();
        return key.ok_or_else(|| missing(KeyRole::Authentication));
    };
    let mut keys = profile.keys().iter();
    let found = keys.find(|key| key.reference().to_string().eq_ignore_ascii_case(name));
    found.ok_or_else(|| Failure::KeyUnknown {
        key: name.to_owned(),
    })
}

/// The key that the card uses for this, and the PIN that opens it.
///
/// # Errors
/// [`Failure::CertificateMissing`].
pub fn current(known: &KnownCard, role: KeyRole) -> Result<(&Key, PinRef), Failure> {
    let key = known.profile().current(role).ok_or_else(|| missing(role))?;
    Ok((key, key.pin().ok_or_else(|| missing(role))?))
}

/// A card that nothing was issued to uses none of its keys.
fn missing(role: KeyRole) -> Failure {
    Failure::CertificateMissing {
        key: match role {
            KeyRole::Signature => "signing".into(),
            _ => "authentication".into(),
        },
    }
}
