//! What a holder, or an officer for him, does with certificates that are issued. Req 16, 17, 18.
//!
//! Who suspends, names or looks identifies himself in a TLS handshake with the key for that; who
//! resumes or revokes signs what he asks for with the key for signing, which a suspension of the
//! other does not strike. Req 18.2, 18.3.

mod by_signature;
mod fetch;
mod identified;
mod listed;
mod officer;
mod status;

use std::{str::FromStr, sync::Arc};

use lichna_ipc::{Failure, Managed, Reply, Request};
use lichna_pki::SerialNumber;

use super::{clock::Clock, holder::Holder, listing::is_practice};
use crate::{Agent, authority::RegisteredCertificate, connections::Dialogue};

/// Does what is asked.
///
/// # Errors
/// Why it was not done.
pub async fn run(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: Request,
) -> Result<Reply, Failure> {
    Ok(match request {
        Request::Suspend(request) if request.of.is_some() => {
            Reply::Suspended(officer::suspend(agent, dialogue, request).await?)
        }
        Request::Suspend(request) => {
            Reply::Suspended(identified::suspend(agent, dialogue, request).await?)
        }
        Request::Resume(request) if request.of.is_some() => {
            Reply::Resumed(officer::resume(agent, dialogue, request).await?)
        }
        Request::Resume(request) => {
            Reply::Resumed(by_signature::resume(agent, dialogue, request).await?)
        }
        Request::Revoke(request) => {
            Reply::Revoked(by_signature::revoke(agent, dialogue, request).await?)
        }
        Request::NameCertificate(request) => {
            Reply::Named(identified::name(agent, dialogue, request).await?)
        }
        Request::History(request) => {
            Reply::History(identified::history(agent, dialogue, request).await?)
        }
        Request::CertificateStatus(request) => {
            Reply::CertificateStatus(status::check(agent, dialogue, request).await?)
        }
        _ => {
            return Err(Failure::RequestInvalid {
                reason: "nothing that is done with a certificate".into(),
            });
        }
    })
}

/// A serial number that a person gave.
fn serial(text: &str) -> Result<SerialNumber, Failure> {
    SerialNumber::from_str(text.trim()).map_err(|_| Failure::CertificateUnknown)
}

/// What became of the certificates, beside which card it was done with.
fn managed(
    holder: &Holder,
    certificates: Vec<RegisteredCertificate>,
    clock: Clock,
) -> Box<Managed> {
    Box::new(Managed {
        reader: holder.chosen.card.insertion.reader.clone(),
        practice: is_practice(&holder.chosen.card),
        certificates: listed::certificates(certificates),
        timings: clock.timings(),
        apdus: holder.apdus(),
    })
}
