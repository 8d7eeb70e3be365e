//! What a card says of itself.

use lichna_apdu::tlv;

use super::{Card, Selected};
use crate::{CardError, dialect::iso7816::files};

/// Longest EF.GDO that is read, in bytes.
const LONGEST_DATA: usize = 256;
/// The number of the card, in EF.GDO: its primary account number, ISO/IEC 7816-6.
const CARD_NUMBER: u16 = 0x5A;

impl Card<'_, Selected> {
    /// Reads the number of this very card; `None` when the profile names no such file or the card
    /// has none. Two commands.
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] when it is none.
    pub fn read_card_number(&mut self) -> Result<Option<Vec<u8>>, CardError> {
        let what = "card number";
        let mut session = self.session();
        let Some(path) = session.profile.card_number() else {
            return Ok(None);
        };
        let Some(file) = files::read_object(&mut session, path, LONGEST_DATA)? else {
            return Ok(None);
        };
        let (tag, number, _) = tlv::split_first(&file).map_err(CardError::tlv(what))?;
        if tag != CARD_NUMBER || number.is_empty() {
            return Err(CardError::malformed(what));
        }
        Ok(Some(number.to_vec()))
    }
}
