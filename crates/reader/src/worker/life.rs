//! What the worker's thread does: connect, then one transaction after the other.

use std::{
    ffi::CString,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender},
    time::Duration,
};

use pcsc::{Card, Context, Disposition, Protocols, ReaderState, ShareMode, State};
use tracing::debug;
use zeroize::{Zeroize, Zeroizing};

use super::{Answer, Begun, OpenError, Opened, PHASE_DRIVER, PHASE_WAITING, PhaseCell, Request};
use crate::{Leave, service, snapshot};

/// Windows resets a card after 5 s without a call in a transaction; AusweisApp pings every 4 s.
const PING_EVERY: Duration = Duration::from_secs(3);
/// A card that is reset again and again by others is not to be had.
const MOST_RECONNECTS: u8 = 3;
/// Longest answer that the service hands over (an extended APDU and some).
const ANSWER_BUFFER: usize = pcsc::MAX_BUFFER_SIZE_EXTENDED;
/// pcscd asks a driver that tells nothing by itself every 400 ms whether the card is there.
const NOTICES_WITHIN: Duration = Duration::from_secs(1);

/// The worker's life: connect, then one transaction after the other.
pub(super) fn run(
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
