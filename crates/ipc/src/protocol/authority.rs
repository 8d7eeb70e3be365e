//! What is asked of the authority that issues certificates: enrolling, renewing, suspending,
//! resuming, revoking, naming, and what became of a certificate.

use serde::{Deserialize, Serialize};

use super::{CertificateChoice, CertificateInfo, ConsentRoute, KeyRole, NamedPem, Timing};

/// Which authority is meant, where it is not the one of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AuthorityChoice {
    /// `https://…`
    pub url: String,
    /// Contents of the PEM file with the certificate that its servers' chain to; `None`: one that
    /// the system trusts.
    pub root: Option<NamedPem>,
}

/// A first pair of certificates for a card, Art. 14.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EnrolRequest {
    /// Of whom.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// On whose word.
    pub applicant: Applicant,
    /// Name of the reader with the holder's card.
    #[serde(default)]
    pub reader: Option<String>,
    /// Number of the holder's card. With one reader for both cards it is read from the card
    /// first where it is not given.
    #[serde(default)]
    pub card: Option<String>,
    /// Which keys are made, as card profiles name them: `ec-p256`, `rsa-3072`… `None`: P-256,
    /// or what the card has.
    #[serde(default)]
    pub key_algorithm: Option<String>,
    /// Who shows the consents and takes the PINs.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// On whose word a certificate is applied for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "applicant", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Applicant {
    /// An officer's, whose card is in a reader, too, or is put in first.
    Officer {
        /// Whom he has before him.
        person: Person,
        /// Name of the reader with the officer's card.
        #[serde(default)]
        officer_reader: Option<String>,
        /// The person agreed on a password for suspending by telephone. It is asked for as a
        /// secret.
        #[serde(default)]
        telephone_password: bool,
    },
    /// Nobody's here: the application was made before. Its code is asked for as a secret.
    Invitation {
        /// Id of the application, a UUID.
        application: String,
    },
    /// Nobody's: the card is a practice card that is put in, and the authority is a sandbox, which
    /// gives it certificates for somebody who does not exist. From then on the card goes with
    /// that authority alone.
    Practice,
}

/// A person, as the officer knows him from his documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Person {
    /// What kind of number he has.
    pub kind: NumberKind,
    /// The number.
    pub number: String,
    /// Names in Cyrillic letters.
    pub cyrillic: Names,
    /// Names in Latin letters.
    pub latin: Names,
    /// Where he is told what happens with his certificates.
    #[serde(default)]
    pub email: Option<String>,
}

/// The names of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Names {
    /// The given name.
    pub first: String,
    /// The father's name, where there is one.
    #[serde(default)]
    pub middle: Option<String>,
    /// The family name.
    pub last: String,
}

/// Kinds of numbers that persons have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum NumberKind {
    /// ЕГН, the number of a citizen.
    Egn,
    /// ЛНЧ, the number of a foreigner who lives in Bulgaria.
    Lnch,
}

/// Whose certificates they are, as the authority knows him. No EGN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Subject {
    /// The electronic identifier, a UUID.
    pub identifier: String,
    /// Names in Cyrillic letters.
    pub cyrillic: Names,
    /// Names in Latin letters.
    pub latin: Names,
    /// Country, ISO 3166-1: two letters.
    pub country: String,
}

/// New certificates for those on the card, at home. Req 13.6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RenewRequest {
    /// Of whom.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Name of the reader.
    #[serde(default)]
    pub reader: Option<String>,
    /// As [`EnrolRequest::key_algorithm`]; `None`: what the present keys are.
    #[serde(default)]
    pub key_algorithm: Option<String>,
    /// Who shows the consent and takes the PIN.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// Whom an officer acts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Someone {
    /// By his number.
    Number {
        /// What kind.
        kind: NumberKind,
        /// The number.
        number: String,
    },
    /// By his electronic identifier, a UUID.
    Identifier {
        /// It.
        identifier: String,
    },
}

/// Suspends certificates, Art. 16.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SuspendRequest {
    /// Where.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Name of the reader with the holder's card, or the officer's.
    #[serde(default)]
    pub reader: Option<String>,
    /// Serial number, hexadecimal; `None`: that of the card.
    #[serde(default)]
    pub serial: Option<String>,
    /// The card is lost: everything on it is suspended, and only an officer resumes it.
    #[serde(default)]
    pub lost: bool,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// An officer suspends for someone who called; the telephone password is asked for as a
    /// secret.
    #[serde(default)]
    pub of: Option<Someone>,
    /// Who shows the consent and takes the PIN.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// Resumes certificates, Art. 16.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ResumeRequest {
    /// Where.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Name of the reader with the holder's card, or the officer's.
    #[serde(default)]
    pub reader: Option<String>,
    /// Serial number, hexadecimal; `None`: that of the card.
    #[serde(default)]
    pub serial: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// An officer resumes for someone who stands before him.
    #[serde(default)]
    pub of: Option<Someone>,
    /// Who shows the consent and takes the PIN.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// Revokes a certificate for good, Art. 17.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RevokeRequest {
    /// Where.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Name of the reader.
    #[serde(default)]
    pub reader: Option<String>,
    /// Serial number, hexadecimal; `None`: that of the card's identification certificate.
    #[serde(default)]
    pub serial: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Who shows the consent and takes the PIN.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// Gives a certificate a name, Art. 18.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NameRequest {
    /// Where.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Name of the reader.
    #[serde(default)]
    pub reader: Option<String>,
    /// Serial number, hexadecimal; `None`: that of the card's identification certificate.
    #[serde(default)]
    pub serial: Option<String>,
    /// The name, 1 to 30 characters.
    pub name: String,
    /// Who shows the consent and takes the PIN.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// What happened with the holder's certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HistoryRequest {
    /// Where.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Name of the reader.
    #[serde(default)]
    pub reader: Option<String>,
    /// Who shows the consent and takes the PIN.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// Whether a certificate is good at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StatusRequest {
    /// Whose root is trusted.
    #[serde(default)]
    pub authority: Option<AuthorityChoice>,
    /// Which certificate.
    pub certificate: CertificateOf,
}

/// Where a certificate is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum CertificateOf {
    /// On a card.
    Card(CertificateChoice),
    /// In a file that the client read.
    File {
        /// Its name, for messages.
        file: String,
        /// base64 of its contents, PEM or DER.
        contents: String,
    },
}

/// States of a certificate in the register, by the Ministry's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CertificateState {
    /// Issued and not confirmed: good for the confirmation alone.
    #[serde(alias = "SIGNED")]
    Signed,
    /// Good.
    #[serde(alias = "ACTIVE")]
    Active,
    /// Suspended.
    #[serde(alias = "STOPPED")]
    Stopped,
    /// Revoked, for good.
    #[serde(alias = "REVOKED")]
    Revoked,
    /// It was never confirmed, and is revoked.
    #[serde(alias = "FAILED")]
    Failed,
    /// Its time is over.
    #[serde(alias = "EXPIRED")]
    Expired,
}

/// A certificate of the holder's, as the register has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HolderCertificate {
    /// Serial number, hexadecimal.
    pub serial: String,
    /// What its key is for.
    pub role: KeyRole,
    /// Its state.
    pub state: CertificateState,
    /// RFC 3339, UTC.
    pub not_before: String,
    /// RFC 3339, UTC.
    pub not_after: String,
    /// Number of the card that it is on, where the register has it.
    pub carrier: Option<String>,
    /// What the holder calls it.
    pub name: Option<String>,
}

/// How far an issuing or a renewal has come. Each is kept on disk before the next step begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// It is known who applies and for which card.
    Prepared,
    /// The authority said whose certificates they will be.
    IdentifierReceived,
    /// The card has made its keys.
    KeysGenerated,
    /// The requests for certificates are signed.
    RequestsSigned,
    /// They are on their way to the authority.
    Submitted,
    /// The certificates are here.
    Issued,
    /// They are on the card.
    Written,
    /// They were read back and are the same.
    ReadBack,
    /// The card uses them.
    Activated,
    /// The authority counts them as good.
    Confirmed,
    /// Nothing came of it: the authority revoked what it had issued.
    RolledBack,
}

/// What a task is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// A first pair of certificates.
    Enrol,
    /// New ones for old ones.
    Renew,
}

/// An issuing or a renewal that is under way or was interrupted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TaskInfo {
    /// For [`Request::TaskResume`](super::Request::TaskResume), a UUID.
    pub id: String,
    /// What it is about.
    pub kind: TaskKind,
    /// Which certificate is being renewed, where that is done one after the other; the other one
    /// is not touched meanwhile. `None`: it is about both.
    #[serde(default)]
    pub role: Option<KeyRole>,
    /// How far it has come.
    pub state: TaskState,
    /// Number of the card, where it was read.
    pub card: Option<String>,
    /// The authority's address.
    pub authority: String,
    /// Id of the application at the authority.
    pub application: Option<String>,
    /// The application's number in the national register (РНУ), where it has one.
    pub rnu: Option<String>,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// Until when the authority waits, RFC 3339, UTC.
    pub deadline: Option<String>,
    /// It is at work at this moment.
    pub running: bool,
}

/// What an enrolment or a renewal came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TaskOutcome {
    /// What it was and how it ended.
    pub task: TaskInfo,
    /// Name of the reader.
    pub reader: String,
    /// It is a practice card: it proves nothing about anybody.
    pub practice: bool,
    /// Whose they are; `None` when nothing came of it.
    pub subject: Option<Subject>,
    /// The certificates; none when nothing came of it.
    pub certificates: Vec<CertificateInfo>,
    /// How long each step took.
    pub timings: Vec<Timing>,
    /// Commands sent to the holder's card.
    pub apdus: u32,
}

/// Resumes what was interrupted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TaskResumeRequest {
    /// [`TaskInfo::id`].
    pub id: String,
    /// Name of the reader with the holder's card.
    #[serde(default)]
    pub reader: Option<String>,
    /// Name of the reader with the officer's card, where the authority wants his word again.
    #[serde(default)]
    pub officer_reader: Option<String>,
    /// Who shows the consents and takes the PINs.
    #[serde(default)]
    pub consent: ConsentRoute,
}

/// What became of the holder's certificates by what he asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Managed {
    /// Name of the reader.
    pub reader: String,
    /// It is a practice card.
    pub practice: bool,
    /// The certificates that it concerned, as they are now.
    pub certificates: Vec<HolderCertificate>,
    /// How long each step took.
    pub timings: Vec<Timing>,
    /// Commands sent to the card.
    pub apdus: u32,
}

/// What happened once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HistoryEntry {
    /// When, RFC 3339, UTC.
    pub time: String,
    /// Of which certificate: serial number, hexadecimal.
    pub serial: String,
    /// What: `issued`, `confirmed`, `failed`, `suspended`, `lost`, `resumed`, `revoked`, `named`.
    pub event: String,
    /// The state that it came to.
    pub state: CertificateState,
    /// Why, where somebody said.
    pub reason: Option<String>,
    /// Who did it: `holder`, `officer`, `authority`.
    pub by: Option<String>,
}

/// What happened with the holder's certificates, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct History {
    /// Name of the reader.
    pub reader: String,
    /// It is a practice card.
    pub practice: bool,
    /// The certificates, as they are now.
    pub certificates: Vec<HolderCertificate>,
    /// What happened.
    pub entries: Vec<HistoryEntry>,
}

/// Whether a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Good.
    Good,
    /// Not good yet.
    NotYetValid,
    /// Its time is over.
    Expired,
    /// Suspended.
    Suspended,
    /// Revoked, for good.
    Revoked,
    /// It comes from nobody who is trusted.
    Untrusted,
    /// It cannot be told: nobody says, or what they say is too old.
    Unknown,
}

/// What a certificate's state was learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StatusSource {
    /// `chain`, `crl`, `delta-crl`, `ocsp`.
    pub source: String,
    /// What it says.
    pub verdict: Verdict,
    /// Where it came from, where it was fetched.
    pub url: Option<String>,
    /// When it was made, RFC 3339, UTC.
    pub this_update: Option<String>,
    /// Until when it counts, RFC 3339, UTC.
    pub next_update: Option<String>,
    /// Its number, of a CRL.
    pub number: Option<String>,
    /// What is to be said beside: why it cannot be told, since when it is revoked.
    pub detail: Option<String>,
    /// Why it is revoked: `keyCompromise` and others, RFC 5280 §5.3.1.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Whether a certificate is good, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StatusOutcome {
    /// Subject, RFC 4514.
    pub subject: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Name of the reader, where it is on a card.
    pub reader: Option<String>,
    /// It comes from a practice authority, or is on a practice card.
    pub practice: bool,
    /// All together.
    pub verdict: Verdict,
    /// What was asked.
    pub sources: Vec<StatusSource>,
    /// By so many seconds this computer's clock is ahead of the authority's, where that matters;
    /// negative: behind.
    pub clock_ahead: Option<i64>,
}
