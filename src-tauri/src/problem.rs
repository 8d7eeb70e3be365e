//! Why something was not done, as the web view is told: a code, with the fields of its texts.

use lichna_ipc::{ClientError, Failure, MadeError};
use serde::Serialize;

/// The agent's own failures, and those on this side of it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Problem {
    /// The agent says so.
    Agent(Box<Failure>),
    /// It did not come to the agent, or not back.
    Here(Here),
}

/// What goes wrong on this side. The codes that the command has as well have its texts.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Here {
    AgentNotInstalled { program: String },
    AgentNotRunning,
    AgentNotStarted { reason: String },
    AgentUnreachable { reason: String },
    AgentGone,
    AgentSilent,
    AgentAnotherUser,
    AgentMalformed { reason: String },
    AnswerUnexpected,
    AppFailed { reason: String },
    SaveFailed { reason: String },
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
        use ClientError as E;
        let reason = chain(&error);
        Self::Here(match error {
            E::VersionMismatch { client, agent } => {
                return Failure::VersionMismatch { client, agent }.into();
            }
            E::Refused(failure) => return Self::Agent(failure),
            E::NotRunning => Here::AgentNotRunning,
            E::NotInstalled { program } => Here::AgentNotInstalled {
                program: program.display().to_string(),
            },
            E::NotStarted { reason } => Here::AgentNotStarted { reason },
            E::Peer(_) => Here::AgentAnotherUser,
            E::Gone => Here::AgentGone,
            E::Silent => Here::AgentSilent,
            E::Malformed(_) => Here::AgentMalformed { reason },
            _ => Here::AgentUnreachable { reason },
        })
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

/// An error and what is behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(behind) = source {
        text.push_str(": ");
        text.push_str(&behind.to_string());
        source = behind.source();
    }
    text
}
