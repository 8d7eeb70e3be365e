//! Renewal at home, by the holder, with the certificates that are on the card. Req 13.6

use std::sync::Arc;

use lichna_card::{KeyRole, Renewal};
use lichna_ipc::{CertificateInfo, Failure, Purpose, RenewRequest, TaskKind, TaskOutcome};
use uuid::Uuid;

use super::{
    card,
    core::{self, Action, Part},
    record::Record,
    run::{PUT_IN, Place, Run, now},
};
use crate::{
    Agent,
    authority::Authority,
    cards::insertion,
    connections::Dialogue,
    flows::{
        certificates,
        holder::{Holder, Wanted},
        signing::{CardSigner, Identity},
    },
    uses::Using,
};

/// Renews what is on a card.
///
/// # Errors
/// Why not; what was begun can be resumed.
pub async fn renew(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: RenewRequest,
) -> Result<TaskOutcome, Failure> {
    let authority =
        Authority::for_card(agent, request.authority.as_ref(), request.reader.as_deref())?;
    let introduced = authority.introduce(dialogue).await?;
    let wanted = Wanted {
        reader: request.reader.as_deref(),
        role: KeyRole::Authentication,
        purpose: Purpose::Renew {
            authority: introduced.summary(),
            overwrites: false,
        },
        route: request.consent,
        authority: &introduced,
        patience: PUT_IN,
    };
    let holder = Holder::find(agent, dialogue, wanted).await?;
    let chosen = &holder.chosen;
    card::personalisable(chosen).await?;
    let not_supported = |reason: &str| Failure::RenewalNotSupported {
        reason: reason.into(),
    };
    let part = match chosen.known.profile().renewal() {
        Some(Renewal::Spare) => None,
        Some(Renewal::Overwrite) => Some(Part::Identification),
        Some(_) => {
            return Err(not_supported(
                "the card keeps its keys, and the authority certifies no key twice",
            ));
        }
        None => return Err(not_supported("the card's profile does not say how")),
    };
    let places = card::places(chosen)?;
    let present = holder.signer.identity.algorithm.name().to_owned();
    let wanted = request.key_algorithm.unwrap_or(present);
    card::algorithm(chosen, &places, Some(&wanted), &[])?;
    let id = Uuid::new_v4().to_string();
    let number = card::number(chosen)?;
    let running = agent.tasks.begin(&id, &number)?;
    let authority = authority.choice.clone();
    let record = Record {
        part,
        wanted: Some(wanted),
        ..Record::new(id, TaskKind::Renew, authority, now(), number)
    };
    agent.tasks.write(&record)?;
    let place = Place {
        chosen: holder.chosen.clone(),
        _hold: holder.chosen.thread.hold(),
    };
    drop(holder);
    let pair = (record, running);
    let run = Run::new((agent, dialogue), pair, introduced, place, request.consent);
    run.work().await
}

/// Of a renewal that is resumed: the key that vouches for the new one must still be good for what
/// is to be done.
///
/// # Errors
/// Why it is not.
pub async fn find_vouching(run: &Run<'_>) -> Result<(), Failure> {
    let todo = core::action(run.record.course(), run.record.state);
    if matches!(
        todo,
        Action::Confirm | Action::Activate | Action::Complete | Action::TakeBack
    ) {
        return Ok(());
    }
    let vouching = match run.record.part {
        Some(Part::Identification) => KeyRole::Signature,
        _ => KeyRole::Authentication,
    };
    signer(run, vouching).await.map(|_| ())
}

/// A key that the card uses now.
///
/// # Errors
/// That there is none, or that its certificate has expired.
pub async fn signer(run: &Run<'_>, role: KeyRole) -> Result<CardSigner, Failure> {
    let chosen = &run.place.chosen;
    let (key, pin) = insertion::current(&chosen.known, role)?;
    Ok(CardSigner {
        chosen: chosen.clone(),
        identity: Identity::of(chosen, key.reference(), pin, &run.tally).await?,
        tally: run.tally.clone(),
        policy: run.agent.policy.clone(),
        using: run.using(Using::of_holder(role)),
    })
}

/// The certificate that is renewed, for the holder to see.
pub async fn shown(run: &Run<'_>) -> Option<CertificateInfo> {
    if run.record.kind != TaskKind::Renew {
        return None;
    }
    let chosen = &run.place.chosen;
    let profile = Arc::clone(chosen.known.profile());
    let role = match run.record.part {
        Some(Part::Signing) => KeyRole::Signature,
        _ => KeyRole::Authentication,
    };
    let key = profile.current(role)?;
    let certificate = certificates::certificate(chosen, key.reference(), &run.tally).await;
    Some(certificates::info(
        &chosen.card,
        key,
        &certificate.ok()?.parsed,
    ))
}
