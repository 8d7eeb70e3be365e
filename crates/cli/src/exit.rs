//! How the process ends: `docs/exit-codes.md`.

use std::process::ExitCode;

use lichna_ipc::{ClientProblem, Failure};

use crate::problem::Here;

/// Exit codes. Their numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing of the below.
    Other,
    /// The command was not written as it should be.
    Usage,
    /// The smart card service, or a reader.
    Reader,
    /// The card, its keys or its certificates.
    Card,
    /// A wrong PIN, or one that cannot be right.
    WrongPin,
    /// A PIN that cannot be used now.
    PinBlocked,
    /// Nobody agreed.
    Refused,
    /// The server.
    Server,
    /// The agent.
    Agent,
    /// Practice cards, or the key store.
    Practice,
    /// The authority that issues certificates, or what was begun with it.
    Authority,
    /// A certificate that is not good, as `lichna status` found.
    NotGood,
    /// Another program that the module was to be put into, or taken out of.
    Browser,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.number().into()
    }
}

impl Exit {
    /// The number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Other => 1,
            Self::Usage => 2,
            Self::Reader => 3,
            Self::Card => 4,
            Self::WrongPin => 5,
            Self::PinBlocked => 6,
            Self::Refused => 7,
            Self::Server => 8,
            Self::Agent => 9,
            Self::Practice => 10,
            Self::Browser => 11,
            Self::Authority => 12,
            Self::NotGood => 13,
        }
    }

    /// After a failure that the agent named.
    pub const fn of_failure(failure: &Failure) -> Self {
        use Failure as F;
        match failure {
            F::UrlInvalid { .. }
            | F::ServerNameInvalid { .. }
            | F::PracticeLabelInvalid { .. }
            | F::AdministratorKeyInvalid
            | F::PersonInvalid { .. }
            | F::CertificateNameInvalid { .. } => Self::Usage,
            F::ServiceNotInstalled
            | F::ServiceNotRunning
            | F::ServiceNoPermission
            | F::ServiceProtocolMismatch
            | F::NoReader
            | F::ReaderUnknown { .. }
            | F::ReaderUnavailable { .. }
            | F::ReaderGone { .. }
            | F::VirtualReaderUnreachable { .. }
            | F::PinpadNotSupported
            | F::PinpadOnly => Self::Reader,
            F::NoCard
            | F::SeveralCards { .. }
            | F::CardMute { .. }
            | F::CardInUse { .. }
            | F::CardUnknown { .. }
            | F::CardRemoved
            | F::CardReset
            | F::CardTimeout { .. }
            | F::CardRefused { .. }
            | F::CardMalformed { .. }
            | F::CanNeeded { .. }
            | F::PaceUnsupported { .. }
            | F::ChannelRefused { .. }
            | F::ChannelBroken
            | F::ChannelInterrupted
            | F::ChannelNeeded
            | F::CardForged { .. }
            | F::CertificateMissing { .. }
            | F::CertificateUnreadable { .. }
            | F::CertificateKeyMismatch { .. }
            | F::CertificateExpired { .. }
            | F::CertificateNotYetValid { .. }
            | F::CertificateSuspended
            | F::CertificateRevoked
            | F::CertificatePending
            | F::CertificateUnknown
            | F::CardNotPersonalisable { .. }
            | F::CardNumberMissing { .. }
            | F::CardPersonalisedByPin { .. }
            | F::CardHasCertificates { .. }
            | F::RenewalNotSupported { .. }
            | F::KeyAlgorithmNotOffered { .. }
            | F::KeyAlgorithmNotCertified { .. }
            | F::WeakKey { .. }
            | F::ReadBackDiffers { .. }
            | F::OtherCard { .. }
            | F::OtherAuthority { .. }
            | F::KeyUnknown { .. }
            | F::MechanismNotOffered { .. }
            | F::UnblockNotSupported
            | F::PinUnknown { .. } => Self::Card,
            F::WrongPin { .. }
            | F::WrongPinTriesUnknown
            | F::WrongPuk { .. }
            | F::WrongPukTriesUnknown
            | F::PinLength { .. }
            | F::PinAlphabet
            | F::PinIsBirthDate
            | F::WrongCan
            | F::WrongPassphrase
            | F::WrongApplicationCode
            | F::WrongTelephonePassword
            | F::PassphraseUnusable { .. }
            | F::PinsDiffer => Self::WrongPin,
            F::PinBlocked
            | F::PinSuspended
            | F::PinNotActivated
            | F::LastTryRefused
            | F::PukBlocked
            | F::PinLockedUntilReinserted => Self::PinBlocked,
            F::Refused
            | F::PromptTimeout
            | F::WindowGone
            | F::Cancelled
            | F::PendingUnknown { .. }
            | F::OwnRequest
            | F::NoTerminal
            | F::RateLimited { .. }
            | F::ProgramLoginOff
            | F::NotLoggedIn => Self::Refused,
            F::ServerNameUnknown { .. }
            | F::ServerUnreachable { .. }
            | F::ServerTimeout { .. }
            | F::ServerNotTrusted { .. }
            | F::ServerTlsFailed { .. }
            | F::ServerAsksNothing { .. }
            | F::ServerAsksLate { .. }
            | F::ServerRefusedCertificate { .. }
            | F::NothingInCommon { .. }
            | F::RedirectElsewhere { .. } => Self::Server,
            F::AuthorityNotConfigured
            | F::AuthorityRefused { .. }
            | F::AuthorityMalformed { .. }
            | F::AuthorityBusy { .. }
            | F::AuthorityRewroteJournal { .. }
            | F::NotAnOfficer
            | F::OtherAdministrator
            | F::ApplicationUnknown { .. }
            | F::ApplicationDiffers { .. }
            | F::ApplicationLapsed { .. }
            | F::CarrierUnknown { .. }
            | F::CarrierKeyDiffers { .. }
            | F::WrongCertificateIssued { .. }
            | F::NotConfirmed
            | F::TaskUnknown { .. }
            | F::TaskRunning { .. }
            | F::TaskUnfinished { .. }
            | F::CardHasTask { .. }
            | F::TaskUnwritable { .. }
            | F::TaskRolledBack { .. }
            | F::StatusUnavailable { .. }
            | F::ClockWrong { .. } => Self::Authority,
            F::PracticeCardNone
            | F::PracticeCardUnknown { .. }
            | F::SeveralPracticeCards { .. }
            | F::PracticeCardInserted { .. }
            | F::PracticeCardNotInserted { .. }
            | F::PracticeCardInUse { .. }
            | F::TooManyPracticeCards { .. }
            | F::PracticeFileDamaged { .. }
            | F::PracticeFileUnwritable { .. }
            | F::PracticeKeyMissing { .. }
            | F::KeyStoreUnavailable { .. } => Self::Practice,
            F::BrowserNotSetUp
            | F::BrowserSetUpElsewhere { .. }
            | F::BrowserSandboxed
            | F::BrowserListUnreadable => Self::Browser,
            F::Busy
            | F::VersionMismatch { .. }
            | F::VersionsDiffer { .. }
            | F::AgentReplaced
            | F::RequestInvalid { .. }
            | F::Stopping => Self::Agent,
            _ => Self::Other,
        }
    }

    /// After what went wrong on the way to the agent or back.
    pub const fn of_client(problem: &ClientProblem) -> Self {
        match problem {
            ClientProblem::HomeUnusable { .. } => Self::Other,
            _ => Self::Agent,
        }
    }

    /// After what went wrong on this side.
    pub const fn of_here(here: &Here) -> Self {
        match here {
            Here::Usage { .. }
            | Here::PinInputMissing
            | Here::NotThroughSudo
            | Here::YesMissing
            | Here::PersonIncomplete { .. } => Self::Usage,
            Here::PinInputInvalid { .. } => Self::WrongPin,
            Here::NotHardened { .. } | Here::Terminal { .. } | Here::Output { .. } => Self::Other,
        }
    }
}
