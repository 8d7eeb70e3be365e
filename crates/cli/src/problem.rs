//! What went wrong, as a code with its fields: the agent's own failures, and those of this side.
//!
//! The texts are the messages `err-<code>` and `rec-<code>`; the fields are their arguments.

use lichna_browsers::BrowserError;
use lichna_i18n::{Messages, Value, plain};
use lichna_ipc::{ClientError, ClientProblem, Failure, HardenError, HomeError, MadeError, chain};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use thiserror::Error;

use crate::exit::Exit;

/// Why a command did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Error)]
#[serde(untagged)]
pub enum Problem {
    /// The agent says so.
    #[error(transparent)]
    Agent(#[from] Failure),
    /// It did not come to the agent, or not back.
    #[error("{}", self.code())]
    Client(#[from] ClientProblem),
    /// It went wrong with a browser, or with what else takes the module.
    #[error("{}", self.code())]
    Browser(#[from] BrowserError),
    /// It went wrong on this side.
    #[error("{}", self.code())]
    Here(#[from] Here),
}

/// What goes wrong on this side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[error("a problem of this program")]
pub enum Here {
    NotHardened { reason: String },
    Usage { reason: String },
    Terminal { reason: String },
    PinInputMissing,
    PinInputInvalid { reason: String },
    Output { reason: String },
    NotThroughSudo,
    YesMissing,
    PersonIncomplete { field: String },
}

impl Problem {
    /// The code and the fields, as in JSON.
    pub fn fields(&self) -> Map<String, Json> {
        match serde_json::to_value(self) {
            Ok(Json::Object(fields)) => fields,
            _ => Map::new(),
        }
    }

    /// The code.
    pub fn code(&self) -> String {
        let fields = self.fields();
        let code = fields.get("code").and_then(Json::as_str);
        code.unwrap_or("unknown").to_owned()
    }

    /// What happened.
    pub fn message(&self, messages: &Messages) -> String {
        self.text("err", messages)
    }

    /// What to do.
    pub fn advice(&self, messages: &Messages) -> String {
        self.text("rec", messages)
    }

    /// How the process ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Agent(failure) => Exit::of_failure(failure),
            Self::Client(problem) => Exit::of_client(problem),
            Self::Browser(_) => Exit::Browser,
            Self::Here(here) => Exit::of_here(here),
        }
    }

    fn text(&self, prefix: &str, messages: &Messages) -> String {
        let fields = self.fields();
        let id = format!("{prefix}-{}", self.code());
        if !messages.has(&id) {
            // An agent newer than this program.
            return self.to_string();
        }
        let mut arguments: Vec<(&str, Value<'_>)> = fields
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), argument(value)?)))
            .collect();
        if let Some(known) = self.refusal(messages) {
            arguments.retain(|(name, _)| *name != "detail");
            arguments.push(("detail", known.into()));
        }
        messages.text(&id, &arguments)
    }

    /// The authority's reason in the person's language, where its code is known: in its own words
    /// it is English.
    fn refusal(&self, messages: &Messages) -> Option<String> {
        let Self::Agent(Failure::AuthorityRefused { problem, .. }) = self else {
            return None;
        };
        let id = format!("problem-{problem}");
        messages.has(&id).then(|| messages.text(&id, &[]))
    }
}

/// What may stand in a text: numbers, and words without anything that a terminal would obey.
fn argument(value: &Json) -> Option<Value<'static>> {
    match value {
        Json::String(text) => Some(plain(text).into()),
        Json::Number(number) => number.as_i64().map(Value::Number),
        _ => None,
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error.problem() {
            Ok(problem) => Self::Client(problem),
            Err(failure) => Self::Agent(failure),
        }
    }
}

impl From<HomeError> for Problem {
    fn from(error: HomeError) -> Self {
        Self::Client(error.into())
    }
}

impl From<MadeError> for Problem {
    fn from(error: MadeError) -> Self {
        let reason = chain(&error);
        Self::Here(Here::PinInputInvalid { reason })
    }
}

impl From<HardenError> for Problem {
    fn from(error: HardenError) -> Self {
        let reason = chain(&error);
        Self::Here(Here::NotHardened { reason })
    }
}

impl Here {
    /// The result could not be written.
    pub fn output(error: &std::io::Error) -> Self {
        let reason = error.to_string();
        Self::Output { reason }
    }

    /// The terminal does not do what it should.
    pub fn terminal(error: &std::io::Error) -> Self {
        let reason = error.to_string();
        Self::Terminal { reason }
    }
}
