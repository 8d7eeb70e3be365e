//! Which of a person's certificates an action strikes: Req 16.7, 18.

use super::rules::{Action, Actor, Effect, Event, Refusal, Subject};

/// One of a person's certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Serial number.
    pub serial: String,
    /// Number of its card.
    pub carrier: String,
    /// What the rules look at.
    pub subject: Subject,
}

/// Which are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The one with this serial number.
    Serial(&'a str),
    /// All that the person has: who calls from a distance may not know serial numbers.
    All,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What is to happen.
    pub action: Action,
    /// To which.
    pub target: Target<'a>,
    /// The card is lost: everything on it shares the fate of what is named.
    pub lost: bool,
    /// Who asks.
    pub actor: Actor,
}

/// What happens to one of the certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke<'a> {
    /// The certificate.
    pub own: &'a Own,
    /// What.
    pub event: Event,
}

/// What happens to whom. Nothing at all is an answer as well: it was done before.
///
/// # Errors
/// [`Missed`], and nothing happens.
pub fn strokes<'a>(all: &'a [Own], asked: &Asked<'_>) -> Result<Vec<Stroke<'a>>, Missed> {
    match asked.target {
        Target::Serial(serial) => {
            let named = all.iter().find(|own| own.serial == serial);
            let named = named.ok_or(Missed::Unknown)?;
            let effect = named.subject.named(asked.action, asked.lost, asked.actor)?;
            let whole_card = match asked.action {
                Action::Suspend | Action::Revoke => asked.lost,
                Action::Resume => named.subject.lost,
            };
            let others = all.iter().filter(|own| {
                whole_card && own.serial != named.serial && own.carrier == named.carrier
            });
            let others = others.map(|own| (own, own.subject.with_its_card(asked.action)));
            Ok(happening([(named, effect)].into_iter().chain(others)))
        }
        Target::All => {
            if all.is_empty() {
                return Err(Missed::Unknown);
            }
            Ok(happening(all.iter().map(|own| {
                let effect = if asked.lost {
                    own.subject.with_its_card(asked.action)
                } else {
                    // What is not for one of them is not said of all.
                    let effect = own.subject.named(asked.action, false, asked.actor);
                    effect.unwrap_or(Effect::Nothing)
                };
                (own, effect)
            })))
        }
    }
}

fn happening<'a>(effects: impl Iterator<Item = (&'a Own, Effect)>) -> Vec<Stroke<'a>> {
    effects
        .filter_map(|(own, effect)| match effect {
            Effect::Happens(event) => Some(Stroke { own, event }),
            Effect::Nothing => None,
        })
        .collect()
}

/// Why nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missed {
    /// The person has no such certificate.
    #[error("the person has no such certificate")]
    Unknown,
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::registers::{CertificateState as State, Role};

    fn own(serial: &str, carrier: &str, role: Role, state: State, lost: bool) -> Own {
        Own {
            serial: serial.to_owned(),
            carrier: carrier.to_owned(),
            subject: Subject {
                role,
                state,
                lost,
                expired: false,
            },
        }
    }

    /// Two cards with two certificates each, all in this state.
    fn two_cards(state: State, lost: bool) -> Vec<Own> {
        let (one, two) = (Role::Identification, Role::Signing);
        vec![
            own("A1", "A", one, state, lost),
            own("A2", "A", two, state, lost),
            own("B1", "B", one, state, lost),
            own("B2", "B", two, state, lost),
        ]
    }

    fn struck(all: &[Own], action: Action, target: Target<'_>, lost: bool) -> Vec<String> {
        let actor = Actor::Officer;
        let asked = Asked {
            action,
            target,
            lost,
            actor,
        };
        let strokes = strokes(all, &asked).unwrap();
        strokes
            .iter()
            .map(|stroke| stroke.own.serial.clone())
            .collect()
    }

    #[test]
    fn certificates_of_one_person_are_told_apart_by_serial_number() {
        let all = two_cards(State::Active, false);
        let a1 = Target::Serial("A1");
        assert_eq!(struck(&all, Action::Suspend, a1, false), ["A1"]);
        assert_eq!(struck(&all, Action::Suspend, a1, true), ["A1", "A2"]);
        assert_eq!(struck(&all, Action::Revoke, a1, false), ["A1"]);
        assert_eq!(struck(&all, Action::Revoke, a1, true), ["A1", "A2"]);
        assert_eq!(
            struck(&all, Action::Suspend, Target::All, false),
            ["A1", "B1"]
        );
        assert_eq!(struck(&all, Action::Suspend, Target::All, true).len(), 4);
    }

    #[test]
    fn a_found_card_comes_back_as_a_whole() {
        let all = two_cards(State::Stopped, true);
        assert_eq!(
            struck(&all, Action::Resume, Target::Serial("B2"), false),
            ["B2", "B1"]
        );
        let all = two_cards(State::Stopped, false);
        assert_eq!(
            struck(&all, Action::Resume, Target::Serial("B2"), false),
            ["B2"]
        );
    }

    #[test]
    fn a_serial_number_of_somebody_else_strikes_nobody() {
        let asked = Asked {
            action: Action::Suspend,
            target: Target::Serial("C1"),
            lost: true,
            actor: Actor::Holder,
        };
        let all = two_cards(State::Active, false);
        assert_eq!(strokes(&all, &asked), Err(Missed::Unknown));
        assert_eq!(
            strokes(
                &[],
                &Asked {
                    target: Target::All,
                    ..asked
                }
            ),
            Err(Missed::Unknown)
        );
    }

    proptest! {
        #[test]
        fn no_other_card_is_struck_than_the_one_that_is_named(
            states in prop::collection::vec(prop::sample::select(&State::ALL[..]), 4),
            action in prop::sample::select(&[Action::Suspend, Action::Resume, Action::Revoke][..]),
            lost in any::<bool>(),
        ) {
            let mut all = two_cards(State::Active, false);
            for (own, state) in all.iter_mut().zip(states) {
                own.subject.state = state;
            }
            let target = Target::Serial("A1");
            for actor in [Actor::Holder, Actor::Officer] {
                let asked = Asked { action, target, lost, actor };
                for stroke in strokes(&all, &asked).unwrap_or_default() {
                    prop_assert_eq!(&stroke.own.carrier, "A");
                    prop_assert!(lost || stroke.own.serial == "A1");
                    prop_assert!(stroke.own.subject.state.after(stroke.event).is_some());
                }
            }
        }
    }
}
