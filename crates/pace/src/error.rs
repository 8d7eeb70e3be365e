//! Why a channel does not open, or does not last.

use core::fmt;

use lichna_apdu::{ChannelError, ExchangeError, Status};
use thiserror::Error;

use crate::{PasswordKind, PointError, RandomError};

/// Why PACE, or Chip Authentication, did not open a channel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PaceError {
    /// The card wants something that is not spoken here.
    #[error("the card's secure channel needs {what}, which is not supported")]
    Unsupported {
        /// What it wants.
        what: Unsupported,
    },
    /// What the card says of its protocols cannot be read.
    #[error("the security infos are malformed: {0}")]
    SecurityInfos(#[from] SecurityInfosError),
    /// No answer, or none that is one.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The card did not take the password.
    #[error("the {kind} is wrong{}", tries(*.tries_left))]
    WrongPassword {
        /// Which one.
        kind: PasswordKind,
        /// Tries that are left; `None` where there is no limit, or the card does not say.
        tries_left: Option<u8>,
    },
    /// One try is left, and the card takes it only in a channel opened with the CAN.
    #[error("the {kind} is suspended")]
    Suspended {
        /// Which one.
        kind: PasswordKind,
    },
    /// No try is left.
    #[error("the {kind} is blocked")]
    Blocked {
        /// Which one.
        kind: PasswordKind,
    },
    /// The holder has not set it yet.
    #[error("the {kind} is not activated")]
    NotActivated {
        /// Which one.
        kind: PasswordKind,
    },
    /// One kind of password was selected, another one given.
    #[error("the {selected} was selected, and the {given} given")]
    OtherPassword {
        /// In MSE:SET AT.
        selected: PasswordKind,
        /// For the nonce.
        given: PasswordKind,
    },
    /// The card refused a step for another reason.
    #[error("the card refused {step}: {status}")]
    Refused {
        /// Which step.
        step: Step,
        /// What it said.
        status: Status,
    },
    /// The card's public key is none of its curve.
    #[error("the card's public key in {step} is {error}")]
    BadPoint {
        /// In which step.
        step: Step,
        /// What is wrong with it.
        error: PointError,
    },
    /// Nonce and keys map to the point at infinity.
    #[error("the nonce maps to the point at infinity")]
    IdentityMapped,
    /// The card sent our own public key back, which would prove nothing.
    #[error("the card reflected our public key in {step}")]
    ReflectedKey {
        /// In which step.
        step: Step,
    },
    /// The card's token is wrong: it does not know the password, or someone is in between.
    #[error("the card's authentication token is wrong")]
    WrongToken,
    /// An answer without the data object that belongs there, or with a wrong one.
    #[error("the card's answer to {step} is malformed: {object}")]
    Malformed {
        /// Which step.
        step: Step,
        /// Which data object, and what is wrong.
        object: MalformedObject,
    },
    /// Random numbers could not be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl From<ChannelError> for PaceError {
    fn from(error: ChannelError) -> Self {
        Self::Exchange(error.into())
    }
}

fn tries(left: Option<u8>) -> String {
    left.map(|left| format!(", {left} tries left"))
        .unwrap_or_default()
}

impl fmt::Display for PasswordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mrz => "machine readable zone",
            Self::Can => "CAN",
            Self::Pin => "PIN",
            Self::Puk => "PUK",
        })
    }
}

/// The commands of PACE, ICAO 9303-11 §4.4.4, and of Chip Authentication, §6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// MSE:SET AT
    Select,
    /// GENERAL AUTHENTICATE, encrypted nonce
    Nonce,
    /// GENERAL AUTHENTICATE, map nonce
    Map,
    /// GENERAL AUTHENTICATE, perform key agreement
    Agree,
    /// GENERAL AUTHENTICATE, mutual authentication
    Authenticate,
    /// Chip Authentication: MSE:SET AT, or its GENERAL AUTHENTICATE
    ChipAuthentication,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Select => "MSE:SET AT",
            Self::Nonce => "the request for the nonce",
            Self::Map => "the mapping of the nonce",
            Self::Agree => "the key agreement",
            Self::Authenticate => "the authentication token",
            Self::ChipAuthentication => "chip authentication",
        })
    }
}

/// A data object that is not what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MalformedObject {
    /// No BER-TLV data object at all.
    NotTlv,
    /// It is not there.
    Missing(u8),
    /// It has a length that it may not have.
    Length(u8),
    /// It stands where it does not belong, or twice.
    Unexpected(u16),
}

impl fmt::Display for MalformedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTlv => f.write_str("no data objects"),
            Self::Missing(tag) => write!(f, "data object {tag:02X} is missing"),
            Self::Length(tag) => write!(f, "data object {tag:02X} has a wrong length"),
            Self::Unexpected(tag) => write!(f, "data object {tag:02X} does not belong there"),
        }
    }
}

/// What a card may want and Lichna does not speak. Room is left for the mappings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// No protocol of PACE is named: a card with Basic Access Control, or none at all.
    #[error("something other than PACE (Basic Access Control, or nothing)")]
    NoPace,
    /// PACE over a group of integers.
    #[error("Diffie-Hellman over integers")]
    DiffieHellman,
    /// Integrated mapping.
    #[error("the integrated mapping")]
    IntegratedMapping,
    /// Chip Authentication mapping.
    #[error("the chip authentication mapping")]
    ChipAuthenticationMapping,
    /// Triple DES.
    #[error("triple DES")]
    TripleDes,
    /// A version of the protocol.
    #[error("version {0} of the protocol")]
    Version(u32),
    /// A set of domain parameters, by its number.
    #[error("domain parameter set {0}")]
    DomainParameters(u32),
    /// Domain parameters that are written out.
    #[error("explicit domain parameters")]
    ExplicitParameters,
    /// The card does not say which domain parameters, or names ones it does not describe.
    #[error("domain parameters that the card does not name")]
    UnnamedParameters,
    /// A protocol that nobody here knows, under PACE's own identifier.
    #[error("protocol {0}")]
    Protocol(String),
}

/// Why bytes are no `SecurityInfos`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum SecurityInfosError {
    /// Not DER, or not a SET of SEQUENCEs that begin with an object identifier.
    #[error("not a set of security infos at byte {offset}")]
    Der {
        /// Where, from the start.
        offset: usize,
    },
    /// Longer than any card's.
    #[error("{length} bytes are more than the {longest} that are read")]
    TooLong {
        /// Bytes there were.
        length: usize,
        /// Bytes that are read.
        longest: usize,
    },
    /// An info whose protocol is known, with something else in it than belongs there.
    #[error("the info of protocol {protocol} is malformed")]
    Info {
        /// The protocol.
        protocol: String,
    },
}
