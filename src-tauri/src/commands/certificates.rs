//! A card's certificates, and what their holder does with them. Req C.4, 18.

use lichna_ipc::{
    CertificateChoice, CertificateInfo, CertificateOf, ConsentRoute, History, HistoryRequest,
    Managed, NameRequest, RenewRequest, Reply, Request, ResumeRequest, RevokeRequest,
    StatusOutcome, StatusRequest, Step, SuspendRequest, TaskOutcome, TaskResumeRequest,
};
use serde::Serialize;
use tauri::State;
use tauri::ipc::Channel;

use crate::agent::{Agent, Answer};

/// One certificate.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    info: CertificateInfo,
    /// base64.
    der: String,
}

fn choice(reader: String, key: String) -> CertificateChoice {
    CertificateChoice {
        reader: Some(reader),
        key: Some(key),
    }
}

/// One certificate, as DER.
#[tauri::command]
pub async fn certificate(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    key: String,
) -> Answer<Certificate> {
    let take = |reply| match reply {
        Reply::Certificate { info, der } => Some(Certificate { info: *info, der }),
        _ => None,
    };
    let request = Request::Certificate(choice(reader, key));
    agent.ask(steps, request, take).await
}

/// Whether a certificate is good at this moment.
#[tauri::command]
pub async fn certificate_status(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    key: String,
) -> Answer<StatusOutcome> {
    let take = |reply| match reply {
        Reply::CertificateStatus(status) => Some(*status),
        _ => None,
    };
    let request = Request::CertificateStatus(StatusRequest {
        authority: None,
        certificate: CertificateOf::Card(choice(reader, key)),
    });
    agent.ask(steps, request, take).await
}

/// What happened with the holder's certificates.
#[tauri::command]
pub async fn history(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<History> {
    let take = |reply| match reply {
        Reply::History(history) => Some(*history),
        _ => None,
    };
    let request = Request::History(HistoryRequest {
        reader: Some(reader),
        consent: ConsentRoute::Prompter,
        ..HistoryRequest::default()
    });
    agent.ask(steps, request, take).await
}

/// Gives a certificate a name.
#[tauri::command]
pub async fn name_certificate(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    serial: String,
    name: String,
) -> Answer<Managed> {
    let take = |reply| match reply {
        Reply::Named(managed) => Some(*managed),
        _ => None,
    };
    let request = Request::NameCertificate(NameRequest {
        authority: None,
        reader: Some(reader),
        serial: Some(serial),
        name,
        consent: ConsentRoute::Prompter,
    });
    agent.ask(steps, request, take).await
}

/// Suspends what the card identifies its holder with.
#[tauri::command]
pub async fn suspend(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    reason: Option<String>,
) -> Answer<Managed> {
    let take = |reply| match reply {
        Reply::Suspended(managed) => Some(*managed),
        _ => None,
    };
    let request = Request::Suspend(SuspendRequest {
        reader: Some(reader),
        reason,
        consent: ConsentRoute::Prompter,
        ..SuspendRequest::default()
    });
    agent.ask(steps, request, take).await
}

/// Resumes it.
#[tauri::command]
pub async fn resume(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<Managed> {
    let take = |reply| match reply {
        Reply::Resumed(managed) => Some(*managed),
        _ => None,
    };
    let request = Request::Resume(ResumeRequest {
        reader: Some(reader),
        consent: ConsentRoute::Prompter,
        ..ResumeRequest::default()
    });
    agent.ask(steps, request, take).await
}

/// Revokes a certificate for good.
#[tauri::command]
pub async fn revoke(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    serial: String,
    reason: Option<String>,
) -> Answer<Managed> {
    let take = |reply| match reply {
        Reply::Revoked(managed) => Some(*managed),
        _ => None,
    };
    let request = Request::Revoke(RevokeRequest {
        reader: Some(reader),
        serial: Some(serial),
        reason,
        consent: ConsentRoute::Prompter,
        ..RevokeRequest::default()
    });
    agent.ask(steps, request, take).await
}

/// New certificates for those on the card.
#[tauri::command]
pub async fn renew(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<TaskOutcome> {
    let take = |reply| match reply {
        Reply::Renewed(outcome) => Some(*outcome),
        _ => None,
    };
    let request = Request::Renew(RenewRequest {
        reader: Some(reader),
        consent: ConsentRoute::Prompter,
        ..RenewRequest::default()
    });
    agent.ask(steps, request, take).await
}

/// Goes on with an enrolment or a renewal that was interrupted.
#[tauri::command]
pub async fn resume_task(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    id: String,
) -> Answer<TaskOutcome> {
    let take = |reply| match reply {
        Reply::TaskResumed(outcome) => Some(*outcome),
        _ => None,
    };
    let request = Request::TaskResume(TaskResumeRequest {
        id,
        consent: ConsentRoute::Prompter,
        ..TaskResumeRequest::default()
    });
    agent.ask(steps, request, take).await
}
