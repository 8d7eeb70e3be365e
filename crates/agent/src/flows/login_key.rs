//! The card's key for one login: it signs once, with the PIN that was typed for it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use lichna_card::{Card, LastTry, PinStatus, SignatureScheme as CardScheme, Verified};
use lichna_ipc::Failure;
use lichna_secret::Pin;
use lichna_tls::{CardKey, KeyError, SignatureScheme};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    task::{AbortHandle, block_in_place},
};

use super::signing::{CardSigner, Given, Giving, SIGNING, salt};
use crate::{
    cards::from_card,
    consent::{PIN_WAITS, Turn},
    tokens::KeptPin,
};

/// How long a person may type at the reader's keypad; readers give up after 15 to 30 s.
const TYPING: Duration = Duration::from_secs(60);
/// How long a card that was opened at the keypad is held for the server to ask.
const HELD: Duration = Duration::from_secs(10);

/// The card's key for one login.
pub struct LoginKey {
    signer: CardSigner,
    chain: Vec<CertificateDer<'static>>,
    schemes: Vec<SignatureScheme>,
    runtime: Handle,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    armed: Option<Armed>,
    /// Ends the wait for the PIN's time to be over.
    lapse: Option<AbortHandle>,
    lapsed: bool,
    failure: Option<Failure>,
    signing: Option<Duration>,
}

/// What a signature is made with, and the turn that goes with it.
struct Armed {
    way: Way,
    _turn: Option<Turn>,
}

enum Way {
    /// The PIN was typed here.
    Typed {
        pin: Pin,
        last_try: LastTry,
        known: PinStatus,
    },
    /// The PIN was typed at the keypad; the card waits in a transaction.
    Pinpad(mpsc::Sender<Signing>),
    /// The PIN was typed here for a task with several signatures.
    Kept { pin: Arc<KeptPin>, giving: Giving },
}

/// What the card is to sign while it waits.
struct Signing {
    scheme: CardScheme,
    message: Vec<u8>,
    signature: oneshot::Sender<Result<Vec<u8>, Failure>>,
}

impl LoginKey {
    /// A key that cannot sign yet.
    pub fn new(signer: CardSigner, runtime: Handle) -> Arc<Self> {
        let (identity, known) = (&signer.identity, &signer.chosen.known);
        let schemes = known.profile().schemes(identity.key, identity.algorithm);
        // The root is the server's own business, RFC 8446 §4.4.2.
        let above = identity.certificate.parsed.chain(known.chain()).into_iter();
        let above = above.filter(|one| one.subject_der() != one.issuer_der());
        let der = std::iter::once(identity.certificate.der.clone())
            .chain(above.map(|one| one.der().to_vec()));
        Arc::new(Self {
            chain: der.map(CertificateDer::from).collect(),
            schemes: schemes
                .into_iter()
                .map(|scheme| SignatureScheme::from(scheme.tls_code()))
                .collect(),
            signer,
            runtime,
            state: Arc::default(),
        })
    }

    /// Gives it the PIN for one signature. It is wiped when that is made, or after 30 s.
    pub fn arm(&self, pin: Pin, last_try: LastTry, known: PinStatus, turn: Turn) {
        self.put(
            Way::Typed {
                pin,
                last_try,
                known,
            },
            Some(turn),
        );
        let state = Arc::downgrade(&self.state);
        let lapse = self.runtime.spawn(async move {
            tokio::time::sleep(PIN_WAITS).await;
            if let Some(state) = state.upgrade() {
                let mut state = lock(&state);
                state.lapsed = state.armed.take().is_some();
            }
        });
        lock(&self.state).lapse = Some(lapse.abort_handle());
    }

    /// Lets it sign with a PIN that is kept for a task, as long as it is kept. What went wrong
    /// before is forgotten.
    pub fn arm_for_task(&self, pin: Arc<KeptPin>, giving: Giving) {
        {
            let mut state = lock(&self.state);
            state.failure = None;
            state.lapsed = false;
        }
        self.put(Way::Kept { pin, giving }, None);
    }

    /// Has the PIN typed at the reader's keypad, and keeps the card for one signature, 10 s at
    /// most.
    ///
    /// # Errors
    /// What the holder or the card said.
    pub async fn arm_at_pinpad(
        &self,
        last_try: LastTry,
        known: PinStatus,
        turn: Turn,
    ) -> Result<(), Failure> {
        let (requests, wanted) = mpsc::channel();
        let (verified, is_verified) = oneshot::channel();
        let deadline = Instant::now() + TYPING + HELD + SIGNING;
        let signer = self.signer.clone();
        let (key, algorithm) = (signer.identity.key, signer.identity.algorithm);
        let reader = signer.chosen.thread.reader().to_owned();
        let giving = Giving {
            last_try,
            known: Some(known),
        };
        let mut verified = Some(verified);
        let work = move |card: &mut Card<'_, Verified>| {
            if let Some(verified) = verified.take() {
                // Nobody waits any more: the card is reset, and that is all.
                let _ = verified.send(());
            }
            let Signing {
                scheme,
                message,
                signature,
            } = match wanted.recv_timeout(HELD) {
                Ok(signing) => signing,
                Err(RecvTimeoutError::Timeout) => return Err(Failure::PromptTimeout.into()),
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::Cancelled.into()),
            };
            let signed = card.sign(key, algorithm, scheme, &message, &salt()?);
            let signed = signed.map_err(|error| from_card(&reader, error.into()));
            let _ = signature.send(signed);
            Ok(())
        };
        let held = self.runtime.spawn(async move {
            let held = signer.with_pin(Given::AtKeypad, giving, deadline, work);
            held.await
        });
        match is_verified.await {
            Ok(()) => {
                self.put(Way::Pinpad(requests), Some(turn));
                Ok(())
            }
            // The job ended before the card was opened, and knows why.
            Err(_) => match held.await {
                Ok(Err(failure)) => Err(failure),
                Ok(Ok(())) | Err(_) => Err(Failure::Cancelled),
            },
        }
    }

    /// The key's name in the profile.
    pub fn name(&self) -> String {
        self.signer.identity.key.to_string()
    }

    /// Why there was no signature.
    pub fn failure(&self) -> Option<Failure> {
        lock(&self.state).failure.clone()
    }

    /// How long the card took.
    pub fn signing_time(&self) -> Option<Duration> {
        lock(&self.state).signing
    }

    /// Forgets the PIN, if it is still there.
    pub fn disarm(&self) {
        let mut state = lock(&self.state);
        state.armed = None;
        if let Some(lapse) = state.lapse.take() {
            lapse.abort();
        }
    }

    fn put(&self, way: Way, turn: Option<Turn>) {
        lock(&self.state).armed = Some(Armed { way, _turn: turn });
    }

    async fn sign_with(
        &self,
        way: Way,
        scheme: CardScheme,
        message: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let message = message.to_vec();
        match way {
            Way::Pinpad(requests) => {
                let (signature, signed) = oneshot::channel();
                let request = Signing {
                    scheme,
                    message,
                    signature,
                };
                requests.send(request).map_err(|_| Failure::PromptTimeout)?;
                let signed = tokio::time::timeout(SIGNING, signed).await;
                signed
                    .map_err(|_| self.timeout())?
                    .map_err(|_| Failure::CardRemoved)?
            }
            Way::Typed {
                pin,
                last_try,
                known,
            } => {
                let giving = Giving {
                    last_try,
                    known: Some(known),
                };
                let given = Given::Once(Some(pin));
                self.sign_given(given, giving, scheme, message).await
            }
            Way::Kept { pin, giving } => {
                let given = Given::Kept {
                    pin: Arc::clone(&pin),
                    last: false,
                };
                let signed = self.sign_given(given, giving, scheme, message).await?;
                // The task may need another connection.
                self.put(Way::Kept { pin, giving }, None);
                Ok(signed)
            }
        }
    }

    async fn sign_given(
        &self,
        given: Given,
        giving: Giving,
        scheme: CardScheme,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, Failure> {
        let (key, algorithm) = (self.signer.identity.key, self.signer.identity.algorithm);
        let deadline = Instant::now() + SIGNING;
        let signed = self.signer.with_pin(given, giving, deadline, move |card| {
            Ok(card.sign(key, algorithm, scheme, &message, &salt()?)?)
        });
        signed.await
    }

    fn timeout(&self) -> Failure {
        Failure::CardTimeout {
            reader: self.signer.chosen.thread.reader().to_owned(),
        }
    }
}

impl CardKey for LoginKey {
    fn certificate_chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    fn public_key(&self) -> SubjectPublicKeyInfoDer<'_> {
        self.signer.identity.certificate.parsed.spki_der().into()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let Some(card_scheme) = CardScheme::from_tls_code(u16::from(scheme)) else {
            return Err(KeyError::SchemeNotOffered { scheme });
        };
        let armed = {
            let mut state = lock(&self.state);
            if let Some(lapse) = state.lapse.take() {
                lapse.abort();
            }
            if state.lapsed {
                state.failure = Some(Failure::PromptTimeout);
                return Err(KeyError::PinTimeout);
            }
            state.armed.take().ok_or(KeyError::ConsentSpent)?
        };
        let began = Instant::now();
        let signed = block_in_place(|| {
            let signature = self.sign_with(armed.way, card_scheme, message);
            self.runtime.block_on(signature)
        });
        let mut state = lock(&self.state);
        state.signing = Some(began.elapsed());
        signed.map_err(|failure| {
            let error = key_error(&failure);
            state.failure = Some(failure);
            error
        })
    }
}

impl Drop for LoginKey {
    fn drop(&mut self) {
        self.disarm();
    }
}

/// The reason, as TLS knows reasons. The failure itself is kept beside it.
fn key_error(failure: &Failure) -> KeyError {
    match failure {
        Failure::CardRemoved => KeyError::CardRemoved,
        Failure::ReaderGone { .. } => KeyError::ReaderGone,
        Failure::CardTimeout { .. } => KeyError::DeadlineExceeded,
        Failure::WrongPin { tries_left } => KeyError::WrongPin {
            retries_left: Some(*tries_left),
        },
        Failure::WrongPinTriesUnknown => KeyError::WrongPin { retries_left: None },
        Failure::PinBlocked => KeyError::PinBlocked,
        Failure::PinSuspended => KeyError::PinSuspended,
        Failure::LastTryRefused => KeyError::LastTryRefused,
        Failure::PromptTimeout => KeyError::PinTimeout,
        Failure::Cancelled => KeyError::PinCancelled,
        other => KeyError::Card(Arc::new(other.clone())),
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
