//! What the holder sets, and what is kept on this computer.

use lichna_ipc::{Reply, Request, SettingChange, Step, Stored};
use serde::Deserialize;
use tauri::State;
use tauri::ipc::Channel;

use super::uses;
use crate::agent::{Agent, Answer};

/// Sets something. How things are then comes with the next state.
#[tauri::command]
pub async fn set(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    change: SettingChange,
) -> Answer<()> {
    let take = |reply| matches!(reply, Reply::Set).then_some(());
    agent.ask(steps, Request::Set(change), take).await
}

/// What is kept.
#[tauri::command]
pub async fn stored(agent: State<'_, Agent>, steps: Channel<Step>) -> Answer<Vec<Stored>> {
    let take = |reply| match reply {
        Reply::Stored(stored) => Some(stored),
        _ => None,
    };
    agent.ask(steps, Request::Stored, take).await
}

/// What can be forgotten as a whole.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgettable {
    Uses,
    Programs,
    Cans,
    PracticeAuthority,
}

/// Forgets it.
#[tauri::command]
pub async fn forget(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    what: Forgettable,
) -> Answer<()> {
    match what {
        Forgettable::Uses => uses::forget_uses(agent, steps).await,
        Forgettable::Programs => uses::forget_programs(agent, steps, None).await.map(drop),
        Forgettable::Cans => {
            let take = |reply| matches!(reply, Reply::CanForgotten(_)).then_some(());
            let request = Request::ForgetCan { number: None };
            agent.ask(steps, request, take).await
        }
        Forgettable::PracticeAuthority => {
            let sandbox = agent.sandbox().clone();
            tauri::async_runtime::spawn_blocking(move || sandbox.forget()).await?
        }
    }
}
