//! What can be wrong with the store.

use thiserror::Error;

/// Why a query, or the store as a whole, failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL names no database that can be used.
    #[error("the store's URL is neither sqlite:PATH nor postgres://…")]
    Url,
    /// The tables cannot be brought up to date.
    #[error("the tables cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds what cannot be in it.
    #[error("a row of {table} is damaged")]
    Damaged {
        /// Which table.
        table: &'static str,
    },
    /// The database's own error. Values are not in it.
    #[error("the store failed: {0}")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// A row with such a unique value is there already.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(error) if is_unique_violation(error))
    }

    /// A text has characters that the database does not keep: PostgreSQL takes no zero.
    pub fn is_unstorable(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // character_not_in_repertoire, untranslatable_character
        error
            .code()
            .is_some_and(|code| ["22021", "22P05"].contains(&&*code))
    }

    /// It may well work when it is tried again: no connection was free, another's lock stood for
    /// too long, two transactions waited for each other, the database was away.
    pub fn is_busy(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
            // SQLite: SQLITE_BUSY and its kinds; PostgreSQL: serialization failure, deadlock, too
            // many connections, it is shutting down or starting.
            sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                const BUSY: &[&str] = &[
                    "5", "261", "517", "40001", "40P01", "53300", "57P01", "57P02", "57P03",
                ];
                BUSY.contains(&&*code)
            }),
            _ => false,
        }
    }
}

/// A row with such a unique value is there already.
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
