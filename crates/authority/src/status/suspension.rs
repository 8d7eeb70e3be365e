//! Suspending, resuming and revoking: the certificates, the separate list of suspensions with its
//! timestamps (Req 16.4, 16.6), and what revocation lists are made from, all in one transaction.

use lichna_pki::RevocationReason;
use serde::Serialize;
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use super::{
    changes::{self, Change},
    lists,
    rules::{Action, Event, Refusal, Subject},
    strike::{Asked, Missed, Own, Stroke, Target, strokes},
    text::Reason,
    timestamps,
};
use crate::{
    Authority, clock,
    journal::Operation,
    problem::{Code, Problem, internal},
    registers::{CertificateState, Role},
    store::{Store, StoreError, Transaction},
};

/// What is asked for, and why.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// Whose certificates.
    pub identifier: &'a str,
    /// What is asked for.
    pub asked: Asked<'a>,
    /// Why, as whoever asks says.
    pub reason: Option<Reason>,
    /// The administrator whose officer asks: nothing happens to what others issued.
    pub administrator: Option<&'a str>,
}

/// Carries it out. When it returns, it is done, journaled as begun, and on a delta list; the
/// caller of it records the end. Returns the serial numbers of the certificates that changed.
///
/// # Errors
/// Why nothing happened; or that the lists could not be published, which is made up for.
pub async fn carry_out(
    authority: &Authority,
    operation: &Operation,
    order: &Order<'_>,
) -> Result<Vec<String>, Problem> {
    let mut transaction = authority.store.begin().await?;
    let now = clock::now();
    let all = own(&authority.store, &mut transaction, order, now).await?;
    let struck = strokes(&all, &order.asked)?;
    let mut serials = Vec::with_capacity(struck.len());
    for stroke in struck {
        enter(authority, &mut transaction, order, stroke, now).await?;
        serials.push(stroke.own.serial.clone());
    }
    if serials.is_empty() {
        drop(transaction);
    } else {
        operation.commit(authority, transaction).await?;
    }
    // Also where nothing changed: an earlier answer may have been lost before this.
    lists::publish(authority).await.map_err(internal)?;
    Ok(serials)
}

/// Whether anything of what is ordered is for this officer's administrator, before more is asked
/// of the person. Nothing is changed.
///
/// # Errors
/// [`Code::OtherAdministrator`]: everything was issued through others; or the store's.
pub async fn check_administrator(authority: &Authority, order: &Order<'_>) -> Result<(), Problem> {
    let mut transaction = authority.store.begin().await?;
    own(&authority.store, &mut transaction, order, clock::now()).await?;
    Ok(transaction.rollback().await?)
}

/// The person's certificates, which no other transaction changes until this one ends.
async fn own(
    store: &Store,
    transaction: &mut Transaction,
    order: &Order<'_>,
    now: i64,
) -> Result<Vec<Own>, Problem> {
    macro_rules! select {
        ($end:literal) => {
            concat!(
                "SELECT c.serial, c.carrier, c.role, c.state, c.not_after, s.lost, ",
                "a.id AS administrator, a.ended_at AS administrator_ended_at ",
                "FROM certificates c ",
                "LEFT JOIN suspensions s ON s.serial = c.serial AND s.ended_at IS NULL ",
                "LEFT JOIN administrators a ON a.id = COALESCE(",
                "(SELECT administrator FROM applications WHERE id = c.application), ",
                "(SELECT administrator FROM applications WHERE carrier = c.carrier ",
                "AND administrator IS NOT NULL ORDER BY created_at DESC LIMIT 1)) ",
                "WHERE c.identifier = $1 ORDER BY c.serial",
                $end
            )
        };
    }
    let query = sqlx::query(store.either(select!(""), select!(" FOR UPDATE OF c")));
    let query = query.bind(order.identifier);
    let rows = query.fetch_all(&mut **transaction).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(administrator) = order.administrator {
            let of: Option<String> = row.try_get("administrator")?;
            let ended: Option<i64> = row.try_get("administrator_ended_at")?;
            // Req 18.3: the administrator of the certificate; when that is no more, any.
            if of.as_deref() != Some(administrator) && ended.is_none() {
                continue;
            }
        }
        all.push(read(row, now)?);
    }
    if all.is_empty() && !rows.is_empty() {
        return Err(Code::OtherAdministrator.into());
    }
    Ok(all)
}

fn read(row: &AnyRow, now: i64) -> Result<Own, StoreError> {
    let damaged = || StoreError::Damaged {
        table: "certificates",
    };
    let role: String = row.try_get("role")?;
    let state: String = row.try_get("state")?;
    let not_after: i64 = row.try_get("not_after")?;
    let lost: Option<i64> = row.try_get("lost")?;
    Ok(Own {
        serial: row.try_get("serial")?,
        carrier: row.try_get("carrier")?,
        subject: Subject {
            role: Role::parse(&role).ok_or_else(damaged)?,
            state: CertificateState::parse(&state).ok_or_else(damaged)?,
            lost: lost.is_some_and(|lost| lost != 0),
            expired: not_after < now,
        },
    })
}

async fn enter(
    authority: &Authority,
    transaction: &mut Transaction,
    order: &Order<'_>,
    Stroke { own, event }: Stroke<'_>,
    now: i64,
) -> Result<(), Problem> {
    const UPDATE: &str = "UPDATE certificates SET state = $1, changed_at = $2, \
        revocation_reason = $3, revoked_at = $4 WHERE serial = $5";
    const FORGET: &str = "UPDATE certificates SET der = $1 WHERE serial = $2";
    let before = own.subject.state;
    let state = before.after(event).ok_or(Code::Internal)?;
    let code = revocation_reason(event, order.asked.lost);
    let query = sqlx::query(UPDATE)
        .bind(state.text())
        .bind(now)
        .bind(code.map(|reason| i64::from(reason.code())))
        .bind(code.map(|_| now))
        .bind(&own.serial);
    query.execute(&mut **transaction).await?;
    if event == Event::Failed {
        // Req 14.2: what it says of a person is deleted with it.
        let query = sqlx::query(FORGET).bind(Vec::<u8>::new()).bind(&own.serial);
        query.execute(&mut **transaction).await?;
    }

    let reason = order.reason.as_ref();
    let change = Change {
        serial: &own.serial,
        identifier: order.identifier,
        event,
        state,
        reason: reason.map(Reason::as_str),
        actor: order.asked.actor,
        at: now,
    };
    changes::enter(transaction, &change).await?;
    if before == CertificateState::Stopped {
        end(authority, transaction, &change).await?;
    }
    if state == CertificateState::Stopped {
        begin(authority, transaction, &change).await?;
    }
    Ok(())
}

/// What revocation lists say of the certificate after an event; nothing of one in force.
const fn revocation_reason(event: Event, lost: bool) -> Option<RevocationReason> {
    match event {
        Event::Suspended | Event::Lost => Some(RevocationReason::CertificateHold),
        // Nobody can say in whose hands the key is.
        Event::Revoked if lost => Some(RevocationReason::KeyCompromise),
        Event::Revoked => Some(RevocationReason::Unspecified),
        Event::Failed => Some(RevocationReason::CessationOfOperation),
        _ => None,
    }
}

/// What is stamped: the beginning or the end of a suspension, in this order of fields.
#[derive(Serialize)]
struct Statement<'a> {
    /// What the statement is about.
    list: &'static str,
    entry: &'a str,
    serial: &'a str,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    by: &'static str,
    #[serde(serialize_with = "clock::rfc3339")]
    time: i64,
}

/// A statement, and the timestamp over its bytes.
async fn stamped(
    authority: &Authority,
    entry: &str,
    change: &Change<'_>,
) -> Result<(String, Vec<u8>), Problem> {
    let statement = Statement {
        list: "suspensions",
        entry,
        serial: change.serial,
        event: change.event.text(),
        reason: change.reason,
        by: change.actor.text(),
        time: change.at,
    };
    let statement = serde_json::to_string(&statement).map_err(internal)?;
    let token = timestamps::stamp(authority, statement.as_bytes()).await;
    Ok((statement, token.map_err(internal)?))
}

async fn begin(
    authority: &Authority,
    transaction: &mut Transaction,
    change: &Change<'_>,
) -> Result<(), Problem> {
    const INSERT: &str = "INSERT INTO suspensions (id, serial, identifier, lost, reason, actor, \
        started_at, start_statement, start_token) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let id = Uuid::new_v4().to_string();
    let lost = change.event == Event::Lost;
    let reason = change.reason.unwrap_or(if lost { LOST } else { ASKED });
    let change = Change {
        reason: Some(reason),
        ..*change
    };
    let (statement, token) = stamped(authority, &id, &change).await?;
    let query = sqlx::query(INSERT)
        .bind(&id)
        .bind(change.serial)
        .bind(change.identifier)
        .bind(i64::from(lost))
        .bind(reason)
        .bind(change.actor.text())
        .bind(change.at)
        .bind(statement)
        .bind(token);
    query.execute(&mut **transaction).await?;
    Ok(())
}

async fn end(
    authority: &Authority,
    transaction: &mut Transaction,
    change: &Change<'_>,
) -> Result<(), Problem> {
    const OPEN: &str = "SELECT id FROM suspensions WHERE serial = $1 AND ended_at IS NULL";
    const UPDATE: &str = "UPDATE suspensions SET ended_at = $1, outcome = $2, end_actor = $3, \
        end_statement = $4, end_token = $5 WHERE id = $6";
    let query = sqlx::query(OPEN).bind(change.serial);
    let Some(row) = query.fetch_optional(&mut **transaction).await? else {
        return Ok(());
    };
    let id: String = row.try_get(0)?;
    let (statement, token) = stamped(authority, &id, change).await?;
    let query = sqlx::query(UPDATE)
        .bind(change.at)
        .bind(change.event.text())
        .bind(change.actor.text())
        .bind(statement)
        .bind(token)
        .bind(&id);
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// Ends the suspension of a certificate that is revoked by something else than an [`Order`]: a
/// renewal, a deadline. To be called in the transaction that revokes it.
///
/// # Errors
/// The store's, or there is no timestamp.
pub async fn end_with_revocation(
    authority: &Authority,
    transaction: &mut Transaction,
    change: &Change<'_>,
) -> Result<(), Problem> {
    end(authority, transaction, change).await
}

/// The reasons where nobody gave one.
const LOST: &str = "the card is lost";
const ASKED: &str = "at the holder's request";

impl From<Missed> for Problem {
    fn from(missed: Missed) -> Self {
        let code = match missed {
            Missed::Unknown => Code::NotFound,
            Missed::Refused(refusal) => match refusal {
                Refusal::Pending => Code::CertificatePending,
                Refusal::Revoked => Code::CertificateRevoked,
                Refusal::Expired => Code::CertificateExpired,
                Refusal::OfficerOnly => Code::OfficerOnly,
                Refusal::SigningAlone => Code::SigningCertificateAlone,
            },
        };
        Self::new(code).detail(missed.to_string())
    }
}

impl Action {
    /// The name of the operation in the journal.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Suspend => "certificate.suspend",
            Self::Resume => "certificate.resume",
            Self::Revoke => "certificate.revoke",
        }
    }
}

impl Order<'_> {
    /// Notes in the operation what is asked for. The reason is not noted: it is free text.
    pub fn note(&self, operation: &mut Operation) {
        match self.asked.target {
            Target::Serial(serial) => operation.set_about(serial),
            Target::All => operation.set_about(self.identifier),
        }
        operation.set("lost", self.asked.lost);
        operation.set("by", self.asked.actor.text());
    }
}
