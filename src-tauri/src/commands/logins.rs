//! Logging in to services, and where that was done. Req C.2, C.4.

use lichna_ipc::{
    CertificateChoice, ConsentRoute, LoginOutcome, LoginRequest, Reply, Request, ServiceInfo, Step,
};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::agent::{Agent, Answer};
use crate::outside::{Outside, Wanted};
use crate::tray;

/// Logs in with the card in that reader. Who asks for what, the agent shows in its own window.
#[tauri::command]
pub async fn log_in(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
    url: String,
) -> Answer<LoginOutcome> {
    let take = |reply| match reply {
        Reply::Login(outcome) => Some(*outcome),
        _ => None,
    };
    let request = Request::Login(LoginRequest {
        url,
        certificate: CertificateChoice {
            reader: Some(reader),
            key: None,
        },
        authorities: Vec::new(),
        consent: ConsentRoute::Prompter,
    });
    agent.ask(steps, request, take).await
}

/// The services that were logged in to, the most often first. The tray offers them, too.
#[tauri::command]
pub async fn services(
    app: AppHandle,
    agent: State<'_, Agent>,
    steps: Channel<Step>,
) -> Answer<Vec<ServiceInfo>> {
    let take = |reply| match reply {
        Reply::Services(services) => Some(services),
        _ => None,
    };
    let services = agent.ask(steps, Request::Services, take).await?;
    tray::offer(&app, &services);
    Ok(services)
}

/// Has what is asked for from outside the window sent through this channel, from now on.
#[tauri::command]
pub fn wanted(outside: State<'_, Outside>, page: Channel<Wanted>) {
    outside.listen(page);
}
