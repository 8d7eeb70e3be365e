//! The authority as a whole: its real program, on SQLite and on PostgreSQL, asked by curl and
//! judged by openssl.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test; its names say it; values of JSON are null when they are not there"
)]

mod answers;
mod est;
mod holder;
mod issuing;
mod judge;
mod judged;
mod limits;
mod officers;
mod registers;
mod sandbox;
mod signed;
mod status;
mod store;

/// The same test on both databases.
macro_rules! on_both {
    ($($(#[doc = $doc:literal])* $name:ident;)+) => {
        $(mod $name {
            #[test]
            fn on_sqlite() {
                super::$name(lichna_tests::authority::Database::Sqlite);
            }

            #[test]
            fn on_postgres() {
                super::$name(lichna_tests::authority::Database::Postgres);
            }
        })+
    };
}
pub(crate) use on_both;
