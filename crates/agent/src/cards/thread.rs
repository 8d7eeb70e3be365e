//! One plain thread for each reader. It alone speaks to the card; others hand it jobs.
//!
//! A card, or its driver, may never answer. Then the caller has its error at the deadline, and
//! the thread is left behind with the card: it takes no more jobs until the card is taken out,
//! when a new thread takes its place.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use lichna_ipc::Failure;
use tokio::sync::oneshot;

use super::session::CardSession;

/// Cryptography of a secure channel, and of a card of our own, needs more than a plain reader.
const STACK: usize = 2 << 20;

type Job = Box<dyn FnOnce(&mut CardSession) + Send>;

/// A handle to the thread of one reader. The thread ends when the last handle is gone.
#[derive(Clone)]
pub struct CardThread {
    reader: Arc<str>,
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Number of the last job handed in; the first is 1.
    last: AtomicU64,
    /// Number of the job that runs; 0 when none does.
    running: AtomicU64,
    /// Number of the last job that was past its deadline.
    overdue: AtomicU64,
    /// How many [`Hold`]s there are.
    holds: AtomicUsize,
}

impl CardThread {
    /// Starts the thread for the reader of `session`.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(reader: &str, mut session: CardSession) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let shared = Arc::<Shared>::default();
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("card".into())
            .stack_size(STACK)
            .spawn(move || {
                for job in queue {
                    job(&mut session);
                    of_thread.running.store(0, Ordering::Release);
                    if of_thread.holds.load(Ordering::Acquire) == 0 {
                        session.disconnect();
                    }
                }
            })?;
        Ok(Self {
            reader: reader.into(),
            jobs,
            shared,
        })
    }

    /// Name of the reader.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// Whether a card has kept the thread beyond a deadline.
    pub fn is_stuck(&self) -> bool {
        let running = self.shared.running.load(Ordering::Acquire);
        running != 0 && running == self.shared.overdue.load(Ordering::Acquire)
    }

    /// How many jobs were handed in so far.
    pub fn jobs(&self) -> u64 {
        self.shared.last.load(Ordering::Relaxed)
    }

    /// Has `job` done, and waits for its result no longer than until `deadline`.
    ///
    /// A job whose caller has gone before its turn came is not begun.
    ///
    /// # Errors
    /// What the job returned; [`Failure::CardTimeout`] at the deadline;
    /// [`Failure::ReaderGone`] when the thread is gone.
    pub async fn run<T: Send + 'static>(
        &self,
        deadline: Instant,
        job: impl FnOnce(&mut CardSession) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let timeout = || Failure::CardTimeout {
            reader: self.reader.to_string(),
        };
        let gone = || Failure::ReaderGone {
            reader: self.reader.to_string(),
        };
        if self.is_stuck() {
            return Err(timeout());
        }
        let (done, result) = oneshot::channel();
        let number = self.shared.last.fetch_add(1, Ordering::Relaxed) + 1;
        let shared = Arc::clone(&self.shared);
        let job: Job = Box::new(move |session| {
            if !done.is_closed() {
                shared.running.store(number, Ordering::Release);
                // The caller may have gone meanwhile; the work is done all the same.
                let _ = done.send(job(session));
            }
        });
        self.jobs.send(job).map_err(|_| gone())?;
        match tokio::time::timeout_at(deadline.into(), result).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(gone()),
            Err(_) => {
                self.shared.overdue.store(number, Ordering::Release);
                Err(timeout())
            }
        }
    }

    /// Keeps the connection to the card, and so its supply, until the hold is dropped.
    pub fn hold(&self) -> Hold {
        self.shared.holds.fetch_add(1, Ordering::AcqRel);
        Hold(self.clone())
    }
}

/// The connection to a card stays while this does; without one it ends with each job, so that
/// other programs are not kept from the card.
pub struct Hold(CardThread);

impl Drop for Hold {
    fn drop(&mut self) {
        if self.0.shared.holds.fetch_sub(1, Ordering::AcqRel) == 1 {
            // An empty job: the thread looks at the holds after each one.
            let _ = self.0.jobs.send(Box::new(|_| ()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cards::meter::Meter;

    fn thread() -> CardThread {
        let (traces, _) = tokio::sync::broadcast::channel(1);
        CardThread::start("R", CardSession::new("R", Arc::new(Meter::new(traces)))).unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    fn late() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[tokio::test]
    async fn a_card_that_never_answers_ends_in_an_error_and_leaves_the_thread_behind() {
        let card = thread();
        let (release, held) = mpsc::channel::<()>();
        let answer = card.run(soon(), move |_| Ok(held.recv().is_ok())).await;
        let timeout = Failure::CardTimeout { reader: "R".into() };
        assert_eq!(answer, Err(timeout.clone()));
        assert!(card.is_stuck());
        assert_eq!(card.run(late(), |_| Ok(())).await, Err(timeout));
        // The card answers after all: the thread is of use again.
        release.send(()).unwrap();
        let end = late();
        while card.is_stuck() {
            assert!(Instant::now() < end);
            tokio::task::yield_now().await;
        }
        assert_eq!(card.run(late(), |_| Ok(5)).await, Ok(5));
    }

    #[tokio::test]
    async fn a_job_whose_caller_is_gone_is_not_begun() {
        let card = thread();
        let (release, held) = mpsc::channel::<()>();
        let first = card.run(late(), move |_| Ok(held.recv().is_ok()));
        let second = card.run(soon(), |_| -> Result<(), Failure> {
            panic!("nobody waits for this")
        });
        let (first, second) = tokio::join!(first, async {
            let second = second.await;
            release.send(()).unwrap();
            second
        });
        assert_eq!(first, Ok(true));
        assert!(matches!(second, Err(Failure::CardTimeout { .. })));
        assert!(!card.is_stuck());
        assert_eq!(card.run(late(), |_| Ok(())).await, Ok(()));
    }
}
