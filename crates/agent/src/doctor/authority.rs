//! The authority that is set: can it be reached, is it trusted, and what time is it there?

use std::time::Duration;

use lichna_ipc::{Failure, Finding, Remedy};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{Told, bad, good, skipped};
use crate::{
    Agent,
    authority::{Authority, Line},
    flows::certificates::moment,
};

/// How long it may take to be reached; the holder waits for it.
const REACHING: Duration = Duration::from_secs(15);
/// By how much its clock may differ. Signed requests are refused when it is a few minutes.
const DIFFERENCE: time::Duration = time::Duration::minutes(2);

/// Looks at it.
pub async fn examine(agent: &Agent) -> Vec<Finding> {
    let authority = match Authority::of(agent, None) {
        Ok(authority) => authority,
        // The configuration has a finding of its own.
        Err(Failure::AuthorityNotConfigured | Failure::ConfigurationInvalid { .. }) => {
            return vec![skipped("authority")];
        }
        Err(failure) => return vec![bad("authority", failure)],
    };
    let host = authority.host().to_owned();
    let there = timeout(REACHING, time_there(&authority));
    let there = there
        .await
        .unwrap_or_else(|_| Err(Failure::ServerTimeout { host: host.clone() }));
    match there {
        Ok(there) => [good("authority").about(&host)]
            .into_iter()
            .chain(there.and_then(|there| clock(there, &host)))
            .collect(),
        Err(failure) => vec![bad("authority", failure).about(&host)],
    }
}

async fn time_there(authority: &Authority) -> Result<Option<OffsetDateTime>, Failure> {
    let introduced = authority.look().await?;
    Line::anonymous(introduced).time().await
}

fn clock(there: OffsetDateTime, host: &str) -> Option<Finding> {
    let here = OffsetDateTime::now_utc();
    let wrong = (here - there).abs() > DIFFERENCE;
    wrong.then(|| {
        let failure = Failure::ClockWrong {
            here: moment(here.replace_nanosecond(0).unwrap_or(here)),
            there: moment(there),
        };
        bad("clock", failure)
            .mended_by(Some(Remedy::SetClock))
            .about(host)
    })
}
