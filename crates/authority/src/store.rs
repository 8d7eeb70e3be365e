//! The store: one set of tables and queries for SQLite and PostgreSQL.
//!
//! Queries are `'static` texts with `$1` placeholders that both databases take; values go in by
//! `bind` alone. What must be unique is a constraint of the database and not a look beforehand:
//! [`StoreError::is_unique_violation`] tells. Work that one instance does for all others is taken
//! by [`Store::take_job`].

mod error;

use std::borrow::Cow;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyQueryResult};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Executor, SqlStr};

pub use error::StoreError;

/// A transaction; it is rolled back when it is dropped without a commit.
pub type Transaction = sqlx::Transaction<'static, sqlx::Any>;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of this computer's.
    Sqlite,
    /// A server.
    Postgres,
}

/// The store of all registers.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    database: Database,
}

impl Store {
    /// Opens the database at this URL, `sqlite:PATH` or `postgres://…`, and brings its tables up to
    /// date. Instances that start at the same time do that one after the other.
    ///
    /// # Errors
    /// It is no such URL, the database does not answer, or its tables are newer than this program.
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let database = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Database::Sqlite,
            Some("postgres" | "postgresql") => Database::Postgres,
            _ => return Err(StoreError::Url),
        };
        let options: AnyConnectOptions = url.parse().map_err(|_| StoreError::Url)?;
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if database == Database::Sqlite {
                        connection.execute(SQLITE_SETTINGS).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        let store = Self { pool, database };
        store.migrate().await?;
        Ok(store)
    }

    /// The connections, for a query outside a transaction.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Which database it is.
    pub fn database(&self) -> Database {
        self.database
    }

    /// Begins a transaction. On SQLite it is the only one that writes, from now on; on PostgreSQL
    /// rows are locked as they are written (or by `FOR UPDATE`) and unique keys decide.
    ///
    /// # Errors
    /// The database does not answer, or is busy for too long.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        // SQLite takes the lock now; with a lock that is taken later two transactions that both
        // read first could only fail each other.
        let begin = self.either("BEGIN IMMEDIATE", "BEGIN");
        Ok(self.pool.begin_with(begin).await?)
    }

    /// What is for the database at hand, where the two need different texts: row locks
    /// (`FOR UPDATE`, `SKIP LOCKED`) are PostgreSQL's alone, and needless in a SQLite transaction.
    pub fn either<T>(&self, sqlite: T, postgres: T) -> T {
        match self.database {
            Database::Sqlite => sqlite,
            Database::Postgres => postgres,
        }
    }

    /// Takes a job for this instance until a time (Unix milliseconds); says whether it is now its.
    /// An instance that has it may take it again. Who does not come back loses it at that time.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_job(
        &self,
        name: &str,
        instance: &str,
        now: i64,
        until: i64,
    ) -> Result<bool, StoreError> {
        const TAKE: &str = "INSERT INTO jobs (name, instance, until_at) VALUES ($1, $2, $3) \
            ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, \
            until_at = excluded.until_at \
            WHERE jobs.instance = excluded.instance OR jobs.until_at <= $4";
        let query = sqlx::query(TAKE).bind(name).bind(instance);
        let taken: AnyQueryResult = query.bind(until).bind(now).execute(&self.pool).await?;
        Ok(taken.rows_affected() > 0)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections; what is open is rolled back.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
            Migration::new(
                version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                SqlStr::from_static(sql),
                false,
            )
        });
        let migrator = Migrator::with_migrations(migrations.collect());
        // PostgreSQL has one do it while the others wait. On SQLite the slower of two fails, and
        // finds it done when it looks again.
        let mut tries = self.either(SQLITE_TRIES, 1);
        loop {
            match migrator.run(&self.pool).await {
                Ok(()) => return Ok(()),
                Err(error) if tries == 1 => return Err(error.into()),
                Err(_) => tries -= 1,
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }
}

/// How long a request waits for a connection, or for another's transaction on SQLite.
const ACQUIRE: Duration = Duration::from_secs(10);

/// How often tables are brought up to date at most, while another process does the same.
const SQLITE_TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// What is committed is on the disk; readers do not wait for the writer; a writer waits for another.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "registers",
        include_str!("../migrations/0001_registers.sql"),
    ),
    (2, "issuing", include_str!("../migrations/0002_issuing.sql")),
    (3, "status", include_str!("../migrations/0003_status.sql")),
    (
        4,
        "renewal of one",
        include_str!("../migrations/0004_renewal_of_one.sql"),
    ),
    (
        5,
        "taken up",
        include_str!("../migrations/0005_taken_up.sql"),
    ),
];
