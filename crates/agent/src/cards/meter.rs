//! Sees every exchange with a card: counts it, logs it, and tells whoever watches.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use lichna_ipc::ApduTrace;
use lichna_reader::{ApduExchange, ApduObserver};
use tokio::sync::broadcast;

/// Counts the commands of one task, whatever jobs it consists of.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<AtomicU32>);

impl Tally {
    /// Commands sent so far.
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The observer of one reader's exchanges.
pub struct Meter {
    traces: broadcast::Sender<ApduTrace>,
    tally: Mutex<Option<Tally>>,
}

impl Meter {
    /// Tells the subscribers of `traces`.
    pub fn new(traces: broadcast::Sender<ApduTrace>) -> Self {
        Self {
            traces,
            tally: Mutex::default(),
        }
    }

    /// What is sent from now on counts for this task.
    pub fn count_for(&self, tally: Option<&Tally>) {
        *self.tally.lock().unwrap_or_else(PoisonError::into_inner) = tally.cloned();
    }
}

/// What is told of one exchange: never its bytes.
pub struct Seen<'a> {
    /// The reader.
    pub reader: &'a str,
    /// INS, P1, P2.
    pub header: [u8; 3],
    /// Bytes of the command.
    pub sent: usize,
    /// Bytes of the answer, the status word included.
    pub received: usize,
    /// SW1 SW2, when an answer came that has one.
    pub status: Option<u16>,
    /// From the command's departure to the answer's arrival.
    pub took: Duration,
}

impl Meter {
    /// An exchange is over.
    pub fn saw(&self, seen: &Seen<'_>) {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = &*tally {
            tally.0.fetch_add(1, Ordering::Relaxed);
        }
        let [instruction, p1, p2] = seen.header;
        let trace = ApduTrace {
            reader: seen.reader.to_owned(),
            ins: format!("{instruction:02X}"),
            p1p2: format!("{p1:02X}{p2:02X}"),
            sent: u32::try_from(seen.sent).unwrap_or(u32::MAX),
            received: u32::try_from(seen.received.saturating_sub(2)).unwrap_or(u32::MAX),
            status: seen.status.map(|status| format!("{status:04X}")),
            microseconds: u64::try_from(seen.took.as_micros()).unwrap_or(u64::MAX),
        };
        tracing::trace!(
            reader = trace.reader,
            ins = trace.ins,
            p1p2 = trace.p1p2,
            sent = trace.sent,
            received = trace.received,
            status = trace.status,
            microseconds = trace.microseconds,
            "exchange"
        );
        // Nobody may be watching.
        let _ = self.traces.send(trace);
    }
}

impl ApduObserver for Meter {
    fn exchanged(&self, exchange: &ApduExchange<'_>) {
        self.saw(&Seen {
            reader: exchange.reader,
            header: [exchange.instruction, exchange.p1, exchange.p2],
            sent: exchange.command_length,
            received: exchange.response_length,
            status: exchange.status,
            took: exchange.duration,
        });
    }
}
