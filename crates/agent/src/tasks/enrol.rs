//! A first pair of certificates for a card, Art. 14: on the word of an officer, who has the person
//! before him, or by an invitation.

use std::sync::Arc;

use lichna_ipc::{Applicant, ConsentRoute, EnrolRequest, Failure, Purpose, TaskKind, TaskOutcome};
use lichna_secret::Passphrase;
use uuid::Uuid;

use super::{
    card,
    record::Record,
    run::{Place, Run, now, same_card},
    shelf::Running,
    two_cards::{self, Seats},
};
use crate::{
    Agent,
    authority::{Authority, Code, Introduced},
    connections::Dialogue,
    flows::unlock::readable_by,
    practice,
};

/// Enrols.
///
/// # Errors
/// Why not; what was begun can be resumed.
pub async fn enrol(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: EnrolRequest,
) -> Result<TaskOutcome, Failure> {
    let authority = Authority::of(agent, request.authority.as_ref())?;
    let introduced = authority.introduce(dialogue).await?;
    let (place, prepared, code) = match &request.applicant {
        Applicant::Invitation { application } => {
            let invited = invited(agent, dialogue, &request, &introduced, application);
            invited.await?
        }
        Applicant::Practice => practising(agent, dialogue, &request, &introduced).await?,
        Applicant::Officer { .. } => officer(agent, dialogue, &request, &introduced).await?,
    };
    let route = request.consent;
    let mut run = Run::new((agent, dialogue), prepared, introduced, place, route);
    run.code = code.map(Code::from);
    run.work().await
}

type Prepared = (Place, (Record, Running), Option<Passphrase>);

async fn invited(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: &EnrolRequest,
    introduced: &Introduced,
    application: &str,
) -> Result<Prepared, Failure> {
    if !Record::is_id(application) {
        return Err(Failure::ApplicationUnknown {
            application: application.chars().take(64).collect(),
        });
    }
    let reader = request.reader.as_deref();
    let place = blank(agent, dialogue, reader, request.consent).await?;
    let number = card::number(&place.chosen)?;
    let id = Uuid::new_v4().to_string();
    let running = agent.tasks.begin(&id, &number)?;
    let purpose = Purpose::Invitation {
        application: application.to_owned(),
        authority: introduced.summary(),
    };
    let code = two_cards::ask_code(agent, dialogue, purpose, request.consent).await?;
    let record = Record {
        invited: true,
        ..prepared(id, request, introduced, (number, application.to_owned()))
    };
    agent.tasks.write(&record)?;
    Ok((place, (record, running), Some(code)))
}

/// The card is a practice card, and the authority a sandbox.
async fn practising(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: &EnrolRequest,
    introduced: &Introduced,
) -> Result<Prepared, Failure> {
    let reader = request.reader.as_deref();
    let place = blank(agent, dialogue, reader, request.consent).await?;
    let number = card::number(&place.chosen)?;
    let id = Uuid::new_v4().to_string();
    let running = agent.tasks.begin(&id, &number)?;
    let (application, code) = practice::apply(agent, introduced, &number).await?;
    practice::remember(agent, &number, &introduced.authority)?;
    let record = Record {
        invited: true,
        ..prepared(id, request, introduced, (number, application.to_string()))
    };
    agent.tasks.write(&record)?;
    Ok((place, (record, running), Some(code)))
}

async fn officer(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: &EnrolRequest,
    introduced: &Introduced,
) -> Result<Prepared, Failure> {
    let seats = Seats::of(agent, request).await?;
    let route = request.consent;
    // The number of the holder's card stands in the application.
    let mut place = match (&seats, &request.card) {
        (Seats::One { .. }, Some(_)) => None,
        (Seats::Two { holder, .. }, _) => Some(blank(agent, dialogue, Some(holder), route).await?),
        (Seats::One { reader }, None) => {
            Some(blank(agent, dialogue, reader.as_deref(), route).await?)
        }
    };
    let number = match (&place, &request.card) {
        (Some(place), Some(expected)) => {
            same_card(&place.chosen, expected)?;
            expected.clone()
        }
        (Some(place), None) => card::number(&place.chosen)?,
        (None, Some(expected)) => expected.clone(),
        (None, None) => return Err(Failure::NoCard),
    };
    let id = Uuid::new_v4().to_string();
    let application = Uuid::new_v4().to_string();
    let running = agent.tasks.begin(&id, &number)?;
    let record = prepared(id, request, introduced, (number.clone(), application));
    if let Seats::One { .. } = &seats
        && let Some(place) = place.take()
    {
        let insertion = place.chosen.card.insertion.clone();
        drop(place);
        two_cards::taken_out(agent, dialogue, &insertion).await?;
    }
    // Whatever becomes of the answer: the application has its id on the disk.
    agent.tasks.write(&record)?;
    let applied = two_cards::apply(agent, dialogue, introduced, (request, &record), &seats).await;
    let (code, officers) = match applied {
        Ok(applied) => applied,
        Err(failure) => {
            // Nothing is there to go on with.
            if !two_cards::may_have_arrived(&failure) {
                agent.tasks.remove(&record.id)?;
            }
            return Err(failure);
        }
    };
    if let Some(officers) = officers {
        two_cards::taken_out(agent, dialogue, &officers).await?;
    }
    let place = match place {
        Some(place) => place,
        None => {
            let reader = seats.holders();
            two_cards::card_of(agent, dialogue, reader, &number, route).await?
        }
    };
    Ok((place, (record, running), Some(code)))
}

/// A card that can be enrolled.
async fn blank(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    reader: Option<&str>,
    route: ConsentRoute,
) -> Result<Place, Failure> {
    let (chosen, hold) = readable_by(agent, dialogue, reader, Purpose::ReadCard, route).await?;
    card::personalisable(&chosen).await?;
    if card::has_certificates(&chosen.known) && card::has_spares(&chosen) {
        return Err(Failure::CardHasCertificates {
            card: card::number(&chosen)?,
        });
    }
    Ok(Place {
        chosen,
        _hold: hold,
    })
}

fn prepared(
    id: String,
    request: &EnrolRequest,
    introduced: &Introduced,
    (card, application): (String, String),
) -> Record {
    let authority = introduced.authority.choice.clone();
    Record {
        wanted: request.key_algorithm.clone(),
        application: Some(application),
        ..Record::new(id, TaskKind::Enrol, authority, now(), card)
    }
}
