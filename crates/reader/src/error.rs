//! Why a card cannot be reached, and what each PC/SC return code says of it.

use lichna_apdu::ChannelError;
use thiserror::Error;

use crate::{Holders, ServiceState, service};

/// Why there is no connection, or no transaction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReaderError {
    /// The PC/SC service cannot be used.
    #[error("the smart card service cannot be used: {0}")]
    Service(ServiceState),
    /// The service was restarted: the connection is gone, another one can be made.
    #[error("the smart card service was restarted")]
    ConnectionLost,
    /// No reader has this name (any more).
    #[error("there is no reader \"{reader}\"")]
    NoReader {
        /// Its name.
        reader: String,
    },
    /// The reader is empty.
    #[error("there is no card in the reader")]
    NoCard,
    /// There is a card that does not answer: upside down, or broken.
    #[error("the card does not answer")]
    CardMute,
    /// Another program holds the card: alone, or in a transaction that did not end in time.
    #[error("the card is held by another program: {holders}")]
    InUse {
        /// Who it may be.
        holders: Holders,
    },
    /// The reader or its driver did not answer in time, and no other program is to blame.
    #[error("the reader took longer than the deadline")]
    DeadlineExceeded,
    /// No thread could be started.
    #[error("the system gave no thread for the reader")]
    NoThread,
    /// The service refused for a reason of its own.
    #[error("the smart card service reported {code:#010x}")]
    Pcsc {
        /// PC/SC return code.
        code: u32,
    },
}

impl ReaderError {
    /// What the return code of SCardConnect or SCardBeginTransaction says of `reader`.
    pub(crate) fn from_pcsc(error: pcsc::Error, reader: &str) -> Self {
        match error {
            pcsc::Error::SecurityViolation | pcsc::Error::NoAccess => {
                Self::Service(ServiceState::NoPermission)
            }
            pcsc::Error::UnknownReader
            | pcsc::Error::ReaderUnavailable
            | pcsc::Error::NoReadersAvailable => Self::NoReader {
                reader: reader.to_owned(),
            },
            pcsc::Error::NoSmartcard | pcsc::Error::RemovedCard => Self::NoCard,
            pcsc::Error::UnresponsiveCard
            | pcsc::Error::UnpoweredCard
            | pcsc::Error::UnsupportedCard
            | pcsc::Error::ProtoMismatch => Self::CardMute,
            pcsc::Error::SharingViolation => Self::InUse {
                holders: crate::holders(reader),
            },
            lost if service::is_lost(lost) => match service::establish() {
                Ok(_) => Self::ConnectionLost,
                Err(state) => Self::Service(state),
            },
            other => Self::Pcsc { code: code(other) },
        }
    }
}

/// What the return code of SCardTransmit, SCardControl or SCardEndTransaction says.
pub(crate) fn channel_error(error: pcsc::Error) -> ChannelError {
    match error {
        pcsc::Error::RemovedCard | pcsc::Error::NoSmartcard => ChannelError::CardRemoved,
        pcsc::Error::ResetCard => ChannelError::CardReset,
        pcsc::Error::ReaderUnavailable | pcsc::Error::UnknownReader => ChannelError::ReaderGone,
        // NOT_TRANSACTED and COMM_DATA_LOST: the card was asked and no answer came.
        pcsc::Error::UnresponsiveCard
        | pcsc::Error::UnpoweredCard
        | pcsc::Error::NotTransacted
        | pcsc::Error::CommDataLost => ChannelError::CardMute,
        pcsc::Error::Timeout => ChannelError::DeadlineExceeded,
        // A service that died shows as a broken pipe (COMM_ERROR) or a handle it no longer knows.
        pcsc::Error::NoService
        | pcsc::Error::ServiceStopped
        | pcsc::Error::Shutdown
        | pcsc::Error::InvalidHandle
        | pcsc::Error::CommError => ChannelError::ServiceStopped,
        other => ChannelError::Service { code: code(other) },
    }
}

/// The number of a return code.
#[allow(clippy::as_conversions, reason = "the discriminant is the code")]
pub(crate) const fn code(error: pcsc::Error) -> u32 {
    error as u32
}
