//! A pause until the service may have come, or may be used.

#[cfg(target_os = "linux")]
pub(super) use linux::Pause;
#[cfg(not(target_os = "linux"))]
pub(super) use timed::Pause;

/// pcsc-lite: waits for its socket by inotify.
#[cfg(target_os = "linux")]
mod linux {
    use std::{
        mem::MaybeUninit,
        os::fd::{AsFd, OwnedFd},
        path::Path,
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use rustix::{
        event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
        fs::inotify::{self, CreateFlags, WatchFlags},
        io::Errno,
    };
    use tracing::warn;

    use crate::{
        ServiceState,
        service::{Reach, reach, socket_path},
    };

    /// A socket appears in the file system before its owner listens, and nothing tells when it
    /// does: so after a change of a deserted socket it is tried a few more times.
    const FIRST_RETRY: Duration = Duration::from_millis(5);
    /// Retries double, up to this one.
    const LAST_RETRY: Duration = Duration::from_secs(2);
    /// Sees what happens about the service's socket; nothing, when inotify is not to be had.
    pub(crate) struct Changes(Option<OwnedFd>);

    pub(crate) struct Pause {
        cancelled: AtomicBool,
        wake: Option<OwnedFd>,
    }

    impl Pause {
        pub(crate) fn new() -> Self {
            let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
                .inspect_err(|error| warn!(%error, "eventfd"))
                .ok();
            Self {
                cancelled: AtomicBool::new(false),
                wake,
            }
        }

        /// Ends every pause, now and later.
        pub(crate) fn cancel(&self) {
            self.cancelled.store(true, Ordering::Release);
            if let Some(wake) = &self.wake {
                // It only fails when it was written 2^64 times already.
                let _ = rustix::io::write(wake, &1_u64.to_ne_bytes());
            }
        }

        /// Begins to see changes.
        pub(crate) fn prepare(&self) -> Changes {
            Changes(
                watch_nearest_folder(&socket_path())
                    .inspect_err(|error| warn!(%error, "the service's socket cannot be watched"))
                    .ok(),
            )
        }

        /// Returns when something changed about the socket since `changes` were seen, when `retry`
        /// is over, or on [`cancel`](Self::cancel). The result is the `retry` of the next pause.
        pub(crate) fn wait(
            &self,
            changes: &Changes,
            state: ServiceState,
            retry: Option<Duration>,
        ) -> Option<Duration> {
            if self.cancelled.load(Ordering::Acquire) {
                return None;
            }
            let at_most = match (changes, state) {
                (Changes(None), _) | (_, ServiceState::Failed { .. }) => Some(LAST_RETRY),
                _ => retry,
            };
            if self.sleep(changes.0.as_ref(), at_most) {
                (reach() == Reach::Deserted).then_some(FIRST_RETRY)
            } else {
                retry.filter(|last| *last < LAST_RETRY).map(|last| last * 2)
            }
        }

        /// Waits for a change, or `at_most`; says whether something changed.
        fn sleep(&self, changes: Option<&OwnedFd>, at_most: Option<Duration>) -> bool {
            let mut waited: Vec<_> = [changes, self.wake.as_ref()]
                .into_iter()
                .flatten()
                .map(|fd| PollFd::new(fd, PollFlags::IN))
                .collect();
            let timeout = at_most.and_then(|limit| Timespec::try_from(limit).ok());
            loop {
                match poll(&mut waited, timeout.as_ref()) {
                    Err(Errno::INTR) => {}
                    Ok(0) | Err(_) => return false,
                    Ok(_) => break,
                }
            }
            changes.is_some_and(drain)
        }
    }

    /// Watches the folder of the socket, or the nearest one above it that exists and that we may
    /// read, for what appears in it, changes its rights, or goes.
    fn watch_nearest_folder(socket: &Path) -> rustix::io::Result<OwnedFd> {
        let changes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let flags = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        let mut result = Err(Errno::NOENT);
        for folder in socket.ancestors().skip(1) {
            result = inotify::add_watch(&changes, folder, flags);
            if result.is_ok() {
                break;
            }
        }
        result.map(|_| changes)
    }

    /// Reads what inotify has to say; says whether it was anything.
    fn drain(changes: &OwnedFd) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(changes.as_fd(), &mut buffer);
        let mut any = false;
        while events.next().is_ok() {
            any = true;
        }
        any
    }
}

/// Elsewhere there is nothing to wait for that is reached without unsafe code: SCardSvr of
/// Windows starts with the first reader, and only SCardAccessStartedEvent would tell. So it is
/// asked every few seconds, while there is no service and only then.
#[cfg(not(target_os = "linux"))]
mod timed {
    use std::{
        sync::{Condvar, Mutex, PoisonError},
        time::Duration,
    };

    use crate::ServiceState;

    const ASK_AGAIN: Duration = Duration::from_secs(2);

    /// Nothing is seen here.
    pub(crate) struct Changes;

    pub(crate) struct Pause {
        cancelled: Mutex<bool>,
        wake: Condvar,
    }

    impl Pause {
        pub(crate) fn new() -> Self {
            Self {
                cancelled: Mutex::new(false),
                wake: Condvar::new(),
            }
        }

        /// Ends every pause, now and later.
        pub(crate) fn cancel(&self) {
            *self
                .cancelled
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = true;
            self.wake.notify_all();
        }

        pub(crate) fn prepare(&self) -> Changes {
            Changes
        }

        /// Waits a little, or until [`cancel`](Self::cancel).
        pub(crate) fn wait(
            &self,
            _changes: &Changes,
            _state: ServiceState,
            retry: Option<Duration>,
        ) -> Option<Duration> {
            let cancelled = self
                .cancelled
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let _ = self
                .wake
                .wait_timeout_while(cancelled, ASK_AGAIN, |cancelled| !*cancelled);
            retry
        }
    }
}
