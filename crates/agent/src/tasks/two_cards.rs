//! The officer's card and the holder's: in a reader each, or one after the other in one.

use std::sync::Arc;

use lichna_card::KeyRole;
use lichna_ipc::{
    Alphabet, Applicant, ConsentRoute, EnrolRequest, Failure, Purpose, SecretField, SecretKind,
    Step, TaskKind, TaskResumeRequest,
};
use lichna_secret::Passphrase;

use super::{
    card,
    core::{self, Action},
    record::{Record, present},
    run::{PUT_IN, Place, same_card},
};
use crate::{
    Agent,
    authority::{Call, Exposed, Introduced, PersonBody, PersonData, PlacedApplication},
    cards::Stage,
    connections::Dialogue,
    consent::{Prompter, Secret},
    flows::{
        ask::without_card,
        holder::{Holder, Wanted},
        unlock::{self, Need},
    },
    pin_policy::Insertion,
    practice,
};

/// Fewest and most characters of a password for the telephone.
const TELEPHONE: (u8, u8) = (6, 64);
/// Most characters of an application's code.
const LONGEST_CODE: u8 = 127;

/// Which card sits where.
pub enum Seats {
    /// In a reader each.
    Two {
        /// The officer's.
        officer: String,
        /// The holder's.
        holder: String,
    },
    /// One after the other.
    One {
        /// Its name; `None`: the only one there is.
        reader: Option<String>,
    },
}

impl Seats {
    /// As the request says, else as the cards show: who has certificates is the officer.
    ///
    /// # Errors
    /// [`Failure::SeveralCards`] when that does not tell.
    pub async fn of(agent: &Agent, request: &EnrolRequest) -> Result<Self, Failure> {
        let Applicant::Officer { officer_reader, .. } = &request.applicant else {
            return Ok(Self::One {
                reader: request.reader.clone(),
            });
        };
        let view = agent.cards.settled().await;
        let present: Vec<_> = view
            .readers
            .iter()
            .filter(|reader| reader.card.is_some())
            .map(|reader| reader.name.clone())
            .collect();
        let two = |officer: &str, holder: &str| Self::Two {
            officer: officer.to_owned(),
            holder: holder.to_owned(),
        };
        let other = |one: &str| present.iter().find(|reader| *reader != one);
        Ok(match (officer_reader, &request.reader) {
            (Some(officer), Some(holder)) if officer != holder => two(officer, holder),
            (Some(one), None) => match other(one) {
                Some(holder) if present.len() == 2 => two(one, holder),
                _ => Self::One {
                    reader: Some(one.clone()),
                },
            },
            (None, Some(one)) => match other(one) {
                Some(officer) if present.len() == 2 => two(officer, one),
                _ => Self::One {
                    reader: Some(one.clone()),
                },
            },
            (Some(one), Some(_)) => Self::One {
                reader: Some(one.clone()),
            },
            (None, None) => match present.as_slice() {
                [] | [_] => Self::One { reader: None },
                [one, other] => {
                    let has = |reader: &str| {
                        let card = view.reader(reader).and_then(|view| view.card.as_ref());
                        matches!(card.map(|card| &card.stage), Some(Stage::Known(known))
                            if known.is_read() && card::has_certificates(known))
                    };
                    match (has(one), has(other)) {
                        (true, false) => two(one, other),
                        (false, true) => two(other, one),
                        _ => {
                            return Err(Failure::SeveralCards {
                                readers: present.join(", "),
                            });
                        }
                    }
                }
                _ => {
                    return Err(Failure::SeveralCards {
                        readers: present.join(", "),
                    });
                }
            },
        })
    }

    /// Where the holder's card is, or comes.
    pub fn holders(&self) -> Option<&str> {
        match self {
            Self::Two { holder, .. } => Some(holder),
            Self::One { reader } => reader.as_deref(),
        }
    }

    fn officers(&self) -> Option<&str> {
        match self {
            Self::Two { officer, .. } => Some(officer),
            Self::One { reader } => reader.as_deref(),
        }
    }
}

/// Waits until a card was taken out, to make room for another.
///
/// # Errors
/// [`Failure::PromptTimeout`] when nobody does so.
pub async fn taken_out(
    agent: &Agent,
    dialogue: &Dialogue,
    insertion: &Insertion,
) -> Result<(), Failure> {
    dialogue.progress(Step::ExchangeCards);
    let removed = tokio::time::timeout(PUT_IN, agent.cards.removed(insertion));
    removed.await.map_err(|_| Failure::PromptTimeout)
}

/// The card with that number, in `reader` or in the only one; a person is asked for it.
///
/// # Errors
/// [`Failure::OtherCard`], or why there is no card.
pub async fn card_of(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: Option<&str>,
    number: &str,
    route: ConsentRoute,
) -> Result<Place, Failure> {
    let reader = match reader {
        Some(reader) => Some(reader.to_owned()),
        None => with_number(agent, number).await,
    };
    let chosen = agent.cards.choose(reader.as_deref(), PUT_IN, dialogue);
    let chosen = chosen.await?;
    let hold = chosen.thread.hold();
    let tally = crate::cards::Tally::default();
    let need = Need {
        route,
        ..Need::to_read(&tally)
    };
    unlock::unlock(agent, dialogue, &chosen, need).await?;
    card::personalisable(&chosen).await?;
    same_card(&chosen, number)?;
    Ok(Place {
        chosen,
        _hold: hold,
    })
}

/// The reader with a card of that number, where several cards are put in.
async fn with_number(agent: &Agent, number: &str) -> Option<String> {
    let view = agent.cards.settled().await;
    for card in view
        .readers
        .iter()
        .filter_map(|reader| reader.card.as_ref())
    {
        let Ok(chosen) = agent.cards.of_insertion(&card.insertion) else {
            continue;
        };
        // One that does not tell is not the one.
        if card::learn_number(&chosen).await.is_ok() && chosen.known.number() == Some(number) {
            return Some(card.insertion.reader.clone());
        }
    }
    None
}

/// The officer's line to the authority.
async fn officer(
    agent: &Agent,
    dialogue: &Dialogue,
    introduced: &Introduced,
    reader: Option<&str>,
    (purpose, route): (Purpose, ConsentRoute),
) -> Result<Holder, Failure> {
    dialogue.progress(Step::WaitForOfficersCard);
    let wanted = Wanted {
        reader,
        role: KeyRole::Authentication,
        purpose,
        route,
        authority: introduced,
        patience: PUT_IN,
    };
    Holder::find(agent, dialogue, wanted).await
}

/// The officer applies for the person; the code of the application is what comes back, and, where his
/// card is in the only reader, that it is to be taken out.
///
/// # Errors
/// Why not.
pub async fn apply(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    introduced: &Introduced,
    (request, record): (&EnrolRequest, &Record),
    seats: &Seats,
) -> Result<(Passphrase, Option<Insertion>), Failure> {
    let Applicant::Officer {
        person,
        telephone_password,
        ..
    } = &request.applicant
    else {
        return Err(Failure::RequestInvalid {
            reason: "no officer".into(),
        });
    };
    let purpose = Purpose::Application {
        person: person.clone(),
        authority: introduced.summary(),
    };
    let reader = seats.officers();
    let asked = (purpose.clone(), request.consent);
    let officer = officer(agent, dialogue, introduced, reader, asked).await?;
    let mut more = Vec::new();
    if *telephone_password {
        more.push(SecretField {
            kind: SecretKind::NewTelephonePassword,
            label: String::new(),
            shortest: TELEPHONE.0,
            longest: TELEPHONE.1,
            alphabet: Alphabet::Text,
        });
    }
    let (pin, mut secrets) = officer.ask(agent, dialogue, purpose, more).await?;
    let telephone = match secrets.pop() {
        Some(Secret::Passphrase(password)) => Some(password),
        _ => None,
    };
    dialogue.progress(Step::AskAuthority);
    let mut line = officer.line(agent, introduced.clone(), &pin);
    let application = present(record.application.as_ref(), &record.id)?;
    let path = format!("/v1/applications/{application}");
    let call = {
        let body = PersonBody {
            person: PersonData {
                kind: person.kind,
                number: &person.number,
                cyrillic: &person.cyrillic,
                latin: &person.latin,
                email: person.email.as_deref(),
            },
            card: &record.card,
            telephone_password: telephone.as_ref().map(Exposed),
            appeared: true,
        };
        Call::put(&path).json(&body)?
    };
    drop(telephone);
    let call = call
        .about(Some(application), Some(&record.card))
        .of_officer();
    let placed: PlacedApplication = line.call(call).await?;
    let code = match placed.code {
        Some(code) => code,
        // The answer to the first was lost; the code is told once.
        None => new_code(&mut line, application).await?,
    };
    let insertion = match seats {
        Seats::One { .. } => Some(officer.chosen.card.insertion.clone()),
        Seats::Two { .. } => None,
    };
    Ok((code, insertion))
}

/// Whether the authority may have what was sent, although there is no answer: then it is asked again
/// when the task is resumed.
pub const fn may_have_arrived(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::ServerTimeout { .. }
            | Failure::ServerTlsFailed { .. }
            | Failure::AuthorityMalformed { .. }
    )
}

async fn new_code(
    line: &mut crate::authority::Line,
    application: &str,
) -> Result<Passphrase, Failure> {
    let path = format!("/v1/applications/{application}/code");
    let placed: PlacedApplication = line
        .call(Call::post(&path).about(Some(application), None))
        .await?;
    placed.code.ok_or_else(|| Failure::AuthorityMalformed {
        host: line.host().to_owned(),
        what: "no code".into(),
    })
}

/// Whether the authority wants the code of the application for what is left to do.
pub fn wants_code(record: &Record) -> bool {
    record.kind == TaskKind::Enrol
        && !matches!(
            core::action(record.course(), record.state),
            Action::Confirm | Action::Complete | Action::TakeBack
        )
}

/// The code of an application whose task was interrupted: from the holder who was invited, or a
/// new one by the officer's card.
///
/// # Errors
/// Why there is none.
pub async fn code_again(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    record: &Record,
    introduced: &Introduced,
    request: &TaskResumeRequest,
) -> Result<Option<Passphrase>, Failure> {
    let application = present(record.application.as_ref(), &record.id)?.clone();
    let purpose = Purpose::Invitation {
        application: application.clone(),
        authority: introduced.summary(),
    };
    if record.invited {
        let of = (record.card.as_str(), application.as_str());
        if let Some(code) = practice::code_again(agent, introduced, of).await? {
            return Ok(Some(code));
        }
        let code = ask_code(agent, dialogue, purpose, request.consent).await?;
        return Ok(Some(code));
    }
    let reader = match (&request.officer_reader, &request.reader) {
        (Some(reader), _) => Some(reader.clone()),
        (None, holder) => {
            let holder = match holder {
                Some(holder) => Some(holder.clone()),
                None => with_number(agent, &record.card).await,
            };
            other_reader(agent, holder.as_deref()).await
        }
    };
    let asked = (purpose.clone(), request.consent);
    let officer = officer(agent, dialogue, introduced, reader.as_deref(), asked).await?;
    let (pin, _) = officer.ask(agent, dialogue, purpose, Vec::new()).await?;
    let mut line = officer.line(agent, introduced.clone(), &pin);
    let code = new_code(&mut line, &application).await?;
    let same = request.reader.is_some() && request.reader == request.officer_reader;
    let alone = other_reader(agent, Some(officer.chosen.thread.reader()))
        .await
        .is_none();
    if same || (alone && request.reader.is_none()) {
        let insertion = officer.chosen.card.insertion.clone();
        drop((line, pin, officer));
        taken_out(agent, dialogue, &insertion).await?;
    }
    Ok(Some(code))
}

/// A reader with a card, other than this one.
async fn other_reader(agent: &Agent, reader: Option<&str>) -> Option<String> {
    let view = agent.cards.settled().await;
    let mut others = view
        .readers
        .iter()
        .filter(|one| one.card.is_some() && Some(one.name.as_str()) != reader);
    match (others.next(), others.next()) {
        (Some(one), None) => Some(one.name.clone()),
        _ => None,
    }
}

/// Asks for the code of an application: no card is wanted for that.
///
/// # Errors
/// Why nobody gave it.
pub async fn ask_code(
    agent: &Agent,
    dialogue: &Dialogue,
    purpose: Purpose,
    route: ConsentRoute,
) -> Result<Passphrase, Failure> {
    let code = SecretField {
        kind: SecretKind::ApplicationCode,
        label: String::new(),
        shortest: 1,
        longest: LONGEST_CODE,
        alphabet: Alphabet::Ascii,
    };
    let (mut agreed, _turn) = without_card(agent, dialogue, purpose, vec![code], route).await?;
    match agreed.secrets.pop() {
        Some(Secret::Passphrase(code)) => Ok(code),
        _ => Err(Failure::RequestInvalid {
            reason: "no code was typed".into(),
        }),
    }
}
