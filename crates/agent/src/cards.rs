//! The readers and their cards: watched on one thread, spoken to on one thread each.

mod choice;
mod failure;
pub mod insertion;
mod known_pin;
mod link;
mod meter;
mod programs;
mod secure;
mod session;
mod thread;
mod view;
mod watching;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use lichna_apdu::Interface;
use lichna_ipc::{ApduTrace, Failure};
use lichna_reader::{Canceller, ReaderSnapshot, SlotState, Snapshot, Watcher};
use tokio::{
    runtime::Handle,
    sync::{broadcast, watch},
};

pub use choice::Chosen;
pub use failure::{CardFault, from_card, from_service, in_use, named};
pub use link::OwnCard;
pub use meter::Tally;
pub use programs::{Attempt, ForPrograms};
pub use session::{CardSession, Held, Terms};
pub use thread::{CardThread, Hold};
pub use view::{
    CardCertificate, CardView, CertificateRead, KnownCard, Proof, ReaderView, Stage, View,
};

use crate::{pin_policy::Insertion, profiles};
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
    /// It is no reader of the service's: a card of our own is in its place.
    own: bool,
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

    /// For whoever wants to know of every change: the readers and cards, as they are.
    pub fn changes(&self) -> watch::Receiver<View> {
        self.view.subscribe()
    }

    /// More is known of a card than before.
    pub fn changed(&self) {
        self.view.send_modify(|_| ());
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
                | Failure::ChannelBroken
                | Failure::ChannelInterrupted
                | Failure::ReaderUnavailable { .. }
                | Failure::CardMalformed { .. }
        );
        let removed = tokio::time::timeout(NOTICING, self.removed(insertion));
        if suspicious && removed.await.is_ok() {
            return Failure::CardRemoved;
        }
        failure
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

    /// Reads a card anew on which something was changed that was read before. What is known of it
    /// beside stays: its access number, whether it is genuine.
    ///
    /// # Errors
    /// Why it cannot be read any more; [`Failure::CardRemoved`].
    pub async fn read_anew(&self, before: &Chosen) -> Result<Chosen, Failure> {
        let insertion = &before.card.insertion;
        let deadline = Instant::now() + READING;
        let profiles = profiles::load(&self.profiles).profiles;
        let (atr, old) = (before.card.atr.clone(), Arc::clone(&before.known));
        let job = move |session: &mut CardSession| {
            let new = insertion::read(session, &profiles, &atr, deadline)?;
            let new = new.ok_or(Failure::CardReset)?;
            new.inherits(&old);
            if new.can().is_some() {
                insertion::read_inside(session, &new, deadline, &Tally::default())?;
            }
            Ok(new)
        };
        let read = before.thread.run(deadline, job).await?;
        self.was_read(insertion, Ok(Some(read)));
        self.of_insertion(insertion)
    }

    /// The thread of a reader that is there.
    pub fn thread_of(&self, reader: &str) -> Option<CardThread> {
        Some(self.readers().known.get(reader)?.thread.clone())
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
                reader.pinpad = Some(known.pinpad());
                Stage::Known(Arc::new(known))
            }
            Ok(None) => Stage::Unknown,
            Err(failure) => Stage::Failed(failure),
        };
        tracing::info!(reader = insertion.reader, ?stage, "card read");
        reader.card = Some(Arc::new(card.at(stage)));
        self.publish(&readers, None);
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
