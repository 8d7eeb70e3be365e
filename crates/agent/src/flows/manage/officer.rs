//! What an officer does for somebody: suspends for who calls, resumes for who stands before him.
//! Req 18.3, 26.1.

use std::sync::Arc;

use lichna_ipc::{
    Alphabet, Failure, Managed, NumberKind, Purpose, ResumeRequest, SecretField, SecretKind,
    Someone, SuspendRequest,
};
use lichna_secret::Passphrase;
use serde::Serialize;

use super::{identified::Asked, managed, serial};
use crate::{
    Agent,
    authority::{Call, Exposed, Listed},
    connections::Dialogue,
    consent::Secret,
};

/// Where an officer suspends.
const SUSPENSIONS: &str = "/v1/officer/suspensions";
/// Where he resumes.
const RESUMPTIONS: &str = "/v1/officer/resumptions";
/// Fewest and most characters of a password for the telephone.
const SHORTEST: u8 = 1;
const LONGEST: u8 = 127;

/// What is asked for.
#[derive(Serialize)]
struct Order<'a> {
    person: Whom<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephone_password: Option<Exposed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<bool>,
    /// He stands before the officer, who has checked who he is.
    #[serde(skip_serializing_if = "Option::is_none")]
    appeared: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// For whom.
#[derive(Serialize)]
#[serde(untagged)]
enum Whom<'a> {
    Number { kind: NumberKind, number: &'a str },
    Identifier { identifier: &'a str },
}

impl<'a> From<&'a Someone> for Whom<'a> {
    fn from(someone: &'a Someone) -> Self {
        match someone {
            Someone::Number { kind, number } => Self::Number {
                kind: *kind,
                number,
            },
            Someone::Identifier { identifier } => Self::Identifier { identifier },
        }
    }
}

/// Suspends for who calls and knows the password that he agreed on.
///
/// # Errors
/// Why nothing was suspended.
pub async fn suspend(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: SuspendRequest,
) -> Result<Box<Managed>, Failure> {
    let someone = request.of.as_ref().ok_or_else(nobody)?;
    let (authority, reader) = (request.authority.as_ref(), request.reader.as_deref());
    let asked = Asked::of(agent, authority, reader, request.consent)?;
    let password = SecretField {
        kind: SecretKind::TelephonePassword,
        label: String::new(),
        shortest: SHORTEST,
        longest: LONGEST,
        alphabet: Alphabet::Text,
    };
    let purpose = |authority| Purpose::Suspend {
        authority,
        lost: request.lost,
        of: Some(someone.clone()),
    };
    let mut known = asked
        .identify_with(agent, dialogue, purpose, vec![password])
        .await?;
    let password: Passphrase = match known.beside.pop() {
        Some(Secret::Passphrase(password)) => password,
        _ => {
            return Err(Failure::RequestInvalid {
                reason: "no telephone password was typed".into(),
            });
        }
    };
    let serial = request.serial.as_deref().map(serial).transpose()?;
    let call = Call::post(SUSPENSIONS).of_officer().json(&Order {
        person: someone.into(),
        telephone_password: Some(Exposed(&password)),
        lost: Some(request.lost),
        appeared: None,
        serial: serial.map(|serial| serial.to_string()),
        reason: request.reason.as_deref(),
    })?;
    drop(password);
    let listed: Listed = known.call(agent, dialogue, call).await?;
    Ok(managed(&known.holder, listed.certificates, known.clock))
}

/// Resumes for who stands before him.
///
/// # Errors
/// Why nothing was resumed.
pub async fn resume(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: ResumeRequest,
) -> Result<Box<Managed>, Failure> {
    let someone = request.of.as_ref().ok_or_else(nobody)?;
    let (authority, reader) = (request.authority.as_ref(), request.reader.as_deref());
    let asked = Asked::of(agent, authority, reader, request.consent)?;
    let purpose = |authority| Purpose::Resume {
        authority,
        of: Some(someone.clone()),
    };
    let mut known = asked.identify(agent, dialogue, purpose).await?;
    let serial = request.serial.as_deref().map(serial).transpose()?;
    let call = Call::post(RESUMPTIONS).of_officer().json(&Order {
        person: someone.into(),
        telephone_password: None,
        lost: None,
        appeared: Some(true),
        serial: serial.map(|serial| serial.to_string()),
        reason: request.reason.as_deref(),
    })?;
    let listed: Listed = known.call(agent, dialogue, call).await?;
    Ok(managed(&known.holder, listed.certificates, known.clock))
}

fn nobody() -> Failure {
    Failure::RequestInvalid {
        reason: "for nobody".into(),
    }
}
