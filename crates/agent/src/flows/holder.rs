//! Whoever has a card comes before the authority with one of its keys: he identifies himself in a
//! TLS handshake with the one, and signs what he asks for with the other.

use std::time::Duration;

use lichna_card::{KeyRole, PinState, PinStatus};
use lichna_ipc::{CertificateInfo, ConsentRoute, Failure, Purpose, SecretField};

use super::{
    ask, certificates,
    login_key::LoginKey,
    signing::{CardSigner, Identity},
    task_pin::{Asking, TaskPin},
    unlock::{self, Need},
};
use crate::{
    Agent,
    authority::{Introduced, Line},
    cards::{Chosen, Hold, Tally, insertion},
    connections::Dialogue,
    consent::{PROMPT_OPEN, Secret},
    practice,
    uses::Using,
};

/// Which card and key are wanted, and for what.
pub struct Wanted<'a> {
    /// Name of the reader; `None`: the only card there is.
    pub reader: Option<&'a str>,
    /// Which of its keys.
    pub role: KeyRole,
    /// For what, where the card wants its number first.
    pub purpose: Purpose,
    /// Who shows the questions.
    pub route: ConsentRoute,
    /// For whom its keys are used.
    pub authority: &'a Introduced,
    /// How long a person has to put the card in.
    pub patience: Duration,
}

/// A card with the key that was wanted.
pub struct Holder {
    /// The card.
    pub chosen: Chosen,
    /// The key.
    pub signer: CardSigner,
    /// Its certificate, as a person is shown it.
    pub certificate: CertificateInfo,
    /// What the card says of the PIN that opens it.
    pub status: PinStatus,
    route: ConsentRoute,
    _hold: Hold,
}

impl Holder {
    /// Finds it; a person is asked for the card's number where it tells nothing without.
    ///
    /// # Errors
    /// Why there is no card, or no such key; that its certificate has expired; that there is no use
    /// in asking for its PIN.
    pub async fn find(
        agent: &Agent,
        dialogue: &Dialogue,
        wanted: Wanted<'_>,
    ) -> Result<Self, Failure> {
        agent.consents.may_ask(&dialogue.asker().program)?;
        let chosen = agent.cards.choose(wanted.reader, wanted.patience, dialogue);
        let chosen = chosen.await?;
        practice::fits(agent, &chosen.card, &wanted.authority.authority)?;
        let hold = chosen.thread.hold();
        let tally = Tally::default();
        let need = Need {
            purpose: wanted.purpose.clone(),
            route: wanted.route,
            tally: &tally,
            open: PROMPT_OPEN,
        };
        unlock::unlock(agent, dialogue, &chosen, need).await?;
        let (key, pin) = insertion::current(&chosen.known, wanted.role)?;
        let identity = Identity::of(&chosen, key.reference(), pin, &tally).await?;
        agent.policy.may_take(&chosen.card.insertion)?;
        let mut status = ask::fresh_status(dialogue, &chosen, pin, &tally).await?;
        if status.pin != pin || status.state == PinState::Suspended {
            let need = Need {
                purpose: wanted.purpose,
                route: wanted.route,
                tally: &tally,
                open: PROMPT_OPEN,
            };
            if status.state == PinState::Suspended {
                unlock::resume(agent, dialogue, &chosen, need).await?;
            }
            status = ask::pin_status(&chosen, pin, &tally).await?;
        }
        ask::usable(&status)?;
        let what = Using::of_holder(wanted.role);
        Ok(Self {
            certificate: certificates::info(&chosen.card, key, &identity.certificate.parsed),
            signer: CardSigner {
                chosen: chosen.clone(),
                identity,
                tally,
                policy: agent.policy.clone(),
                using: Using::by(agent, dialogue, what).at_authority(wanted.authority),
            },
            chosen,
            status,
            route: wanted.route,
            _hold: hold,
        })
    }

    /// Asks for the PIN, and for what is wanted beside.
    ///
    /// # Errors
    /// As [`TaskPin::ask`].
    pub async fn ask(
        &self,
        agent: &Agent,
        dialogue: &Dialogue,
        purpose: Purpose,
        more: Vec<SecretField>,
    ) -> Result<(TaskPin, Vec<Secret>), Failure> {
        let asking = Asking {
            purpose,
            certificate: Some(self.certificate.clone()),
            chosen: &self.chosen,
            status: self.status,
            more,
            route: self.route,
        };
        TaskPin::ask(agent, dialogue, asking).await
    }

    /// A line on which this key identifies its holder, as long as the PIN is kept.
    pub fn line(&self, agent: &Agent, introduced: Introduced, pin: &TaskPin) -> Line {
        let key = LoginKey::new(self.signer.clone(), agent.runtime.clone());
        key.arm_for_task(pin.kept(), pin.giving());
        Line::with_key(introduced, key)
    }

    /// Commands sent to the card so far.
    pub fn apdus(&self) -> u32 {
        self.signer.tally.count()
    }
}
