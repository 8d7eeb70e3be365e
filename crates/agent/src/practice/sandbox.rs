//! The authority for practice: a practice card that has its certificates from a sandbox goes with
//! that one alone, and no other card goes with it.

use lichna_ipc::{AuthorityChoice, Failure};
use lichna_secret::Passphrase;
use serde::Serialize;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::folder;
use crate::{
    Agent,
    authority::{Authority, Call, Introduced, Line, PlacedPractice},
    cards::CardView,
    flows::listing::is_practice,
};

/// Where a practice card is applied for.
const APPLICATIONS: &str = "/practice/applications";

/// A practice card, as its sandbox is told of it.
#[derive(Serialize)]
struct Body<'a> {
    card: &'a str,
    key: &'a str,
}

/// The sandbox of the practice card in this reader (`None`: in the only one with a card), if it has
/// one.
///
/// # Errors
/// What the card's sandbox is cannot be read.
pub fn authority_of(
    agent: &Agent,
    reader: Option<&str>,
) -> Result<Option<AuthorityChoice>, Failure> {
    let reader = match reader {
        Some(reader) => Some(reader.to_owned()),
        None => agent.cards.only_with_card(),
    };
    let number = reader.and_then(|reader| agent.practice.slots.number_in(&reader));
    number.map_or(Ok(None), |number| folder(agent).authority(&number))
}

/// Whether this card is one that goes with this authority.
///
/// # Errors
/// [`Failure::OtherAuthority`].
pub fn fits(agent: &Agent, card: &CardView, authority: &Authority) -> Result<(), Failure> {
    let own = authority_of(agent, Some(&card.insertion.reader))?;
    let fits = match own {
        Some(own) => own.url == authority.choice.url,
        // A practice card that was enrolled otherwise may be one of an authority for tests.
        None => is_practice(card) || !folder(agent).knows(&authority.choice)?,
    };
    if fits {
        return Ok(());
    }
    Err(Failure::OtherAuthority {
        host: authority.host().to_owned(),
    })
}

/// Keeps in mind that the card with this number goes with this sandbox.
///
/// # Errors
/// [`Failure::PracticeFileUnwritable`].
pub fn remember(agent: &Agent, number: &str, authority: &Authority) -> Result<(), Failure> {
    folder(agent).remember(number, &authority.choice)
}

/// Applies for the practice card with this number, which is put in; id and code of the application.
///
/// # Errors
/// Why the sandbox takes none.
pub async fn apply(
    agent: &Agent,
    introduced: &Introduced,
    number: &str,
) -> Result<(Uuid, Passphrase), Failure> {
    let key = agent.practice.slots.administrator_key(number);
    let key = key.ok_or_else(|| Failure::PracticeCardNotInserted {
        number: number.to_owned(),
    })?;
    let key = Zeroizing::new(hex::encode(&key[..]));
    let call = Call::post(APPLICATIONS).json(&Body {
        card: number,
        key: &key,
    })?;
    let mut line = Line::anonymous(introduced.clone());
    let placed: PlacedPractice = line.call(call).await?;
    let code = placed.code.ok_or_else(|| no_code(introduced))?;
    Ok((placed.application, code))
}

/// Another code for an application that was interrupted; `None` where it was none of a sandbox.
///
/// # Errors
/// Why there is none.
pub async fn code_again(
    agent: &Agent,
    introduced: &Introduced,
    (number, application): (&str, &str),
) -> Result<Option<Passphrase>, Failure> {
    let own = folder(agent).authority(number).ok().flatten();
    if own.is_none_or(|own| own.url != introduced.authority.choice.url) {
        return Ok(None);
    }
    let path = format!("{APPLICATIONS}/{application}/code");
    let mut line = Line::anonymous(introduced.clone());
    let placed: crate::authority::PlacedApplication = line
        .call(Call::post(&path).about(Some(application), None))
        .await?;
    placed.code.ok_or_else(|| no_code(introduced)).map(Some)
}

fn no_code(introduced: &Introduced) -> Failure {
    Failure::AuthorityMalformed {
        host: introduced.authority.host().to_owned(),
        what: "no code".into(),
    }
}
