//! What the register says, as a client is told of it.

use lichna_ipc::{HistoryEntry, HolderCertificate};

use crate::authority::{HistoryEvent, RegisteredCertificate};

/// Certificates, the newest first; of the same age, the one for logging in.
pub fn certificates(registered: Vec<RegisteredCertificate>) -> Vec<HolderCertificate> {
    let mut certificates: Vec<_> = registered
        .into_iter()
        .map(|one| HolderCertificate {
            serial: one.serial,
            role: one.role,
            state: one.state,
            not_before: one.not_before,
            not_after: one.not_after,
            carrier: one.carrier,
            name: one.name,
        })
        .collect();
    certificates.sort_by(|one, other| {
        let age = other.not_before.cmp(&one.not_before);
        age.then_with(|| (one.role as u8).cmp(&(other.role as u8)))
    });
    certificates
}

/// What happened once.
pub fn entry(event: HistoryEvent) -> HistoryEntry {
    HistoryEntry {
        time: event.time,
        serial: event.serial,
        event: event.event,
        state: event.state,
        reason: event.reason,
        by: event.by,
    }
}
