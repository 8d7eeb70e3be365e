//! What is known of the readers and their cards at one moment.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use lichna_apdu::Interface;
use lichna_card::{CardAccess, CardError, KeyRef, PinRef, PinStatus, Profile};
use lichna_ipc::{Failure, Genuineness, PaceState};
use lichna_pki::Certificate;
use lichna_reader::{ServiceState, SlotState};
use lichna_secret::Can;

use super::{known_pin::KnownPin, programs::ForPrograms, secure::Guard};
use crate::pin_policy::Insertion;

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
    /// It is no reader: a practice card of our own is in its place.
    pub own: bool,
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
    /// It is software of our own.
    pub own: bool,
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
            own: self.own,
            stage,
        }
    }
}

impl View {
    /// Why there is nothing to work with, if the smart card service is the reason. With a card of
    /// our own put in, it is not.
    pub fn service_failure(&self) -> Option<Failure> {
        if self.readers.iter().any(|reader| reader.own) {
            return None;
        }
        // Not looked at yet, after all this time: the service does not answer.
        self.service
            .map_or(Some(Failure::ServiceNotRunning), super::from_service)
    }

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
    /// What is known of such cards.
    kind: Arc<Profile>,
    /// What is known of this very card, once it told which of its keys are current.
    own: OnceLock<Arc<Profile>>,
    read: AtomicBool,
    /// The reader has a keypad that can be used.
    pinpad: bool,
    /// Nothing but PACE goes to the card without a channel.
    sealed: bool,
    pace: Mutex<Pace>,
    stands: Arc<AtomicBool>,
    number: OnceLock<String>,
    genuineness: Mutex<Proof>,
    certificates: Mutex<BTreeMap<KeyRef, CertificateRead>>,
    chain: OnceLock<Vec<Certificate>>,
    pin: Mutex<Option<KnownPin>>,
    for_programs: ForPrograms,
}

/// What a secure channel to a card is opened with.
#[derive(Default)]
struct Pace {
    access: Option<Arc<CardAccess>>,
    can: Option<Arc<Mutex<Can>>>,
    /// What the card wants and is not supported.
    unsupported: Option<String>,
}

/// Whether a card proved to be genuine, and why not.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What came of it.
    pub is: Genuineness,
    /// Why it is not proven, or forged.
    pub reason: Option<String>,
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
            kind: profile,
            own: OnceLock::new(),
            read: AtomicBool::new(false),
            pinpad,
            sealed: false,
            pace: Mutex::default(),
            stands: Arc::default(),
            number: OnceLock::new(),
            genuineness: Mutex::new(Proof {
                is: Genuineness::NotChecked,
                reason: None,
            }),
            certificates: Mutex::default(),
            chain: OnceLock::new(),
            pin: Mutex::default(),
            for_programs: ForPrograms::default(),
        }
    }

    /// A card that wants a secure channel before anything else, and what it says of that.
    pub fn sealed(profile: Arc<Profile>, access: CardAccess) -> Self {
        let known = Self {
            sealed: true,
            ..Self::new(profile, false)
        };
        match access.pace() {
            Ok(_) => known.offers(access),
            Err(CardError::ChannelUnsupported { what }) => {
                known.pace().unsupported = Some(what.to_string());
            }
            Err(error) => known.pace().unsupported = Some(error.to_string()),
        }
        known
    }

    /// What does not change with what is on the card, known from before.
    pub fn inherits(&self, before: &Self) {
        let (access, can) = {
            let pace = before.pace();
            (pace.access.clone(), pace.can.clone())
        };
        {
            let mut pace = self.pace();
            pace.access = pace.access.take().or(access);
            pace.can = can;
        }
        if let Some(number) = before.number() {
            self.is_numbered(number.to_owned());
        }
        self.proved(before.proof());
    }

    /// What is known of the card: of this very one, once it was read.
    pub fn profile(&self) -> &Arc<Profile> {
        self.own.get().unwrap_or(&self.kind)
    }

    /// The card told which of its keys are current.
    pub fn is_described_by(&self, profile: Arc<Profile>) {
        // It was told before; it cannot become another during one insertion.
        let _ = self.own.set(profile);
    }

    /// Whether the card was read: at insertion, or inside its first channel.
    pub fn is_read(&self) -> bool {
        self.read.load(Ordering::Acquire)
    }

    /// The card was read.
    pub fn was_read(&self) {
        self.read.store(true, Ordering::Release);
    }

    /// Whether the PIN is typed at the reader's keypad. Not over a secure channel: the keypad
    /// would send it outside.
    pub fn pinpad(&self) -> bool {
        self.pinpad && !self.sealed && self.pace().can.is_none()
    }

    /// Whether nothing but PACE goes to the card without a channel.
    pub const fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// The card offers a secure channel.
    pub fn offers(&self, access: CardAccess) {
        self.pace().access = Some(Arc::new(access));
    }

    /// What the card said of its secure channel.
    pub fn access(&self) -> Option<Arc<CardAccess>> {
        self.pace().access.clone()
    }

    /// The holder told the card access number; from now on the card is spoken to over a channel.
    pub fn take_can(&self, can: Can) {
        self.pace().can = Some(Arc::new(Mutex::new(can)));
    }

    /// The number was wrong.
    pub fn forget_can(&self) {
        self.pace().can = None;
    }

    /// The card access number, where it is known.
    pub fn can(&self) -> Option<Arc<Mutex<Can>>> {
        self.pace().can.clone()
    }

    /// How the card is spoken to: over a channel that this opens, or as it is.
    ///
    /// # Errors
    /// [`Failure::CanNeeded`], [`Failure::PaceUnsupported`].
    pub fn guard(&self, reader: &str) -> Result<Option<Guard>, Failure> {
        let pace = self.pace();
        match (&pace.access, &pace.can) {
            (Some(access), Some(can)) => Ok(Some(Guard {
                access: Arc::clone(access),
                can: Arc::clone(can),
                stands: Arc::clone(&self.stands),
            })),
            _ if !self.sealed => Ok(None),
            _ => Err(match &pace.unsupported {
                Some(what) => Failure::PaceUnsupported { what: what.clone() },
                None => Failure::CanNeeded {
                    reader: reader.to_owned(),
                },
            }),
        }
    }

    /// What is told of the channel.
    pub fn pace_state(&self) -> PaceState {
        let pace = self.pace();
        if self.stands.load(Ordering::Acquire) {
            PaceState::Open
        } else if pace.can.is_some() {
            PaceState::CanKnown
        } else if !self.sealed {
            PaceState::NotNeeded
        } else if pace.unsupported.is_some() {
            PaceState::Unsupported
        } else {
            PaceState::NeedsCan
        }
    }

    /// The card's number, where it was read.
    pub fn number(&self) -> Option<&str> {
        self.number.get().map(String::as_str)
    }

    /// The card told its number.
    pub fn is_numbered(&self, number: String) {
        // It was told before; it cannot become another during one insertion.
        let _ = self.number.set(number);
    }

    /// Whether it proved to be genuine.
    pub fn proof(&self) -> Proof {
        let proof = self.genuineness.lock();
        proof.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came of asking whether it is genuine.
    pub fn proved(&self, proof: Proof) {
        *self
            .genuineness
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = proof;
    }

    /// Whether anything may be done with the card.
    ///
    /// # Errors
    /// [`Failure::CardForged`].
    pub fn may_be_used(&self, reader: &str) -> Result<(), Failure> {
        let proof = self.proof();
        if proof.is == Genuineness::Forged {
            return Err(Failure::CardForged {
                reader: reader.to_owned(),
                reason: proof.reason.unwrap_or_default(),
            });
        }
        Ok(())
    }

    /// The state of the holder's PIN, as far as it is known: for people.
    pub fn last_pin(&self) -> Option<PinStatus> {
        let pin = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        (*pin).map(|known| known.status)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// The authorities above the card's certificates were read from it.
    pub fn has_chain(&self, chain: Vec<Certificate>) {
        // It was read before; it cannot become another during one insertion.
        let _ = self.chain.set(chain);
    }

    /// The authorities above the card's certificates, as far as the card has them.
    pub fn chain(&self) -> &[Certificate] {
        self.chain.get().map_or(&[], Vec::as_slice)
    }

    /// What the card said of the holder's PIN a moment ago, if it was asked and nothing was
    /// verified since.
    pub fn fresh_pin(&self) -> Option<PinStatus> {
        let pin = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        pin.and_then(KnownPin::fresh)
    }

    /// What is kept for the sake of other programs.
    pub const fn for_programs(&self) -> &ForPrograms {
        &self.for_programs
    }

    /// What the card says of the holder's PIN; `None` when that is no longer known.
    pub fn pin_is(&self, status: Option<PinStatus>) {
        if let Some(status) = status {
            self.for_programs.says(status);
        }
        let mut known = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        *known = status.map(|status| KnownPin::said(status, *known));
    }

    /// The card was given a PIN. What it said of it before is no longer so; what it would say now
    /// follows from what came of it, and it is not asked for the sake of those who look.
    pub fn pin_was_given(&self, pin: PinRef, failure: Option<&Failure>) {
        let mut known = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        *known = KnownPin::given(pin, failure, self.profile(), *known);
    }
}

impl std::fmt::Debug for KnownCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownCard({})", self.profile().name())
    }
}
