//! The thread that speaks to one card, so that nobody else waits longer than he wants.
//!
//! Every call of PC/SC may block: SCardConnect and SCardBeginTransaction while another program
//! is in a transaction (pcsc-lite's library asks its service ten times a second, for ever),
//! SCardTransmit and SCardControl while the card or the driver is silent. None takes a deadline,
//! SCardCancel ends SCardGetStatusChange only, and a second thread that would release the context
//! of a call in progress waits for it, in pcsc-lite even with a lock that every other context
//! needs. So each connection has a thread and a context of its own, and the caller waits for the
//! thread's answer no longer than his deadline. What a thread was asked for in vain it undoes as
//! soon as it is free: the queue is first in, first out, and giving up is a request too.

mod count;
mod life;

use std::{
    ffi::CString,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing::warn;
use zeroize::Zeroizing;

use crate::{Leave, ServiceState};
use count::Place;
use life::run;

/// How long the end of a transaction is waited for, deadline or not: a reset takes what it takes.
pub(crate) const END_PATIENCE: Duration = Duration::from_secs(2);

/// What the worker is asked for.
enum Request {
    Begin(SyncSender<Result<Begun, pcsc::Error>>),
    Transmit(Zeroizing<Vec<u8>>, SyncSender<Answer>),
    /// Something of the reader's own.
    Control(u32, Vec<u8>, SyncSender<Answer>),
    /// As [`Request::Control`], and the reader speaks to the card.
    ControlCard(u32, Vec<u8>, SyncSender<Answer>),
    KeepAwake,
    End(Option<Leave>, SyncSender<Result<(), pcsc::Error>>),
}

type Answer = Result<Zeroizing<Vec<u8>>, pcsc::Error>;

/// A connection was made.
pub(crate) struct Opened {
    pub(crate) atr: Vec<u8>,
}

/// A transaction was begun.
#[derive(Clone, Copy)]
pub(crate) struct Begun {
    /// Somebody reset the card since our last transaction, or since we connected.
    pub(crate) was_reset: bool,
}

/// Why there is no connection.
pub(crate) enum OpenError {
    Service(ServiceState),
    Pcsc(pcsc::Error),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The worker did not answer in time. It may be stuck in the driver.
    Deadline,
    /// The worker is gone.
    Gone,
    Pcsc(pcsc::Error),
}

/// What the worker is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It waits for us.
    Idle,
    /// It waits for the service, for the reader, or for another program.
    Waiting,
    /// It waits for the card or the driver.
    Driver,
}

/// The caller's end of a worker. Dropped, it lets the worker end when it is free.
pub(crate) struct Worker {
    requests: Sender<Request>,
    phase: Arc<AtomicU8>,
}

impl Worker {
    /// Starts a thread that connects to the card in `reader`.
    pub(crate) fn open(
        reader: CString,
        deadline: Instant,
    ) -> Result<Result<(Self, Opened), OpenError>, Failure> {
        // All places taken: it would only be one more that is late.
        let place = Place::take(&reader).ok_or(Failure::Deadline)?;
        let (requests, received) = channel();
        let (opened, answer) = sync_channel(1);
        let phase = Arc::new(AtomicU8::new(0));
        let own_phase = Arc::clone(&phase);
        thread::Builder::new()
            .name("card".to_owned())
            .spawn(move || {
                run(&reader, &opened, &received, &PhaseCell(own_phase));
                drop(place);
            })
            .map_err(|error| {
                warn!(%error, "no thread for a card");
                Failure::Gone
            })?;
        let worker = Self { requests, phase };
        Ok(wait(&answer, deadline)?.map(|opened| (worker, opened)))
    }

    pub(crate) fn begin(&self, deadline: Instant) -> Result<Begun, Failure> {
        self.ask(deadline, Request::Begin)?.map_err(Failure::Pcsc)
    }

    pub(crate) fn transmit(
        &self,
        command: Zeroizing<Vec<u8>>,
        deadline: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.ask(deadline, |reply| Request::Transmit(command, reply))?
            .map_err(Failure::Pcsc)
    }

    /// Asks the reader for something of its own (SCardControl).
    pub(crate) fn control(
        &self,
        code: u32,
        data: Vec<u8>,
        deadline: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.ask(deadline, |reply| Request::Control(code, data, reply))?
            .map_err(Failure::Pcsc)
    }

    /// Asks the reader for something in which it speaks to the card (SCardControl).
    pub(crate) fn control_card(
        &self,
        code: u32,
        data: Vec<u8>,
        deadline: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.ask(deadline, |reply| Request::ControlCard(code, data, reply))?
            .map_err(Failure::Pcsc)
    }

    /// From now on, and until the transaction ends, lets no silence of ours grow long.
    pub(crate) fn keep_awake(&self) {
        // A worker that is gone needs no sleep either.
        let _ = self.requests.send(Request::KeepAwake);
    }

    /// Ends the transaction and waits for it. `None`: with a reset if the card was spoken to.
    pub(crate) fn end(&self, leave: Option<Leave>, deadline: Instant) -> Result<(), Failure> {
        self.ask(deadline, |reply| Request::End(leave, reply))?
            .map_err(Failure::Pcsc)
    }

    /// Ends the transaction as soon as the worker is free, and does not wait.
    pub(crate) fn end_later(&self) {
        let (reply, _) = sync_channel(1);
        let _ = self.requests.send(Request::End(None, reply));
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            PHASE_WAITING => Phase::Waiting,
            PHASE_DRIVER => Phase::Driver,
            _ => Phase::Idle,
        }
    }

    fn ask<T>(
        &self,
        deadline: Instant,
        request: impl FnOnce(SyncSender<T>) -> Request,
    ) -> Result<T, Failure> {
        let (reply, answer) = sync_channel(1);
        self.requests
            .send(request(reply))
            .map_err(|_| Failure::Gone)?;
        wait(&answer, deadline)
    }
}

fn wait<T>(answer: &Receiver<T>, deadline: Instant) -> Result<T, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    answer.recv_timeout(left).map_err(|error| match error {
        RecvTimeoutError::Timeout => Failure::Deadline,
        RecvTimeoutError::Disconnected => Failure::Gone,
    })
}

const PHASE_IDLE: u8 = 0;
const PHASE_WAITING: u8 = 1;
const PHASE_DRIVER: u8 = 2;

struct PhaseCell(Arc<AtomicU8>);

impl PhaseCell {
    fn during<T>(&self, phase: u8, work: impl FnOnce() -> T) -> T {
        self.0.store(phase, Ordering::Release);
        let result = work();
        self.0.store(PHASE_IDLE, Ordering::Release);
        result
    }
}
