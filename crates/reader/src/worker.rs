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

use pcsc::{Card, Context, Disposition, Protocols, ReaderState, ShareMode, State};
use tracing::{debug, warn};
use zeroize::{Zeroize, Zeroizing};

use crate::{Leave, ServiceState, service, snapshot};

/// Windows resets a card after 5 s without a call in a transaction; AusweisApp pings every 4 s.
const PING_EVERY: Duration = Duration::from_secs(3);
/// A card that is reset again and again by others is not to be had.
const MOST_RECONNECTS: u8 = 3;
/// Longest answer that the service hands over (an extended APDU and some).
const ANSWER_BUFFER: usize = pcsc::MAX_BUFFER_SIZE_EXTENDED;
/// pcscd asks a driver that tells nothing by itself every 400 ms whether the card is there.
const NOTICES_WITHIN: Duration = Duration::from_secs(1);
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
        let (requests, received) = channel();
        let (opened, answer) = sync_channel(1);
        let phase = Arc::new(AtomicU8::new(0));
        let own_phase = Arc::clone(&phase);
        thread::Builder::new()
            .name("card".to_owned())
            .spawn(move || run(&reader, &opened, &received, &PhaseCell(own_phase)))
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

/// The worker's life: connect, then one transaction after the other.
fn run(
    reader: &CString,
    opened: &SyncSender<Result<Opened, OpenError>>,
    requests: &Receiver<Request>,
    phase: &PhaseCell,
) {
    let (context, mut card, atr) = match phase.during(PHASE_WAITING, || connect(reader)) {
        Ok(connected) => connected,
        Err(error) => {
            // Nobody may be waiting any more.
            let _ = opened.send(Err(error));
            return;
        }
    };
    let slot = Slot { context, reader };
    if opened.send(Ok(Opened { atr })).is_ok() {
        // Our own reset, too, makes the service report one.
        let mut own_reset = false;
        while let Ok(request) = requests.recv() {
            if let Request::Begin(reply) = request {
                own_reset = transaction(&mut card, &slot, own_reset, &reply, requests, phase);
            } else {
                refuse(request);
            }
        }
    }
    // What was to be reset was reset at the end of its transaction.
    if let Err((card, error)) = card.disconnect(Disposition::LeaveCard) {
        debug!(%error, "SCardDisconnect");
        drop(card);
    }
}

fn connect(reader: &CString) -> Result<(Context, Card, Vec<u8>), OpenError> {
    let context = service::establish().map_err(OpenError::Service)?;
    let card = context
        .connect(reader, ShareMode::Shared, Protocols::T0 | Protocols::T1)
        .map_err(OpenError::Pcsc)?;
    let atr = atr(&context, reader).map_err(OpenError::Pcsc)?;
    Ok((context, card, atr))
}

/// The slot of the card.
struct Slot<'a> {
    context: Context,
    reader: &'a CString,
}

impl Slot<'_> {
    /// Some drivers answer for a card that was pulled out during the command, with nothing. When
    /// an answer has no status word, the card is given the time in which the service notices.
    fn check(&self, answer: Answer) -> Answer {
        let answer = answer?;
        if answer.len() < 2 {
            let mut states = [ReaderState::new(self.reader.clone(), State::PRESENT)];
            let seen = self.context.get_status_change(NOTICES_WITHIN, &mut states);
            let [state] = &states;
            if seen.is_ok() && state.event_state().contains(State::EMPTY) {
                return Err(pcsc::Error::RemovedCard);
            }
        }
        Ok(answer)
    }
}

/// The ATR by SCardGetStatusChange: SCardStatus would wait for other programs' transactions.
fn atr(context: &Context, reader: &CString) -> Result<Vec<u8>, pcsc::Error> {
    let mut states = [snapshot::unaware(reader.clone())];
    snapshot::refresh(context, &mut states)?;
    let [state] = &states;
    match state.atr() {
        [] => Err(pcsc::Error::RemovedCard),
        atr => Ok(atr.to_vec()),
    }
}

/// One transaction from beginning to end; says whether it ended with a reset of ours.
fn transaction(
    card: &mut Card,
    slot: &Slot<'_>,
    own_reset: bool,
    reply: &SyncSender<Result<Begun, pcsc::Error>>,
    requests: &Receiver<Request>,
    phase: &PhaseCell,
) -> bool {
    let (held, resets) = match phase.during(PHASE_WAITING, || begin(card)) {
        Ok(begun) => begun,
        Err(error) => {
            let _ = reply.send(Err(error));
            return own_reset;
        }
    };
    let begun = Begun {
        was_reset: resets > u8::from(own_reset),
    };
    // One who gave up has an End in the queue behind this.
    let _ = reply.send(Ok(begun));
    let mut buffer = Zeroizing::new(vec![0; ANSWER_BUFFER]);
    let mut spoken = false;
    let mut awake = false;
    let leave = loop {
        let request = if awake {
            requests.recv_timeout(PING_EVERY)
        } else {
            requests.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match request {
            Ok(Request::Transmit(command, reply)) => {
                spoken = true;
                let answer = phase.during(PHASE_DRIVER, || {
                    let answer = take(&mut buffer, |buffer| held.transmit(&command, buffer));
                    drop(command);
                    slot.check(answer)
                });
                let _ = reply.send(answer);
            }
            Ok(Request::Control(code, data, reply)) => {
                let answer =
                    phase.during(PHASE_DRIVER, || control(&held, code, &data, &mut buffer));
                let _ = reply.send(answer);
            }
            Ok(Request::ControlCard(code, data, reply)) => {
                spoken = true;
                let answer =
                    phase.during(PHASE_DRIVER, || control(&held, code, &data, &mut buffer));
                let _ = reply.send(answer);
            }
            Ok(Request::KeepAwake) => awake = true,
            Ok(Request::End(leave, reply)) => break (leave, Some(reply)),
            Ok(other @ Request::Begin(_)) => refuse(other),
            Err(RecvTimeoutError::Timeout) => {
                // What it says is said again by the next command.
                let _ = phase.during(PHASE_DRIVER, || held.status2_owned());
            }
            Err(RecvTimeoutError::Disconnected) => break (None, None),
        }
    };
    let (leave, reply) = leave;
    let reset = match leave {
        Some(Leave::Reset) => true,
        Some(Leave::Keep) => false,
        None => spoken,
    };
    let result = phase.during(PHASE_DRIVER, || end(held, reset));
    if let Some(reply) = reply {
        let _ = reply.send(result);
    }
    reset
}

fn begin(mut card: &mut Card) -> Result<(pcsc::Transaction<'_>, u8), pcsc::Error> {
    let mut resets = 0;
    loop {
        match card.transaction2() {
            Ok(held) => return Ok((held, resets)),
            Err((same, pcsc::Error::ResetCard)) if resets < MOST_RECONNECTS => {
                same.reconnect(
                    ShareMode::Shared,
                    Protocols::T0 | Protocols::T1,
                    Disposition::LeaveCard,
                )?;
                resets += 1;
                card = same;
            }
            Err((_, error)) => return Err(error),
        }
    }
}

fn end(held: pcsc::Transaction<'_>, reset: bool) -> Result<(), pcsc::Error> {
    let disposition = if reset {
        Disposition::ResetCard
    } else {
        Disposition::LeaveCard
    };
    // Dropped after a failure, it is ended once more, and the card left: there is nothing better.
    held.end(disposition).map_err(|(_, error)| error)
}

#[allow(
    clippy::useless_conversion,
    reason = "the type of a control code differs between the systems"
)]
fn control(held: &pcsc::Transaction<'_>, code: u32, data: &[u8], buffer: &mut [u8]) -> Answer {
    take(buffer, |buffer| held.control(code.into(), data, buffer))
}

/// Has `receive` fill the buffer; moves what it received out, and wipes it.
fn take(
    buffer: &mut [u8],
    receive: impl FnOnce(&mut [u8]) -> Result<&[u8], pcsc::Error>,
) -> Answer {
    let length = receive(buffer)?.len();
    let received = buffer.get_mut(..length).unwrap_or_default();
    let answer = Zeroizing::new(received.to_vec());
    received.zeroize();
    Ok(answer)
}

/// Answers what cannot be done now: a request outside a transaction, or a second one within.
fn refuse(request: Request) {
    match request {
        Request::Begin(reply) => drop(reply.send(Err(pcsc::Error::SharingViolation))),
        Request::Transmit(_, reply)
        | Request::Control(_, _, reply)
        | Request::ControlCard(_, _, reply) => {
            drop(reply.send(Err(pcsc::Error::InvalidHandle)));
        }
        Request::End(_, reply) => drop(reply.send(Ok(()))),
        Request::KeepAwake => {}
    }
}
