//! What can be asked of the agent, one module for each kind of thing.

pub mod ask;
pub mod certificates;
mod check;
pub mod clock;
pub mod explained;
pub mod holder;
pub mod http;
pub mod listing;
mod login;
pub mod login_key;
mod manage;
pub mod pin;
pub mod signed_request;
pub mod signing;
mod stored;
pub mod task_pin;
mod token;
pub mod unlock;
mod watch;

use std::{sync::Arc, time::Duration};

use lichna_ipc::{Failure, Reply, Request};
use tokio::{sync::broadcast::error::RecvError, task::block_in_place};

use crate::{
    Agent,
    cards::Cards,
    config::{Config, change},
    connections::Dialogue,
    doctor, practice, profiles, tasks,
};

/// How long a card may take for what is asked of it, when nobody types meanwhile.
const CARD: Duration = Duration::from_secs(20);
/// How long a person has to put a card in for a login.
const PUT_IN: Duration = Duration::from_secs(60);

/// Does what a client asked for.
///
/// # Errors
/// Why it was not done.
pub async fn run(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: Request,
) -> Result<Reply, Failure> {
    let only_tells = matches!(
        request,
        Request::Watch
            | Request::WatchTokens
            | Request::Trace
            | Request::Readers
            | Request::Cards
            | Request::PracticeCards
            | Request::Tasks
            | Request::Pending
            | Request::Programs
            | Request::Uses
            | Request::Services
            | Request::Stored
            | Request::Profiles
            | Request::ProfileCheck { .. }
    );
    // A certificate that was not there before, a try less, a card that is a forgery.
    let _told = (!only_tells).then(|| Told(&agent.cards));
    begun(agent, dialogue, request).await
}

/// Has those who watch look again when it is dropped: a request that was cancelled leaves something
/// behind, too.
struct Told<'a>(&'a Cards);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.changed();
    }
}

async fn begun(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: Request,
) -> Result<Reply, Failure> {
    let folder = agent.home.profiles();
    match request {
        Request::Readers => Ok(listing::readers(agent).await),
        Request::Cards => Ok(listing::cards(agent).await),
        Request::Watch => watch::watch(agent, dialogue).await,
        Request::Certificates { reader } => {
            certificates::list(agent, dialogue, reader.as_deref()).await
        }
        Request::Certificate(choice) => certificates::one(agent, dialogue, &choice).await,
        Request::PinStatus { reader } => pin::status(agent, dialogue, reader.as_deref()).await,
        Request::PinChange {
            reader,
            pin,
            consent,
        } => pin::change(agent, dialogue, reader.as_deref(), pin.as_deref(), consent).await,
        Request::PinUnblock {
            reader,
            pin,
            consent,
        } => pin::unblock(agent, dialogue, reader.as_deref(), pin.as_deref(), consent).await,
        Request::Login(request) => {
            let outcome = login::run(agent, dialogue, request).await?;
            Ok(Reply::Login(Box::new(outcome)))
        }
        Request::WatchTokens
        | Request::TokenSign(_)
        | Request::TokenLogin { .. }
        | Request::TokenLogout { .. }
        | Request::TokenUnlock { .. }
        | Request::Programs
        | Request::ForgetPrograms { .. } => token::run(agent, dialogue, request).await,
        Request::Pending => Ok(Reply::Pending(agent.consents.queue.list())),
        Request::Approve { pending } => {
            let peer = dialogue.peer();
            agent.consents.approve(pending, dialogue, peer).await?;
            Ok(Reply::Approved)
        }
        Request::Uses => Ok(Reply::Uses(Box::new(agent.uses.list().await?))),
        Request::ForgetUses => {
            agent.uses.forget().await?;
            Ok(Reply::UsesForgotten)
        }
        Request::Services => {
            let file = agent.home.configuration_file();
            let trusted = Config::read(&file)?.trust_list(&file)?;
            Ok(Reply::Services(agent.uses.services(&trusted).await?))
        }
        Request::Stored => Ok(Reply::Stored(stored::list(agent).await)),
        Request::Set(change) => {
            let file = agent.home.configuration_file();
            block_in_place(|| change::set(&file, &change))?;
            agent.changes.tell();
            Ok(Reply::Set)
        }
        Request::Profiles => Ok(Reply::Profiles(profiles::list(&folder))),
        Request::ProfileCheck { file, text } => {
            profiles::check(&file, &text).map(|info| Reply::Profiles(vec![info]))
        }
        Request::Doctor => Ok(Reply::Doctor(doctor::examine(agent).await)),
        Request::Trace => trace(agent, dialogue).await,
        Request::CheckCard { reader } => check::card(agent, dialogue, reader.as_deref()).await,
        Request::ForgetCan { number } => {
            let forgotten = agent.cans.forget(number.as_deref()).await?;
            Ok(Reply::CanForgotten(forgotten))
        }
        Request::Enrol(_)
        | Request::Renew(_)
        | Request::Tasks
        | Request::TaskResume(_)
        | Request::TaskDrop { .. } => tasks::run(agent, dialogue, request).await,
        Request::Suspend(_)
        | Request::Resume(_)
        | Request::Revoke(_)
        | Request::NameCertificate(_)
        | Request::History(_)
        | Request::CertificateStatus(_) => manage::run(agent, dialogue, request).await,
        Request::PracticeCards
        | Request::PracticeCardNew(_)
        | Request::PracticeCardDelete { .. }
        | Request::PracticeCardInsert { .. }
        | Request::PracticeCardRemove { .. } => practice::run(agent, dialogue, request).await,
    }
}

/// Shows every exchange until the client cancels.
async fn trace(agent: &Agent, dialogue: &Dialogue) -> Result<Reply, Failure> {
    let mut traces = agent.cards.trace();
    loop {
        match traces.recv().await {
            Ok(exchange) => dialogue.trace(exchange)?,
            // The client was too slow, and has missed some.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Ok(Reply::TraceEnded),
        }
    }
}
