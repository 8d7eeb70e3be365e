//! The agent's side of the authority: the one that issues certificates and keeps their registers.
//!
//! It is spoken to over TLS: with the key of a card, which signs the handshake with a PIN that was
//! typed for the task, or without a certificate and with the code of an application. One [`Line`]
//! carries any number of requests; a line that the server closed meanwhile is opened anew, for
//! every request can be sent twice (the authority takes the second for the first).

mod bodies;
mod journal;
mod line;
mod place;
mod problem;

pub use bodies::{
    Answer, Application, Challenge, Confirmation, Confirmed, Exposed, History, HistoryEvent,
    Issued, Listed, PersonBody, PersonData, PlacedApplication, PlacedPractice,
    RegisteredCertificate, Renewal, RenewalOf, Requests, Vouched, from_base64, to_base64,
};
pub use journal::{SeenJournals, watch as watch_journal};
pub use line::{Call, Code, Line};
pub use place::{Authority, Introduced};
