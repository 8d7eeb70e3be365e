//! How a flow asks for consent: what is shown, and what becomes of a card that is pulled out
//! meanwhile.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{
    Alphabet as CardAlphabet, Card, LastTry, PinRef, PinRole, PinRules, PinState, PinStatus,
    Selected,
};
use lichna_ipc::{
    Alphabet, CertificateInfo, Consent, ConsentRoute, Failure, GrantOffer, PinEntry, Purpose,
    SecretField, SecretKind, Step,
};

use super::{CARD, listing::card_info};
use crate::{
    Agent,
    cards::{CardFault, Chosen, KnownCard, Tally, Terms},
    connections::Dialogue,
    consent::{Agreed, PROMPT_OPEN, Prompter, Turn, seconds},
};

/// A person wonders what is going on after so long.
const NOTICEABLE: Duration = Duration::from_secs(1);

/// What a consent is about.
pub struct Question<'a> {
    /// For what.
    pub purpose: Purpose,
    /// With which certificate.
    pub certificate: Option<CertificateInfo>,
    /// What the card says of the secret that is asked for first.
    pub status: Option<PinStatus>,
    /// What is typed at the computer; at the keypad, nothing is.
    pub secrets: Vec<SecretField>,
    /// Who shows it.
    pub route: ConsentRoute,
    /// With which card.
    pub chosen: &'a Chosen,
    /// It is the card access number that is asked for.
    pub can: Option<CanQuestion>,
    /// What the program is offered, if the holder says so.
    pub grant: Option<GrantOffer>,
    /// How long the prompt stays open.
    pub open: Duration,
}

/// What is said when the card access number is asked for.
#[derive(Clone, Copy)]
pub struct CanQuestion {
    /// The one before was wrong.
    pub was_wrong: bool,
    /// The key store works.
    pub may_be_remembered: bool,
}

/// How the secrets of this card are typed.
pub fn entry(chosen: &Chosen) -> PinEntry {
    if chosen.known.pinpad() {
        PinEntry::Pinpad
    } else {
        PinEntry::Typed
    }
}

/// Asks; ends at once when the card is pulled out.
///
/// # Errors
/// Why nobody agreed.
pub async fn ask(
    agent: &Agent,
    dialogue: &Dialogue,
    question: Question<'_>,
) -> Result<(Agreed, Turn), Failure> {
    let insertion = &question.chosen.card.insertion;
    let known = &question.chosen.known;
    let entry = match question.can {
        Some(_) => PinEntry::Typed,
        None => entry(question.chosen),
    };
    // The number on the card has no tries to be guarded.
    let guarded = entry == PinEntry::Typed && question.can.is_none();
    if guarded {
        agent.policy.may_take(insertion)?;
    }
    let consent = Consent {
        purpose: question.purpose,
        requester: dialogue.requester(),
        card: Some(card_info(&question.chosen.card)),
        certificate: question.certificate,
        tries_left: question.status.as_ref().and_then(tries_left),
        wrong_suspends: question
            .status
            .is_some_and(|status| wrong_suspends(known, &status)),
        can_was_wrong: question.can.is_some_and(|can| can.was_wrong),
        can_may_be_remembered: question.can.is_some_and(|can| can.may_be_remembered),
        entry,
        grant: question.grant,
        secrets: match entry {
            PinEntry::Typed => question.secrets,
            PinEntry::Pinpad => Vec::new(),
        },
        seconds_left: seconds(question.open),
    };
    let asker = dialogue.asker();
    let answer = tokio::select! {
        answer = agent.consents.ask(&asker, question.route, consent, question.open) => answer?,
        () = agent.cards.removed(insertion) => return Err(Failure::CardRemoved),
    };
    if guarded {
        // While this one waited, another may have typed a wrong PIN.
        agent.policy.may_take(insertion)?;
    }
    Ok(answer)
}

/// Asks for secrets that are no card's business.
///
/// # Errors
/// Why nobody agreed.
pub async fn without_card(
    agent: &Agent,
    dialogue: &Dialogue,
    purpose: Purpose,
    secrets: Vec<SecretField>,
    route: ConsentRoute,
) -> Result<(Agreed, Turn), Failure> {
    let consent = Consent {
        purpose,
        requester: dialogue.requester(),
        card: None,
        certificate: None,
        tries_left: None,
        wrong_suspends: false,
        can_was_wrong: false,
        can_may_be_remembered: false,
        entry: PinEntry::Typed,
        secrets,
        grant: None,
        seconds_left: seconds(PROMPT_OPEN),
    };
    let asker = dialogue.asker();
    let asked = agent.consents.ask(&asker, route, consent, PROMPT_OPEN);
    asked.await
}

/// A field for a secret with these rules.
pub fn field(rules: &PinRules, kind: SecretKind) -> SecretField {
    SecretField {
        kind,
        label: rules.id().to_uppercase(),
        shortest: rules.format().shortest,
        longest: rules.format().longest,
        alphabet: match rules.alphabet() {
            CardAlphabet::Digits => Alphabet::Digits,
            _ => Alphabet::Ascii,
        },
    }
}

/// What the card says of a PIN: SELECT and one command, spends no try.
///
/// # Errors
/// Why the card could not be asked.
pub async fn pin_status(chosen: &Chosen, pin: PinRef, tally: &Tally) -> Result<PinStatus, Failure> {
    let deadline = Instant::now() + CARD;
    let (known, tally) = (Arc::clone(&chosen.known), tally.clone());
    let status = chosen.thread.run(deadline, move |session| {
        session.transaction(&known, &Terms::keeping(deadline, &tally), |held| {
            Ok(held.card(&known)?.pin_status(pin)?)
        })
    });
    status.await
}

/// The same, from a moment ago or from the card; who waits for it is told why it takes long.
///
/// # Errors
/// Why the card could not be asked.
pub async fn fresh_status(
    dialogue: &Dialogue,
    chosen: &Chosen,
    pin: PinRef,
    tally: &Tally,
) -> Result<PinStatus, Failure> {
    match chosen.known.fresh_pin() {
        Some(status) if status.pin == pin => Ok(status),
        _ => patiently(dialogue, chosen, pin_status(chosen, pin, tally)).await,
    }
}

/// Before a secret is sent once more, over a new channel: the first time the card did not get it,
/// or it was right. Who stands between could have kept the card's answer to himself.
///
/// # Errors
/// That it was wrong, when a try is gone; [`Failure::ChannelInterrupted`] when the card does not
/// tell.
pub fn unspent(
    card: &mut Card<'_, Selected>,
    known: &KnownCard,
    before: &PinStatus,
) -> Result<(), CardFault> {
    let now = card.pin_status(before.pin)?;
    let role = known.profile().pin(before.pin).map(PinRules::role);
    Err(match (tries_left(&now), tries_left(before), role) {
        (Some(now), Some(before), _) if now == before => return Ok(()),
        (Some(0), Some(1..), Some(PinRole::Unblocking)) => Failure::PukBlocked,
        (Some(0), Some(1..), _) => Failure::PinBlocked,
        (Some(tries_left), Some(before), Some(PinRole::Unblocking)) if tries_left < before => {
            Failure::WrongPuk { tries_left }
        }
        (Some(tries_left), Some(before), _) if tries_left < before => {
            Failure::WrongPin { tries_left }
        }
        _ => Failure::ChannelInterrupted,
    }
    .into())
}

/// Whether one more wrong PIN makes the card want its CAN before the last try. Req 15.2.
fn wrong_suspends(known: &KnownCard, status: &PinStatus) -> bool {
    let rules = known.profile().pin(status.pin);
    let suspended_at = rules.and_then(PinRules::suspended_at);
    suspended_at.is_some()
        && tries_left(status).and_then(|left| left.checked_sub(1)) == suspended_at
}

/// Waits for the card, and tells the person when it is another program that keeps it.
async fn patiently<T>(
    dialogue: &Dialogue,
    chosen: &Chosen,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(NOTICEABLE) => {}
    }
    let reader = chosen.thread.reader();
    if !chosen.card.own && !lichna_reader::holders(reader).named.is_empty() {
        dialogue.progress(Step::WaitForReader);
    }
    work.await
}

/// Tries left, where the card says so.
pub fn tries_left(status: &PinStatus) -> Option<u8> {
    match status.state {
        PinState::Ready { tries_left } => tries_left,
        PinState::Blocked | PinState::UnblockingBlocked => Some(0),
        PinState::Suspended => Some(1),
        _ => None,
    }
}

/// Whether the last try may be spent.
///
/// A card that does not say how many are left leaves nothing to warn of: who agrees then agrees
/// to any.
pub fn last_try(agreed: &Agreed, status: &PinStatus) -> LastTry {
    if agreed.choices.spend_last_try || tries_left(status).is_none() {
        LastTry::HolderSaidSo
    } else {
        LastTry::Refuse
    }
}

/// Whether there is any use in asking for this PIN.
///
/// # Errors
/// Why there is none.
pub fn usable(status: &PinStatus) -> Result<(), Failure> {
    match status.state {
        PinState::Ready {
            tries_left: Some(0),
        }
        | PinState::Blocked
        | PinState::UnblockingBlocked => Err(Failure::PinBlocked),
        PinState::Suspended => Err(Failure::PinSuspended),
        PinState::NotActivated => Err(Failure::PinNotActivated),
        _ => Ok(()),
    }
}
