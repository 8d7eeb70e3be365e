//! What is kept of a task on the disk. No secret is in it, and no EGN; it goes when the task ends.
//! Req 14.2

use std::str::FromStr;

use lichna_ipc::{AuthorityChoice, Failure, Subject, TaskInfo, TaskKind, TaskState};
use lichna_pki::{HolderSubject, Names};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One for each of the two keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair<T> {
    /// For the key that identifies.
    pub identification: T,
    /// For the key that signs.
    pub signing: T,
}

/// Bytes, as they stand in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(#[serde(with = "hex")] pub Vec<u8>);

/// The keys that the card has made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Their numbers on the card.
    pub places: Pair<u8>,
    /// What they are, as card profiles name it.
    pub algorithm: String,
    /// SubjectPublicKeyInfo of each.
    pub public: Pair<Bytes>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its id, a UUID.
    pub id: String,
    /// What it is about.
    pub kind: TaskKind,
    /// How far it has come.
    pub state: TaskState,
    /// Where.
    pub authority: AuthorityChoice,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// Number of the card.
    pub card: String,
    /// There is no officer: the holder has the code.
    pub invited: bool,
    /// Which keys are wanted, as card profiles name it.
    pub wanted: Option<String>,
    /// Id of the application at the authority.
    pub application: Option<String>,
    /// Its number in the national register.
    pub rnu: Option<String>,
    /// Until when the authority waits, RFC 3339.
    pub deadline: Option<String>,
    /// Whose certificates they will be.
    pub subject: Option<Subject>,
    /// The keys, once the card has made them.
    pub keys: Option<Keys>,
    /// The requests, once they are signed: PKCS#10, DER.
    pub requests: Option<Pair<Bytes>>,
    /// The certificates, once they are issued: DER.
    pub certificates: Option<Pair<Bytes>>,
    /// The authorities above them, the issuer first: DER.
    #[serde(default)]
    pub chain: Vec<Bytes>,
}

impl Record {
    /// Of a task that has just begun: when, and with which card.
    pub fn new(
        id: String,
        kind: TaskKind,
        authority: AuthorityChoice,
        started_at: String,
        card: String,
    ) -> Self {
        Self {
            id,
            kind,
            state: TaskState::Prepared,
            authority,
            started_at,
            card,
            invited: false,
            wanted: None,
            application: None,
            rnu: None,
            deadline: None,
            subject: None,
            keys: None,
            requests: None,
            certificates: None,
            chain: Vec::new(),
        }
    }

    /// Whether this is the id of a task, which is also the name of its file.
    pub fn is_id(text: &str) -> bool {
        Uuid::from_str(text).is_ok_and(|id| id.hyphenated().to_string() == text)
    }

    /// The task, as a client is told of it.
    pub fn info(&self, running: bool) -> TaskInfo {
        TaskInfo {
            id: self.id.clone(),
            kind: self.kind,
            state: self.state,
            card: Some(self.card.clone()),
            authority: self.authority.url.clone(),
            application: self.application.clone(),
            rnu: self.rnu.clone(),
            started_at: self.started_at.clone(),
            deadline: self.deadline.clone(),
            running,
        }
    }

    /// The holder, as requests and certificates name him.
    ///
    /// # Errors
    /// [`Failure::AuthorityMalformed`] when the authority said what nobody can be called.
    pub fn holder(&self) -> Result<HolderSubject, Failure> {
        let malformed = |what: String| Failure::AuthorityMalformed {
            host: self.authority.url.clone(),
            what,
        };
        let subject = self.subject.as_ref();
        let subject = subject.ok_or_else(|| malformed("no subject".into()))?;
        let identifier = Uuid::from_str(&subject.identifier);
        let identifier = identifier.map_err(|error| malformed(error.to_string()))?;
        let (cyrillic, latin) = (&subject.cyrillic, &subject.latin);
        let cyrillic = Names::cyrillic(&cyrillic.first, cyrillic.middle.as_deref(), &cyrillic.last);
        let latin = Names::latin(&latin.first, latin.middle.as_deref(), &latin.last);
        let (cyrillic, latin) = match (cyrillic, latin) {
            (Ok(cyrillic), Ok(latin)) => (cyrillic, latin),
            (Err(fault), _) | (_, Err(fault)) => return Err(malformed(fault.to_string())),
        };
        HolderSubject::new(identifier, &subject.country, cyrillic, latin)
            .map_err(|fault| malformed(fault.to_string()))
    }
}

/// Part of a record that must be there in its state.
///
/// # Errors
/// [`Failure::TaskUnwritable`] when the file was changed by somebody.
pub fn present<'a, T>(part: Option<&'a T>, task: &str) -> Result<&'a T, Failure> {
    part.ok_or_else(|| Failure::TaskUnwritable {
        task: task.to_owned(),
        reason: "the file is not whole".into(),
    })
}
