//! What a holder does with his certificates, by the command `lichna` against a real authority, with
//! practice cards: nothing is mocked. Req C.4, 16, 17, 18, 20.3.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test; its names say it"
)]

#[path = "../shared/documents.rs"]
mod documents;
mod enrolling;
mod holder;
mod practising;
mod status;

/// Text as the bench's terminal tells of it: a character for each byte.
fn as_it_comes(text: &str) -> String {
    text.bytes().map(char::from).collect()
}
