//! Practice cards: the folder they are kept in, and putting them in and out.

use std::sync::Arc;

use lichna_ipc::{Failure, Reply, Request};

use crate::{Agent, connections::Dialogue};

/// Does what a client asked for.
///
/// # Errors
/// Why it was not done.
pub async fn run(
    _agent: &Arc<Agent>,
    _dialogue: &Dialogue,
    _request: Request,
) -> Result<Reply, Failure> {
    Err(Failure::PracticeCardNone)
}
