//! What other programs ask for through PKCS#11: what tokens there are, and signatures. Req C.3
//!
//! A token is a key with its certificate. What is said of it comes from the cache; only a signature,
//! a login or an unlocking reaches the card. A program never gets to the holder's PIN, unless the
//! configuration says that it takes the PIN itself (classic PKCS#11).

mod described;
mod found;
mod granting;
mod login;
mod sign;
mod watch;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_ipc::{ConsentRoute, Failure, Purpose, Reply, Request};

use super::unlock::{self, Need};
pub use described::is_settled;
pub use watch::have_read;

use crate::{Agent, cards::Tally, config::Config, connections::Dialogue};

/// How long a program waits for anything that a person must do, in all. A browser does nothing
/// else meanwhile.
const IN_ALL: Duration = Duration::from_secs(45);
/// How much of it is the card's: a prompt closes so long before.
const FOR_THE_CARD: Duration = Duration::from_secs(5);

/// Does what a program asked for.
///
/// # Errors
/// Why it was not done.
pub async fn run(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: Request,
) -> Result<Reply, Failure> {
    match request {
        Request::WatchTokens => watch::watch(agent, dialogue).await,
        Request::TokenSign(request) => {
            let signed = |end| sign::sign(agent, dialogue, &request, end);
            let signature = within(signed).await?;
            Ok(Reply::Signature { signature })
        }
        Request::TokenLogin { token } => {
            within(|end| login::login(agent, dialogue, &token, end)).await?;
            Ok(Reply::TokenLoggedIn)
        }
        Request::TokenLogout { token } => {
            dialogue.accesses().to(&token).end();
            Ok(Reply::TokenLoggedOut)
        }
        Request::TokenUnlock { reader } => {
            within(|end| unlock(agent, dialogue, &reader, end)).await?;
            Ok(Reply::TokenUnlocked)
        }
        Request::Programs => agent.programs.list().map(Reply::Programs),
        Request::ForgetPrograms { executable } => {
            let forgotten = agent.programs.forget(executable.as_deref())?;
            Ok(Reply::ProgramsForgotten(forgotten))
        }
        _ => Err(Failure::RequestInvalid {
            reason: "no request about tokens".into(),
        }),
    }
}

/// Has it done by the end that a program waits for.
async fn within<T, W: Future<Output = Result<T, Failure>>>(
    work: impl FnOnce(Instant) -> W,
) -> Result<T, Failure> {
    let end = Instant::now() + IN_ALL;
    match tokio::time::timeout_at(end.into(), work(end)).await {
        Ok(done) => done,
        Err(_) => Err(Failure::PromptTimeout),
    }
}

/// How long a prompt may stay open, with the card's time still to come.
fn open_until(end: Instant) -> Duration {
    let left = end.saturating_duration_since(Instant::now());
    left.saturating_sub(FOR_THE_CARD)
}

/// The card's number is asked for at the agent's prompt.
fn need(tally: &Tally, end: Instant) -> Need<'_> {
    Need {
        purpose: Purpose::ReadCard,
        route: ConsentRoute::Prompter,
        tally,
        open: open_until(end),
    }
}

/// Has the holder asked for the number of a card that tells nothing without. However many programs
/// want it, he is asked once at a time.
async fn unlock(
    agent: &Agent,
    dialogue: &Dialogue,
    reader: &str,
    end: Instant,
) -> Result<(), Failure> {
    let chosen = agent
        .cards
        .choose(Some(reader), Duration::ZERO, dialogue)
        .await?;
    let _hold = chosen.thread.hold();
    let _turn = chosen.known.for_programs().unlocking().await;
    let tally = Tally::default();
    unlock::unlock(agent, dialogue, &chosen, need(&tally, end)).await
}

/// Whether programs take the PIN themselves.
fn is_classic(agent: &Agent) -> Result<bool, Failure> {
    Ok(Config::read(&agent.home.configuration_file())?.pkcs11.login)
}
