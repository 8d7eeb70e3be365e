//! Issuing: applications, personalisation, confirmation, renewal. Art. 13 and 14 of the
//! Regulation.
//!
//! # The way of an application
//!
//! | state | what the client sends | what is on the disk when it is answered |
//! |---|---|---|
//! | (none) | `PUT /v1/applications/{id}` by an officer | the application; with `appeared`: the identifier |
//! | SUBMITTED | the same again with `appeared` | the identifier, in its register |
//! | APPROVED | `POST …/answer`: the carrier's challenge | that it was answered |
//! | KEYS | `POST …/requests`: both requests | both certificates, in their register, on hold for everybody |
//! | GENERATED_CERTIFICATE | `POST /v1/confirmation` with the new key | both certificates in force; the rest deleted |
//! | COMPLETED | (renewal) `POST /v1/holder/renewal/completed` | the certificates before it revoked |
//! | DENIED | | reason and reference number; the rest deleted (Art. 14.2) |
//!
//! A renewal begins at APPROVED, by `POST /v1/holder/renewal` or EST's `simplereenroll`. Where the
//! carrier has no place for new keys beside the old ones, each of the two certificates has a renewal
//! of its own: the one for identification by `POST /v1/holder/renewal/code` and the steps above,
//! then the signing one. Their confirmation revokes the one before, at once.
//! `DELETE /v1/applications/{id}` ends an application in any state before COMPLETED, and so does its
//! deadline, which any instance notices.
//!
//! # When an answer is lost
//!
//! Each request changes the registers in one transaction, which also writes the application's new
//! state; the journal has the beginning of the operation before the transaction is committed. So a
//! client that has no answer, whatever died in between, finds either the state before or the state
//! after, by `GET /v1/applications/{id}`. What it does then:
//!
//! | it has sent | it finds | it sends |
//! |---|---|---|
//! | the application | nothing (404) | the same again: 201 with the code |
//! | the application | SUBMITTED or later | `POST …/code`, for the code was told once and its hash alone is stored |
//! | a challenge | any | a new one: the carrier forgot the old one, and the keys it had begun to make |
//! | both requests | APPROVED or KEYS | **the same bytes** again |
//! | both requests | GENERATED_CERTIFICATE | **the same bytes** again: the same certificates come back |
//! | both requests | (other bytes, because the client has lost those it sent) | 409 `requests-differ`: it withdraws the application and begins anew; so it writes the requests to its disk before it sends them |
//! | the confirmation | GENERATED_CERTIFICATE | it again |
//! | the confirmation | COMPLETED | nothing; it again does no harm |
//! | the confirmation | DENIED, and 403 `certificate-revoked`: it came too late | the certificates are revoked; it clears the carrier's slot and begins anew |
//! | the confirmation of a renewal of one certificate | COMPLETED or DENIED | it again: the answer says which |
//! | a signed request for a code | any | another one: another code, the same renewal |
//! | that the carrier took up the renewed ones | COMPLETED | it again: the answer has no serial numbers then |
//! | the withdrawal | any | it again |
//!
//! A client that never comes back leaves an application that is denied at its deadline, and
//! certificates that were never in force and are revoked then. Two certificates of one application
//! come into force together or not at all; a key is certified once, ever.

mod access;
mod answers;
mod applicant;
mod application;
mod certificates;
mod certification;
mod confirmation;
mod ending;
mod est;
mod invitation;
mod messages;
mod numbering;
mod personalisation;
mod persons;
mod record;
mod renewal;
mod settings;
mod submission;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use application::{Event, Kind, State, WrongState};
pub use invitation::{Invitation, Invited, invite};
pub use messages::{Applicant, NewCode, Submission};
pub use numbering::{Numbering, NumberingError, Rnu, Sandbox};
pub use settings::{KeyKind, Settings};
pub(crate) use submission::another_code;

use crate::{Authority, Problem, clock, problem::internal, server::Tasks, status};
use record::Application;

/// The routes.
pub fn router() -> OpenApiRouter<Authority> {
    OpenApiRouter::new()
        .routes(routes!(
            submission::submit,
            submission::read,
            ending::withdraw
        ))
        .routes(routes!(submission::renew_code))
        .routes(routes!(answers::answer))
        .routes(routes!(certification::certify))
        .routes(routes!(confirmation::confirm))
        .routes(routes!(renewal::begin))
        .routes(routes!(renewal::code))
        .routes(routes!(renewal::answer))
        .routes(routes!(renewal::completed))
        .merge(est::router())
}

/// Starts what works in the background: applications whose time is over.
pub fn start(authority: &Authority, tasks: &mut Tasks) {
    ending::start(authority, tasks);
}

/// The state of an application after an event.
fn after(application: &Application, event: Event) -> Result<State, Problem> {
    application
        .state
        .after(event)
        .map_err(|_| submission::wrong_state(application))
}

/// A reference number for an application that comes now.
async fn rnu(kind: Kind, now: i64) -> Result<Rnu, Problem> {
    let number = Sandbox.next(kind, clock::time(now).year()).await;
    number.map_err(internal)
}

/// Has lists made of what cannot wait (Req 17.2). When that fails, what was done stands: the next
/// look for changes publishes it, and OCSP answers know it already.
async fn publish(authority: &Authority) {
    if let Err(error) = status::lists::publish(authority).await {
        tracing::error!(%error, "a change is not published yet");
    }
}

fn seconds(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}
