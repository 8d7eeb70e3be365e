//! What a card says of itself.

use super::{Card, Selected};
use crate::{
    CardError, Personalising, certificate,
    dialect::{self, iso7816::files},
};

/// Longest file with the certificates of authorities, in bytes, and how many of them are read.
const LONGEST_CHAIN: usize = 32 * 1024;
const MOST_AUTHORITIES: usize = 4;
/// What ends such a file before its end.
const END: u8 = 0;

impl Card<'_, Selected> {
    /// Reads the number of this very card, letters and digits; `None` when the profile does not
    /// say where it is or the card has none. Two commands, or as many as a PIV card's CHUID needs:
    /// see [`Profile::number_is_apart`](crate::Profile::number_is_apart).
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] when it is none.
    pub fn read_card_number(&mut self) -> Result<Option<String>, CardError> {
        let mut session = self.session();
        match session.profile.card_number() {
            Some(place) => {
                dialect::of(session.profile.dialect()).read_card_number(&mut session, place)
            }
            None => Ok(None),
        }
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
