//! How a task speaks with the authority and with the holder.

use std::sync::Arc;

use lichna_card::{KeyRole, LastTry, PinState, PinStatus};
use lichna_ipc::{
    Failure, PinEntry, Purpose, SecretField, SecretKind, Step, TaskKind, TaskState, UseKind,
};
use lichna_pki::Certificate;

use super::{
    super::{
        card,
        core::{self, Action, Part},
        record::{Pair, present},
    },
    Run, timed,
};
use crate::{
    authority::{Answer, Call, Challenge, Line},
    cards::{CardCertificate, CardFault},
    consent::{PROMPT_OPEN, Secret},
    flows::{
        ask::{self, Question},
        login_key::LoginKey,
        signing::{CardSigner, Identity, Opening},
        task_pin::{Asking, TaskPin},
    },
    uses::Using,
};

/// How often the card, or the holder, is asked for the same thing.
pub(super) const MOST_ATTEMPTS: u8 = 3;

impl Run<'_> {
    /// Part of the record that must be there in its state.
    pub fn there<'r, T>(&self, part: Option<&'r T>) -> Result<&'r T, Failure> {
        present(part, &self.record.id)
    }

    /// The path of the application's resources.
    pub fn path(&self, rest: &str) -> Result<String, Failure> {
        let application = present(self.record.application.as_ref(), &self.record.id)?;
        Ok(format!("/v1/applications/{application}{rest}"))
    }

    /// Proves the authority to the card, and has the card do this with the right that it gives.
    pub async fn administrate<T: Send + 'static>(
        &mut self,
        work: impl FnMut(&mut lichna_card::Card<'_, lichna_card::Personalising>) -> Result<T, CardFault>
        + Clone
        + Send
        + 'static,
    ) -> Result<T, Failure> {
        for _ in 0..MOST_ATTEMPTS {
            let challenge = card::challenge(&self.place.chosen, &self.tally).await?;
            let asked = challenge.bytes().to_vec();
            let answer = timed!(self, Step::ProveAuthority, self.answer(asked).await)?;
            let pair = (challenge, answer);
            let done = card::with_answer(&self.place.chosen, &self.tally, pair, work.clone());
            if let Some(done) = done.await? {
                return Ok(done);
            }
        }
        Err(Failure::ChannelInterrupted)
    }

    async fn answer(&mut self, challenge: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let body = Challenge { challenge };
        let number = self.record.card.clone();
        let application = self.record.application.clone();
        let about = (application.as_deref(), Some(number.as_str()));
        let answer: Answer = if self.record.is_by_code() {
            self.have_code().await?;
            let path = self.path("/answer")?;
            let call = Call::post(&path).json(&body)?.about(about.0, about.1);
            self.plain.call(call.with_code(self.code.as_ref())).await?
        } else {
            let call = Call::post("/v1/holder/card/answer").json(&body)?;
            self.holders(call.about(about.0, about.1)).await?
        };
        Ok(answer.answer)
    }

    /// Asks the authority with the holder's key: the one that is in force.
    pub async fn holders<T: serde::de::DeserializeOwned>(
        &mut self,
        call: Call<'_>,
    ) -> Result<T, Failure> {
        let answer = self.holders_raw(call).await?;
        serde_json::from_slice(&answer).map_err(|error| Failure::AuthorityMalformed {
            host: self.plain.host().to_owned(),
            what: error.to_string(),
        })
    }

    /// The same, with the bytes of the answer.
    pub async fn holders_raw(&mut self, call: Call<'_>) -> Result<Vec<u8>, Failure> {
        let with_new = matches!(
            self.record.state,
            TaskState::ReadBack | TaskState::Confirmed | TaskState::Activated
        ) && self.record.part != Some(Part::Signing);
        for _ in 0..MOST_ATTEMPTS {
            let line = if with_new {
                self.new_line().await?
            } else {
                self.old_line().await?
            };
            match line.send(&call).await {
                // The PIN was kept long enough, and the server had closed the line.
                Err(Failure::NotLoggedIn) => self.forget_pin(),
                done => return done,
            }
        }
        Err(Failure::NotLoggedIn)
    }

    pub fn forget_pin(&mut self) {
        self.pin = None;
        self.new = None;
        self.old = None;
    }

    async fn new_line(&mut self) -> Result<&mut Line, Failure> {
        let mut line = self.new.take();
        if line.is_none() {
            let signer = self.new_signer()?;
            line = Some(self.line_of(signer).await?);
        }
        line.map(|line| self.new.insert(line))
            .ok_or(Failure::NotLoggedIn)
    }

    async fn old_line(&mut self) -> Result<&mut Line, Failure> {
        let mut line = self.old.take();
        if line.is_none() {
            let signer = super::super::renew::signer(self, KeyRole::Authentication).await?;
            line = Some(self.line_of(signer).await?);
        }
        line.map(|line| self.old.insert(line))
            .ok_or(Failure::NotLoggedIn)
    }

    async fn line_of(&mut self, signer: CardSigner) -> Result<Line, Failure> {
        self.agree().await?;
        let pin = self.pin.as_ref().ok_or(Failure::NotLoggedIn)?;
        let key = LoginKey::new(signer, self.agent.runtime.clone());
        key.arm_for_task(pin.kept(), pin.giving());
        Ok(Line::with_key(self.introduced.clone(), key))
    }

    /// The new key that identifies, with the certificate that was issued for it.
    fn new_signer(&self) -> Result<CardSigner, Failure> {
        let keys = present(self.record.keys.as_ref(), &self.record.id)?;
        let issued = present(self.record.certificates.as_ref(), &self.record.id)?;
        let der = self.there(issued.of(Part::Identification))?.0.clone();
        let place = self.there(keys.places.of(Part::Identification))?;
        let key = lichna_card::KeyRef::new(*place);
        let parsed = Certificate::parse(&der).map_err(|error| Failure::CertificateUnreadable {
            key: key.to_string(),
            reason: error.to_string(),
        })?;
        Ok(CardSigner {
            identity: Identity {
                key,
                pin: self.pin_reference(key)?,
                algorithm: card::named(&self.place.chosen, &keys.algorithm)?,
                certificate: Arc::new(CardCertificate { der, parsed }),
            },
            chosen: self.place.chosen.clone(),
            tally: self.tally.clone(),
            policy: self.agent.policy.clone(),
            using: self.using(UseKind::Confirmation),
        })
    }

    /// What the card's keys are used for in this task.
    pub fn using(&self, what: UseKind) -> Using {
        Using::by(self.agent, self.dialogue, what).at_authority(&self.introduced)
    }

    fn pin_reference(&self, key: lichna_card::KeyRef) -> Result<lichna_card::PinRef, Failure> {
        let key_of = self.place.chosen.known.profile().key(key);
        key_of
            .and_then(lichna_card::Key::pin)
            .ok_or_else(|| Failure::KeyUnknown {
                key: key.to_string(),
            })
    }

    /// What opens the new keys, which all have the same PIN.
    pub fn opening(&self, keys: &Pair<u8>) -> Result<Opening, Failure> {
        let key = self.there(keys.each().next().map(|(_, key)| key))?;
        Ok(Opening {
            chosen: self.place.chosen.clone(),
            pin: self.pin_reference(lichna_card::KeyRef::new(*key))?,
            tally: self.tally.clone(),
            policy: self.agent.policy.clone(),
        })
    }

    /// Has the holder agree to what the task does, and type his PIN, unless it is still kept. A
    /// card that was never used gets its first PIN so.
    pub async fn agree(&mut self) -> Result<(), Failure> {
        if self.pin.is_some() {
            return Ok(());
        }
        let chosen = self.place.chosen.clone();
        let reference = {
            let profile = chosen.known.profile();
            let pin = profile.user_pin().map(lichna_card::PinRules::reference);
            pin.ok_or_else(|| Failure::PinUnknown { pin: "pin".into() })?
        };
        self.agent.policy.may_take(&chosen.card.insertion)?;
        let mut status = ask::pin_status(&chosen, reference, &self.tally).await?;
        if status.state == PinState::Suspended && chosen.known.can().is_none() {
            let need = crate::flows::unlock::Need {
                purpose: self.purpose().await?,
                route: self.route,
                tally: &self.tally,
                open: PROMPT_OPEN,
            };
            crate::flows::unlock::resume(self.agent, self.dialogue, &chosen, need).await?;
            status = ask::pin_status(&chosen, reference, &self.tally).await?;
        }
        if status.state == PinState::NotActivated {
            self.pin = Some(self.first_pin(status).await?);
            return Ok(());
        }
        let asking = Asking {
            purpose: self.purpose().await?,
            certificate: super::super::renew::shown(self).await,
            chosen: &chosen,
            status,
            more: Vec::new(),
            route: self.route,
        };
        let (pin, _) = TaskPin::ask(self.agent, self.dialogue, asking).await?;
        // A wrong one is told before anything is made.
        let opening = Opening {
            chosen,
            pin: reference,
            tally: self.tally.clone(),
            policy: self.agent.policy.clone(),
        };
        let deadline = std::time::Instant::now() + crate::flows::signing::SIGNING;
        let verified = opening.with_pin(pin.given(), pin.giving(), deadline, |_| Ok(()));
        verified.await?;
        self.pin = Some(pin);
        Ok(())
    }

    /// The holder's own PIN for the transport PIN.
    async fn first_pin(&self, status: PinStatus) -> Result<TaskPin, Failure> {
        let chosen = &self.place.chosen;
        if ask::entry(chosen) == PinEntry::Pinpad {
            return Err(Failure::PinpadNotSupported);
        }
        let rules = chosen.known.profile().pin(status.pin);
        let rules = rules.ok_or(Failure::PinNotActivated)?;
        let length = rules.transport_length().ok_or(Failure::PinNotActivated)?;
        let question = Question {
            purpose: self.purpose().await?,
            certificate: None,
            status: Some(status),
            secrets: vec![
                SecretField {
                    shortest: length,
                    longest: length,
                    ..ask::field(rules, SecretKind::TransportPin)
                },
                ask::field(rules, SecretKind::NewPin),
            ],
            route: self.route,
            chosen,
            can: None,
            grant: None,
            open: PROMPT_OPEN,
        };
        let (mut agreed, _turn) = ask::ask(self.agent, self.dialogue, question).await?;
        let last_try = ask::last_try(&agreed, &status);
        let (Some(Secret::Pin(new)), Some(Secret::Pin(transport))) =
            (agreed.secrets.pop(), agreed.secrets.pop())
        else {
            return Err(Failure::RequestInvalid {
                reason: "other secrets than were asked for".into(),
            });
        };
        let policy = self.agent.policy.clone();
        let secrets = (transport, new);
        let pin = card::activate_pin(chosen, &self.tally, (status, last_try), secrets, policy);
        let pin = pin.await?;
        let status = ask::pin_status(chosen, status.pin, &self.tally).await?;
        Ok(TaskPin::of(
            self.agent,
            chosen,
            pin,
            status,
            LastTry::Refuse,
        ))
    }

    /// What the holder is asked to agree to.
    async fn purpose(&self) -> Result<Purpose, Failure> {
        let authority = self.introduced.summary();
        // What is there later is what the task itself has put there.
        let overwrites = match core::action(self.record.course(), self.record.state) {
            Action::Generate | Action::Sign if self.record.kind == TaskKind::Enrol => {
                card::overwrites(&self.place.chosen, &self.tally).await?
            }
            _ => self.record.part.is_some(),
        };
        Ok(match self.record.kind {
            TaskKind::Enrol => Purpose::Enrol {
                subject: present(self.record.subject.as_ref(), &self.record.id)?.clone(),
                authority,
                overwrites,
            },
            TaskKind::Renew => Purpose::Renew {
                authority,
                overwrites,
            },
        })
    }
}
