//! After a wrong PIN that came over IPC, no other is taken over IPC for that card.
//!
//! A program that guesses therefore gets one guess, and the holder, who takes the card out and
//! puts it in again, is not hindered. The right PIN typed at the reader's keypad proves the
//! holder's presence and lifts the lock, too.

use std::sync::{Arc, Mutex, PoisonError};

use lichna_ipc::Failure;

/// One insertion of a card: it ends when the card is taken out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Insertion {
    /// Name of the reader.
    pub reader: String,
    /// Counts the insertions of the agent's life; never used twice.
    pub count: u64,
}

/// The cards for which no PIN is taken over IPC any more. A clone is the same policy.
#[derive(Clone, Debug, Default)]
pub struct PinPolicy {
    locked: Arc<Mutex<Vec<Insertion>>>,
}

impl PinPolicy {
    /// Whether a PIN may be taken over IPC for this card.
    ///
    /// # Errors
    /// [`Failure::PinLockedUntilReinserted`].
    pub fn may_take(&self, card: &Insertion) -> Result<(), Failure> {
        if self.locked().contains(card) {
            return Err(Failure::PinLockedUntilReinserted);
        }
        Ok(())
    }

    /// Takes note of what the card said of a secret that came over IPC.
    ///
    /// To be called on the card's own thread: a client that guesses, and hangs up before it has
    /// its answer, does not escape.
    pub fn judge<T>(&self, card: &Insertion, said: &Result<T, Failure>) {
        if said.as_ref().is_err_and(is_wrong) {
            self.wrong(card);
        }
    }

    fn wrong(&self, card: &Insertion) {
        let mut locked = self.locked();
        // An earlier insertion in the same reader is over and done with.
        locked.retain(|earlier| earlier.reader != card.reader);
        locked.push(card.clone());
    }

    /// The right PIN was typed at the reader's keypad.
    pub fn right_at_pinpad(&self, card: &Insertion) {
        self.locked().retain(|locked| locked != card);
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Insertion>> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A secret that was typed was wrong.
pub fn is_wrong(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::WrongPin { .. }
            | Failure::WrongPinTriesUnknown
            | Failure::PinBlocked
            | Failure::WrongPuk { .. }
            | Failure::WrongPukTriesUnknown
            | Failure::PukBlocked
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(count: u64) -> Insertion {
        Insertion {
            reader: "Reader".into(),
            count,
        }
    }

    // Req C.2
    #[test]
    fn takes_no_second_pin_until_the_card_was_reinserted() {
        let policy = PinPolicy::default();
        policy.may_take(&card(1)).unwrap();
        policy.wrong(&card(1));
        assert_eq!(
            policy.may_take(&card(1)),
            Err(Failure::PinLockedUntilReinserted)
        );
        policy.may_take(&card(2)).unwrap();
    }

    // Req C.2
    #[test]
    fn the_right_pin_at_the_keypad_lifts_the_lock() {
        let policy = PinPolicy::default();
        policy.wrong(&card(1));
        policy.right_at_pinpad(&card(1));
        policy.may_take(&card(1)).unwrap();
    }
}
