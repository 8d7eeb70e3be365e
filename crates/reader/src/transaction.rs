//! A transaction: the card, undisturbed by other programs.

use std::{
    fmt,
    time::{Duration, Instant},
};

use lichna_apdu::{
    Channel, ChannelError, Interface, PinModification, PinVerification, Pinpad, PinpadError,
    Response,
};
use tracing::trace;
use zeroize::Zeroizing;

use crate::{
    ApduExchange, ApduObserver, ReaderError,
    error::channel_error,
    features::Features,
    pinpad,
    worker::{Begun, END_PATIENCE, Failure, Worker},
};

/// How to leave the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Reset: nothing verified stays verified.
    Reset,
    /// As it is: only when nothing secret was done.
    Keep,
}

/// The card, undisturbed by other programs.
///
/// Dropped, it leaves the card reset if the card was spoken to; the next transaction begins after
/// that. A process that dies in a transaction leaves the card reset too: the service does that.
pub struct Transaction<'connection> {
    worker: &'connection Worker,
    reader: &'connection str,
    interface: Interface,
    features: Features,
    observer: Option<&'connection dyn ApduObserver>,
    begun: Begun,
    deadline: Instant,
    finished: bool,
}

impl<'connection> Transaction<'connection> {
    pub(crate) fn new(
        worker: &'connection Worker,
        reader: &'connection str,
        interface: Interface,
        features: Features,
        observer: Option<&'connection dyn ApduObserver>,
        begun: Begun,
        deadline: Instant,
    ) -> Self {
        Self {
            worker,
            reader,
            interface,
            features,
            observer,
            begun,
            deadline,
            finished: false,
        }
    }

    /// Whether somebody else reset the card since our last transaction, or since we connected:
    /// what was selected or verified then is so no longer.
    #[must_use]
    pub const fn card_was_reset(&self) -> bool {
        self.begun.was_reset
    }

    /// Moves the deadline of what is still to come.
    pub const fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// From now on, keeps the transaction alive while nothing is sent, until it ends: Windows
    /// resets a card that is left alone for 5 s.
    pub fn keep_awake(&self) {
        self.worker.keep_awake();
    }

    /// Ends the transaction, and returns when the card is free (or reset).
    ///
    /// # Errors
    /// [`ReaderError`] when the service could not end it: the card or the service is gone, and
    /// what was verified with it; or [`ReaderError::DeadlineExceeded`], when the driver is stuck.
    pub fn finish(mut self, leave: Leave) -> Result<(), ReaderError> {
        self.finished = true;
        let deadline = self.deadline.max(Instant::now() + END_PATIENCE);
        self.worker
            .end(Some(leave), deadline)
            .map_err(|failure| match failure {
                Failure::Deadline => ReaderError::DeadlineExceeded,
                Failure::Gone => ReaderError::ConnectionLost,
                Failure::Pcsc(error) => ReaderError::from_pcsc(error, self.reader),
            })
    }

    /// What is left until the deadline.
    fn left(&self) -> Result<Duration, ChannelError> {
        self.deadline
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
            .ok_or(ChannelError::DeadlineExceeded)
    }

    fn tell(&self, exchange: &ApduExchange<'_>) {
        trace!(
            reader = exchange.reader,
            ins = format_args!("{:02X}", exchange.instruction),
            p1p2 = format_args!("{:02X}{:02X}", exchange.p1, exchange.p2),
            command = exchange.command_length,
            response = exchange.response_length,
            status = exchange
                .status
                .map(|word| tracing::field::display(format!("{word:04X}"))),
            error = exchange.error.map(tracing::field::display),
            pinpad = exchange.pinpad,
            ms = exchange.duration.as_secs_f64() * 1000.0,
            "exchange"
        );
        if let Some(observer) = self.observer {
            observer.exchanged(exchange);
        }
    }

    /// Tells of an exchange that began at `start` and ended now.
    fn report(
        &self,
        head: Head,
        start: Instant,
        answer: &Result<Zeroizing<Vec<u8>>, ChannelError>,
    ) {
        let duration = start.elapsed();
        let Head {
            instruction,
            p1,
            p2,
            command_length,
            pinpad,
        } = head;
        let bytes = answer.as_ref().ok();
        self.tell(&ApduExchange {
            reader: self.reader,
            instruction,
            p1,
            p2,
            command_length,
            response_length: bytes.map_or(0, |bytes| bytes.len()),
            status: bytes
                .and_then(|bytes| bytes.last_chunk::<2>())
                .map(|word| u16::from_be_bytes(*word)),
            error: answer.as_ref().err(),
            pinpad,
            duration,
        });
    }

    /// Has the reader ask for a PIN with a structure of PC/SC part 10.
    fn enter_pin(
        &mut self,
        code: Option<u32>,
        head: Head,
        build: impl FnOnce(Duration) -> Result<Vec<u8>, PinpadError>,
    ) -> Result<Response, PinpadError> {
        let code = code.ok_or(PinpadError::NotSupported)?;
        let structure = build(self.left()?)?;
        let start = Instant::now();
        let asked = self.worker.control_card(code, structure, self.deadline);
        let refused = matches!(asked, Err(Failure::Pcsc(error)) if pinpad::is_refusal(error));
        let answer = asked.map_err(gone);
        self.report(head, start, &answer);
        if refused {
            return Err(PinpadError::NotSupported);
        }
        // An answer without a status word is none.
        let response = Response::parse(answer?).ok_or(ChannelError::CardMute)?;
        pinpad::outcome(response)
    }
}

/// What is told of a command.
#[derive(Clone, Copy)]
struct Head {
    instruction: u8,
    p1: u8,
    p2: u8,
    command_length: usize,
    pinpad: bool,
}

impl Channel for Transaction<'_> {
    fn interface(&self) -> Interface {
        self.interface
    }

    fn longest_command(&self) -> usize {
        self.features.longest_command
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let &[_, instruction, p1, p2, ..] = command else {
            // Not a command at all (PC/SC: SCARD_E_INVALID_PARAMETER).
            return Err(channel_error(pcsc::Error::InvalidParameter));
        };
        if command.len() > self.features.longest_command {
            return Err(ChannelError::CommandTooLong {
                length: command.len(),
                longest: self.features.longest_command,
            });
        }
        self.left()?;
        let head = Head {
            instruction,
            p1,
            p2,
            command_length: command.len(),
            pinpad: false,
        };
        let start = Instant::now();
        let answer = self
            .worker
            .transmit(Zeroizing::new(command.to_vec()), self.deadline)
            .map_err(gone);
        self.report(head, start, &answer);
        answer
    }

    fn pinpad(&mut self) -> Option<&mut dyn Pinpad> {
        self.features.has_keypad().then_some(self)
    }
}

impl Pinpad for Transaction<'_> {
    fn verify(&mut self, verification: &PinVerification) -> Result<Response, PinpadError> {
        let head = Head {
            instruction: lichna_apdu::Instruction::Verify.byte(),
            p1: 0,
            p2: verification.reference,
            command_length: 0,
            pinpad: true,
        };
        let keypad = self.features.keypad;
        self.enter_pin(self.features.verify, head, |left| {
            pinpad::verify_structure(verification, keypad, left)
        })
    }

    fn modify(&mut self, modification: &PinModification) -> Result<Response, PinpadError> {
        let head = Head {
            instruction: modification.instruction.byte(),
            p1: modification.p1,
            p2: modification.reference,
            command_length: 0,
            pinpad: true,
        };
        let keypad = self.features.keypad;
        self.enter_pin(self.features.modify, head, |left| {
            pinpad::modify_structure(modification, keypad, left)
        })
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.worker.end_later();
        }
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("reader", &self.reader)
            .field("features", &self.features)
            .finish_non_exhaustive()
    }
}

fn gone(failure: Failure) -> ChannelError {
    match failure {
        Failure::Deadline => ChannelError::DeadlineExceeded,
        Failure::Gone => ChannelError::ReaderGone,
        Failure::Pcsc(error) => channel_error(error),
    }
}
