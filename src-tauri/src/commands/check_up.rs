//! What stands between the holder and a login, and mending it.

use std::process::{Command, Stdio};

use lichna_ipc::{Finding, Remedy, Reply, Request, Step};
use tauri::State;
use tauri::ipc::Channel;

use crate::agent::{Agent, Answer};
use crate::problem::{Here, Problem};

/// Asks the person for the administrator's password where one is wanted.
const ELEVATE: &str = "pkexec";

/// Looks for what stands between the holder and a login.
#[tauri::command]
pub async fn examine(agent: State<'_, Agent>, steps: Channel<Step>) -> Answer<Vec<Finding>> {
    findings(&agent, steps).await
}

/// Carries out what mends a finding. Not what the page says is carried out, but what the agent finds
/// at this moment to be mended so.
#[tauri::command]
pub async fn mend(agent: State<'_, Agent>, steps: Channel<Step>, remedy: Remedy) -> Answer<()> {
    let found = findings(&agent, steps).await?;
    let wanted = found.iter().any(|one| one.remedy.as_ref() == Some(&remedy));
    match remedy.command().filter(|_| wanted) {
        Some(command) => tauri::async_runtime::spawn_blocking(move || carry_out(&command)).await?,
        // It is well already.
        None => Ok(()),
    }
}

async fn findings(agent: &Agent, steps: Channel<Step>) -> Answer<Vec<Finding>> {
    let take = |reply| match reply {
        Reply::Doctor(findings) => Some(findings),
        _ => None,
    };
    agent.ask(steps, Request::Doctor, take).await
}

/// Runs it to its end. What came of it, the next look says.
fn carry_out(command: &lichna_ipc::Command) -> Result<(), Problem> {
    let failed = || {
        let command = command.to_string();
        Problem::Here(Here::MendFailed { command })
    };
    let elevate = command.elevated.then_some(ELEVATE);
    let words = command.words.iter().map(String::as_str);
    let mut words = elevate.into_iter().chain(words);
    let program = words.next().ok_or_else(failed)?;
    let ended = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    match ended {
        Ok(status) if status.success() => Ok(()),
        _ => Err(failed()),
    }
}
