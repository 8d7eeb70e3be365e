//! The authority as a whole: its real program, on SQLite and on PostgreSQL, asked by curl and
//! judged by openssl.
#![allow(
    clippy::indexing_slicing,
    reason = "values of JSON, which are null when they are not there"
)]

mod registers;

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
