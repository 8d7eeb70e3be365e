//! One card: is it known, has it a certificate that counts today, can its PIN be used?

use std::sync::Arc;

use lichna_ipc::{Failure, Finding, FindingState, PinState, Remedy};
use time::OffsetDateTime;

use super::{Told, bad, finding, good, let_go, skipped, warning};
use crate::{
    Agent,
    cards::{CardView, Chosen, KnownCard, Stage, Tally, hex},
    flows::{ask, certificates, explained, pin},
};

/// Looks at the card in `reader`.
pub async fn examine(
    agent: &Agent,
    reader: &str,
    card: &Arc<CardView>,
    findings: &mut Vec<Finding>,
) {
    let reader = reader.to_owned();
    let failure = match &card.stage {
        Stage::Known(known) => {
            findings.push(good("card").about(&reader));
            match agent.cards.thread_of(&reader) {
                Some(thread) => {
                    let chosen = Chosen {
                        thread,
                        card: Arc::clone(card),
                        known: Arc::clone(known),
                    };
                    match known.guard(&reader) {
                        Ok(_) => {
                            // One secure channel for all that is asked.
                            let _hold = chosen.thread.hold();
                            certificate(&chosen, known, findings).await;
                            pins(agent, &chosen, known, findings).await;
                        }
                        // What is behind the channel is not looked at without the holder.
                        Err(needs @ Failure::CanNeeded { .. }) => {
                            for check in ["certificate", "pin"] {
                                let skipped =
                                    finding(check, FindingState::Skipped, Some(needs.clone()));
                                findings.push(skipped.about(&reader));
                            }
                        }
                        Err(failure) => {
                            findings.push(bad("channel", failure).about(&reader));
                            findings.extend(["certificate", "pin"].map(skipped));
                        }
                    }
                }
                None => findings.extend(["certificate", "pin"].map(skipped)),
            }
            return;
        }
        Stage::Unknown => Failure::CardUnknown {
            atr: hex(&card.atr),
            reader: reader.clone(),
        },
        Stage::Reading => Failure::CardTimeout {
            reader: reader.clone(),
        },
        Stage::Failed(failure) => failure.clone(),
    };
    let remedy = match &failure {
        Failure::CardInUse { holders, .. } => let_go(holders),
        _ => None,
    };
    findings.push(bad("card", failure).mended_by(remedy).about(&reader));
    findings.extend(["certificate", "pin"].map(skipped));
}

/// The certificate for logging in.
async fn certificate(chosen: &Chosen, known: &KnownCard, findings: &mut Vec<Finding>) {
    let Some(key) = known.profile().login_keys().next() else {
        findings.push(skipped("certificate"));
        return;
    };
    let subject = format!("{} {}", chosen.thread.reader(), key.reference());
    let found = certificates::certificate(chosen, key.reference(), &Tally::default()).await;
    let found = match found {
        Ok(found) => found,
        Err(failure) => {
            findings.push(bad("certificate", failure).about(&subject));
            return;
        }
    };
    let now = OffsetDateTime::now_utc();
    if found.parsed.not_after() < now {
        let date = explained::date(found.parsed.not_after());
        let expired = Failure::CertificateExpired { date };
        findings.push(bad("certificate", expired).about(&subject));
        return;
    }
    findings.push(good("certificate").about(&subject));
    if now < found.parsed.not_before() {
        let date = explained::date(found.parsed.not_before());
        let early = Failure::CertificateNotYetValid { date };
        let clock = bad("clock", early).mended_by(Some(Remedy::SetClock));
        findings.push(clock.about(&subject));
    } else {
        findings.push(good("clock"));
    }
}

/// The PIN for logging in.
async fn pins(agent: &Agent, chosen: &Chosen, known: &KnownCard, findings: &mut Vec<Finding>) {
    let reader = chosen.thread.reader();
    let guard = known.profile().login_keys().find_map(|key| key.pin());
    let Some(rules) = guard.and_then(|pin| known.profile().pin(pin)) else {
        findings.push(skipped("pin"));
        return;
    };
    let asked = vec![(rules.reference(), rules.unblocked_by())];
    let (status, puk) = match pin::states(chosen, asked).await.map(|mut all| all.pop()) {
        Ok(Some(states)) => states,
        Ok(None) => return,
        Err(failure) => {
            findings.push(bad("pin", failure).about(reader));
            return;
        }
    };
    let unblock = rules.unblocked_by().map(|_| Remedy::UnblockPin {
        reader: reader.to_owned(),
    });
    let finding = match pin::state(&status, puk.as_ref()) {
        PinState::Blocked => bad("pin", Failure::PinBlocked).mended_by(unblock),
        PinState::UnblockingBlocked => bad("pin", Failure::PukBlocked),
        PinState::Suspended => bad("pin", Failure::PinSuspended),
        PinState::NotActivated => bad("pin", Failure::PinNotActivated),
        PinState::Ready if ask::tries_left(&status) == Some(1) => {
            warning("pin", Failure::LastTryRefused)
        }
        _ => match agent.policy.may_take(&chosen.card.insertion) {
            Ok(()) => good("pin"),
            Err(locked) => warning("pin", locked),
        },
    };
    findings.push(finding.about(reader));
}
