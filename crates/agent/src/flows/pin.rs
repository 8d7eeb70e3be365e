//! The PINs of a card: their state, a new PIN for the old one, a new PIN for the PUK. Req C.2.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{
    Card, LastTry, PinRef, PinRole, PinRules, PinState as CardPinState, PinStatus, Selected,
};
use lichna_ipc::{
    ConsentRoute, Failure, PinEntry, PinInfo, PinState, Purpose, Reply, SecretField, SecretKind,
    Step,
};
use lichna_pki::HolderIdentifier;
use lichna_secret::{Pin, Puk};

use super::{
    CARD,
    ask::{self, Question},
    listing::is_practice,
    unlock::{self, Need},
};
use crate::{
    Agent,
    cards::{CardCertificate, CardFault, CardSession, Chosen, Tally, Terms},
    connections::Dialogue,
    consent::{PROMPT_OPEN, Prompter, Secret},
    pin_policy::is_wrong,
};

/// How long a person may type three numbers at the reader's keypad.
const TYPING: Duration = Duration::from_secs(120);

/// The state of each PIN of the holder's; spends no try.
pub async fn status(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
) -> Result<Reply, Failure> {
    let (chosen, _hold) = unlock::readable(agent, dialogue, reader, Purpose::ReadCard).await?;
    let pins: Vec<_> = chosen
        .known
        .profile()
        .pins()
        .iter()
        .filter(|rules| rules.role() == PinRole::User)
        .map(|rules| (rules.reference(), rules.unblocked_by()))
        .collect();
    let states = states(&chosen, pins).await?;
    let infos = states.iter().filter_map(|(status, puk)| {
        Some(PinInfo {
            reader: chosen.card.insertion.reader.clone(),
            practice: is_practice(&chosen.card),
            pin: chosen.known.profile().pin(status.pin)?.id().to_owned(),
            state: state(status, puk.as_ref()),
            tries_left: ask::tries_left(status),
            puk_tries_left: puk.as_ref().and_then(ask::tries_left),
            entry: ask::entry(&chosen),
        })
    });
    Ok(Reply::PinStatus(infos.collect()))
}

/// The states of PINs and of what unblocks them, in one transaction.
pub async fn states(
    chosen: &Chosen,
    pins: Vec<(PinRef, Option<PinRef>)>,
) -> Result<Vec<(PinStatus, Option<PinStatus>)>, Failure> {
    let deadline = Instant::now() + CARD;
    let known = Arc::clone(&chosen.known);
    let job = move |session: &mut CardSession| {
        let tally = Tally::default();
        session.transaction(&known, &Terms::keeping(deadline, &tally), |held| {
            let mut card = held.card(&known)?;
            let mut states = Vec::new();
            for (pin, puk) in &pins {
                let status = card.pin_status(*pin)?;
                let puk = puk.map(|puk| card.pin_status(puk)).transpose()?;
                states.push((status, puk));
            }
            Ok(states)
        })
    };
    chosen.thread.run(deadline, job).await
}

/// A PIN's state, as a client is told of it.
pub fn state(status: &PinStatus, puk: Option<&PinStatus>) -> PinState {
    use lichna_card::PinState as Card;
    let puk_blocked = puk.and_then(ask::tries_left) == Some(0);
    match status.state {
        Card::UnblockingBlocked => PinState::UnblockingBlocked,
        Card::Blocked
        | Card::Ready {
            tries_left: Some(0),
        } if puk_blocked => PinState::UnblockingBlocked,
        Card::Blocked
        | Card::Ready {
            tries_left: Some(0),
        } => PinState::Blocked,
        Card::Ready { .. } => PinState::Ready,
        Card::Suspended => PinState::Suspended,
        Card::NotActivated => PinState::NotActivated,
        _ => PinState::Unknown,
    }
}

/// A new PIN for the old one; the first one for the transport PIN.
pub async fn change(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
    pin: Option<&str>,
    route: ConsentRoute,
) -> Result<Reply, Failure> {
    let (chosen, _hold) =
        unlock::readable_by(agent, dialogue, reader, Purpose::PinChange, route).await?;
    let mut status = state_of(&chosen, rules(&chosen, pin)?.reference()).await?;
    if status.state == CardPinState::Suspended {
        let tally = Tally::default();
        let need = Need {
            purpose: Purpose::PinChange,
            route,
            ..Need::to_read(&tally)
        };
        unlock::resume(agent, dialogue, &chosen, need).await?;
        status = state_of(&chosen, status.pin).await?;
    }
    let rules = rules(&chosen, pin)?;
    let transport = match status.state {
        CardPinState::NotActivated => rules.transport_length(),
        _ => None,
    };
    let (purpose, old) = match transport {
        Some(length) => (
            Purpose::PinActivation,
            SecretField {
                shortest: length,
                longest: length,
                ..ask::field(rules, SecretKind::TransportPin)
            },
        ),
        None => {
            ask::usable(&status)?;
            (Purpose::PinChange, ask::field(rules, SecretKind::Pin))
        }
    };
    let question = Question {
        purpose,
        certificate: None,
        status: Some(status),
        secrets: vec![old, ask::field(rules, SecretKind::NewPin)],
        route,
        chosen: &chosen,
        can: None,
        grant: None,
        open: PROMPT_OPEN,
    };
    let pin = rules.reference();
    let done = with_secrets(
        agent,
        dialogue,
        question,
        status,
        move |card, typed, last| {
            match typed {
                Typed::Change(old, new) if transport.is_some() => {
                    card.activate_pin(pin, old, new, last, Some(&status))?;
                }
                Typed::Change(old, new) => card.change_pin(pin, old, new, last, Some(&status))?,
                Typed::AtKeypad => card.change_pin_on_pinpad(pin, last, Some(&status))?,
                Typed::Unblock(..) => return Err(other_secrets()),
            }
            Ok(())
        },
    );
    done.await.map(|()| Reply::PinChanged)
}

/// What the card says of one PIN.
async fn state_of(chosen: &Chosen, pin: PinRef) -> Result<PinStatus, Failure> {
    let mut states = states(chosen, vec![(pin, None)]).await?;
    let (status, _) = states.pop().ok_or_else(|| unknown(&format!("{pin:?}")))?;
    Ok(status)
}

/// A new PIN for the PUK.
pub async fn unblock(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
    pin: Option<&str>,
    route: ConsentRoute,
) -> Result<Reply, Failure> {
    let (chosen, _hold) =
        unlock::readable_by(agent, dialogue, reader, Purpose::PinUnblock, route).await?;
    let rules = rules(&chosen, pin)?;
    let puk = rules.unblocked_by().ok_or(Failure::UnblockNotSupported)?;
    let puk_rules = chosen.known.profile().pin(puk);
    let puk_rules = puk_rules.ok_or(Failure::UnblockNotSupported)?;
    let status = state_of(&chosen, puk).await?;
    match ask::usable(&status) {
        Err(Failure::PinBlocked) => return Err(Failure::PukBlocked),
        // An OpenPGP card without a resetting code.
        Err(Failure::PinNotActivated) => return Err(Failure::UnblockNotSupported),
        other => other?,
    }
    let question = Question {
        purpose: Purpose::PinUnblock,
        certificate: None,
        status: Some(status),
        secrets: vec![
            ask::field(puk_rules, SecretKind::Puk),
            ask::field(rules, SecretKind::NewPin),
        ],
        route,
        chosen: &chosen,
        can: None,
        grant: None,
        open: PROMPT_OPEN,
    };
    let pin = rules.reference();
    let done = with_secrets(
        agent,
        dialogue,
        question,
        status,
        move |card, typed, last| {
            match typed {
                Typed::Unblock(puk, new) => card.unblock(pin, puk, new, last, Some(&status))?,
                Typed::AtKeypad => card.unblock_on_pinpad(pin, last, Some(&status))?,
                Typed::Change(..) => return Err(other_secrets()),
            }
            Ok(())
        },
    );
    done.await.map(|()| Reply::PinUnblocked)
}

/// What was typed for a change of a PIN.
enum Typed {
    /// Old PIN and new PIN.
    Change(Pin, Pin),
    /// PUK and new PIN.
    Unblock(Puk, Pin),
    /// At the reader's keypad, where the card gets it from.
    AtKeypad,
}

/// Asks for the secrets and has them used in one transaction, after which the card is reset.
async fn with_secrets(
    agent: &Agent,
    dialogue: &Dialogue,
    question: Question<'_>,
    status: PinStatus,
    task: impl Fn(&mut Card<'_, Selected>, &Typed, LastTry) -> Result<(), CardFault> + Send + 'static,
) -> Result<(), Failure> {
    let chosen = question.chosen;
    let insertion = &chosen.card.insertion;
    let entry = ask::entry(chosen);
    let (mut agreed, _turn) = ask::ask(agent, dialogue, question).await?;
    let last_try = ask::last_try(&agreed, &status);
    let typed = match (entry, agreed.secrets.pop(), agreed.secrets.pop()) {
        (PinEntry::Pinpad, ..) => Typed::AtKeypad,
        (_, Some(Secret::Pin(new)), Some(Secret::Pin(old))) => Typed::Change(old, new),
        (_, Some(Secret::Pin(new)), Some(Secret::Puk(puk))) => Typed::Unblock(puk, new),
        _ => {
            return Err(Failure::RequestInvalid {
                reason: "other secrets than were asked for".into(),
            });
        }
    };
    if let Typed::Change(_, new) | Typed::Unblock(_, new) = &typed {
        not_the_birth_date(chosen, new)?;
    }
    let limit = match entry {
        PinEntry::Typed => CARD,
        PinEntry::Pinpad => TYPING,
    };
    dialogue.progress(match entry {
        PinEntry::Typed => Step::Sign,
        PinEntry::Pinpad => Step::TypeAtReader,
    });
    let deadline = Instant::now() + limit;
    let known = Arc::clone(&chosen.known);
    let (policy, card) = (agent.policy.clone(), insertion.clone());
    let job = move |session: &mut CardSession| {
        let tally = Tally::default();
        let terms = Terms::resetting(deadline, &tally);
        let said = session.transaction(&known, &terms, |held| {
            let again = held.again();
            let mut card = held.card(&known)?;
            if again {
                ask::unspent(&mut card, &known, &status)?;
            }
            task(&mut card, &typed, last_try)
        });
        if entry == PinEntry::Typed {
            policy.judge(&card, &said);
        }
        // Right or wrong: one that is kept somewhere is the old one.
        known.for_programs().doubt();
        said
    };
    let done = match chosen.thread.run(deadline, job).await {
        Err(failure) => {
            let failure = with_tries(chosen, status.pin, failure).await;
            Err(agent.cards.or_removed(insertion, failure).await)
        }
        done => done,
    };
    // What the card said of the PIN before is no longer so.
    chosen.known.pin_is(None);
    match &done {
        Ok(()) if entry == PinEntry::Pinpad => agent.policy.right_at_pinpad(insertion),
        Err(failure) if is_wrong(failure) => {
            agent.consents.asked_in_vain(dialogue.asker().program);
        }
        _ => {}
    }
    done
}

/// The day of birth stands in papers and on the network. Where no certificate of the card tells it,
/// nothing is refused by guess.
fn not_the_birth_date(chosen: &Chosen, new: &Pin) -> Result<(), Failure> {
    let keys = chosen.known.profile().keys().iter();
    let read = keys.filter_map(|key| chosen.known.certificate(key.reference())?.ok().flatten());
    let is_it = |certificate: Arc<CardCertificate>| {
        let holder = certificate.parsed.holder_identifier();
        let born = holder.and_then(HolderIdentifier::birth_date);
        born.is_some_and(|born| new.expose(|digits| born.is_written(digits)))
    };
    if read.into_iter().any(is_it) {
        return Err(Failure::PinIsBirthDate);
    }
    Ok(())
}

/// The tries left, from a card that does not say them with the refusal.
async fn with_tries(chosen: &Chosen, pin: PinRef, failure: Failure) -> Failure {
    let puk = match failure {
        Failure::WrongPinTriesUnknown => false,
        Failure::WrongPukTriesUnknown => true,
        other => return other,
    };
    let status = ask::pin_status(chosen, pin, &Tally::default()).await;
    match (status.ok().and_then(|status| ask::tries_left(&status)), puk) {
        (Some(0), false) => Failure::PinBlocked,
        (Some(0), true) => Failure::PukBlocked,
        (Some(tries_left), false) => Failure::WrongPin { tries_left },
        (Some(tries_left), true) => Failure::WrongPuk { tries_left },
        (None, _) => failure,
    }
}

fn other_secrets() -> CardFault {
    CardFault::Failure(Failure::RequestInvalid {
        reason: "other secrets than were asked for".into(),
    })
}

/// The PIN that is meant: the one named so, or the one that guards the login.
fn rules<'a>(chosen: &'a Chosen, pin: Option<&str>) -> Result<&'a PinRules, Failure> {
    let profile = chosen.known.profile();
    let found = match pin {
        Some(id) => profile
            .pin_named(id)
            .and_then(|pin| profile.pin(pin))
            .filter(|rules| rules.role() == PinRole::User),
        None => {
            let of_login = profile.login_keys().find_map(|key| key.pin());
            of_login
                .and_then(|pin| profile.pin(pin))
                .or_else(|| profile.user_pin())
        }
    };
    found.ok_or_else(|| unknown(pin.unwrap_or("pin")))
}

fn unknown(pin: &str) -> Failure {
    Failure::PinUnknown {
        pin: pin.to_owned(),
    }
}
