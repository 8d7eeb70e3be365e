//! The PIN of a task with several signatures: asked for once, kept in its locked page for a minute
//! at most, and asked for again when the task takes longer. Req C.2

use std::sync::Arc;

use lichna_card::{LastTry, PinStatus};
use lichna_ipc::{
    CertificateInfo, ConsentRoute, Failure, PinEntry, Purpose, SecretField, SecretKind,
};
use lichna_secret::Pin;
use tokio::task::AbortHandle;

use super::{
    ask::{self, Question},
    signing::{Given, Giving},
};
use crate::{
    Agent,
    cards::Chosen,
    connections::Dialogue,
    consent::{PROMPT_OPEN, Secret},
    tokens::{KeptPin, Moment},
};

/// What is asked.
pub struct Asking<'a> {
    /// For what.
    pub purpose: Purpose,
    /// With which certificate.
    pub certificate: Option<CertificateInfo>,
    /// With which card.
    pub chosen: &'a Chosen,
    /// What the card says of the PIN.
    pub status: PinStatus,
    /// What is typed beside the PIN, after it.
    pub more: Vec<SecretField>,
    /// Who shows the question.
    pub route: ConsentRoute,
}

/// A PIN that is kept for a task. It is wiped with it, with the card, after a minute, and when the
/// holder goes away.
pub struct TaskPin {
    pin: Arc<KeptPin>,
    before: PinStatus,
    last_try: LastTry,
    guard: AbortHandle,
}

impl Drop for TaskPin {
    fn drop(&mut self) {
        self.pin.wipe();
        self.guard.abort();
    }
}

impl TaskPin {
    /// Asks for it, and for what is wanted beside.
    ///
    /// # Errors
    /// Why nobody gave it; [`Failure::PinpadNotSupported`] where it would be typed at the reader's
    /// keypad, once for each signature.
    pub async fn ask(
        agent: &Agent,
        dialogue: &Dialogue,
        asking: Asking<'_>,
    ) -> Result<(Self, Vec<Secret>), Failure> {
        let Asking {
            purpose,
            certificate,
            chosen,
            status,
            more,
            route,
        } = asking;
        if ask::entry(chosen) == PinEntry::Pinpad {
            return Err(Failure::PinpadNotSupported);
        }
        ask::usable(&status)?;
        let rules = chosen.known.profile().pin(status.pin);
        let rules = rules.ok_or_else(|| Failure::PinUnknown {
            pin: format!("{:?}", status.pin),
        })?;
        let mut secrets = vec![ask::field(rules, SecretKind::Pin)];
        secrets.extend(more);
        let question = Question {
            purpose,
            certificate,
            status: Some(status),
            secrets,
            route,
            chosen,
            can: None,
            grant: None,
            open: PROMPT_OPEN,
        };
        let (agreed, _turn) = ask::ask(agent, dialogue, question).await?;
        let last_try = ask::last_try(&agreed, &status);
        let mut typed = agreed.secrets.into_iter();
        let Some(Secret::Pin(pin)) = typed.next() else {
            return Err(Failure::RequestInvalid {
                reason: "no PIN was typed".into(),
            });
        };
        Ok((
            Self::of(agent, chosen, pin, status, last_try),
            typed.collect(),
        ))
    }

    /// Keeps a PIN that was typed a moment ago.
    pub fn of(
        agent: &Agent,
        chosen: &Chosen,
        pin: Pin,
        before: PinStatus,
        last_try: LastTry,
    ) -> Self {
        let pin = KeptPin::new(pin);
        let typed = Moment::now();
        let (cards, insertion) = (Arc::clone(&agent.cards), chosen.card.insertion.clone());
        let mut doubts = chosen.known.for_programs().doubts();
        let kept = Arc::clone(&pin);
        // What is known of the card may be replaced meanwhile; its doubts count all the same.
        let known = Arc::clone(&chosen.known);
        let guard = agent.runtime.spawn(async move {
            typed.ended(&cards, &insertion, &mut doubts).await;
            kept.wipe();
            drop(known);
        });
        Self {
            pin,
            before,
            last_try,
            guard: guard.abort_handle(),
        }
    }

    /// The PIN, for the card.
    pub fn given(&self) -> Given {
        Given::Kept {
            pin: Arc::clone(&self.pin),
            last: false,
        }
    }

    /// How it is given: as the holder agreed to, who saw the tries that were left then. Once it was
    /// right there are as many or more.
    pub const fn giving(&self) -> Giving {
        Giving {
            last_try: self.last_try,
            known: Some(self.before),
        }
    }

    /// It, for a key that signs handshakes.
    pub fn kept(&self) -> Arc<KeptPin> {
        Arc::clone(&self.pin)
    }
}
