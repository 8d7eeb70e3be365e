//! Programs that nobody here wrote use cards through the PKCS#11 module. Req C.3.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test; its names say it"
)]

mod classic;
#[path = "../shared/client.rs"]
mod client;
mod desk;
mod keytool;
mod matrix;
mod pkcs11_tool;
#[path = "../shared/stage.rs"]
mod stage;
mod start;
mod trouble;
