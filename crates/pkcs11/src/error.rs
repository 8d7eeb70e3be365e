//! Why a call fails, and what it returns then.

use cryptoki_sys::*;
use lichna_ipc::{ClientError, Failure};
use thiserror::Error;

/// Why a call fails.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("an argument cannot be used")]
    ArgumentsBad,
    #[error("an attribute that is not there")]
    AttributeTypeInvalid,
    #[error("an attribute that never leaves the card")]
    AttributeSensitive,
    #[error("the buffer is too small")]
    BufferTooSmall,
    #[error("C_Initialize was called before")]
    AlreadyInitialized,
    #[error("C_Initialize was not called in this process, or C_Finalize was")]
    NotInitialized,
    #[error("the data are too long or too short")]
    DataLenRange,
    #[error("the token is gone")]
    DeviceRemoved,
    #[error("no answer in time")]
    TimedOut,
    #[error("this is not supported")]
    FunctionNotSupported,
    #[error("the agent asked for what a program cannot give")]
    FunctionCanceled,
    #[error("no such interface")]
    NoSuchInterface,
    #[error("the token has no random numbers")]
    RandomNoRng,
    #[error("nothing runs in parallel")]
    FunctionNotParallel,
    #[error("the key cannot do this")]
    KeyFunctionNotPermitted,
    #[error("no such key")]
    KeyHandleInvalid,
    #[error("the key does not sign so")]
    MechanismInvalid,
    #[error("the mechanism's parameters cannot be used")]
    MechanismParamInvalid,
    #[error("nothing happened")]
    NoEvent,
    #[error("no such object")]
    ObjectHandleInvalid,
    #[error("an operation is active already")]
    OperationActive,
    #[error("no operation is active")]
    OperationNotInitialized,
    #[error("a PIN of this length or these characters cannot be")]
    PinInvalid,
    #[error("a PIN cannot be as long or short as this")]
    PinLenRange,
    #[error("no such session")]
    SessionHandleInvalid,
    #[error("sessions are serial")]
    SessionParallelNotSupported,
    #[error("the session is read-only")]
    SessionReadOnly,
    #[error("no such slot")]
    SlotIdInvalid,
    #[error("no token in the slot")]
    TokenNotPresent,
    #[error("the user is logged in already")]
    UserAlreadyLoggedIn,
    #[error("the user is not logged in")]
    UserNotLoggedIn,
    #[error("no such kind of user")]
    UserTypeInvalid,
    #[error("no memory that can be locked")]
    NoMemory,
    #[error("a fault in the module or the agent")]
    General,
    /// The agent says no.
    #[error(transparent)]
    Agent(Box<Failure>),
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Silent => Self::TimedOut,
            ClientError::Refused(failure) => Self::Agent(failure),
            ClientError::Malformed(_) | ClientError::TooLarge { .. } => Self::General,
            // No agent, another user's, one of another version: no token.
            _ => Self::DeviceRemoved,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Agent(Box::new(failure))
    }
}

impl From<Error> for CK_RV {
    fn from(error: Error) -> Self {
        match error {
            Error::ArgumentsBad => CKR_ARGUMENTS_BAD,
            Error::AttributeTypeInvalid => CKR_ATTRIBUTE_TYPE_INVALID,
            Error::AttributeSensitive => CKR_ATTRIBUTE_SENSITIVE,
            Error::BufferTooSmall => CKR_BUFFER_TOO_SMALL,
            Error::AlreadyInitialized => CKR_CRYPTOKI_ALREADY_INITIALIZED,
            Error::NotInitialized => CKR_CRYPTOKI_NOT_INITIALIZED,
            Error::DataLenRange => CKR_DATA_LEN_RANGE,
            Error::DeviceRemoved => CKR_DEVICE_REMOVED,
            Error::TimedOut | Error::NoSuchInterface => CKR_FUNCTION_FAILED,
            Error::FunctionNotSupported => CKR_FUNCTION_NOT_SUPPORTED,
            Error::FunctionCanceled => CKR_FUNCTION_CANCELED,
            Error::RandomNoRng => CKR_RANDOM_NO_RNG,
            Error::FunctionNotParallel => CKR_FUNCTION_NOT_PARALLEL,
            Error::KeyFunctionNotPermitted => CKR_KEY_FUNCTION_NOT_PERMITTED,
            Error::KeyHandleInvalid => CKR_KEY_HANDLE_INVALID,
            Error::MechanismInvalid => CKR_MECHANISM_INVALID,
            Error::MechanismParamInvalid => CKR_MECHANISM_PARAM_INVALID,
            Error::NoEvent => CKR_NO_EVENT,
            Error::ObjectHandleInvalid => CKR_OBJECT_HANDLE_INVALID,
            Error::OperationActive => CKR_OPERATION_ACTIVE,
            Error::OperationNotInitialized => CKR_OPERATION_NOT_INITIALIZED,
            Error::PinInvalid => CKR_PIN_INVALID,
            Error::PinLenRange => CKR_PIN_LEN_RANGE,
            Error::SessionHandleInvalid => CKR_SESSION_HANDLE_INVALID,
            Error::SessionParallelNotSupported => CKR_SESSION_PARALLEL_NOT_SUPPORTED,
            Error::SessionReadOnly => CKR_SESSION_READ_ONLY,
            Error::SlotIdInvalid => CKR_SLOT_ID_INVALID,
            Error::TokenNotPresent => CKR_TOKEN_NOT_PRESENT,
            Error::UserAlreadyLoggedIn => CKR_USER_ALREADY_LOGGED_IN,
            Error::UserNotLoggedIn => CKR_USER_NOT_LOGGED_IN,
            Error::UserTypeInvalid => CKR_USER_TYPE_INVALID,
            Error::NoMemory => CKR_HOST_MEMORY,
            Error::General => CKR_GENERAL_ERROR,
            Error::Agent(failure) => of_agent(&failure),
        }
    }
}

fn of_agent(failure: &Failure) -> CK_RV {
    match failure {
        Failure::Refused | Failure::Cancelled => CKR_FUNCTION_CANCELED,
        Failure::WrongPin { .. } | Failure::WrongPinTriesUnknown => CKR_PIN_INCORRECT,
        Failure::PinBlocked
        | Failure::PinSuspended
        | Failure::LastTryRefused
        | Failure::PinLockedUntilReinserted => CKR_PIN_LOCKED,
        Failure::PinNotActivated => CKR_USER_PIN_NOT_INITIALIZED,
        Failure::PinLength { .. } => CKR_PIN_LEN_RANGE,
        Failure::PinAlphabet | Failure::PinsDiffer => CKR_PIN_INVALID,
        Failure::NotLoggedIn => CKR_USER_NOT_LOGGED_IN,
        Failure::ProgramLoginOff | Failure::PinpadOnly | Failure::PinpadNotSupported => {
            CKR_FUNCTION_NOT_SUPPORTED
        }
        Failure::MechanismNotOffered { .. } => CKR_MECHANISM_INVALID,
        Failure::CardRemoved
        | Failure::NoCard
        | Failure::NoReader
        | Failure::ReaderGone { .. }
        | Failure::ReaderUnknown { .. }
        | Failure::KeyUnknown { .. }
        | Failure::ServiceNotRunning
        | Failure::Stopping => CKR_DEVICE_REMOVED,
        Failure::CardReset
        | Failure::CardMute { .. }
        | Failure::CardInUse { .. }
        | Failure::CardTimeout { .. }
        | Failure::CardRefused { .. }
        | Failure::CardMalformed { .. }
        | Failure::CardForged { .. }
        | Failure::CertificateKeyMismatch { .. }
        | Failure::ChannelBroken
        | Failure::ChannelInterrupted
        | Failure::ChannelNeeded
        | Failure::ChannelRefused { .. }
        | Failure::ReaderUnavailable { .. } => CKR_DEVICE_ERROR,
        Failure::RequestInvalid { .. } | Failure::VersionMismatch { .. } => CKR_GENERAL_ERROR,
        // Nobody answered in time, too many requests, no CAN: another attempt may do.
        _ => CKR_FUNCTION_FAILED,
    }
}
