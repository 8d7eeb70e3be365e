//! Browsers that log in with a card through the PKCS#11 module. Req C.3.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test; its names say it"
)]

mod account;
#[path = "../shared/client.rs"]
mod client;
mod matrix;
mod pictures;
#[path = "../shared/stage.rs"]
mod stage;
mod tokens;
mod trouble;
