//! What the service shows, look by look, becomes what is known of readers and cards.

use std::{io, sync::Arc};

use lichna_reader::{ReaderSnapshot, ServiceState, SlotState, Snapshot};

use super::{
    CardSession, CardThread, CardView, Cards, OwnCard, Reader, ReaderView, Readers, Stage,
    held_alone, meter::Meter,
};
use crate::pin_policy::Insertion;

impl Cards {
    /// The service was looked at.
    pub(super) fn saw(&self, snapshot: Snapshot) {
        tracing::debug!(?snapshot, "readers");
        let mut readers = self.readers();
        let names: Vec<_> = snapshot
            .readers
            .iter()
            .map(|one| one.name.clone())
            .collect();
        // The service does not know our own.
        readers
            .known
            .retain(|name, reader| reader.own || names.contains(name));
        for reader in snapshot.readers {
            if readers.known.get(&reader.name).is_some_and(|one| one.own) {
                tracing::warn!(reader.name, "a reader is named as a card of our own");
            } else {
                self.saw_reader(&mut readers, reader);
            }
        }
        let state = (snapshot.service, names);
        self.publish(&readers, Some(state));
    }

    /// Puts in a card of our own. It is shown as a reader of that name with this card in it, and
    /// needs no smart card service.
    ///
    /// # Errors
    /// When there is a reader of that name already, or the system has no thread to give.
    pub fn put_in_own(&self, name: &str, card: Box<dyn OwnCard>) -> io::Result<Insertion> {
        let mut readers = self.readers();
        if readers.known.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let (atr, interface) = (card.atr(), card.interface());
        let meter = Arc::new(Meter::new(self.traces.clone()));
        let session = CardSession::own(name, meter, card);
        let thread = CardThread::start(name, session)?;
        readers.insertions += 1;
        let insertion = Insertion {
            reader: name.to_owned(),
            count: readers.insertions,
        };
        let card = Arc::new(CardView {
            insertion: insertion.clone(),
            atr: atr.clone(),
            interface,
            own: true,
            stage: Stage::Reading,
        });
        self.read(thread.clone(), Arc::clone(&card));
        let reader = Reader {
            thread,
            card: Some(card),
            pinpad: Some(false),
            snapshot: ReaderSnapshot {
                name: name.to_owned(),
                slot: SlotState::Card { atr },
                event_count: 0,
            },
            own: true,
        };
        readers.known.insert(name.to_owned(), reader);
        self.publish(&readers, None);
        Ok(insertion)
    }

    /// Takes a card of our own out, and its reader away. What is done with it ends as when a card
    /// is pulled out. `false`: there is none of that name.
    pub fn take_out_own(&self, name: &str) -> bool {
        let mut readers = self.readers();
        let is_there = readers.known.get(name).is_some_and(|reader| reader.own);
        if is_there {
            readers.known.remove(name);
            self.publish(&readers, None);
        }
        is_there
    }

    fn saw_reader(&self, readers: &mut Readers, now: ReaderSnapshot) {
        let before = readers.known.remove(&now.name);
        let same_card = before.as_ref().is_some_and(|before| {
            before.snapshot.event_count == now.event_count
                && before.snapshot.slot.atr() == now.slot.atr()
        });
        let let_go = before
            .as_ref()
            .is_some_and(|before| held_alone(&before.snapshot.slot) && !held_alone(&now.slot));
        let (thread, card, pinpad) = match before {
            // A thread that a card kept is left behind with that card.
            Some(before) if same_card || !before.thread.is_stuck() => (
                Ok(before.thread),
                before.card.filter(|_| same_card),
                before.pinpad,
            ),
            before => (
                self.thread(&now.name),
                None,
                before.and_then(|before| before.pinpad),
            ),
        };
        let thread = match thread {
            Ok(thread) => thread,
            Err(error) => {
                tracing::error!(%error, reader = now.name, "no thread for this reader");
                return;
            }
        };
        let card = match (card, now.slot.atr()) {
            (Some(card), Some(_)) if let_go && matches!(card.stage, Stage::Failed(_)) => {
                let again = Arc::new(card.at(Stage::Reading));
                self.read(thread.clone(), Arc::clone(&again));
                Some(again)
            }
            (Some(card), Some(_)) => Some(card),
            (None, Some(atr)) => {
                readers.insertions += 1;
                let card = Arc::new(CardView {
                    insertion: Insertion {
                        reader: now.name.clone(),
                        count: readers.insertions,
                    },
                    atr: atr.to_vec(),
                    interface: lichna_reader::interface(&now.name, atr),
                    own: false,
                    stage: Stage::Reading,
                });
                self.read(thread.clone(), Arc::clone(&card));
                Some(card)
            }
            (_, None) => None,
        };
        let reader = Reader {
            thread,
            card,
            pinpad,
            snapshot: now.clone(),
            own: false,
        };
        readers.known.insert(now.name, reader);
    }

    /// Shows everybody what is known now. `order`: the state of the service and the readers in
    /// its order, when they were just looked at.
    pub(super) fn publish(&self, readers: &Readers, order: Option<(ServiceState, Vec<String>)>) {
        self.view.send_modify(|view| {
            let names = match order {
                Some((service, names)) => {
                    view.service = Some(service);
                    names
                }
                None => view.readers.iter().map(|one| one.name.clone()).collect(),
            };
            let own = readers.known.iter().filter(|(_, reader)| reader.own);
            let mut own: Vec<_> = own.map(|(name, _)| name.clone()).collect();
            own.sort();
            let of_service = names.into_iter().filter(|name| !own.contains(name));
            view.readers = of_service
                .chain(own.clone())
                .filter_map(|name| {
                    let reader = readers.known.get(&name)?;
                    Some(ReaderView {
                        name,
                        slot: reader.snapshot.slot.clone(),
                        card: reader.card.clone(),
                        pinpad: reader.pinpad,
                        own: reader.own,
                    })
                })
                .collect();
        });
    }
}
