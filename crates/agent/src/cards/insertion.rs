//! What is read from a card when it is put in: one transaction, in the background.

use std::{sync::Arc, time::Instant};

use lichna_apdu::Channel;
use lichna_card::{Atr, Card, Key, KeyRef, Profiles, Selected};
use lichna_ipc::Failure;
use lichna_pki::Certificate;
use lichna_reader::Leave;

use super::{
    failure::CardFault,
    meter::Tally,
    session::CardSession,
    view::{CardCertificate, CertificateRead, KnownCard},
};

/// Recognises the card, and reads the certificate of the key for logging in and the tries left
/// of its PIN. `None`: no profile knows it.
pub fn read(
    session: &mut CardSession,
    profiles: &Profiles,
    atr: &[u8],
    deadline: Instant,
) -> Result<Option<KnownCard>, Failure> {
    let atr = Atr::parse(atr).map_err(|error| Failure::CardMalformed {
        what: error.to_string(),
    })?;
    session.transaction(deadline, Leave::Keep, &Tally::default(), |channel| {
        let pinpad = channel.pinpad().is_some();
        let Some(profile) = profiles.recognise(channel, &atr)? else {
            return Ok(None);
        };
        let known = KnownCard::new(Arc::clone(&profile), pinpad);
        let mut card = Card::already_selected(channel, Arc::clone(&profile));
        if let Some(key) = profile.login_keys().next() {
            let certificate = certificate(&mut card, key.reference())?;
            known.read_certificate(key.reference(), certificate);
            if let Some(pin) = key.pin() {
                known.pin_is(Some(card.pin_status(pin)?));
            }
        }
        Ok(Some(known))
    })
}

/// Reads the certificates of these keys.
pub fn certificates(
    session: &mut CardSession,
    known: &KnownCard,
    keys: &[KeyRef],
    deadline: Instant,
    tally: &Tally,
) -> Result<(), Failure> {
    session.transaction(deadline, Leave::Keep, tally, |channel| {
        let mut card = Card::select(channel, Arc::clone(&known.profile))?;
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

/// The key that is meant: the one named so, or the first one for logging in.
///
/// # Errors
/// [`Failure::KeyUnknown`].
pub fn key<'a>(known: &'a KnownCard, name: Option<&str>) -> Result<&'a Key, Failure> {
    let found = match name {
        Some(name) => {
            let keys = known.profile.keys().iter();
            keys.into_iter()
                .find(|key| key.reference().to_string().eq_ignore_ascii_case(name))
        }
        None => known.profile.login_keys().next(),
    };
    found.ok_or_else(|| Failure::KeyUnknown {
        key: name.unwrap_or("authentication").to_owned(),
    })
}
