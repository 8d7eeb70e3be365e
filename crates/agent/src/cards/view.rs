//! What is known of the readers and their cards at one moment.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use lichna_apdu::Interface;
use lichna_card::{KeyRef, PinStatus, Profile};
use lichna_ipc::Failure;
use lichna_pki::Certificate;
use lichna_reader::{ServiceState, SlotState};

use crate::pin_policy::Insertion;

/// A PIN's state that is younger than this counts as what the card says now.
const FRESH: Duration = Duration::from_secs(5);

/// The service, its readers and their cards. Copies are cheap.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// `None` until the service was looked at for the first time.
    pub service: Option<ServiceState>,
    /// The readers, in the order of the service.
    pub readers: Vec<ReaderView>,
}

/// A reader.
#[derive(Clone, Debug)]
pub struct ReaderView {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub slot: SlotState,
    /// The card in it, if there is one that answered.
    pub card: Option<Arc<CardView>>,
    /// It has a keypad; known since a card was in it.
    pub pinpad: Option<bool>,
}

/// A card, for one insertion.
#[derive(Debug)]
pub struct CardView {
    /// Which insertion.
    pub insertion: Insertion,
    /// Answer to reset.
    pub atr: Vec<u8>,
    /// How it is reached.
    pub interface: Interface,
    /// What is known of it.
    pub stage: Stage,
}

/// How far a card is known.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It is being read.
    Reading,
    /// A profile knows it.
    Known(Arc<KnownCard>),
    /// No profile does.
    Unknown,
    /// It could not be read.
    Failed(Failure),
}

impl CardView {
    /// The same card, known so far.
    pub fn at(&self, stage: Stage) -> Self {
        Self {
            insertion: self.insertion.clone(),
            atr: self.atr.clone(),
            interface: self.interface,
            stage,
        }
    }
}

impl View {
    /// The reader of that name.
    pub fn reader(&self, name: &str) -> Option<&ReaderView> {
        self.readers.iter().find(|reader| reader.name == name)
    }

    /// The card is still in its reader.
    pub fn has(&self, insertion: &Insertion) -> bool {
        self.reader(&insertion.reader)
            .and_then(|reader| reader.card.as_ref())
            .is_some_and(|card| card.insertion == *insertion)
    }
}

/// A card that a profile knows, and what was read from it. It is forgotten with the insertion.
pub struct KnownCard {
    /// The profile.
    pub profile: Arc<Profile>,
    /// The reader has a keypad that can be used.
    pub pinpad: bool,
    certificates: Mutex<BTreeMap<KeyRef, CertificateRead>>,
    pin: Mutex<Option<(PinStatus, Instant)>>,
}

/// A certificate as it was read: there, not there, or not readable.
pub type CertificateRead = Result<Option<Arc<CardCertificate>>, Failure>;

/// A certificate of a card.
pub struct CardCertificate {
    /// As it is on the card.
    pub der: Vec<u8>,
    /// What it says.
    pub parsed: Certificate,
}

impl KnownCard {
    /// Nothing was read yet.
    pub fn new(profile: Arc<Profile>, pinpad: bool) -> Self {
        Self {
            profile,
            pinpad,
            certificates: Mutex::default(),
            pin: Mutex::default(),
        }
    }

    /// The certificate of this key, if it was read already.
    pub fn certificate(&self, key: KeyRef) -> Option<CertificateRead> {
        let read = self.certificates.lock();
        let read = read.unwrap_or_else(PoisonError::into_inner);
        read.get(&key).cloned()
    }

    /// The certificate of this key was read. Faults of the way to the card are not kept: it is
    /// asked again next time.
    pub fn read_certificate(&self, key: KeyRef, read: CertificateRead) {
        let lasting = matches!(
            read,
            Ok(_) | Err(Failure::CertificateUnreadable { .. } | Failure::CardMalformed { .. })
        );
        if lasting {
            let all = self.certificates.lock();
            let mut all = all.unwrap_or_else(PoisonError::into_inner);
            all.insert(key, read);
        }
    }

    /// What the card said of the holder's PIN a moment ago, if it was asked and nothing was
    /// verified since.
    pub fn fresh_pin(&self) -> Option<PinStatus> {
        let pin = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, read) = (*pin)?;
        (read.elapsed() < FRESH).then_some(status)
    }

    /// What the card says of the holder's PIN; `None` when that is no longer known.
    pub fn pin_is(&self, status: Option<PinStatus>) {
        *self.pin.lock().unwrap_or_else(PoisonError::into_inner) =
            status.map(|status| (status, Instant::now()));
    }
}

impl std::fmt::Debug for KnownCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownCard({})", self.profile.name())
    }
}
