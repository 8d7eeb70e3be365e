//! What there is at one moment, for whoever shows it.

use serde::{Deserialize, Serialize};

use super::{
    CardInfo, CertificateInfo, Failure, PendingRequest, PracticeCardInfo, ReaderInfo, ServiceState,
    Settings, TaskInfo,
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
    /// What a person is to be told without having asked.
    pub notices: Vec<Notice>,
    /// What the holder has set.
    pub settings: Settings,
    /// What of all this could not be looked at.
    pub problems: Vec<Failure>,
}

/// Something that a person is to be told without having asked. It stays as long as it is true; who
/// notifies does so when it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    /// A certificate ends in less than 60 days. Of each this is told once a week at most, and then
    /// as long as its card stays in the reader.
    CertificateEnds {
        /// Name of the reader.
        reader: String,
        /// Serial number, hexadecimal.
        serial: String,
        /// When it ends, RFC 3339, UTC.
        not_after: String,
    },
    /// A card was not used for ten minutes.
    CardForgotten {
        /// Name of the reader.
        reader: String,
    },
}
