//! The journal as its users have it: written, killed, tampered with, checked, archived.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]

mod archives;
mod chain;
mod command;
mod crashes;
mod proofs;
mod stage;
mod tampering;
