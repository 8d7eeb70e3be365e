//! The readers and their cards: watched on one thread, spoken to on one thread each.

mod failure;
pub mod insertion;
mod meter;
mod session;
mod thread;
mod view;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use lichna_apdu::Interface;
use lichna_ipc::{ApduTrace, Failure, Step};
use lichna_reader::{Canceller, ReaderSnapshot, SlotState, Snapshot, Watcher};
use tokio::{
    runtime::Handle,
    sync::{broadcast, watch},
};

pub use failure::{CardFault, from_card, from_service, in_use, named};
pub use meter::Tally;
pub use session::CardSession;
pub use thread::{CardThread, Hold};
pub use view::{CardCertificate, CardView, CertificateRead, KnownCard, ReaderView, Stage, View};

use crate::{consent::Prompter, pin_policy::Insertion, profiles};
use meter::Meter;

/// How long a card may take to be recognised and read.
pub const READING: Duration = Duration::from_secs(10);
/// How long a request waits for the first look at the readers.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// How long the service may take to notice that a card is gone; pcscd looks every 0.4 s.
const NOTICING: Duration = Duration::from_secs(1);
/// Exchanges that a slow watcher may lag behind before it loses some.
const TRACES: usize = 1024;

/// All readers. One for the whole agent.
pub struct Cards {
    me: Weak<Self>,
    view: watch::Sender<View>,
    traces: broadcast::Sender<ApduTrace>,
    profiles: PathBuf,
    runtime: Handle,
    readers: Mutex<Readers>,
}

#[derive(Default)]
struct Readers {
    insertions: u64,
    known: HashMap<String, Reader>,
}

/// What the agent keeps of a reader between two looks.
struct Reader {
    thread: CardThread,
    snapshot: ReaderSnapshot,
    card: Option<Arc<CardView>>,
    pinpad: Option<bool>,
}

/// A card that can be worked with.
#[derive(Clone)]
pub struct Chosen {
    /// Its thread.
    pub thread: CardThread,
    /// Which card.
    pub card: Arc<CardView>,
    /// What was read from it.
    pub known: Arc<KnownCard>,
}

impl Cards {
    /// Begins to watch. Profiles of the user's own are in the folder `profiles`.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn watch(profiles: PathBuf, runtime: Handle) -> std::io::Result<(Arc<Self>, Canceller)> {
        let cards = Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            view: watch::Sender::new(View::default()),
            traces: broadcast::Sender::new(TRACES),
            profiles,
            runtime,
            readers: Mutex::default(),
        });
        let watcher = Watcher::new();
        let canceller = watcher.canceller();
        let of_thread = Arc::clone(&cards);
        std::thread::Builder::new()
            .name("readers".into())
            .stack_size(512 * 1024)
            .spawn(move || {
                for snapshot in watcher {
                    of_thread.saw(snapshot);
                }
            })?;
        Ok((cards, canceller))
    }

    /// Every exchange with every card from now on.
    pub fn trace(&self) -> broadcast::Receiver<ApduTrace> {
        self.traces.subscribe()
    }

    /// The readers and cards, once they were looked at.
    pub async fn view(&self) -> View {
        let mut view = self.view.subscribe();
        let seen = view.wait_for(|view| view.service.is_some());
        match tokio::time::timeout(FIRST_LOOK, seen).await {
            Ok(Ok(view)) => view.clone(),
            Ok(Err(_)) | Err(_) => self.view.borrow().clone(),
        }
    }

    /// Ends when the card is taken out.
    pub async fn removed(&self, insertion: &Insertion) {
        let mut view = self.view.subscribe();
        // The sender lives as long as `self`, so this ends only when the card is gone.
        let _ = view.wait_for(|view| !view.has(insertion)).await;
    }

    /// Ends when no card is being read any more, or reading takes too long.
    pub async fn settled(&self) -> View {
        let mut view = self.view.subscribe();
        let settled = view.wait_for(|view| {
            view.service.is_some()
                && !view.readers.iter().any(|reader| {
                    let stage = reader.card.as_ref().map(|card| &card.stage);
                    matches!(stage, Some(Stage::Reading))
                })
        });
        match tokio::time::timeout(READING + FIRST_LOOK, settled).await {
            Ok(Ok(view)) => view.clone(),
            Ok(Err(_)) | Err(_) => self.view.borrow().clone(),
        }
    }

    /// The same, and who uses the cards at this moment: the service does not tell when that
    /// changes.
    pub async fn look_again(&self, mut view: View) -> View {
        let deadline = Instant::now() + FIRST_LOOK;
        let now = tokio::task::spawn_blocking(move || Snapshot::take(deadline)).await;
        for reader in now.into_iter().flat_map(|now| now.readers) {
            let same = view
                .readers
                .iter_mut()
                .find(|one| one.name == reader.name && one.slot.atr() == reader.slot.atr());
            if let Some(same) = same {
                same.slot = reader.slot;
            }
        }
        view
    }

    /// The failure, or that the card was taken out, which looks like many failures until the
    /// service has noticed it.
    pub async fn or_removed(&self, insertion: &Insertion, failure: Failure) -> Failure {
        let suspicious = matches!(
            failure,
            Failure::CardMute { .. }
                | Failure::CardReset
                | Failure::ReaderUnavailable { .. }
                | Failure::CardMalformed { .. }
        );
        let removed = tokio::time::timeout(NOTICING, self.removed(insertion));
        if suspicious && removed.await.is_ok() {
            return Failure::CardRemoved;
        }
        failure
    }

    /// The card that is meant: the one in `reader`, or the only one there is.
    ///
    /// Where there is none, a person is asked for one and has `patience` to put it in.
    ///
    /// # Errors
    /// Why there is no card to work with.
    pub async fn choose(
        &self,
        reader: Option<&str>,
        patience: Duration,
        prompter: &dyn Prompter,
    ) -> Result<Chosen, Failure> {
        let mut view = self.view.subscribe();
        let patient = Instant::now() + patience;
        self.view().await;
        self.read_failed_again(reader);
        let mut told = None;
        loop {
            let now = view.borrow_and_update().clone();
            let (waits_for, deadline, failure) = match choice(&now, reader) {
                Choice::Ready(card, known) => {
                    let name = card.insertion.reader.clone();
                    let thread = self.thread_of(&name);
                    let thread = thread.ok_or(Failure::ReaderGone { reader: name })?;
                    return Ok(Chosen {
                        thread,
                        card,
                        known,
                    });
                }
                Choice::Reading(reader) => (
                    Step::ReadCard,
                    Instant::now() + READING + FIRST_LOOK,
                    Failure::CardTimeout { reader },
                ),
                Choice::None => (Step::WaitForCard, patient, Failure::NoCard),
                Choice::Impossible(failure) => return Err(failure),
            };
            if deadline <= Instant::now() {
                return Err(failure);
            }
            if told != Some(waits_for) {
                prompter.progress(waits_for);
                told = Some(waits_for);
            }
            if tokio::time::timeout_at(deadline.into(), view.changed())
                .await
                .is_err()
            {
                return Err(failure);
            }
        }
    }

    /// Reads cards again that could not be read before, and that need not stay so: another
    /// program held them, or a profile for them may have come.
    pub fn read_failed_again(&self, reader: Option<&str>) {
        let mut readers = self.readers();
        for (name, known) in &mut readers.known {
            let Some(card) = &known.card else { continue };
            let worth_it = match &card.stage {
                Stage::Failed(Failure::CardTimeout { .. }) => !known.thread.is_stuck(),
                Stage::Failed(_) | Stage::Unknown => true,
                Stage::Reading | Stage::Known(_) => false,
            };
            if worth_it && reader.is_none_or(|wanted| wanted == name) {
                let again = Arc::new(card.at(Stage::Reading));
                known.card = Some(Arc::clone(&again));
                self.read(known.thread.clone(), again);
            }
        }
        self.publish(&readers, None);
    }

    /// The thread of a reader that is there.
    pub fn thread_of(&self, reader: &str) -> Option<CardThread> {
        Some(self.readers().known.get(reader)?.thread.clone())
    }

    fn saw(&self, snapshot: Snapshot) {
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

    fn thread(&self, reader: &str) -> std::io::Result<CardThread> {
        let meter = Arc::new(Meter::new(self.traces.clone()));
        CardThread::start(reader, CardSession::new(reader, meter))
    }

    /// Recognises and reads a card in the background.
    fn read(&self, thread: CardThread, card: Arc<CardView>) {
        let Some(cards) = self.me.upgrade() else {
            return;
        };
        self.runtime.spawn(async move {
            let deadline = Instant::now() + READING;
            let profiles = profiles::load(&cards.profiles).profiles;
            let atr = card.atr.clone();
            let read = thread
                .run(deadline, move |session| {
                    insertion::read(session, &profiles, &atr, deadline)
                })
                .await;
            cards.was_read(&card.insertion, read);
        });
    }

    fn was_read(&self, insertion: &Insertion, read: Result<Option<KnownCard>, Failure>) {
        let mut readers = self.readers();
        let Some(reader) = readers.known.get_mut(&insertion.reader) else {
            return;
        };
        let Some(card) = reader
            .card
            .as_ref()
            .filter(|card| card.insertion == *insertion)
        else {
            return;
        };
        let stage = match read {
            Ok(Some(known)) => {
                reader.pinpad = Some(known.pinpad);
                Stage::Known(Arc::new(known))
            }
            Ok(None) => Stage::Unknown,
            Err(failure) => Stage::Failed(failure),
        };
        tracing::info!(reader = insertion.reader, ?stage, "card read");
        reader.card = Some(Arc::new(card.at(stage)));
        self.publish(&readers, None);
    }

    /// Shows everybody what is known now. `order`: the state of the service and the readers in
    /// its order, when they were just looked at.
    fn publish(
        &self,
        readers: &Readers,
        order: Option<(lichna_reader::ServiceState, Vec<String>)>,
    ) {
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

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Another program has the card for itself.
pub fn held_alone(slot: &SlotState) -> bool {
    matches!(
        slot,
        SlotState::InUse {
            exclusive: true,
            ..
        }
    )
}

enum Choice {
    Ready(Arc<CardView>, Arc<KnownCard>),
    Reading(String),
    None,
    Impossible(Failure),
}

/// Which card is meant, and whether it can be worked with.
fn choice(view: &View, wanted: Option<&str>) -> Choice {
    if let Some(failure) = view.service.and_then(from_service) {
        return Choice::Impossible(failure);
    }
    let readers: Vec<&ReaderView> = match wanted {
        Some(name) => match view.reader(name) {
            Some(reader) => vec![reader],
            None => {
                return Choice::Impossible(Failure::ReaderUnknown {
                    reader: name.to_owned(),
                });
            }
        },
        None => view.readers.iter().collect(),
    };
    if readers.is_empty() {
        return Choice::Impossible(Failure::NoReader);
    }
    let mut known = Vec::new();
    let mut reading = None;
    let mut failure = None;
    for reader in readers {
        let name = reader.name.clone();
        match (reader.card.as_ref(), &reader.slot) {
            (Some(card), _) => match &card.stage {
                Stage::Known(one) => known.push((Arc::clone(card), Arc::clone(one))),
                Stage::Reading => reading = Some(name),
                Stage::Unknown => {
                    failure = Some(Failure::CardUnknown {
                        reader: name,
                        atr: hex(&card.atr),
                    });
                }
                Stage::Failed(why) => failure = Some(why.clone()),
            },
            (None, SlotState::Mute) => failure = Some(Failure::CardMute { reader: name }),
            (None, SlotState::Unavailable) => {
                failure = Some(Failure::ReaderUnavailable { reader: name });
            }
            (None, _) => {}
        }
    }
    match (known.pop(), reading, failure) {
        (Some((card, one)), _, _) if known.is_empty() => Choice::Ready(card, one),
        (Some((last, _)), _, _) => {
            let mut names: Vec<_> = known
                .iter()
                .map(|(card, _)| card.insertion.reader.clone())
                .collect();
            names.push(last.insertion.reader.clone());
            Choice::Impossible(Failure::SeveralCards {
                readers: names.join(", "),
            })
        }
        (None, Some(reader), _) => Choice::Reading(reader),
        (None, None, Some(failure)) => Choice::Impossible(failure),
        (None, None, None) => Choice::None,
    }
}

/// Hexadecimal digits, upper case, as ATRs are written.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// How a card is reached, as the protocol says it.
pub fn interface_kind(interface: Interface) -> lichna_ipc::InterfaceKind {
    match interface {
        Interface::Contact => lichna_ipc::InterfaceKind::Contact,
        Interface::Contactless => lichna_ipc::InterfaceKind::Contactless,
    }
}
