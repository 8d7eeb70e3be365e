//! What a holder asks for over his signature: resuming, revoking, and suspending where the
//! certificate that identifies him is not usable any more. Req 18.2, 18.3.

use std::sync::Arc;

use lichna_card::KeyRole;
use lichna_ipc::{
    ConsentRoute, Failure, Managed, Purpose, ResumeRequest, RevokeRequest, ServerSummary, Step,
    SuspendRequest,
};
use lichna_pki::SerialNumber;
use serde::Serialize;

use super::{managed, serial};
use crate::{
    Agent,
    authority::{Authority, Call, Line, Listed},
    cards::{Tally, insertion},
    connections::Dialogue,
    consent::Prompter,
    flows::{
        PUT_IN, certificates,
        clock::Clock,
        holder::{Holder, Wanted},
        signed_request::{self, CMS},
    },
    pin_policy::is_wrong,
};

/// Where signed requests go.
const REQUESTS: &str = "/v1/requests";

/// What is asked for.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Suspend,
    Resume,
    Revoke,
}

/// What is signed.
#[derive(Serialize)]
struct SignedRequest {
    action: Action,
    serial: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    lost: bool,
}

/// What a request has, whatever it is for.
struct Wish<'a> {
    authority: Authority,
    reader: Option<&'a str>,
    route: ConsentRoute,
    action: Action,
    serial: Option<SerialNumber>,
    reason: Option<String>,
    lost: bool,
}

/// Suspends certificates.
///
/// # Errors
/// Why they were not.
pub async fn suspend(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: SuspendRequest,
) -> Result<Box<Managed>, Failure> {
    let wish = Wish {
        authority: Authority::for_card(
            agent,
            request.authority.as_ref(),
            request.reader.as_deref(),
        )?,
        reader: request.reader.as_deref(),
        route: request.consent,
        action: Action::Suspend,
        serial: request.serial.as_deref().map(serial).transpose()?,
        reason: request.reason,
        lost: request.lost,
    };
    let purpose = |authority, _| Purpose::Suspend {
        authority,
        lost: request.lost,
        of: None,
    };
    wish.come_true(agent, dialogue, purpose).await
}

/// Resumes what was suspended.
///
/// # Errors
/// Why it was not.
pub async fn resume(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: ResumeRequest,
) -> Result<Box<Managed>, Failure> {
    let wish = Wish {
        authority: Authority::for_card(
            agent,
            request.authority.as_ref(),
            request.reader.as_deref(),
        )?,
        reader: request.reader.as_deref(),
        route: request.consent,
        action: Action::Resume,
        serial: request.serial.as_deref().map(serial).transpose()?,
        reason: request.reason,
        lost: false,
    };
    let purpose = |authority, _| Purpose::Resume {
        authority,
        of: None,
    };
    wish.come_true(agent, dialogue, purpose).await
}

/// Revokes a certificate for good.
///
/// # Errors
/// Why it was not.
pub async fn revoke(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: RevokeRequest,
) -> Result<Box<Managed>, Failure> {
    let wish = Wish {
        authority: Authority::for_card(
            agent,
            request.authority.as_ref(),
            request.reader.as_deref(),
        )?,
        reader: request.reader.as_deref(),
        route: request.consent,
        action: Action::Revoke,
        serial: request.serial.as_deref().map(serial).transpose()?,
        reason: request.reason,
        lost: false,
    };
    let purpose = |authority, serial: SerialNumber| Purpose::Revoke {
        authority,
        serial: serial.to_string(),
    };
    wish.come_true(agent, dialogue, purpose).await
}

impl Wish<'_> {
    async fn come_true(
        self,
        agent: &Arc<Agent>,
        dialogue: &Dialogue,
        purpose: impl Fn(ServerSummary, SerialNumber) -> Purpose,
    ) -> Result<Box<Managed>, Failure> {
        let mut clock = Clock::default();
        let introduced = clock
            .of(Step::AskServer, self.authority.introduce(dialogue))
            .await?;
        // Which certificate is meant is known only when the card is read.
        let before = self.serial.map_or(Purpose::ReadCard, |serial| {
            purpose(introduced.summary(), serial)
        });
        let wanted = Wanted {
            reader: self.reader,
            role: KeyRole::Signature,
            purpose: before,
            route: self.route,
            authority: &introduced,
            patience: PUT_IN,
        };
        let holder = clock.of(Step::ReadCard, Holder::find(agent, dialogue, wanted));
        let holder = holder.await?;
        let serial = match self.serial {
            Some(serial) => serial,
            None => identification(&holder).await?,
        };
        let asked = holder.ask(
            agent,
            dialogue,
            purpose(introduced.summary(), serial),
            Vec::new(),
        );
        let (pin, _) = clock.of(Step::AskHolder, asked).await?;
        let request = SignedRequest {
            action: self.action,
            serial: serial.to_string(),
            reason: self.reason.clone(),
            lost: self.lost,
        };
        dialogue.progress(Step::Sign);
        let signed = signed_request::sign(&holder.signer, &pin, &request);
        let signed = clock.of(Step::Sign, signed).await;
        drop(pin);
        let signed = signed.inspect_err(|failure| {
            if is_wrong(failure) {
                agent.consents.asked_in_vain(dialogue.asker().program);
            }
        })?;
        dialogue.progress(Step::AskAuthority);
        let mut line = Line::anonymous(introduced);
        let call = Call::post(REQUESTS).bytes(CMS, signed);
        let listed: Listed = clock.of(Step::AskAuthority, line.call(call)).await?;
        Ok(managed(&holder, listed.certificates, clock))
    }
}

/// Serial number of the certificate that identifies whoever has this card.
async fn identification(holder: &Holder) -> Result<SerialNumber, Failure> {
    let key = insertion::key(&holder.chosen.known, None)?;
    let tally = Tally::default();
    let certificate = certificates::certificate(&holder.chosen, key.reference(), &tally).await?;
    let serial = certificate.parsed.serial_number();
    serial.ok_or(Failure::CertificateUnknown)
}
