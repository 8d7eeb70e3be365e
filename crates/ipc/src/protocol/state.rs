//! What there is at one moment, for whoever shows it.

use serde::{Deserialize, Serialize};

use super::{
    CardInfo, CertificateInfo, Failure, PendingRequest, PracticeCardInfo, ReaderInfo, ServiceState,
    TaskInfo,
};

/// The readers, the cards, and what is under way. What belongs to a card names its reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct State {
    /// Nothing is being read from a card at this moment. Until then, more is about to come.
    pub settled: bool,
    /// The smart card service.
    pub service: ServiceState,
    /// The readers, empty ones too. A practice card has one of its own.
    pub readers: Vec<ReaderInfo>,
    /// The cards in them.
    pub cards: Vec<CardInfo>,
    /// The certificates on the cards, as far as they were read.
    pub certificates: Vec<CertificateInfo>,
    /// The practice cards, those that are not put in, too.
    pub practice_cards: Vec<PracticeCardInfo>,
    /// The enrolments and renewals that are under way or were interrupted.
    pub tasks: Vec<TaskInfo>,
    /// The requests that wait for a person.
    pub pending: Vec<PendingRequest>,
    /// What of all this could not be looked at.
    pub problems: Vec<Failure>,
}
