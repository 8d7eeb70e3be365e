//! The CANs that are remembered: in the key store the numbers themselves, in a file of ours which
//! cards they are of. So the store, which may ask to be unlocked, is left alone unless there is
//! something in it for the card at hand. Req 15.3

use std::{path::PathBuf, sync::Arc};

use lichna_ipc::Failure;
use lichna_secret::Can;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Item, KeyStore};
use crate::{cards::hex, state_file::StateFile};

/// Most cards that are remembered; the one unused for longest makes room.
const MOST_CARDS: usize = 32;
/// Most CANs that are tried on a card that looks like several: each wrong one slows it down.
const MOST_CANDIDATES: usize = 3;
/// Most bytes of the file.
const LONGEST_FILE: u64 = 64 * 1024;

/// Which cards' CANs are in the key store.
#[derive(Clone)]
pub struct RememberedCans {
    file: Arc<StateFile<Index>>,
    store: KeyStore,
}

/// A CAN that may be this card's.
pub struct Remembered {
    /// The number of the card that it is of: the card at hand has to have the same.
    pub number: String,
    /// The CAN.
    pub can: Can,
}

/// A card in the file, the last used first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    number: String,
    /// Hexadecimal.
    atr: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    cards: Vec<Card>,
}

impl RememberedCans {
    /// Those in the key store, with their list in this file.
    pub fn new(file: PathBuf, store: KeyStore) -> Self {
        Self {
            file: Arc::new(StateFile::new(file, LONGEST_FILE)),
            store,
        }
    }

    /// Whether one more can be remembered: the key store answers.
    pub async fn may_be_asked(&self) -> bool {
        self.store.answers().await.is_ok()
    }

    /// Remembers the CAN of the card with this number, which answers to a reset with `atr`.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`], [`Failure::FileUnreadable`]. Nothing is remembered then.
    pub fn remember(
        &self,
        number: &str,
        atr: &[u8],
        can: &Can,
    ) -> impl Future<Output = Result<(), Failure>> + Send + use<'_> {
        // At once: a page of locked memory cannot be lent from thread to thread.
        let secret = can.expose(|digits| Zeroizing::new(digits.to_vec()));
        let card = Card {
            number: number.to_owned(),
            atr: hex(atr),
        };
        self.keep(card, secret)
    }

    async fn keep(&self, card: Card, secret: Zeroizing<Vec<u8>>) -> Result<(), Failure> {
        self.store.keep(Item::can(&card.number), secret).await?;
        let too_many = self.change(|cards| {
            cards.retain(|one| one.number != card.number);
            cards.insert(0, card);
            let kept = cards.len().min(MOST_CARDS);
            cards.split_off(kept)
        })?;
        for card in too_many {
            self.store.delete(Item::can(&card.number)).await?;
        }
        Ok(())
    }

    /// The CANs that may be those of a card that answers to a reset with `atr`, the last used
    /// first. Without one the key store is not even opened.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`]: there is one, and it cannot be had.
    pub async fn candidates(&self, atr: &[u8]) -> Result<Vec<Remembered>, Failure> {
        let atr = hex(atr);
        let cards = self.cards()?.into_iter().filter(|card| card.atr == atr);
        let mut candidates = Vec::new();
        for card in cards.take(MOST_CANDIDATES) {
            match self.store.kept(Item::can(&card.number)).await? {
                Some(mut secret) => match Can::take(&mut secret) {
                    Ok(can) => candidates.push(Remembered {
                        number: card.number,
                        can,
                    }),
                    Err(error) => tracing::warn!(%error, "a remembered CAN is none"),
                },
                // A person deleted it from the store.
                None => self.leave_out(&card.number)?,
            }
        }
        Ok(candidates)
    }

    /// This card was opened with its remembered CAN: it is the first to be tried next time.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`].
    pub fn was_right(&self, number: &str) -> Result<(), Failure> {
        if self
            .cards()?
            .first()
            .is_some_and(|card| card.number == number)
        {
            return Ok(());
        }
        self.change(|cards| {
            if let Some(place) = cards.iter().position(|card| card.number == number) {
                let card = cards.remove(place);
                cards.insert(0, card);
            }
        })
    }

    /// Forgets the CAN of the card with this number, or of all; says of how many.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`]: what is in it stays there, and in the list.
    pub async fn forget(&self, number: Option<&str>) -> Result<u32, Failure> {
        let mut forgotten = 0;
        for card in self.cards()? {
            if number.is_none_or(|wanted| wanted == card.number) {
                self.store.delete(Item::can(&card.number)).await?;
                self.leave_out(&card.number)?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// The numbers of the cards whose CAN is remembered. Asks the key store nothing.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`].
    pub fn numbers(&self) -> Result<Vec<String>, Failure> {
        let numbers = self.cards()?.into_iter().map(|card| card.number);
        Ok(numbers.collect())
    }

    fn leave_out(&self, number: &str) -> Result<(), Failure> {
        self.change(|cards| cards.retain(|card| card.number != number))
    }

    fn cards(&self) -> Result<Vec<Card>, Failure> {
        Ok(self.file.read()?.cards)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Card>) -> T) -> Result<T, Failure> {
        // A list that cannot be read is begun anew: the key store has what matters.
        self.file.change(|index| change(&mut index.cards))
    }
}
