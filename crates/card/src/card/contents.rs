//! What a card says of itself.

use lichna_apdu::tlv;

use super::{Card, Selected};
use crate::{CardError, Personalising, certificate, dialect::iso7816::files};

/// Longest EF.GDO that is read, in bytes.
const LONGEST_DATA: usize = 256;
/// Longest file with the certificates of authorities, in bytes, and how many of them are read.
const LONGEST_CHAIN: usize = 32 * 1024;
const MOST_AUTHORITIES: usize = 4;
/// What ends such a file before its end.
const END: u8 = 0;
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

    /// Reads the certificates of the authorities above the card's own, in DER, the issuer first;
    /// none when the profile names no such file or the card has none. Req 14.1.8.
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] when something else is in the file.
    pub fn read_chain(&mut self) -> Result<Vec<Vec<u8>>, CardError> {
        let mut session = self.session();
        let Some(path) = session.profile.chain() else {
            return Ok(Vec::new());
        };
        let file = files::read_objects(&mut session, path, LONGEST_CHAIN)?.unwrap_or_default();
        let mut rest = file.as_slice();
        let mut chain = Vec::new();
        while chain.len() < MOST_AUTHORITIES
            && rest.first() != Some(&END)
            && let Some(der) = certificate::cut(rest)?
        {
            rest = rest.get(der.len()..).unwrap_or_default();
            chain.push(der);
        }
        Ok(chain)
    }
}

impl Card<'_, Personalising> {
    /// Writes the certificates of the authorities above the card's own, in DER, the issuer first,
    /// in place of those that were there. Req 14.1.8.
    ///
    /// # Errors
    /// [`CardError::NotInProfile`] when such cards have no place for them;
    /// [`CardError::Malformed`] when one is no certificate, or they are too many.
    pub fn write_chain(&mut self, chain: &[&[u8]]) -> Result<(), CardError> {
        let mut session = self.session();
        let missing = CardError::NotInProfile { what: "chain" };
        let path = session.profile.chain().ok_or(missing)?;
        let mut file = chain.concat();
        file.extend([END, END]);
        for der in chain {
            if certificate::cut(der)?.as_deref() != Some(*der) {
                return Err(CardError::malformed("certificate"));
            }
        }
        if chain.len() > MOST_AUTHORITIES || file.len() > LONGEST_CHAIN {
            return Err(CardError::malformed("chain"));
        }
        files::write(&mut session, path, &file)
    }
}
