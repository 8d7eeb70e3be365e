//! What is done with the card of a task, a transaction each.
//!
//! The authority proves itself to the card, through this computer, for one transaction at a time,
//! after which the card is reset: between two of them nobody can write to it. Req 14.1.5

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{
    Administrator, Card, CardError, Challenge, Key, KeyAlgorithm, KeyRef, KeyRole, Personalisation,
    Personalising, PinStatus, Profile, Renewal,
};
use lichna_ipc::Failure;
use lichna_secret::Pin;

use super::record::Pair;
use crate::cards::{CardFault, CardSession, Chosen, KnownCard, Tally, Terms, insertion};

/// How long the card may take for what it is asked.
const CARD: Duration = Duration::from_secs(20);
/// How long it may take to make two keys: RSA takes some half a minute.
const MAKING: Duration = Duration::from_secs(180);

/// Whether such a card is personalised by an authority elsewhere, which knows it by its number.
/// From then on the number is known.
///
/// # Errors
/// [`Failure::CardPersonalisedByPin`], [`Failure::CardNotPersonalisable`],
/// [`Failure::CardNumberMissing`].
pub async fn personalisable(chosen: &Chosen) -> Result<(), Failure> {
    match chosen.known.profile().personalisation() {
        Some(Personalisation::Challenge { .. } | Personalisation::ManagementKey { .. }) => {}
        Some(Personalisation::Pin(_)) => {
            return Err(Failure::CardPersonalisedByPin {
                reader: chosen.thread.reader().to_owned(),
            });
        }
        _ => return Err(not_personalisable(chosen, "its profile does not say how")),
    }
    learn_number(chosen).await?;
    number(chosen).map(|_| ())
}

/// Asks the card for its number, where it was not asked yet.
///
/// # Errors
/// What the card said.
pub async fn learn_number(chosen: &Chosen) -> Result<(), Failure> {
    if chosen.known.number().is_some() {
        return Ok(());
    }
    let deadline = Instant::now() + CARD;
    let known = Arc::clone(&chosen.known);
    let tally = Tally::default();
    let job =
        move |session: &mut CardSession| insertion::read_number(session, &known, deadline, &tally);
    chosen.thread.run(deadline, job).await
}

/// Number of the card.
///
/// # Errors
/// [`Failure::CardNumberMissing`] when it has none.
pub fn number(chosen: &Chosen) -> Result<String, Failure> {
    let number = chosen.known.number();
    let missing = || Failure::CardNumberMissing {
        reader: chosen.thread.reader().to_owned(),
    };
    number.map(str::to_owned).ok_or_else(missing)
}

fn not_personalisable(chosen: &Chosen, reason: &str) -> Failure {
    Failure::CardNotPersonalisable {
        reader: chosen.thread.reader().to_owned(),
        reason: reason.to_owned(),
    }
}

/// Whether the card has a certificate for logins, as far as it was read.
pub fn has_certificates(known: &KnownCard) -> bool {
    let profile = known.profile();
    let is_empty = |key: &Key| matches!(known.certificate(key.reference()), Some(Ok(None)));
    profile.login_keys().any(|key| !is_empty(key))
}

/// Whether new keys find places beside those that the card uses. Else they overwrite them.
pub fn has_spares(chosen: &Chosen) -> bool {
    chosen.known.profile().renewal() == Some(&Renewal::Spare)
}

/// Whether there are certificates in the places where the new keys go.
///
/// # Errors
/// What the card said; as [`places`].
pub async fn overwrites(chosen: &Chosen, tally: &Tally) -> Result<bool, Failure> {
    if has_spares(chosen) {
        return Ok(false);
    }
    let (there, _) = read(chosen, tally, places(chosen)?).await?;
    Ok(there.each().any(|(_, one)| one.is_some()))
}

/// The places for new keys: those that the card does not use; on a card with one place for each
/// key, that one.
///
/// # Errors
/// [`Failure::CardNotPersonalisable`] when there is none.
pub fn places(chosen: &Chosen) -> Result<Pair<KeyRef>, Failure> {
    let profile = chosen.known.profile();
    Ok(Pair::both(
        place(chosen, profile, KeyRole::Authentication)?,
        place(chosen, profile, KeyRole::Signature)?,
    ))
}

fn place(chosen: &Chosen, profile: &Profile, role: KeyRole) -> Result<KeyRef, Failure> {
    let of_role = || profile.keys().iter().filter(|key| key.role() == role);
    let free = match profile.current(role) {
        Some(used) => {
            let itself = used.generate().then(|| used.reference());
            used.spare().or(itself)
        }
        None => of_role().find(|key| key.generate()).map(Key::reference),
    };
    free.ok_or_else(|| not_personalisable(chosen, "it has no free place for a key"))
}

/// What the new keys are to be: as wanted, else P-256, else the first that all can be, of what the
/// authority certifies; where it does not say, all.
///
/// # Errors
/// [`Failure::KeyAlgorithmNotOffered`], [`Failure::KeyAlgorithmNotCertified`].
pub fn algorithm(
    chosen: &Chosen,
    places: &Pair<KeyRef>,
    wanted: Option<&str>,
    certified: &[String],
) -> Result<KeyAlgorithm, Failure> {
    let profile = chosen.known.profile();
    let of = |key: KeyRef| {
        let key = profile.key(key);
        key.map_or(&[][..], Key::algorithms)
    };
    let one = places.each().next().map_or(&[][..], |(_, key)| of(*key));
    let fits = |kind: &KeyAlgorithm| places.each().all(|(_, key)| of(*key).contains(kind));
    let fit = || one.iter().copied().filter(fits);
    let is_certified = |kind: &KeyAlgorithm| {
        certified.is_empty() || certified.iter().any(|one| one == kind.name())
    };
    let offered = match wanted {
        Some(name) => fit().find(|kind| kind.name() == name),
        None => fit()
            .filter(is_certified)
            .find(|kind| *kind == KeyAlgorithm::EcP256)
            .or_else(|| fit().find(is_certified))
            .or_else(|| fit().next()),
    };
    let algorithm = wanted.unwrap_or("ec-p256").to_owned();
    match offered {
        Some(found) if is_certified(&found) => Ok(found),
        Some(_) => Err(Failure::KeyAlgorithmNotCertified { algorithm }),
        None => Err(Failure::KeyAlgorithmNotOffered { algorithm }),
    }
}

/// What kind of key a name in a record stands for.
///
/// # Errors
/// [`Failure::KeyAlgorithmNotOffered`].
pub fn named(chosen: &Chosen, name: &str) -> Result<KeyAlgorithm, Failure> {
    let keys = chosen.known.profile().keys().iter();
    let mut kinds = keys.flat_map(|key| key.algorithms().iter().copied());
    kinds
        .find(|kind| kind.name() == name)
        .ok_or_else(|| Failure::KeyAlgorithmNotOffered {
            algorithm: name.to_owned(),
        })
}

/// Asks the card for a challenge, and leaves it as it is: it waits for the answer.
///
/// # Errors
/// What the card said.
pub async fn challenge(chosen: &Chosen, tally: &Tally) -> Result<Challenge, Failure> {
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let job = move |session: &mut CardSession| {
        session.transaction(&known, &Terms::keeping(deadline, &tally), |held| {
            Ok(held.card(&known)?.challenge()?)
        })
    };
    chosen.thread.run(deadline, job).await
}

/// Gives the card the answer, and has it do this with the right that it gives; then it is reset.
/// `None`: the card does not remember the challenge, because another program spoke to it.
///
/// # Errors
/// [`Failure::CarrierKeyDiffers`], or what else the card said.
pub async fn with_answer<T: Send + 'static>(
    chosen: &Chosen,
    tally: &Tally,
    (challenge, answer): (Challenge, Vec<u8>),
    mut work: impl FnMut(&mut Card<'_, Personalising>) -> Result<T, CardFault> + Send + 'static,
) -> Result<Option<T>, Failure> {
    let deadline = Instant::now() + MAKING;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let job = move |session: &mut CardSession| {
        session.transaction(&known, &Terms::resetting(deadline, &tally), |held| {
            if held.again() {
                return Ok(None);
            }
            // A command in between would make the card forget what it asked.
            held.is_selected();
            let mut card = held.card(&known)?;
            let administrator = Administrator::Answer {
                challenge: &challenge,
                answer: &answer,
            };
            let administrated = card.authenticate_administrator(&administrator);
            let mut card = match administrated {
                Ok(card) => card,
                Err(CardError::AdministratorRefused { .. }) => {
                    return Err(CardFault::Failure(Failure::CarrierKeyDiffers {
                        card: known.number().unwrap_or_default().to_owned(),
                    }));
                }
                Err(CardError::CardRefused { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            work(&mut card).map(Some)
        })
    };
    match chosen.thread.run(deadline, job).await {
        // The channel, and what the card asked in it, is gone; another one is opened.
        Err(Failure::ChannelInterrupted | Failure::CardReset) => Ok(None),
        done => done,
    }
}

/// The certificates in these places, as they are on the card; and whether the card uses them.
///
/// # Errors
/// What the card said.
pub async fn read(
    chosen: &Chosen,
    tally: &Tally,
    places: Pair<KeyRef>,
) -> Result<(Pair<Option<Vec<u8>>>, bool), Failure> {
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let job = move |session: &mut CardSession| {
        session.transaction(&known, &Terms::keeping(deadline, &tally), |held| {
            let mut card = held.card(&known)?;
            let used = match card.read_cia()? {
                Some(cia) => {
                    let keys = cia.keys().iter();
                    let listed: Vec<_> = keys.map(|key| key.reference).collect();
                    places.each().all(|(_, place)| listed.contains(place))
                }
                None => true,
            };
            let mut card = held.card(&known)?;
            let read = places.try_map(|_, place| certificate(&mut card, place))?;
            Ok((read, used))
        })
    };
    chosen.thread.run(deadline, job).await
}

/// A certificate; one that is not whole is none.
fn certificate(
    card: &mut Card<'_, lichna_card::Selected>,
    place: KeyRef,
) -> Result<Option<Vec<u8>>, CardFault> {
    match card.read_certificate(place) {
        Err(CardError::Malformed { .. }) => Ok(None),
        read => Ok(read?),
    }
}

/// The first PIN for the transport PIN; the card is reset.
///
/// # Errors
/// What the card said.
pub async fn activate_pin(
    chosen: &Chosen,
    tally: &Tally,
    (status, last_try): (PinStatus, lichna_card::LastTry),
    (transport, pin): (Pin, Pin),
    policy: crate::pin_policy::PinPolicy,
) -> Result<Pin, Failure> {
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let insertion = chosen.card.insertion.clone();
    let job = move |session: &mut CardSession| {
        let terms = Terms::resetting(deadline, &tally);
        let said = session.transaction(&known, &terms, |held| {
            let again = held.again();
            let mut card = held.card(&known)?;
            if again {
                crate::flows::ask::unspent(&mut card, &known, &status)?;
            }
            Ok(card.activate_pin(status.pin, &transport, &pin, last_try, Some(&status))?)
        });
        policy.judge(&insertion, &said);
        known.pin_is(None);
        said.map(|()| pin)
    };
    chosen.thread.run(deadline, job).await
}
