//! What is kept of a task on the disk. No secret is in it, and no EGN; it goes when the task ends.
//! Req 14.2

use std::str::FromStr;

use lichna_ipc::{AuthorityChoice, Failure, Subject, TaskInfo, TaskKind, TaskState};
use lichna_pki::{HolderSubject, Names};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::core::{Course, Part};

/// One for each key that a task makes: both of the card's, or one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair<T> {
    /// For the key that identifies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identification: Option<T>,
    /// For the key that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing: Option<T>,
}

impl<T> Pair<T> {
    /// For both.
    pub const fn both(identification: T, signing: T) -> Self {
        Self {
            identification: Some(identification),
            signing: Some(signing),
        }
    }

    /// For one alone.
    pub fn only(part: Part, one: T) -> Self {
        let (identification, signing) = match part {
            Part::Identification => (Some(one), None),
            Part::Signing => (None, Some(one)),
        };
        Self {
            identification,
            signing,
        }
    }

    /// For that key, if it is one of them.
    pub const fn of(&self, part: Part) -> Option<&T> {
        match part {
            Part::Identification => self.identification.as_ref(),
            Part::Signing => self.signing.as_ref(),
        }
    }

    /// All there are: that of the key that signs first, for some cards want the PIN right before
    /// it is used.
    pub fn each(&self) -> impl Iterator<Item = (Part, &T)> {
        [Part::Signing, Part::Identification]
            .into_iter()
            .filter_map(|part| Some((part, self.of(part)?)))
    }

    /// They, and whose they are.
    pub const fn as_ref(&self) -> Pair<&T> {
        Pair {
            identification: self.identification.as_ref(),
            signing: self.signing.as_ref(),
        }
    }

    /// Something else for each, made in the order of [`Self::each`].
    ///
    /// # Errors
    /// The first of `make`'s.
    pub fn try_map<U, E>(
        self,
        mut make: impl FnMut(Part, T) -> Result<U, E>,
    ) -> Result<Pair<U>, E> {
        let signing = self.signing.map(|one| make(Part::Signing, one));
        let signing = signing.transpose()?;
        let identification = self
            .identification
            .map(|one| make(Part::Identification, one));
        Ok(Pair {
            identification: identification.transpose()?,
            signing,
        })
    }

    /// Something else for each.
    pub fn map<U>(self, make: impl Fn(T) -> U) -> Pair<U> {
        Pair {
            identification: self.identification.map(&make),
            signing: self.signing.map(&make),
        }
    }
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
    /// Which key is being renewed, where the card has no place for both beside the old ones.
    #[serde(default)]
    pub part: Option<Part>,
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
            part: None,
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

    /// Which way it goes.
    pub const fn course(&self) -> Course {
        match (self.kind, self.part) {
            (TaskKind::Enrol, _) => Course::First,
            (TaskKind::Renew, None) => Course::Beside,
            (TaskKind::Renew, Some(part)) => Course::InPlace(part),
        }
    }

    /// Whether its steps are done with the code of its application, without a certificate.
    pub const fn is_by_code(&self) -> bool {
        matches!(
            self.course(),
            Course::First | Course::InPlace(Part::Identification)
        )
    }

    /// Whether nothing was done yet that anybody has to go on with.
    pub fn is_blank(&self) -> bool {
        self.state == TaskState::Prepared && self.keys.is_none() && self.part != Some(Part::Signing)
    }

    /// It begins again with another application; that the card has made keys is not forgotten.
    pub fn begin_again(&mut self) {
        self.state = TaskState::Prepared;
        self.application = None;
        self.rnu = None;
        self.deadline = None;
        self.requests = None;
        self.certificates = None;
        self.chain = Vec::new();
    }

    /// It goes on with the other key.
    pub fn begin_part(&mut self, part: Part) {
        self.begin_again();
        self.keys = None;
        self.part = Some(part);
    }

    /// The task, as a client is told of it.
    pub fn info(&self, running: bool) -> TaskInfo {
        TaskInfo {
            id: self.id.clone(),
            kind: self.kind,
            role: self.part.map(Part::role),
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
