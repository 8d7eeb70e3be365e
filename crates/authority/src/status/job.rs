//! Looks, every second and in every instance, whether a list is to be made. Whoever looks first
//! makes it; what an instance left undone when it stopped, another one finds.

use std::time::{Duration, Instant};

use sqlx::Row;

use super::lists::{self, ListError, Why};
use crate::{Authority, clock, server::Stop};

/// What is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Urgent,
    Delta,
    Full,
}

/// Where the lists stand.
#[derive(Clone, Copy, Debug)]
struct Standing {
    base: i64,
    base_at: i64,
    delta_at: i64,
    /// When the oldest urgent change happened that no delta list has.
    undelivered: Option<i64>,
    /// The same for full lists.
    unlisted: Option<i64>,
}

/// Runs until the server stops.
pub async fn run(authority: Authority, mut stop: Stop) {
    let look = Duration::from_millis(u64::from(authority.config.status.look_milliseconds));
    // A full list is not made all the time, however many changes there are.
    let mut pause = Duration::ZERO;
    loop {
        match once(&authority, pause).await {
            Ok(Some(took)) => pause = took * PAUSES,
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a revocation list could not be published"),
        }
        if !stop.sleep(look).await {
            return;
        }
    }
}

/// Makes what is due; says how long a full list took.
async fn once(authority: &Authority, pause: Duration) -> Result<Option<Duration>, ListError> {
    let standing = Standing::read(authority).await?;
    match standing.due(authority, clock::now(), pause) {
        Due::Nothing => {}
        Due::Urgent => lists::delta(authority, Why::Urgent).await?,
        Due::Delta => lists::delta(authority, Why::Due).await?,
        Due::Full => {
            let begun = Instant::now();
            lists::full(authority).await?;
            return Ok(Some(begun.elapsed()));
        }
    }
    Ok(None)
}

impl Standing {
    async fn read(authority: &Authority) -> Result<Self, ListError> {
        const READ: &str = "SELECT base_number, base_at, delta_at, \
            (SELECT MIN(at) FROM status_changes WHERE delta IS NULL AND urgent = 1) AS undelivered, \
            (SELECT MIN(at) FROM status_changes WHERE base IS NULL AND urgent = 1) AS unlisted \
            FROM crl_state WHERE id = 1";
        let row = sqlx::query(READ).fetch_one(authority.store.pool()).await?;
        Ok(Self {
            base: row.try_get(0)?,
            base_at: row.try_get(1)?,
            delta_at: row.try_get(2)?,
            undelivered: row.try_get(3)?,
            unlisted: row.try_get(4)?,
        })
    }

    fn due(&self, authority: &Authority, now: i64, pause: Duration) -> Due {
        let settings = &authority.config.status;
        let seconds = |seconds: u32| i64::from(seconds) * 1000;
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let after_change = seconds(settings.full_after_change_seconds);
        let full = self.base == 0
            || now.saturating_sub(self.base_at) >= seconds(settings.full_seconds)
            || self.unlisted.is_some_and(|at| {
                now.saturating_sub(at) >= after_change && now.saturating_sub(self.base_at) >= pause
            });
        if full {
            Due::Full
        } else if self.undelivered.is_some() {
            Due::Urgent
        } else if now.saturating_sub(self.delta_at) >= seconds(settings.delta_seconds) {
            Due::Delta
        } else {
            Due::Nothing
        }
    }
}

/// After a full list that took so long there is none for so many times as long, but for the one
/// that is due by the clock.
const PAUSES: u32 = 20;
