//! Sees every exchange with a card: counts it, logs it, and tells whoever watches.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
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

impl ApduObserver for Meter {
    fn exchanged(&self, exchange: &ApduExchange<'_>) {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = &*tally {
            tally.0.fetch_add(1, Ordering::Relaxed);
        }
        let trace = ApduTrace {
            reader: exchange.reader.to_owned(),
            ins: format!("{:02X}", exchange.instruction),
            p1p2: format!("{:02X}{:02X}", exchange.p1, exchange.p2),
            sent: u32::try_from(exchange.command_length).unwrap_or(u32::MAX),
            received: u32::try_from(exchange.response_length.saturating_sub(2)).unwrap_or(u32::MAX),
            status: exchange.status.map(|status| format!("{status:04X}")),
            microseconds: u64::try_from(exchange.duration.as_micros()).unwrap_or(u64::MAX),
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
