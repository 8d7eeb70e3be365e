//! The agent: who may ask it for what, what it keeps to itself, and what it survives.
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
mod clients;
mod consent;
mod contactless;
mod doctor;
#[path = "../shared/documents.rs"]
mod documents;
mod hostile;
mod life;
#[path = "../shared/other.rs"]
mod other;
mod own_card;
mod pins;
mod profiles;
#[path = "../shared/radio.rs"]
mod radio;
mod secrets;
mod settings;
#[path = "../shared/stage.rs"]
mod stage;
mod tokens;
mod uses;
mod watch;
