//! The PIN window as a prompter: a process of its own, opened for one question.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

use lichna_ipc::{
    Answer, Consent, Failure, FrameError, Look, Prompt, Step, TypedSecret, WindowMessage,
    window::{self, Channel, Window},
};

use tokio::sync::watch;

use super::{Agreed, Boxed, Prompter};
use crate::config::Config;

/// A display that shows no window within this time has none to show it.
const OPENING: Duration = Duration::from_secs(10);

/// Opens the window, and takes what is typed there.
pub struct PinWindow<'a> {
    program: PathBuf,
    look: Look,
    asker: &'a dyn Prompter,
    shown: Arc<AtomicBool>,
}

impl<'a> PinWindow<'a> {
    /// The window, where this session has a display, its program stands beside the agent's, and the
    /// holder wants it. `asker` is told how far the request has come.
    pub fn of_session(configuration: &Path, asker: &'a dyn Prompter) -> Option<Self> {
        let config = Config::read(configuration).unwrap_or_else(|failure| {
            tracing::warn!(%failure, "the PIN window looks as it does without settings");
            Config::default()
        });
        if !config.prompt.window || !window::display_is_there() {
            return None;
        }
        Some(Self {
            program: window::program()?,
            look: config.look,
            asker,
            shown: Arc::default(),
        })
    }

    /// Whether the person saw it: if not, he may be asked elsewhere.
    pub fn was_shown(&self) -> bool {
        self.shown.load(Ordering::Acquire)
    }

    async fn open(&self, consent: &Consent) -> Result<Agreed, Failure> {
        let opened = tokio::task::block_in_place(|| Window::open(&self.program));
        let (window, channel) = opened.map_err(gone)?;
        tracing::debug!(pid = window.pid(), "the PIN window opens");
        let prompt = Prompt {
            consent: consent.clone(),
            look: self.look,
        };
        let (says, mut is_shown) = watch::channel(false);
        let seen = Arc::clone(&self.shown);
        let shown = move || {
            seen.store(true, Ordering::Release);
            says.send_replace(true);
        };
        // It ends with the window, which goes when nobody waits here any more.
        let answer = tokio::task::spawn_blocking(move || converse(channel, &prompt, shown));
        let opens = tokio::time::timeout(OPENING, is_shown.wait_for(|shown| *shown));
        // It is shown, or has ended; the answer says which.
        if opens.await.is_err() {
            return Err(gone("it did not open in time"));
        }
        let answer = answer.await;
        drop(window);
        answer.map_err(gone)?
    }
}

impl Prompter for PinWindow<'_> {
    fn ask<'a>(&'a self, consent: &'a Consent) -> Boxed<'a, Result<Agreed, Failure>> {
        Box::pin(self.open(consent))
    }

    fn progress(&self, step: Step) {
        self.asker.progress(step);
    }
}

fn converse(mut channel: Channel, prompt: &Prompt, shown: impl Fn()) -> Result<Agreed, Failure> {
    channel.show(prompt).map_err(gone)?;
    let fields = &prompt.consent.secrets;
    loop {
        match channel.answer().map_err(gone)? {
            WindowMessage::Shown => shown(),
            WindowMessage::Impossible { reason } => return Err(gone(reason)),
            WindowMessage::Answer(Answer::Refused) => return Err(Failure::Refused),
            WindowMessage::Answer(Answer::Typed { secrets, choices }) => {
                if usize::from(secrets) != fields.len() {
                    return Err(gone("it answered another question"));
                }
                let read = |channel: &mut Channel| -> Result<Vec<_>, FrameError> {
                    let kinds = fields.iter().map(|field| field.kind);
                    kinds.map(|kind| TypedSecret::read(kind, channel)).collect()
                };
                let secrets = read(&mut channel).map_err(gone)?;
                return Ok(Agreed { secrets, choices });
            }
        }
    }
}

fn gone(why: impl Display) -> Failure {
    tracing::warn!(%why, "the PIN window is gone");
    Failure::WindowGone
}
