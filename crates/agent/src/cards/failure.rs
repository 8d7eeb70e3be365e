//! What a reader or a card reported, as the failure that a person is told.

use lichna_apdu::{ChannelError, ExchangeError, PinpadError};
use lichna_card::CardError;
use lichna_ipc::{Failure, Holder};
use lichna_reader::{Holders, ReaderError, ServiceState};

/// What goes wrong in a transaction: the card's fault, or a failure that is known already.
pub enum CardFault {
    /// What the card reported.
    Card(CardError),
    /// What is known.
    Failure(Failure),
}

impl From<CardError> for CardFault {
    fn from(error: CardError) -> Self {
        Self::Card(error)
    }
}

impl From<Failure> for CardFault {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Why there is no transaction.
pub fn from_reader(reader: &str, error: ReaderError) -> Failure {
    let reader = reader.to_owned();
    match error {
        ReaderError::Service(state) => from_service(state).unwrap_or(Failure::ServiceNotRunning),
        ReaderError::NoReader { reader } => Failure::ReaderGone { reader },
        ReaderError::NoCard => Failure::CardRemoved,
        ReaderError::CardMute => Failure::CardMute { reader },
        ReaderError::InUse { holders } => in_use(reader, &holders),
        ReaderError::DeadlineExceeded => Failure::CardTimeout { reader },
        _ => Failure::ReaderUnavailable { reader },
    }
}

/// Another program holds the card.
pub fn in_use(reader: String, holders: &Holders) -> Failure {
    Failure::CardInUse {
        reader,
        program: holders.to_string(),
        holders: named(holders),
    }
}

/// The programs that may hold a card, for people.
pub fn named(holders: &Holders) -> Vec<Holder> {
    let named = holders.named.iter();
    named
        .map(|holder| Holder {
            pid: holder.pid,
            name: holder.name.clone(),
            executable: holder
                .executable
                .as_ref()
                .map(|path| path.display().to_string()),
        })
        .collect()
}

/// Why the service cannot be used, if it cannot.
pub fn from_service(state: ServiceState) -> Option<Failure> {
    Some(match state {
        ServiceState::Running => return None,
        ServiceState::NotInstalled => Failure::ServiceNotInstalled,
        ServiceState::NoPermission => Failure::ServiceNoPermission,
        ServiceState::ProtocolMismatch { .. } => Failure::ServiceProtocolMismatch,
        _ => Failure::ServiceNotRunning,
    })
}

/// What went wrong with a card.
pub fn from_card(reader: &str, fault: CardFault) -> Failure {
    let error = match fault {
        CardFault::Card(error) => error,
        CardFault::Failure(failure) => return failure,
    };
    match error {
        CardError::Exchange(error) => from_exchange(reader, error),
        CardError::Pinpad(error) => from_pinpad(reader, error),
        CardError::NoPinpad => Failure::PinpadNotSupported,
        CardError::WrongPin {
            retries_left: Some(0),
        }
        | CardError::PinBlocked => Failure::PinBlocked,
        CardError::WrongPin { retries_left } => match retries_left {
            Some(tries_left) => Failure::WrongPin { tries_left },
            None => Failure::WrongPinTriesUnknown,
        },
        CardError::PinSuspended => Failure::PinSuspended,
        CardError::PinNotActivated => Failure::PinNotActivated,
        CardError::LastTryRefused { .. } => Failure::LastTryRefused,
        CardError::PukWrong {
            retries_left: Some(0),
        }
        | CardError::PukBlocked => Failure::PukBlocked,
        CardError::PukWrong { retries_left } => match retries_left {
            Some(tries_left) => Failure::WrongPuk { tries_left },
            None => Failure::WrongPukTriesUnknown,
        },
        CardError::KeyMissing { key } => Failure::KeyUnknown {
            key: key.to_string(),
        },
        CardError::CardRefused { command, status } => Failure::CardRefused {
            command: format!("{command:?}"),
            status: status.to_string(),
        },
        CardError::ApplicationMissing { status } => Failure::CardRefused {
            command: "Select".into(),
            status: status.to_string(),
        },
        CardError::CanWrong => Failure::WrongCan,
        CardError::ClearPinOverRadio | CardError::ChannelNeeded => Failure::ChannelNeeded,
        CardError::ChannelUnsupported { what } => Failure::PaceUnsupported {
            what: what.to_string(),
        },
        CardError::ChannelRefused(error) => Failure::ChannelRefused {
            what: error.to_string(),
        },
        other => Failure::CardMalformed {
            what: other.to_string(),
        },
    }
}

fn from_exchange(reader: &str, error: ExchangeError) -> Failure {
    match error {
        ExchangeError::Channel(error) => from_channel(reader, error),
        ExchangeError::ChainRefused { status } => Failure::CardRefused {
            command: "chain".into(),
            status: status.to_string(),
        },
        malformed => Failure::CardMalformed {
            what: malformed.to_string(),
        },
    }
}

fn from_channel(reader: &str, error: ChannelError) -> Failure {
    let reader = reader.to_owned();
    match error {
        ChannelError::CardRemoved => Failure::CardRemoved,
        ChannelError::CardReset => Failure::CardReset,
        ChannelError::ReaderGone => Failure::ReaderGone { reader },
        ChannelError::CardMute => Failure::CardMute { reader },
        ChannelError::DeadlineExceeded => Failure::CardTimeout { reader },
        ChannelError::ServiceStopped => Failure::ServiceNotRunning,
        ChannelError::SecureMessaging => Failure::ChannelBroken,
        ChannelError::CommandTooLong { .. } => Failure::CardMalformed {
            what: error.to_string(),
        },
        _ => Failure::ReaderUnavailable { reader },
    }
}

fn from_pinpad(reader: &str, error: PinpadError) -> Failure {
    match error {
        PinpadError::Cancelled => Failure::Cancelled,
        PinpadError::Timeout => Failure::PromptTimeout,
        PinpadError::PinsDiffer => Failure::PinsDiffer,
        // The keypad does not say how many digits it wants; the profile's limits stand in consent.
        PinpadError::PinLength => Failure::PinLength {
            shortest: 0,
            longest: 0,
        },
        PinpadError::Channel(error) => from_channel(reader, error),
        _ => Failure::PinpadNotSupported,
    }
}
