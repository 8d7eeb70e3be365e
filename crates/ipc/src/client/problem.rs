//! Why the agent gave no answer, as programs tell a person: a code with the fields of its texts.

use std::error::Error;

use serde::{Deserialize, Serialize};

use super::ClientError;
use crate::{Failure, HomeError};

/// A code, and what its texts need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[error("the agent gave no answer")]
#[allow(missing_docs, reason = "the texts of each say what it means")]
pub enum ClientProblem {
    AgentNotInstalled {
        program: String,
    },
    AgentNotRunning,
    AgentNotStarted {
        reason: String,
    },
    AgentUnreachable {
        reason: String,
    },
    AgentGone,
    AgentSilent,
    AgentAnotherUser,
    AgentMalformed {
        reason: String,
    },
    /// It answered something else than was asked.
    AnswerUnexpected,
    RequestTooLarge {
        length: u64,
        limit: u64,
    },
    HomeUnusable {
        reason: String,
    },
}

impl ClientError {
    /// The same for people; or the agent's own failure, where it is one.
    ///
    /// # Errors
    /// The agent's failure.
    pub fn problem(self) -> Result<ClientProblem, Failure> {
        let reason = chain(&self);
        Ok(match self {
            Self::VersionMismatch { client, agent } => {
                return Err(Failure::VersionMismatch { client, agent });
            }
            Self::Refused(failure) => return Err(*failure),
            Self::Home(error) => error.into(),
            Self::NotRunning => ClientProblem::AgentNotRunning,
            Self::NotInstalled { program } => ClientProblem::AgentNotInstalled {
                program: program.display().to_string(),
            },
            Self::NotStarted { reason } => ClientProblem::AgentNotStarted { reason },
            Self::Unreachable { .. } => ClientProblem::AgentUnreachable { reason },
            Self::Peer(_) => ClientProblem::AgentAnotherUser,
            Self::Gone => ClientProblem::AgentGone,
            Self::Silent => ClientProblem::AgentSilent,
            Self::Malformed(_) => ClientProblem::AgentMalformed { reason },
            Self::TooLarge { length, limit } => ClientProblem::RequestTooLarge {
                length: length.try_into().unwrap_or(u64::MAX),
                limit: limit.try_into().unwrap_or(u64::MAX),
            },
        })
    }
}

impl From<HomeError> for ClientProblem {
    fn from(error: HomeError) -> Self {
        let reason = chain(&error);
        Self::HomeUnusable { reason }
    }
}

/// An error and what is behind it, in one line.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(behind) = source {
        text.push_str(": ");
        text.push_str(&behind.to_string());
        source = behind.source();
    }
    text
}
