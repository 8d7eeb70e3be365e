//! The messages. Version [`VERSION`]; both sides say theirs in [`Hello`] first.
//!
//! One connection carries any number of requests, told apart by an id that the client chooses.
//! The outer result of a call is the transport's, the inner one ([`Failure`]) the agent's.
//!
//! ```text
//! client                                   agent
//!   Hello ------------------------------->
//!         <------------------------------- Hello
//!   Request 1 login ---------------------->
//!         <------------------------------- Progress 1 …
//!         <------------------------------- Ask 1 (consent, the secrets that are wanted)
//!   Answer 1 typed + PIN frames ---------->
//!         <------------------------------- Reply 1
//! ```

mod authority;
mod consent;
mod failure;
mod finding;
mod practice;
mod prompt;
mod reply;
mod request;
mod settings;
mod state;
mod token;
mod uses;

use serde::{Deserialize, Serialize};

pub use authority::{
    Applicant, AuthorityChoice, CertificateOf, CertificateState, EnrolRequest, History,
    HistoryEntry, HistoryRequest, HolderCertificate, Managed, NameRequest, Names, NumberKind,
    Person, RenewRequest, ResumeRequest, RevokeRequest, Someone, StatusOutcome, StatusRequest,
    StatusSource, Subject, SuspendRequest, TaskInfo, TaskKind, TaskOutcome, TaskResumeRequest,
    TaskState, Verdict,
};
pub use consent::{
    Alphabet, Consent, GrantOffer, PinEntry, Purpose, Requester, SecretField, SecretKind,
    ServerSummary,
};
pub use failure::{Failure, Holder};
pub use finding::{Command, Finding, FindingState, Remedy};
pub use practice::{
    PracticeCardInfo, PracticeFace, PracticeLock, PracticeMaking, PracticePlace, PracticePolicy,
};
pub use prompt::{Prompt, WindowMessage};
pub use reply::{
    ApduTrace, CardInfo, CardPin, CardState, CertificateInfo, Genuineness, InterfaceKind, KeyRole,
    LoginOutcome, PaceState, PendingRequest, PinInfo, PinState, ProfileInfo, ReaderInfo, Reply,
    ServiceState, SlotState, Step, Timing,
};
pub use request::{CertificateChoice, ConsentRoute, LoginRequest, NamedPem, Request};
pub use settings::{
    Contrast, KeypadOrder, Look, SettingChange, Settings, Stored, StoredKind, TextSize, Theme,
    WindowLanguage,
};
pub use state::{Notice, State};
pub use token::{
    HashName, Mechanism, ProgramInfo, PublicKey, SignRequest, Token, TokenCertificate, TokenId,
    TokenPin, TokenReader, Tokens,
};
pub use uses::{KeyUse, ServiceInfo, UseKind, Uses};

/// Version of the protocol. A client of another version is told so and refused.
pub const VERSION: u16 = 6;

/// The id that stands for no request: the agent gives it to a failure of the whole connection,
/// after which it hangs up.
pub const CONNECTION: u32 = 0;

/// The first message of each side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Hello {
    /// [`VERSION`] of the sender.
    pub protocol: u16,
    /// Name of the program: `lichna`, `lichna-agent`. For people, never for decisions.
    pub program: String,
    /// Version of the program.
    pub version: String,
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "kebab-case")]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, on its way to a frame"
)]
pub enum ClientMessage {
    /// The first message.
    Hello(Hello),
    /// Something to do.
    Request {
        /// Chosen by the client, unique on this connection while the request runs.
        id: u32,
        /// What.
        request: Request,
    },
    /// The answer to [`AgentMessage::Ask`].
    Answer {
        /// Of the request.
        id: u32,
        /// What the person decided.
        answer: Answer,
    },
    /// The request is no longer wanted.
    Cancel {
        /// Of the request.
        id: u32,
    },
}

/// What a person answered when asked for consent and secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Agreed. So many PIN frames follow at once, in the order of [`Consent::secrets`].
    Typed {
        /// Number of PIN frames; 0 when the PIN is typed at the reader's keypad.
        secrets: u8,
        /// What he said beside.
        #[serde(flatten)]
        choices: Choices,
    },
    /// Refused.
    Refused,
}

/// What a person who agreed said beside. Nothing, unless he was offered it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Choices {
    /// He was told that this is the last try, and wants to spend it.
    pub spend_last_try: bool,
    /// He wants the CAN to be remembered on this computer.
    pub remember_can: bool,
    /// He grants the program what [`Consent::grant`] offers.
    pub grant: bool,
    /// He wants not to be asked about the grant for this program again.
    pub remember_program: bool,
}

/// What the agent sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum AgentMessage {
    /// The first message.
    Hello(Hello),
    /// The end of a request.
    Reply {
        /// Of the request.
        id: u32,
        /// How it ended.
        outcome: Outcome,
    },
    /// A person must agree, and type what the card wants.
    Ask {
        /// Of the request.
        id: u32,
        /// What to show and what to ask for.
        consent: Box<Consent>,
    },
    /// How far a request has come.
    Progress {
        /// Of the request.
        id: u32,
        /// The step that began.
        step: Step,
    },
    /// The tokens as they are now, for [`Request::WatchTokens`].
    Tokens {
        /// Of the request.
        id: u32,
        /// What there is.
        tokens: Box<Tokens>,
    },
    /// What there is now, for [`Request::Watch`].
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    State {
        /// Of the request.
        id: u32,
        /// What there is.
        state: Box<State>,
    },
    /// One exchange with a card, for [`Request::Trace`].
    #[cfg_attr(not(feature = "whole"), serde(skip_deserializing))]
    Trace {
        /// Of the request.
        id: u32,
        /// What may be shown of it.
        exchange: ApduTrace,
    },
}

/// The end of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done.
    Done(Box<Reply>),
    /// Not done, and why.
    Failed(Box<Failure>),
}
