//! The table of applications.

use sqlx::{Row, any::AnyRow};

use super::application::{Kind, State};
use crate::{
    registers::{CertificateRow, Role},
    store::{Store, StoreError, Transaction},
};

/// An application as it is stored.
pub struct Application {
    /// UUID, made by who applies.
    pub id: String,
    /// What is applied for.
    pub kind: Kind,
    /// The only certificate that it is about; `None`: both.
    pub role: Option<Role>,
    /// Where it stands.
    pub state: State,
    /// Reference number of the service.
    pub rnu: String,
    /// Identifier of the officer or the holder who began it; [`OPERATOR`].
    pub initiator: String,
    /// The administrator whose officer that is, or that an invited officer is to work for.
    pub administrator: Option<String>,
    /// Whether the holder becomes an officer of the administrator when it is completed.
    pub invited: bool,
    /// Keyed hash of what was applied for.
    pub content: String,
    /// The person, sealed, until the end.
    pub sealed: Option<Vec<u8>>,
    /// The electronic identifier.
    pub identifier: Option<String>,
    /// Number of the carrier.
    pub carrier: Option<String>,
    /// Serial number of the certificate that is renewed; where both are, of the one for
    /// identification.
    pub renews: Option<String>,
    /// SHA-256 of the code.
    pub code: Option<String>,
    /// Challenges that were answered.
    pub answers: i64,
    /// SHA-256 of the request on which the identification certificate was issued.
    pub identification_request: Option<String>,
    /// SHA-256 of the request on which the signing certificate was issued.
    pub signing_request: Option<String>,
    /// Why it was denied.
    pub reason: Option<String>,
    /// When it came, Unix milliseconds.
    pub created_at: i64,
    /// When its time is over, Unix milliseconds.
    pub deadline: i64,
    /// When the certificates before the renewed ones were ended.
    pub replaced_at: Option<i64>,
    /// When it was known that the carrier has taken up the renewed ones.
    pub taken_up_at: Option<i64>,
}

/// The initiator of an invitation.
pub const OPERATOR: &str = "operator";

macro_rules! columns {
    () => {
        "id, kind, role, state, rnu, initiator, administrator, invited, content, sealed, identifier, \
         carrier, renews, code, answers, identification_request, signing_request, reason, \
         created_at, deadline, replaced_at, taken_up_at"
    };
}

impl Application {
    /// The application with that id.
    pub async fn find(store: &Store, id: &str) -> Result<Option<Self>, StoreError> {
        const FIND: &str = concat!("SELECT ", columns!(), " FROM applications WHERE id = $1");
        let row = sqlx::query(FIND)
            .bind(id)
            .fetch_optional(store.pool())
            .await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The application with that id, which no other transaction changes until this one ends.
    pub async fn lock(
        transaction: &mut Transaction,
        id: &str,
        now: i64,
    ) -> Result<Option<Self>, StoreError> {
        const LOCK: &str = concat!(
            "UPDATE applications SET changed_at = $2 WHERE id = $1 RETURNING ",
            columns!()
        );
        let query = sqlx::query(LOCK).bind(id).bind(now);
        let row = query.fetch_optional(&mut **transaction).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The renewal of this carrier that is still open, not to be changed by others.
    pub async fn lock_renewal(
        transaction: &mut Transaction,
        identifier: &str,
        carrier: &str,
        now: i64,
    ) -> Result<Option<Self>, StoreError> {
        const LOCK: &str = concat!(
            "UPDATE applications SET changed_at = $3 WHERE identifier = $1 AND carrier = $2 \
             AND kind = 'RENEW_EID' AND state IN ('APPROVED', 'KEYS', 'GENERATED_CERTIFICATE') \
             RETURNING ",
            columns!()
        );
        let query = sqlx::query(LOCK).bind(identifier).bind(carrier).bind(now);
        let row = query.fetch_optional(&mut **transaction).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// The same for the carrier of this certificate, or else the one that is completed, but whose
    /// carrier may not have taken up the new certificates yet: once those before them have ended, of
    /// this certificate alone.
    pub async fn lock_renewing(
        transaction: &mut Transaction,
        certificate: &CertificateRow,
        now: i64,
    ) -> Result<Option<Self>, StoreError> {
        const LOCK: &str = concat!(
            "UPDATE applications SET changed_at = $3 WHERE identifier = $1 AND carrier = $2 \
             AND kind = 'RENEW_EID' AND state = 'COMPLETED' AND taken_up_at IS NULL \
             AND (replaced_at IS NULL OR id = $4) RETURNING ",
            columns!()
        );
        let (identifier, carrier) = (&certificate.identifier, &certificate.carrier);
        let open = Self::lock_renewal(transaction, identifier, carrier, now).await?;
        if open.is_some() {
            return Ok(open);
        }
        let query = sqlx::query(LOCK).bind(identifier).bind(carrier).bind(now);
        let query = query.bind(&certificate.application);
        let rows = query.fetch_all(&mut **transaction).await?;
        let completed = rows.iter().map(Self::read).collect::<Result<Vec<_>, _>>()?;
        Ok(completed
            .into_iter()
            .max_by_key(|application| application.created_at))
    }

    /// Enters it. Says whether it is now there; otherwise one with its id is, or one that is
    /// still open has its carrier, and nothing has happened.
    pub async fn insert(&self, transaction: &mut Transaction) -> Result<bool, StoreError> {
        const INSERT: &str = concat!(
            "INSERT INTO applications (",
            columns!(),
            ", changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
             $15, $16, $17, $18, $19, $20, $21, $22, $19) ON CONFLICT DO NOTHING"
        );
        let query = sqlx::query(INSERT)
            .bind(&self.id)
            .bind(self.kind.as_str())
            .bind(self.role.map(Role::text))
            .bind(self.state.as_str())
            .bind(&self.rnu)
            .bind(&self.initiator)
            .bind(&self.administrator)
            .bind(i64::from(self.invited))
            .bind(&self.content)
            .bind(&self.sealed)
            .bind(&self.identifier)
            .bind(&self.carrier)
            .bind(&self.renews)
            .bind(&self.code)
            .bind(self.answers)
            .bind(&self.identification_request)
            .bind(&self.signing_request)
            .bind(&self.reason)
            .bind(self.created_at)
            .bind(self.deadline)
            .bind(self.replaced_at)
            .bind(self.taken_up_at);
        Ok(query.execute(&mut **transaction).await?.rows_affected() == 1)
    }

    /// Writes what changes in the life of an application. It must be locked.
    pub async fn update(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE applications SET state = $2, sealed = $3, identifier = $4, \
            carrier = $5, code = $6, answers = $7, identification_request = $8, \
            signing_request = $9, reason = $10, deadline = $11, replaced_at = $12, \
            content = $13, renews = $14, taken_up_at = $15 WHERE id = $1";
        let query = sqlx::query(UPDATE)
            .bind(&self.id)
            .bind(self.state.as_str())
            .bind(&self.sealed)
            .bind(&self.identifier)
            .bind(&self.carrier)
            .bind(&self.code)
            .bind(self.answers)
            .bind(&self.identification_request)
            .bind(&self.signing_request)
            .bind(&self.reason)
            .bind(self.deadline)
            .bind(self.replaced_at)
            .bind(&self.content)
            .bind(&self.renews)
            .bind(self.taken_up_at);
        query.execute(&mut **transaction).await?;
        Ok(())
    }

    /// The certificates that it is about.
    pub const fn roles(&self) -> &'static [Role] {
        match self.role {
            None => &[Role::Identification, Role::Signing],
            Some(Role::Identification) => &[Role::Identification],
            Some(Role::Signing) => &[Role::Signing],
        }
    }

    /// SHA-256 of the request on which the certificate for this was issued.
    pub const fn request(&self, role: Role) -> Option<&String> {
        match role {
            Role::Identification => self.identification_request.as_ref(),
            Role::Signing => self.signing_request.as_ref(),
        }
    }

    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged {
            table: "applications",
        };
        let kind: String = row.try_get("kind")?;
        let state: String = row.try_get("state")?;
        let role: Option<String> = row.try_get("role")?;
        Ok(Self {
            id: row.try_get("id")?,
            kind: Kind::read(&kind).ok_or_else(damaged)?,
            role: match role {
                Some(role) => Some(Role::parse(&role).ok_or_else(damaged)?),
                None => None,
            },
            state: State::read(&state).ok_or_else(damaged)?,
            rnu: row.try_get("rnu")?,
            initiator: row.try_get("initiator")?,
            administrator: row.try_get("administrator")?,
            invited: row.try_get::<i64, _>("invited")? != 0,
            content: row.try_get("content")?,
            sealed: row.try_get("sealed")?,
            identifier: row.try_get("identifier")?,
            carrier: row.try_get("carrier")?,
            renews: row.try_get("renews")?,
            code: row.try_get("code")?,
            answers: row.try_get("answers")?,
            identification_request: row.try_get("identification_request")?,
            signing_request: row.try_get("signing_request")?,
            reason: row.try_get("reason")?,
            created_at: row.try_get("created_at")?,
            deadline: row.try_get("deadline")?,
            replaced_at: row.try_get("replaced_at")?,
            taken_up_at: row.try_get("taken_up_at")?,
        })
    }
}
