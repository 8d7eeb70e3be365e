//! What may happen to a certificate, Art. 16 and 17 of the Regulation. Nothing here does anything:
//! it says what may follow what, which certificates an action strikes, and who may lift it.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::registers::{CertificateState as State, Role};

/// What happens to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// It was entered in the register.
    Issued,
    /// It is on its card: it comes into force.
    Confirmed,
    /// It was not confirmed in time, or somebody gave up.
    Failed,
    /// It is suspended.
    Suspended,
    /// Its card is lost: it is suspended, and only an officer resumes it.
    Lost,
    /// It is in force again.
    Resumed,
    /// It is revoked.
    Revoked,
    /// Its holder named it; its state stays.
    Named,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// The holder himself.
    Holder,
    /// An officer of an administrator.
    Officer,
    /// The authority, by its own rules.
    Authority,
}

/// An action that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Suspend: Req 16.
    Suspend,
    /// Resume: Req 16.5.
    Resume,
    /// Revoke: Req 17.
    Revoke,
}

/// A certificate, as far as the rules go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is for.
    pub role: Role,
    /// Its state.
    pub state: State,
    /// It is suspended because the card is lost.
    pub lost: bool,
    /// Its validity is over.
    pub expired: bool,
}

/// Why an action does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not in force yet.
    #[error("the certificate is not confirmed yet")]
    Pending,
    /// Revocation is final.
    #[error("the certificate is revoked, which is final")]
    Revoked,
    /// It is over by itself.
    #[error("the certificate has expired")]
    Expired,
    /// The card is lost: the holder cannot take that back from afar.
    #[error("the card was said to be lost: only an officer resumes its certificates")]
    OfficerOnly,
    /// The signing certificate is suspended with its card, not alone: it lifts suspensions.
    #[error("a signing certificate is suspended only when its card is lost")]
    SigningAlone,
}

/// What an action does to one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// This happens to it.
    Happens(Event),
    /// It is already as it was to be, or is not meant; nothing happens.
    Nothing,
}

impl State {
    /// The state after an event; `None` where that cannot happen.
    #[must_use]
    pub const fn after(self, event: Event) -> Option<Self> {
        use State::{Active, Failed, Revoked, Signed, Stopped};
        match (self, event) {
            (Signed, Event::Confirmed) | (Stopped, Event::Resumed) => Some(Active),
            (Signed, Event::Failed) => Some(Failed),
            (Active, Event::Suspended) | (Active | Stopped, Event::Lost) => Some(Stopped),
            (Active | Stopped, Event::Revoked) => Some(Revoked),
            (state, Event::Named) => Some(state),
            _ => None,
        }
    }
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Issued,
        Self::Confirmed,
        Self::Failed,
        Self::Suspended,
        Self::Lost,
        Self::Resumed,
        Self::Revoked,
        Self::Named,
    ];

    /// As it stands in the store and on the wire.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Suspended => "suspended",
            Self::Lost => "lost",
            Self::Resumed => "resumed",
            Self::Revoked => "revoked",
            Self::Named => "named",
        }
    }

    /// What the store calls so.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.text() == text)
    }

    /// Whether revocation lists tell of it at once: Req 5.4, 16.3, 17.2. A certificate that is
    /// issued can wait for the next list, since nobody has used it yet; one that is confirmed may
    /// be on a list already, and its holder waits.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::Confirmed | Self::Suspended | Self::Lost | Self::Resumed | Self::Revoked
        )
    }

    /// Whether revocation lists tell of it at all.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        !matches!(self, Self::Named)
    }
}

impl Actor {
    /// As it stands in the store and on the wire.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Officer => "officer",
            Self::Authority => "authority",
        }
    }
}

impl Subject {
    /// What an action does to the certificate that it names.
    ///
    /// What was done already, and whose answer may have been lost, is no refusal.
    ///
    /// # Errors
    /// [`Refusal`], and nothing happens.
    pub fn named(&self, action: Action, lost: bool, actor: Actor) -> Result<Effect, Refusal> {
        match self.state {
            State::Revoked | State::Failed if action == Action::Revoke => {
                return Ok(Effect::Nothing);
            }
            State::Revoked | State::Failed => return Err(Refusal::Revoked),
            State::Signed if !lost => return Err(Refusal::Pending),
            _ => {}
        }
        if self.expired {
            return Err(Refusal::Expired);
        }
        match action {
            Action::Suspend if lost => Ok(self.with_its_card(action)),
            Action::Suspend if self.role == Role::Signing => Err(Refusal::SigningAlone),
            Action::Suspend if self.state == State::Stopped => Ok(Effect::Nothing),
            Action::Suspend => Ok(Effect::Happens(Event::Suspended)),
            Action::Resume if self.state != State::Stopped => Ok(Effect::Nothing),
            Action::Resume if self.lost && actor != Actor::Officer => Err(Refusal::OfficerOnly),
            Action::Resume => Ok(Effect::Happens(Event::Resumed)),
            Action::Revoke if self.state == State::Signed => Ok(Effect::Happens(Event::Failed)),
            Action::Revoke => Ok(Effect::Happens(Event::Revoked)),
        }
    }

    /// What happens to another certificate on a card that is lost, or found: all of them share its
    /// fate. A certificate that is to come never does.
    #[must_use]
    pub fn with_its_card(&self, action: Action) -> Effect {
        match (action, self.state) {
            (Action::Suspend | Action::Revoke, State::Signed) => Effect::Happens(Event::Failed),
            _ if self.expired => Effect::Nothing,
            (Action::Suspend, State::Active) => Effect::Happens(Event::Lost),
            (Action::Suspend, State::Stopped) if !self.lost => Effect::Happens(Event::Lost),
            (Action::Resume, State::Stopped) => Effect::Happens(Event::Resumed),
            (Action::Revoke, State::Active | State::Stopped) => Effect::Happens(Event::Revoked),
            _ => Effect::Nothing,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROLES: [Role; 2] = [Role::Identification, Role::Signing];
    const ACTIONS: [Action; 3] = [Action::Suspend, Action::Resume, Action::Revoke];
    const ACTORS: [Actor; 2] = [Actor::Holder, Actor::Officer];

    const fn subject(role: Role, state: State, lost: bool) -> Subject {
        Subject {
            role,
            state,
            lost,
            expired: false,
        }
    }

    fn happen(subject: &mut Subject, effect: Effect) {
        if let Effect::Happens(event) = effect {
            let after = subject.state.after(event);
            subject.state = after.unwrap_or_else(|| panic!("{event} of {subject:?}"));
            subject.lost = match event {
                Event::Lost => true,
                Event::Resumed => false,
                _ => subject.lost,
            };
        }
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        for event in Event::ALL {
            assert_eq!(Event::read(event.text()), Some(event));
            assert_eq!(serde_json::to_value(event).expect("JSON"), event.text());
        }
        for actor in [Actor::Holder, Actor::Officer, Actor::Authority] {
            assert_eq!(serde_json::to_value(actor).expect("JSON"), actor.text());
        }
    }

    #[test]
    fn revocation_is_final() {
        for state in [State::Revoked, State::Failed] {
            for event in Event::ALL {
                let after = state.after(event).unwrap_or(state);
                assert_eq!(after, state, "{event}");
            }
        }
    }

    #[test]
    fn the_signing_certificate_is_left_to_lift_what_strikes_the_other() {
        let identification = subject(Role::Identification, State::Active, false);
        let signing = subject(Role::Signing, State::Active, false);
        assert_eq!(
            identification.named(Action::Suspend, false, Actor::Holder),
            Ok(Effect::Happens(Event::Suspended))
        );
        assert_eq!(
            signing.named(Action::Suspend, false, Actor::Holder),
            Err(Refusal::SigningAlone)
        );
    }

    #[test]
    fn a_lost_card_strikes_both_and_only_an_officer_resumes() {
        for role in ROLES {
            let mut one = subject(role, State::Active, false);
            let effect = one
                .named(Action::Suspend, true, Actor::Holder)
                .expect("it is taken");
            assert_eq!(effect, one.with_its_card(Action::Suspend));
            happen(&mut one, effect);
            assert_eq!((one.state, one.lost), (State::Stopped, true));
            assert_eq!(
                one.named(Action::Resume, false, Actor::Holder),
                Err(Refusal::OfficerOnly)
            );
            assert_eq!(
                one.named(Action::Resume, false, Actor::Officer),
                Ok(Effect::Happens(Event::Resumed))
            );
        }
    }

    #[test]
    fn a_suspension_becomes_one_for_a_lost_card_and_never_the_other_way() {
        let mut one = subject(Role::Identification, State::Stopped, false);
        let effect = one
            .named(Action::Suspend, true, Actor::Holder)
            .expect("it is taken");
        assert_eq!(effect, Effect::Happens(Event::Lost));
        happen(&mut one, effect);
        for lost in [false, true] {
            assert_eq!(
                one.named(Action::Suspend, lost, Actor::Holder),
                Ok(Effect::Nothing)
            );
        }
    }

    fn any_subject() -> impl Strategy<Value = Subject> {
        (
            prop::sample::select(&ROLES[..]),
            prop::sample::select(&State::ALL[..]),
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(role, state, lost, expired)| Subject {
                role,
                state,
                lost: lost && state == State::Stopped,
                expired,
            })
    }

    proptest! {
        /// Every effect is one that the table of states knows, whatever is asked of whatever.
        #[test]
        fn what_the_rules_allow_can_happen_and_happens_once(
            start in any_subject(),
            asked in prop::collection::vec((
                prop::sample::select(&ACTIONS[..]),
                any::<bool>(),
                prop::sample::select(&ACTORS[..]),
            ), 1..8),
        ) {
            let mut one = start;
            for (action, lost, actor) in asked {
                let before = one;
                if let Ok(effect) = one.named(action, lost, actor) {
                    happen(&mut one, effect);
                    // The same again, after a lost answer, changes nothing more.
                    let again = one.named(action, lost, actor);
                    prop_assert!(
                        matches!(again, Ok(Effect::Nothing) | Err(Refusal::Revoked)),
                        "{again:?} after {effect:?} of {before:?}"
                    );
                } else {
                    prop_assert_eq!(one, before);
                }
                let mut other = before;
                happen(&mut other, before.with_its_card(action));
            }
        }

        #[test]
        fn nothing_but_a_confirmation_or_a_resumption_brings_into_force(
            state in prop::sample::select(&State::ALL[..]),
            event in prop::sample::select(&Event::ALL[..]),
        ) {
            if state != State::Active && state.after(event) == Some(State::Active) {
                prop_assert!(matches!(event, Event::Confirmed | Event::Resumed));
                prop_assert!(matches!(state, State::Signed | State::Stopped));
            }
        }

        #[test]
        fn a_holder_never_lifts_what_was_said_of_a_lost_card(start in any_subject()) {
            let start = Subject { state: State::Stopped, lost: true, ..start };
            for lost in [false, true] {
                let effect = start.named(Action::Resume, lost, Actor::Holder);
                prop_assert!(effect.is_err(), "{effect:?}");
            }
        }
    }
}
