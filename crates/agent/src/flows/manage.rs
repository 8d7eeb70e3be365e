//! What a holder, or an officer for him, does with certificates that are issued. Req 16, 17, 18.

use std::sync::Arc;

use lichna_ipc::{Failure, Reply, Request};

use crate::{Agent, connections::Dialogue};

/// Does what is asked.
pub async fn run(
    _agent: &Arc<Agent>,
    _dialogue: &Dialogue,
    _request: Request,
) -> Result<Reply, Failure> {
    Err(Failure::AuthorityNotConfigured)
}
