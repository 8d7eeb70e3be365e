//! What the agent answers. The shapes are those of `lichna --json`.

use serde::{Deserialize, Serialize};

use super::{
    Finding, History, Holder, Managed, PinEntry, PracticeCardInfo, ProgramInfo, Requester,
    ServerSummary, ServiceInfo, StatusOutcome, Stored, TaskInfo, TaskOutcome, Uses,
};

/// The answer to a request. Without the feature `whole` only those about tokens can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "reply", content = "value", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each answers the request of the same name")]
pub enum Reply {
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Readers {
        service: ServiceState,
        readers: Vec<ReaderInfo>,
    },
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Cards(Vec<CardInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Certificates(Vec<CertificateInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Certificate {
        info: Box<CertificateInfo>,
        /// base64.
        der: String,
    },
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PinStatus(Vec<PinInfo>),
    PinChanged,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PinUnblocked,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Login(Box<LoginOutcome>),
    TokensWatched,
    Signature {
        /// R ‖ S, or RSA's number; hexadecimal.
        #[serde(with = "hex")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        signature: Vec<u8>,
    },
    TokenLoggedIn,
    TokenLoggedOut,
    TokenUnlocked,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Programs(Vec<ProgramInfo>),
    /// How many were forgotten.
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    ProgramsForgotten(u32),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Uses(Box<Uses>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    UsesForgotten,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Services(Vec<ServiceInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Stored(Vec<Stored>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Set,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Pending(Vec<PendingRequest>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Approved,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Profiles(Vec<ProfileInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Doctor(Vec<Finding>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    TraceEnded,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Watched,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    CardChecked(Box<CardInfo>),
    /// How many were forgotten.
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    CanForgotten(u32),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PracticeCards(Vec<PracticeCardInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PracticeCardMade(Box<PracticeCardInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PracticeCardDeleted,
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PracticeCardInserted(Box<PracticeCardInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    PracticeCardRemoved(Box<PracticeCardInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Enrolled(Box<TaskOutcome>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Renewed(Box<TaskOutcome>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Suspended(Box<Managed>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Resumed(Box<Managed>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Revoked(Box<Managed>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Named(Box<Managed>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    History(Box<History>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    CertificateStatus(Box<StatusOutcome>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Tasks(Vec<TaskInfo>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    TaskResumed(Box<TaskOutcome>),
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    TaskDropped(Box<TaskInfo>),
}

/// The smart card service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// It answers.
    Running,
    /// It is not installed.
    NotInstalled,
    /// It is installed and does not run.
    NotRunning,
    /// It runs and this user may not use it.
    NoPermission,
    /// It speaks another version of its protocol.
    ProtocolMismatch,
}

/// A reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReaderInfo {
    /// Name as the service gives it.
    pub name: String,
    /// What is in it.
    pub slot: SlotState,
    /// It has a keypad for the PIN; `None` when that is not known without a card.
    pub pinpad: Option<bool>,
}

/// What is in a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "slot", rename_all = "kebab-case")]
pub enum SlotState {
    /// No card.
    Empty,
    /// A card that answers.
    Card {
        /// Answer to reset, hexadecimal.
        atr: String,
    },
    /// A card that does not answer: upside down, or broken.
    Mute,
    /// A card that another program holds for itself alone.
    InUse {
        /// Who, where the system tells.
        holders: Vec<Holder>,
    },
    /// The reader does not work.
    Unavailable,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CardInfo {
    /// Name of its reader.
    pub reader: String,
    /// Answer to reset, hexadecimal.
    pub atr: String,
    /// How it is reached.
    pub interface: InterfaceKind,
    /// What is known of it.
    pub card: CardState,
    /// It is a practice card: it proves nothing about anybody.
    pub practice: bool,
    /// The card's number, where it was read.
    pub number: Option<String>,
    /// Whether it wants a secure channel.
    pub pace: PaceState,
    /// Whether it proved to be genuine.
    pub genuineness: Genuineness,
    /// Why it is not proven, or forged.
    pub genuineness_reason: Option<String>,
    /// The PIN that guards the login, where the card was asked.
    pub pin: Option<CardPin>,
}

/// What a card said of the PIN that guards the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CardPin {
    /// Its state.
    pub state: PinState,
    /// Tries left, where the card says so.
    pub tries_left: Option<u8>,
}

/// Whether a card wants a secure channel (PACE) before it says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum PaceState {
    /// It is spoken to as it is.
    NotNeeded,
    /// The holder is asked for its CAN.
    NeedsCan,
    /// Its CAN is known, so nobody is asked.
    CanKnown,
    /// A channel stands at this moment.
    Open,
    /// It wants one of a kind that is not supported.
    Unsupported,
}

/// Whether a card proved to be genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Genuineness {
    /// It was not asked.
    NotChecked,
    /// It proved it.
    Genuine,
    /// It proved that it is a practice card, which is never genuine.
    Practice,
    /// It offers no proof, or none that can be checked.
    NotProven,
    /// It failed to prove what it claims. Nothing else is done with it.
    Forged,
}

/// What is known of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "card", rename_all = "kebab-case")]
pub enum CardState {
    /// It is being read.
    Reading,
    /// A profile knows it.
    Known {
        /// Name of the profile.
        profile: String,
        /// Name of the card, for people.
        name: String,
        /// The profile is not signed: consent says so.
        unsigned_profile: bool,
    },
    /// No profile knows it.
    Unknown,
    /// It could not be read.
    Failed {
        /// Why.
        failure: Box<super::Failure>,
    },
}

/// How a card is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum InterfaceKind {
    Contact,
    Contactless,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum KeyRole {
    /// Logging in.
    Authentication,
    /// Signing documents.
    Signing,
    /// Listed for completeness; Lichna never uses it.
    Other,
}

/// A certificate on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CertificateInfo {
    /// Name of the reader.
    pub reader: String,
    /// It is on a practice card: it proves nothing about anybody.
    pub practice: bool,
    /// The key's name in the profile.
    pub key: String,
    /// What the key is for.
    pub role: KeyRole,
    /// RFC 4514.
    pub subject: String,
    /// Common name of the subject, where it has one.
    pub common_name: Option<String>,
    /// RFC 4514.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// RFC 3339, UTC.
    pub not_before: String,
    /// RFC 3339, UTC.
    pub not_after: String,
    /// Algorithm and size, such as `EC P-256`.
    pub algorithm: String,
    /// SHA-256 of the DER, hexadecimal.
    pub fingerprint: String,
    /// Electronic identifier (UUID) of the eID scheme, where the certificate has one.
    pub electronic_identifier: Option<String>,
}

/// A PIN of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PinInfo {
    /// Name of the reader.
    pub reader: String,
    /// It is a practice card's.
    pub practice: bool,
    /// Name of the PIN in the profile.
    pub pin: String,
    /// Its state.
    pub state: PinState,
    /// Tries left, where the card says so without spending one.
    pub tries_left: Option<u8>,
    /// Tries left of the PUK, where the card says so.
    pub puk_tries_left: Option<u8>,
    /// How it is typed with this reader.
    pub entry: PinEntry,
}

/// States of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum PinState {
    /// It can be typed.
    Ready,
    /// The card wants its CAN before the last try.
    Suspended,
    /// Too many wrong tries; the PUK unblocks it.
    Blocked,
    /// The holder has not set it yet.
    NotActivated,
    /// Blocked, and the PUK is, too.
    UnblockingBlocked,
    /// The card does not say.
    Unknown,
}

/// What a login came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LoginOutcome {
    /// The server.
    pub server: ServerSummary,
    /// `TLSv1.3` or `TLSv1.2`.
    pub tls_version: String,
    /// Signature scheme of the card's signature, by its IANA name.
    pub scheme: String,
    /// Status of the HTTP answer.
    pub status: u16,
    /// Type of the body, as the server named it.
    pub content_type: Option<String>,
    /// The body, as text, at most 256 KiB.
    pub body: String,
    /// The body was longer.
    pub body_cut: bool,
    /// How long each step took.
    pub timings: Vec<Timing>,
    /// Commands sent to the card for this login.
    pub apdus: u32,
    /// Of these, after the PIN was typed.
    pub apdus_after_pin: u32,
}

/// How long a step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Timing {
    /// Which.
    pub step: Step,
    /// Milliseconds.
    pub milliseconds: u32,
}

/// Steps of a request that a person may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A card is wanted and none is there: put it in.
    WaitForCard,
    /// The card is being read.
    ReadCard,
    /// The server is asked what it wants.
    AskServer,
    /// Another prompt is open; this one waits its turn.
    WaitForTurn,
    /// A person is asked: at the terminal, or at `lichna approve`.
    AskHolder,
    /// The PIN is to be typed at the reader's keypad.
    TypeAtReader,
    /// Another program holds the card.
    WaitForReader,
    /// The connection is opened.
    Connect,
    /// The secure channel to the card is opened.
    OpenChannel,
    /// The card lets one wait after a wrong CAN.
    WaitForSlowCard,
    /// The card is asked whether it is genuine.
    CheckCard,
    /// The file of a practice card is made or opened.
    PreparePracticeCard,
    /// The card checks the PIN and signs.
    Sign,
    /// The server answers.
    Answer,
    /// The authority is asked, or told, something.
    AskAuthority,
    /// The officer's card is wanted: put it in.
    WaitForOfficersCard,
    /// The officer's card is to be taken out, and the holder's put in.
    ExchangeCards,
    /// The card that the task was begun with is wanted: put it in.
    WaitForSameCard,
    /// The authority proves itself to the card, through this computer.
    ProveAuthority,
    /// The card makes its keys. It may take a minute.
    GenerateKeys,
    /// The card signs the requests for certificates.
    SignRequests,
    /// The authority checks the requests and issues.
    IssueCertificates,
    /// The certificates are written to the card.
    WriteCertificates,
    /// They are read back and compared.
    ReadBack,
    /// The authority is told, with the new key, that they are on the card.
    Confirm,
    /// The card takes them for its own from now on.
    ActivateCertificates,
    /// The card identifies its holder again, with a new key; now the one that signs is renewed.
    RenewSigning,
    /// What was begun is taken back.
    RollBack,
    /// Lists of revoked certificates are fetched, or their server asked.
    CheckStatus,
}

/// A request that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PendingRequest {
    /// For [`Request::Approve`](super::Request::Approve).
    pub id: u32,
    /// Who asks.
    pub requester: Requester,
    /// For which server, where it is a login.
    pub server: Option<String>,
    /// For a signature with a key of this kind, where a program asks for one.
    #[serde(default)]
    pub signature: Option<KeyRole>,
    /// Name of the reader.
    pub reader: String,
    /// Seconds until it lapses.
    pub seconds_left: u32,
}

/// A card profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ProfileInfo {
    /// Its name.
    pub name: String,
    /// Name of the card, for people.
    pub card: String,
    /// Who issues such cards.
    pub issuer: String,
    /// The dialect it speaks.
    pub dialect: String,
    /// It came from the user's folder and is not signed.
    pub unsigned: bool,
    /// Where it came from: `built in`, or a file.
    pub source: String,
    /// Why it is not used, if it is not.
    pub rejected: Option<Box<super::Failure>>,
}

/// What may be shown of one exchange with a card: never its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ApduTrace {
    /// Name of the reader.
    pub reader: String,
    /// INS, hexadecimal.
    pub ins: String,
    /// P1 and P2, hexadecimal.
    pub p1p2: String,
    /// Bytes of the command.
    pub sent: u32,
    /// Bytes of the answer's data.
    pub received: u32,
    /// Status word, hexadecimal; `None` when no answer came.
    pub status: Option<String>,
    /// How long it took.
    pub microseconds: u64,
}
