//! Chip Authentication version 1, the card's side, ICAO 9303-11 §6.2.

use lichna_apdu::tlv;

use crate::chip::{Messaging, Refusal, SelectionError};
use crate::chip_authentication::{EPHEMERAL, KEY, PROTOCOL, protocol};
use crate::dynamic_data;
use crate::{Cipher, PrivateKey, PublicKey};

/// A Chip Authentication that the card was asked for, in between two commands.
pub struct ChipAuthentication {
    cipher: Cipher,
}

impl ChipAuthentication {
    /// MSE:SET AT with the protocol of this cipher; the card has one key, so a reference to a key
    /// is not looked at.
    ///
    /// # Errors
    /// [`SelectionError`].
    pub fn select(data: &[u8], cipher: Cipher) -> Result<Self, SelectionError> {
        let mut named = None;
        let mut rest = data;
        while !rest.is_empty() {
            let (tag, value, after) =
                tlv::split_first(rest).map_err(|_| SelectionError::Malformed)?;
            match tag {
                PROTOCOL if named.is_none() => named = Some(value),
                KEY => (),
                _ => return Err(SelectionError::Malformed),
            }
            rest = after;
        }
        let named = named.ok_or(SelectionError::Malformed)?;
        if named == protocol(cipher).as_bytes() {
            Ok(Self { cipher })
        } else {
            Err(SelectionError::OtherProtocol)
        }
    }

    /// GENERAL AUTHENTICATE, `7C {80}`: takes the terminal's point. The answer goes out under the
    /// channel that stands, if one does; the one returned stands from then on.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn agree(self, key: &PrivateKey, data: &[u8]) -> Result<(Messaging, Vec<u8>), Refusal> {
        let point = dynamic_data::only(data, EPHEMERAL).map_err(Refusal::Malformed)?;
        let point = PublicKey::parse(key.curve(), point)?;
        // INVARIANT: the point was read on the key's curve.
        let shared = key.agree(&point).ok_or(Refusal::IdentityMapped)?;
        Ok((
            Messaging::derive(self.cipher, &shared),
            tlv::encode(dynamic_data::DYNAMIC, &[]),
        ))
    }
}
