//! Why something was not done, as the web view is told: a code, with the fields of its texts.

use lichna_ipc::{ClientError, ClientProblem, Failure, MadeError, chain};
use serde::Serialize;

/// The agent's own failures, and those on this side of it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Problem {
    /// The agent says so.
    Agent(Box<Failure>),
    /// It did not come to the agent, or not back.
    Client(ClientProblem),
    /// This program failed.
    Here(Here),
}

/// What goes wrong in this program.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Here {
    AppFailed { reason: String },
    SaveFailed { reason: String },
    MendFailed { command: String },
    SandboxMissing,
    SandboxFailed { reason: String },
}

impl Problem {
    /// The app itself failed.
    pub fn here(error: &dyn std::error::Error) -> Self {
        let reason = chain(error);
        Self::Here(Here::AppFailed { reason })
    }

    /// A file could not be written.
    pub fn saving(error: &dyn std::error::Error) -> Self {
        let reason = chain(error);
        Self::Here(Here::SaveFailed { reason })
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Agent(Box::new(failure))
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error.problem() {
            Ok(problem) => Self::Client(problem),
            Err(failure) => failure.into(),
        }
    }
}

impl From<ClientProblem> for Problem {
    fn from(problem: ClientProblem) -> Self {
        Self::Client(problem)
    }
}

impl From<MadeError> for Problem {
    fn from(error: MadeError) -> Self {
        Self::here(&error)
    }
}

impl From<tauri::Error> for Problem {
    fn from(error: tauri::Error) -> Self {
        Self::here(&error)
    }
}
