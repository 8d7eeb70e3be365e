//! Asking the holder for a token's PIN, and what becomes of it after.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{LastTry, PinState, PinStatus};
use lichna_ipc::{ConsentRoute, Failure, GrantOffer, Purpose, SecretKind};
use lichna_secret::Pin;
use tokio::sync::watch;

use super::found::Found;
use crate::{
    Agent,
    connections::Dialogue,
    consent::{Agreed, Secret, Turn},
    flows::{
        ask::{self, Question},
        signing::{Given, Giving},
        unlock,
    },
    tokens::{Grant, KeptPin, Lent, Moment, SECONDS},
};

/// What the card says of the token's PIN, when there is any use in asking for it.
///
/// # Errors
/// Why there is none.
pub async fn status(
    agent: &Agent,
    dialogue: &Dialogue,
    found: &Found,
    end: Instant,
) -> Result<PinStatus, Failure> {
    let (chosen, pin) = (found.chosen(), found.signer.identity.pin);
    let tally = &found.signer.tally;
    if found.is_typed() {
        agent.policy.may_take(found.insertion())?;
    }
    let mut status = ask::fresh_status(dialogue, chosen, pin, tally).await?;
    if status.state == PinState::Suspended && chosen.known.can().is_none() {
        unlock::resume(agent, dialogue, chosen, super::need(tally, end)).await?;
        status = ask::pin_status(chosen, pin, tally).await?;
    }
    let before = chosen.known.for_programs().said_of(pin);
    chosen.known.for_programs().says(status);
    if before != Some(status) {
        agent.cards.changed();
    }
    ask::usable(&status)?;
    Ok(status)
}

/// What a person answered.
pub struct Answered {
    /// The PIN, where it was typed at the computer.
    pub pin: Option<Pin>,
    /// What he said.
    pub agreed: Agreed,
    /// When.
    pub typed: Moment,
    /// The prompt's, until the PIN was used.
    pub _turn: Turn,
}

/// Asks for the PIN.
///
/// # Errors
/// Why nobody gave it.
pub async fn ask(
    agent: &Agent,
    dialogue: &Dialogue,
    found: &Found,
    (purpose, route): (Purpose, ConsentRoute),
    (status, grant): (PinStatus, Option<GrantOffer>),
    open: Duration,
) -> Result<Answered, Failure> {
    let rules = found.chosen().known.profile().pin(status.pin);
    let question = Question {
        purpose,
        certificate: Some(found.certificate.clone()),
        status: Some(status),
        secrets: rules
            .map(|rules| ask::field(rules, SecretKind::Pin))
            .into_iter()
            .collect(),
        route,
        chosen: found.chosen(),
        can: None,
        grant,
        open,
    };
    let (mut agreed, turn) = ask::ask(agent, dialogue, question).await?;
    let typed = Moment::now();
    let pin = match agreed.secrets.pop() {
        Some(Secret::Pin(pin)) => Some(pin),
        _ if found.is_typed() => {
            return Err(Failure::RequestInvalid {
                reason: "no PIN was typed".into(),
            });
        }
        _ => None,
    };
    Ok(Answered {
        pin,
        agreed,
        typed,
        _turn: turn,
    })
}

/// A grant that is made once the card has taken its PIN.
pub struct Granting {
    pin: Arc<KeptPin>,
    typed: Moment,
    before: PinStatus,
    doubts: watch::Receiver<u64>,
}

impl Granting {
    /// Keeps this PIN, which was typed at `typed`.
    pub fn new(pin: Pin, typed: Moment, before: PinStatus, found: &Found) -> Self {
        Self {
            pin: KeptPin::new(pin),
            typed,
            before,
            doubts: found.chosen().known.for_programs().doubts(),
        }
    }

    /// The PIN, for the card.
    pub fn given(&self) -> Given {
        Given::Kept {
            pin: Arc::clone(&self.pin),
            last: false,
        }
    }

    /// The card has taken the PIN: so many signatures more are granted.
    pub fn grant(mut self, agent: &Agent, found: &Found, left: u8) {
        let (pin, typed) = (Arc::clone(&self.pin), self.typed);
        if left == 0 || typed.is_over() || self.doubts.has_changed().unwrap_or(true) {
            return;
        }
        let grant = Grant::new(pin, typed, left, self.before);
        found.access.grant(grant);
        let (access, insertion) = (Arc::downgrade(&found.access), found.insertion().clone());
        let cards = Arc::clone(&agent.cards);
        let mut doubts = self.doubts.clone();
        let guard = agent.runtime.spawn(async move {
            typed.ended(&cards, &insertion, &mut doubts).await;
            if let Some(access) = access.upgrade()
                && access.end()
            {
                tracing::info!("a grant ended");
            }
        });
        found.access.guarded_by(guard.abort_handle());
        // It is the grant's from now on.
        self.pin = KeptPin::wiped();
    }
}

impl Drop for Granting {
    fn drop(&mut self) {
        self.pin.wipe();
    }
}

/// How the PIN of a grant is given to the card: it was right a moment ago.
pub fn giving(lent: &Lent) -> Giving {
    let untold = ask::tries_left(&lent.before).is_none();
    let plenty = ask::tries_left(&lent.before).is_some_and(|left| left > 1);
    Giving {
        last_try: if untold {
            LastTry::HolderSaidSo
        } else {
            LastTry::Refuse
        },
        known: (untold || plenty).then_some(lent.before),
    }
}

/// What is offered for a page that wants several signatures.
pub const fn offer(signatures: u8, remembered: bool, may_be_remembered: bool) -> GrantOffer {
    GrantOffer {
        seconds: SECONDS,
        signatures,
        remembered,
        may_be_remembered,
    }
}
