//! GET CHALLENGE and EXTERNAL AUTHENTICATE, ISO/IEC 7816-4 §11.5.3 and §11.5.5: who holds the
//! card's own key may personalise it.

use aes::Aes256;
use cmac::{Cmac, KeyInit, Mac};
use lichna_apdu::ReceivedCommand;

use super::Inserted;
use super::reply::{Done, Reply, Word};
use crate::state::State;

impl Inserted {
    pub(super) fn get_challenge(&mut self, command: &ReceivedCommand<'_>) -> Done {
        if (command.p1, command.p2) != (0, 0) {
            return Err(Word::WRONG_PARAMETERS);
        }
        if command.expected.is_none_or(|length| length < CHALLENGE) {
            return Err(Word::WRONG_LENGTH);
        }
        let mut challenge = [0; CHALLENGE];
        getrandom::fill(&mut challenge).map_err(|_| Word::MEMORY_FAILURE)?;
        self.session.challenge = Some(challenge);
        Ok(Reply::data(challenge.to_vec()))
    }

    pub(super) fn external_authenticate(&mut self, command: &ReceivedCommand<'_>) -> Done {
        if (command.p1, command.p2) != (0x00, 0x90) {
            return Err(Word::WRONG_PARAMETERS);
        }
        // Good for one answer, whatever that is.
        let challenge = self.session.challenge.take();
        let challenge = challenge.ok_or(Word::CONDITIONS_NOT_SATISFIED)?;
        self.session.administrator = false;
        self.slow_down(self.card.state.administrator_failures);
        self.write(|state| {
            state.administrator_failures = state.administrator_failures.saturating_add(1);
        })?;
        let State {
            administrator_key,
            number,
            ..
        } = &self.card.state;
        // Compared in constant time.
        mac(administrator_key, number, &challenge)
            .verify_slice(command.data)
            .map_err(|_| Word::VERIFICATION_FAILED)?;
        self.write(|state| state.administrator_failures = 0)?;
        self.session.administrator = true;
        Ok(Reply::success())
    }
}

/// The answer to a card's challenge, by whoever holds the administrator's key for that card: the
/// data of EXTERNAL AUTHENTICATE.
#[must_use]
pub fn answer_challenge(key: &[u8; 32], card_number: &str, challenge: &[u8]) -> [u8; 16] {
    mac(key, card_number, challenge)
        .finalize()
        .into_bytes()
        .into()
}

fn mac(key: &[u8; 32], card_number: &str, challenge: &[u8]) -> Cmac<Aes256> {
    let mut mac = Cmac::<Aes256>::new(key.into());
    mac.update(PURPOSE);
    mac.update(card_number.as_bytes());
    mac.update(challenge);
    mac
}

/// Bytes of a challenge.
const CHALLENGE: usize = 16;
/// Keeps an answer from being good for anything else.
const PURPOSE: &[u8] = b"LICHNA-PERSO-1";
