//! Enrolments and renewals: tasks that survive a crash. What follows what is in [`core`]; each
//! state is a file on the disk (`shelf`) before the next action begins, and an action that was
//! done already can be done again. Req 14.1.5, 14.2

mod card;
pub mod core;
mod enrol;
mod record;
mod renew;
mod run;
mod shelf;
mod two_cards;

use std::sync::Arc;

use lichna_ipc::{Failure, Reply, Request};

use crate::{Agent, connections::Dialogue};

pub use shelf::Shelf;

/// Does what is asked about tasks.
///
/// # Errors
/// Why it was not done; what was begun can be resumed.
pub async fn run(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: Request,
) -> Result<Reply, Failure> {
    match request {
        Request::Enrol(request) => {
            let outcome = enrol::enrol(agent, dialogue, request).await?;
            Ok(Reply::Enrolled(Box::new(outcome)))
        }
        Request::Renew(request) => {
            let outcome = renew::renew(agent, dialogue, request).await?;
            Ok(Reply::Renewed(Box::new(outcome)))
        }
        Request::Tasks => Ok(Reply::Tasks(agent.tasks.list()?)),
        Request::TaskResume(request) => {
            let outcome = run::resume(agent, dialogue, request).await?;
            Ok(Reply::TaskResumed(Box::new(outcome)))
        }
        Request::TaskDrop { id } => {
            let task = run::drop_task(agent, &id)?;
            Ok(Reply::TaskDropped(Box::new(task)))
        }
        _ => Err(Failure::RequestInvalid {
            reason: "not about a task".into(),
        }),
    }
}
