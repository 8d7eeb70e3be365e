//! Consent: nobody's key is used, and no PIN is taken, before a person has agreed.
//!
//! A [`Prompter`] shows what is asked and takes the secrets. One prompt is open at a time,
//! however many programs ask; whoever waits is served in order. A program that has people asked
//! in vain is slowed down.

mod pin_window;
mod queue;
mod rate;

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin as Pinned,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use lichna_ipc::{Alphabet, Choices, Consent, ConsentRoute, Failure, SecretField, Step};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use lichna_ipc::TypedSecret as Secret;
use pin_window::PinWindow;
pub use queue::Queue;
pub use rate::Program;
use rate::RateLimit;

use crate::changes::Changes;

/// How long a prompt stays open, where no program waits that cannot.
pub const PROMPT_OPEN: Duration = Duration::from_secs(120);
/// How long a PIN may wait in its page after it was typed.
pub const PIN_WAITS: Duration = Duration::from_secs(30);
/// Most prompts that wait for their turn.
const MOST_WAITING: usize = 32;

/// A person agreed.
pub struct Agreed {
    /// What was typed, in the order of [`Consent::secrets`].
    pub secrets: Vec<Secret>,
    /// What he said beside.
    pub choices: Choices,
}

/// The right to have a prompt open. Kept until the PIN has been used, so that the tries left
/// which the next person is shown are true.
pub struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// A future of a trait object.
pub type Boxed<'a, T> = Pinned<Box<dyn Future<Output = T> + Send + 'a>>;

/// Shows a consent to a person and takes what he types.
pub trait Prompter: Send + Sync {
    /// Asks. The future ends when the person has decided; it may be dropped before.
    fn ask<'a>(&'a self, consent: &'a Consent) -> Boxed<'a, Result<Agreed, Failure>>;

    /// Tells the person how far the request has come.
    fn progress(&self, step: Step);
}

/// Who asks for a consent, and how he is reached.
pub struct Asker<'a> {
    /// The asking connection.
    pub prompter: &'a dyn Prompter,
    /// The asking process.
    pub peer: &'a Arc<lichna_ipc::Peer>,
    /// The asking program.
    pub program: Program,
}

/// All that waits for people.
pub struct Consents {
    turn: Arc<Semaphore>,
    rates: Mutex<RateLimit>,
    waiting: Arc<Semaphore>,
    /// The requests that are answered from elsewhere.
    pub queue: Queue,
    /// Says how the holder wants to be asked.
    configuration: PathBuf,
}

impl Consents {
    /// Nobody waits yet. The configuration file says how the holder wants to be asked.
    pub fn new(changes: Changes, configuration: PathBuf) -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
            rates: Mutex::default(),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            queue: Queue::new(changes),
            configuration,
        }
    }

    /// Whether this program may have a person asked.
    ///
    /// # Errors
    /// [`Failure::RateLimited`].
    pub fn may_ask(&self, program: &Program) -> Result<(), Failure> {
        let limited = self.rates().check(program, Instant::now());
        limited.map_err(|wait| Failure::RateLimited {
            program: program.to_string(),
            seconds: u32::try_from(wait.as_secs()).map_or(u32::MAX, |seconds| seconds + 1),
        })
    }

    /// A prompt for this program came to nothing: refused, not answered, or a wrong PIN.
    pub fn asked_in_vain(&self, program: Program) {
        self.rates().asked_in_vain(program, Instant::now());
    }

    /// Asks a person, by the route that the request chose, and keeps the prompt open for so long.
    ///
    /// What was typed fits the fields of the consent: length and characters.
    ///
    /// # Errors
    /// [`Failure::Refused`], [`Failure::PromptTimeout`], [`Failure::RateLimited`],
    /// [`Failure::Busy`], or what is wrong with what was typed.
    pub async fn ask(
        &self,
        asker: &Asker<'_>,
        route: ConsentRoute,
        consent: Consent,
        open: Duration,
    ) -> Result<(Agreed, Turn), Failure> {
        self.may_ask(&asker.program)?;
        let fields = consent.secrets.clone();
        let answer = match route {
            ConsentRoute::Caller => self.ask_at(asker.prompter, consent, open).await,
            ConsentRoute::Prompter => self.ask_elsewhere(asker, consent, open).await,
        };
        let answer = answer.and_then(|(agreed, turn)| {
            check(&fields, &agreed.secrets)?;
            Ok((agreed, turn))
        });
        if let Err(Failure::Refused | Failure::PromptTimeout) = answer {
            self.asked_in_vain(asker.program.clone());
        }
        answer
    }

    /// Asks where the asking program is not: in the PIN window, or else at `lichna approve`.
    async fn ask_elsewhere(
        &self,
        asker: &Asker<'_>,
        consent: Consent,
        open: Duration,
    ) -> Result<(Agreed, Turn), Failure> {
        let latest = Instant::now() + open;
        if let Some(window) = PinWindow::of_session(&self.configuration, asker.prompter) {
            let answer = self.ask_in(&window, consent.clone(), latest).await;
            if window.was_shown() || !matches!(answer, Err(Failure::WindowGone)) {
                return answer;
            }
        }
        asker.prompter.progress(Step::AskHolder);
        let left = latest.saturating_duration_since(Instant::now());
        self.queue.wait(consent, Arc::clone(asker.peer), left).await
    }

    /// Opens the window when no other prompt is open, if that is soon enough.
    async fn ask_in(
        &self,
        window: &PinWindow<'_>,
        mut consent: Consent,
        latest: Instant,
    ) -> Result<(Agreed, Turn), Failure> {
        let asked = async {
            let turn = self.turn(window).await?;
            window.progress(Step::AskHolder);
            consent.seconds_left = seconds(latest.saturating_duration_since(Instant::now()));
            Ok((window.ask(&consent).await?, turn))
        };
        let asked = tokio::time::timeout_at(latest.into(), asked).await;
        asked.map_err(|_| Failure::PromptTimeout)?
    }

    /// Opens one prompt as soon as no other is open.
    async fn ask_at(
        &self,
        prompter: &dyn Prompter,
        mut consent: Consent,
        open: Duration,
    ) -> Result<(Agreed, Turn), Failure> {
        let turn = self.turn(prompter).await?;
        prompter.progress(Step::AskHolder);
        consent.seconds_left = seconds(open);
        let agreed = tokio::time::timeout(open, prompter.ask(&consent)).await;
        Ok((agreed.map_err(|_| Failure::PromptTimeout)??, turn))
    }

    async fn turn(&self, prompter: &dyn Prompter) -> Result<Turn, Failure> {
        if let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() {
            return Ok(Turn(turn));
        }
        let _place = self.waiting.try_acquire().map_err(|_| Failure::Busy)?;
        prompter.progress(Step::WaitForTurn);
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        turn.map(Turn).map_err(|_| Failure::Stopping)
    }

    /// Answers a waiting request: shows its consent at `approver`'s terminal.
    ///
    /// # Errors
    /// [`Failure::PendingUnknown`], [`Failure::OwnRequest`], [`Failure::NoTerminal`], and as
    /// [`Self::ask`].
    pub async fn approve(
        &self,
        pending: u32,
        approver: &dyn Prompter,
        peer: &lichna_ipc::Peer,
    ) -> Result<(), Failure> {
        let taken = self.queue.take_up(pending, peer)?;
        let consent = taken.consent();
        // It lapses with the request that waits, whose deadline is the one that counts.
        let open = Duration::from_secs(consent.seconds_left.into());
        let answer = tokio::select! {
            answer = self.ask_at(approver, consent, open) => answer,
            () = taken.lapsed() => return Err(Failure::PendingUnknown { pending }),
        };
        match answer {
            Ok(answer) => {
                taken.answer(Ok(answer));
                Ok(())
            }
            Err(Failure::Refused) => {
                taken.answer(Err(Failure::Refused));
                Err(Failure::Refused)
            }
            // The approver went away, or let the time pass: another may answer.
            Err(failure) => Err(failure),
        }
    }

    fn rates(&self) -> std::sync::MutexGuard<'_, RateLimit> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what was typed is what was asked for.
fn check(fields: &[SecretField], secrets: &[Secret]) -> Result<(), Failure> {
    if fields.len() != secrets.len() {
        return Err(Failure::RequestInvalid {
            reason: format!("{} secrets for {} fields", secrets.len(), fields.len()),
        });
    }
    for (field, secret) in fields.iter().zip(secrets) {
        if !secret.fits(field.kind) {
            return Err(Failure::RequestInvalid {
                reason: "another kind of secret than was asked for".into(),
            });
        }
        if !(usize::from(field.shortest)..=usize::from(field.longest))
            .contains(&secret.characters())
        {
            let (shortest, longest) = (field.shortest, field.longest);
            return Err(match field.alphabet {
                Alphabet::Text => Failure::PassphraseUnusable { shortest, longest },
                _ => Failure::PinLength { shortest, longest },
            });
        }
        let all = |is: fn(&u8) -> bool| secret.expose(|bytes| bytes.iter().all(is));
        let fits = match field.alphabet {
            Alphabet::Digits => all(u8::is_ascii_digit),
            Alphabet::Ascii => all(|byte| matches!(byte, 0x20..=0x7E)),
            // It was not taken otherwise.
            Alphabet::Text => true,
        };
        if !fits {
            return Err(Failure::PinAlphabet);
        }
    }
    Ok(())
}

/// Whole seconds, for messages.
pub fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}
