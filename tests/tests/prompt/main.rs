//! The PIN window, with a real agent, a card, and a person at keyboard, mouse or screen reader.
//! Req C.2
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test; its names say it"
)]

#[path = "../shared/client.rs"]
mod client;
mod desk;
mod endings;
mod keyboard;
mod kinds;
mod screen_reader;
#[path = "../shared/stage.rs"]
mod stage;
