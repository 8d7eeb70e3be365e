//! Waits for readers and cards to come and go.

mod pause;

use std::{
    ffi::CString,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pcsc::{Context, ReaderState};
use tracing::debug;

use crate::{
    ServiceState, Snapshot, service,
    snapshot::{names, refresh, unaware},
};
use pause::Pause;

/// Most readers that pcsc-lite watches at once; with so many there is no room for the
/// notification reader, and none is needed, for it takes no more readers.
const MOST_WATCHED: usize = 16;
/// How long one wait in the service may be.
///
/// macOS has no notification reader, so a reader that comes is only seen by looking. Elsewhere as
/// long as poll(2) can: an infinite wait (INFINITE) would wake up once a minute, for libpcsclite
/// makes it of waits of 60 s.
const LONGEST_WAIT: Duration = if LOOKS_FOR_READERS {
    Duration::from_secs(1)
} else {
    Duration::from_millis(0x7FFF_FFFF)
};
/// Whether new readers must be looked for.
const LOOKS_FOR_READERS: bool = cfg!(target_os = "macos");

/// A service that fails so often in a row has failed, and is not asked again at once.
const MOST_FAILURES: u8 = 5;

/// Yields a [`Snapshot`] at first, and again whenever something changed.
///
/// [`Iterator::next`] blocks: give it a plain thread of its own. It ends (`None`) only after
/// [`Canceller::cancel`]. Whatever happens to the service or the readers is a snapshot, never an
/// error.
///
/// It waits in the service (SCardGetStatusChange, with the notification reader for readers that
/// come and go), and when the service is not there, for its socket (inotify). It does not poll,
/// except once a second on macOS, which has no such reader, and for the service on Windows.
pub struct Watcher {
    shared: Arc<Shared>,
    context: Option<Context>,
    /// Whether the readers of the context were listed once.
    context_is_known: bool,
    /// The notification reader first (where there is room), then the readers.
    states: Vec<ReaderState>,
    last: Option<Snapshot>,
    /// How often in a row the service said something that leads nowhere.
    failures: u8,
    /// When to try again to reach the service without being told of a change.
    retry: Option<Duration>,
}

/// Ends the wait of a [`Watcher`] from another thread.
#[derive(Clone)]
pub struct Canceller {
    shared: Arc<Shared>,
}

struct Shared {
    pause: Pause,
    wait: Mutex<Wait>,
    /// Notified when a wait in the service is over.
    over: Condvar,
}

#[derive(Default)]
struct Wait {
    cancelled: bool,
    /// The context that the watcher waits in, while it does.
    within: Option<Context>,
}

impl Watcher {
    /// A watcher that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                pause: Pause::new(),
                wait: Mutex::default(),
                over: Condvar::new(),
            }),
            context: None,
            context_is_known: false,
            states: Vec::new(),
            last: None,
            failures: 0,
            retry: None,
        }
    }

    /// What ends the wait.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Establishes a context if there is none.
    fn context(&mut self) -> Result<Context, ServiceState> {
        if let Some(context) = &self.context {
            return Ok(context.clone());
        }
        let context = service::establish()?;
        self.states.clear();
        self.context_is_known = false;
        self.context = Some(context.clone());
        Ok(context)
    }

    /// What there is, after a wait where there is a service to wait in.
    fn attempt(&mut self) -> Result<Snapshot, Again> {
        let context = match self.context() {
            Ok(context) => context,
            Err(state) => return Ok(Snapshot::without_readers(state)),
        };
        let error = match self.look(&context) {
            Ok(snapshot) => {
                self.failures = 0;
                return Ok(snapshot);
            }
            Err(error) => error,
        };
        match error {
            pcsc::Error::Cancelled => return Err(Again),
            // A reader went while it was asked about: the list is wrong, not the service.
            pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable => {
                self.context_is_known = false;
            }
            _ => {
                debug!(%error, "the smart card service is lost");
                self.context = None;
            }
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures < MOST_FAILURES {
            return Err(Again);
        }
        self.context = None;
        Ok(Snapshot::without_readers(ServiceState::Failed {
            code: crate::error::code(error),
        }))
    }

    /// Waits for a change, unless the readers are others than in the last snapshot, and says
    /// what there is then.
    fn look(&mut self, context: &Context) -> Result<Snapshot, pcsc::Error> {
        if self.list(context)? {
            refresh(context, &mut self.states)?;
        } else {
            let waited = self.shared.wait_within(context, &mut self.states);
            if self.list(context)? {
                refresh(context, &mut self.states)?;
            } else if waited == Err(pcsc::Error::Timeout)
                && let Some(last) = &self.last
            {
                return Ok(last.clone());
            } else {
                waited?;
            }
        }
        let snapshot = Snapshot::from_states(self.readers());
        for state in &mut self.states {
            state.sync_current_state();
        }
        Ok(snapshot)
    }

    /// Brings `states` up to the service's list of readers; says whether that changed them.
    fn list(&mut self, context: &Context) -> Result<bool, pcsc::Error> {
        let mut names = names(context)?;
        names.truncate(MOST_WATCHED);
        if self.context_is_known && names_are(self.readers(), &names) {
            return Ok(false);
        }
        self.context_is_known = true;
        self.states = with_names(std::mem::take(&mut self.states), names);
        Ok(true)
    }

    /// The states without the notification reader's.
    fn readers(&self) -> &[ReaderState] {
        match self.states.split_first() {
            Some((first, rest)) if first.name() == pcsc::PNP_NOTIFICATION() => rest,
            _ => &self.states,
        }
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl Iterator for Watcher {
    type Item = Snapshot;

    fn next(&mut self) -> Option<Snapshot> {
        loop {
            if self.shared.lock().cancelled {
                return None;
            }
            // Before it is tried, so that what changes while it is tried is not missed.
            let changes = match self.context {
                None => Some(self.shared.pause.prepare()),
                Some(_) => None,
            };
            let snapshot = match self.attempt() {
                Ok(snapshot) => snapshot,
                Err(Again) => continue,
            };
            if self.last.as_ref() != Some(&snapshot) {
                self.last = Some(snapshot.clone());
                return Some(snapshot);
            }
            if let Some(changes) = changes
                && snapshot.service != ServiceState::Running
            {
                self.retry = self
                    .shared
                    .pause
                    .wait(&changes, snapshot.service, self.retry);
            }
        }
    }
}

/// Whether these are the states of just these readers.
fn names_are(states: &[ReaderState], names: &[CString]) -> bool {
    states.len() == names.len()
        && states
            .iter()
            .zip(names)
            .all(|(state, name)| state.name() == name.as_c_str())
}

/// The states of these readers, after the notification reader's: those that are known as they
/// are known, new ones such that they are reported at once.
fn with_names(mut known: Vec<ReaderState>, names: Vec<CString>) -> Vec<ReaderState> {
    let mut keep = |name: CString| {
        let index = known
            .iter()
            .position(|state| state.name() == name.as_c_str());
        index.map_or_else(|| unaware(name), |index| known.swap_remove(index))
    };
    let watches_readers = !LOOKS_FOR_READERS && names.len() < MOST_WATCHED;
    let mut states = Vec::with_capacity(names.len() + 1);
    if watches_readers {
        states.push(keep(pcsc::PNP_NOTIFICATION().to_owned()));
    }
    states.extend(names.into_iter().map(keep));
    states
}

/// Nothing is known yet; look again.
struct Again;

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Wait> {
        self.wait.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SCardGetStatusChange without an end, unless it is cancelled.
    fn wait_within(
        &self,
        context: &Context,
        states: &mut [ReaderState],
    ) -> Result<(), pcsc::Error> {
        {
            let mut wait = self.lock();
            if wait.cancelled {
                return Err(pcsc::Error::Cancelled);
            }
            wait.within = Some(context.clone());
        }
        let result = context.get_status_change(LONGEST_WAIT, states);
        self.lock().within = None;
        self.over.notify_all();
        result
    }
}

impl Canceller {
    /// Makes [`Watcher::next`] return `None`, now and for ever. Returns when the wait is over.
    pub fn cancel(&self) {
        let mut wait = self.shared.lock();
        wait.cancelled = true;
        self.shared.pause.cancel();
        // SCardCancel has no effect on a wait that is about to begin, so it is repeated until the
        // watcher says that it waits no more.
        while let Some(context) = wait.within.clone() {
            drop(wait);
            if let Err(error) = context.cancel() {
                debug!(%error, "SCardCancel");
            }
            let (next, _) = self
                .shared
                .over
                .wait_timeout_while(self.shared.lock(), AGAIN, |wait| wait.within.is_some())
                .unwrap_or_else(PoisonError::into_inner);
            wait = next;
        }
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canceller")
    }
}

/// Time that a cancelled wait is given to end before it is cancelled again.
const AGAIN: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use pcsc::State;

    use super::*;

    fn names(names: &[&str]) -> Vec<CString> {
        names
            .iter()
            .map(|name| CString::new(*name).unwrap())
            .collect()
    }

    fn shown(states: &[ReaderState]) -> Vec<(String, State)> {
        states
            .iter()
            .map(|state| {
                (
                    state.name().to_string_lossy().into_owned(),
                    state.current_state(),
                )
            })
            .collect()
    }

    #[test]
    fn a_reader_that_comes_is_unknown_and_the_others_stay_known() {
        let known = vec![
            ReaderState::new(pcsc::PNP_NOTIFICATION(), State::CHANGED),
            ReaderState::new(c"old", State::EMPTY),
            ReaderState::new(c"gone", State::PRESENT),
        ];
        let states = with_names(known, names(&["new", "old"]));
        let notification = pcsc::PNP_NOTIFICATION().to_string_lossy().into_owned();
        assert_eq!(
            shown(&states),
            [
                (notification, State::CHANGED),
                ("new".to_owned(), State::UNAWARE),
                ("old".to_owned(), State::EMPTY),
            ]
        );
        assert!(names_are(&states[1..], &names(&["new", "old"])));
        assert!(!names_are(&states[1..], &names(&["old"])));
        assert!(!names_are(&states[1..], &names(&["new", "other"])));
    }

    #[test]
    fn as_many_readers_as_can_be_leave_no_room_for_the_notification() {
        let many: Vec<_> = (0..MOST_WATCHED)
            .map(|number| CString::new(number.to_string()).unwrap())
            .collect();
        assert_eq!(with_names(Vec::new(), many).len(), MOST_WATCHED);
        assert_eq!(with_names(Vec::new(), names(&["one"])).len(), 2);
    }
}
