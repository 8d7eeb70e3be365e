//! Logins through the agent: third-party applets as cards, real servers. Req C.3, 20.1.
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
mod commands;
mod contactless;
mod held;
mod keypad;
mod matrix;
#[path = "../shared/other.rs"]
mod other;
mod pulled;
#[path = "../shared/radio.rs"]
mod radio;
mod refusals;
#[path = "../shared/stage.rs"]
mod stage;
