//! MSE:SET AT for PACE as a card reads it, ICAO 9303-11 §4.4.4.1.

use lichna_apdu::tlv;
use thiserror::Error;

use crate::{PaceInfo, PasswordKind};

/// What a terminal asks for with `00 22 C1 A4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    protocol: Vec<u8>,
    reference: u8,
    parameter_id: Option<u8>,
}

/// Why the data of MSE:SET AT names no PACE; a card answers 6A80 or 6A88.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// Data object 80 or 83 is missing, stands twice, or is malformed.
    #[error("the data of MSE:SET AT is malformed")]
    Malformed,
    /// A protocol or domain parameters that the card does not have.
    #[error("the card does not have this protocol")]
    OtherProtocol,
    /// A reference that is that of no password.
    #[error("{reference:02X} is no password")]
    NoPassword {
        /// The value of data object 83.
        reference: u8,
    },
}

impl SelectionError {
    /// SW1 SW2 for it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::OtherProtocol => 0x6A80,
            Self::NoPassword { .. } => 0x6A88,
        }
    }
}

impl Selection {
    /// Reads the data field.
    ///
    /// # Errors
    /// [`SelectionError::Malformed`].
    pub fn parse(data: &[u8]) -> Result<Self, SelectionError> {
        let (mut protocol, mut reference, mut parameter_id) = (None, None, None);
        let mut rest = data;
        while !rest.is_empty() {
            let (tag, value, after) =
                tlv::split_first(rest).map_err(|_| SelectionError::Malformed)?;
            let twice = match (tag, value) {
                (0x80, oid) => protocol.replace(oid.to_vec()).is_some(),
                (0x83, [one]) => reference.replace(*one).is_some(),
                (0x84, [one]) => parameter_id.replace(*one).is_some(),
                _ => true,
            };
            if twice {
                return Err(SelectionError::Malformed);
            }
            rest = after;
        }
        Ok(Self {
            protocol: protocol.ok_or(SelectionError::Malformed)?,
            reference: reference.ok_or(SelectionError::Malformed)?,
            parameter_id,
        })
    }

    /// The password it names, when it asks for the PACE that the card has.
    ///
    /// # Errors
    /// [`SelectionError`].
    pub fn password(&self, info: &PaceInfo) -> Result<PasswordKind, SelectionError> {
        let named = self.parameter_id.is_none() || self.parameter_id == info.parameter_id();
        if self.protocol != info.protocol().as_bytes() || !named {
            return Err(SelectionError::OtherProtocol);
        }
        PasswordKind::from_reference(self.reference).ok_or(SelectionError::NoPassword {
            reference: self.reference,
        })
    }
}
