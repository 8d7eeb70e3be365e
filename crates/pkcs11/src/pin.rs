//! A PIN that the program took itself (classic behaviour).

use lichna_ipc::TokenPin;
use lichna_secret::Pin;
use lichna_secret::SecretError;
use zeroize::Zeroizing;

use crate::error::Error;

/// Takes a PIN that can be this one. An empty one never is: to a card it is a question.
///
/// # Errors
/// [`Error::PinLenRange`], [`Error::PinInvalid`], [`Error::NoMemory`].
pub fn typed(pin: &[u8], of: &TokenPin) -> Result<Pin, Error> {
    let range = usize::from(of.shortest.max(1))..=usize::from(of.longest);
    if !range.contains(&pin.len()) {
        return Err(Error::PinLenRange);
    }
    let mut copy = Zeroizing::new(pin.to_vec());
    Pin::take(&mut copy).map_err(|error| match error {
        SecretError::Empty | SecretError::TooLong { .. } => Error::PinLenRange,
        SecretError::NoLockedMemory => Error::NoMemory,
        _ => Error::PinInvalid,
    })
}
