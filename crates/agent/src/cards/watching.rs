//! What the service shows, look by look, becomes what is known of readers and cards.

use std::sync::Arc;

use lichna_reader::{ReaderSnapshot, ServiceState, Snapshot};

use super::{CardView, Cards, Reader, ReaderView, Readers, Stage, held_alone};
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
        readers.known.retain(|name, _| names.contains(name));
        for reader in snapshot.readers {
            self.saw_reader(&mut readers, reader);
        }
        let state = (snapshot.service, names);
        self.publish(&readers, Some(state));
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
            view.readers = names
                .into_iter()
                .filter_map(|name| {
                    let reader = readers.known.get(&name)?;
                    Some(ReaderView {
                        name,
                        slot: reader.snapshot.slot.clone(),
                        card: reader.card.clone(),
                        pinpad: reader.pinpad,
                    })
                })
                .collect();
        });
    }
}
