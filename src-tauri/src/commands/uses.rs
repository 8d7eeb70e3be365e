//! What the keys were used for on this computer, and the programs that the holder is asked less
//! for. Req C.4.

use lichna_ipc::{ProgramInfo, Reply, Request, Step, Uses};
use tauri::State;
use tauri::ipc::Channel;

use crate::agent::{Agent, Answer};

/// What the keys were used for.
#[tauri::command]
pub async fn uses(agent: State<'_, Agent>, steps: Channel<Step>) -> Answer<Uses> {
    let take = |reply| match reply {
        Reply::Uses(uses) => Some(*uses),
        _ => None,
    };
    agent.ask(steps, Request::Uses, take).await
}

/// Forgets that.
#[tauri::command]
pub async fn forget_uses(agent: State<'_, Agent>, steps: Channel<Step>) -> Answer<()> {
    let take = |reply| matches!(reply, Reply::UsesForgotten).then_some(());
    agent.ask(steps, Request::ForgetUses, take).await
}

/// The programs that the holder wants to be asked less for.
#[tauri::command]
pub async fn programs(agent: State<'_, Agent>, steps: Channel<Step>) -> Answer<Vec<ProgramInfo>> {
    let take = |reply| match reply {
        Reply::Programs(programs) => Some(programs),
        _ => None,
    };
    agent.ask(steps, Request::Programs, take).await
}

/// Takes back what one of them may, or all.
#[tauri::command]
pub async fn forget_programs(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    executable: Option<String>,
) -> Answer<u32> {
    let take = |reply| match reply {
        Reply::ProgramsForgotten(count) => Some(count),
        _ => None,
    };
    let request = Request::ForgetPrograms { executable };
    agent.ask(steps, request, take).await
}
