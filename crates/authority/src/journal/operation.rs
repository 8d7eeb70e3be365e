//! One operation, as the journal has it: who, what, about what, how it ended.

use std::fmt;
use std::future::Future;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Authority, Caller, problem::Problem, store::Transaction};

/// The name under which the authority itself works: deadlines, revocation lists.
pub const SYSTEM: &str = "system";

/// Who does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The electronic identifier of a holder or officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<String>,
    /// Whom an officer works for.
    #[serde(skip_serializing_if = "Option::is_none")]
    administrator: Option<String>,
}

impl Actor {
    /// Somebody of this kind, known by this name.
    pub fn new(kind: &'static str, name: impl fmt::Display) -> Self {
        Self {
            kind,
            name: Some(name.to_string()),
            identifier: None,
            administrator: None,
        }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        let (identifier, administrator) = match caller {
            Caller::Holder(certificate) => (Some(certificate.identifier.clone()), None),
            Caller::Officer {
                certificate,
                administrator,
            } => (
                Some(certificate.identifier.clone()),
                Some(administrator.id.clone()),
            ),
            _ => (None, None),
        };
        Self {
            kind: caller.kind(),
            name: caller.name().map(str::to_owned),
            identifier,
            administrator,
        }
    }
}

/// An operation under way. It is recorded when it ends; one that changes something also when it
/// begins, so that a crash between leaves its trace.
#[derive(Clone, Debug, Serialize)]
#[must_use = "an operation is recorded when it ends"]
pub struct Operation {
    /// What ties the records of one operation together.
    operation: String,
    kind: &'static str,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    detail: Map<String, Value>,
}

/// The outcomes of operations that do not fail; another is the code of a problem.
const BEGUN: &str = "begun";
const DONE: &str = "done";

impl Operation {
    /// An operation of this kind (`register.certificate.read`) by whoever calls.
    pub fn new(kind: &'static str, caller: &Caller) -> Self {
        Self::by(kind, caller.into())
    }

    /// An operation by somebody else than a caller with a certificate: the holder of an
    /// application's code, the signer of a request, the operator, the authority itself.
    pub fn by(kind: &'static str, actor: Actor) -> Self {
        let mut id = [0; 8];
        // Without random numbers the records are no longer tied together; they are still there.
        let _ = getrandom::fill(&mut id);
        Self {
            operation: hex::encode(id),
            kind,
            actor,
            subject: None,
            outcome: BEGUN,
            detail: Map::new(),
        }
    }

    /// An operation by the authority itself.
    pub fn by_system(kind: &'static str) -> Self {
        Self::by(kind, Actor::new(SYSTEM, "authority"))
    }

    /// An operation by whoever has the key of this certificate, which is perhaps in no register.
    pub fn by_certificate(kind: &'static str, fingerprint: &str) -> Self {
        Self::by(kind, Actor::new("certificate", fingerprint))
    }

    /// What it is about: a serial number, an electronic identifier, the id of an application.
    /// Never a personal number.
    pub fn about(mut self, subject: impl fmt::Display) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// The same, once it is known.
    pub fn set_about(&mut self, subject: impl fmt::Display) {
        self.subject = Some(subject.to_string());
    }

    /// One thing more about it. Never a personal number, a name, a code.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// The same, once it is known.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.detail.insert(key.to_owned(), value.into());
    }

    /// Records that it begins, and then commits what it changes. After a crash between the two
    /// the journal has the beginning, and the register says whether it was done.
    ///
    /// # Errors
    /// The journal or the store fails; nothing is changed then.
    pub async fn commit(
        &self,
        authority: &Authority,
        transaction: Transaction,
    ) -> Result<(), Problem> {
        self.write(authority, BEGUN).await?;
        Ok(transaction.commit().await?)
    }

    /// Waits for the work, and records how it ended.
    ///
    /// # Errors
    /// The work's, or that the journal cannot be written.
    pub async fn carry_out<T>(
        self,
        authority: &Authority,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let result = work.await;
        self.finish(authority, result).await
    }

    /// Records how it ended.
    ///
    /// # Errors
    /// The result's, or that the journal cannot be written.
    pub async fn finish<T>(
        self,
        authority: &Authority,
        result: Result<T, Problem>,
    ) -> Result<T, Problem> {
        let outcome = match &result {
            Ok(_) => DONE,
            Err(problem) => problem.code().text(),
        };
        self.write(authority, outcome).await?;
        authority.metrics.operation(self.kind, outcome);
        result
    }

    async fn write(&self, authority: &Authority, outcome: &'static str) -> Result<(), Problem> {
        let event = Self {
            outcome,
            ..self.clone()
        };
        let written = authority.journal.record(&event).await;
        written.map(drop).map_err(crate::problem::internal)
    }
}
