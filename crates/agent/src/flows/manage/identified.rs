//! What a holder does who has identified himself: suspend, name, look. Req 18.3, 18.5.

use std::sync::Arc;

use lichna_card::KeyRole;
use lichna_ipc::{
    AuthorityChoice, ConsentRoute, Failure, History, HistoryRequest, Managed, NameRequest, Purpose,
    SecretField, ServerSummary, Step, SuspendRequest,
};
use lichna_pki::SerialNumber;
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{by_signature, listed, managed, serial};
use crate::{
    Agent,
    authority::{self, Authority, Call, Line, Listed},
    connections::Dialogue,
    consent::{Prompter, Secret},
    flows::{
        PUT_IN,
        clock::Clock,
        holder::{Holder, Wanted},
        listing::is_practice,
        task_pin::TaskPin,
    },
    pin_policy::is_wrong,
};

/// The certificates of whoever asks.
const CERTIFICATES: &str = "/v1/holder/certificates";
/// What is suspended.
const SUSPENSIONS: &str = "/v1/holder/suspensions";
/// What happened.
const HISTORY: &str = "/v1/holder/history";
/// Most characters of a name. Req 18.5.
const LONGEST_NAME: usize = 30;

/// What is to be suspended.
#[derive(Serialize)]
struct Suspension {
    /// `None`: all of the holder's that identify him.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    lost: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

/// Suspends certificates: by who identified himself, or, where the certificate for that is not
/// usable any more, by who signs.
///
/// # Errors
/// Why they were not suspended.
pub async fn suspend(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: SuspendRequest,
) -> Result<Box<Managed>, Failure> {
    let suspended = suspend_identified(agent, dialogue, &request).await;
    match suspended {
        Err(Failure::CertificateSuspended | Failure::CertificateExpired { .. }) => {
            by_signature::suspend(agent, dialogue, request).await
        }
        suspended => suspended,
    }
}

async fn suspend_identified(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: &SuspendRequest,
) -> Result<Box<Managed>, Failure> {
    let given = request.serial.as_deref().map(serial).transpose()?;
    let (authority, reader) = (request.authority.as_ref(), request.reader.as_deref());
    let asked = Asked::of(agent, authority, reader, request.consent)?;
    let mut known = asked
        .identify(agent, dialogue, |authority| Purpose::Suspend {
            authority,
            lost: request.lost,
            of: None,
        })
        .await?;
    // The one on the card, unless another was named; a lost card is meant as a whole.
    let serial = given.or_else(|| own(&known.holder));
    let body = Suspension {
        serial: serial.map(|serial| serial.to_string()),
        lost: request.lost,
        reason: request.reason.clone(),
    };
    let call = Call::post(SUSPENSIONS).json(&body)?;
    let listed: Listed = known.call(agent, dialogue, call).await?;
    Ok(managed(&known.holder, listed.certificates, known.clock))
}

/// Gives a certificate a name.
///
/// # Errors
/// [`Failure::CertificateNameInvalid`], or why it was not named.
pub async fn name(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: NameRequest,
) -> Result<Box<Managed>, Failure> {
    let name = request.name.trim();
    let length = name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
        return Err(Failure::CertificateNameInvalid {
            name: name.chars().take(2 * LONGEST_NAME).collect(),
        });
    }
    let given = request.serial.as_deref().map(serial).transpose()?;
    let (authority, reader) = (request.authority.as_ref(), request.reader.as_deref());
    let asked = Asked::of(agent, authority, reader, request.consent)?;
    let mut known = asked
        .identify(agent, dialogue, |authority| Purpose::NameCertificate {
            authority,
            name: name.to_owned(),
        })
        .await?;
    let serial = given.or_else(|| own(&known.holder));
    let serial = serial.ok_or(Failure::CertificateUnknown)?.to_string();
    let path = format!("{CERTIFICATES}/{serial}/name");
    let call = Call::put(&path).json(&Name { name })?;
    known.tell(agent, dialogue, call).await?;
    let mut listed: Listed = known.call(agent, dialogue, Call::get(CERTIFICATES)).await?;
    listed.certificates.retain(|one| one.serial == serial);
    Ok(managed(&known.holder, listed.certificates, known.clock))
}

/// What happened with the holder's certificates.
///
/// # Errors
/// Why it cannot be had.
pub async fn history(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: HistoryRequest,
) -> Result<Box<History>, Failure> {
    let (authority, reader) = (request.authority.as_ref(), request.reader.as_deref());
    let asked = Asked::of(agent, authority, reader, request.consent)?;
    let mut known = asked
        .identify(agent, dialogue, |authority| Purpose::History { authority })
        .await?;
    let history: authority::History = known.call(agent, dialogue, Call::get(HISTORY)).await?;
    Ok(Box::new(History {
        reader: known.holder.chosen.card.insertion.reader.clone(),
        practice: is_practice(&known.holder.chosen.card),
        certificates: listed::certificates(history.certificates),
        entries: history.entries.into_iter().map(listed::entry).collect(),
    }))
}

/// Serial number of the certificate that somebody identified himself with.
fn own(holder: &Holder) -> Option<SerialNumber> {
    holder.signer.identity.certificate.parsed.serial_number()
}

/// Where, and with which card.
pub struct Asked<'a> {
    authority: Authority,
    reader: Option<&'a str>,
    route: ConsentRoute,
}

/// Somebody with a card, and a line on which it identifies him.
pub struct Identified {
    /// The card.
    pub holder: Holder,
    /// The line.
    pub line: Line,
    /// What took how long.
    pub clock: Clock,
    /// What was typed beside the PIN.
    pub beside: Vec<Secret>,
    _pin: TaskPin,
}

impl<'a> Asked<'a> {
    /// At this authority (`None`: the one that is set), with the card in the reader of this name;
    /// `route` is who shows the consent.
    ///
    /// # Errors
    /// Why there is no such authority.
    pub fn of(
        agent: &Agent,
        authority: Option<&AuthorityChoice>,
        reader: Option<&'a str>,
        route: ConsentRoute,
    ) -> Result<Self, Failure> {
        Ok(Self {
            authority: Authority::for_card(agent, authority, reader)?,
            reader,
            route,
        })
    }

    /// Learns who the authority is while the card is read, then asks for the PIN.
    pub async fn identify(
        &self,
        agent: &Arc<Agent>,
        dialogue: &Dialogue,
        purpose: impl FnOnce(ServerSummary) -> Purpose,
    ) -> Result<Identified, Failure> {
        self.identify_with(agent, dialogue, purpose, Vec::new())
            .await
    }

    /// The same, where more is typed beside the PIN.
    pub async fn identify_with(
        &self,
        agent: &Arc<Agent>,
        dialogue: &Dialogue,
        purpose: impl FnOnce(ServerSummary) -> Purpose,
        more: Vec<SecretField>,
    ) -> Result<Identified, Failure> {
        let mut clock = Clock::default();
        let introduced = clock
            .of(Step::AskServer, self.authority.introduce(dialogue))
            .await?;
        let purpose = purpose(introduced.summary());
        let wanted = Wanted {
            reader: self.reader,
            role: KeyRole::Authentication,
            purpose: purpose.clone(),
            route: self.route,
            authority: &introduced,
            patience: PUT_IN,
        };
        let holder = clock.of(Step::ReadCard, Holder::find(agent, dialogue, wanted));
        let holder = holder.await?;
        let asked = holder.ask(agent, dialogue, purpose, more);
        let (pin, beside) = clock.of(Step::AskHolder, asked).await?;
        Ok(Identified {
            line: holder.line(agent, introduced, &pin),
            holder,
            clock,
            beside,
            _pin: pin,
        })
    }
}

impl Identified {
    /// Asks the authority for something.
    pub async fn call<T: DeserializeOwned>(
        &mut self,
        agent: &Agent,
        dialogue: &Dialogue,
        call: Call<'_>,
    ) -> Result<T, Failure> {
        dialogue.progress(Step::AskAuthority);
        let insertion = self.holder.chosen.card.insertion.clone();
        let answered = tokio::select! {
            answered = self.clock.of(Step::AskAuthority, self.line.call(call)) => answered,
            // A connection dies with its card.
            () = agent.cards.removed(&insertion) => Err(Failure::CardRemoved),
        };
        let answered = match answered {
            Err(failure) => Err(agent.cards.or_removed(&insertion, failure).await),
            answered => answered,
        };
        answered.inspect_err(|failure| {
            if is_wrong(failure) {
                agent.consents.asked_in_vain(dialogue.asker().program);
            }
        })
    }

    /// The same, where nothing but success is of interest.
    pub async fn tell(
        &mut self,
        agent: &Agent,
        dialogue: &Dialogue,
        call: Call<'_>,
    ) -> Result<(), Failure> {
        self.call::<IgnoredAny>(agent, dialogue, call)
            .await
            .map(|_| ())
    }
}
