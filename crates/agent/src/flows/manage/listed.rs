//! What the register says, as a client is told of it.

use lichna_ipc::{HistoryEntry, HolderCertificate, KeyRole};

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
    let signs = |one: &HolderCertificate| one.role != KeyRole::Authentication;
    certificates.sort_by(|one, other| {
        let age = other.not_before.cmp(&one.not_before);
        age.then_with(|| signs(one).cmp(&signs(other)))
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
